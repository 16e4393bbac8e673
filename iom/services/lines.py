"""Building a route line by line: added, saved as typed, moved, removed; nobody overwrites another silently."""

from typing import Any

from django.db import models, transaction
from django.db.models import F, Max
from django.utils import timezone

from cabinet.users.models import User
from iom.models import Deficit, Goal, ItemAttachment, LineComment, LineDecision, Route, RouteItem
from iom.moves import Refused, hold, touch
from iom.services.indexing import index

LINES: dict[str, type[Deficit] | type[Goal] | type[RouteItem]] = {"deficit": Deficit, "goal": Goal, "item": RouteItem}
AnyLine = Deficit | Goal | RouteItem
MOST = 100  # lines of a kind: a mistake or a joke, not a route
MOST_ATTACHED = 20


def kind_of(row: AnyLine) -> str:
    return next(kind for kind, model in LINES.items() if isinstance(row, model))


def name_of(row: AnyLine) -> str:
    """The name of the line on pages, in snapshots, decisions and comments: «item:12»."""
    return f"{kind_of(row)}:{row.pk}"


class Stale(Exception):
    """Somebody else saved the same thing meanwhile; `row` is what stands in the database now."""

    def __init__(self, row: models.Model) -> None:
        super().__init__("Это уже изменил другой человек.")
        self.row = row


def _open(route: Route) -> None:
    """Inside a transaction: hold the route and see that it takes changes."""
    hold(route)
    if route.is_outside or route.status not in Route.OPEN_TO_CHANGE:
        raise Refused(
            f"Маршрут в состоянии «{route.get_status_display()}» не меняется. "
            "Чтобы изменить его, откройте актуализацию: прежняя версия останется."
        )


def _changed(route: Route) -> None:
    touch(route)
    index(route)


def add_line(
    route: Route,
    kind: str,
    values: dict[str, Any],
    *,
    actor: User | None,
    source: models.Model | None = None,
    source_label: str = "",
) -> AnyLine:
    """A new line at the end; `source` is where the words came from, when somebody said them before."""
    model = LINES[kind]
    with transaction.atomic():
        _open(route)
        rows = model._default_manager.filter(route=route)
        if rows.count() >= MOST:
            raise Refused(f"В маршруте уже {MOST} строк этого вида. Уберите лишние или объедините похожие.")
        last = rows.aggregate(last=Max("place"))["last"]
        row = model(route=route, place=(last or 0) + 1, changed_by=actor, source_label=source_label[:200], **values)
        row.source = source
        row.save(force_insert=True)
        _changed(route)
    return row


def save_line(row: AnyLine, values: dict[str, Any], revision: int, *, actor: User) -> None:
    """Save the fields typed. Raises Stale when the row is no longer the one that was shown."""
    with transaction.atomic():
        _open(row.route)
        _refuse_finished(row)
        model = type(row)
        fresh = {"revision": revision + 1, "changed_at": timezone.now(), "changed_by": actor}
        if not model._default_manager.filter(pk=row.pk, revision=revision).update(**values, **fresh):
            raise Stale(model._default_manager.select_related("changed_by").get(pk=row.pk))
        for field, value in (values | fresh).items():
            setattr(row, field, value)
        _changed(row.route)


def _refuse_finished(row: AnyLine) -> None:
    if isinstance(row, RouteItem) and row.status == RouteItem.Status.CONFIRMED:
        raise Refused("Пункт уже выполнен и подтверждён, он не меняется. Добавьте новый пункт.")


def remove_line(row: AnyLine, *, actor: User, reason: str = "") -> bool:
    """Take a line away; says whether it is gone for good.

    An item people have agreed on or begun stays in the route as excluded, with the reason.
    """
    with transaction.atomic():
        _open(row.route)
        _refuse_finished(row)
        is_kept = isinstance(row, RouteItem) and (
            row.route.agreed_version is not None or row.status != RouteItem.Status.PLANNED
        )
        if is_kept and isinstance(row, RouteItem):
            if not reason.strip():
                raise Refused("Напишите, почему пункт исключается: он останется в маршруте с этой пометкой.")
            row.status, row.removed_reason = RouteItem.Status.REMOVED, reason.strip()[:300]
            row.return_comment = ""
            row.revision += 1
            row.status_since = row.changed_at = timezone.now()
            row.changed_by = actor
            row.save()
        else:
            LineDecision.objects.filter(route=row.route, line=name_of(row)).delete()
            LineComment.objects.filter(route=row.route, line=name_of(row)).delete()
            row.delete()
        _changed(row.route)
    return not is_kept


def restore_item(item: RouteItem, *, actor: User) -> None:
    """An excluded item stands in the route again, as planned."""
    with transaction.atomic():
        _open(item.route)
        now = timezone.now()
        removed = RouteItem.objects.filter(pk=item.pk, status=RouteItem.Status.REMOVED)
        if not removed.update(
            status=RouteItem.Status.PLANNED,
            removed_reason="",
            revision=F("revision") + 1,
            status_since=now,
            changed_at=now,
            changed_by=actor,
        ):
            raise Refused("Пункт уже вернули в маршрут.")
        _changed(item.route)


def place_line(row: AnyLine, before: AnyLine | None) -> None:
    """Put a line before another of its kind, or at the end."""
    with transaction.atomic():
        _open(row.route)
        rows = list(type(row)._default_manager.filter(route=row.route).exclude(pk=row.pk))
        at = next((n for n, one in enumerate(rows) if before is not None and one.pk == before.pk), len(rows))
        rows.insert(at, row)
        for place, one in enumerate(rows, 1):
            if one.place != place:
                type(row)._default_manager.filter(pk=one.pk).update(place=place)
        touch(row.route)


def save_header(route: Route, values: dict[str, Any], revision: int, *, actor: User) -> None:
    """Save fields of the header. Raises Stale when somebody saved it meanwhile."""
    with transaction.atomic():
        _open(route)
        fresh = {"revision": F("revision") + 1, "changed_at": timezone.now(), "changed_by": actor}
        if not Route.objects.filter(pk=route.pk, revision=revision).update(**values, **fresh):
            raise Stale(Route.objects.select_related("changed_by", "mentor").get(pk=route.pk))
        route.refresh_from_db()
        _changed(route)


def attach(item: RouteItem, values: dict[str, Any]) -> ItemAttachment:
    """A material or an event beside an item; it is a part of the item, which somebody may be editing."""
    with transaction.atomic():
        _open(item.route)
        _refuse_finished(item)
        if item.attachments.count() >= MOST_ATTACHED:
            raise Refused(f"У пункта уже {MOST_ATTACHED} материалов и событий. Уберите лишние.")
        made = ItemAttachment.objects.create(item=item, **values)
        touch(item.route)
    return made


def detach(extra: ItemAttachment) -> None:
    with transaction.atomic():
        _open(extra.item.route)
        _refuse_finished(extra.item)
        extra.delete()
        touch(extra.item.route)
