"""A route kept elsewhere: where, for what period, and the file or link of it."""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cabinet.files.models import StoredFile
from cabinet.files.services import store_upload
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import Route, Status, Transition
from iom.moves import Refused, hold
from iom.services.indexing import index

MOST_FILES = 5


def attach(person: User, values: dict[str, Any], uploads: Sequence[UploadedFile], *, actor: User) -> Route:
    """A route kept elsewhere; it counts as a route for the whole of its period. The same form sent twice is one."""
    if person.organization is None:
        raise Refused("В карточке педагога нет организации. Укажите её, и маршрут можно будет добавить.")
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
        known = Route.objects.filter(person=person, is_outside=True, status=Status.ACTIVE, **values).first()
        if known is not None:
            return known
        route = Route.objects.create(
            person=person,
            organization=person.organization,
            position=person.position,
            subject=person.subject,
            status=Status.ACTIVE,
            is_outside=True,
            author=actor,
            changed_by=actor,
            **values,
        )
        for upload in uploads:
            store_upload(upload, route, actor)
        Transition.objects.create(route=route, move="create", to_status=Status.ACTIVE, actor=actor)
        note = "добавлен маршрут, который ведётся вне кабинета"
        record(LogEntry.Action.CHANGED, actor=actor, person=person, about=route, note=note)
        index(route)
    return route


def change(
    route: Route,
    values: dict[str, Any],
    uploads: Sequence[UploadedFile],
    removed: Sequence[StoredFile],
    *,
    revision: int,
    actor: User,
) -> None:
    """Raises Refused when somebody changed it since it was shown; nothing is written then."""
    with transaction.atomic():
        hold(route)
        if route.revision != revision:
            raise Refused(
                "Пока вы писали, эти сведения изменил другой человек. Набранное осталось на странице: "
                "сверьте его с тем, что записано сейчас, и сохраните ещё раз."
            )
        now = timezone.now()
        values = values | {"revision": revision + 1, "changed_by": actor, "changed_at": now, "touched_at": now}
        for field, value in values.items():
            setattr(route, field, value)
        route.save(update_fields=list(values))
        for one in removed:
            one.delete()
        for upload in uploads:
            store_upload(upload, route, actor)
        note = "изменены сведения о маршруте вне кабинета"
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note=note)
        index(route)


def set_archived(route: Route, *, is_archived: bool, actor: User) -> None:
    """A mistaken one leaves the lists of running routes; what was written stays, and it may come back."""
    with transaction.atomic():
        hold(route)
        former = route.status
        if (former == Status.ARCHIVED) == is_archived:
            raise Refused("Этот маршрут уже в архиве." if is_archived else "Этот маршрут уже не в архиве.")
        route.status, route.changed_by = Status.ARCHIVED if is_archived else Status.ACTIVE, actor
        route.changed_at = route.touched_at = timezone.now()
        route.save(update_fields=["status", "changed_by", "changed_at", "touched_at"])
        move = "archive" if is_archived else "restore"
        Transition.objects.create(route=route, move=move, from_status=former, to_status=route.status, actor=actor)
        note = f"маршрут вне кабинета {'убран в архив' if is_archived else 'возвращён из архива'}"
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note=note)
