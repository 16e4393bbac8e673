"""How far a route has come, in numbers and in words."""

from datetime import timedelta

import pytest

from cabinet.core.clock import today
from iom.services.progress import progress_of
from tests.factories import RouteItemFactory

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
