"""Building a route line by line: added, saved as typed, moved, removed and brought back; nobody overwrites another."""

from dataclasses import dataclass, field
from typing import Any

from django.core import serializers
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.db.models import F, Max
from django.utils import timezone

from cabinet.courses.models import Completion
from cabinet.users.models import User
from iom.models import (
    Deficit,
    Diagnosis,
    Goal,
    Ground,
    ItemAttachment,
    LineComment,
    LineDecision,
    Route,
    RouteItem,
)
from iom.moves import Refused, hold, move_item, touch
from iom.services.creating import Grounds, write_grounds
from iom.services.indexing import index

LINES: dict[str, type[Deficit] | type[Goal] | type[RouteItem]] = {one.KIND: one for one in (Deficit, Goal, RouteItem)}
AnyLine = Deficit | Goal | RouteItem
MOST = 100  # lines of a kind: a mistake or a joke, not a route
MOST_ATTACHED = 20
MOST_GROUNDS = 20
GONE = "Эту строку тем временем убрали. Обновите страницу."


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


def _changed_by(actor: User | None) -> dict[str, Any]:
    return {"changed_at": timezone.now(), "changed_by": actor}


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
        _refuse_gone(route, values)
        rows = model._default_manager.filter(route=route)
        if rows.count() >= MOST:
            raise Refused(f"В маршруте уже {MOST} строк этого вида. Уберите лишние или объедините похожие.")
        last = rows.aggregate(last=Max("place"))["last"]
        row = model(route=route, place=(last or 0) + 1, changed_by=actor, source_label=source_label[:200], **values)
        row.source = source
        if isinstance(row, RouteItem):
            row.added_in = route.version
        row.save(force_insert=True)
        _changed(route)
    return row


def save_line(row: AnyLine, values: dict[str, Any], revision: int, *, actor: User) -> None:
    """Save the fields typed. Raises Stale when the row is no longer the one that was shown."""
    with transaction.atomic():
        _open(row.route)
        _refuse_finished(row)
        _refuse_gone(row.route, values)
        model = type(row)
        fresh = {"revision": revision + 1, "changed_at": timezone.now(), "changed_by": actor}
        if not model._default_manager.filter(pk=row.pk, revision=revision).update(**values, **fresh):
            now = model._default_manager.select_related("changed_by").filter(pk=row.pk).first()
            raise Refused(GONE) if now is None else Stale(now)
        for field, value in (values | fresh).items():
            setattr(row, field, value)
        _changed(row.route)


def _refuse_gone(route: Route, values: dict[str, Any]) -> None:
    """A deficit chosen on the page may have been taken away since."""
    chosen = values.get("deficit_id")
    if chosen and not route.deficits.filter(pk=chosen).exists():
        raise Refused("Выбранный дефицит тем временем убрали из маршрута. Выберите другой.")


def _take(row: AnyLine) -> None:
    """Inside a transaction: open the route, then see the line as it stands."""
    route = row.route
    _open(route)
    try:
        row.refresh_from_db()
    except ObjectDoesNotExist:
        raise Refused(GONE) from None
    row.route = route
    _refuse_finished(row)


def _refuse_finished(row: AnyLine) -> None:
    if isinstance(row, RouteItem) and row.status == RouteItem.Status.CONFIRMED:
        raise Refused("Пункт уже выполнен и подтверждён, он не меняется. Добавьте новый пункт.")


@dataclass(frozen=True)
class TakenAway:
    """What one press has taken away, so that another brings it back as it was. `rows` is JSON of Django's own."""

    label: str
    rows: str
    tied: dict[str, list[int]] = field(default_factory=dict)  # lines that were tied to a removed deficit


def _take_away(label: str, rows: list[models.Model], tied: dict[str, list[int]] | None = None) -> TakenAway:
    """The rows go, the one the others belong to being the first."""
    taken = TakenAway(label, serializers.serialize("json", rows), tied or {})
    for row in reversed(rows):
        row.delete()
    return taken


def remove_line(row: AnyLine, *, actor: User, reason: str = "") -> TakenAway | None:
    """Take a line away.

    An item people have agreed on or begun stays in the route as excluded, with the reason: then there is nothing
    to bring back.
    """
    reason = reason.strip()[:300]
    with transaction.atomic():
        _take(row)
        if isinstance(row, RouteItem) and is_kept(row):
            if not reason:
                raise Refused("Напишите, почему пункт исключается: он останется в маршруте с этой пометкой.")
            move_item(row, "remove", actor=actor, comment=reason, removed_reason=reason, **_changed_by(actor))
            taken = None
        else:
            said = {"route": row.route, "line": row.line}
            rows: list[models.Model] = [row, *LineDecision.objects.filter(**said), *LineComment.objects.filter(**said)]
            rows += row.attachments.all() if isinstance(row, RouteItem) else []
            tied = {}
            if isinstance(row, Deficit):
                tied["goal"] = list(row.goals.values_list("pk", flat=True))
                tied["item"] = list(row.items.values_list("pk", flat=True))
            taken = _take_away(str(row), rows, tied)
        _changed(row.route)
    return taken


def is_kept(item: RouteItem) -> bool:
    """An item that leaves the route only in sight of all, with a reason."""
    is_agreed = item.route.agreed_version is not None and item.is_agreed
    return is_agreed or item.status != RouteItem.Status.PLANNED


def bring_back(route: Route, taken: TakenAway) -> None:
    """What was taken away stands in the route again, with its place and what was said of it."""
    with transaction.atomic():
        _open(route)
        for one in serializers.deserialize("json", taken.rows):
            row: Any = one.object
            if type(row)._default_manager.filter(pk=row.pk).exists():
                raise Refused(f"Это уже на месте: «{taken.label}».")
            if isinstance(row, ItemAttachment) and not route.items.filter(pk=row.item_id).exists():
                raise Refused("Пункта, к которому это относилось, в маршруте уже нет.")
            if isinstance(row, Ground):
                _refuse_ground(row, taken.label)
            _leave_links_that_are_gone(row)
            one.save()
            if isinstance(row, Deficit):  # what has been tied to another one meanwhile stays so
                route.goals.filter(pk__in=taken.tied["goal"], deficit=None).update(deficit=row)
                route.items.filter(pk__in=taken.tied["item"], deficit=None).update(deficit=row)
        _changed(route)


def _refuse_ground(row: Ground, label: str) -> None:
    """What it stood on may be gone by now, or a ground again."""
    behind: dict[str, tuple[type[models.Model], int | None]] = {
        "completion": (Completion, row.completion_id),
        "diagnosis": (Diagnosis, row.diagnosis_id),
    }
    for name, (model, pk) in behind.items():
        if pk and not model._default_manager.filter(pk=pk).exists():
            raise Refused(f"Того, на что ссылалось основание, больше нет: «{label}».")
        if pk and Ground.objects.filter(route=row.route_id, **{name: pk}).exists():
            raise Refused(f"Это уже на месте: «{label}».")


def _leave_links_that_are_gone(row: models.Model) -> None:
    """A deficit, a course, a block may have been deleted while the line was away; its words stay."""
    for link in row._meta.concrete_fields:
        pk = getattr(row, link.attname)
        if not (pk and link.null and isinstance(link, models.ForeignKey)):
            continue
        if not link.remote_field.model._default_manager.filter(pk=pk).exists():
            setattr(row, link.attname, None)


def restore_item(item: RouteItem, *, actor: User) -> None:
    """An excluded item stands in the route again, as planned."""
    with transaction.atomic():
        _take(item)
        move_item(item, "restore", actor=actor, **_changed_by(actor))
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


def attach(item: RouteItem, values: dict[str, Any], *, actor: User) -> ItemAttachment:
    """A material or an event beside an item; it is a part of the item, which somebody may be editing."""
    with transaction.atomic():
        _open(item.route)
        _refuse_finished(item)
        if item.attachments.count() >= MOST_ATTACHED:
            raise Refused(f"У пункта уже {MOST_ATTACHED} материалов и событий. Уберите лишние.")
        made = ItemAttachment.objects.create(item=item, **values)
        _note_change(item, actor)
    return made


def _note_change(item: RouteItem, actor: User) -> None:
    """The item is another by now for whoever agrees it; its fields are not, and an editor need not compare."""
    RouteItem.objects.filter(pk=item.pk).update(**_changed_by(actor))
    touch(item.route)


def detach(extra: ItemAttachment, *, actor: User) -> TakenAway:
    with transaction.atomic():
        _open(extra.item.route)
        _refuse_finished(extra.item)
        taken = _take_away(extra.title, [extra])
        _note_change(extra.item, actor)
    return taken


def add_grounds(route: Route, grounds: Grounds) -> None:
    """Further reasons for the route; what is there already is not written twice."""
    with transaction.atomic():
        _open(route)
        if route.grounds.count() >= MOST_GROUNDS:
            raise Refused(f"У маршрута уже {MOST_GROUNDS} оснований. Уберите лишние.")
        write_grounds(route, grounds)
        touch(route)


def remove_ground(ground: Ground) -> TakenAway:
    """One added by mistake; what МОТОР has found stays."""
    with transaction.atomic():
        _open(ground.route)
        if ground.kind == Ground.Kind.MOTOR:
            raise Refused("Результат МОТОР остаётся в основаниях маршрута: его записали не здесь.")
        taken = _take_away(ground.text or str(ground), [ground])
        touch(ground.route)
    return taken
