"""«Изменение уже осуществляется»: marks of changes in practice, one or many of a route at once."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import RouteItem, Status
from iom.moves import Refused, hold, touch
from iom.services.carrying import take_item
from iom.services.indexing import index


def mark_practice(
    item: RouteItem, *, actor: User | None, text: str = "", topic: str = "", since: date | None = None
) -> None:
    """«Изменение уже осуществляется»; an empty `topic` is the course's own."""
    since = since or item.in_practice_since or today()
    if since > today():
        raise Refused("Изменение отмечают, когда оно уже началось: выберите день не позже сегодняшнего.")
    _write_practice(item, actor, "отмечено изменение в практике", since, text.strip(), topic.strip()[:200])


def unmark_practice(item: RouteItem, *, actor: User | None) -> None:
    _write_practice(item, actor, "снята отметка об изменении в практике", None, "", "")


def _write_practice(item: RouteItem, actor: User | None, what: str, since: date | None, text: str, topic: str) -> None:
    """Outside the table of moves: whatever the item's state, but not in the archive and not when it is removed."""
    with transaction.atomic():
        take_item(item)
        if item.route.status == Status.ARCHIVED:
            raise Refused("Маршрут в архиве. Верните его из архива, и отметить изменение можно будет.")
        if item.status == RouteItem.Status.REMOVED:
            raise Refused("Пункт исключён из маршрута, отмечать в нём нечего. Обновите страницу.")
        item.in_practice_since, item.practice_text, item.practice_topic = since, text, topic
        item.save(update_fields=["in_practice_since", "practice_text", "practice_topic"])
        route = item.route
        note = f"{what}: {item.activity}"
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note=note)
        touch(route)
        index(route)


def mark_ticked(marked: Sequence[tuple[RouteItem, str]], unmarked: Sequence[RouteItem], *, actor: User) -> None:
    """Ticks of a survey, all of one route: each marked item with its topic, empty being the course's own.

    What cannot be marked any more (the item excluded, the route in the archive meanwhile) is passed over: an answer
    never waits for that. The words written beside a mark stay.
    """
    topics = {one.pk: topic for one, topic in marked if not one.is_in_practice or one.practice_topic != topic}
    taken = {one.pk for one in unmarked if one.is_in_practice}
    if not (topics or taken):
        return
    route = next(one.route for one in (*(one for one, _ in marked), *unmarked))
    with transaction.atomic():
        hold(route)
        if route.status == Status.ARCHIVED:
            return
        items = list(route.items.filter(pk__in=topics.keys() | taken).exclude(status=RouteItem.Status.REMOVED))
        for item in items:
            if item.pk in topics:
                item.in_practice_since = item.in_practice_since or today()
                item.practice_topic = topics[item.pk]
            else:
                item.in_practice_since, item.practice_text, item.practice_topic = None, "", ""
        RouteItem.objects.bulk_update(items, ["in_practice_since", "practice_text", "practice_topic"])
        note = "изменения в практике по опросному листу: " + "; ".join(one.activity for one in items)
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note=note[:500])
        touch(route)
        index(route)
