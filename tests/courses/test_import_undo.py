"""A list taken back: nothing of it stays, nothing of others goes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from openpyxl import Workbook

from cabinet.courses.models import Completion, Course, ImportBatch, Programme
from cabinet.courses.services import UndoRefused, import_list, recognise, undo_list
from cabinet.home.reference import load_reference
from cabinet.structure.models import Organization, Position
from cabinet.users.models import Membership, User
from motor.models import Case
from motor.services import open_due_cases, schedule_cases
from motor.services.withdrawal import withdraw_cases

HEADER = ["ФИО", "Школа", "Район", "E-mail", "Должность", "Программа", "Часы", "Окончание"]
ROW = ["Иванова Анна Петровна", "МБОУ «СОШ № 5»", "Кунгурский МО", None, "дворник-педагог", "Урок", 36, "16.03.2026"]
MODELS = (User, Organization, Programme, Course, Completion, Position, Membership)

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(db: None, tmp_path: Path) -> Callable[..., ImportBatch]:
    load_reference()

    def send_list(*rows: list[Any], kind: str = "completions", header: list[str] = HEADER) -> ImportBatch:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (header, *rows):
            sheet.append(row)
        path = tmp_path / "list.xlsx"
        book.save(path)
        batch = ImportBatch(kind=kind, file_name="list.xlsx")
        import_list(batch, path, recognise(path, kind))
        return batch

    return send_list


def table_rows() -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name != "updated_at"}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in MODELS
    }


def undo(batch: ImportBatch) -> None:
    batch.refresh_from_db()
    undo_list(batch, actor=None, withdraw=withdraw_cases)


def test_everything_a_list_made_goes(send: Callable[..., ImportBatch]) -> None:
    send(["Петрова Вера Ильинична", "Лицей № 1", "Осинский МО", "v@example.org", "учитель", "Другое", 18, "10.02.2026"])
    before = table_rows()
    batch = send(ROW)
    schedule_cases()
    undo(batch)
    assert table_rows() == before
    assert batch.state == ImportBatch.State.UNDONE
    assert Case.objects.count() == 1


def test_what_a_list_changed_returns(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    before = table_rows()
    batch = send([*ROW[:3], "new@example.org", *ROW[4:6], 40, ROW[7]])
    assert User.objects.get().contact_email == "new@example.org"
    assert Completion.objects.get().hours == 40
    undo(batch)
    assert table_rows() == before


def test_what_others_use_by_now_stays(send: Callable[..., ImportBatch]) -> None:
    first = send(ROW)
    send([*ROW[:5], "Другая программа", 18, "20.06.2026"])
    undo(first)
    assert [str(one.course.programme) for one in Completion.objects.all()] == ["Другая программа"]
    assert (User.objects.count(), Organization.objects.count(), Programme.objects.count()) == (1, 1, 1)


def test_hand_made_correction_stays(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    batch = send([*ROW[:6], 40, ROW[7]])
    Completion.objects.update(hours=24)
    undo(batch)
    assert Completion.objects.get().hours == 24


def test_no_undo_after_the_first_letter(send: Callable[..., ImportBatch]) -> None:
    batch = send(ROW)
    schedule_cases()
    Case.objects.update(waits_for_word=False, opens_on="2026-06-20")
    open_due_cases()
    before = table_rows()
    with pytest.raises(UndoRefused, match="отправлены письма"):
        undo(batch)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.DONE
    assert table_rows() == before


def test_undone_once_only(send: Callable[..., ImportBatch]) -> None:
    batch = send(ROW)
    undo(batch)
    with pytest.raises(UndoRefused, match="уже отменена"):
        undo(batch)


def test_list_can_be_sent_again_after_an_undo(send: Callable[..., ImportBatch]) -> None:
    undo(send(ROW))
    assert send(ROW).result["created"] == 1


def test_staff_list_is_taken_back(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    before = table_rows()
    batch = send(
        ["МБОУ «СОШ № 5»", "Кунгурский МО", "Сидорова Ольга Львовна", "s@example.org", "методист"],
        kind="staff",
        header=["Организация", "Муниципалитет", "ФИО", "E-mail", "Роль"],
    )
    assert Membership.objects.count() == 1
    undo(batch)
    assert table_rows() == before


def test_files_of_the_list_are_kept_with_it(send: Callable[..., ImportBatch]) -> None:
    batch = send(ROW, [None, *ROW[1:]])
    assert batch.failed_rows is not None
    assert default_storage.exists(str(batch.failed_rows.file.name))
