"""The case behind a personal link; a guessed link finds nothing."""

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse

from cabinet.core.links import is_signed, split_link
from cabinet.core.prepared import Prepared
from iom.models import Route
from motor.models import Case, CaseQuerySet

_NAMES = ("last_name", "first_name", "patronymic", "email", "contact_email", "is_active")
# What the form shows and an answer needs, and no more: planning a wide join costs more than the rest of the page.
_CASE = (
    *("completion", "person", "organization", "responsible", "public_id", "link_version", "version", "revision"),
    *("months", "status", "due_on", "was_late", "reminders", "without_survey", "paused_until", "remind_on"),
    "outcome",
)
NEEDED = (
    *_CASE,
    *(f"{who}__{name}" for who in ("person", "responsible") for name in _NAMES),
    "completion__course__programme__title",
    "completion__position__is_head",
    *(f"draft__{name}" for name in ("answers", "number", "device", "saved_at")),
)


def answerable_cases() -> CaseQuerySet:
    """The case of a survey, its draft, and has the person other cases or a route: all the page needs, in one query."""
    opened = Case.objects.filter(person=OuterRef("person"), opened_at__isnull=False).exclude(pk=OuterRef("pk"))
    related = ("person", "responsible", "completion__course__programme", "completion__position", "draft")
    routes = Route.objects.running().filter(person=OuterRef("person")).order_by()
    found = Case.objects.select_related(*related).only(*NEEDED)
    return found.annotate(has_others=Exists(opened), has_route=Exists(routes))


_by_public_id = Prepared(answerable_cases, "public_id")


class LinkEnded(Http404):
    """A link we gave out once and replaced since; wherever nobody catches it, it is simply not found."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case


def case_by_link(link: str) -> Case:
    """The case of a working link; a guessed one is simply not found, a former one is LinkEnded."""
    parts = split_link(link)
    if parts is None:
        raise Http404
    case = _by_public_id.get(parts[0])
    if case is None:
        raise Http404
    if not is_signed(case.public_id, case.link_version, parts[1]):
        raise LinkEnded(case) if _was_signed(case, parts[1]) else Http404
    return case


def _was_signed(case: Case, given: str) -> bool:
    """By one of the former versions: whoever holds such a link got it from us."""
    return any(is_signed(case.public_id, version, given) for version in range(1, case.link_version))


def keep_private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
