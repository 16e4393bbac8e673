"""Reminders of requests and the letter about the queue: when, to whom, once, never at night."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role, User
from rma import tasks
from rma.models import Activity, Member, Request
from rma.services import reminding
from tests.factories import (
    LetterFactory,
    MemberFactory,
    OrganizationFactory,
    RequestFactory,
    UserFactory,
    person_with,
)
from tests.planner.events import EventFactory
from tests.rma.asked import direct

pytestmark = pytest.mark.django_db
MONTH_AGO = timezone.now() - timedelta(days=30)


@pytest.fixture(autouse=True)
def every_day_is_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "is_working_day", lambda day: True)
    monkeypatch.setattr(reminding, "add_working_days", lambda day, count: day + timedelta(days=count))


def due(days: int, **fields: object) -> Request:
    """Due in so many days, asked a month ago."""
    return direct(due_on=today() + timedelta(days=days), **({"created_at": MONTH_AGO} | fields))


def at_hour(monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    now = timezone.make_aware(datetime.combine(today(), datetime.min.time().replace(hour=hour)))
    real = timezone.localtime
    monkeypatch.setattr(reminding.timezone, "localtime", lambda at=None, *args: now if at is None else real(at, *args))


def event_of(leader: User) -> QuerySet[Activity, Any]:
    """An event he led yesterday; returns whose lines it has given."""
    event = EventFactory(on=today() - timedelta(days=1))
    event.leaders.add(leader)
    return Activity.objects.filter(key=f"event.{event.pk}").values_list("member", "state")


def told(kind: str = "rma.due") -> list[int | None]:
    return sorted(Letter.objects.filter(kind=kind).values_list("to", flat=True), key=lambda one: one or 0)


@pytest.mark.parametrize(("days", "count"), [(2, 0), (1, 1), (0, 1), (-1, 1), (-30, 1), (-31, 0)])
def test_member_is_reminded_around_the_limit(days: int, count: int) -> None:
    request = due(days)
    for _ in range(2):
        reminding.run_due(today())
    assert told() == [request.member.user_id] * count  # type: ignore[union-attr]


def test_reminded_before_is_reminded_once_more_after() -> None:
    request = due(1)
    reminding.run_due(today())
    for days in (2, 3, 4):
        reminding.run_due(today() + timedelta(days=days))
    assert told() == [request.member.user_id] * 2  # type: ignore[union-attr]


def test_letter_goes_to_whoever_is_waited_for() -> None:
    proposed = due(0, status="proposed", proposed_on=today())
    taken = due(0, status="accepted")
    for status in ("done", "declined", "withdrawn", "handed"):
        due(0, status=status, answer="Отпуск")
    reminding.run_due(today())
    assert set(told()) == {proposed.author_id, taken.member.user_id}  # type: ignore[union-attr]


def test_wanted_one_reminds_the_municipal_service_never_who_asked() -> None:
    school = OrganizationFactory()
    asker = person_with(Role.MUNICIPAL, school.municipality)
    other = person_with(Role.MUNICIPAL, school.municipality)
    due(0, status="wanted", author=asker, organization=school)
    reminding.run_due(today())
    assert told() == [other.pk]


def test_several_are_one_letter() -> None:
    first = due(0)
    second = due(-1, member=first.member)
    assert reminding.run_due(today())["requests"] == 2
    letter = Letter.objects.get(kind="rma.due")
    assert letter.subject == "Срок запросов к РМА: 2\u00a0запроса"
    assert letter.body.index(second.get_absolute_url()) < letter.body.index(first.get_absolute_url())


def test_who_had_the_weekly_list_today_is_not_told_twice() -> None:
    request = due(0)
    LetterFactory(kind="motor.due", to=request.member.user)  # type: ignore[union-attr]
    for _ in range(2):
        reminding.run_due(today())
    assert told() == []


def test_who_was_asked_a_moment_ago_is_not_reminded() -> None:
    due(1, created_at=timezone.now())
    due(1, status="accepted", answered_at=timezone.now())
    assert reminding.run_due(today())["requests"] == 0


def test_proposed_day_of_an_assessment_is_reminded_of() -> None:
    request = RequestFactory(status="proposed", proposed_on=today(), due_on=today(), created_at=MONTH_AGO)
    reminding.run_due(today())
    assert told() == [request.author_id]


def test_asker_who_left_is_reminded_by_the_municipal_service() -> None:
    school = OrganizationFactory()
    due(0, status="proposed", proposed_on=today(), author=UserFactory(is_active=False), organization=school)
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    reminding.run_due(today())
    assert told() == [specialist.pk]


def test_for_a_member_who_acts_no_more_another_is_to_be_named() -> None:
    request = due(0, status="accepted")
    specialist = person_with(Role.MUNICIPAL, request.organization.municipality)
    Member.objects.update(status="excluded")
    assert reminding.run_due(today()) == {"requests": 1, "queue": 1}
    assert told() == [specialist.pk]


def test_accepted_assessment_has_reminders_of_its_case() -> None:
    RequestFactory(status="accepted", due_on=today())
    assert reminding.run_due(today())["requests"] == 0


def test_second_process_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    request = due(0)
    seen = list(reminding._near(today()))
    reminding.run_due(today())
    monkeypatch.setattr(reminding, "_near", lambda day: seen)  # read before the first one had claimed
    assert reminding.run_due(today())["requests"] == 0
    assert told() == [request.member.user_id]  # type: ignore[union-attr]


def test_failed_run_leaves_everything_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    request = due(0)
    with monkeypatch.context() as patch:
        patch.setattr(reminding, "queue_letters", lambda drafts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reminding.run_due(today())
    reminding.run_due(today())
    assert told() == [request.member.user_id]  # type: ignore[union-attr]


# --- The queue -------------------------------------------------------------------------------------------------------


def test_queue_is_told_of_once_a_day_in_one_letter() -> None:
    school = OrganizationFactory()
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    first = direct(organization=school, status="wanted")
    direct(organization=school, status="wanted")
    assert [reminding.run_due(today())["queue"] for _ in range(2)] == [1, 0]
    assert Letter.objects.get(kind="rma.queue").subject == "2\u00a0запроса к РМА: назовите методиста"

    direct(organization=school, status="wanted")  # waits for tomorrow's letter
    assert reminding.run_due(today())["queue"] == 0
    assert [reminding.run_due(today() + timedelta(days=1))["queue"] for _ in range(2)] == [1, 0]
    assert told("rma.queue") == [specialist.pk] * 2
    assert first.get_absolute_url() not in Letter.objects.filter(kind="rma.queue").latest("pk").body


def test_municipality_without_a_specialist_falls_to_the_institute() -> None:
    admin = person_with(Role.ADMIN)
    direct(status="wanted")
    reminding.run_due(today())
    assert told("rma.queue") == [admin.pk]


def test_specialist_who_asked_himself_or_is_asked_about_is_not_told() -> None:
    school = OrganizationFactory()
    asker = person_with(Role.MUNICIPAL, school.municipality)
    direct(organization=school, status="wanted", author=asker)
    direct(organization=school, status="wanted", person=asker)
    assert reminding.run_due(today())["queue"] == 0  # nobody else is there
    admin = person_with(Role.ADMIN)
    assert reminding.run_due(today())["queue"] == 1
    assert told("rma.queue") == [admin.pk]


# --- When ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hour", "count"), [(3, 0), (10, 1), (22, 0)])
def test_no_letters_at_night(monkeypatch: pytest.MonkeyPatch, hour: int, count: int) -> None:
    due(0)
    at_hour(monkeypatch, hour)
    tasks.run_due()
    assert len(told()) == count


def test_no_letters_on_a_day_off(monkeypatch: pytest.MonkeyPatch) -> None:
    due(0)
    monkeypatch.setattr(reminding, "is_working_day", lambda day: False)
    assert reminding.run_due(today()) == {"requests": 0, "queue": 0}
    assert told() == []


def test_beat_and_the_command_both_run_it(settings: LazySettings) -> None:
    request = due(0)
    assert settings.CELERY_BEAT_SCHEDULE["rma_due"]["task"] == tasks.run_due.name
    line = event_of(request.member.user)  # type: ignore[union-attr]
    call_command("run_due", at=f"{today():%Y-%m-%d}")
    # On Mondays the weekly list of everything due names it, and nobody is written to twice.
    assert told() + told("motor.due") == [request.member.user_id]  # type: ignore[union-attr]
    assert list(line.all()) == [(request.member_id, "offered")]


@pytest.mark.parametrize("hour", [3, 10])
def test_lines_for_events_are_offered_at_night_too(monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    member = MemberFactory()
    line = event_of(member.user)
    at_hour(monkeypatch, hour)
    for _ in range(2):
        tasks.run_due()
    assert list(line.all()) == [(member.pk, "offered")]
