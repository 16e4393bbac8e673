"""Lists on their way through the pages: uploaded, checked by a job, decided upon, written by a job, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from cabinet.core.search import fold
from cabinet.core.services import hurry
from cabinet.core.spreadsheet import Refused
from cabinet.courses.importing.fields import Field
from cabinet.courses.importing.headers import Mapping
from cabinet.courses.models import Course, ImportBatch
from cabinet.courses.services import (
    Choices,
    Rule,
    import_list,
    kinds,
    plan_list,
    recognise,
    source_path,
    undo_list,
)
from cabinet.files.services import store_path, work_folder
from cabinet.home.services.preview import preview_of
from cabinet.jobs.models import Job
from cabinet.jobs.services import JobFailed, Run, handler, order_job
from cabinet.users.models import User
from motor.services.withdrawal import withdraw_cases

State = ImportBatch.State


def receive_list(upload: UploadedFile, kind: str, user: User) -> ImportBatch:
    """Keep the file and what was recognised in it. Raises Refused, and then nothing is kept."""
    with work_folder() as folder:
        copy = folder / "list.xlsx"
        with copy.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        mapping = recognise(str(copy), kind)
        name = Path(upload.name or "список.xlsx").name[:200]
        with transaction.atomic():
            batch = ImportBatch.objects.create(kind=kind, file_name=name, mapping=mapping.as_json(), created_by=user)
            batch.source = store_path(name, copy, owner=batch, uploaded_by=user)
            batch.save(update_fields=["source"])
    return batch


def correct_columns(batch: ImportBatch, columns: dict[int, str]) -> None:
    mapping = Mapping.from_json(batch.mapping)
    mapping.columns = dict(sorted(columns.items()))
    batch.mapping = mapping.as_json()
    batch.save(update_fields=["mapping"])


def order_check(batch: ImportBatch, user: User) -> bool:
    """Have the list checked without writing; what was found before is forgotten."""
    with transaction.atomic():
        free = ImportBatch.objects.filter(pk=batch.pk, state__in=(State.UPLOADED, State.FAILED)).exclude(working_q())
        if not free.update(state=State.UPLOADED, result={}):
            return False
        job = order_job("imports.check", f"Проверка списка «{batch.file_name}»", user, {"batch": batch.pk})
        ImportBatch.objects.filter(pk=batch.pk).update(job=job)
    return True


def order_writing(batch: ImportBatch, user: User) -> bool:
    """Have the list written. Says whether it was ordered: a second click orders nothing."""
    with transaction.atomic():
        free = ImportBatch.objects.filter(
            Q(state=State.UPLOADED) | Q(state__in=(State.RUNNING, State.FAILED), job__state=Job.State.FAILED),
            pk=batch.pk,
        ).exclude(working_q())
        if not free.update(state=State.RUNNING):
            return False
        job = order_job("imports.write", f"Загрузка списка «{batch.file_name}»", user, {"batch": batch.pk})
        ImportBatch.objects.filter(pk=batch.pk).update(job=job)
    return True


def address(batch: ImportBatch) -> str:
    return reverse("home:import", args=[batch.pk])


def list_address(kind: str) -> str:
    """Where lists of this kind are sent."""
    return reverse("home:imports" if kind == ImportBatch.Kind.COMPLETIONS else f"home:imports_{kind}")


def tabs(kind: str) -> list[dict[str, Any]]:
    """The kinds of lists one may send; `kind` is the open one."""
    return [
        {"label": one.words.tab, "address": list_address(one.code), "is_current": one.code == kind} for one in kinds()
    ]


def working_q() -> Q:
    return Q(job__isnull=False, job__finished_at__isnull=True)


@handler("imports.check")
def check_list(run: Run) -> dict[str, Any]:
    """Work out what the list would change and keep that for the page."""
    batch = get_batch(run)
    if "rule" not in batch.choices and Field.TRACK in batch.mapping["columns"].values():
        # Whoever heads a column «отслеживать» means it; the page lets him say otherwise.
        batch.choices["rule"] = Rule(Course.Selection.LISTED).as_json()
        batch.save(update_fields=["choices"])
    try:
        plan = plan_list(
            source_path(batch),
            Mapping.from_json(batch.mapping),
            batch.kind,
            Choices.from_json(batch.choices),
            run.progress,
        )
    except Refused as error:
        raise JobFailed(str(error)) from error
    ImportBatch.objects.filter(pk=batch.pk, state=State.UPLOADED).update(
        result={"preview": preview_of(plan, batch.kind)}
    )
    return {"page": address(batch)}


@handler("imports.write")
def write_list(run: Run) -> dict[str, Any]:
    """Write the list; its effect and the job's result are one transaction."""
    batch = get_batch(run)
    result = {"page": address(batch)}
    if batch.state != State.RUNNING:
        return result
    total = batch.result.get("preview", {}).get("rows", 0)
    try:
        import_list(
            batch,
            source_path(batch),
            Mapping.from_json(batch.mapping),
            actor=run.job.owner,
            progress=run.progress,
            total=total,
            on_written=lambda: run.finish(result),
        )
    except Refused as error:
        ImportBatch.objects.filter(pk=batch.pk).update(state=State.FAILED)
        raise JobFailed(str(error)) from error
    hurry("motor.run_due")
    return result


def get_batch(run: Run) -> ImportBatch:
    return ImportBatch.objects.select_related("source").get(pk=run.job.params["batch"])


def save_choices(batch: ImportBatch, posted: QueryDict) -> bool:
    """Keep the decisions of the preview page. True when they make another check worthwhile."""
    preview = batch.result.get("preview", {})
    choices = dict(batch.choices)
    organizations, municipalities = dict(choices.get("organizations", {})), dict(choices.get("municipalities", {}))
    for number, entry in enumerate(preview.get("organizations", [])):
        picked = posted.get(f"organization_{number}", "new")
        offered = {str(pk) for pk, _name in entry["nearest"]}
        organizations[entry["key"]] = int(picked) if picked in offered else "new"
    before = dict(municipalities)
    for number, entry in enumerate(preview.get("municipalities", [])):
        picked = posted.get(f"municipality_{number}", "")
        if picked.isdecimal():
            municipalities[fold(entry["name"])] = int(picked)
    choices |= {
        "organizations": organizations,
        "municipalities": municipalities,
        "redate": sorted({int(row) for row in posted.getlist("redate") if row.isdecimal()}),
        "untracked": [
            one["key"]
            for one in preview.get("programmes", [])
            if one["is_new"] and one["key"] not in posted.getlist("track")
        ],
        "open_due_now": posted.get("open_due_now") == "yes",
    }
    batch.choices = choices
    batch.save(update_fields=["choices"])
    return municipalities != before


def save_selection(batch: ImportBatch, rule: Rule, ticked: list[str] | None) -> bool:
    """Keep whom to follow. True when that differs from what the page has just shown."""
    shown = batch.result.get("preview", {}).get("selection", {})
    marked = None
    if ticked is not None and rule.mode == Course.Selection.LISTED:
        marked = sorted({int(row) for row in ticked if row.isdecimal()})
    batch.choices = {**batch.choices, "rule": rule.as_json(), "marked": marked}
    batch.save(update_fields=["choices"])
    was_marked = sorted(row for row, _name, _place, is_selected in shown.get("rows", []) if is_selected)
    # Ticks and a cap together: what the cap passes over was ticked all the same, so only a change of ticks counts.
    return shown.get("rule") != rule.as_json() or (marked is not None and not rule.cap and marked != was_marked)


def take_back(batch: ImportBatch, user: User) -> None:
    """Raises UndoRefused."""
    undo_list(batch, actor=user, withdraw=withdraw_cases)
