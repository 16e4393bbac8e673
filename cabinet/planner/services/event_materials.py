"""What an event has with it: materials of the library, and files of its own."""

from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from cabinet.files.models import StoredFile
from cabinet.files.services import store_upload
from cabinet.library.models import Material, MaterialQuerySet
from cabinet.planner.models import Event
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

FOUND = 8
MOST_FILES = 20


def found_materials(event: Event, user: User, text: str) -> MaterialQuerySet:
    """Published ones not attached yet."""
    there = Event.materials.through.objects.filter(event=event).values("material")
    published: MaterialQuerySet = Material.objects.visible_to(user).published().exclude(pk__in=there)
    return published.search(text) if text else published


def attached(event: Event, user: User) -> "QuerySet[Material]":
    """Those the reader may open: one sent to the archive since is not shown."""
    there = Event.materials.through.objects.filter(event=event).values("material")
    return Material.objects.visible_to(user).published().filter(pk__in=there).order_by("title", "pk")


@transaction.atomic
def attach(event: Event, material: Material, *, actor: User) -> bool:
    list(Event.objects.select_for_update(no_key=True).filter(pk=event.pk).values_list("pk"))
    _, is_new = Event.materials.through.objects.get_or_create(event=event, material=material)
    if is_new:
        record(LogEntry.Action.CHANGED, actor=actor, about=event, note=f"К событию приложен материал: {material}")
    return is_new


@transaction.atomic
def detach(event: Event, material: Material, *, actor: User) -> bool:
    gone, _ = Event.materials.through.objects.filter(event=event, material=material).delete()
    if gone:
        record(LogEntry.Action.CHANGED, actor=actor, about=event, note=f"От события убран материал: {material}")
    return bool(gone)


def files_of(event: Event) -> "QuerySet[StoredFile]":
    """Whoever sees the event may fetch them: the download asks the event's `visible_to`."""
    kind = ContentType.objects.get_for_model(Event)
    return StoredFile.objects.filter(owner_type=kind, owner_id=event.pk).order_by("created_at", "pk")


@transaction.atomic
def add_file(event: Event, upload: UploadedFile, *, actor: User) -> StoredFile:
    """Raises ValidationError with a sentence when it cannot be taken."""
    stored = store_upload(upload, event, actor)
    record(LogEntry.Action.CHANGED, actor=actor, about=event, note=f"К событию приложен файл: {stored.name}")
    return stored


@transaction.atomic
def remove_file(stored: StoredFile, event: Event, *, actor: User) -> None:
    record(LogEntry.Action.CHANGED, actor=actor, about=event, note=f"От события убран файл: {stored.name}")
    stored.delete()
