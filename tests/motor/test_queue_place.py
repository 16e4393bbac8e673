"""«12 из 30»: the place in the queue, what comes next, what was put off."""

import pytest
from django.http import QueryDict

from motor.forms.queue import Step
from motor.services.queue import Choice, Line, Place, place_of

A1, A2, A3 = Line(1, 7), Line(2, 7), Line(3, 7)
B1, B2 = Line(4, 8), Line(5, 8)
QUEUE = [A1, A2, B1, B2, A3]


def test_the_same_programme_comes_first() -> None:
    assert place_of(A2, QUEUE) == Place(number=1, total=5, next_pk=1)
    assert place_of(B1, QUEUE).next_pk == 5
    assert place_of(B2, [A1, B2]).next_pk == 1


def test_by_limit_the_programme_does_not_matter() -> None:
    assert place_of(B1, [A1, B1, A2, B2], by_due=True).next_pk == 1


def test_whole_run_is_counted() -> None:
    waiting, number, seen, skipped = list(QUEUE), 0, [], ()
    here: Line | None = A1
    while here is not None:
        place = place_of(here, waiting, total=5, skipped=skipped)
        number += 1
        assert (place.number, place.total) == (number, 5)
        seen.append(here.pk)
        waiting.remove(here)
        here = next((one for one in waiting if one.pk == place.next_pk), None)
    assert seen == [1, 2, 3, 4, 5]


def test_skipped_come_again_at_the_end() -> None:
    first = place_of(A1, QUEUE, total=5)
    assert first.next_pk == 2
    second = place_of(A2, QUEUE, total=5, skipped=[1])
    assert (second.number, second.next_pk, second.skipped) == (2, 3, (1,))
    last = place_of(B2, [A1, B2], total=5, skipped=[1])
    assert (last.number, last.next_pk, last.skipped, last.is_next_skipped) == (5, 1, (), True)
    assert place_of(A1, [A1], total=5) == Place(number=5, total=5, next_pk=None)


def test_newcomers_raise_the_total() -> None:
    assert place_of(A1, QUEUE, total=2).total == 5
    assert place_of(A1, QUEUE, total=2).number == 1


def test_done_by_others_are_forgotten_among_the_skipped() -> None:
    assert place_of(A1, [A1, A2], skipped=[99, 3]).skipped == ()


def test_address_keeps_the_choice_and_the_place() -> None:
    step = Step(QueryDict("programme=5&late=yes&of=30&skip=7.9&page=2&use=v1"))
    assert (step.choice, step.total, step.skipped, step.is_run) == (Choice(programme=5, late=True), 30, [7, 9], True)
    assert step.address(total=30, skipped=(7, 9, 11)) == "?programme=5&late=yes&of=30&skip=7.9.11"
    assert step.address(done=True) == "?programme=5&late=yes&done=1"
    assert Step(QueryDict("")).address() == ""


@pytest.mark.parametrize(
    "address", ["of=x&skip=a.b..-1", "of=99999999999999999999&skip=.", "programme=abc&late=1&order=x"]
)
def test_nonsense_in_the_address_counts_as_nothing(address: str) -> None:
    step = Step(QueryDict(address))
    assert (step.choice, step.total, step.skipped) == (Choice(), 0, [])
