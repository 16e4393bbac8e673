"""A regional methodist, the words of his work, and lines of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cabinet.core.clock import add_months, today
from rma.models import Activity, Direction, Function, Member
from tests.factories import MemberFactory


@pytest.fixture
def words() -> tuple[Direction, Function]:
    return (
        Direction.objects.create(code="d", name="Направление", short="молодые педагоги"),
        Function.objects.create(code="consulting", name="Консультации", short="консультации"),
    )


@pytest.fixture
def member() -> Member:
    return MemberFactory()


@pytest.fixture
def make(member: Member, words: tuple[Direction, Function]) -> Callable[..., Activity]:
    """Lines of the member, of last month unless another day is named."""

    def made(on: date | None = None, **fields: Any) -> Activity:
        defaults = {"kind": "consultation", "title": "Консультация", "hours": 2, "people_count": 1}
        known = {"member": member, "direction": words[0], "function": words[1]}
        last_month = add_months(today().replace(day=1), -1)
        return Activity.objects.create(**{**defaults, **known, "on": on or last_month, **fields})

    return made
