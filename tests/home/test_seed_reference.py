"""Reference data: complete at first, and never against the admin afterwards."""

from datetime import date

import pytest
from django.core.management import call_command

from cabinet.core.clock import add_working_days, after_quiet, is_working_day
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.home.reference import load_reference
from cabinet.structure.models import Municipality, Position, Subject, Territory, Topic
from cabinet.users.models import DataNotice

pytestmark = pytest.mark.django_db

MODELS = (Territory, Municipality, Subject, Position, Topic, CalendarDay, QuietPeriod)


def snapshot() -> list[list[dict[str, object]]]:
    return [list(model.objects.order_by("pk").values()) for model in MODELS]


def test_second_run_changes_nothing() -> None:
    call_command("seed_reference")
    before = snapshot()
    call_command("seed_reference")
    assert snapshot() == before


def test_all_municipalities_with_known_territories_only() -> None:
    load_reference()
    assert Territory.objects.count() == 7
    assert Municipality.objects.count() == 43
    assert Municipality.objects.filter(name="Пермский").count() == 2
    known = set(Municipality.objects.exclude(territory=None).values_list("name", "kind", "territory__name"))
    assert known == {
        ("Березниковский", "municipal", "Верхнекамье"),
        ("Соликамский", "municipal", "Верхнекамье"),
        ("Красновишерский", "municipal", "Верхнекамье"),
        ("Чердынский", "municipal", "Верхнекамье"),
        ("Пермский", "urban", "Пермский ГО"),
    }
    assert Municipality.objects.get(name="Кунгурский").territory_hint == "Союз (предположение)"
    assert Municipality.objects.get(name="Звёздный").territory_hint == ""


def test_what_the_admin_did_stays() -> None:
    load_reference()
    Topic.objects.filter(name="Профориентация").update(name="Выбор профессии")
    Subject.objects.filter(name="Астрономия").delete()
    kungur = Municipality.objects.get(name="Кунгурский")
    kungur.territory = Territory.objects.get(name="Юг")
    kungur.save()
    CalendarDay.objects.filter(day=date(2026, 12, 31)).delete()
    before = snapshot()
    load_reference()
    assert snapshot() == before


def test_missing_rows_come_when_asked_for() -> None:
    Topic.objects.create(name="Финансовая грамотность")
    load_reference()
    assert Topic.objects.count() == 1
    load_reference(add_missing=True)
    assert Topic.objects.count() == 16


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2025, 11, 1), True),
        (date(2025, 11, 3), False),
        (date(2026, 1, 9), False),
        (date(2026, 1, 12), True),
        (date(2026, 5, 11), False),
        (date(2026, 12, 31), False),
        (date(2027, 6, 14), False),
    ],
)
def test_calendar_knows_moved_days(day: date, is_working: bool) -> None:
    load_reference()
    assert is_working_day(day) is is_working


def test_working_days_step_over_the_new_year() -> None:
    load_reference()
    assert add_working_days(date(2026, 12, 30), 1) == date(2027, 1, 11)


def test_no_case_opens_in_summer_and_at_new_year() -> None:
    load_reference()
    assert after_quiet(date(2027, 6, 1)).on == date(2027, 9, 16)
    assert after_quiet(date(2027, 12, 30)).on == date(2028, 1, 13)


def test_cabinet_begins_with_a_notice_about_data() -> None:
    load_reference()
    load_reference(add_missing=True)
    assert DataNotice.objects.get().ground == DataNotice.Ground.PUBLIC_TASK
