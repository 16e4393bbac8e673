"""A roster taken back: nothing of it stays, nothing of others goes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cabinet.core.clock import today
from cabinet.courses.models import ImportBatch
from cabinet.courses.services import UndoRefused, import_list, kind_of, recognise, undo_list
from cabinet.files.models import StoredFile
from cabinet.files.services import store_bytes
from cabinet.home.reference import load_reference
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import LogEntry, Membership, User
from motor.services.withdrawal import withdraw_cases
from rma.models import Activity, Indicator, Member, MemberRole, StatusChange
from rma.services.roster import add_indicator, change_status, show_card
from tests.factories import RequestFactory

HEADER = ["ФИО", "ОО", "МО", "E-mail", "Предмет", "Категория", "Роли", "Статус", "Дата приказа", "Предел запросов"]
HEADER += ["Согласие показывать карточку"]
ROW = ["Белова Анна Петровна", "Лицей № 7", "Осинский МО", "b@example.org", "Вязание", "первая", "эксперт"]
ROW += ["действует", "15.09.2022", 4]
MODELS = (User, Organization, Subject, Membership, Member, Indicator, StatusChange)
LINKS = (Member.subjects, Member.roles, Member.functions, Member.directions)

pytestmark = pytest.mark.django_db


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
        batch = ImportBatch(kind="members", file_name="list.xlsx")
        import_list(batch, path, recognise(path, "members"))
        return batch

    return send_list


def picture() -> dict[str, Any]:
    passed = {"updated_at", "revision"}
    rows: dict[str, Any] = {
        model.__name__: [
            {name: value for name, value in row.items() if name not in passed}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in MODELS
    }
    links = {one.field.name: sorted(one.through._default_manager.values_list("member", flat=False)) for one in LINKS}
    return rows | {
        "links": links,
        "roles": [sorted(one.roles.values_list("code", flat=True)) for one in Member.objects.all()],
    }


def undo(batch: ImportBatch) -> None:
    batch.refresh_from_db()
    undo_list(batch, actor=None, withdraw=withdraw_cases)


def test_everything_a_list_made_goes(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    before = picture()
    batch = send(["Серова Инна Ильинична", "Школа № 99", "Осинский МО", "s@example.org", "Лепка", *ROW[5:]])
    assert Member.objects.count() == 2
    undo(batch)
    assert picture() == before
    assert batch.state == ImportBatch.State.UNDONE


def test_what_a_list_changed_returns(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    before = picture()
    batch = send([*ROW[:4], "Вязание; Лепка", "высшая", "наставник", "исключён", "01.06.2026", 9])
    member = Member.objects.get()
    assert (member.status, member.case_limit, [str(one) for one in member.roles.all()]) == (
        "excluded",
        9,
        ["наставник"],
    )
    undo(batch)
    assert picture() == before


def test_what_people_changed_since_stays(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    batch = send([*ROW[:9], 9])
    Member.objects.update(case_limit=2)
    change_status(Member.objects.get(), "suspended", on=today(), reason="отпуск")
    undo(batch)
    member = Member.objects.get()
    assert (member.case_limit, member.status) == (2, "suspended")


def test_no_undo_once_there_is_a_request(send: Callable[..., ImportBatch]) -> None:
    batch = send(ROW)
    assert kind_of("members").can_take_back(batch)
    RequestFactory(member=Member.objects.get())
    before = picture()
    assert not kind_of("members").can_take_back(batch)
    with pytest.raises(UndoRefused, match="уже работают"):
        undo(batch)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.DONE
    assert picture() == before


def test_list_taken_back_is_forgotten(send: Callable[..., ImportBatch]) -> None:
    """What it said does not count as said: the next list may say it anew."""
    send(ROW)
    undo(send([*ROW[:6], "тьютор", *ROW[7:]]))
    assert [str(one) for one in Member.objects.get().roles.all()] == ["эксперт"]
    assert send([*ROW[:6], "тьютор", *ROW[7:]]).result["updated"] == 1
    assert [str(one) for one in Member.objects.get().roles.all()] == ["тьютор"]


def test_list_can_be_sent_again_after_an_undo(send: Callable[..., ImportBatch]) -> None:
    undo(send(ROW))
    assert not Member.objects.exists()
    assert not User.objects.filter(last_name="Белова").exists()
    assert send(ROW).result["created"] == 1


def adds_an_indicator(member: Member) -> None:
    add_indicator(member, "assessment", "passed", since=today())


def writes_an_order(member: Member) -> None:
    change_status(member, "suspended", on=today(), reason="отпуск")


def proves_what_the_list_said(member: Member) -> None:
    store_bytes("приказ.pdf", b"%PDF-1.7", owner=member.indicators.get(), content_type="application/pdf")


def shows_the_card(member: Member) -> None:
    show_card(member, is_shown=True, actor=member.user)


def writes_work_down(member: Member) -> None:
    Activity.objects.create(member=member, on=today(), kind="other", title="Выступление", hours=1)


def adds_a_role(member: Member) -> None:
    member.roles.add(MemberRole.objects.get(code="tutor"))


def writes_a_note(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(note="звонить после трёх")


@pytest.mark.parametrize(
    "work",
    [
        adds_an_indicator,
        writes_an_order,
        proves_what_the_list_said,
        shows_the_card,
        writes_work_down,
        adds_a_role,
        writes_a_note,
    ],
)
def test_no_undo_over_work_by_hand(send: Callable[..., ImportBatch], work: Callable[[Member], None]) -> None:
    batch = send(ROW)
    assert kind_of("members").can_take_back(batch)
    work(Member.objects.get())
    before = picture()

    assert not kind_of("members").can_take_back(batch)
    with pytest.raises(UndoRefused, match="уже работают"):
        undo(batch)
    assert picture() == before


def test_consent_of_the_list_itself_is_no_work_by_hand(send: Callable[..., ImportBatch]) -> None:
    batch = send([*ROW, "да"])
    assert Member.objects.get().is_shown
    assert kind_of("members").can_take_back(batch)
    said = LogEntry.objects.get(action="imported", about_type__model="member").note
    assert said.endswith("согласие показывать карточку отмечено в нём")


def test_no_undo_when_a_row_it_added_to_a_known_card_is_proven(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    batch = send([*ROW[:5], "высшая", *ROW[6:]])
    row = Indicator.objects.get(grade="top")
    stored = store_bytes("приказ.pdf", b"%PDF-1.7", owner=row, content_type="application/pdf")

    assert not kind_of("members").can_take_back(batch)
    with pytest.raises(UndoRefused, match="уже работают"):
        undo(batch)
    assert stored.owner == row


def test_files_go_with_their_indicator(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    row = Indicator.objects.get()
    store_bytes("приказ.pdf", b"%PDF-1.7", owner=row, content_type="application/pdf")

    row.delete()

    assert not StoredFile.objects.exists()


def test_exclusion_by_a_list_ends_the_role_and_its_undo_gives_it_back(send: Callable[..., ImportBatch]) -> None:
    send(ROW)
    before = picture()
    batch = send([*ROW[:7], "исключён", "01.06.2026", 4])
    assert [str(one.ends_on) for one in Membership.objects.all()] == ["2026-05-31"]
    assert not Membership.objects.active().exists()
    undo(batch)
    assert picture() == before
