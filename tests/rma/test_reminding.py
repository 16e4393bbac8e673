"""Reminders of requests and the letter about the queue: when, to whom, once, never at night."""

from datetime import date, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role
from rma import tasks
from rma.models import Request
from rma.services import reminding
from tests.factories import LetterFactory, OrganizationFactory, RequestFactory, person_with
from tests.rma.asked import direct

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_day_is_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "is_working_day", lambda day: True)
    monkeypatch.setattr(reminding, "add_working_days", lambda day, count: day + timedelta(days=count))


def due(days: int, **fields: object) -> Request:
    """Due in so many days, asked a month ago."""
    month_ago = timezone.now() - timedelta(days=30)
    return direct(due_on=today() + timedelta(days=days), **({"created_at": month_ago} | fields))


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
    assert reminding.run_due(today())["queue"] == 0


# --- When ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hour", "count"), [(3, 0), (10, 1), (22, 0)])
def test_no_letters_at_night(monkeypatch: pytest.MonkeyPatch, hour: int, count: int) -> None:
    due(0)
    now = timezone.make_aware(datetime.combine(today(), datetime.min.time().replace(hour=hour)))
    real = timezone.localtime
    monkeypatch.setattr(reminding.timezone, "localtime", lambda at=None, *args: now if at is None else real(at, *args))
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
    call_command("run_due", at=f"{date.today():%Y-%m-%d}")
    assert told() == [request.member.user_id]  # type: ignore[union-attr]
