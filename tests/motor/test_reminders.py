"""Who is reminded and when: three letters at most, one for several cases, never while somebody is writing."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.mail.models import Letter, Mention
from cabinet.mail.services import send_all_owed
from cabinet.users.models import LogEntry, User
from motor import services
from motor.models import Case, Draft, Status
from motor.services.consent import refuse_consent
from motor.services.halting import pause_case, resume_case
from motor.services.link import extend_time
from motor.services.notices import handed_over
from motor.services.reminders import recipients, remind_now
from tests import factories

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def waiting(since: int = 7, **fields: Any) -> Case:
    """A case whose survey was opened `since` days ago."""
    return factories.CaseFactory(due_on=today() + timedelta(days=14 - since), **fields)


def second_case(case: Case, since: int, **fields: Any) -> Case:
    """Another case of the same person."""
    completion = factories.CompletionFactory(person=case.person)
    return waiting(since, completion=completion, responsible=case.responsible, **fields)


def began(case: Case, days_ago: int) -> None:
    at = timezone.make_aware(datetime.combine(today() - days_ago * DAY, time(12)))
    Draft.objects.create(case=case, answers={"important": "При"}, started_at=at, saved_at=at)


def letters() -> list[tuple[User | None, str]]:
    return [(one.to, one.kind) for one in Letter.objects.filter(kind__startswith="motor.remind").order_by("pk")]


def why_not(case: Case) -> str:
    return recipients([case])[0].why_not


def reload(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# --- By themselves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("since", "number"), [(6, 0), (7, 1), (11, 1), (12, 2), (14, 2), (15, 3), (40, 3)])
def test_a_letter_by_the_day_of_the_survey(since: int, number: int) -> None:
    case = waiting(since)
    assert services.remind_waiting() == bool(number)
    assert services.remind_waiting() == 0
    assert reload(case).reminders == number


def test_three_letters_and_never_a_fourth() -> None:
    case = waiting(0)
    sent = [services.remind_waiting(today() + day * DAY) for day in range(44)]
    assert [day for day, count in enumerate(sent) if count] == [7, 12, 15]
    assert reload(case).reminders == 3


@pytest.mark.parametrize("status", [one for one in Status.values if one != "survey_open"])
def test_only_those_who_are_waited_for(status: str) -> None:
    factories.CaseFactory(status=status, due_on=today() - 3 * DAY, bare=True)
    assert services.remind_waiting() == 0


@pytest.mark.parametrize("days_ago", [0, 1])
def test_who_has_just_begun_is_let_finish(days_ago: int) -> None:
    case = waiting()
    began(case, days_ago)
    assert services.remind_waiting() == 0
    assert reload(case).reminders == 0
    assert services.remind_waiting(today() + (2 - days_ago) * DAY) == 1


def test_who_began_before_yesterday_is_reminded() -> None:
    began(waiting(), 2)
    assert services.remind_waiting() == 1


def test_nobody_on_a_pause() -> None:
    case = waiting()
    pause_case(Case.objects.with_names().get(pk=case.pk), actor=case.responsible, until=today() + 30 * DAY, reason="х")
    assert services.remind_waiting(today() + 20 * DAY) == 0


def test_several_cases_of_one_person_are_one_letter_the_nearest_first() -> None:
    case = waiting(8)
    later, other = second_case(case, 7), waiting(7)
    not_due = second_case(case, 2)
    assert services.remind_waiting() == 3
    assert sorted(letters(), key=str) == sorted(
        [(case.person, "motor.remind.1"), (other.person, "motor.remind.1")], key=str
    )
    letter = Letter.objects.get(to=case.person)
    assert letter.about == case
    assert list(Mention.objects.filter(letter=letter).values_list("about_id", flat=True)) == [later.pk]
    assert reload(not_due).reminders == 0


def test_case_taken_by_another_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    case = waiting()
    stale = list(Case.objects.filter(pk=case.pk).select_related("person", "completion__course__programme"))
    assert services.remind_waiting() == 1
    monkeypatch.setattr("motor.services.reminders._due", lambda day: stale)
    assert services.remind_waiting(today() + 3 * DAY) == 0
    assert len(letters()) == 1


def test_two_letters_do_not_follow_day_by_day() -> None:
    """An own day of the teacher's just before an automatic one."""
    case = waiting(11, remind_on=today())
    assert services.remind_waiting() == 1
    Case.objects.filter(pk=case.pk).update(reminders=1)
    assert services.remind_waiting(today() + DAY) == 0
    assert services.remind_waiting(today() + 2 * DAY) == 1


@pytest.mark.parametrize("days", [1, 3])
def test_longer_time_and_a_reminder_are_not_two_letters_of_one_minute(days: int) -> None:
    """A limit near enough for the next reminder: the letter about the longer time has said it all."""
    case = waiting(11, reminders=1)
    extend_time(
        Case.objects.with_names().get(pk=case.pk),
        actor=case.responsible,
        until=today() + timedelta(days=days + 3),
        reason="просит",
    )
    Case.objects.filter(pk=case.pk).update(due_on=today() + days * DAY)
    assert [services.remind_waiting(today() + day * DAY) for day in range(3)] == [0, 0, 1]
    assert letters() == [(case.person, f"motor.remind.{reload(case).reminders}")]


def test_end_of_a_pause_and_a_reminder_are_two_days_apart() -> None:
    case = waiting(6)
    pause_case(Case.objects.with_names().get(pk=case.pk), actor=case.responsible, until=today() + 3 * DAY, reason="х")
    resume_case(Case.objects.with_names().get(pk=case.pk), actor=case.person)
    Case.objects.filter(pk=case.pk).update(due_on=today() + 7 * DAY)
    assert [services.remind_waiting(today() + day * DAY) for day in range(3)] == [0, 0, 1]


def test_letter_to_a_colleague_puts_off_nothing() -> None:
    case = waiting(7)
    handed_over(Case.objects.with_names().get(pk=case.pk))
    assert services.remind_waiting() == 1


def test_month_without_a_worker_gives_up_without_a_letter() -> None:
    case = waiting(14 + 31)
    done = services.run_due(today())
    assert (done["expired"], done["reminded"], letters()) == (1, 0, [])
    assert reload(case).status == Status.NO_RESPONSE


@pytest.mark.parametrize(("hour", "reminded"), [(0, 0), (7, 0), (8, 1), (23, 1)])
def test_nobody_is_reminded_at_night(monkeypatch: pytest.MonkeyPatch, hour: int, reminded: int) -> None:
    waiting()
    at = timezone.localtime().replace(hour=hour)
    monkeypatch.setattr("motor.services.sweep.timezone", SimpleNamespace(localtime=lambda: at))
    assert services.run_due()["reminded"] == reminded


# --- «Напомнить 12 мая» -----------------------------------------------------------------------------------------------


def test_asked_day_stands_in_place_of_the_automatic_ones() -> None:
    case = waiting(7, remind_on=today() + 10 * DAY)
    sent = [services.remind_waiting(today() + day * DAY) for day in range(30)]
    assert [day for day, count in enumerate(sent) if count] == [10]
    assert (reload(case).reminders, reload(case).remind_on) == (3, None)  # days 7, 12 and 15 are behind


def test_asked_day_before_the_first_reminder_takes_its_place() -> None:
    waiting(0, remind_on=today() + 3 * DAY)
    sent = [services.remind_waiting(today() + day * DAY) for day in range(20)]
    assert [day for day, count in enumerate(sent) if count] == [3, 12, 15]


@pytest.mark.parametrize("status", [Status.SURVEY_OPEN, Status.NO_RESPONSE])
def test_asked_letter_goes_out_after_three_and_after_the_limit(status: str) -> None:
    case = factories.CaseFactory(status=status, reminders=3, remind_on=today())
    assert services.remind_waiting() == 1
    assert services.remind_waiting() == 0
    assert "просили напомнить" in Letter.objects.get(to=case.person).subject
    assert reload(case).remind_on is None


def test_asked_letter_after_the_limit_says_that_one_may_answer_yet() -> None:
    case = factories.CaseFactory(status=Status.NO_RESPONSE, due_on=None, remind_on=today())
    services.remind_waiting()
    send_all_owed()
    body = Letter.objects.get(to=case.person).body
    assert "срок прошёл, ответить ещё можно" in body
    assert "последний день" not in body


def test_asked_letter_goes_out_before_the_answer_is_given_up() -> None:
    """The furthest day one may name is the last of waiting; a worker that comes a day later loses no letter."""
    case = waiting(14 + 31, remind_on=today() - DAY, reminders=3)
    done = services.run_due(today())
    assert (done["expired"], done["reminded"]) == (0, 1)
    assert services.run_due(today())["expired"] == 1
    assert len(letters()) == 1
    assert reload(case).reminders == 4


def test_asked_day_missed_by_the_worker_is_made_up_for() -> None:
    waiting(3, remind_on=today() - DAY)
    assert services.remind_waiting() == 1


def test_answer_forgets_the_asked_day() -> None:
    case = waiting(3, remind_on=today() + DAY)
    words = services.SurveyAnswers(important="Приёмы", in_route="no", has_started=False, reason="time")
    services.submit_survey(Case.objects.with_names().get(pk=case.pk), words, author=None, channel="link")
    assert reload(case).remind_on is None


def test_asked_day_that_passed_during_a_pause_is_no_second_letter_of_its_end() -> None:
    case = waiting(3, remind_on=today() + 2 * DAY)
    pause_case(Case.objects.with_names().get(pk=case.pk), actor=case.responsible, until=today() + 5 * DAY, reason="х")
    done = services.run_due(today() + 5 * DAY)
    assert (done["resumed"], done["reminded"]) == (1, 0)
    assert reload(case).remind_on is None


def test_refusal_of_consent_forgets_the_asked_day() -> None:
    case = waiting(3, remind_on=today())
    refuse_consent(case.person)
    assert services.remind_waiting() == 0


# --- By a person's word -----------------------------------------------------------------------------------------------


def test_reasons_in_words() -> None:
    on = date(today().year + 1, 5, 12)
    assert why_not(waiting(3)) == ""
    assert why_not(waiting(3, remind_on=on)) == "просил(а) напомнить 12.05"
    assert why_not(waiting(3, remind_on=today())) == ""
    assert why_not(waiting(3, reminders=3)) == "три напоминания уже отправлены"
    assert why_not(waiting(3, paused_on=today(), paused_until=on)) == f"пауза до {on:%d.%m.%Y}"
    assert why_not(factories.CaseFactory(status=Status.SCHOOL_REVIEW)) == "уже ответил(а)"
    assert why_not(factories.CaseFactory(status=Status.SCHEDULED)) == "опрос ещё не открыт"
    assert why_not(factories.CaseFactory(status=Status.STOPPED)) == "отслеживание прекращено"
    assert "продлите срок" in why_not(factories.CaseFactory(status=Status.NO_RESPONSE))
    by_word = factories.CaseFactory(status=Status.SCHOOL_REVIEW, bare=True, without_survey=True)
    assert why_not(by_word) == "работа идёт без опросного листа"


def test_reasons_of_the_person() -> None:
    case = waiting(3)
    User.objects.filter(pk=case.person_id).update(contact_email="", email=None)
    assert why_not(case) == "нет адреса"
    User.objects.filter(pk=case.person_id).update(is_active=False)
    assert why_not(case) == "больше не работает в кабинете"


@pytest.mark.parametrize(
    ("days_ago", "words"), [(0, "начал(а) отвечать сегодня"), (1, "начал(а) отвечать вчера"), (2, "")]
)
def test_reasons_of_a_beginning(days_ago: int, words: str) -> None:
    case = waiting(3)
    began(case, days_ago)
    assert why_not(case) == words


def test_reminded_today_alone_or_among_others() -> None:
    case = waiting(8)
    other = second_case(case, 7)
    services.remind_waiting()
    assert [why_not(one) for one in (case, other)] == ["напоминали сегодня"] * 2


def test_recipients_keep_the_order_and_drop_repeats() -> None:
    first, second = waiting(3), waiting(9)
    assert [one.case for one in recipients([second, first, second])] == [second, first]


def test_recipients_cost_the_same_however_many(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cases = [waiting(3)]
    recipients(cases)  # content types
    for _ in range(2):
        with django_assert_num_queries(4):
            recipients(cases)
        cases += [waiting(3) for _ in range(4)]


def test_by_hand_counts_among_the_three_and_takes_the_next_ones_place() -> None:
    case = waiting(6)
    assert remind_now([case], actor=case.responsible) == 1
    assert reload(case).reminders == 1
    assert services.remind_waiting(today() + DAY) == 0
    assert services.remind_waiting(today() + 6 * DAY) == 1
    assert reload(case).reminders == 2
    entry = LogEntry.objects.get(note="Напоминание отправлено вручную")
    assert (entry.actor, entry.person) == (case.responsible, case.person)


def test_by_hand_twice_is_one_letter() -> None:
    case = waiting(3)
    assert remind_now([case, case], actor=case.responsible) == 1
    assert remind_now([case], actor=case.responsible) == 0
    assert len(letters()) == 1


def test_by_hand_leaves_out_whom_it_must() -> None:
    case, answered, silent = waiting(3), factories.CaseFactory(status=Status.SCHOOL_REVIEW), waiting(3, reminders=3)
    assert remind_now([answered, case, silent], actor=case.responsible) == 1
    assert [to for to, _ in letters()] == [case.person]


def test_sweep_reads_the_same_however_many_wait(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        began(waiting(), 0)
    with django_assert_max_num_queries(6):
        assert services.remind_waiting() == 0
