"""Response: how many of those who were asked have answered, by organization and by course, and who has not."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.clock import today
from cabinet.core.fragments import wants_fragment
from cabinet.courses.models import Course
from cabinet.files.services import hand_out
from cabinet.structure.models import Organization
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.exports import response_workbook
from motor.filters import PeopleFilter, ResponseFilter
from motor.services import response as services
from motor.services.bulk import ACTIONS, ticked
from motor.services.ways import by_channel

READERS = ("head", "methodist", "municipal", "curator", "admin")
PAGE_SIZE, PEOPLE = 30, 50
TABS = {"organization": "По организациям", "course": "По курсам", "municipality": "По муниципалитетам"}


@require_safe
@roles_required(*READERS)
def response(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    by, found = _by(request, user), ResponseFilter(request.GET, queryset=services.response_scope(user), user=user)
    table = services.response_table(found.rows, by)
    lines = services.sorted_lines(table.lines, by, request.GET.get("sort", ""))
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    services.name_lines(list(page.object_list), by)
    context = {
        "by": by,
        "tabs": [(code, label, _query(request, by=code)) for code, label in _tabs(user).items()],
        "filter": found,
        "page": page,
        "total": table.total,
        "behind": _query(request, "sort", "by"),
        "query": _query(request),
    }
    return render(request, "motor/response/response.html", context)


def _tabs(user: User) -> dict[str, str]:
    """Within one municipality a table of municipalities has one line."""
    return {code: label for code, label in TABS.items() if code != "municipality" or "admin" in user.roles}


def _by(request: HttpRequest, user: User) -> str:
    asked = request.GET.get("by", "")
    # A curator thinks in courses, everybody else in organizations.
    usual = "course" if user.roles & {"curator"} and not user.roles & set(READERS) - {"curator"} else "organization"
    return asked if asked in _tabs(user) else usual


def _query(request: HttpRequest, *without: str, **fields: str) -> str:
    """The address's choices without its page, changed as said."""
    query = request.GET.copy()
    for name in ("page", *without):
        query.pop(name, None)
    for name, value in fields.items():
        query[name] = value
    return query.urlencode()


@require_safe
@roles_required(*READERS)
@vary_on_headers("HX-Request")
def response_channels(request: HttpRequest) -> HttpResponse:
    """By which way people answered; the response page fetches it after itself, for every answer has to be read."""
    user: Any = request.user
    found = ResponseFilter(request.GET, queryset=services.response_scope(user), user=user)
    context = {"channels": [one for one in by_channel(found.rows) if one.count], "query": _query(request)}
    template = "motor/response/channels.html" + ("#channels" if wants_fragment(request) else "")
    return render(request, template, context)


@require_safe
@roles_required(*READERS)
def response_excel(request: HttpRequest) -> HttpResponse:
    """All lines of the table the page shows with the same address; no person's name is in it."""
    user: Any = request.user
    by, found = _by(request, user), ResponseFilter(request.GET, queryset=services.response_scope(user), user=user)
    table = services.response_table(found.rows, by)
    lines = services.sorted_lines(table.lines, by, request.GET.get("sort", ""))
    services.name_lines(lines, by)
    content = response_workbook(lines, table.total, by, found.in_words)
    record(LogEntry.Action.EXPORTED, note=f"отклик, строк: {len(lines)}", request=request)
    return hand_out(content, f"Отклик {today():%Y-%m-%d}.xlsx")


@require_safe
@roles_required(*READERS)
def response_people(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    found = PeopleFilter(request.GET, queryset=services.response_scope(user), user=user)
    page = Paginator(services.people_in_order(found.rows).values_list("pk", flat=True), PEOPLE).get_page(
        request.GET.get("page")
    )
    cases = services.with_people(list(page.object_list))
    may_act = ticked(user, cases)
    context = {
        "filter": found,
        "page": page,
        "people": services.people_of(cases),
        "may_act": may_act,
        "actions": ACTIONS.values(),
        "of": _of(found),
        "back": _query(request, "state", "q", "organization", "course"),
        "query": _query(request),
        "shows_places": not found.form.cleaned_data.get("organization") if found.form.is_valid() else True,
    }
    return render(request, "motor/response/people.html", context)


def _of(found: PeopleFilter) -> str:
    """The organization or the course the list is about, when it is one the reader has people in."""
    chosen = found.form.cleaned_data if found.form.is_valid() else {}
    if pk := chosen.get("organization"):
        return str(Organization.objects.filter(pk__in=found.queryset.values("organization"), pk=pk).first() or "")
    if pk := chosen.get("course"):
        return str(
            Course.objects.filter(pk__in=found.queryset.values("completion__course"), pk=pk)
            .select_related("programme")
            .first()
            or ""
        )
    return ""
