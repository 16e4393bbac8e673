"""The roster from Excel: what a row becomes, what a second list changes, what is never lost."""

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from openpyxl import Workbook, load_workbook
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import add_months, today
from cabinet.courses.models import ImportBatch
from cabinet.courses.services import plan_list, recognise
from cabinet.home.reference import load_reference
from cabinet.users.models import LogEntry, Membership, Role, User
from rma.models import Indicator, Member, StatusChange
from rma.services.roster import change_status, show_card

DATA = Path(__file__).parents[1] / "data"
FUNCTION = "Выявление профессиональных дефицитов педагогов"
FULL: dict[str, Any] = {
    "ФИО": "Белова Анна Петровна",
    "Школа": "МБОУ «СОШ № 5»",
    "Муниципалитет": "Кунгурский МО",
    "Должность": "Учитель",
    "Предметы": "Математика, Физика",
    "E-mail": "belova@example.org",
    "Телефон": "8 900 000-00-00",
    "Образование": "Высшее",
    "Стаж по специальности": "12 лет",
    "Квалификационная категория": "высшая",
    "Дата присвоения": "12.03.2024",
    "Оценка компетенций": "пройдена",
    "Дата оценки": date(2025, 11, 20),
    "Роли": "Наставник, тьютор",
    "Функции": f"{FUNCTION}; методическая помощь",
    "Направления": "Демонстрация личного",
    "Статус": "Действует",
    "Приказ": "№ 01.01-05/289 от 15.09.2022",
    "Предел запросов": 7,
    "Согласие на показ карточки": "да",
}
Send = Callable[..., dict[str, Any]]

NEW_CARD = "карточка РМА создана: список «roster.xlsx»; согласие показывать карточку отмечено в нём"
pytestmark = pytest.mark.django_db


@pytest.fixture
def save(db: None, tmp_path: Path) -> Callable[..., Path]:
    """A workbook of rows that are `FULL` with changes; a column that is None in all of them is left out."""
    load_reference()

    def save_list(*changes: dict[str, Any]) -> Path:
        rows = [FULL | one for one in changes or ({},)]
        headings = [name for name in rows[0] if any(row.get(name) is not None for row in rows)]
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for values in (headings, *([row[name] for name in headings] for row in rows)):
            sheet.append(values)
        path = tmp_path / "roster.xlsx"
        book.save(path)
        return path

    return save_list


def run(path: Path, *flags: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_members", str(path), "--json", *flags, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.fixture
def send(save: Callable[..., Path]) -> Send:
    return lambda *changes: run(save(*changes))


def counts(answer: dict[str, Any]) -> tuple[int, int, int, int]:
    return answer["created"], answer["unchanged"], answer["updated"], answer["people_created"]


def indicators() -> list[tuple[str, str, date | None, date | None]]:
    rows = Indicator.objects.order_by("kind", "pk")
    return [(one.kind, one.grade, one.since, one.until) for one in rows]


def errors(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["column"], one["message"]) for one in answer["errors"]]


def test_whole_row_becomes_a_card(send: Send) -> None:
    answer = send()
    assert (counts(answer), answer["rows"], answer["errors"]) == ((1, 0, 0, 1), 1, [])
    member = Member.objects.get()
    assert (member.user.full_name, str(member.user.organization), str(member.user.position)) == (
        "Белова Анна Петровна",
        "МБОУ «СОШ № 5»",
        "Учитель",
    )
    assert (member.status, member.case_limit, member.is_shown) == ("active", 7, True)
    assert sorted(one.name for one in member.subjects.all()) == ["Математика", "Физика"]
    assert [one.code for one in member.roles.all()] == ["mentor", "tutor"]
    assert [one.code for one in member.functions.all()] == ["deficits", "low_results"]
    assert [one.code for one in member.directions.all()] == ["experience"]
    assert indicators() == [
        ("assessment", "passed", date(2025, 11, 20), None),
        ("category", "top", date(2024, 3, 12), None),
        ("education", "higher", None, None),
        ("experience", "years", add_months(today(), -144), None),
    ]
    change = StatusChange.objects.get()
    assert (change.status, change.on, change.order) == ("active", date(2022, 9, 15), "№ 01.01-05/289 от 15.09.2022")


def test_acting_member_gets_the_role_and_a_login(send: Send) -> None:
    send()
    assert [(one.role, one.user.last_name) for one in Membership.objects.all()] == [("regional", "Белова")]
    assert User.objects.get().email == "belova@example.org"


def test_who_does_not_act_gets_neither(send: Send) -> None:
    send({"Статус": "исключён"})
    assert Member.objects.get().status == "excluded"
    assert not Membership.objects.exists()
    assert User.objects.get().email is None


def test_card_has_its_line_in_the_log(send: Send) -> None:
    send()
    notes = LogEntry.objects.filter(about_type__model="member").values_list("about_id", "note")
    assert list(notes) == [(Member.objects.get().pk, NEW_CARD)]


def test_second_time_nothing_changes(send: Send) -> None:
    send()
    before = (indicators(), StatusChange.objects.count(), LogEntry.objects.filter(about_type__model="member").count())
    answer = send()
    assert counts(answer) == (0, 1, 0, 0)
    after = (indicators(), StatusChange.objects.count(), LogEntry.objects.filter(about_type__model="member").count())
    assert after == before


def test_years_of_service_said_again_later_are_the_same(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    send()
    later = add_months(today(), 14)
    for where in ("reading", "planning"):
        monkeypatch.setattr(f"rma.importing.{where}.today", lambda: later)
    assert counts(send()) == (0, 1, 0, 0)
    # A year later another list says what the card has counted up to by itself.
    assert counts(send({"Стаж по специальности": 13})) == (0, 1, 0, 0)
    assert Indicator.objects.filter(kind="experience").count() == 1


def test_second_list_adds_dated_rows(send: Send) -> None:
    send({"Квалификационная категория": "первая", "Дата присвоения": "10.02.2021"})
    answer = send({"Квалификационная категория": "высшая", "Дата присвоения": "12.03.2026"})
    assert (counts(answer), answer["errors"]) == ((0, 0, 1, 0), [])
    assert [row[1:] for row in indicators() if row[0] == "category"] == [
        ("first", date(2021, 2, 10), date(2026, 2, 10)),
        ("top", date(2026, 3, 12), None),
    ]


def test_lower_grade_stands_beside_the_higher_one_and_is_pointed_out(send: Send) -> None:
    send()
    answer = send({"Образование": "среднее специальное"})
    assert [row[1] for row in indicators() if row[0] == "education"] == ["higher", "secondary"]
    assert [one["message"] for one in answer["warnings"]] == [
        "в карточке «высшее»: запись из списка встала рядом; какая лишняя, решите в карточке"
    ]


def test_second_list_adds_and_takes_away_roles(send: Send) -> None:
    send()
    assert counts(send({"Роли": "тьютор; эксперт"})) == (0, 0, 1, 0)
    assert [one.code for one in Member.objects.get().roles.all()] == ["tutor", "expert"]


def test_empty_cell_says_nothing(send: Send) -> None:
    send()
    empty = ("Образование", "Роли", "Функции", "Направления", "Предел запросов", "Оценка компетенций", "Дата оценки")
    assert counts(send(dict.fromkeys(empty))) == (0, 1, 0, 0)
    member = Member.objects.get()
    assert (member.roles.count(), member.functions.count(), member.case_limit) == (2, 2, 7)


def test_what_people_decided_since_stays(send: Send) -> None:
    send()
    member = Member.objects.get()
    member.roles.clear()
    Member.objects.update(case_limit=3)
    Indicator.objects.filter(kind="category").delete()
    change_status(member, "suspended", on=today(), reason="отпуск")
    member.refresh_from_db()
    show_card(member, is_shown=False, actor=member.user)
    answer = send()
    assert counts(answer) == (0, 1, 0, 0)
    member.refresh_from_db()
    assert (member.case_limit, member.status, member.is_shown, member.roles.count()) == (3, "suspended", False, 0)
    assert not Indicator.objects.filter(kind="category").exists()
    assert [(one["column"], one["message"]) for one in answer["warnings"]] == [
        ("Состояние", f"в карточке «приостановлен» с {today():%d.%m.%Y}, и это позже: оставлено"),
        ("Согласие показывать карточку", "в карточке согласия нет: его меняют только там"),
    ]


def test_later_order_changes_the_state(send: Send) -> None:
    send()
    answer = send({"Статус": "исключена", "Приказ": "№ 7 от 01.06.2026"})
    assert counts(answer) == (0, 0, 1, 0)
    assert Member.objects.get().status == "excluded"
    assert [(one.status, one.on, one.order) for one in StatusChange.objects.all()] == [
        ("excluded", date(2026, 6, 1), "№ 7 от 01.06.2026"),
        ("active", date(2022, 9, 15), "№ 01.01-05/289 от 15.09.2022"),
    ]


def test_state_without_an_order_is_only_pointed_out(send: Send) -> None:
    send()
    answer = send({"Статус": "исключён", "Приказ": None})
    assert counts(answer) == (0, 1, 0, 0)
    assert "чтобы изменить, укажите приказ или дату" in answer["warnings"][0]["message"]


def test_card_made_by_hand_is_filled_in(send: Send) -> None:
    send({"Роли": None, "Статус": "кандидат", "Приказ": None})
    ImportBatch.objects.all().delete()  # as though nobody had sent a list
    answer = send({"Статус": "действует", "Приказ": f"№ 9 от {today():%d.%m.%Y}"})
    assert counts(answer) == (0, 0, 1, 0)
    assert [one.code for one in Member.objects.get().roles.all()] == ["mentor", "tutor"]


def test_dry_run_writes_nothing(save: Callable[..., Path]) -> None:
    assert counts(run(save(), "--dry-run")) == (1, 0, 0, 1)
    assert not Member.objects.exists()
    assert not User.objects.exists()


def test_person_twice_in_one_list(send: Send) -> None:
    answer = send({}, {"Роли": "эксперт"})
    assert counts(answer) == (1, 1, 0, 1)
    assert (answer["warnings"][-1]["row"], answer["warnings"][-1]["message"]) == (3, "повтор строки 2: взята она")


def test_row_with_an_error_comes_back_in_a_file(send: Send) -> None:
    answer = send({}, {"ФИО": "Серов Олег Ильич", "E-mail": "s@example.org", "Дата присвоения": "31.02.2024"})
    assert (counts(answer), answer["errors"]) == (
        (1, 0, 0, 1),
        [{"row": 3, "column": "Дата присвоения категории", "message": "дата «31.02.2024» невозможна"}],
    )
    batch = ImportBatch.objects.get()
    assert batch.failed_rows is not None
    with default_storage.open(str(batch.failed_rows.file.name)) as file:
        rows = list(load_workbook(BytesIO(file.read())).worksheets[0].iter_rows(values_only=True))
    assert (rows[1][0], rows[1][-2:]) == (
        "Серов Олег Ильич",
        (3, "Дата присвоения категории: дата «31.02.2024» невозможна"),
    )


@pytest.mark.parametrize(
    ("column", "value", "label", "message"),
    [
        ("Роли", "волшебник", "Роли в РМА", "роль «волшебник» не найдена"),
        ("Функции", "помощь лесу", "Функции", "функция «помощь лесу» не найдена или подходит к нескольким"),
        ("Направления", "Оказание", "Направления", "направление «Оказание» не найдено или подходит к нескольким"),
        ("Статус", "не знаю", "Состояние", "«не знаю» не понято: кандидат, действует, приостановлен, исключён"),
        ("Предел запросов", "много", "Предел запросов", "«много» не понято: нужно число от 1 до 50"),
        ("Дата оценки", "31.11.2025", "Дата оценки компетенций", "дата «31.11.2025» невозможна"),
        ("Приказ", "№ 5 от 31.04.2024", "Приказ", "дата «31.04.2024» невозможна"),
        ("Стаж по специальности", "давно", "Стаж по специальности", None),
        ("Квалификационная категория", "вторая", "Квалификационная категория", None),
        ("Образование", "среднее общее", "Образование", None),
        ("Муниципалитет", "Нигде", "Муниципальное образование", None),
        ("Школа", None, "Организация", None),
        ("ФИО", "Белова", "Фамилия, имя, отчество", None),
    ],
)
def test_what_is_not_understood_is_an_error_of_the_row(
    send: Send, column: str, value: Any, label: str, message: str | None
) -> None:
    answer = send({column: value}, {"ФИО": "Серов Олег Ильич", "E-mail": "s@example.org"})
    assert [one["row"] for one in answer["errors"]] == [2]
    [(where, why)] = errors(answer)
    assert where == label
    assert message is None or why == message
    assert [str(one) for one in Member.objects.all()] == ["Серов Олег Ильич"]


@pytest.mark.parametrize("name", ["no-known-columns.xlsx", "not-a-spreadsheet.xlsx", "inflates.xlsx", "truncated.xlsx"])
def test_broken_file_is_refused_in_one_sentence(name: str) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("import_members", str(DATA / "broken" / name), "--json", stdout=out)
    assert stop.value.code == 2
    answer = json.loads(out.getvalue())
    assert list(answer) == ["refused"]
    assert answer["refused"].endswith(".")
    assert not ImportBatch.objects.exists()


def test_list_without_needed_columns_says_which(save: Callable[..., Path]) -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("import_members", str(save({"Муниципалитет": None})), "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"refused": "В листе «Sheet» не найдены столбцы: Муниципальное образование."}


@pytest.mark.parametrize("again", [False, True])
def test_plan_takes_the_same_queries(
    save: Callable[..., Path], again: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 5):
        path = save(
            *(
                {"ФИО": f"Белова Анна{'а' * number} Петровна", "E-mail": f"b{number}@example.org"}
                for number in range(count)
            )
        )
        if again:
            run(path)
        mapping = recognise(path, "members")
        with django_assert_num_queries(18 if again else 10):
            plan_list(path, mapping, "members")


def test_role_of_an_existing_person_is_not_given_twice(send: Send) -> None:
    send()
    Member.objects.get().indicators.all().delete()
    StatusChange.objects.all().delete()
    Member.objects.all().delete()
    assert counts(send()) == (1, 0, 0, 0)
    assert Membership.objects.filter(role=Role.REGIONAL).count() == 1
