"""The demo: something for every login, at any time of the year, and only where it may be."""

from collections import Counter
from datetime import date
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.home.demo.activity import make_work
from cabinet.home.demo.asked import make_requests
from cabinet.home.demo.cast import invent_cast
from cabinet.home.demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from cabinet.home.demo.moment import at, defaults_follow, on_day, recent_working_day
from cabinet.home.demo.parts import deal_parts
from cabinet.home.demo.roster import make_roster
from cabinet.home.demo.seeding import SEED, events_of
from cabinet.home.demo.settling import settle
from cabinet.home.reference import load_reference
from cabinet.home.templatetags.demo import demo_logins
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.users.models import LogEntry, User
from iom.models import Route
from motor.models import Case, Outcome, Status, Transition
from registry.models import Entry
from registry.services import differences
from rma.models import Activity, AgreedMonth, Member, Request, StatusChange
from rma.reference import SOURCE_INDICATORS, SOURCE_TOTAL
from rma.services.indicators import COLUMNS, Sight, indicators

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def demo_user(login: str) -> User:
    return User.objects.get(email=f"{login}@demo.example.org")


def check_the_demo_lives() -> None:
    methodist, teacher, regional, municipal = map(demo_user, ("methodist", "teacher", "rma", "municipal"))
    assert set(Case.objects.values_list("status", flat=True)) == set(Status.values)
    assert set(Outcome.objects.values_list("variant", flat=True)) == {1, 2, 3}
    assert Case.objects.assessable_by(methodist).count() >= 4
    assert Task.objects.open().filter(assignee=methodist).exclude(kind="").exists()
    survey = Case.objects.get(person=teacher, status=Status.SURVEY_OPEN)
    assert not survey.is_overdue
    assert Request.objects.answerable_by(regional).exclude(source_type=None).count() == 1
    assert set(Request.objects.values_list("kind", flat=True)) == set(Request.Kind.values)
    assert Request.objects.of_kind_for(Route, regional).filter(status=Request.Status.ACCEPTED).exists()
    check_the_roster()
    check_the_group_lives()
    assert Case.objects.rma_assessable_by(regional).count() == 1
    assert Case.objects.recordable_by(municipal).filter(records=None).count() >= 2
    assert Case.objects.assessable_by(municipal).filter(person=demo_user("head")).count() == 1
    assert Case.objects.visible_to(demo_user("mentor")).exclude(person=demo_user("mentor")).exists()
    assert Case.objects.visible_to(demo_user("curator")).exists()
    assert not Case.objects.visible_to(demo_user("observer")).exists()


def check_the_roster() -> None:
    """Counted by the same service as the page of the indicators."""
    found = indicators(today(), Sight(), "").total
    counted = [
        (code, figure.label, figure.percent, figure.value) for code, figure in zip(COLUMNS, found.figures, strict=True)
    ]
    assert counted == list(SOURCE_INDICATORS)
    assert found.base.value == SOURCE_TOTAL
    assert Counter(Member.objects.values_list("status", flat=True)) == {
        "active": SOURCE_TOTAL,
        "candidate": 2,
        "suspended": 1,
        "excluded": 1,
    }


def check_the_group_lives() -> None:
    """Requests in every state, months agreed and a month waiting."""
    regional, municipal = demo_user("rma"), demo_user("municipal")
    direct = Request.objects.filter(source_type=None)
    assert set(direct.values_list("status", flat=True)) == set(Request.Status.values)
    assert direct.answerable_by(regional).filter(author=demo_user("teacher")).count() == 1
    group = direct.doable_by(regional).exclude(people=None).distinct().get()
    assert group.agreed_on is not None
    assert group.agreed_on > today()
    assert direct.overdue().exists()
    queue = Request.objects.queued_for(municipal)
    assert queue.filter(organization__low_results=True).exists()
    assert queue.filter(status=Request.Status.SENT).exists()
    this_month = today().replace(day=1)
    mine = Activity.objects.filter(member__user=regional)
    assert AgreedMonth.objects.filter(member__user=regional).count() >= 3
    assert not Activity.objects.offered().filter(month__lt=this_month).exists()
    assert mine.filter(month=this_month).offered().count() >= 2
    assert Activity.objects.offered().filter(direction=None).exists()
    assert not Activity.objects.filter(on__gt=today()).exists()
    assert Activity.objects.agreed().values("member").distinct().count() >= 20
    assert not StatusChange.objects.filter(on__gt=today()).exists()


def check_the_past_is_past() -> None:
    now = timezone.now()
    assert not Transition.objects.filter(at__gt=now).exists()
    assert not Letter.objects.filter(finished_at=None, due_at__lt=now).exists()  # those of a daily letter wait for it
    assert not LogEntry.objects.filter(at__gt=now).exists()
    invitation = Letter.objects.filter(kind="motor.invite").latest("created_at")
    assert invitation.created_at == invitation.about.opened_at


def test_twice_changes_nothing_and_everybody_has_something(client: Client) -> None:
    call_command("seed_demo", people=100)
    check_the_demo_lives()
    check_the_past_is_past()
    assert Entry.objects.count() == Case.objects.count()
    assert not list(differences())

    def count() -> Counter[str]:
        models = (User, Case, Transition, Letter, Task, LogEntry)
        return Counter({model.__name__: model.objects.count() for model in models})

    before = count()
    call_command("seed_demo", people=100)
    assert count() == before
    for login in DEMO_LOGINS:
        assert client.login(email=login.email, password=DEMO_PASSWORD), login
    client.login(email="admin@demo.example.org", password=DEMO_PASSWORD)
    for case in Case.objects.all():
        assert client.get(case.get_absolute_url()).status_code == 200
        assert client.get(f"/s/{case.link}/").status_code == 200


def test_alive_in_the_summer_too() -> None:
    """In July no case opens by itself; what is fresh in the demo must be fresh all the same."""
    with at(on_day(date(2027, 7, 14), 11)):
        call_command("seed_demo", people=60)
        check_the_demo_lives()


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 24),
        date(2026, 11, 29),  # a Sunday
        date(2026, 12, 1),
        date(2027, 1, 9),  # after ten free days
        date(2027, 2, 28),
        date(2027, 7, 14),
    ],
)
def test_the_roster_of_296_has_exactly_the_shares_of_the_source_whatever_the_day(day: date) -> None:
    with at(on_day(day, 11)), defaults_follow():
        load_reference(add_missing=True)
        random = Random(SEED)
        cast = invent_cast(random, 60)
        region = settle(cast, on_day(recent_working_day(200), 10))
        make_roster(random, region, cast)
        make_requests(region, cast)
        make_work(random, region, cast)
        check_the_roster()
        check_the_group_lives()
        assert not LogEntry.objects.filter(at__gt=timezone.now()).exists()
        assert not Request.objects.filter(created_at__gt=timezone.now()).exists()


@pytest.mark.parametrize("day", range(22, 29))
def test_acts_of_a_case_keep_their_order_on_every_day_of_the_week(day: int) -> None:
    """Acts three days apart fall on one Friday when the days between are a weekend."""
    load_reference(add_missing=True)
    random = Random(SEED)
    with at(on_day(date(2026, 11, day), 11)):
        events = events_of(random, deal_parts(random, invent_cast(random, 400)))

    acts: dict[Any, list[int]] = {}
    for event in events:
        acts.setdefault(event.part, []).append(event.number)
    acts.pop(None)
    assert all(numbers == sorted(numbers) for numbers in acts.values())


def test_known_passwords_only_in_a_demo(settings: Any) -> None:
    settings.IS_DEMO = False
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()
    assert demo_logins() == ()


def test_login_page_offers_nothing_before_the_demo_is_there() -> None:
    assert demo_logins() == ()
