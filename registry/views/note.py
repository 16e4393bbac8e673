"""The analytical note: for whom and which period, the figures on the page, the Word file."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cabinet.core.clock import add_months, school_year, today
from cabinet.core.search import key
from cabinet.files.services import hand_out
from cabinet.structure.models import Organization
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from registry.services.note import describable_by, may_name, write_note
from registry.services.note_document import DOCX, note_document

WRITERS = ("head", "methodist", "municipal", "admin")
ORGANIZATIONS = 30


@require_safe
@roles_required(*WRITERS)
def note(request: HttpRequest) -> HttpResponse:
    """The one organization of the head or the methodist at once; where there are several, a choice first."""
    user = reader(request)
    places = describable_by(user).select_related("municipality").order_by("name", "pk")
    chosen = request.GET.get("organization", "")
    if not chosen:
        for word in key(request.GET.get("school", "")).split():
            places = places.filter(name_key__contains=word)
        page = Paginator(places, ORGANIZATIONS).get_page(request.GET.get("page"))
        if page.paginator.count != 1:
            return render(request, "registry/note_choose.html", {"page": page, "school": request.GET.get("school", "")})
        organization = page.object_list[0]
    else:
        organization = _chosen(user, chosen)
    since, until = _period(request)
    context: dict[str, Any] = {
        "note": write_note(user, organization, since, until),
        "periods": _periods(),
        "may_name": may_name(user, organization),
        "may_choose": bool(user.roles & {"municipal", "admin"}),
    }
    return render(request, "registry/note.html", context)


@require_safe
@roles_required(*WRITERS)
def note_word(request: HttpRequest) -> HttpResponse:
    """`names=1` puts surnames in: for those who work in the organization, and the log says so."""
    user = reader(request)
    organization = _chosen(user, request.GET.get("organization", ""))
    with_names = request.GET.get("names") == "1"
    if with_names and not may_name(user, organization):
        raise Http404
    since, until = _period(request)
    content = note_document(write_note(user, organization, since, until, with_names=with_names))
    what = f"аналитическая записка, {since:%d.%m.%Y}–{until:%d.%m.%Y}{', с фамилиями' if with_names else ''}"
    record(LogEntry.Action.EXPORTED, about=organization, note=what, request=request)
    name = f"Аналитическая записка {since:%Y-%m-%d} – {until:%Y-%m-%d}.docx"
    return hand_out(content, name, DOCX)


def _chosen(user: User, pk: str) -> Organization:
    # Out of scope is 404, not 403: the answer must not tell that the row exists.
    number = int(pk) if pk.isdecimal() and len(pk) < 12 else None
    return get_object_or_404(describable_by(user).select_related("municipality"), pk=number)


def _period(request: HttpRequest) -> tuple[date, date]:
    """By the day a course ended; what is missing or impossible becomes the last twelve months."""
    since, until = (_day(request.GET.get(name, "")) for name in ("since", "until"))
    until = until or today()
    since = since or add_months(until, -12)
    return (since, until) if since <= until else (until, since)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2100 else None


def _periods() -> list[tuple[str, date, date]]:
    """The present and the former school year, from September to August, and the last twelve months."""
    day = today()
    start = school_year(day).year
    years = [
        (f"{year}/{(year + 1) % 100:02} учебный год", date(year, 9, 1), date(year + 1, 8, 31))
        for year in (start, start - 1)
    ]
    return [("последние 12 месяцев", add_months(day, -12), day), *years]
