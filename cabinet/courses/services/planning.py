"""What a list of слушатели would change: worked out without writing, so preview and import say the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cabinet.core.search import key
from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.rows import ParsedRow
from cabinet.courses.models import Completion, Course
from cabinet.courses.services.dictionaries import RULE, CourseRef, Dictionary, ProgrammeRef, Programmes
from cabinet.courses.services.listing import Choices, ListPlan
from cabinet.courses.services.organizations import OrganizationRef
from cabinet.courses.services.people import Person
from cabinet.courses.services.selection import Rule, Selector
from cabinet.structure.models import Municipality, Position, Subject, Topic

# Same person and programme, ends this close together: rather a corrected date than a second training.
NEAR = timedelta(days=30)


@dataclass(slots=True, eq=False)
class CompletionRef:
    """A completion of the database (`pk`) or to be created, with what the list says about it."""

    pk: int | None
    person: Person
    course: CourseRef
    organization: OrganizationRef | None = None
    hours: int | None = None
    starts_on: date | None = None
    listed_hours: int | None = None
    listed_starts_on: date | None = None
    position: Position | None = None
    subject: Subject | None = None
    is_selected: bool = True
    selection_why: str = ""
    row: int = 0
    changes: dict[str, Any] = field(default_factory=dict)
    former: dict[str, Any] = field(default_factory=dict)


class CompletionPlan(ListPlan):
    """Queries: a constant number for every thousand rows."""

    def __init__(self, choices: Choices | None = None) -> None:
        super().__init__(choices)
        self.programmes = Programmes(self.choices.rule)
        self.selector = Selector(self.choices.marked)
        self.topics = Dictionary(Topic)
        self.completions: dict[tuple[int, int], CompletionRef] = {}  # person, course
        self.of_programme: dict[tuple[int, int], list[CompletionRef]] = {}  # person, programme
        self.created: list[CompletionRef] = []
        self.updated: list[CompletionRef] = []
        self.unchanged = 0
        self.near: list[dict[str, Any]] = []

    def load(self, rows: list[ParsedRow], people: set[int]) -> None:
        self.programmes.load((row.programme, row.ends_on) for row in rows if row.ends_on)
        self.load_completions(rows, people)
        self.selector.load(one.pk for one in self.programmes.courses.values() if one.pk)

    def load_completions(self, rows: list[ParsedRow], people: set[int]) -> None:
        """Completions that people named in these rows already have in the programmes named in them."""
        programmes = {
            one.pk for row in rows if (one := self.programmes.by_key.get(key(row.programme)[:500])) and one.pk
        }
        if not people or not programmes:
            return
        found = Completion.objects.filter(person__in=people, course__programme__in=programmes)
        for (
            pk,
            person,
            programme,
            course,
            ends_on,
            starts_on,
            tracked,
            hours,
            began,
            listed,
            listed_start,
            is_selected,
            *rule,
        ) in found.values_list(
            "pk",
            "person",
            "course__programme",
            "course",
            "course__ends_on",
            "course__starts_on",
            "course__is_tracked",
            "hours",
            "starts_on",
            "listed_hours",
            "listed_starts_on",
            "is_selected",
            *(f"course__{name}" for name in RULE),
        ):
            owner, title = self.people.by_pk[person], self.programmes.by_pk[programme]
            run = self.programmes.courses.setdefault(
                (programme, ends_on), CourseRef(course, title, ends_on, starts_on, tracked, Rule(*rule))
            )
            if (owner.token, run.token) not in self.completions:
                known = CompletionRef(pk, owner, run, None, hours, began, listed, listed_start)
                known.is_selected = is_selected
                self.remember(known)

    def remember(self, completion: CompletionRef) -> None:
        person, course = completion.person.token, completion.course
        self.completions[person, course.token] = completion
        self.of_programme.setdefault((person, course.programme.token), []).append(completion)

    def decide(self, row: ParsedRow, place: Municipality) -> None:
        organization, _is_new = self.organization_of(row, place)
        position, subject = self.positions.find(row.position), self.subjects.find(row.subject)
        person = self.people.find(row, organization)
        person.fill_post(position, subject)
        programme = self.programme_of(row)
        assert row.ends_on is not None  # noqa: S101 - rows without it were turned away
        course = self.programmes.course(programme, row.ends_on, row.starts_on)
        known = self.completions.get((person.token, course.token))
        if known is not None:
            self.compare(known, row)
            return
        near = self.nearby(person, programme, row.ends_on)
        if near is not None and near.pk and row.number in self.choices.redate:
            self.redate(near, course, row)
            return
        if near is not None:
            self.offer(near, row)
        completion = CompletionRef(
            None, person, course, organization, row.hours, row.starts_on, row.hours, row.starts_on, position, subject
        )
        completion.row = row.number
        completion.is_selected, completion.selection_why = self.selector.decide(
            course.rule, course.token, organization.token, row
        )
        self.created.append(completion)
        self.remember(completion)

    def programme_of(self, row: ParsedRow) -> ProgrammeRef:
        programme = self.programmes.find(row.programme)
        if programme.pk is None:
            programme.topic = programme.topic or self.topics.find(row.topic)
            programme.is_tracked = programme.title_key not in self.choices.untracked
        return programme

    def compare(self, known: CompletionRef, row: ParsedRow) -> None:
        """The same completion again. Only what the list newly says is taken; people's corrections stay."""
        if known.pk is None or known.row:
            self.unchanged += 1
            row.warn(Field.FULL_NAME, f"повтор строки {known.row}")
            return
        known.row = row.number
        if self.choices.rule.mode == Course.Selection.LISTED and row.track not in (None, known.is_selected):
            row.warn(Field.TRACK, "слушатель уже загружен: отслеживать его или нет, решают на странице курса")
        changes: dict[str, Any] = {}
        if row.hours is not None and row.hours not in (known.hours, known.listed_hours):
            changes |= {"hours": row.hours, "listed_hours": row.hours}
        if row.starts_on is not None and row.starts_on not in (known.starts_on, known.listed_starts_on):
            changes |= {"starts_on": row.starts_on, "listed_starts_on": row.starts_on}
        if not changes:
            self.unchanged += 1
            return
        known.former = {name: getattr(known, name) for name in changes}
        known.changes = changes
        self.updated.append(known)

    def nearby(self, person: Person, programme: ProgrammeRef, ends_on: date) -> CompletionRef | None:
        others = self.of_programme.get((person.token, programme.token), ())
        return next((one for one in others if abs(one.course.ends_on - ends_on) <= NEAR), None)

    def offer(self, near: CompletionRef, row: ParsedRow) -> None:
        row.warn(
            Field.ENDS_ON,
            f"эта программа у слушателя уже есть с окончанием {near.course.ends_on:%d.%m.%Y}: "
            "если это та же учёба, исправьте дату вместо добавления",
        )
        if near.pk is not None:
            self.near.append(
                {
                    "row": row.number,
                    "name": row.full_name,
                    "programme": row.programme,
                    "was": near.course.ends_on.isoformat(),
                    "becomes": row.ends_on.isoformat() if row.ends_on else "",
                }
            )

    def redate(self, known: CompletionRef, course: CourseRef, row: ParsedRow) -> None:
        known.row = row.number
        known.former = {"course": known.course.pk}
        known.changes = {"course": course}
        if row.starts_on is not None:
            known.former["starts_on"] = known.starts_on
            known.changes["starts_on"] = known.changes["listed_starts_on"] = row.starts_on
        self.completions[known.person.token, course.token] = known
        self.updated.append(known)

    def counts(self) -> tuple[int, int, int]:
        return len(self.created), self.unchanged, len(self.updated)
