"""Who was at an event: ticked at once, taken back, the unexpected, the sheet, two cards made one."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cabinet.core.clock import today
from cabinet.planner.models import Event, Participation
from cabinet.planner.services import attendance
from cabinet.users.models import LogEntry, Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.home.merging import merge
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


@pytest.fixture
def event(methodist: User) -> Event:
    made: Event = EventFactory(author=methodist, organization=methodist.organization, on=today())
    return made


def page(event: Event, name: str = "event_attendance") -> str:
    return reverse(f"planner:{name}", args=[event.pk])


def marks(event: Event) -> list[bool | None]:
    return list(Participation.objects.filter(event=event).order_by("pk").values_list("attended", flat=True))


def test_marked_at_once_and_taken_back(client: Client, methodist: User, event: Event) -> None:
    rows = [ParticipationFactory(event=event, state="coming") for _ in range(3)]
    client.force_login(methodist)
    assert client.get(event.get_absolute_url()).context["first"].code == "mark"
    shown = {"shown": [one.pk for one in rows]}
    assert client.post(page(event), shown | {"came": [rows[0].pk, rows[1].pk]})["Location"] == page(event)
    assert marks(event) == [True, True, False]
    assert client.get(event.get_absolute_url()).context["first"].code != "mark"
    client.post(page(event), shown | {"came": [rows[0].pk, rows[2].pk]})
    assert marks(event) == [True, False, True]
    assert "Отменить последние отметки" in client.get(page(event)).content.decode()
    for _ in range(2):
        client.post(page(event, "event_attendance_undo"))
    assert marks(event) == [True, True, False]
    assert "Отменить последние отметки" not in client.get(page(event)).content.decode()
    assert LogEntry.objects.filter(note__startswith="Отмечено, кто был").count() == 3


def test_same_marks_change_nothing(methodist: User, event: Event) -> None:
    row = ParticipationFactory(event=event)
    assert attendance.mark(event, [row.pk], [row.pk], actor=methodist) == {row.pk: None}
    assert attendance.mark(event, [row.pk], [row.pk], actor=methodist) == {}
    assert LogEntry.objects.count() == 1


def test_undo_leaves_another_s_mark(methodist: User, event: Event) -> None:
    leader, row = UserFactory(), ParticipationFactory(event=event)
    before = attendance.mark(event, [row.pk], [row.pk], actor=methodist)
    attendance.mark(event, [row.pk], [], actor=leader)
    assert attendance.put_back(event, before, actor=methodist) == 0
    assert marks(event) == [False]


def test_rows_of_another_event_are_not_touched(client: Client, methodist: User, event: Event) -> None:
    foreign = ParticipationFactory()
    client.force_login(methodist)
    client.post(page(event), {"shown": [foreign.pk], "came": [foreign.pk]})
    assert marks(foreign.event) == [None]


@pytest.mark.parametrize("closed", [{"on": today() + timedelta(days=1)}, {"is_cancelled": True}])
def test_nothing_to_mark_yet(client: Client, methodist: User, event: Event, closed: dict[str, Any]) -> None:
    Event.objects.filter(pk=event.pk).update(**closed)
    row = ParticipationFactory(event=event)
    client.force_login(methodist)
    assert "Отмечать пока рано" in client.get(page(event)).content.decode()
    client.post(page(event), {"shown": [row.pk], "came": [row.pk]})
    client.post(page(event, "event_attendance_add"), {"add": UserFactory(organization=methodist.organization).pk})
    assert marks(event) == [None]


def test_unexpected_is_added_once(client: Client, methodist: User, event: Event) -> None:
    near, far = UserFactory(organization=methodist.organization, last_name="Гилёва"), UserFactory(last_name="Гилёва")
    client.force_login(methodist)
    assert client.get(page(event), {"who": "гилев"}).context["found"] == [near]
    add = page(event, "event_attendance_add")
    for _ in range(2):
        assert client.post(add, {"add": near.pk})["Location"] == page(event)
    assert client.post(add, {"add": far.pk}).status_code == 404
    assert client.post(add, {"add": "все"}).status_code == 404
    assert list(Participation.objects.values_list("person", "attended", "state")) == [(near.pk, True, "coming")]


def test_participant_sees_that_he_was_there(client: Client, event: Event) -> None:
    guest = person_with("teacher")
    ParticipationFactory(event=event, person=guest, attended=True)
    client.force_login(guest)
    assert "Вы были на этом событии" in client.get(event.get_absolute_url()).content.decode()
    assert client.get(page(event)).status_code == 404
    assert client.post(page(event, "event_attendance_undo")).status_code == 404
    assert client.get(page(event, "event_attendance_undo")).status_code == 405


def test_workbook_holds_names_as_text(client: Client, methodist: User, event: Event) -> None:
    ParticipationFactory(event=event, person=UserFactory(last_name="=1+1"), state="coming", attended=True)
    ParticipationFactory(event=event, person=UserFactory(last_name="Ёлкина"), state="declined")
    client.force_login(methodist)
    book = load_workbook(BytesIO(client.get(page(event, "event_sheet_excel")).content))
    rows = list(book.active.values)
    assert rows[0] == ("№", "ФИО", "Должность", "Организация", "Ответ", "Был(а)")
    assert [(row[1], row[4], row[5]) for row in rows[1:]] == [
        ("=1+1 Мария Петровна", "придёт", "да"),
        ("Ёлкина Мария Петровна", "не придёт", None),
    ]


def test_sheet_lists_those_coming(client: Client, methodist: User, event: Event) -> None:
    coming = ParticipationFactory(event=event, state="coming", person=UserFactory(last_name="<b>Гилёва"))
    ParticipationFactory(event=event, state="declined", person=UserFactory(last_name="Ёлкина"))
    client.force_login(methodist)
    shown = client.get(page(event, "event_sheet"))
    assert shown.context["rows"] == [coming]
    assert "&lt;b&gt;Гилёва" in shown.content.decode()


@pytest.mark.parametrize("count", [1, 5])
def test_page_costs_the_same_for_any_number(
    client: Client, methodist: User, event: Event, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(count):
        ParticipationFactory(event=event)
    client.force_login(methodist)
    client.get(page(event))
    with django_assert_num_queries(7):
        client.get(page(event))


# --- Two cards of one person ---------------------------------------------------------------------------------------


def test_merged_person_is_counted_once_and_keeps_attendance(client: Client, methodist: User, event: Event) -> None:
    keep = UserFactory(last_name="Ёлкина", organization=methodist.organization)
    drop = UserFactory(last_name="Елкина", organization=methodist.organization)
    own = ParticipationFactory(event=event, person=keep, state="coming", attended=True)
    ParticipationFactory(event=event, person=drop, state="coming")
    only = ParticipationFactory(person=drop, state="coming", attended=True)
    merge(keep, drop, person_with(Role.ADMIN))
    assert list(Participation.objects.filter(person=keep).order_by("pk")) == [own, only]
    assert list(Participation.objects.filter(person=keep).values_list("attended", flat=True)) == [True, True]
    client.force_login(methodist)
    shown = client.get(page(event, "event_guests"))
    assert list(shown.context["page"]) == [own]
    assert shown.context["counts"].total == 1
