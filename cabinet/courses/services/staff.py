"""A list of organizations and responsible persons with roles: worked out first, then written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cabinet.core.search import fold
from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.rows import ParsedRow
from cabinet.courses.models import ImportBatch
from cabinet.courses.services.listing import CHUNK, Choices, ListPlan
from cabinet.courses.services.organizations import OrganizationRef
from cabinet.courses.services.people import Person
from cabinet.courses.services.writing import fill_people, write_dictionaries, write_organizations, write_people
from cabinet.structure.models import Municipality, Subject
from cabinet.users.models import Membership, Role

ROLE_WORDS: tuple[tuple[str, str], ...] = (
    (r"\bммс\b|муниципальн\w+ (?:специалист|методи|куратор|координатор)|специалист (?:муниципал|уо)", Role.MUNICIPAL),
    (r"\bрма\b|региональн\w+ методист", Role.REGIONAL),
    (r"администратор|наблюдатель", ""),
    (r"куратор (?:программ|курс|кпк)", Role.CURATOR),
    (r"наставник|тьютор", ""),
    (r"методист|ответственн|мотор|завуч|шмо|заместител|старший воспитатель", Role.METHODIST),
    (r"руководител|директор|заведующ|начальник", Role.HEAD),
)  # fmt: skip
ROLE_PATTERNS = tuple((re.compile(pattern), role) for pattern, role in ROLE_WORDS)
HEAD_POSTS = re.compile(r"^(?:и ?\.? ?о ?\.? )?(?:директор|заведующ|начальник|ректор)")
NOT_BY_LIST = "роль «{}» через список не назначается: её даёт администратор в карточке человека"


@dataclass(slots=True, eq=False)
class MembershipRef:
    person: Person
    role: str
    organization: OrganizationRef | None
    municipality_id: int | None
    subjects: list[Subject]

    @property
    def key(self) -> tuple[int, str, int | None, int | None]:
        return (
            self.person.token,
            self.role,
            self.organization.token if self.organization else None,
            self.municipality_id,
        )


class StaffPlan(ListPlan):
    """A row is `created` when it brings a role or an organization that was not there."""

    def __init__(self, choices: Choices | None = None) -> None:
        super().__init__(choices)
        self.existing: set[tuple[int, str, int | None, int | None]] = set()
        self.memberships: list[MembershipRef] = []
        self.created = self.unchanged = self.updated = 0

    def check(self, row: ParsedRow) -> None:
        row.roles = tuple(self.roles_of(row))

    def load(self, rows: list[ParsedRow], people: set[int]) -> None:
        self.load_memberships(people)

    def roles_of(self, row: ParsedRow) -> list[str]:
        """Roles in the words of the list; without any, by the post."""
        if not row.surname:
            return []
        if not row.role:
            role = Role.HEAD if HEAD_POSTS.match(fold(row.position)) else Role.METHODIST
            row.warn(Field.ROLE, f"роль не указана: «{role.label}»")
            return [role]
        roles: list[str] = []
        for word in re.split(r"[,;/+\n]|\sи\s", row.role):
            found = next((role for pattern, role in ROLE_PATTERNS if pattern.search(fold(word))), None)
            if found == "":
                row.fail(Field.ROLE, NOT_BY_LIST.format(word.strip()))
            elif found is None and word.strip():
                row.fail(Field.ROLE, f"роль «{word.strip()[:60]}» не распознана")
            elif found and found not in roles:
                roles.append(found)
        return roles

    def load_memberships(self, people: set[int]) -> None:
        if not people:
            return
        found = Membership.objects.active().filter(user__in=people)
        for user, *rest in found.values_list("user", "role", "organization", "municipality"):
            self.existing.add((user, *rest))  # type: ignore[arg-type]

    def decide(self, row: ParsedRow, place: Municipality) -> None:
        before = len(self.memberships)
        is_new = False
        organization = None
        if row.organization:
            organization, is_new = self.organization_of(row, place)
            self.note_low_results(row, organization)
        filled = False
        if row.surname:
            person = self.people.find(row, organization)
            changes = len(person.changes)
            person.give_login(row)
            person.fill_post(self.positions.find(row.position), None)
            for role in row.roles:
                self.give_role(person, role, organization, place, row)
            filled = len(person.changes) > changes
        if is_new or len(self.memberships) > before:
            self.created += 1
        elif filled:
            self.updated += 1
        else:
            self.unchanged += 1

    def note_low_results(self, row: ParsedRow, organization: OrganizationRef) -> None:
        if row.low_results is not None and organization.pk is None:
            organization.extra["low_results"] = row.low_results

    def give_role(
        self, person: Person, role: str, organization: OrganizationRef | None, place: Municipality, row: ParsedRow
    ) -> None:
        if role in (Role.HEAD, Role.METHODIST):
            scope: tuple[OrganizationRef | None, int | None] = (organization, None)
        elif role == Role.MUNICIPAL:
            scope = (None, place.pk)
        else:
            scope = (None, None)
        names = [part.strip() for part in re.split(r"[,;]", row.subject) if part.strip()]
        subjects = [one for name in names if (one := self.subjects.find(name))] if role == Role.METHODIST else []
        wanted = MembershipRef(person, role, *scope, subjects)
        if wanted.key not in self.existing:
            self.existing.add(wanted.key)
            self.memberships.append(wanted)

    def counts(self) -> tuple[int, int, int]:
        return self.created, self.unchanged, self.updated


def write_staff(plan: StaffPlan, batch: ImportBatch) -> None:
    """Call inside a transaction. The ids of what was made go to the batch, for an undo."""
    made: dict[str, Any] = {}
    batch.created_rows = made
    write_dictionaries(made, plan.positions, plan.subjects)
    write_organizations(made, plan.organizations)
    write_people(made, plan.people.created)
    fill_people(made, plan.people.by_pk.values())
    rows = Membership.objects.bulk_create(
        [
            Membership(
                user_id=ref.person.saved,
                role=ref.role,
                organization_id=ref.organization.pk if ref.organization else None,
                municipality_id=ref.municipality_id,
            )
            for ref in plan.memberships
        ],
        batch_size=CHUNK,
    )
    made["membership"] = [row.pk for row in rows]
    through = Membership.subjects.through
    through._default_manager.bulk_create(
        [
            through(membership_id=row.pk, subject_id=subject.pk)
            for ref, row in zip(plan.memberships, rows, strict=True)
            for subject in ref.subjects
        ],
        batch_size=CHUNK,
    )
