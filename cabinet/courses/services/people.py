"""Who a row is about: the same person by e-mail and surname, else by name and organization, else a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from django.db.models import F, Q

from cabinet.core.search import fold
from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.rows import ParsedRow
from cabinet.courses.models import Completion
from cabinet.courses.services.organizations import OrganizationRef, saved
from cabinet.structure.models import Position, Subject
from cabinet.users.models import User

_tokens = count(-1, -1)
FIELDS = (
    "pk",
    "last_name",
    "first_name",
    "patronymic",
    "name_key",
    "organization_id",
    "email",
    "contact_email",
    "contact_note",
    "phone",
    "position_id",
    "subject_id",
    "merged_into_id",
    "former_names",
)


@dataclass(slots=True, eq=False)
class Person:
    """Somebody of the database (`pk`) or to be created; `changes` are the fields an import fills in."""

    pk: int | None
    last_name: str
    first_name: str
    patronymic: str
    name_key: str
    organization: int | None = None  # token: the id, or a negative number for one to be created
    email: str | None = None
    contact_email: str | None = None
    contact_note: str = ""
    phone: str = ""
    position_id: int | None = None
    subject_id: int | None = None
    merged_into_id: int | None = None
    former_names: str = ""
    organization_ref: OrganizationRef | None = None
    position: Position | None = None
    subject: Subject | None = None
    changes: dict[str, object] = field(default_factory=dict)
    token: int = 0

    def __post_init__(self) -> None:
        self.token = self.pk or next(_tokens)

    @property
    def saved(self) -> int:
        return saved(self.pk)

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def former(self) -> dict[str, str]:
        """Surnames he had before, as they are compared → as they are written."""
        return {fold(name): name.strip() for name in self.former_names.split(",") if name.strip()}

    @property
    def former_keys(self) -> set[str]:
        """His whole names with each of them."""
        return {fold(f"{name} {self.first_name} {self.patronymic}")[:250] for name in self.former}

    def fill_post(self, position: Position | None, subject: Subject | None) -> None:
        """Position and subject of the person himself, where nobody has set them yet."""
        if position is not None and self.position_id is None and self.position is None:
            self.position = position
            if self.pk:
                self.changes["position"] = position
        if subject is not None and self.subject_id is None and self.subject is None:
            self.subject = subject
            if self.pk:
                self.changes["subject"] = subject

    def fill(self, name: str, value: object) -> None:
        """Write down a value for a field that stands empty."""
        if value and not getattr(self, name):
            setattr(self, name, value)
            if self.pk:
                self.changes[name] = value

    def give_login(self, row: ParsedRow) -> None:
        """Whoever has work here enters with the address of the list, unless there is a login already."""
        if row.email and self.contact_email == row.email and self.email is None:
            self.fill("email", row.email)


def row_key(row: ParsedRow) -> str:
    return fold(row.full_name)[:250]


class People:
    """People met in one list. `load` takes three queries for a chunk of rows, two more where it names somebody not
    known by this name, one more where cards were merged."""

    def __init__(self) -> None:
        self.by_pk: dict[int, Person] = {}
        self.by_email: dict[str, Person] = {}
        self.by_name: dict[tuple[str, int | None], Person] = {}
        self.by_former_name: dict[tuple[str, int | None], Person] = {}
        self.created: list[Person] = []

    def load(self, rows: Iterable[tuple[ParsedRow, int | None]]) -> set[int]:
        """Ids of those whom these rows, each with the id of its organization if known, may be about.

        Three queries: by address; by name and organization for rows that the address has not settled; by the
        organization of then for people who have moved since. Two more for rows that none of these has settled: by a
        surname of before, now or then at that organization.
        """
        rows = list(rows)
        met = self.load_by_email({row.email for row, _organization in rows if row.email})
        open_rows = [(row, place) for row, place in rows if place and row.surname and self.by_address(row) is None]
        places = {(row_key(row), place) for row, place in open_rows if place}
        if places:
            self.load_by_place(places, met)
            self.load_moved(places, met)
        if unknown := places - self.by_name.keys():
            self.load_renamed(unknown, met)
        self.follow_merged(met)
        return met

    def load_by_email(self, emails: set[str]) -> set[int]:
        found = User.objects.filter(Q(contact_email__in=emails) | Q(email__in=emails)).order_by("pk")
        met = set()
        for values in found.values_list(*FIELDS) if emails else ():
            met.add(values[0])
            if values[0] not in self.by_pk:
                self.index(Person(*values))
        return met

    def load_by_place(self, places: set[tuple[str, int]], met: set[int]) -> None:
        names, organizations = {name for name, _place in places}, {place for _name, place in places}
        found = User.objects.filter(name_key__in=names, organization__in=organizations)
        # The eldest first: of namesakes in one organization, the one who was there before is meant.
        for values in found.order_by("pk").values_list(*FIELDS):
            if (values[4], values[5]) in places:
                met.add(values[0])
                if values[0] not in self.by_pk:
                    self.index(Person(*values))

    def load_moved(self, places: set[tuple[str, int]], met: set[int]) -> None:
        """Those who worked there when they studied: a person who moved since is still the same person."""
        names, organizations = {name for name, _place in places}, {place for _name, place in places}
        former = Completion.objects.filter(person__name_key__in=names, organization__in=organizations).exclude(
            person__organization=F("organization")
        )
        fields = [f"person__{name}" for name in FIELDS]
        for place, *values in former.order_by("person").values_list("organization", *fields).distinct():
            if (values[4], place) in places:
                met.add(values[0])
                if values[0] not in self.by_pk:
                    self.index(Person(*values))
                self.by_name.setdefault((values[4], place), self.by_pk[values[0]])

    def load_renamed(self, places: set[tuple[str, int]], met: set[int]) -> None:
        """Those who are there now, or were when they studied, and had this surname once: few have a former one."""
        organizations = {place for _name, place in places}
        here = User.objects.exclude(former_key="").filter(organization__in=organizations)
        then = Completion.objects.exclude(person__former_key="").filter(organization__in=organizations)
        then = then.exclude(person__organization=F("organization"))
        fields = [f"person__{name}" for name in FIELDS]
        for place, *values in chain(
            here.order_by("pk").values_list("organization", *FIELDS),
            then.order_by("person").values_list("organization", *fields).distinct(),
        ):
            person = self.by_pk.get(values[0]) or Person(*values)
            names = {name for name in person.former_keys if (name, place) in places}
            if names:
                met.add(values[0])
                if values[0] not in self.by_pk:
                    self.index(person)
            for name in names:
                self.by_former_name.setdefault((name, place), person)

    def follow_merged(self, met: set[int]) -> None:
        """A closed card stands for the one it was merged into: lists go on using the former name and address."""
        closed = {pk: one.merged_into_id for pk in met if (one := self.by_pk[pk]).merged_into_id}
        if not closed:
            return
        for values in User.objects.filter(pk__in=closed.values()).values_list(*FIELDS):
            met.add(values[0])
            if values[0] not in self.by_pk:
                self.index(Person(*values))
        found: tuple[dict[Any, Person], ...] = (self.by_email, self.by_name, self.by_former_name)
        for people in found:
            for key, person in people.items():
                if person.merged_into_id:
                    people[key] = self.by_pk[person.merged_into_id]

    def by_address(self, row: ParsedRow) -> Person | None:
        """Rule one: the address matches and so does the surname, today's or a former one."""
        owner = self.by_email.get(row.email) if row.email else None
        return owner if owner is not None and fold(row.surname) in {fold(owner.last_name), *owner.former} else None

    def index(self, person: Person) -> None:
        if person.pk:
            self.by_pk[person.pk] = person
        self.by_name.setdefault((person.name_key, person.organization), person)
        for address in (person.contact_email, person.email):
            if address:
                self.by_email.setdefault(address, person)

    def find(self, row: ParsedRow, organization: OrganizationRef | None) -> Person:
        """The row's person, known or new; what the row adds is written down, doubts go to its warnings."""
        person = self.by_address(row)
        if person is not None:
            self.note_differences(person, row, organization)
        else:
            owner = self.by_email.get(row.email) if row.email else None
            token = organization.token if organization else None
            place = (row_key(row), token)
            person = self.by_name.get(place) or self.by_former_name.get(place) or self.create(row, organization)
            self.take_address(person, row, owner)
        self.note_former(person, row)
        person.fill("phone", row.phone)
        return person

    def note_former(self, person: Person, row: ParsedRow) -> None:
        former = person.former.get(fold(row.surname))
        if former:
            row.warn(Field.FULL_NAME, f"в кабинете это {person.full_name}, раньше — {former}: карточка останется одна")

    def note_differences(self, person: Person, row: ParsedRow, organization: OrganizationRef | None) -> None:
        if fold(person.first_name) != fold(row.first_name) or fold(person.patronymic) != fold(row.patronymic):
            row.warn(Field.FULL_NAME, f"в кабинете это {person.full_name}: имя оставлено прежним")
        if person.organization is None and organization is not None:
            if person.pk:
                person.changes["organization"] = organization
            person.organization, person.organization_ref = organization.token, organization
            self.by_name.setdefault((person.name_key, person.organization), person)
        elif organization is not None and person.organization != organization.token:
            row.warn(Field.ORGANIZATION, "в кабинете у этого человека другая организация: она оставлена прежней")

    def take_address(self, person: Person, row: ParsedRow, owner: Person | None) -> None:
        if row.email_note and not person.contact_email:
            person.fill("contact_note", row.email_note[:300])
        if not row.email or owner is person:
            return
        if owner is not None:
            row.warn(Field.EMAIL, f"адрес {row.email} уже у другого человека ({owner.full_name}): записан в заметку")
            person.fill("contact_note", f"В списке указан адрес {row.email}, он принадлежит другому человеку.")
        elif person.contact_email or person.email:
            row.warn(Field.EMAIL, f"в кабинете у этого человека другой адрес: {person.contact_email or person.email}")
        else:
            person.fill("contact_email", row.email)
            self.by_email[row.email] = person

    def create(self, row: ParsedRow, organization: OrganizationRef | None) -> Person:
        person = Person(
            pk=None,
            last_name=row.surname[:80],
            first_name=row.first_name[:80],
            patronymic=row.patronymic[:80],
            name_key=row_key(row),
            organization=organization.token if organization else None,
            organization_ref=organization,
        )
        self.created.append(person)
        self.index(person)
        return person
