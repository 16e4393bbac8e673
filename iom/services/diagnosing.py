"""Writing diagnoses down: the measurement, its blocks and its file."""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from cabinet.files.models import StoredFile
from cabinet.files.services import store_upload
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import Deficit, Diagnosis, DiagnosisBlock, Ground
from iom.moves import Refused

MOST_FILES = 5
Blocks = Sequence[dict[str, Any]]  # {"id": of a block that is there, or None; "topic", "score", "top", "level"}


def write_down(
    person: User, values: dict[str, Any], blocks: Blocks, uploads: Sequence[UploadedFile], *, actor: User
) -> Diagnosis:
    with transaction.atomic():
        diagnosis = Diagnosis.objects.create(person=person, author=actor, **values)
        _keep_blocks(diagnosis, blocks)
        for upload in uploads:
            store_upload(upload, diagnosis, actor)
        _record(diagnosis, actor, "внесена диагностика")
    return diagnosis


def correct(
    diagnosis: Diagnosis,
    values: dict[str, Any],
    blocks: Blocks,
    uploads: Sequence[UploadedFile],
    removed: Sequence[StoredFile],
    *,
    actor: User,
) -> None:
    """Blocks that stay keep their numbers: deficits of routes refer to them."""
    with transaction.atomic():
        Diagnosis.objects.select_for_update().get(pk=diagnosis.pk)
        for name, value in values.items():
            setattr(diagnosis, name, value)
        diagnosis.save(update_fields=list(values))
        _keep_blocks(diagnosis, blocks)
        for one in removed:
            one.delete()
        for upload in uploads:
            store_upload(upload, diagnosis, actor)
        _record(diagnosis, actor, "исправлена диагностика")


def _keep_blocks(diagnosis: Diagnosis, blocks: Blocks) -> None:
    there = {one.pk: one for one in diagnosis.blocks.all()}
    for given in blocks:
        fields = {name: given[name] for name in ("topic", "score", "top", "level")}
        row = there.pop(given["id"], None) or DiagnosisBlock(diagnosis=diagnosis)
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
    DiagnosisBlock.objects.filter(pk__in=list(there)).delete()


def remove(diagnosis: Diagnosis, *, actor: User) -> None:
    """Raises Refused when a route stands on it."""
    with transaction.atomic():
        Diagnosis.objects.select_for_update().get(pk=diagnosis.pk)
        title = _route_on(diagnosis)
        if title:
            raise Refused(f"На этой диагностике основан маршрут «{title}». Её можно исправить, но не удалить.")
        _record(diagnosis, actor, "удалена диагностика")
        for one in diagnosis.files.all():
            one.delete()
        diagnosis.delete()


def _route_on(diagnosis: Diagnosis) -> str:
    grounds = Ground.objects.filter(diagnosis=diagnosis).values_list("route__title", flat=True)
    deficits = Deficit.objects.filter(block__diagnosis=diagnosis).values_list("route__title", flat=True)
    return grounds.first() or deficits.first() or ""


def _record(diagnosis: Diagnosis, actor: User, note: str) -> None:
    record(LogEntry.Action.CHANGED, actor=actor, person=diagnosis.person, about=diagnosis, note=note)


def blocks_before(diagnosis: Diagnosis) -> dict[str, DiagnosisBlock]:
    """Topic → its block with a score when the same was measured by the same instrument the time before."""
    former = Diagnosis.objects.filter(
        person=diagnosis.person_id, instrument=diagnosis.instrument, on__lt=diagnosis.on
    ).order_by("-on", "-pk")
    rows = DiagnosisBlock.objects.filter(diagnosis__in=former.values("pk")[:1], score__isnull=False)
    return {one.topic: one for one in rows}
