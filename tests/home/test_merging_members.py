"""Two cards of one person made one, where a roster card of РМА stands on either or on both."""

from datetime import date

import pytest
from django.core.management import call_command

from cabinet.files.services import store_bytes
from cabinet.home.services.merging_people import plan_people
from cabinet.users.models import Role, Substitution, User
from motor.models import Status
from registry.services import sweep
from rma.models import Activity, AgreedMonth, Direction, Function, Indicator, Loan, Member, Request
from rma.services import roster
from tests import factories
from tests.factories import CaseFactory, MemberFactory, UserFactory, person_with
from tests.home.merging import merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


@pytest.fixture
def keep() -> User:
    return UserFactory()


@pytest.fixture
def drop() -> User:
    return UserFactory()


def test_two_cards_of_a_regional_methodist_become_one(admin: User) -> None:
    own, other = MemberFactory(case_limit=3), MemberFactory(case_limit=8, note="математика")
    shared, further = factories.SubjectFactory(), factories.SubjectFactory()
    own.subjects.set([shared])
    other.subjects.set([shared, further])
    case = CaseFactory(status=Status.RMA_REVIEW, rma_member=other)
    sweep()

    merge(own.user, other.user, admin)

    own.refresh_from_db()
    case.refresh_from_db()
    assert list(Member.objects.all()) == [own]
    assert (own.case_limit, own.note, set(own.subjects.all())) == (8, "математика", {shared, further})
    assert (case.rma_member, Request.objects.get().member) == (own, own)
    sweep()
    call_command("check_registry")


def test_work_of_two_member_cards_comes_together(admin: User) -> None:
    own, other = MemberFactory(), MemberFactory()
    day = date(2026, 3, 4)
    for member, key, state in (
        (own, "event.1", "offered"),
        (other, "event.1", "agreed"),
        (own, "event.2", "agreed"),
        (other, "event.2", "offered"),
        (other, "event.3", "offered"),
        (own, "", "agreed"),
        (other, "", "agreed"),
    ):
        line_of(member, key, state, day)
    for member in (own, other):
        AgreedMonth.objects.create(member=member, month=date(2026, 3, 1))
        AgreedMonth.objects.create(member=member, month=date(2026, 2, 1))
        row = Indicator.objects.create(member=member, kind="education", grade="higher", proof="Диплом № 1")
        store_bytes("диплом.pdf", b"%PDF-1.7", owner=row, content_type="application/pdf")
    Indicator.objects.create(member=other, kind="category", grade="first", since=date(2024, 1, 1))

    merge(own.user, other.user, admin)

    assert list(Member.objects.all()) == [own]
    lines = own.activities.order_by("key", "pk").values_list("key", "state")
    assert list(lines) == [
        ("", "agreed"),
        ("", "agreed"),
        ("event.1", "agreed"),
        ("event.2", "agreed"),
        ("event.3", "offered"),
    ]
    # March has something offered left in it and is to be looked through once more.
    assert list(own.agreed_months.values_list("month", flat=True)) == [date(2026, 2, 1)]
    assert list(own.indicators.values_list("kind", "grade")) == [("category", "first"), ("education", "higher")]
    assert own.indicators.get(kind="education").files.count() == 2


def test_orders_of_two_member_cards_say_what_the_card_says(admin: User) -> None:
    own, other = MemberFactory(), MemberFactory()
    roster.change_status(other, "excluded", on=date(2026, 5, 1), order="№ 7", actor=admin)

    merge(own.user, other.user, admin)

    own.refresh_from_db()
    changes = own.status_changes.order_by("on", "pk").values_list("status", flat=True)
    assert (own.status, list(changes)) == ("active", ["active", "active", "excluded", "active"])


def test_requests_and_loans_of_the_closed_card_come_over(keep: User, drop: User, admin: User) -> None:
    member = MemberFactory(user=drop)
    request = factories.RequestFactory(member=member)
    leave = Substitution.objects.create(
        person=drop, deputy=MemberFactory().user, starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 14)
    )
    loan = Loan.objects.create(substitution=leave, thing=request)

    merge(keep, drop, admin)

    member.refresh_from_db()
    loan.refresh_from_db()
    assert (member.user, Request.objects.get(pk=request.pk).member) == (keep, member)
    assert (loan.substitution.person, loan.thing) == (keep, request)


def test_named_twice_in_one_group_is_named_once(keep: User, drop: User, admin: User) -> None:
    request, line = factories.RequestFactory(), line_of(MemberFactory(), "event.1", "offered", date(2026, 3, 4))
    alone = factories.RequestFactory()
    for people in (request.people, line.people):
        people.set([keep, drop])
    alone.people.set([drop])

    plan = plan_people(keep, drop, actor=admin)
    merge(keep, drop, admin)

    assert plan.clashes == []
    assert [list(one.people.all()) for one in (request, line, alone)] == [[keep], [keep], [keep]]


def line_of(member: Member, key: str, state: str, on: date) -> Activity:
    line: Activity = Activity.objects.create(
        member=member,
        key=key,
        state=state,
        on=on,
        kind="event",
        title="Семинар",
        hours=2,
        direction=Direction.objects.get_or_create(code="teachers", defaults={"name": "…", "short": "…"})[0],
        function=Function.objects.get_or_create(code="cascade", defaults={"name": "…", "short": "…"})[0],
    )
    return line
