"""What happens to collections: made, changed, deleted; materials put in, moved, taken out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from cabinet.library.models import Collection, CollectionItem, Material
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

MOST = 100  # materials of one: a shelf, not a second library
MOST_OWN = 100


class Full(Exception):
    """There is no room for one more; the message says so to the reader."""


def may_publish(user: User) -> bool:
    """Collections for everybody are the keeper's: what stands in them recommends."""
    return "admin" in user.roles


def with_counts(collections: QuerySet[Collection], user: User) -> QuerySet[Any]:
    """Each with `count`: how many of its materials this reader may open."""
    seen = Q(items__material__in=Material.objects.visible_to(user).order_by().values("pk"))
    return collections.annotate(count=Count("items", filter=seen)).order_by("title", "pk")


def offered(user: User, material: Material) -> QuerySet[Any]:
    """Own collections to put it into, each with `has_it`; the keeper's public ones among them."""
    has_it = CollectionItem.objects.filter(collection=OuterRef("pk"), material=material)
    return Collection.objects.editable_by(user).annotate(has_it=Exists(has_it)).order_by("title", "pk")[:MOST_OWN]


def make_collection(owner: User, values: Mapping[str, Any]) -> Collection:
    """`values`: title, text, is_public; the same title twice in a minute is the same press twice."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        own = Collection.objects.filter(owner=owner)
        same = own.filter(title=values["title"], created_at__gte=timezone.now() - timedelta(minutes=1)).first()
        if same is not None:
            return same
        if own.count() >= MOST_OWN:
            raise Full(f"У вас уже {MOST_OWN} подборок. Удалите лишние или дополните одну из них.")
        is_public = bool(values.get("is_public")) and may_publish(owner)
        text = values.get("text", "")
        made = Collection.objects.create(owner=owner, title=values["title"], text=text, is_public=is_public)
        if is_public:
            _note_public(made, owner)
    return made


def change_collection(collection: Collection, values: Mapping[str, Any], *, actor: User) -> None:
    was_public = collection.is_public
    collection.title, collection.text = values["title"], values.get("text", "")
    if may_publish(actor):
        collection.is_public = bool(values.get("is_public"))
    with transaction.atomic():
        collection.save()
        if collection.is_public != was_public:
            _note_public(collection, actor)


def _note_public(collection: Collection, actor: User) -> None:
    note = f"Подборка {'видна всем' if collection.is_public else 'больше не видна всем'}: {collection}"
    record(LogEntry.Action.MOVED, actor=actor, about=collection, note=note)


def delete_collection(collection: Collection, *, actor: User) -> bool:
    """Its materials stay in the library."""
    with transaction.atomic():
        if collection.is_public:
            record(LogEntry.Action.CHANGED, actor=actor, about=collection, note=f"Подборка удалена: {collection}")
        return bool(Collection.objects.filter(pk=collection.pk).delete()[0])


def _hold(collection: Collection) -> None:
    """Its places are written by one at a time."""
    Collection.objects.select_for_update(no_key=True, of=("self",)).get(pk=collection.pk)


def put(collection: Collection, material: Material, note: str = "") -> bool:
    """At the end; says whether it was not there. Raises Full."""
    with transaction.atomic():
        _hold(collection)
        rows = CollectionItem.objects.filter(collection=collection)
        if rows.filter(material=material).exists():
            return False
        if rows.count() >= MOST:
            raise Full(f"В подборке уже {MOST} материалов. Уберите лишние или начните новую.")
        last = rows.aggregate(last=Max("place"))["last"] or 0
        CollectionItem.objects.create(collection=collection, material=material, place=last + 1, note=note[:300])
        _touch(collection)
    return True


def take_out(item: CollectionItem) -> bool:
    with transaction.atomic():
        _touch(item.collection)
        return bool(CollectionItem.objects.filter(pk=item.pk).delete()[0])


def explain(item: CollectionItem, note: str) -> None:
    CollectionItem.objects.filter(pk=item.pk).update(note=note[:300])
    _touch(item.collection)


def move(item: CollectionItem, up: bool) -> bool:
    """One place up or down among all; says whether there was where to."""
    with transaction.atomic():
        _hold(item.collection)
        rows = list(CollectionItem.objects.filter(collection=item.collection_id))
        at = next((n for n, one in enumerate(rows) if one.pk == item.pk), None)
        to = None if at is None else at - 1 if up else at + 1
        if at is None or to is None or not 0 <= to < len(rows):
            return False
        rows[at], rows[to] = rows[to], rows[at]
        for place, one in enumerate(rows, 1):
            if one.place != place:
                CollectionItem.objects.filter(pk=one.pk).update(place=place)
        _touch(item.collection)
    return True


def _touch(collection: Collection) -> None:
    Collection.objects.filter(pk=collection.pk).update(updated_at=timezone.now())
