"""Who sees whom: exact lists, with rows that could leak."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.utils import DatabaseError

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.scope import scope_q
from cabinet.users.services import open_login, record
from tests.factories import (
    MembershipFactory,
    MunicipalityFactory,
    OrganizationFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    """Two schools of one municipality and one of another, a teacher in each; one of them without a school."""
    here, there = MunicipalityFactory(), MunicipalityFactory()
    first, second = OrganizationFactory(municipality=here), OrganizationFactory(municipality=here)
    far = OrganizationFactory(municipality=there)
    return {
        "first": UserFactory(organization=first, subject=SubjectFactory()),
        "first_too": UserFactory(organization=first, subject=SubjectFactory()),
        "second": UserFactory(organization=second),
        "far": UserFactory(organization=far),
        "nowhere": UserFactory(organization=None),
    }


def seen_by(user: Any, people: dict[str, User]) -> list[str]:
    visible = set(User.objects.visible_to(user))
    return [name for name, one in people.items() if one in visible]


def visitor(role: str, scope: Any = None, **fields: Any) -> User:
    """Somebody whose own school is none of those."""
    return person_with(role, scope, organization=OrganizationFactory(), **fields)


def test_each_role_sees_its_own_people(people: dict[str, User]) -> None:
    school = people["first"].organization
    assert school

    assert seen_by(AnonymousUser(), people) == []
    assert seen_by(people["first"], people) == ["first"]
    assert seen_by(visitor(Role.HEAD, school), people) == ["first", "first_too"]
    assert seen_by(visitor(Role.METHODIST, school), people) == ["first", "first_too"]
    assert seen_by(visitor(Role.METHODIST, school, subjects=[people["first"].subject]), people) == ["first"]
    assert seen_by(visitor(Role.MENTOR, people["far"]), people) == ["far"]
    assert seen_by(visitor(Role.MUNICIPAL, school.municipality), people) == ["first", "first_too", "second"]
    assert seen_by(visitor(Role.REGIONAL), people) == []
    assert seen_by(visitor(Role.CURATOR), people) == []
    assert seen_by(visitor(Role.OBSERVER), people) == []
    assert seen_by(visitor(Role.ADMIN), people) == list(people)


def test_rights_are_the_union_of_roles(people: dict[str, User]) -> None:
    user = visitor(Role.HEAD, people["second"].organization)
    MembershipFactory(user=user, role=Role.MENTOR, organization=None, person=people["nowhere"])

    assert seen_by(user, people) == ["second", "nowhere"]


def test_scope_of_the_admin_survives_or(people: dict[str, User]) -> None:
    admin = visitor(Role.ADMIN)
    scope = scope_q(admin, person="pk") | Q(pk=admin.pk)

    assert User.objects.filter(scope).count() == User.objects.count()
    assert "WHERE" not in str(User.objects.filter(scope).query)


def test_role_counts_within_its_term_only(people: dict[str, User]) -> None:
    yesterday, tomorrow = today() - timedelta(days=1), today() + timedelta(days=1)
    school = people["first"].organization

    for term, names in (
        ({"ends_on": yesterday}, []),
        ({"starts_on": tomorrow}, []),
        ({"starts_on": yesterday, "ends_on": today()}, ["first", "first_too"]),
    ):
        user = visitor("teacher")
        MembershipFactory(user=user, role=Role.HEAD, organization=school, **term)
        assert seen_by(user, people) == names
        assert ("head" in user.roles) == bool(names)


def test_scope_takes_a_constant_number_of_queries(people: dict[str, User], django_assert_num_queries: Any) -> None:
    user = visitor(Role.HEAD, people["first"].organization)
    for one in list(people.values())[1:]:
        MembershipFactory(user=user, role=Role.MENTOR, organization=None, person=one)

    with django_assert_num_queries(2):  # memberships with their subjects, the people
        list(User.objects.visible_to(user))


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.HEAD, {}),
        (Role.METHODIST, {"municipality": MunicipalityFactory}),
        (Role.MUNICIPAL, {"organization": OrganizationFactory}),
        (Role.MENTOR, {}),
        (Role.ADMIN, {"organization": OrganizationFactory}),
    ],
)
def test_role_with_a_foreign_scope_is_refused_by_the_database(role: str, place: dict[str, Any]) -> None:
    scope = {"organization": None} | {name: factory() for name, factory in place.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(role=role, **scope)


def test_same_role_twice_is_refused_by_the_database() -> None:
    membership = MembershipFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(user=membership.user, organization=membership.organization)

    Membership.objects.update(ends_on=today())
    MembershipFactory(user=membership.user, organization=membership.organization)


def test_addresses_are_kept_in_small_letters_and_once() -> None:
    person = UserFactory(email="Anna@Example.org", contact_email="")
    assert (person.email, person.contact_email) == ("anna@example.org", None)

    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="ANNA@example.org")


def test_search_finds_by_the_beginnings_of_names() -> None:
    wanted = UserFactory(last_name="Ёлкина", first_name="Анна")
    UserFactory(last_name="Никанорова", first_name="Ёлена")

    assert list(User.objects.search("елк АН")) == [wanted]
    assert list(User.objects.search("анор")) == []


def test_login_opens_once_and_never_on_somebody_elses_address() -> None:
    person, nobody = UserFactory(), UserFactory(contact_email=None)

    assert open_login(person)
    assert not open_login(person)
    assert not open_login(nobody)


# --- The log -------------------------------------------------------------------------------------------------


def test_log_takes_actor_and_address_from_the_request(rf: Any) -> None:
    request = rf.get("/", REMOTE_ADDR="127.0.0.9")
    request.user = UserFactory()
    person = UserFactory()

    record(LogEntry.Action.VIEWED, person=person, about=person, note="я" * 600, request=request)

    entry = LogEntry.objects.get()
    assert (entry.actor, entry.person, entry.about, entry.ip_address) == (request.user, person, person, "127.0.0.9")
    assert len(entry.note) == 500


def test_log_line_is_neither_changed_nor_deleted() -> None:
    record(LogEntry.Action.VIEWED)
    entry = LogEntry.objects.get()

    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_postgresql_itself_refuses(act: str) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite, the embedded default, has the model's refusal only
    record(LogEntry.Action.VIEWED)
    lines = LogEntry.objects.all()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        lines.update(note="x") if act == "update" else lines.delete()
