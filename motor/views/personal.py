"""The survey: by a personal link without an account, and from the cabinet; afterwards what became of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.links import is_signed, split_link
from cabinet.files.services import send
from cabinet.users.grounds import ConsentMissing, has_consent, notice_in_force, notice_shown
from cabinet.users.models import User
from motor.forms.survey import (
    ObjectionForm,
    SurveyForm,
    empty_questions,
    former_fields,
    page_fields,
    ticks,
)
from motor.models import Case, CaseQuerySet, Evidence, Survey
from motor.services import MoveRefused, submit_survey
from motor.services.objections import may_object, object_to
from motor.services.story import story_of
from motor.services.survey import past_of, takes_answer

_NAMES = ("last_name", "first_name", "patronymic", "email", "contact_email", "is_active")
# What the form shows and an answer needs, and no more: planning a wide join costs more than the rest of the page.
_CASE = (
    *("completion", "person", "organization", "responsible", "public_id", "link_version", "version", "revision"),
    *("status", "due_on", "was_late", "reminders", "without_survey", "paused_until", "outcome"),
)
NEEDED = (
    *_CASE,
    *(f"{who}__{name}" for who in ("person", "responsible") for name in _NAMES),
    "completion__course__programme__title",
    "completion__position__is_head",
)


def _answerable_cases() -> CaseQuerySet:
    return Case.objects.select_related(
        "person", "responsible", "completion__course__programme", "completion__position"
    ).only(*NEEDED)


def case_by_link(link: str) -> Case:
    """The case of a working link; a guessed or reissued one is simply not found."""
    parts = split_link(link)
    if parts is None:
        raise Http404
    # get(), not first(): an order would make the database sort what can only be one row.
    case = get_object_or_404(_answerable_cases(), public_id=parts[0])
    if not is_signed(case.public_id, case.link_version, parts[1]):
        raise Http404
    return case


def keep_private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def personal(request: HttpRequest, link: str) -> HttpResponse:
    """GET shows and changes nothing, so that a mail scanner cannot use the link up; POST answers."""
    case = case_by_link(link)
    return keep_private(_survey_page(request, case, Survey.Channel.LINK, author=None))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page from the cabinet, for the teacher himself only."""
    case = get_object_or_404(_answerable_cases(), pk=pk, person=request.user.pk)
    author = request.user if isinstance(request.user, User) else None
    return _survey_page(request, case, Survey.Channel.CABINET, author=author)


def _survey_page(request: HttpRequest, case: Case, channel: str, author: User | None) -> HttpResponse:
    if not takes_answer(case):
        return _closing_page(request, case, channel)
    if request.method == "POST":
        return _answer(request, case, channel, author)
    notice = notice_in_force()
    if notice.asks_consent and not has_consent(case.person, notice):
        return redirect(data_address(case, channel))
    return render(request, "motor/survey.html", _context(case, channel))


def _answer(request: HttpRequest, case: Case, channel: str, author: User | None) -> HttpResponse:
    form = SurveyForm(request.POST, request.FILES, past_of(case))
    needs_consent = False
    if form.is_valid():
        notice = notice_shown(request.POST.get("notice", ""))
        address = request.META.get("REMOTE_ADDR") or None
        try:
            submit_survey(case, form.answers(), author=author, channel=channel, notice=notice, ip_address=address)
            return redirect(request.path)
        except ConsentMissing:
            needs_consent = True
        except MoveRefused:
            if not takes_answer(Case.objects.get(pk=case.pk)):
                # A second tab or a double click was quicker: the page after it shows what was stored.
                messages.info(request, "Ответ уже принят.")
                return redirect(request.path)
            form.add_error(None, "Пока Вы писали, карта изменилась. Нажмите «Отправить ответы» ещё раз.")
    context = _context(case, channel, form) | {"needs_consent": needs_consent}
    return render(request, "motor/survey.html", context, status=422)


def _context(case: Case, channel: str, form: SurveyForm | None = None) -> dict[str, Any]:
    """The page as it is first shown, or with what was typed and what is wrong with it."""
    past = form.past if form is not None else past_of(case)
    context = {
        "case": case,
        "notice": notice_in_force(),
        "former": past.former,
        "by_link": channel == Survey.Channel.LINK,
        "data_address": data_address(case, channel),
        **ticks(past, form),
    }
    if form is None and past.former is not None:
        return context | former_fields(case.is_head, past.former)
    if form is None:
        return context | {"questions": empty_questions(case.is_head)}
    return context | page_fields(case.is_head, form)


def data_address(case: Case, channel: str) -> str:
    """Where the notice stands in full; from there one comes back to the survey."""
    if channel == Survey.Channel.LINK:
        return reverse("motor:personal_data", args=[case.link])
    return reverse("motor:my_data", query={"case": case.pk})


def _closing_page(request: HttpRequest, case: Case, channel: str, form: ObjectionForm | None = None) -> HttpResponse:
    """What became of the answers, and the way to disagree."""
    case = Case.objects.with_names().get(pk=case.pk)
    by_link = channel == Survey.Channel.LINK
    context = {
        "case": case,
        "story": story_of(case),
        "by_link": by_link,
        "data_address": data_address(case, channel),
        "can_object": may_object(case),
        "object_address": reverse("motor:personal_object", args=[case.link])
        if by_link
        else reverse("motor:object", args=[case.pk]),
        "form": form or ObjectionForm(),
    }
    return render(request, "motor/survey_closed.html", context, status=422 if form else 200)


@login_not_required
@never_cache
@require_POST
def personal_object(request: HttpRequest, link: str) -> HttpResponse:
    case = case_by_link(link)
    return keep_private(_object(request, case, Survey.Channel.LINK, reverse("motor:personal", args=[link])))


@never_cache
@require_POST
def object_in_cabinet(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(_answerable_cases(), pk=pk, person=request.user.pk)
    return _object(request, case, Survey.Channel.CABINET, reverse("motor:survey", args=[pk]))


def _object(request: HttpRequest, case: Case, channel: str, back: str) -> HttpResponse:
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _closing_page(request, case, channel, form)
    try:
        object_to(Case.objects.with_names().get(pk=case.pk), text=form.cleaned_data["text"], actor=case.person)
    except MoveRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Возражение отправлено. Ответ придёт письмом и появится на этой странице.")
    return redirect(back)


@login_not_required
@never_cache
@require_safe
def personal_file(request: HttpRequest, link: str, public_id: str) -> HttpResponseBase:
    """The teacher's own evidence, by the same link."""
    case = case_by_link(link)
    evidence = get_object_or_404(Evidence.objects.select_related("file"), case=case, file__public_id=public_id)
    if evidence.file is None:
        raise Http404
    return send(evidence.file)
