"""Organizations, people and roles of the demo: a staff list through the import, the rest as the admin would."""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from cabinet.core.search import key
from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.courses.models import ImportBatch
from cabinet.courses.services import plan_list, recognise
from cabinet.courses.services.batches import write_plan
from cabinet.files.services import store_path
from cabinet.home.demo.cast import (
    ADMIN,
    CURATOR,
    CURATOR_2,
    MENTOR,
    NOVICE,
    OBSERVER,
    TEACHER,
    Cast,
    Person,
)
from cabinet.home.demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from cabinet.home.demo.moment import at
from cabinet.home.demo.places import PERM, PLACES
from cabinet.structure.models import Municipality, Organization, Position, Subject
from cabinet.users.models import Membership, Role, User
from rma.services.roster import create_member

STAFF_HEADERS = ("Муниципалитет", "Организация", "ФИО", "Должность", "Предмет", "Почта", "Роль")


class Region:
    """Rows of the database by what the script calls them."""

    def __init__(self) -> None:
        self.municipalities = {(one.name, str(one.kind)): one for one in Municipality.objects.all()}
        self.users: dict[str, User] = {}

    def user(self, person: Person) -> User:
        """By name and organization: that is how the import knows people too."""
        if person.full_name not in self.users:
            place = person.place.name if person.place else None
            names = {"last_name": person.name.last_name, "first_name": person.name.first_name}
            self.users[person.full_name] = User.objects.get(
                **names, patronymic=person.name.patronymic, organization__name=place
            )
        return self.users[person.full_name]

    def municipality_of(self, person: Person) -> Municipality:
        return self.municipalities[person.municipality or (person.place.municipality if person.place else PERM)]


def settle(cast: Cast, moment: datetime) -> Region:
    """Everybody who has a role, with the demo's logins open."""
    region = Region()
    _make_organizations(region)
    with at(moment):
        admin = _make_officials(region, cast)
        rows = [_staff_row(region, one, Role.HEAD) for one in cast.heads]
        rows += [_staff_row(region, one, Role.METHODIST) for one in cast.methodists]
        rows += [_staff_row(region, one, Role.REGIONAL) for one in cast.members]
        bring_list(ImportBatch.Kind.STAFF, "Ответственные за МОТОР.xlsx", STAFF_HEADERS, rows, admin)
        for person in (TEACHER, MENTOR, NOVICE):
            _make_person(region, person)
        Membership.objects.create(user=region.user(MENTOR), role=Role.MENTOR, person=region.user(NOVICE))
        _make_members(region, cast)
    _open_logins()
    return region


def _make_organizations(region: Region) -> None:
    for place in PLACES:
        Organization.objects.get_or_create(
            municipality=region.municipalities[place.municipality],
            name_key=key(place.name),
            defaults={"name": place.name, "kind": place.kind, "low_results": place.low_results},
        )


def _make_officials(region: Region, cast: Cast) -> User:
    """Those who work in no educational organization: a list of organizations does not bring them."""
    roles = {ADMIN: Role.ADMIN, OBSERVER: Role.OBSERVER, CURATOR: Role.CURATOR, CURATOR_2: Role.CURATOR}
    roles |= dict.fromkeys(cast.specialists, Role.MUNICIPAL)
    for person, role in roles.items():
        _make_person(region, person)
        municipality = region.municipality_of(person) if role == Role.MUNICIPAL else None
        Membership.objects.create(user=region.user(person), role=role, municipality=municipality)
    admin = region.user(ADMIN)
    User.objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
    return admin


def _make_person(region: Region, person: Person) -> None:
    organization = Organization.objects.get(name=person.place.name) if person.place else None
    User.objects.create(
        **person.name._asdict(),
        organization=organization,
        position=Position.objects.filter(name=person.position).first(),
        subject=Subject.objects.filter(name=person.subject).first(),
        contact_email=person.email or None,
        email=person.email or None,
    )


def _make_members(region: Region, cast: Cast) -> None:
    for person in cast.members:
        member = create_member(region.user(person))
        member.subjects.set(Subject.objects.filter(name=person.subject))


def _open_logins() -> None:
    """One hash for all: making it is slow on purpose."""
    emails = [one.email for one in DEMO_LOGINS]
    User.objects.filter(email__in=emails).update(password=make_password(DEMO_PASSWORD))


def _staff_row(region: Region, person: Person, role: Role) -> tuple[Any, ...]:
    place = person.place.name if person.place else ""
    where = str(region.municipality_of(person))
    # A subject beside a methodist would make him answer for that subject alone.
    subject = "" if role == Role.METHODIST else person.subject
    return (where, place, person.full_name, person.position, subject, person.email, role.label)


def bring_list(kind: str, name: str, headers: Sequence[str], rows: Sequence[tuple[Any, ...]], admin: User) -> None:
    """A list as a file, taken in by the import's own services."""
    with tempfile.TemporaryDirectory(prefix="cabinet-demo-") as folder:
        path = Path(folder) / "list.xlsx"
        with path.open("wb") as target:
            write_workbook(target, [SheetSpec("Список", headers, rows)])
        mapping = recognise(path, kind)
        plan = plan_list(path, mapping, kind)
        if plan.failed:
            raise ValueError(f"{name}: {plan.errors[:3]}")
        batch = ImportBatch.objects.create(kind=kind, file_name=name, created_by=admin)
        batch.source = store_path(name, path, owner=batch, uploaded_by=admin)
        write_plan(batch, plan, mapping, admin)
