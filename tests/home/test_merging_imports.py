"""Lists after a merge: the former name and address mean the card that stayed; a pair is no reason to keep a person."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cabinet.courses.models import Completion, ImportBatch
from cabinet.courses.services import import_list, recognise, undo_list
from cabinet.home.reference import load_reference
from cabinet.home.services.merging_people import merge_people, plan_people
from cabinet.users.models import PersonPair, Role, User
from motor.services.withdrawal import withdraw_cases
from tests.factories import UserFactory, person_with

pytestmark = pytest.mark.django_db

HEADER = ["ФИО", "Школа", "Район", "E-mail", "Программа", "Часы", "Окончание"]


@pytest.fixture
def send(db: None, tmp_path: Path) -> Callable[..., ImportBatch]:
    load_reference()

    def send_list(*rows: list[Any]) -> ImportBatch:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (HEADER, *rows):
            sheet.append(row)
        path = tmp_path / "list.xlsx"
        book.save(path)
        batch = ImportBatch(kind="completions", file_name="list.xlsx")
        import_list(batch, path, recognise(path, "completions"))
        return batch

    return send_list


def row(name: str, email: str | None, programme: str) -> list[Any]:
    return [name, "МБОУ «СОШ № 5»", "Кунгурский МО", email, programme, 36, "16.03.2026"]


def test_lists_with_the_former_name_or_address_mean_the_card_that_stayed(send: Callable[..., ImportBatch]) -> None:
    admin = person_with(Role.ADMIN)
    send(row("Иванова Анна Петровна", "new@example.org", "Урок"), row("Иванова А. П.", "old@example.org", "Оценка"))
    keep = User.objects.get(contact_email="new@example.org")
    drop = User.objects.get(contact_email="old@example.org")
    seen = plan_people(keep, drop, actor=admin).fingerprint
    merge_people(keep, drop, {}, actor=admin, seen=seen)

    send(row("Иванова А. П.", None, "Чтение"), row("Иванова Анна", "old@example.org", "Письмо"))

    assert set(Completion.objects.values_list("person", "course__programme__title")) == {
        (keep.pk, title) for title in ("Урок", "Оценка", "Чтение", "Письмо")
    }
    assert User.objects.filter(last_name="Иванова").count() == 2


def test_list_is_taken_back_though_its_people_are_like_others(send: Callable[..., ImportBatch]) -> None:
    elder = UserFactory(last_name="Иванова")
    batch = send(row("Иванова Мария Петровна", None, "Урок"))
    younger = Completion.objects.get().person
    PersonPair.objects.create(first=elder, second=younger, weight=3, reasons="name")

    undo_list(batch, actor=None, withdraw=withdraw_cases)

    assert list(User.objects.all()) == [elder]
    assert not PersonPair.objects.exists()
