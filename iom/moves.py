"""The tables of allowed moves of a route and of its items (domain.md section 4), and how a move is made."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from cabinet.core.clock import Deadline
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import Route, RouteItem, Status, Transition


class Refused(Exception):
    """It cannot be done now; the text is for the user."""


@dataclass(frozen=True)
class Move:
    """From which states, to which one (None: it stays, or the caller says where), and what the history calls it."""

    label: str
    sources: tuple[str, ...]
    target: str | None


WITH_AUTHOR = (Status.DRAFT, Status.RETURNED, Status.REVISION)

MOVES: dict[str, Move] = {
    "submit": Move("Отправлен на согласование", WITH_AUTHOR, Status.IN_REVIEW),
    "recall": Move("Отозван автором", (Status.IN_REVIEW,), None),
    "agree_step": Move("Согласован, передан дальше", (Status.IN_REVIEW,), Status.IN_REVIEW),
    "pass_on": Move("Передан дальше", (Status.IN_REVIEW,), Status.IN_REVIEW),
    "agree": Move("Согласован", (Status.IN_REVIEW, *WITH_AUTHOR), None),
    "return": Move("Возвращён", (Status.IN_REVIEW,), Status.RETURNED),
    "start": Move("Начата реализация", (Status.AGREED,), Status.ACTIVE),
    "revise": Move("Открыта актуализация", Route.CARRIED_OUT, Status.REVISION),
    "drop_revision": Move("Актуализация отменена", (Status.REVISION,), None),
    "transfer": Move("Перешёл с педагогом в другую организацию", Route.RUNNING, None),
    "complete": Move("Завершён", Route.CARRIED_OUT, Status.COMPLETED),
    "reopen": Move("Возобновлён", (Status.COMPLETED,), Status.ACTIVE),
    "archive": Move("Перенесён в архив", (Status.COMPLETED, *WITH_AUTHOR, *Route.CARRIED_OUT), Status.ARCHIVED),
    "restore": Move("Возвращён из архива", (Status.ARCHIVED,), None),
}

Items = RouteItem.Status
IN_HAND = RouteItem.WITH_TEACHER

ITEM_MOVES: dict[str, Move] = {
    "start": Move("Начато", (Items.PLANNED,), Items.IN_PROGRESS),
    "submit": Move("Передано на проверку", IN_HAND, Items.SUBMITTED),
    "return": Move("Возвращено на доработку", (Items.SUBMITTED,), Items.RETURNED),
    "confirm": Move("Подтверждено", (*IN_HAND, Items.SUBMITTED), Items.CONFIRMED),
    "remove": Move("Исключено", (*IN_HAND, Items.SUBMITTED), Items.REMOVED),
    "reopen": Move("Возобновлено", (Items.CONFIRMED, Items.REMOVED), Items.IN_PROGRESS),
    "restore": Move("Возвращено в маршрут", (Items.REMOVED,), Items.PLANNED),
}


def hold(route: Route) -> None:
    """Take the route's row before changing a part of it, inside the caller's transaction, and see it as it stands.

    Every service takes the route first and its parts after it, so that two of them never wait for each other.
    """
    fresh = Route.objects.select_for_update(no_key=True, of=("self",)).get(pk=route.pk)
    for field in Route._meta.concrete_fields:
        if field.is_relation:
            continue  # what the caller has loaded beside the row stays loaded
        setattr(route, field.attname, getattr(fresh, field.attname))


def touch(route: Route) -> None:
    """Note a change that moves nothing; whoever keeps figures of routes looks at it."""
    route.touched_at = timezone.now()
    Route.objects.filter(pk=route.pk).update(touched_at=route.touched_at)


def move(
    route: Route,
    name: str,
    *,
    actor: User | None,
    due: Deadline | None,
    comment: str = "",
    target: str | None = None,
    **fields: Any,
) -> None:
    """Make one move, once, with its trace; `fields` are further columns of the route to set with it.

    Raises Refused when the route is no longer where the caller saw it: a double click, a colleague's move.
    """
    table = MOVES[name]
    before = Status(route.status)
    after = Status(table.target or target or before)
    now = timezone.now()
    values = {"step": "", "return_comment": ""} | fields
    values |= {
        "status": after,
        "due_on": due.on if due else None,
        "due_why": due.why if due else "",
        "revision": route.revision + 1,
        "touched_at": now,
    }
    if after != before:
        values["status_since"] = now
    here = Route.objects.filter(pk=route.pk, status=before, status__in=table.sources, revision=route.revision)
    with transaction.atomic(savepoint=False):
        changed = here.update(**values)
        if changed:
            Transition.objects.create(
                route_id=route.pk,
                at=now,
                move=name,
                from_status=before,
                to_status=after,
                version=values.get("version", route.version),
                actor=actor,
                comment=comment,
            )
            note = f"{table.label}: {before.label} → {after.label}" if after != before else table.label
            record(LogEntry.Action.MOVED, actor=actor, person=route.person, about=route, note=note)
    if not changed:
        route.refresh_from_db()
        now_in = f"сейчас он в состоянии «{route.get_status_display()}»"
        if route.status == before and before not in table.sources:
            raise Refused(f"С маршрутом этого сделать нельзя: {now_in}. Если страница открыта давно, обновите её.")
        raise Refused(f"Маршрут уже изменился: {now_in}. Обновите страницу — ничего не потеряно.")
    for field, value in values.items():
        setattr(route, field, value)


def move_item(item: RouteItem, name: str, *, actor: User | None, comment: str = "", **fields: Any) -> None:
    """Make one move of an item, once. The caller holds the route. Raises Refused when it is elsewhere by now."""
    table = ITEM_MOVES[name]
    before = item.status
    now = timezone.now()
    values: dict[str, Any] = {
        "return_comment": "",
        "removed_reason": "",
        "confirmed_at": now if table.target == Items.CONFIRMED else None,
        "confirmed_by": actor if table.target == Items.CONFIRMED else None,
    }
    values |= fields
    values |= {"status": table.target, "status_since": now, "revision": item.revision + 1}
    here = RouteItem.objects.filter(pk=item.pk, status=before, status__in=table.sources)
    if not here.update(**values):
        item.refresh_from_db()
        raise Refused(
            f"Пункт уже изменился: сейчас он в состоянии «{item.get_status_display()}». "
            "Обновите страницу — ничего не потеряно."
        )
    for field, value in values.items():
        setattr(item, field, value)
    note = f"{table.label}: {item.activity}" + (f". {comment}" if comment else "")
    record(LogEntry.Action.MOVED, actor=actor, person=item.route.person, about=item.route, note=note)
    touch(item.route)
