"""What the survey's page keeps while the teacher is still writing; each act by the link and from the cabinet alike."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from motor.forms.survey import differences
from motor.models import Case, Survey
from motor.services import MoveRefused
from motor.services.drafts import DraftClash, add_file, answers_of, draft_of, remove_file, save_draft
from motor.services.link import note_opened
from motor.services.survey import takes_answer
from motor.views.by_link import answerable_cases, case_by_link, keep_private
from motor.views.personal import (
    channel_of,
    clash_page,
    closing_page,
    keep_begun,
    lacks_consent,
    logged_out,
    seen_by,
    survey_address,
    typed_page,
)

Act = Callable[..., HttpResponse]
NO_CONSENT = "Сначала нужно Ваше согласие на обработку данных."


def by_link(act: Act) -> Act:
    @login_not_required
    @never_cache
    @require_POST
    def view(request: HttpRequest, link: str, **kwargs: str) -> HttpResponse:
        return keep_private(act(request, case_by_link(link), channel_of(request), **kwargs))

    return view


def in_cabinet(act: Act) -> Act:
    @login_not_required  # as the survey itself: the words of whoever was logged out are given back
    @never_cache
    @require_POST
    def view(request: HttpRequest, pk: int, **kwargs: str) -> HttpResponse:
        if not request.user.is_authenticated:
            return logged_out(request, reverse("motor:survey", args=[pk]))
        case = get_object_or_404(answerable_cases(), pk=pk, person=request.user.pk)
        return act(request, case, Survey.Channel.CABINET, **kwargs)

    return view


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def draft(request: HttpRequest, case: Case, channel: str) -> HttpResponse:
    """Save what is typed: a script asks for JSON and says so, a button gets the page."""
    if lacks_consent(case):
        return _refused(request, case, channel, NO_CONSENT, 403)
    try:
        if "take" in request.POST:
            return _take(request, case, channel)
        if not _by_script(request):
            return _kept(request, case, channel)
        number, device = seen_by(request)
        saved = save_draft(case, answers_of(request.POST), number=number, device=device)
    except DraftClash as clash:
        return _clash(request, case, channel, clash)
    except MoveRefused as refusal:
        return _refused(request, case, channel, str(refusal), 410)
    except ValidationError as error:
        return _refused(request, case, channel, str(error.message), 413)
    time = f"{localtime(saved.saved_at):%H:%M}" if saved else ""
    return JsonResponse({"number": saved.number if saved else 0, "saved_at": time})


def _kept(request: HttpRequest, case: Case, channel: str) -> HttpResponse:
    """«Сохранить и закончить позже», pressed where no script runs."""
    for sentence in keep_begun(request, case):
        messages.warning(request, sentence)
    now = answerable_cases().get(pk=case.pk)
    begun = draft_of(now)
    if begun is not None:
        when = f"{localtime(begun.saved_at):%H:%M}"
        messages.success(request, f"Сохранено в {when}. Закончить можно в любой день по этой же ссылке.")
    return redirect(_back(request, case, channel))


def _take(request: HttpRequest, case: Case, channel: str) -> HttpResponse:
    """Without a script: put the other device's words into one field; nothing is overwritten by this alone."""
    begun = draft_of(case)
    if begun is None or not takes_answer(case):
        return redirect(survey_address(case, channel))
    name, typed = request.POST["take"], answers_of(request.POST)
    typed.pop(name, None)
    if name in begun.answers:
        typed[name] = begun.answers[name]
    return clash_page(request, case, channel, begun, typed)


def _clash(request: HttpRequest, case: Case, channel: str, clash: DraftClash) -> HttpResponse:
    if not _by_script(request):
        return clash_page(request, answerable_cases().get(pk=case.pk), channel, clash.draft)
    found, here = differences(request.POST, clash.draft.answers), survey_address(case, channel)
    page = render_to_string(
        "motor/parts/survey_clash.html", {"clash": found, "draft": clash.draft, "page_address": here}
    )
    return JsonResponse({"number": clash.draft.number, "page": page}, status=409)


def _refused(request: HttpRequest, case: Case, channel: str, sentence: str, status: int) -> HttpResponse:
    """A script keeps the words itself; a page sent by a button gets them back."""
    if _by_script(request):
        return JsonResponse({"error": sentence}, status=status)
    if status == 410:
        return closing_page(request, case, channel)
    return typed_page(request, case, channel, sentence)


def _back(request: HttpRequest, case: Case, channel: str) -> str:
    way = f"?via={channel}" if channel in (Survey.Channel.SLIP, Survey.Channel.MESSAGE) else ""
    return survey_address(case, channel) + way


def upload(request: HttpRequest, case: Case, channel: str) -> HttpResponse:
    """One file, sent while the teacher goes on writing."""
    content = request.FILES.get("file")
    if lacks_consent(case):
        return JsonResponse({"error": NO_CONSENT}, status=403)
    try:
        if content is None:
            raise ValidationError("Файл не дошёл. Выберите его ещё раз.")
        added = add_file(case, request.POST.get("kind", ""), content)
    except MoveRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=410)
    except ValidationError as error:
        return JsonResponse({"error": error.message}, status=422)
    context = {"one": added, "case": case, "by_link": channel != Survey.Channel.CABINET}
    page = render_to_string("motor/parts/survey_file.html", context | {"page_address": survey_address(case, channel)})
    return JsonResponse({"page": page}, status=201)


def remove(request: HttpRequest, case: Case, channel: str, public_id: str) -> HttpResponse:
    """Take back a file that is not sent yet; pressed without a script, the words of the page are kept first."""
    if not _by_script(request):
        if lacks_consent(case):
            return _refused(request, case, channel, NO_CONSENT, 403)
        try:
            keep_begun(request, case)
        except DraftClash as clash:
            return _clash(request, case, channel, clash)
        except MoveRefused as refusal:
            return _refused(request, case, channel, str(refusal), 410)
        except ValidationError as refusal:
            return _refused(request, case, channel, str(refusal.message), 413)
    removed = remove_file(case, public_id)
    if _by_script(request):
        return JsonResponse({"removed": removed})
    return redirect(_back(request, case, channel))


def opened(request: HttpRequest, case: Case, channel: str) -> HttpResponse:
    """The page says that a person looks at it: scanners of mail open links but run no scripts."""
    note_opened(case)
    return HttpResponse(status=204)
