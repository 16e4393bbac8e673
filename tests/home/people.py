"""A small municipality of people around one school, for the tests of the directory and the card."""

from dataclasses import dataclass
from typing import Any

from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with


@dataclass
class Town:
    school: Organization
    other_school: Organization  # of the same municipality
    far_school: Organization  # of another one
    teacher: User
    head: User
    methodist: User
    municipal: User
    admin: User


def make_town() -> Town:
    school = OrganizationFactory(name="МБОУ «Рябиновская СОШ»")
    teacher = UserFactory(last_name="Ёлкина", first_name="Анна", organization=school)
    return Town(
        school=school,
        other_school=OrganizationFactory(name="МБОУ «Липовская СОШ»", municipality=school.municipality),
        far_school=OrganizationFactory(name="МБОУ «Дальняя СОШ»"),
        teacher=teacher,
        head=person_with(Role.HEAD, school, last_name="Директорова"),
        methodist=person_with(Role.METHODIST, school, last_name="Методистова"),
        municipal=person_with(Role.MUNICIPAL, school.municipality, last_name="Районная"),
        admin=person_with(Role.ADMIN, last_name="Админова"),
    )


def confirmed(client: Any, address: str, data: dict[str, Any]) -> Any:
    """Both steps of an act: the look, then the deed with the fingerprint the look has shown. The last answer."""
    look = client.post(address, data | {"do": "check"})
    assert look.status_code == 200, look.context["form"].errors if look.context else look.content.decode()
    return client.post(address, data | {"do": "write", "seen": look.context.get("seen", "")})
