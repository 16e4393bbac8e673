"""What is done with the teacher's data and on what ground: by the personal link, and «Мои данные» in the cabinet."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cabinet.users.grounds import give_consent, notice_in_force, notice_shown
from cabinet.users.models import DataGround, User
from motor.models import Case
from motor.services.consent import refuse_consent, withdraw_consent
from motor.views.personal import case_by_link, keep_private

SHOWN = 20  # lines of the history


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def personal_data(request: HttpRequest, link: str) -> HttpResponse:
    case = case_by_link(link)
    survey = reverse("motor:personal", args=[link])
    if request.method == "POST":
        agreed = _decide(request, case.person, DataGround.Channel.LINK)
        return keep_private(redirect(survey if agreed else request.path))
    context = {"case": case, "survey_address": survey, **_context(case.person)}
    return keep_private(render(request, "motor/survey_data.html", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """`?case=ID` is where the consent was missing: from here one comes back to that survey."""
    if not isinstance(request.user, User):
        raise Http404
    survey = _survey_address(request)
    if request.method == "POST":
        agreed = _decide(request, request.user, DataGround.Channel.CABINET)
        return redirect(survey if agreed and survey else request.get_full_path())
    return render(request, "motor/my_data.html", {"survey_address": survey, **_context(request.user)})


def _survey_address(request: HttpRequest) -> str:
    pk = request.GET.get("case", "")
    if not pk:
        return ""
    if not pk.isdecimal():
        raise Http404
    return reverse("motor:survey", args=[get_object_or_404(Case, pk=int(pk), person=request.user.pk).pk])


def _context(person: User) -> dict[str, Any]:
    notice = notice_in_force()
    history = list(person.data_grounds.select_related("notice")[:SHOWN])
    return {
        "notice": notice,
        "history": history,
        "given": next((one for one in history if one.notice == notice and one.withdrawn_at is None), None),
        # One to an earlier text can be taken back as well.
        "can_withdraw": any(one.notice.asks_consent and one.withdrawn_at is None for one in history),
    }


def _decide(request: HttpRequest, person: User, channel: str) -> bool:
    """Consent, a refusal or a withdrawal; says whether the survey is open now."""
    match request.POST.get("decision"):
        case "give":
            notice = notice_shown(request.POST.get("notice", ""))
            if notice.asks_consent:
                give_consent(person, notice, channel=channel, request=request)
                messages.success(request, "Согласие записано. Отозвать его можно в любой день по этой же ссылке.")
            return True
        case "refuse" if notice_in_force().asks_consent:
            refuse_consent(person)
            messages.info(
                request,
                "Хорошо, опроса не будет, и напоминать о нём мы не станем. Методист узнает, что можно продолжить "
                "без него. Если передумаете, эта страница останется здесь.",
            )
        case "withdraw" if withdraw_consent(person, request=request):
            messages.success(request, "Согласие отозвано. Методист и администратор института узнают об этом.")
    return False
