"""Direct requests and what they need, for the tests of requests."""

from typing import Any

from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from rma.models import Member, Request
from rma.origins import Need
from rma.services.asking import answer_limit
from tests.factories import MemberFactory, OrganizationFactory, UserFactory, person_with


def member_at(organization: Organization | None = None, **fields: Any) -> Member:
    """A member who works there; `user_…` are the person's."""
    person = {name.removeprefix("user_"): fields.pop(name) for name in list(fields) if name.startswith("user_")}
    return MemberFactory(
        user=person_with(Role.REGIONAL, organization=organization or OrganizationFactory(), **person), **fields
    )


def direct(**fields: Any) -> Request:
    """A consultation nothing else gave birth to, about a teacher of the author's school."""
    if "author" not in fields:
        fields["author"] = person_with(Role.METHODIST, fields.pop("organization", None) or OrganizationFactory())
    author: User = fields["author"]
    fields.setdefault("organization", author.organization)
    if "person" not in fields:
        fields["person"] = UserFactory(organization=fields["organization"])
    if "member" not in fields and fields.get("status") != "wanted":
        fields["member"] = MemberFactory()
    people = fields.pop("people", ())
    values = {"kind": Request.Kind.CONSULTATION, "reason": "Посмотреть критерии", "due_on": answer_limit()} | fields
    made = Request.objects.create(**values)
    made.people.set(people)
    return made


def need(organization: Organization, **fields: Any) -> Need:
    return Need(**({"kind": Request.Kind.CONSULTATION, "organization": organization} | fields))


def around(request: Request) -> dict[str, User]:
    """Everybody with something to do with the request, and those without."""
    school = request.organization
    found = {
        "author": request.author,
        "colleague": person_with(Role.METHODIST, school),
        "head": person_with(Role.HEAD, school),
        "municipal": person_with(Role.MUNICIPAL, school.municipality),
        "admin": person_with(Role.ADMIN),
        "stranger": person_with(Role.METHODIST, OrganizationFactory()),
        "teacher": person_with("teacher", organization=school),
        "other_member": MemberFactory().user,
        "other_municipal": person_with(Role.MUNICIPAL, OrganizationFactory().municipality),
    }
    if request.member:
        found["member"] = request.member.user
    if request.person:
        found["person"] = request.person
    return found
