"""Letters about events: to whom, once, and the reminder of the eve."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.mail.models import Letter
from cabinet.mail.texts import kind_of, preview, problems
from cabinet.planner.letter_texts.events import KINDS
from cabinet.planner.models import Event
from cabinet.planner.services import due, event_letters, event_reminding, registration
from cabinet.planner.services import events as services
from cabinet.planner.services.invitations import invite
from tests.factories import UserFactory
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db


def change(event: Event, **changed: Any) -> None:
    event = Event.objects.get(pk=event.pk)
    values = {name: getattr(event, name) for name in services.FIELDS} | changed
    assert services.change_event(event, values, actor=event.author, version=event.version)


def told(kind: str) -> list[int | None]:
    return list(Letter.objects.filter(kind=kind).order_by("to").values_list("to", flat=True))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_texts_are_whole(kind: Any) -> None:
    assert kind_of(kind.code) == kind
    assert problems(kind, kind.subject, kind.body) == {"subject": [], "body": []}
    assert "{" not in preview(kind, kind.subject, kind.body)[1]


def test_change_is_told_to_those_awaited_once_a_version() -> None:
    leader = UserFactory()
    event = EventFactory(leaders=[leader])
    rows = {state: ParticipationFactory(event=event, state=state) for state in ("coming", "invited", "declined")}
    waiting = ParticipationFactory(event=event, state="waiting", person=UserFactory(is_active=False))
    awaited = sorted([leader.pk, rows["coming"].person_id, rows["invited"].person_id])
    change(event, text="Подробности")
    assert told("event.changed") == []
    change(event, on=event.on + timedelta(days=1), place="Зал {адрес} <b>")
    assert told("event.changed") == awaited
    assert waiting.person_id not in told("event.changed")
    body = Letter.objects.filter(kind="event.changed")[0].body
    assert "Зал" in body
    change(event, place="Библиотека")
    assert len(told("event.changed")) == 2 * len(awaited)


def test_cancelled_is_told_once() -> None:
    row = ParticipationFactory(state="coming")
    for _ in range(2):
        services.cancel_event(Event.objects.get(pk=row.event_id), actor=row.event.author)
    assert told("event.cancelled") == [row.person_id]
    change(row.event)
    assert told("event.changed") == [row.person_id]
    assert "всё-таки состоится" in Letter.objects.get(kind="event.changed").body


# --- The reminder --------------------------------------------------------------------------------------------------


def ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def eve(event: Event) -> date:
    return event.on - timedelta(days=1)


def test_reminded_on_the_eve_once() -> None:
    event = EventFactory()
    coming = ParticipationFactory(event=event, state="coming", answered_at=ago(3))
    for state in ("invited", "declined", "waiting"):
        ParticipationFactory(event=event, state=state, answered_at=ago(3), created_at=ago(3))
    ParticipationFactory(event=event, state="coming", answered_at=ago(3), person=UserFactory(is_active=False))
    assert event_reminding.run_due(eve(event) - timedelta(days=1)) == {}
    assert due.run_due(eve(event))["event.reminder"] == 1
    assert event_reminding.run_due(eve(event)) == {}
    letter = Letter.objects.get(kind="event.reminder")
    assert letter.to == coming.person
    assert timezone.localtime(letter.due_at).time() == time(9, 0)


def test_late_run_still_reminds_and_does_not_repeat() -> None:
    event = EventFactory(on=today() + timedelta(days=1))
    ParticipationFactory(event=event, state="coming", answered_at=ago(3))
    assert event_reminding.run_due(event.on) == {"event.reminder": 1}
    assert event_reminding.run_due(event.on) == {}
    assert event_reminding.run_due(event.on + timedelta(days=1)) == {}


def test_whoever_answers_on_the_eve_remembers() -> None:
    event = EventFactory(on=today() + timedelta(days=1))
    ParticipationFactory(event=event, state="coming")
    assert event_reminding.run_due() == {}


def test_moved_event_is_reminded_of_anew_and_the_old_letter_taken_back() -> None:
    event = EventFactory(on=today() + timedelta(days=2))
    ParticipationFactory(event=event, state="coming", answered_at=ago(3))
    event_reminding.run_due(eve(event))
    change(event, on=event.on + timedelta(days=3))
    assert Letter.objects.get(kind="event.reminder").state == "cancelled"
    moved = Event.objects.get(pk=event.pk)
    assert event_reminding.run_due(eve(moved)) == {"event.reminder": 1}


def test_cancelled_event_is_not_reminded_of() -> None:
    event = EventFactory(on=today() + timedelta(days=2))
    ParticipationFactory(event=event, state="coming", answered_at=ago(3))
    event_reminding.run_due(eve(event))
    services.cancel_event(event, actor=event.author)
    assert Letter.objects.get(kind="event.reminder").state == "cancelled"
    assert event_reminding.run_due(eve(event)) == {}


def test_queries_of_a_run_do_not_grow(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        ParticipationFactory(event__on=today() + timedelta(days=1), state="coming", answered_at=ago(3))
    event_reminding.run_due()
    with django_assert_num_queries(2):
        event_reminding.run_due()


def test_nobody_moves_up_after_the_beginning() -> None:
    event = EventFactory(has_registration=True, seats=1, on=today() - timedelta(days=1))
    coming = ParticipationFactory(event=event, state="coming")
    ParticipationFactory(event=event, state="waiting")
    registration.take_out(event, coming.person, actor=event.author)
    assert told("event.moved_up") == []


# --- What is past, taken back, said again --------------------------------------------------------------------------


def test_mending_a_past_event_writes_to_nobody_and_calls_nothing_back() -> None:
    event = EventFactory(on=today() - timedelta(days=2), is_cancelled=True)
    ParticipationFactory(event=event, state="coming")
    change(event, place="Актовый зал")
    event.refresh_from_db()
    assert (event.place, event.is_cancelled) == ("Актовый зал", True)
    assert told("event.changed") == []


def test_a_change_on_the_eve_leaves_a_reminder_after_all() -> None:
    event = EventFactory(on=today() + timedelta(days=2))
    ParticipationFactory(event=event, state="coming", answered_at=ago(3))
    event_reminding.run_due(eve(event))
    change(event, place="Другой зал")
    assert [event_reminding.run_due(eve(event)) for _ in range(2)] == [{"event.reminder": 1}, {}]
    owed = Letter.objects.get(kind="event.reminder", state="owed")
    assert "Другой зал" in owed.body
    change(event, text="Одно слово")
    assert event_reminding.run_due(eve(event)) == {}


def test_taken_out_and_invited_again_reads_of_it_again() -> None:
    event, guest = EventFactory(), UserFactory()
    for _ in range(2):
        assert invite(event, [guest], actor=event.author) == 1
        assert invite(event, [guest], actor=event.author) == 0
        registration.take_out(event, guest, actor=event.author)
    assert told("event.invited") == [guest.pk, guest.pk]


def test_leader_named_again_reads_of_it_again() -> None:
    event, leader = EventFactory(), UserFactory()
    for _ in range(2):
        assert services.add_leader(event, leader, actor=event.author)
        assert not services.add_leader(event, leader, actor=event.author)
        services.remove_leader(event, leader, actor=event.author)
    assert told("event.leader") == [leader.pk, leader.pk]


def test_an_error_in_reminders_of_tasks_leaves_those_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(day: date | None) -> dict[str, int]:
        raise ValueError

    monkeypatch.setattr(due.reminding, "run_due", broken)
    event = EventFactory()
    ParticipationFactory(event=event, state="coming", answered_at=ago(3))
    assert due.run_due(eve(event)) == {"event.reminder": 1}


@pytest.mark.parametrize("kind", ["event.cancelled", "event.changed", "event.reminder", "event.moved_up", "task.daily"])
def test_what_is_of_use_today_only_does_not_wait_for_the_daily_letter(kind: str) -> None:
    found = kind_of(kind)
    assert found is not None
    assert found.is_urgent


def test_many_are_told_by_a_worker_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_letters, "AT_ONCE", 1)
    event = EventFactory()
    guests = [ParticipationFactory(event=event, state="coming").person_id for _ in range(2)]
    change(event, place="Зал")
    assert told("event.changed") == []
    job = Job.objects.get(kind=event_letters.JOB)
    for _ in range(2):
        run_owed(job.pk)
    assert told("event.changed") == sorted(guests)
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE


def test_of_an_event_called_off_meanwhile_the_worker_says_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_letters, "AT_ONCE", 0)
    event = EventFactory()
    guest = ParticipationFactory(event=event, state="coming").person_id
    change(event, place="Зал")
    services.cancel_event(Event.objects.get(pk=event.pk), actor=event.author)
    for job in Job.objects.filter(kind=event_letters.JOB).order_by("pk"):
        run_owed(job.pk)
    assert (told("event.changed"), told("event.cancelled")) == ([], [guest])
