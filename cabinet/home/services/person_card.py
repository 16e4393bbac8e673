"""A person's card as its reader may see it: each section holds what its own model shows him, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.courses.models import Completion
from cabinet.home.services.people import editable_by, governs, reachable_by, seen_by
from cabinet.planner.models import Event, Participation, Task
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, User
from iom.models import Route
from motor.models import Case
from rma.models import Member

SHOWN = 6  # rows of a section; the list behind its link has the rest


@dataclass(frozen=True)
class Line:
    """One row of a section."""

    title: str
    note: str = ""
    url: str = ""
    state: str = ""
    state_label: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Section:
    """`more` says that not all are shown; `url` leads to the list, where there is one."""

    code: str
    title: str
    lines: list[Line]
    more: bool = False
    url: str = ""


@dataclass(frozen=True)
class RoleLine:
    """A role of the person (`is_his`) or somebody's role towards him, with its term in words."""

    membership: Membership
    words: str
    term: str
    state: str  # running, ahead, over
    may_change: bool


@dataclass
class Card:
    person: Any
    is_own: bool
    may_edit: bool
    may_reach: bool
    sees_contacts: bool
    keeps: frozenset[int]  # municipalities whose cards the reader keeps
    roles: list[RoleLine] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    member: Member | None = None
    sections: list[Section] = field(default_factory=list)

    @property
    def is_closed(self) -> bool:
        return not self.person.is_active

    @property
    def is_kept_above(self) -> bool:
        """Of the reader's own municipality, and yet not his to change: the person has rights beyond it."""
        place = self.person.organization.municipality_id if self.person.organization else None
        return place in self.keeps and not self.may_edit and not self.is_own

    @property
    def address_parts(self) -> list[str]:
        """The address may go over to the next line after its «@», not within a word."""
        name, at, host = (self.person.contact_email or "").partition("@")
        return [name + at, host]


def person_for(reader: User, pk: int) -> Any | None:
    """The person with what the reader may do with his card, in one query; None when it is not for his eyes."""
    itself = {"pk": OuterRef("pk")}
    people = seen_by(reader).select_related("organization__municipality__territory", "position", "subject")
    people = people.annotate(
        may_edit=Exists(editable_by(reader).filter(**itself)),
        may_reach=Exists(reachable_by(reader).filter(**itself)),
        is_near=Exists(User.objects.visible_to(reader).filter(**itself)),
    )
    return people.filter(pk=pk).first()


def card_of(person: Any, reader: User) -> Card:
    """Eight queries, whatever the rows."""
    is_own = person.pk == reader.pk
    card = Card(
        person=person,
        is_own=is_own,
        may_edit=person.may_edit,
        may_reach=person.may_reach,
        # A curator has the answers of his listeners, not their telephones.
        sees_contacts=is_own or person.is_near,
        keeps=reader.own_municipalities,
    )
    _read_roles(card, reader)
    card.member = Member.objects.visible_to(reader).filter(user=person).first()
    found = (make(person, reader) for make in SECTIONS)
    card.sections = [one for one in found if one.lines]
    return card


# --- Roles -------------------------------------------------------------------------------------------------------


def memberships_of(person: User, reader: User) -> QuerySet[Membership]:
    """His roles and those of others towards him. A name the reader may not see is marked as closed."""
    visible = User.objects.visible_to(reader)
    rows = Membership.objects.filter(Q(user=person) | Q(person=person))
    rows = rows.select_related("user", "organization__municipality", "municipality", "person__organization")
    return rows.annotate(
        person_open=Exists(visible.filter(pk=OuterRef("person"))), user_open=Exists(visible.filter(pk=OuterRef("user")))
    ).order_by(F("ends_on").desc(nulls_first=True), "-starts_on", "pk")


def _read_roles(card: Card, reader: User) -> None:
    day = today()
    for one in memberships_of(card.person, reader):
        state = state_of(one, day)
        if one.user_id == card.person.pk:
            may = card.may_edit and not card.is_own and state != "over" and governs(reader, one)
            card.roles.append(RoleLine(one, role_words(one, reader), term_words(one), state, may))
        elif state == "running" and (one.user_open or one.user_id == reader.pk):  # type: ignore[attr-defined]
            card.helpers.append(one.user.full_name)


def state_of(membership: Membership, day: date) -> str:
    if membership.ends_on is not None and membership.ends_on < day:
        return "over"
    return "ahead" if membership.starts_on is not None and membership.starts_on > day else "running"


def role_words(membership: Any, reader: User) -> str:
    """«методист ОО, МБОУ «СОШ № 5»»; whom a mentor helps only for who may see that person."""
    label = str(Role(membership.role).label)
    if membership.role == Role.MENTOR:
        is_open = membership.person_open or membership.person_id == reader.pk
        return f"{label}: {membership.person.full_name}" if is_open else label
    place = membership.organization or membership.municipality
    return f"{label}, {place}" if place else label


def term_words(membership: Membership) -> str:
    starts = f"с {long_date(membership.starts_on)}" if membership.starts_on else ""
    ends = f"по {long_date(membership.ends_on)}" if membership.ends_on else ""
    return f"{starts} {ends}".strip() or "без срока"


# --- Sections ----------------------------------------------------------------------------------------------------


def _section(
    code: str, title: str, rows: Any, line: Callable[[Any], Line], *, url: str = "", query: dict[str, Any] | None = None
) -> Section:
    found = list(rows[: SHOWN + 1])
    address = _address(url, query) if url else ""
    return Section(code, title, [line(one) for one in found[:SHOWN]], len(found) > SHOWN, address)


def _address(name: str, query: dict[str, Any] | None) -> str:
    try:
        address = reverse(name)
    except NoReverseMatch:  # a part of the cabinet that is not there yet
        return ""
    return f"{address}?{urlencode(query)}" if query else address


def _cases(person: User, reader: User) -> Section:
    rows = Case.objects.visible_to(reader).filter(person=person).select_related("completion__course__programme")

    def line(case: Case) -> Line:
        title = str(case.completion.course.programme)
        note = f"Карта № {case.pk}, срез {case.get_months_display()}"
        return Line(title, note, case.get_absolute_url(), case.status, case.get_status_display(), case.due_on)

    return _section(
        "cases",
        "МОТОР",
        rows.order_by(F("due_on").asc(nulls_last=True), "-pk"),
        line,
        url="motor:cases",
        query={"q": person.full_name},
    )


def _routes(person: User, reader: User) -> Section:
    rows = Route.objects.visible_to(reader).filter(person=person).order_by("-starts_on", "-pk")

    def line(route: Route) -> Line:
        note = f"{long_date(route.starts_on)} — {long_date(route.ends_on)}"
        return Line(route.title, note, route.get_absolute_url(), route.status, route.get_status_display(), route.due_on)

    return _section("routes", "ИОМ", rows, line, url="iom:routes", query={"q": person.full_name})


def _tasks(person: User, reader: User) -> Section:
    rows = Task.objects.visible_to(reader).open().filter(assignee=person)

    def line(task: Task) -> Line:
        return Line(task.title, "шаг процесса" if task.is_step else "", task.get_absolute_url(), due_on=task.due_on)

    return _section("tasks", "Открытые задачи", rows.order_by(F("due_on").asc(nulls_last=True), "pk"), line)


def _completions(person: User, reader: User) -> Section:
    rows = Completion.objects.visible_to(reader).filter(person=person)
    rows = rows.select_related("course__programme", "organization").order_by("-course__ends_on", "-pk")
    opens = bool(reader.roles & {"admin", "curator"})

    def line(one: Completion) -> Line:
        hours = f", {one.hours} ч." if one.hours else ""
        note = f"окончен {long_date(one.course.ends_on)}{hours}, тогда: {one.organization}"
        mine = opens and ("admin" in reader.roles or one.course.curator_id == reader.pk)
        return Line(str(one.course.programme), note, reverse("courses:course", args=[one.course_id]) if mine else "")

    return _section("courses", "Курсы повышения квалификации", rows, line)


def _events(person: User, reader: User) -> Section:
    invited = Participation.objects.visible_to(reader).filter(person=person).order_by().values("event")
    led = Event.leaders.through.objects.filter(user=person).values("event")
    rows = Event.objects.visible_to(reader).filter(Q(author=person) | Q(pk__in=led) | Q(pk__in=invited))

    def line(event: Event) -> Line:
        state = ("cancelled", "отменено") if event.is_cancelled else ("", "")
        return Line(event.title, f"{event.get_kind_display()}, {long_date(event.on)}", event.get_absolute_url(), *state)

    # Ahead, the nearest first; then what has passed, the latest first.
    ahead = models.Case(models.When(on__gte=today(), then=F("on")))
    return _section("events", "События", rows.order_by(ahead.asc(nulls_last=True), "-on", "-pk"), line)


def _communities(person: User, reader: User) -> Section:
    rows = CommunityMember.objects.visible_to(reader).active().filter(person=person, community__is_active=True)

    def line(one: CommunityMember) -> Line:
        address = getattr(one.community, "get_absolute_url", None)
        try:
            url = address() if address else ""
        except NoReverseMatch:
            url = ""
        return Line(one.community.name, one.get_role_display(), url)

    return _section("communities", "Сообщества", rows.select_related("community").order_by("community__name"), line)


SECTIONS = (_cases, _routes, _tasks, _completions, _events, _communities)


# --- What was done to the card -------------------------------------------------------------------------------------


def history_of(person: User, *, with_views: bool = False) -> QuerySet[LogEntry]:
    """Lines of the log about the person, of cards merged into his too, the newest first."""
    # By the person, which has an index.
    people = User.objects.filter(Q(pk=person.pk) | Q(merged_into=person.pk)).order_by().values("pk")
    rows = LogEntry.objects.filter(person__in=people).select_related("actor", "about_type")
    return rows if with_views else rows.exclude(action=LogEntry.Action.VIEWED)
