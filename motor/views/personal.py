"""The survey: by a personal link without an account, and from the cabinet; afterwards what became of it."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.files.services import send
from cabinet.users.grounds import ConsentMissing, has_consent, notice_in_force, notice_shown
from cabinet.users.models import User
from motor.forms.survey import (
    ObjectionForm,
    SurveyForm,
    differences,
    draft_fields,
    empty_questions,
    former_answers,
    known_marks,
    page_fields,
    route_fields,
    ticks,
    typed_words,
)
from motor.models import Case, Draft, DraftFile, Evidence, Survey
from motor.services import MoveRefused, submit_survey
from motor.services.drafts import DraftClash, add_file, answers_of, clashes, draft_of, files_of, save_draft
from motor.services.objections import may_object, object_to
from motor.services.story import Story, story_of
from motor.services.survey import agree_with, may_agree, past_of, takes_answer
from motor.views.by_link import answerable_cases, case_by_link, keep_private

WAYS = {"slip": Survey.Channel.SLIP, "message": Survey.Channel.MESSAGE}  # `?via=`: how the link came, past the letter


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def personal(request: HttpRequest, link: str) -> HttpResponse:
    """GET shows and changes nothing, so that a mail scanner cannot use the link up; POST answers."""
    case = case_by_link(link)
    return keep_private(_survey_page(request, case, channel_of(request), author=None))


@login_not_required  # whoever was logged out while writing gets his words back; nobody else is let in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page from the cabinet, for the teacher himself only."""
    if not request.user.is_authenticated:
        return logged_out(request, reverse("motor:survey", args=[pk]))
    case = get_object_or_404(answerable_cases(), pk=pk, person=request.user.pk)
    author = request.user if isinstance(request.user, User) else None
    return _survey_page(request, case, Survey.Channel.CABINET, author=author)


def logged_out(request: HttpRequest, address: str) -> HttpResponse:
    """The login, and before it what was typed while the session ended: the login page would swallow it."""
    lost = typed_words(request.POST) if request.method == "POST" else []
    if not lost:
        return redirect_to_login(address)
    return render(request, "motor/survey_logged_out.html", {"lost": lost, "survey_address": address}, status=403)


@never_cache
def token_missing(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its token: no cookies, or a page older than the last login. The words are given back."""
    return render(request, "403_csrf.html", {"lost": typed_words(request.POST)}, status=403)


def channel_of(request: HttpRequest) -> str:
    return WAYS.get(request.POST.get("via") or request.GET.get("via", ""), Survey.Channel.LINK)


def _survey_page(request: HttpRequest, case: Case, channel: str, author: User | None) -> HttpResponse:
    if not takes_answer(case):
        return closing_page(request, case, channel)
    if request.method == "POST":
        return _answer(request, case, channel, author)
    if lacks_consent(case):
        return redirect(data_address(case, channel))
    return render(request, "motor/survey.html", _context(case, channel))


def lacks_consent(case: Case) -> bool:
    notice = notice_in_force()
    return notice.asks_consent and not has_consent(case.person, notice)


def _answer(request: HttpRequest, case: Case, channel: str, author: User | None) -> HttpResponse:
    form = SurveyForm(request.POST, request.FILES, past_of(case), files_of(case))
    draft = draft_of(case)
    if draft is not None and clashes(draft, answers_of(request.POST), *seen_by(request)):
        return clash_page(request, case, channel, draft)
    if not form.is_valid():
        return _refused_page(request, case, channel, form)
    notice = notice_shown(request.POST.get("notice", ""))
    address = request.META.get("REMOTE_ADDR") or None
    try:
        submit_survey(case, form.answers(), author=author, channel=channel, notice=notice, ip_address=address)
    except ConsentMissing:
        return _refused_page(request, case, channel, form)
    except MoveRefused:
        now = answerable_cases().get(pk=case.pk)
        if not takes_answer(now):
            return closing_page(request, now, channel)  # a second tab or a double click was quicker
        form.add_error(None, "Пока Вы писали, карта изменилась. Нажмите «Отправить ответы» ещё раз.")
        return _refused_page(request, now, channel, form)
    return redirect(request.path)


def seen_by(request: HttpRequest) -> tuple[int, str]:
    """The last saving this device knows of, and its own mark."""
    number, device = request.POST.get("draft_number", ""), request.POST.get("device", "")
    return int(number) if number.isdecimal() and len(number) < 9 else 0, device[:32] if device.isalnum() else ""


def keep_begun(request: HttpRequest, case: Case) -> list[str]:
    """Save what a page sends without a script: words and files; returns what could not be kept.

    Raises DraftClash and MoveRefused.
    """
    wrong = []
    number, device = seen_by(request)
    save_draft(case, answers_of(request.POST), number=number, device=device)
    for kind in Evidence.Kind.values:
        for upload in request.FILES.getlist(f"ev_{kind}_file"):
            try:
                add_file(case, kind, upload)
            except ValidationError as error:
                wrong.append(f"«{upload.name}»: {error.message}")
    return wrong


def _refused_page(request: HttpRequest, case: Case, channel: str, form: SurveyForm) -> HttpResponse:
    """What was typed and what is wrong with it. It is kept as a draft too: a closed tab loses nothing then."""
    needs_consent = lacks_consent(case)
    if not needs_consent:
        with suppress(DraftClash, MoveRefused, ValidationError):  # it still stands on the page
            keep_begun(request, case)
        case = answerable_cases().get(pk=case.pk)
    context = _context(case, channel, form) | {"needs_consent": needs_consent}
    return render(request, "motor/survey.html", context, status=422)


def typed_page(request: HttpRequest, case: Case, channel: str, sentence: str) -> HttpResponse:
    """What was typed could not be kept: it stands on the page with the reason above it."""
    context = _context(case, channel, typed=answers_of(request.POST))
    needs_consent = lacks_consent(case)
    context |= {"needs_consent": needs_consent, "error_list": [] if needs_consent else [("__all__", sentence)]}
    return render(request, "motor/survey.html", context, status=422)


def clash_page(
    request: HttpRequest, case: Case, channel: str, draft: Draft, typed: dict[str, str] | None = None
) -> HttpResponse:
    """Two devices have written differently: this one's words in the fields, the other's above them."""
    typed = answers_of(request.POST) if typed is None else typed
    context = _context(case, channel, typed=typed) | {"clash": differences(typed, draft.answers)}
    return render(request, "motor/survey.html", context, status=422)


def _context(
    case: Case, channel: str, form: SurveyForm | None = None, typed: dict[str, str] | None = None
) -> dict[str, Any]:
    """The page as it is first shown, as it was left, or with what was typed and what is wrong with it."""
    draft = draft_of(case)
    past = form.past if form is not None else past_of(case)
    if typed is None and draft is not None and draft.number:
        typed = draft.answers
    context = {
        "case": case,
        "notice": notice_in_force(),
        "former": past.former,
        "draft": draft,
        "channel": channel,
        "by_link": channel != Survey.Channel.CABINET,
        "page_address": survey_address(case, channel),
        "data_address": data_address(case, channel),
        **ticks(past, form.data if form is not None else typed),
    }
    if form is not None:
        return context | page_fields(case.is_head, form, files_of(case)) | route_fields(past, form.data, form)
    if typed is None and past.former is not None:
        typed = former_answers(past.former)
    if typed is None and past.has_route:
        typed = known_marks(past)
    if typed is not None or draft is not None:
        shown = typed or {}
        return context | draft_fields(case.is_head, shown, files_of(case)) | route_fields(past, shown)
    return context | {"questions": empty_questions(case.is_head)}


def data_address(case: Case, channel: str) -> str:
    """Where the notice stands in full; from there one comes back to the survey."""
    if channel != Survey.Channel.CABINET:
        return reverse("motor:personal_data", args=[case.link])
    return reverse("motor:my_data", query={"case": case.pk})


def closing_page(
    request: HttpRequest, case: Case, channel: str, form: ObjectionForm | None = None, refused: str = ""
) -> HttpResponse:
    """What became of the answers, and the way to agree or disagree; words that came too late stand there too."""
    case = Case.objects.with_names().get(pk=case.pk)
    story = story_of(case)
    lost = [] if form or request.method != "POST" else _lost_words(request, story)
    context = {
        "case": case,
        "story": story,
        "lost": lost,
        "refused": refused,
        "by_link": channel != Survey.Channel.CABINET,
        "page_address": survey_address(case, channel),
        "data_address": data_address(case, channel),
        "can_agree": may_agree(case),
        "can_object": may_object(case),
        "object_address": reverse("motor:personal_object", args=[case.link])
        if channel != Survey.Channel.CABINET
        else reverse("motor:object", args=[case.pk]),
        "form": form or ObjectionForm(),
    }
    status = 422 if form else 409 if lost else 200
    return render(request, "motor/survey_closed.html", context, status=status)


def _lost_words(request: HttpRequest, story: Story) -> list[tuple[str, str]]:
    """Words that came when no answer is taken any more; none when they are the stored ones, sent twice."""
    typed, known = typed_words(request.POST), set()
    if story.survey is not None:
        known = {story.survey.important, story.survey.route_note, story.survey.reason_text}
        known |= {word for one in story.survey.changes.all() for word in (one.text, one.topic)}
        known |= {word for one in story.evidence for word in (one.text, one.link, str(one.event_on))}
    if story.objection is not None:
        known.add(story.objection.text)
    # A form strips what it stores, and keeps the ends of lines as the browser sent them.
    plain = {" ".join(word.split()) for word in known}
    return typed if any(" ".join(words.split()) not in plain for _, words in typed) else []


def survey_address(case: Case, channel: str) -> str:
    if channel == Survey.Channel.CABINET:
        return reverse("motor:survey", args=[case.pk])
    return reverse("motor:personal", args=[case.link])


@login_not_required
@never_cache
@require_POST
def personal_agree(request: HttpRequest, link: str) -> HttpResponse:
    return keep_private(_agree(request, case_by_link(link), Survey.Channel.LINK))


@never_cache
@require_POST
def agree_in_cabinet(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(answerable_cases(), pk=pk, person=request.user.pk)
    return _agree(request, case, Survey.Channel.CABINET)


def _agree(request: HttpRequest, case: Case, channel: str) -> HttpResponse:
    try:
        agree_with(Case.objects.with_names().get(pk=case.pk))
    except MoveRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Записано: Вы согласны с заключением.")
    return redirect(survey_address(case, channel))


@login_not_required
@never_cache
@require_POST
def personal_object(request: HttpRequest, link: str) -> HttpResponse:
    case = case_by_link(link)
    return keep_private(_object(request, case, Survey.Channel.LINK, reverse("motor:personal", args=[link])))


@never_cache
@require_POST
def object_in_cabinet(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(answerable_cases(), pk=pk, person=request.user.pk)
    return _object(request, case, Survey.Channel.CABINET, reverse("motor:survey", args=[pk]))


def _object(request: HttpRequest, case: Case, channel: str, back: str) -> HttpResponse:
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return closing_page(request, case, channel, form)
    try:
        object_to(Case.objects.with_names().get(pk=case.pk), text=form.cleaned_data["text"], actor=case.person)
    except MoveRefused as refusal:
        page = closing_page(request, case, channel, refused=str(refusal))
        if page.status_code == 409:  # words that stand nowhere else; a second click has none
            return page
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
    for brought in (Evidence, DraftFile):
        found = brought.objects.select_related("file").filter(case=case, file__public_id=public_id).first()
        if found is not None and found.file is not None:
            return send(found.file)
    raise Http404
