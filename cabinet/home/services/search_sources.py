"""What the search looks through: each kind of row with its rights, its words and how a line of it reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.search import fold, key, lemmas
from cabinet.core.words import long_date
from cabinet.courses.models import Completion, Course
from cabinet.home.services.highlighting import says
from cabinet.home.services.people import listed_to
from cabinet.library.models import Material
from cabinet.planner.models import Event, EventQuerySet, Task, TaskQuerySet
from cabinet.structure.models import Community
from cabinet.users.models import User, only_observes
from cabinet.users.models.user import name_begins, name_words
from iom.models import Route, RouteWord
from iom.models import Status as RouteStatus
from motor.models import Case

WORDS = 6  # every word is a condition
MANY = 1500  # people listed by number: beyond that the database joins sooner than it reads the list
NUMBER = re.compile(r"^(?:карт[аеуы]й?\s*)?(?:№|n|#)?\s*(\d{1,9})$")
NAMED = frozenset(lemmas("карта"))  # «карта Ивановой»: the word says where to look, not what for

Rows = QuerySet[Any]


class Namesakes:
    """Typed word → people it names, asked once for all kinds of rows and for both layouts of what was typed."""

    def __init__(self, *texts: str) -> None:
        self.words = list(dict.fromkeys(word for text in texts for word in name_words(_few(text))))

    @cached_property
    def found(self) -> dict[str, set[int]] | None:
        """None when they are too many to be listed."""
        if not self.words:
            return {}
        said = {word: name_begins(word) for word in self.words}
        flags = {f"by_{number}": one for number, one in enumerate(said.values())}
        named = User.objects.filter(reduce(or_, said.values())).order_by().annotate(**flags)
        found = list(named.values_list("pk", *flags)[: MANY + 1])
        if len(found) > MANY:
            return None
        return {word: {row[0] for row in found if row[number]} for number, word in enumerate(said, 1)}


def _few(text: str) -> str:
    return " ".join(text.split()[:WORDS])


@dataclass(frozen=True)
class Sought:
    """Who looks for what. `programmes`: number → title of every one, read once for the whole search."""

    user: User
    text: str
    programmes: dict[int, str]
    namesakes: Namesakes

    @property
    def few(self) -> str:
        return _few(self.text)

    def named(self, *words: str) -> Rows | list[int]:
        """People every word is of the name of: their numbers, or, where they are many, a question for them."""
        wanted = [one for word in words for one in name_words(word)]
        found = self.namesakes.found
        if found is None:
            return User.objects.search(" ".join(wanted)).order_by().values("pk")
        return sorted(reduce(and_, (found[word] for word in wanted)))


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
    """Whose card may be opened, as in the directory: a curator's listeners too."""
    rows: Rows = listed_to(sought.user).filter(is_active=True)
    words = sought.few.split()
    return rows.filter(pk__in=sought.named(*words)) if words else rows.none()


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
    taught = {one: _taught(one, sought.programmes) for one in words}
    names = [one for one, programmes in taught.items() if not programmes]
    said = [Q(person__in=sought.named(*names))] if names else []
    only: list[set[int]] = []  # programmes of words that nobody is called by: no «or» for the database
    for word, programmes in taught.items():
        people = sought.named(word) if programmes else ()
        if programmes and isinstance(people, list) and not people:
            only.append(programmes)
        elif programmes:
            said.append(Q(person__in=people) | _of(programmes))
    said += [_of(reduce(and_, only))] if only else []
    found: Rows = cases.filter(reduce(and_, said) | by_number) if said else cases.filter(by_number)
    return found


def _taught(word: str, programmes: dict[int, str]) -> set[int]:
    """Programmes that say the word. They are some hundreds and keep no words: they are read here."""
    return {pk for pk, title in programmes.items() if says(title, key(word).split())}


def _of(programmes: set[int]) -> Q:
    # A subquery, not a join: measured, it halves the time of a word that thousands of cases have.
    courses = Course.objects.filter(programme__in=programmes).order_by().values("pk")
    return Q(completion__in=Completion.objects.filter(course__in=courses).order_by().values("pk"))


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
            routes = routes.filter(reduce(and_, words) | Q(person__in=sought.named(word)))
    return routes if lemmas(sought.text) else routes.none()


def _route_line(route: Route) -> Line:
    return Line(route.title, f"{route.person.full_name}. {route.get_status_display()}", route.get_absolute_url())


# --- Tasks ---------------------------------------------------------------------------------------------------------


def _tasks(sought: Sought) -> TaskQuerySet:
    """Open ones, as the list shows them. Who does or gives a task sees it: nothing further is asked."""
    rows = Task.objects.open()
    return rows.search(sought.few) if lemmas(sought.text) else rows.none()


def _mine(sought: Sought) -> Rows:
    # A union, not `with_person`: for an «or» the database reads all tasks of the region.
    own = Task.objects.open().filter(assignee=sought.user).order_by().values("pk")
    shared = Task.participants.through.objects.filter(user=sought.user).order_by().values("task")
    return _tasks(sought).filter(pk__in=own.union(shared))


def _given(sought: Sought) -> Rows:
    """Those given to oneself are among the own."""
    return _tasks(sought).filter(author=sought.user).exclude(assignee=sought.user)


def _task_line(task: Task) -> Line:
    due = f"срок {long_date(task.due_on, today().year)}" if task.due_on else "без срока"
    return Line(task.title, f"{task.assignee.full_name}, {due}", task.get_absolute_url())


# --- Library, events, communities --------------------------------------------------------------------------------


def _materials(sought: Sought) -> Rows:
    rows = Material.objects.visible_to(sought.user).published()
    rows = rows.annotate(names_author=Value(not only_observes(sought.user)))
    return rows.search(sought.few, sought.user) if lemmas(sought.text) else rows.none()


def _material_line(material: Any) -> Line:
    author = f"Автор: {material.authors}" if material.authors and material.names_author else ""
    note = ". ".join(one for one in (material.get_kind_display(), author, material.summary[:160]) if one)
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
    Source("tasks", "Мои задачи", "check2-square", "planner:tasks", _mine, _task_line, ("due_on", "pk"), ("assignee",)),
    Source(
        "given",
        "Задачи, которые поставили вы",
        "check2-square",
        "planner:tasks",
        _given,
        _task_line,
        ("due_on", "pk"),
        ("assignee",),
        {"whose": "given"},
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
