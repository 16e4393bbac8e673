"""Whose turn it is on a route, in words: nothing waits silently."""

from collections.abc import Sequence
from dataclasses import dataclass

from cabinet.users.models import User
from iom.models import Route, Status, Step


@dataclass(frozen=True)
class Turn:
    """`whose` is a person or a post, `what` is expected of him; both are empty when nothing is."""

    whose: str
    what: str


def turn_of(route: Route, *, checkers: Sequence[User] = (), waits: bool = False) -> Turn:
    """No queries: a list asks it of every row. `waits`: something done lies with `checkers`."""
    teacher = route.person.short_name
    if route.is_outside:
        return Turn("", "")
    match route.status:
        case Status.DRAFT:
            return Turn(teacher, "дописать черновик и отправить на согласование")
        case Status.RETURNED:
            return Turn(teacher, "учесть замечания и отправить снова")
        case Status.REVISION:
            return Turn(teacher, "закончить новую версию и отправить на согласование")
        case Status.IN_REVIEW:
            return Turn(Step(route.step).label, "согласовать или вернуть с комментарием")
        case Status.AGREED | Status.ACTIVE if waits:
            return Turn(names_of(checkers) or "проверяющий", "проверить сделанное")
        case Status.AGREED | Status.ACTIVE:
            return Turn(teacher, "выполнять мероприятия и отмечать сделанное")
        case _:
            return Turn("", "")


def names_of(people: Sequence[User]) -> str:
    """Two by name, the others by number."""
    names = ", ".join(one.short_name for one in people[:2])
    return f"{names} и ещё {len(people) - 2}" if len(people) > 2 else names
