"""The survey: by a personal link without an account, and from the cabinet."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.core.links import is_signed, split_link
from cabinet.files.services import send
from cabinet.users.models import User
from motor.forms.survey import SurveyForm, empty_questions, page_fields
from motor.models import Case, CaseQuerySet, Evidence, Status, Survey
from motor.services import MoveRefused, submit_survey
from motor.services.story import story_of

ANSWERABLE = (Status.SURVEY_OPEN, Status.NO_RESPONSE)


_NAMES = ("last_name", "first_name", "patronymic", "email", "contact_email", "is_active")
# What the form shows and an answer needs, and no more: planning a wide join costs more than the rest of the page.
NEEDED = (
    *(field.name for field in Case._meta.concrete_fields),
    *(f"{who}__{name}" for who in ("person", "responsible") for name in _NAMES),
    "completion__course__programme__title",
    "completion__position__is_head",
)


def _answerable_cases() -> CaseQuerySet:
    return Case.objects.select_related(
        "person", "responsible", "completion__course__programme", "completion__position"
    ).only(*NEEDED)


def _case_by_link(link: str) -> Case:
    """The case of a working link; a guessed or reissued one is simply not found."""
    parts = split_link(link)
    if parts is None:
        raise Http404
    # get(), not first(): an order would make the database sort what can only be one row.
    case = get_object_or_404(_answerable_cases(), public_id=parts[0])
    if not is_signed(case.public_id, case.link_version, parts[1]):
        raise Http404
    return case


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def personal(request: HttpRequest, link: str) -> HttpResponse:
    """GET shows and changes nothing, so that a mail scanner cannot use the link up; POST answers."""
    case = _case_by_link(link)
    response = _survey_page(request, case, Survey.Channel.LINK, author=None)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page from the cabinet, for the teacher himself only."""
    case = get_object_or_404(_answerable_cases(), pk=pk, person=request.user.pk)
    author = request.user if isinstance(request.user, User) else None
    return _survey_page(request, case, Survey.Channel.CABINET, author=author)


def _survey_page(request: HttpRequest, case: Case, channel: str, author: User | None) -> HttpResponse:
    if case.status not in ANSWERABLE:
        case = Case.objects.with_names().get(pk=case.pk)
        return render(request, "motor/survey_closed.html", {"case": case, "story": story_of(case)})
    if request.method != "POST":
        return render(request, "motor/survey.html", {"case": case, "questions": empty_questions(case.is_head)})
    form = SurveyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "motor/survey.html", {"case": case, **page_fields(case.is_head, form)}, status=422)
    try:
        submit_survey(case, form.answers(), author=author, channel=channel)
    except MoveRefused:
        # A second tab or a double click was quicker: the page after it shows what was stored.
        messages.info(request, "Ответ уже принят.")
    return redirect(request.path)


@login_not_required
@never_cache
@require_safe
def personal_file(request: HttpRequest, link: str, public_id: str) -> HttpResponseBase:
    """The teacher's own evidence, by the same link."""
    case = _case_by_link(link)
    evidence = get_object_or_404(Evidence.objects.select_related("file"), case=case, file__public_id=public_id)
    if evidence.file is None:
        raise Http404
    return send(evidence.file)
