"""What the search looks through: each kind of row with its rights, its words and how a line of it reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from cabinet.core.search import fold, key, lemmas
from cabinet.courses.models import Completion, Course
from cabinet.home.services.highlighting import says
from cabinet.library.models import Material
from cabinet.planner.models import Event, EventQuerySet
from cabinet.structure.models import Community
from cabinet.users.models import User, only_observes
from iom.models import Route, RouteWord
from iom.models import Status as RouteStatus
from motor.models import Case

WORDS = 6  # every word is a condition
NUMBER = re.compile(r"^(?:карт[аеуы]й?\s*)?(?:№|n|#)?\s*(\d{1,9})$")
NAMED = frozenset(lemmas("карта"))  # «карта Ивановой»: the word says where to look, not what for

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Sought:
    """Who looks for what. `programmes`: number → title of every one, read once for the whole search."""

    user: User
    text: str
    programmes: dict[int, str]

    @property
    def few(self) -> str:
        return " ".join(self.text.split()[:WORDS])


@dataclass(frozen=True)
class Line:
    """A found row in words: `title` and `note` are marked and escaped by whoever shows them."""

    title: str
    note: str
    address: str


@dataclass(frozen=True)
class Source:
    """`rows` are what this person may see of what was typed; `everything` is the list that shows all of them."""

    code: str
    title: str
    icon: str
    everything: str
    rows: Callable[[Sought], Rows]
    line: Callable[[Any], Line]
    order: tuple[str, ...]
    related: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    has_persons: bool = False


# --- People ------------------------------------------------------------------------------------------------------


def _people(sought: Sought) -> Rows:
    rows: Rows = User.objects.visible_to(sought.user).filter(is_active=True, merged_into=None).search(sought.few)
    return rows


def _person_line(person: User) -> Line:
    note = ", ".join(str(one) for one in (person.position, person.organization) if one)
    return Line(person.full_name, note, reverse("home:person", args=[person.pk]))


# --- МОТОР -------------------------------------------------------------------------------------------------------


def _cases(sought: Sought) -> Rows:
    """By number; or every word is of the person's name or of the programme's title."""
    cases = Case.objects.visible_to(sought.user)
    number = NUMBER.match(fold(sought.text))
    by_number = Q(pk=int(number[1])) if number else Q()
    typed = sought.few.split()
    words = [one for one in typed if not NAMED.intersection(lemmas(one))] or typed
    # One question for all the words that are of no programme: a few people, and their cases by index.
    taught = {one: _taught(one, sought.programmes) for one in words if fold(one)}
    names = " ".join(one for one, courses in taught.items() if courses is None)
    said = [Q(person__in=User.objects.search(names).order_by().values("pk"))] if names else []
    said += [
        Q(person__in=User.objects.search(one).order_by().values("pk"))
        # A subquery, not a join: measured, it halves the time of a word that thousands of cases have.
        | Q(completion__in=Completion.objects.filter(course__in=courses).order_by().values("pk"))
        for one, courses in taught.items()
        if courses is not None
    ]
    found: Rows = cases.filter(reduce(and_, said) | by_number) if said else cases.filter(by_number)
    return found


def _taught(word: str, programmes: dict[int, str]) -> Rows | None:
    """Courses whose programme says the word. Programmes are some hundreds and keep no words: they are read here."""
    found = [pk for pk, title in programmes.items() if says(title, key(word).split())]
    return Course.objects.filter(programme__in=found).order_by().values("pk") if found else None


def _case_line(case: Case) -> Line:
    note = f"{case.completion.course.programme}. {case.get_status_display()}"
    return Line(f"{case}: {case.person.full_name}", note, case.get_absolute_url())


# --- ИОМ ---------------------------------------------------------------------------------------------------------


def _routes(sought: Sought) -> Rows:
    """As the list of routes finds them: every word is of the route, or begins a part of the name."""
    routes = Route.objects.visible_to(sought.user).exclude(status=RouteStatus.ARCHIVED)
    for word in sought.few.split():
        words = [
            Q(Exists(RouteWord.objects.filter(route=OuterRef("pk"), word__startswith=one))) for one in lemmas(word)
        ]
        if words:
            routes = routes.filter(
                reduce(and_, words) | Q(person__in=User.objects.search(word).order_by().values("pk"))
            )
    return routes if lemmas(sought.text) else routes.none()


def _route_line(route: Route) -> Line:
    return Line(route.title, f"{route.person.full_name}. {route.get_status_display()}", route.get_absolute_url())


# --- Library, events, communities --------------------------------------------------------------------------------


def _materials(sought: Sought) -> Rows:
    rows = Material.objects.visible_to(sought.user).published()
    return rows.search(sought.few) if lemmas(sought.text) else rows.none()


def _material_line(material: Material) -> Line:
    note = ". ".join(one for one in (material.get_kind_display(), material.summary[:160]) if one)
    return Line(material.title, note[:1].upper() + note[1:], material.get_absolute_url())


def _events(sought: Sought) -> EventQuerySet:
    rows = Event.objects.visible_to(sought.user)
    return rows.search(sought.few) if lemmas(sought.text) else rows.none()


def _ahead(sought: Sought) -> Rows:
    return _events(sought).ahead()


def _past(sought: Sought) -> Rows:
    return _events(sought).past()


def _event_line(event: Event) -> Line:
    kind = event.get_kind_display()
    note = f"{kind[:1].upper()}{kind[1:]}, {event.when}{', отменено' if event.is_cancelled else ''}"
    return Line(event.title, note, event.get_absolute_url())


def _communities(sought: Sought) -> Rows:
    rows = Community.objects.visible_to(sought.user).acting()
    return rows.search(sought.few) if lemmas(sought.text) else rows.none()


def _community_line(community: Community) -> Line:
    kind = community.get_kind_display()
    return Line(community.name, f"{kind[:1].upper()}{kind[1:]}, {community.place}", community.get_absolute_url())


SOURCES = (
    Source(
        "people",
        "Люди",
        "person",
        "home:people",
        _people,
        _person_line,
        ("name_key", "pk"),
        ("position", "organization"),
        has_persons=True,
    ),
    Source(
        "cases",
        "Карты МОТОР",
        "arrow-repeat",
        "motor:cases",
        _cases,
        _case_line,
        ("-pk",),
        ("person", "completion__course__programme"),
        {"view": "all"},
        has_persons=True,
    ),
    Source(
        "routes",
        "Маршруты",
        "signpost-split",
        "iom:routes",
        _routes,
        _route_line,
        ("-pk",),
        ("person",),
        has_persons=True,
    ),
    Source(
        "materials",
        "Материалы",
        "book",
        "library:materials",
        _materials,
        _material_line,
        ("-published_at", "-pk"),
    ),
    Source("events", "События впереди", "calendar-event", "planner:events", _ahead, _event_line, ("on", "pk")),
    Source(
        "past",
        "Прошедшие события",
        "calendar-check",
        "planner:events",
        _past,
        _event_line,
        ("-on", "-pk"),
        extra={"when": "past"},
    ),
    Source(
        "communities",
        "Сообщества",
        "people",
        "home:communities",
        _communities,
        _community_line,
        ("name", "pk"),
        ("organization", "municipality"),
    ),
)


def sources_for(user: User) -> list[Source]:
    """The observer is not even told whether there are persons of that name."""
    return [one for one in SOURCES if not (one.has_persons and only_observes(user))]
