"""New versions of what is in the library: the former one stays open to readers until the keeper takes the new."""

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services.content import fill, has_content
from cabinet.library.services.offering import RIGHT, link_columns
from cabinet.library.services.telling import tell_owner
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

State = MaterialVersion.State
WRITABLE = (State.DRAFT, State.RETURNED)


def open_version(material: Material) -> MaterialVersion | None:
    """The one being written or waiting for the keeper; there is one at most."""
    rows = material.versions.exclude(state=State.PUBLISHED).select_related("file__preview", "author")
    return rows.order_by("-number").first()


def start_version(
    material: Material, values: Mapping[str, Any], *, actor: User, upload: UploadedFile | None = None
) -> MaterialVersion:
    """A draft of the next version; with one begun already, that one is written on.

    `values` as of `make_material`. Raises ValidationError for a file or an address that cannot be taken.
    """
    with transaction.atomic():
        Material.objects.select_for_update(no_key=True).get(pk=material.pk)  # of two clicks the second finds the first
        found = open_version(material)
        if found is None:
            number = material.versions.aggregate(last=Max("number"))["last"] or 0
            found = MaterialVersion(material=material, number=number + 1, author=actor)
        elif found.state not in WRITABLE:
            return found
        fill(found, values, upload, actor=actor)
    return found


def change_version(
    version: MaterialVersion, values: Mapping[str, Any], *, actor: User, upload: UploadedFile | None = None
) -> bool:
    """Write on what is a draft or came back; the keeper may mend what waits for him. Never what readers open."""
    with transaction.atomic():
        Material.objects.select_for_update(no_key=True).get(pk=version.material_id)  # first, as everybody does
        here = MaterialVersion.objects.select_for_update(of=("self",)).select_related("file")
        fresh = here.filter(pk=version.pk).exclude(state=State.PUBLISHED).first()
        if fresh is None or (fresh.state == State.OFFERED and "admin" not in actor.roles):
            return False
        fill(fresh, values, upload, actor=actor)
        # Whoever looks at the former content must not decide on this one.
        Material.objects.filter(pk=fresh.material_id).update(version=F("version") + 1, updated_at=timezone.now())
    version.refresh_from_db()
    return True


def offer_version(version: MaterialVersion, *, actor: User) -> bool:
    """To the keeper; says whether it was there to be offered, its content in place and its material in the library."""
    if not has_content(version):
        return False
    note = f"Предложена версия {version.number}: {version.material}; {RIGHT}"
    return _move(version, WRITABLE, State.OFFERED, actor, note)


def withdraw_version(version: MaterialVersion, *, actor: User) -> bool:
    note = f"Отозвана автором версия {version.number}: {version.material}"
    return _move(version, (State.OFFERED,), State.DRAFT, actor, note)


def take_version(version: MaterialVersion, *, actor: User, words: str = "", seen: int | None = None) -> bool:
    """From now on readers open it; a draft of the keeper's own too."""
    now = timezone.now()
    columns = {"current": version, "decided_by": actor, "decision": words} | link_columns(version)
    note = f"Принята версия {version.number}: {version.material}"
    with transaction.atomic():
        if not has_content(version):
            return False
        since = (State.DRAFT, State.OFFERED)
        if not _move(version, since, State.PUBLISHED, actor, note, {"published_at": now}, columns, seen):
            return False
        tell_owner("version_taken", version.material, actor, words)
    return True


def return_version(version: MaterialVersion, comment: str, *, actor: User, seen: int | None = None) -> bool:
    columns = {"decided_by": actor, "decision": comment}
    note = f"Возвращена версия {version.number}: {comment}"
    with transaction.atomic():
        if not _move(version, (State.OFFERED,), State.RETURNED, actor, note, {}, columns, seen):
            return False
        tell_owner("version_returned", version.material, actor, comment)
    return True


def delete_version(version: MaterialVersion) -> bool:
    """A next version its author gave up before it was taken; readers never saw it."""
    with transaction.atomic():
        draft = MaterialVersion.objects.filter(pk=version.pk, number__gt=1, state__in=WRITABLE)
        if not draft.select_for_update().exists():
            return False
        if version.file is not None:
            version.file.delete()
        return bool(draft.delete()[0])


def _move(
    version: MaterialVersion,
    since: tuple[str, ...],
    to: str,
    actor: User,
    note: str,
    columns: Mapping[str, Any] | None = None,
    of_material: Mapping[str, Any] | None = None,
    seen: int | None = None,
) -> bool:
    """Only of a material in the library. Its row is locked first: it is the one where two keepers meet."""
    with transaction.atomic():
        here = Material.objects.filter(pk=version.material_id, state=Material.State.PUBLISHED)
        if seen is not None:
            here = here.filter(version=seen)
        is_there = here.select_for_update(no_key=True).exists()
        standing = MaterialVersion.objects.filter(pk=version.pk, state__in=since)
        done = is_there and standing.update(state=to, **(columns or {}))
        if done:
            raised = {"version": F("version") + 1, "updated_at": timezone.now()}
            Material.objects.filter(pk=version.material_id).update(**raised, **(of_material or {}))
            record(LogEntry.Action.MOVED, actor=actor, about=version.material, note=note)
        version.refresh_from_db()
    return bool(done)
