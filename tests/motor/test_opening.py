"""When cases open: the day and its reason, room in a week, who waits for whom, and what is no longer tracked."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.core.clock import forget_calendar, today
from cabinet.core.models import QuietPeriod
from cabinet.home.reference.days import QUIET
from cabinet.mail.models import Letter
from cabinet.users.models import Role
from motor import services
from motor.models import Case, Status
from motor.moves import MoveRefused
from motor.services import notices, opening
from motor.services.opening import Spread, because, due_date, withdraw_untracked
from motor.services.story import story_of, turns_of
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    CourseFactory,
    OrganizationFactory,
    TransitionFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet() -> None:
    QuietPeriod.objects.bulk_create([QuietPeriod(**one._asdict()) for one in QUIET])
    forget_calendar()


def test_day_and_its_reason(quiet: None) -> None:
    assert due_date(date(2026, 3, 12), 3) == (
        date(2026, 9, 16),
        "курс окончен 12.03.2026 + 3\xa0месяца = 12.06.2026; с 15.05 по 15.09 карты не открываются → 16.09.2026",
    )
    assert due_date(date(2026, 7, 6), 3) == (date(2026, 10, 6), "курс окончен 06.07.2026 + 3\xa0месяца = 06.10.2026")


def test_full_weeks_are_passed_over_and_said(quiet: None) -> None:
    spread = Spread([])
    placed = [spread.place(1, date(2026, 10, 7)) for _ in range(11)]
    assert [one.on for one in placed] == [date(2026, 10, 7)] * 5 + [date(2026, 10, 12)] * 5 + [date(2026, 10, 19)]
    assert placed[4].why == ""
    assert placed[5].why == "на этой неделе у организации уже 5\xa0карт → 12.10.2026"
    assert placed[10].why == "до 19.10.2026 у организации уже по 5\xa0карт в неделю → 19.10.2026"
    assert spread.place(2, date(2026, 10, 7)).on == date(2026, 10, 7)


def test_scheduled_case_keeps_its_reason() -> None:
    place = OrganizationFactory()
    course = CourseFactory(ends_on=today())
    for _ in range(6):
        CompletionFactory(course=course, organization=place)
    services.schedule_cases()
    reasons = list(Case.objects.order_by("opens_on", "pk").values_list("opens_why", flat=True))
    assert all(one.startswith(f"курс окончен {today():%d.%m.%Y} + 3") for one in reasons)
    assert "на этой неделе у организации уже 5" in reasons[-1]


def test_long_story_loses_its_beginning() -> None:
    story = because("а" * 390, "конец истории")
    assert len(story) == 400
    assert story.startswith("…")
    assert story.endswith("конец истории")


def test_release_says_who_decided_and_raises_the_revision() -> None:
    case = CaseFactory(status="scheduled", waits_for_word=True, opens_why="курс окончен 01.01.2025")
    assert services.release_cases([case]) == 1
    assert services.release_cases([case]) == 0
    case.refresh_from_db()
    assert f"открыть решил администратор {today():%d.%m.%Y}" in case.opens_why
    assert (case.waits_for_word, case.revision) == (False, 2)


def test_untracked_cases_go_and_others_stay() -> None:
    gone = CaseFactory(status="scheduled", completion__is_selected=False)
    CaseFactory(status="scheduled", completion__course__programme__is_tracked=False)
    acted = CaseFactory(status="scheduled", completion__is_selected=False)
    TransitionFactory(case=acted, move="pause", from_status="scheduled", to_status="scheduled")
    opened = CaseFactory(status="survey_open", completion__course__is_tracked=False)
    kept = CaseFactory(status="scheduled")
    assert withdraw_untracked() == 2
    assert withdraw_untracked() == 0
    assert set(Case.objects.all()) == {acted, opened, kept}
    gone.completion.is_selected = True
    gone.completion.save()
    assert services.schedule_cases() == 1


def test_busy_person_waits_and_the_card_says_for_what() -> None:
    person = UserFactory()
    first = CaseFactory(completion__person=person, status="school_review")
    due = CaseFactory(completion__person=person, status="scheduled", opens_on=today() - timedelta(days=3))
    later = CaseFactory(completion__person=person, status="scheduled", opens_on=today() + timedelta(days=30))
    assert services.open_due_cases() == 0
    turns = {case.pk: turn for case, turn in turns_of([due, later])}
    assert turns[due.pk] == f"ждёт завершения карты № {first.pk}"
    assert turns[later.pk].endswith(f", если завершится карта № {first.pk}")
    assert story_of(due).turn == turns[due.pk]
    Case.objects.filter(pk=first.pk).update(status=Status.NO_RESPONSE)
    assert services.open_due_cases() == 1
    due.refresh_from_db()
    assert due.status == Status.SURVEY_OPEN


def test_of_several_waiting_the_earliest_opens() -> None:
    person = UserFactory()
    late = CaseFactory(completion__person=person, status="scheduled", opens_on=today() - timedelta(days=1))
    early = CaseFactory(completion__person=person, status="scheduled", opens_on=today() - timedelta(days=9))
    assert services.open_due_cases() == 1
    assert [Case.objects.get(pk=one.pk).status for one in (early, late)] == ["survey_open", "scheduled"]


def test_case_opens_once() -> None:
    case = CaseFactory(status="scheduled", opens_on=today())
    same = Case.objects.get(pk=case.pk)
    services.open_case(case)
    with pytest.raises(MoveRefused):
        services.open_case(same)


def test_list_says_why_without_more_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client.force_login(person_with(Role.ADMIN))
    for count in (1, 5):
        while Case.objects.count() < count:
            CaseFactory(status="scheduled", opens_on=today(), opens_why="курс окончен 12.03.2026")
        client.get("/motor/?view=scheduled")
        with django_assert_num_queries(7):
            page = client.get("/motor/?view=scheduled").content.decode()
        assert page.count("почему такая дата") == count
        assert page.count("курс окончен 12.03.2026") == 2 * count  # on the screen and on paper


def test_case_page_says_why(client: Client) -> None:
    case = CaseFactory(
        status="survey_open", opens_why="курс окончен 12.03.2026", due_why="14 дней на ответ с 05.05.2026"
    )
    client.force_login(person_with(Role.HEAD, case.organization))
    page = client.get(case.get_absolute_url()).content.decode()
    assert "курс окончен 12.03.2026" in page
    assert "14 дней на ответ с 05.05.2026" in page


def test_many_open_together_and_one_taken_away_meanwhile_hinders_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "AT_ONCE", 2)
    cases = [CaseFactory(status="scheduled", opens_on=today()) for _ in range(5)]
    invite = notices.invite

    def and_stop_the_second(case: Case) -> None:
        invite(case)
        Case.objects.filter(pk=cases[1].pk, status="scheduled").update(status="stopped", stop_reason="left", revision=9)

    monkeypatch.setattr(notices, "invite", and_stop_the_second)
    assert services.open_due_cases() == 4
    states = {case.pk: case.status for case in Case.objects.all()}
    assert [states[case.pk] for case in cases] == ["survey_open", "stopped", *["survey_open"] * 3]
    assert Letter.objects.filter(kind="motor.invite").count() == 4


def test_opening_many_asks_little_of_the_database(django_assert_max_num_queries: Callable[[int], Any]) -> None:
    for _ in range(10):
        CaseFactory(status="scheduled", opens_on=today())
    services.open_due_cases(today() - timedelta(days=1))
    with django_assert_max_num_queries(12 + 6 * 10):
        assert services.open_due_cases() == 10
