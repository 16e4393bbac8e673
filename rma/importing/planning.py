"""What a roster would change: worked out without writing, so preview and import say the same.

A list is believed where it says something new. What it has said before is remembered with its batch, so that a card
corrected by hand in between stays as people left it; indicators and states are added as dated rows, never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cabinet.core.clock import full_years, today
from cabinet.core.search import fold
from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.rows import ParsedRow
from cabinet.courses.models import ImportBatch
from cabinet.courses.services import Choices, ListPlan
from cabinet.courses.services.people import Person
from cabinet.structure.models import Municipality, Subject
from cabinet.users.models import Membership, Role
from rma.importing.columns import Column
from rma.importing.reading import MemberRow
from rma.importing.values import Said
from rma.importing.vocabulary import Vocabulary
from rma.models import Direction, Function, Indicator, Member, MemberRole, StatusChange
from rma.services.editing import LINKS
from rma.services.roster import WITHOUT_ROLE, category_end

Kind = Indicator.Kind
Status = Member.Status
NOT_FOUND = {
    Column.ROLES: "роль «{}» не найдена",
    Column.FUNCTIONS: "функция «{}» не найдена или подходит к нескольким",
    Column.DIRECTIONS: "направление «{}» не найдено или подходит к нескольким",
}


@dataclass(slots=True, eq=False)
class MemberRef:
    """A card of the database (`pk`) or to be made, and what the list brings to it.

    `sets`: name of a dictionary → what the card holds of it, by id; subjects by folded name: new ones have no id yet.
    """

    pk: int | None
    person: Person
    status: str = Status.ACTIVE
    case_limit: int | None = None
    is_shown: bool = False
    status_on: date | None = None  # of the latest order
    sets: dict[str, set[Any]] = field(default_factory=lambda: {name: set() for name in LINKS})
    held: list[Indicator] = field(default_factory=list)
    listed: dict[str, Any] = field(default_factory=dict)  # what lists have said of the card before
    row: int = 0
    says: dict[str, Any] = field(default_factory=dict)  # and what this one says
    indicators: list[tuple[str, Said, date | None]] = field(default_factory=list)  # kind, what, until
    new_status: tuple[str, date, str] | None = None  # status, day, order
    new_limit: int | None = None
    added: dict[str, set[Any]] = field(default_factory=dict)
    removed: dict[str, set[Any]] = field(default_factory=dict)
    gets_role: bool = False
    loses_role_on: date | None = None

    @property
    def is_changed(self) -> bool:
        sets = any(self.added.values()) or any(self.removed.values())
        return bool(self.indicators or self.new_status or self.new_limit or sets or self.gets_role)

    def news(self, name: str, value: Any) -> bool:
        """Whether the list says something, and not what it said the last time."""
        if value in (None, "", [], ()):
            return False
        self.says[name] = value
        return bool(self.listed.get(name) != value)


class MemberPlan(ListPlan):
    """Queries: a constant number for every thousand rows."""

    def __init__(self, choices: Choices | None = None) -> None:
        super().__init__(choices)
        self.today = today()
        self.vocabularies = {
            Column.ROLES: Vocabulary(MemberRole),
            Column.FUNCTIONS: Vocabulary(Function),
            Column.DIRECTIONS: Vocabulary(Direction),
        }
        self.subject_names = {one.pk: fold(name) for name, one in self.subjects.by_name.items()}
        self.listed = listed_before()
        self.members: dict[int, MemberRef] = {}  # by the token of the person
        self.created: list[MemberRef] = []
        self.updated: list[MemberRef] = []
        self.unchanged = 0
        self.with_role: set[int] = set()

    def counts(self) -> tuple[int, int, int]:
        return len(self.created), self.unchanged, len(self.updated)

    # --- A row by itself --------------------------------------------------------------------------------------

    def check(self, row: ParsedRow) -> None:
        assert isinstance(row, MemberRow)  # noqa: S101 - for the type alone
        row.found = {}
        words = {
            Column.ROLES: row.role_words,
            Column.FUNCTIONS: row.function_words,
            Column.DIRECTIONS: row.direction_words,
        }
        for column, said in words.items():
            row.found[column], unknown = self.vocabularies[column].find(said)
            for word in unknown:
                row.fail(column, NOT_FOUND[column].format(word[:80]))

    # --- What the database knows ------------------------------------------------------------------------------

    def load(self, rows: list[ParsedRow], people: set[int]) -> None:
        by_pk = {}
        for pk, user, status, limit, shown in Member.objects.filter(user__in=people).values_list(
            "pk", "user", "status", "case_limit", "shown_at"
        ):
            person = self.people.by_pk[user]
            if person.token not in self.members:
                ref = MemberRef(pk, person, status, limit, shown is not None, listed=self.listed.get(str(pk), {}))
                self.members[person.token] = by_pk[pk] = ref
        if by_pk:
            self.load_rows(by_pk)
        roles = Membership.objects.active().filter(user__in=people, role=Role.REGIONAL)
        self.with_role |= set(roles.values_list("user", flat=True))

    def load_rows(self, members: dict[int, MemberRef]) -> None:
        rows = Indicator.objects.filter(member__in=members)
        for one in rows.only("member", "kind", "grade", "since", "until").order_by("pk"):
            members[one.member_id].held.append(one)
        for member, on in StatusChange.objects.filter(member__in=members).values_list("member", "on"):
            ref = members[member]
            ref.status_on = max(on, ref.status_on or on)
        for name in LINKS:
            through, column = link(name)
            for member, pk in through._default_manager.filter(member__in=members).values_list("member", column):
                members[member].sets[name].add(self.subject_names.get(pk, pk) if name == "subjects" else pk)

    # --- A row and a card -------------------------------------------------------------------------------------

    def decide(self, row: ParsedRow, place: Municipality) -> None:
        assert isinstance(row, MemberRow)  # noqa: S101 - for the type alone
        organization, _is_new = self.organization_of(row, place)
        person = self.people.find(row, organization)
        changes = len(person.changes)
        ref = self.members.get(person.token)
        if ref is not None and ref.row:
            self.unchanged += 1
            row.warn(Field.FULL_NAME, f"повтор строки {ref.row}: взята она")
            return
        is_new = ref is None
        if ref is None:
            ref = self.members[person.token] = MemberRef(None, person)
            self.created.append(ref)
        ref.row = row.number
        subjects = self.subjects_of(row)
        person.fill_post(self.positions.find(row.position), subjects[0] if len(subjects) == 1 else None)
        self.take_sets(ref, row, subjects)
        if ref.news("limit", row.case_limit) and row.case_limit != ref.case_limit:
            ref.new_limit = row.case_limit
        for kind, said in (row.said or {}).items():
            self.take_indicator(ref, kind, said, row)
        self.take_status(ref, row)
        self.take_consent(ref, row)
        self.let_in(ref, row)
        if is_new:
            return
        if ref.is_changed or len(person.changes) > changes:
            self.updated.append(ref)
        else:
            self.unchanged += 1

    def subjects_of(self, row: MemberRow) -> list[Subject]:
        """A comma parts subjects, unless it belongs to the name of one the cabinet knows."""
        names: list[str] = []
        for piece in row.subjects:
            known = fold(piece) in self.subjects.by_name
            names += [piece] if known else [part.strip() for part in piece.split(",") if part.strip()]
        return [one for name in names if (one := self.subjects.find(name))]

    def take_sets(self, ref: MemberRef, row: MemberRow, subjects: Iterable[Subject]) -> None:
        said: dict[str, set[Any]] = {"subjects": {fold(one.name) for one in subjects}}
        said |= {str(column): set(found) for column, found in (row.found or {}).items()}
        for name, now in said.items():
            before = set(ref.listed.get(name, ()))
            if not ref.news(name, sorted(now)):
                continue
            # What an earlier list said and this one does not is gone; what people added in the cabinet stays.
            ref.added[name] = now - before - ref.sets[name]
            ref.removed[name] = (before - now) & ref.sets[name]

    def take_indicator(self, ref: MemberRef, kind: str, said: Said, row: MemberRow) -> None:
        since = said.since.isoformat() if said.since else None
        if kind == Kind.EXPERIENCE and said.since and not row.experience_is_exact:
            since = str(full_years(said.since, self.today))
        if not ref.news(kind, [said.grade, since, said.result or said.proof]) or self.is_known(ref, kind, said, row):
            return
        until = category_end(said.grade, said.since) if kind == Kind.CATEGORY else None
        ref.indicators.append((kind, said, until))
        better = next((one for one in ref.held if one.kind == kind and self.is_better(one, said)), None)
        if better:
            what = f"«{better.get_grade_display()}»"
            if better.since and kind == Kind.EXPERIENCE:
                what = f"стаж с {better.since:%d.%m.%Y}"
            row.warn(kind, f"в карточке {what}: запись из списка встала рядом; какая лишняя, решите в карточке")

    def is_better(self, held: Indicator, said: Said) -> bool:
        """The card holds more than the list says, and goes on holding it: rows are added, not overwritten."""
        if held.kind == Kind.EXPERIENCE:
            return bool(held.since and said.since and held.since < said.since)
        meets = Indicator.MEETS[Kind(held.kind)]
        return held.grade in meets and said.grade not in meets and held.is_in_force(self.today)

    def is_known(self, ref: MemberRef, kind: str, said: Said, row: MemberRow) -> bool:
        """The card says so already. Without a date in the list any row of this grade that is in force will do."""
        for one in ref.held:
            if one.kind != kind or one.grade != said.grade:
                continue
            if one.since == said.since or (said.since is None and one.is_in_force(self.today)):
                return True
            counted = kind == Kind.EXPERIENCE and not row.experience_is_exact
            if counted and self.years(one.since) == self.years(said.since):
                return True
        return False

    def years(self, since: date | None) -> int | None:
        return full_years(since, self.today) if since else None

    def take_status(self, ref: MemberRef, row: MemberRow) -> None:
        if ref.pk is None:
            if row.lacks_status:
                row.warn(Column.STATUS, "состояние не указано: «действует»")
            ref.status = row.status or Status.ACTIVE
            ref.new_status = (ref.status, row.status_since or self.today, row.order)
            return
        if row.status is None or row.status == ref.status:
            return
        now = f"в карточке «{Status(ref.status).label}»"
        if row.status_since is None:
            row.warn(Column.STATUS, f"{now}: чтобы изменить, укажите приказ или дату")
        elif ref.status_on and row.status_since <= ref.status_on:
            row.warn(Column.STATUS, f"{now} с {ref.status_on:%d.%m.%Y}, и это позже: оставлено")
        else:
            ref.status = row.status
            ref.new_status = (row.status, row.status_since, row.order)
            if row.status in WITHOUT_ROLE and ref.person.token in self.with_role:
                ref.loses_role_on = row.status_since

    def take_consent(self, ref: MemberRef, row: MemberRow) -> None:
        """Once there is a card, its owner's word counts: a list neither gives nor takes back his consent."""
        if ref.pk is None:
            ref.is_shown = bool(row.consent)
        elif row.consent is not None and row.consent != ref.is_shown:
            word = "есть" if ref.is_shown else "нет"
            row.warn(Column.CONSENT, f"в карточке согласия {word}: его меняют только там")

    def let_in(self, ref: MemberRef, row: MemberRow) -> None:
        """Who begins to act in the group gets the role and a login."""
        if ref.status != Status.ACTIVE:
            return
        if ref.person.token not in self.with_role:
            self.with_role.add(ref.person.token)
            ref.gets_role = True
        if ref.pk is None or ref.gets_role:
            ref.person.give_login(row)


def link(name: str) -> tuple[Any, str]:
    """The table between cards and a dictionary, and its column that holds the dictionary's id."""
    field: Any = Member._meta.get_field(name)
    return field.remote_field.through, field.m2m_reverse_name()


def listed_before() -> dict[str, dict[str, Any]]:
    """What lists have said of cards until now, by the card's id; lists taken back are forgotten."""
    known: dict[str, dict[str, Any]] = {}
    done = ImportBatch.objects.filter(kind=ImportBatch.Kind.MEMBERS, state=ImportBatch.State.DONE).order_by(
        "done_at", "pk"
    )
    for listed in done.values_list("created_rows__listed", flat=True):
        for pk, says in (listed or {}).items():
            known.setdefault(pk, {}).update(says)
    return known
