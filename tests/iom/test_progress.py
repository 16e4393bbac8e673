"""How far a route has come, in numbers and in words."""

from datetime import timedelta

import pytest

from cabinet.core.clock import today
from iom.models import Status
from iom.services.overview import rows_of
from iom.services.papers import report_paper
from iom.services.progress import progress_of
from tests.factories import RouteFactory, RouteItemFactory

pytestmark = pytest.mark.django_db


def test_words_say_everything_that_is_so() -> None:
    states = ["confirmed", "confirmed", "submitted", "returned", "planned", "removed"]
    items = [RouteItemFactory.build(status=one) for one in states]
    items[4].due_on = today() - timedelta(days=1)

    progress = progress_of(items)

    assert (progress.done, progress.total, progress.removed, progress.late) == (2, 5, 1, 1)
    assert progress.words == "Выполнено 2 из 5, 1 на проверке, 1 на доработке, 1 просрочен, 1 исключён"
    assert not progress.is_over


@pytest.mark.parametrize(
    ("states", "is_over", "words"),
    [
        ([], False, "Пунктов пока нет"),
        (["removed"], True, "Все пункты исключены"),
        (["confirmed"], True, "Выполнен 1 из 1"),
        (["confirmed", "removed"], True, "Выполнен 1 из 1, 1 исключён"),
    ],
)
def test_when_everything_is_over(states: list[str], is_over: bool, words: str) -> None:
    progress = progress_of([RouteItemFactory.build(status=one) for one in states])

    assert (progress.is_over, progress.words) == (is_over, words)


def test_changes_in_practice_are_counted() -> None:
    items = [RouteItemFactory.build(in_practice_since=today()), RouteItemFactory.build()]

    assert progress_of(items).in_practice == 1


def test_what_is_handed_in_is_not_late() -> None:
    due_on = today() - timedelta(days=1)
    items = [RouteItemFactory.build(status=one, due_on=due_on) for one in ("submitted", "confirmed", "returned")]

    assert progress_of(items).late == 1


def test_numbers_are_the_same_on_the_page_in_the_list_and_in_the_report() -> None:
    route = RouteFactory(status=Status.REVISION, agreed_version=1, version=2)
    for status in ("confirmed", "submitted", "planned", "removed"):
        RouteItemFactory(route=route, status=status)
    RouteItemFactory(status="confirmed")  # of another route

    progress = progress_of(route.items.all())
    (row,) = rows_of([route.pk])
    (first, *_) = report_paper(route).sections

    assert (progress.done, progress.total) == (row.done, row.total) == (1, 3)
    assert first.lines[0] == f"{progress.words}."
