"""The Excel file: equal to the rows, typed, safe, ordered as a job and from the command line."""

import subprocess
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.users.models import LogEntry, Role, User
from motor.models import Status
from registry.exports import write_registry
from registry.models import Entry, Export
from registry.services import sweep
from registry.services.columns import TITLES, all_dictionaries, cells, dictionaries_of, values_of
from registry.services.follow_up import follow_up_of
from tests.factories import CaseFactory, MemberFactory, OrganizationFactory, person_with
from tests.registry.office import find_calc

pytestmark = pytest.mark.django_db

# domain.md section 7, word for word.
COLUMNS = [
    *("территория", "муниципалитет", "ОО", "тип ОО", "ШНОР", "ФИО", "должность", "предмет", "программа", "тематика"),
    *("часы", "дата окончания", "федеральный реестр", "срез", "опросный лист (дата)", "отражено в ИОМ"),
    *("реализация начата", "причина", "подтверждения", "что изучено", "значимое содержание", "отражение в практике"),
    *(
        "другая тематика",
        "РМА подключён",
        "методист РМА",
        "расхождение",
        "может представить опыт",
        "события",
        "вариант",
    ),
    *("последующая работа", "состояние", "дата результата", "срок нарушен"),
]


def written(path: Path, rows: Any = None) -> list[tuple[Any, ...]]:
    """Write the rows (all by default) and read the first sheet back: the lines without their heading."""
    write_registry(path, Entry.objects.order_by("pk") if rows is None else rows, [], lambda done, total: None)
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2, values_only=True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.xlsx"


class TestFile:
    def test_columns_are_those_of_the_domain(self) -> None:
        assert list(TITLES) == COLUMNS
        assert len(TITLES) == 33

    def test_equals_the_rows_in_every_state(self, path: Path) -> None:
        for status in Status.values:
            CaseFactory(status=status)
        CaseFactory(status=Status.FOLLOW_UP, rma_member=MemberFactory(), completion__hours=None)
        sweep()
        entries = list(Entry.objects.with_names().order_by("pk"))
        steps, names = follow_up_of({one.pk: one.variant for one in entries}), dictionaries_of(entries)
        counted = [cells(values_of(one), names, steps.get(one.pk), today()) for one in entries]
        found = [tuple(one.date() if isinstance(one, datetime) else one for one in row) for row in written(path)]
        assert found == counted
        # The names of a page and those of a whole export are the same names.
        assert [cells(values_of(one), all_dictionaries(), steps.get(one.pk), today()) for one in entries] == counted

    def test_says_what_the_case_says(self, path: Path) -> None:
        case = CaseFactory(status=Status.CLOSED, was_late=True)
        sweep()
        (row,) = written(path)
        line = dict(zip(TITLES, row, strict=True))
        assert line["ФИО"] == case.person.full_name
        assert line["территория"] == case.organization.municipality.territory.name
        assert line["муниципалитет"] == str(case.organization.municipality)
        assert line["программа"] == case.completion.course.programme.title
        assert line["часы"] == 36
        assert line["срез"] == "3 месяца"
        assert line["отражено в ИОМ"] == "Да, мой ИОМ ведётся вне кабинета"
        assert line["реализация начата"] == "да"
        assert line["подтверждения"] == "конспект урока (занятия)"
        assert line["что изучено"] == "анализ конспекта урока (занятия)"
        assert line["значимое содержание"] == "определил"
        assert line["отражение в практике"] == "полностью"
        assert line["другая тематика"] == "нет"
        assert line["РМА подключён"] == "нет"
        assert line["может представить опыт"] == "может"
        assert line["события"] == "заседание МО"
        assert line["вариант"] == "3, полностью"
        assert line["состояние"] == "Завершено"
        assert line["срок нарушен"] == "да"

    def test_dates_are_dates_and_heading_is_frozen_and_filtered(self, path: Path) -> None:
        case = CaseFactory(status=Status.CLOSED)
        sweep()
        written(path)
        sheet = openpyxl.load_workbook(path).worksheets[0]
        ends = sheet.cell(2, TITLES.index("дата окончания") + 1)
        assert (ends.is_date, ends.number_format) == (True, "dd.mm.yyyy")
        assert ends.value.date() == case.completion.course.ends_on
        assert sheet.title == "Реестр"
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:AG2")
        assert sheet.column_dimensions["F"].width > 30

    @pytest.mark.parametrize(
        "text", ["=1+1", "+79001234567", "-2", "@SUM(A1)", '=HYPERLINK("http://127.0.0.1")', "\t=1"]
    )
    def test_words_of_people_are_never_formulas(self, path: Path, text: str) -> None:
        CaseFactory(
            completion__person__last_name=text,
            completion__person__organization__name=text,
            completion__course__programme__title=text,
        )
        sweep()
        written(path)
        sheet = openpyxl.load_workbook(path).worksheets[0]
        for title in ("ФИО", "ОО", "программа"):
            cell = sheet.cell(2, TITLES.index(title) + 1)
            assert cell.data_type == "s"
            assert str(cell.value).strip().startswith(text.strip())

    def test_second_sheet_tells_about_the_first(self, path: Path) -> None:
        CaseFactory(status=Status.CLOSED)
        CaseFactory(status=Status.NO_RESPONSE)
        CaseFactory()
        sweep()
        write_registry(path, Entry.objects.all(), [("Территория", "Парма")], lambda done, total: None)
        about = openpyxl.load_workbook(path).worksheets[1]
        told = dict(about.iter_rows(min_row=2, values_only=True))
        assert about.title == "О выгрузке"
        assert told.pop("По состоянию на").startswith(f"{today():%d.%m.%Y} ")
        assert told == {
            "Фильтр: Территория": "Парма",
            "Строк в выгрузке": 3,
            "Вариант 1": 0,
            "Вариант 2": 0,
            "Вариант 3": 1,
            "Ответ не получен": 1,
            "Не оценено": 0,
            "Отслеживание прекращено": 0,
            "Результата ещё нет": 1,
            "База долей: карт с вариантом": 1,
        }

    def test_empty_registry_is_a_heading(self, path: Path) -> None:
        write_registry(path, Entry.objects.none(), [], lambda done, total: None)
        sheet = openpyxl.load_workbook(path).worksheets[0]
        assert [cell.value for cell in sheet[1]] == COLUMNS
        assert not any(cell.value for row in sheet.iter_rows(min_row=2) for cell in row)

    @pytest.mark.parametrize("count", [1, 5])
    def test_costs_the_same_for_one_and_five(self, path: Path, count: int, django_assert_num_queries: Any) -> None:
        for _ in range(count):
            CaseFactory(status=Status.CLOSED)
        sweep()
        written(path)
        with django_assert_num_queries(11):
            written(path)

    def test_opens_in_libreoffice(self, path: Path, tmp_path: Path) -> None:
        office = find_calc()
        if office is None:
            pytest.skip("LibreOffice Calc is not installed")
        case = CaseFactory(status=Status.CLOSED, completion__person__last_name="=Сидорова")
        sweep()
        written(path)
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [
            office,
            profile,
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76",
            "--outdir",
        ]
        subprocess.run([*command, str(tmp_path), str(path)], check=True, capture_output=True, timeout=120)
        text = (tmp_path / "registry.csv").read_text(encoding="utf-8")
        assert text.splitlines()[0] == ",".join(COLUMNS)
        assert "=Сидорова" in text
        assert f"{case.completion.course.ends_on:%d.%m.%Y}" in text


class TestOrder:
    @pytest.fixture
    def head(self, client: Client) -> User:
        head = person_with(Role.HEAD, OrganizationFactory())
        client.force_login(head)
        return head

    def order(self, client: Client, query: str = "") -> Export:
        response = client.post(f"/registry/exports/order/{query}")
        assert (response.status_code, response["Location"]) == (302, "/registry/exports/")
        export: Export = Export.objects.latest("pk")
        return export

    def test_holds_what_the_page_showed_and_no_more(self, client: Client, head: User) -> None:
        own = CaseFactory(completion__person__organization=head.organization, status=Status.CLOSED)
        CaseFactory(completion__person__organization=head.organization)
        CaseFactory(status=Status.CLOSED)
        sweep()
        export = self.order(client, "?status=closed&sort=name")
        assert export.filters == [["Состояние", "Завершено"]]
        run_owed(export.job_id)
        export.refresh_from_db()
        assert (export.rows, Job.objects.get().state) == (1, "done")
        stored = StoredFile.objects.get()
        book = openpyxl.load_workbook(stored.file.open())
        (row,) = book.worksheets[0].iter_rows(min_row=2, values_only=True)
        assert row[TITLES.index("ФИО")] == own.person.full_name
        assert client.get(stored.get_absolute_url()).status_code == 200
        assert stored.name in client.get("/registry/exports/").content.decode()
        assert LogEntry.objects.filter(action="exported", actor=head, note="реестр, строк: 1").count() == 1

    def test_second_click_is_the_same_order(self, client: Client, head: User) -> None:
        assert self.order(client, "?late=no") == self.order(client, "?late=no") != self.order(client)
        assert Job.objects.count() == 2

    def test_doing_it_twice_makes_one_file(self, client: Client, head: User) -> None:
        export = self.order(client)
        run_owed(export.job_id)
        run_owed(export.job_id)
        assert StoredFile.objects.count() == 1

    def test_worker_that_died_leaves_it_to_the_next(
        self, client: Client, head: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = self.order(client)

        def dies(*args: Any) -> int:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr("registry.exports.write_registry", dies)
            with pytest.raises(SystemExit):
                run_owed(export.job_id)
        assert not StoredFile.objects.exists()
        Job.objects.update(leased_until=None)
        run_owed(export.job_id)
        assert (Job.objects.get().state, StoredFile.objects.count()) == ("done", 1)

    def test_right_is_looked_at_when_it_is_made_and_when_it_is_fetched(self, client: Client, head: User) -> None:
        done, late = self.order(client), self.order(client, "?late=no")
        run_owed(done.job_id)
        address = StoredFile.objects.get().get_absolute_url()
        head.memberships.update(ends_on=today() - timedelta(days=1))
        assert client.get(address).status_code == 404
        assert client.get("/registry/exports/").status_code == 404
        run_owed(late.job_id)
        assert Job.objects.get(pk=late.job_id).state == "failed"
        assert StoredFile.objects.count() == 1

    def test_belongs_to_one_person(self, client: Client, head: User) -> None:
        export = self.order(client)
        run_owed(export.job_id)
        address = StoredFile.objects.get().get_absolute_url()
        client.force_login(person_with(Role.HEAD, head.organization))
        assert client.get(address).status_code == 404
        assert "Выгрузок ещё нет" in client.get("/registry/exports/").content.decode()

    @pytest.mark.parametrize("role", [Role.REGIONAL, Role.OBSERVER, "teacher"])
    def test_is_not_there_for_others(self, client: Client, role: str) -> None:
        client.force_login(person_with(role))
        assert client.post("/registry/exports/order/").status_code == 404
        assert client.get("/registry/exports/").status_code == 404

    def test_wrong_method_and_stranger(self, client: Client, head: User) -> None:
        assert client.get("/registry/exports/order/").status_code == 405
        client.logout()
        assert client.post("/registry/exports/order/").status_code == 302
        assert not Export.objects.exists()

    @pytest.mark.parametrize("count", [1, 5])
    def test_list_costs_the_same(self, client: Client, head: User, count: int, django_assert_num_queries: Any) -> None:
        for number in range(count):
            run_owed(self.order(client, f"?name={number}").job_id)
        client.get("/registry/exports/")
        with django_assert_num_queries(5):
            client.get("/registry/exports/")


class TestCommand:
    def test_narrows_by_place_course_and_period(self, path: Path) -> None:
        edge = date(2026, 3, 12)
        case = CaseFactory(completion__course__ends_on=edge)
        CaseFactory(completion__course__ends_on=edge + timedelta(days=1))
        CaseFactory(completion__course__ends_on=edge - timedelta(days=1))
        sweep()
        territory = case.organization.municipality.territory.name.upper()
        for options in (
            {"territory": territory},
            {"course": str(case.completion.course_id)},
            {"course": case.completion.course.programme.title},
            {"since": edge, "until": edge},
        ):
            call_command("export_registry", str(path), stdout=StringIO(), **options)
            sheet, about = openpyxl.load_workbook(path).worksheets
            (row,) = sheet.iter_rows(min_row=2, values_only=True)
            assert row[TITLES.index("ФИО")] == case.person.full_name
            assert len([1 for cell in about["A"] if str(cell.value).startswith("Фильтр: ")]) == len(options)

    def test_takes_days_as_written_in_the_contract(self, path: Path) -> None:
        call_command("export_registry", str(path), "--since", "2026-01-01", "--until", "2026-12-31", stdout=StringIO())
        with pytest.raises(CommandError):
            call_command("export_registry", str(path), "--since", "вчера", stdout=StringIO())

    def test_unknown_place_names_those_there_are(self, path: Path) -> None:
        CaseFactory()
        with pytest.raises(CommandError, match="Есть: Территория"):
            call_command("export_registry", str(path), territory="Атлантида", stdout=StringIO())
