"""A month of work: lines, agreeing, taking back, races."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from cabinet.core.clock import add_months, today
from cabinet.users.models import LogEntry, Role
from rma.models import Activity, AgreedMonth, Direction, Function, Member
from rma.services import months
from rma.services.activity import offer
from rma.services.hours import hours_words
from tests.factories import MemberFactory, OrganizationFactory, person_with

pytestmark = pytest.mark.django_db
THIS = today().replace(day=1)
LAST = add_months(THIS, -1)
Make = Callable[..., Activity]


def seen(*lines: Activity) -> dict[int, int]:
    return {line.pk: line.revision for line in lines}


def read(member: Member, month: date = LAST) -> months.Month:
    return months.read_month(member, month, Activity.objects.all())


def test_agreed_lines_count_and_are_locked(make: Make, member: Member) -> None:
    first, second = make(), make(hours=Decimal("1.5"), people_count=12)
    done = months.agree(member, LAST, seen(first, second), actor=member.user)
    assert done == (2, Decimal("3.5"), 13)
    month = read(member)
    assert (month.waiting, month.agreed, month.total) == ([], [first, second], done)
    assert month.agreed_at is not None
    first.refresh_from_db()
    with pytest.raises(months.LineRefused, match="согласован"):
        months.save_line(first, {"title": "Иначе"}, first.revision)
    assert not months.leave_out(first)
    first.refresh_from_db()
    assert (first.title, first.state) == ("Консультация", "agreed")
    assert LogEntry.objects.filter(note__contains="согласован, строк: 2").count() == 1


def test_agreeing_twice_changes_nothing(make: Make, member: Member) -> None:
    looked_at = seen(make())
    months.agree(member, LAST, looked_at, actor=member.user)
    assert months.agree(member, LAST, looked_at, actor=member.user) == (0, 0, 0)
    assert AgreedMonth.objects.count() == 1
    assert LogEntry.objects.filter(note__contains="согласован").count() == 1


def test_what_changed_or_lacks_or_came_later_waits(make: Make, member: Member) -> None:
    fine, edited, lacking = make(), make(title="Прежде"), make(direction=None)
    looked_at = seen(fine, edited, lacking)
    months.save_line(edited, {"title": "Теперь"}, edited.revision)
    late = make()
    assert months.agree(member, LAST, looked_at, actor=member.user).lines == 1
    assert {line.pk for line in read(member).waiting} == {edited.pk, lacking.pk, late.pk}
    assert read(member).lacking == 1
    months.agree(member, LAST, seen(edited, late), actor=member.user)
    assert [line.pk for line in read(member).waiting] == [lacking.pk]
    assert AgreedMonth.objects.count() == 1


def test_month_without_complete_lines_is_not_agreed(make: Make, member: Member) -> None:
    months.agree(member, LAST, seen(make(function=None)), actor=member.user)
    assert not AgreedMonth.objects.exists()


def test_strange_lines_are_not_agreed(make: Make, member: Member) -> None:
    foreign, other_month = make(member=MemberFactory()), make(on=THIS)
    assert months.agree(member, LAST, seen(foreign, other_month), actor=member.user).lines == 0
    assert not Activity.objects.agreed().exists()


def test_month_to_come_is_not_agreed(make: Make, member: Member) -> None:
    with pytest.raises(months.MonthRefused):
        months.agree(member, add_months(THIS, 1), seen(make()), actor=member.user)


def test_month_can_be_taken_back_once(make: Make, member: Member) -> None:
    line = make()
    months.agree(member, LAST, seen(line), actor=member.user)
    assert months.reopen(member, LAST, actor=member.user)
    assert not months.reopen(member, LAST, actor=member.user)
    assert [one.pk for one in read(member).waiting] == [line.pk]
    assert read(member).agreed_at is None
    assert LogEntry.objects.filter(note__contains="возвращён").count() == 1


def test_second_window_is_refused(make: Make, member: Member) -> None:
    line = make()
    months.save_line(line, {"title": "Первое"}, 1)
    with pytest.raises(months.LineRefused, match="другом окне") as refused:
        months.save_line(line, {"title": "Второе"}, 1)
    assert refused.value.now.title == "Первое"


def test_line_goes_to_the_month_of_its_day(make: Make, member: Member) -> None:
    line = make()
    months.save_line(line, {"on": THIS}, line.revision, [OrganizationFactory()])
    assert (line.month, line.organizations.count()) == (THIS, 1)
    assert read(member).waiting == []


def test_left_out_and_back(make: Make, member: Member) -> None:
    line = make()
    assert months.leave_out(line)
    assert not months.leave_out(line)
    assert [one.pk for one in read(member).left_out] == [line.pk]
    line.refresh_from_db()
    with pytest.raises(months.LineRefused, match="не учитывать"):
        months.save_line(line, {"title": "Иначе"}, line.revision)
    assert months.put_back(line)
    assert not months.put_back(line)
    assert [one.pk for one in read(member).waiting] == [line.pk]


def test_line_sent_twice_is_written_once(member: Member, words: tuple[Direction, Function]) -> None:
    values = {"on": THIS, "kind": "other", "title": "Выступление", "hours": 1, "people_count": 30}
    lines = {months.add_line(member, values, [], once="a" * 32).pk for _ in range(2)}
    assert (len(lines), Activity.objects.get().month) == (1, THIS)


def test_same_form_with_other_words_is_told_of(member: Member, words: tuple[Direction, Function]) -> None:
    values = {"on": THIS, "kind": "other", "title": "Выступление", "hours": 1, "people_count": 30}
    months.add_line(member, values, [], once="a" * 32)
    with pytest.raises(months.LineRefused, match="уже записана"):
        months.add_line(member, values | {"title": "Урок"}, [], once="a" * 32)
    assert [one.title for one in Activity.objects.all()] == ["Выступление"]


def test_offer_after_agreeing_waits_on_top(make: Make, member: Member, words: tuple[Direction, Function]) -> None:
    months.agree(member, LAST, seen(make()), actor=member.user)
    offer(member, key="case:1", kind="consultation", on=LAST, title="Ещё одна")
    month = read(member)
    assert ([line.title for line in month.waiting], len(month.agreed)) == (["Ещё одна"], 1)


def test_year_has_twelve_months(make: Make, member: Member) -> None:
    months.agree(member, LAST, seen(make(), make(hours=Decimal("0.5"))), actor=member.user)
    make(on=THIS)
    make(on=add_months(THIS, -12))
    bars = months.year_of(member, THIS)
    assert [bar.month for bar in bars] == [add_months(THIS, -back) for back in range(11, -1, -1)]
    assert bars[-2] == (LAST, Decimal("2.5"), 2, 0)
    assert bars[-1] == (THIS, 0, 0, 1)
    assert sum(bar.lines + bar.waiting for bar in bars) == 3


def test_months_of_several_members(make: Make, member: Member) -> None:
    other = MemberFactory()
    months.agree(member, LAST, seen(make()), actor=member.user)
    make(member=other)
    rows = months.months_of([member, other], LAST)
    assert [(row.lines, row.hours, row.waiting, bool(row.agreed_at)) for row in rows] == [
        (1, 2, 0, True),
        (0, 0, 1, False),
    ]


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "9999-01", "26-01", "2026-0x", "٢٠٢٦-01"])
def test_what_is_no_month(text: str) -> None:
    assert months.month_named(text) is None


def test_month_by_name() -> None:
    assert months.month_named(f"{THIS:%Y-%m}") == THIS
    assert months.month_named(f"{add_months(THIS, 1):%Y-%m}") is None


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("1", "1 час"),
        ("2", "2 часа"),
        ("23.0", "23 часа"),
        ("1.5", "1,5 часа"),
        ("1204", "1 204 часа"),
        ("0", "0 часов"),
    ],
)
def test_hours_in_words(hours: str, words: str) -> None:
    assert hours_words(Decimal(hours)).replace("\xa0", " ") == words


def test_list_of_members_begins_with_who_has_something_to_look_through(words: tuple[Direction, Function]) -> None:
    names = ("Абрамова", "Быков", "Волкова")
    idle, agreed, waits = [MemberFactory(user=person_with(Role.REGIONAL, last_name=name)) for name in names]
    for member, state in ((agreed, "agreed"), (waits, "offered")):
        offer(member, key="x", kind=Activity.Kind.GROUP, on=THIS, title="Группа")
        Activity.objects.filter(member=member).update(state=state, direction=words[0], function=words[1])
    assert list(months.busy_first(Member.objects.all(), THIS)) == [waits, agreed, idle]
