"""What happens to a material on its way to the readers: put down, offered, taken, returned, archived.

Every move is a conditional UPDATE that raises `version` too: whoever looked at an older one is told so, and of two
clicks one acts. Content goes by `versions`.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services.content import fill, has_content, holds
from cabinet.library.services.telling import tell_owner
from cabinet.structure.models import Subject
from cabinet.users.models import LogEntry, User, only_observes
from cabinet.users.services import record

State = Material.State
FIELDS = (
    "title", "summary", "kind", "level", "licence", "topic", "deficits", "authors", "community",
    "issuer", "number", "issued_on", "amended",
)  # fmt: skip
OPEN = (State.DRAFT, State.RETURNED)  # its author may write on
SAME_CLICK = timedelta(minutes=1)
RIGHT = "подтверждено право делиться"


def may_offer(user: User) -> bool:
    """Everybody with a login; who only observes reads."""
    return not only_observes(user)


def is_keeper(user: User) -> bool:
    return "admin" in user.roles


def make_material(
    owner: User,
    values: Mapping[str, Any],
    version_values: Mapping[str, Any],
    upload: UploadedFile | None = None,
) -> Material:
    """A draft with its first version.

    `values`: columns of FIELDS (a title at least) and `subjects`; `version_values`: `form` (file, link, text) with
    `link` or `body`, and `note`. Raises ValidationError for a file or an address that cannot be taken.
    """
    with transaction.atomic():
        material = Material(owner=owner, **{name: values[name] for name in FIELDS if name in values})
        material.save()
        set_subjects(material, values.get("subjects", ()))
        version = MaterialVersion(material=material, number=1, author=owner)
        fill(version, version_values, upload, actor=owner)
    return material


def make_once(
    owner: User,
    values: Mapping[str, Any],
    version_values: Mapping[str, Any],
    upload: UploadedFile | None = None,
) -> Material:
    """As `make_material`; the same draft sent twice is there once."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=owner.pk).values_list("pk"))
        columns = {name: values[name] for name in FIELDS if name in values}
        own = Material.objects.filter(owner=owner, state=State.DRAFT, version=1, **columns)
        for one in own.filter(created_at__gte=timezone.now() - SAME_CLICK):
            version = latest(one)
            if version is not None and holds(version, version_values, upload):
                return one
        return make_material(owner, values, version_values, upload)


def set_subjects(material: Material, subjects: Iterable[Subject]) -> None:
    """With the words it is found by: names of subjects are among them."""
    material.subjects.set(subjects)
    Material.objects.filter(pk=material.pk).update(words=material.words_of())


def change_material(material: Material, values: Mapping[str, Any], *, actor: User, version: int) -> bool:
    """Write a description down, if nobody has changed it or decided on it since `version`."""
    columns = {name: values[name] for name in FIELDS if name in values}
    with transaction.atomic():
        here = Material.objects.filter(pk=material.pk, version=version)
        done = here.update(version=F("version") + 1, updated_at=timezone.now(), **columns)
        material.refresh_from_db()
        if done:
            set_subjects(material, values.get("subjects", material.subjects.all()))
            if actor.pk != material.owner_id:
                record(LogEntry.Action.CHANGED, actor=actor, about=material, note=f"Изменено описание: {material}")
    return bool(done)


def save_material(
    material: Material,
    values: Mapping[str, Any],
    version_values: Mapping[str, Any],
    *,
    actor: User,
    version: int,
    upload: UploadedFile | None = None,
) -> bool:
    """Description and, of what was never in the library, content together; both or, if somebody was first, neither."""
    with transaction.atomic():
        if not change_material(material, values, actor=actor, version=version):
            return False
        first = latest(material) if version_values and material.published_at is None else None
        if first is not None:
            fill(first, version_values, upload, actor=actor)
    return True


def gaps(material: Material) -> list[str]:
    """What is missing before it can be offered."""
    return lacks(material, latest(material))


def lacks(material: Material, version: MaterialVersion | None) -> list[str]:
    """The same, with its version at hand."""
    missing = [] if material.summary.strip() else ["напишите, о чём материал и чем полезен"]
    if version is None or not has_content(version):
        missing.append("приложите файл, ссылку или текст")
    return missing


def latest(material: Material) -> MaterialVersion | None:
    return material.versions.select_related("file").order_by("-number").first()


def offer(material: Material, *, actor: User) -> bool:
    """To the keeper; says whether it was a draft or a returned one with everything in its place."""
    with transaction.atomic():
        if not _move(material, OPEN, State.OFFERED, actor, f"Предложен: {material}; {RIGHT}", ready=True):
            return False
        _versions(material, MaterialVersion.State.OFFERED)
    return True


def withdraw(material: Material, *, actor: User) -> bool:
    """The author takes an offer back to write on."""
    with transaction.atomic():
        if not _move(material, (State.OFFERED,), State.DRAFT, actor, f"Отозван автором: {material}"):
            return False
        _versions(material, MaterialVersion.State.DRAFT)
    return True


def publish(material: Material, *, actor: User, words: str = "", seen: int | None = None) -> bool:
    """Into the library: what was offered, or a draft of the keeper's own. `seen`: the version that was decided on."""
    now = timezone.now()
    with transaction.atomic():
        version = latest(_locked(material))
        if version is None:
            return False
        columns = {"current": version, "published_at": now, "decided_by": actor, "decision": words}
        columns |= link_columns(version)
        note = f"Принят в библиотеку: {material}"
        if not _move(material, (State.DRAFT, State.OFFERED), State.PUBLISHED, actor, note, columns, seen, ready=True):
            return False
        MaterialVersion.objects.filter(pk=version.pk).update(state=MaterialVersion.State.PUBLISHED, published_at=now)
        tell_owner("taken", material, actor, words)
    return True


def return_(material: Material, comment: str, *, actor: User, seen: int | None = None) -> bool:
    """Back to the author with what to change."""
    columns = {"decided_by": actor, "decision": comment}
    with transaction.atomic():
        note = f"Возвращён автору: {comment}"
        if not _move(material, (State.OFFERED,), State.RETURNED, actor, note, columns, seen):
            return False
        _versions(material, MaterialVersion.State.RETURNED)
        tell_owner("returned", material, actor, comment)
    return True


def archive(material: Material, reason: str, *, actor: User) -> bool:
    """Out of the library; what uses it already keeps its line, new readers do not find it."""
    columns = {"decided_by": actor, "decision": reason, "link_due_at": None}
    with transaction.atomic():
        if not _move(material, (State.PUBLISHED,), State.ARCHIVED, actor, f"В архив: {reason}", columns):
            return False
        tell_owner("archived", material, actor, reason)
    return True


def restore(material: Material, reason: str, *, actor: User) -> bool:
    """Back into the library, in the version that was read last."""
    with transaction.atomic():
        version = _locked(material).current
        if version is None:
            return False
        columns = {"decided_by": actor, "decision": reason} | link_columns(version)
        note = f"Снова в библиотеке: {reason}"
        if not _move(material, (State.ARCHIVED,), State.PUBLISHED, actor, note, columns):
            return False
        tell_owner("restored", material, actor, reason)
    return True


def delete_draft(material: Material) -> bool:
    """What nobody but its author has seen; what was ever offered and returned is deleted likewise."""
    with transaction.atomic():
        draft = Material.objects.filter(pk=material.pk, state__in=OPEN, published_at=None)
        if not draft.select_for_update().exists():
            return False
        for version in material.versions.select_related("file").exclude(file=None):
            if version.file is not None:
                version.file.delete()
        return bool(draft.delete()[0])


def link_columns(version: MaterialVersion) -> dict[str, Any]:
    """Another thing is opened from now on: what was known of the former link no longer holds."""
    is_link = version.form == MaterialVersion.Form.LINK
    return {
        "link_state": Material.LinkState.UNKNOWN,
        "link_error": "",
        "link_failures": 0,
        "link_failed_since": None,
        "link_checked_at": None,
        "link_due_at": timezone.now() if is_link else None,
    }


def _locked(material: Material) -> Material:
    return Material.objects.select_for_update(of=("self",)).select_related("current").get(pk=material.pk)


def _move(
    material: Material,
    since: Iterable[str],
    to: str,
    actor: User,
    note: str,
    columns: Mapping[str, Any] | None = None,
    seen: int | None = None,
    *,
    ready: bool = False,
) -> bool:
    """Whether it was there to be moved; with `ready`, only when nothing is missing."""
    if ready and gaps(_locked(material)):
        return False
    here = Material.objects.filter(pk=material.pk, state__in=since)
    if seen is not None:
        here = here.filter(version=seen)
    done = here.update(state=to, version=F("version") + 1, updated_at=timezone.now(), **(columns or {}))
    material.refresh_from_db()
    if done:
        record(LogEntry.Action.MOVED, actor=actor, about=material, note=note)
    return bool(done)


def _versions(material: Material, state: str) -> None:
    """The first version goes where its material goes."""
    material.versions.exclude(state=MaterialVersion.State.PUBLISHED).update(state=state)
