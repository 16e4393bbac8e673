"""Time limits of a day: a few one by one, the others counted."""

from datetime import date, timedelta

from cabinet.core.clock import today
from cabinet.core.limits import Found, LimitKind, gather

KINDS = {
    "list": LimitKind("Чек-лист", ("чек-лист", "чек-листа", "чек-листов"), lambda: "/all/", lambda pk: f"/{pk}/"),
}


def rows(count: int, day: date, *, mine: bool = True) -> list[Found]:
    return [Found("list", day, pk, mine, 1, f"Педагог {pk}") for pk in range(1, count + 1)]


def told(found: list[Found], **options: object) -> list[tuple[str, str, str, int]]:
    limits = gather(found, KINDS, **options)  # type: ignore[arg-type]
    return [(one.title, one.about, one.address, one.many) for one in limits]


def test_few_stand_one_by_one_and_more_are_counted() -> None:
    day = today()
    assert told(rows(2, day), few=2) == [("Чек-лист", "Педагог 1", "/1/", 1), ("Чек-лист", "Педагог 2", "/2/", 1)]
    assert told(rows(3, day), few=2) == [("3\u00a0чек-листа", "", "/all/", 3)]
    assert len(told(rows(20, day), few=2, full=day)) == 20
    assert told(rows(21, day), few=2, full=day) == [("21\u00a0чек-лист", "", "/all/", 21)]


def test_others_are_counted_from_two_on() -> None:
    day = today()
    assert told([Found("list", day, 7, 0, 1, "Педагог")]) == [("Чек-лист", "Педагог", "/7/", 1)]
    assert told([Found("list", day, 7, 0, 1200, "Педагог")]) == [("1\u00a0200\u00a0чек-листов", "", "/all/", 1200)]
    assert len(told(rows(1, day) + rows(1, day, mine=False))) == 2


def test_nobody_is_named_where_it_goes_further() -> None:
    assert told(rows(1, today()), few=0) == [("Чек-лист", "", "/1/", 1)]
    assert told(rows(2, today()), few=0) == [("2\u00a0чек-листа", "", "/all/", 2)]


def test_names_are_read_of_the_shown_ones_only() -> None:
    asked: list[set[int]] = []

    def names(pks: set[int]) -> dict[int, str]:
        asked.append(pks)
        return dict.fromkeys(pks, "Имя")

    later = today() + timedelta(days=1)
    found = gather([*rows(5, today()), Found("list", later, 9, 1)], KINDS, 1, None, names)
    assert asked == [{9}]
    assert [one.about for one in found] == ["", "Имя"]


def test_what_is_behind_is_overdue() -> None:
    days = [today() - timedelta(days=1), today(), today() + timedelta(days=1)]
    found = gather([Found("list", day, 1, 1) for day in days], KINDS)
    assert [one.is_overdue for one in found] == [True, False, False]
