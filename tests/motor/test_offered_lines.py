"""Lines of a regional methodist's work that write themselves: a checklist, a consultation, an event."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.planner.models import Event
from cabinet.users.models import Role, User
from motor import services
from motor.models import Case, Status
from motor.services.consultations import Meeting, hold_consultation
from motor.services.objections import reopen_case
from rma.models import Activity, Member, Request
from rma.services.events import offer_for_events
from tests import factories
from tests.factories import CaseFactory, MemberFactory, person_with

pytestmark = pytest.mark.django_db
CHECKED = services.ChecklistAnswers(True, "full", False, studies=[services.StudyAnswer("talk")])


def fresh(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, factories.OrganizationFactory())


def with_result(methodist: User, **fields: Any) -> Case:
    case: Case = CaseFactory(
        completion__organization=methodist.organization, responsible=methodist, status=Status.FOLLOW_UP, **fields
    )
    services.follow_up.start_follow_up(fresh(case))
    return fresh(case)


# --- A checklist ----------------------------------------------------------------------------------------------------


def test_checklist_offers_a_line_with_the_case() -> None:
    case = CaseFactory(status=Status.RMA_REVIEW)
    checklist = services.save_rma_checklist(fresh(case), CHECKED, assessor=case.rma_member.user)

    line = Activity.objects.get()
    assert (line.member, line.kind, line.key) == (case.rma_member, "checklist", f"checklist.{checklist.pk}")
    assert (line.on, line.state, line.source, line.people_count) == (today(), "offered", case, 1)
    assert (list(line.people.all()), list(line.organizations.all())) == ([case.person], [case.organization])


def test_checklist_of_the_school_offers_nothing() -> None:
    case = CaseFactory(status=Status.SCHOOL_REVIEW)
    MemberFactory(user=case.responsible)
    services.save_school_checklist(fresh(case), CHECKED, assessor=case.responsible)
    assert not Activity.objects.exists()


@pytest.mark.parametrize(("state", "left"), [("offered", 0), ("dismissed", 1)])
def test_case_opened_anew_takes_an_offered_line_back(state: str, left: int) -> None:
    case = CaseFactory(status=Status.RMA_REVIEW)
    services.save_rma_checklist(fresh(case), CHECKED, assessor=case.rma_member.user)
    Activity.objects.update(state=state)
    reopen_case(fresh(case), actor=person_with(Role.ADMIN), reason="Ошибка")
    assert Activity.objects.count() == left


# --- A consultation -------------------------------------------------------------------------------------------------


def test_group_counts_once_with_its_people_and_organizations(methodist: User) -> None:
    member, cases = MemberFactory(), [with_result(methodist) for _ in range(3)]
    found, _ = hold_consultation(Meeting(today(), "Оценивание", member), cases, author=methodist)

    line = Activity.objects.get()
    assert (line.member, line.kind, line.key, line.people_count) == (member, "group", f"consultation.{found.pk}", 3)
    assert set(line.people.all()) == {case.person for case in cases}
    assert list(line.organizations.all()) == [methodist.organization]


def test_people_added_later_join_the_line_until_it_is_agreed(methodist: User) -> None:
    meeting = Meeting(today(), "Оценивание", MemberFactory())
    first, second, third = (with_result(methodist) for _ in range(3))
    hold_consultation(meeting, [first], author=methodist)
    assert Activity.objects.get().kind == "consultation"

    hold_consultation(meeting, [first, second], author=methodist)
    line = Activity.objects.get()
    assert (line.kind, line.people_count, set(line.people.all())) == ("group", 2, {first.person, second.person})

    Activity.objects.update(state="dismissed")
    hold_consultation(meeting, [third], author=methodist)
    assert Activity.objects.get().people_count == 2


def test_led_by_a_mentor_it_offers_nothing(methodist: User) -> None:
    hold_consultation(Meeting(today(), "Оценивание", leader="Наставник"), [with_result(methodist)], author=methodist)
    assert not Activity.objects.exists()


def test_request_for_it_is_done_with_it(methodist: User) -> None:
    member, case = MemberFactory(), with_result(methodist)
    fields = {"source": case, "kind": "consultation", "status": "accepted"}
    request = factories.RequestFactory(member=member, **fields)
    other = factories.RequestFactory(**fields | {"source": with_result(methodist)})

    hold_consultation(Meeting(today(), "Оценивание", member), [case], author=methodist)

    request.refresh_from_db()
    assert (request.status, "Оценивание" in request.result) == ("done", True)
    assert Request.objects.get(pk=other.pk).status == "accepted"
    assert Activity.objects.count() == 1


# --- An event -------------------------------------------------------------------------------------------------------


def event(*leaders: Member, **fields: Any) -> Event:
    values = {"title": "Оценивание", "scope": "region", "on": today() - timedelta(days=1)} | fields
    made: Event = Event.objects.create(author=person_with(Role.ADMIN), **values)
    made.leaders.set([one.user for one in leaders])
    return made


def test_event_offers_a_line_to_each_leader_after_its_day() -> None:
    first, second = MemberFactory(), MemberFactory()
    led = event(first, second, starts_at=time(14), ends_at=time(15, 40))
    led.leaders.add(factories.UserFactory())

    assert offer_for_events(led.on) == 0
    assert offer_for_events(today()) == 2
    assert offer_for_events(today()) == 0

    lines = Activity.objects.order_by("pk")
    assert {line.member for line in lines} == {first, second}
    assert {(line.kind, line.key, line.on, float(line.hours), line.source) for line in lines} == {
        ("event", f"event.{led.pk}", led.on, 1.5, led)
    }


@pytest.mark.parametrize("fields", [{"is_cancelled": True}, {"on": date(2020, 1, 1)}])
def test_called_off_or_long_past_offers_nothing(fields: dict[str, Any]) -> None:
    event(MemberFactory(), **fields)
    assert offer_for_events(today()) == 0


def test_suspended_member_is_offered_nothing() -> None:
    event(MemberFactory(status="suspended"))
    assert offer_for_events(today()) == 0


@pytest.mark.parametrize("what", ["cancelled", "moved", "others"])
def test_what_is_no_longer_true_is_taken_back(what: str) -> None:
    member = MemberFactory()
    led = event(member)
    offer_for_events(today())
    if what == "others":
        led.leaders.clear()
    else:
        changes = {"cancelled": {"is_cancelled": True}, "moved": {"on": today() + timedelta(days=3)}}
        Event.objects.filter(pk=led.pk).update(**changes[what])

    assert offer_for_events(today()) == 0
    assert not Activity.objects.exists()


def test_agreed_line_stays() -> None:
    led = event(MemberFactory())
    offer_for_events(today())
    Activity.objects.update(state="dismissed")
    Event.objects.filter(pk=led.pk).update(is_cancelled=True)
    offer_for_events(today())
    assert Activity.objects.count() == 1


@pytest.mark.parametrize("count", [1, 5])
def test_nothing_to_offer_costs_the_same_whatever_the_events(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        event(MemberFactory())
    offer_for_events(today())
    with django_assert_num_queries(7):
        offer_for_events(today())


@pytest.mark.parametrize("status", ["suspended", "excluded"])
def test_work_done_before_an_order_is_not_lost(status: str) -> None:
    member = MemberFactory()
    event(member)
    offer_for_events(today())
    Member.objects.filter(pk=member.pk).update(status=status)
    assert offer_for_events(today()) == 0
    assert Activity.objects.count() == 1


def changed(line: Activity, **fields: Any) -> Activity:
    """As its member has put it right."""
    Activity.objects.filter(pk=line.pk).update(revision=2, **fields)
    return Activity.objects.get(pk=line.pk)


@pytest.mark.parametrize("days", [-40, 3])
def test_moved_event_takes_a_changed_line_along(days: int) -> None:
    led = event(MemberFactory())
    offer_for_events(today())
    line = changed(Activity.objects.get(), note="Вместе с коллегой", hours=5)
    on = today() + timedelta(days=days)
    Event.objects.filter(pk=led.pk).update(on=on, changed_at=timezone.now())

    for _ in range(2):
        offer_for_events(today())

    now = Activity.objects.get()
    assert (now.pk, now.on, now.month, now.note, now.hours) == (line.pk, on, on.replace(day=1), "Вместе с коллегой", 5)
    assert now.revision == 3


def test_untouched_line_of_a_moved_event_is_offered_anew() -> None:
    led = event(MemberFactory())
    offer_for_events(today())
    on = today() - timedelta(days=9)
    Event.objects.filter(pk=led.pk).update(on=on, changed_at=timezone.now())
    assert offer_for_events(today()) == 1
    assert Activity.objects.get().on == on


def test_agreed_line_of_a_moved_event_stays_as_it_is() -> None:
    led = event(MemberFactory())
    offer_for_events(today())
    changed(Activity.objects.get(), state="dismissed")
    Event.objects.filter(pk=led.pk).update(on=today() - timedelta(days=9), changed_at=timezone.now())
    offer_for_events(today())
    assert Activity.objects.get().on == led.on


def test_day_the_member_has_put_right_stays() -> None:
    event(MemberFactory())
    offer_for_events(today())
    on = today() - timedelta(days=5)
    changed(Activity.objects.get(), on=on, month=on.replace(day=1))
    offer_for_events(today())
    assert Activity.objects.get().on == on
