"""Lists of people: upload, columns, preview, result. Admins only; for others the pages do not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.fragments import wants_fragment
from cabinet.core.spreadsheet import Refused, peek
from cabinet.courses.forms import SelectionForm
from cabinet.courses.importing.headers import Mapping
from cabinet.courses.models import Completion, ImportBatch
from cabinet.courses.services import UndoRefused, kind_of, source_path
from cabinet.home.forms.imports import ColumnsForm, UploadForm
from cabinet.home.services import lists, samples
from cabinet.structure.models import Municipality
from cabinet.users.models import User
from motor.services.withdrawal import can_withdraw

PAGE_SIZE = 20
SAMPLES = 3
View = Callable[..., HttpResponseBase]


def admin_only(view: View) -> View:
    """404, not 403: who may not load lists need not know that there are any."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User) or "admin" not in request.user.roles:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def get_batch(request: HttpRequest, pk: int) -> ImportBatch:
    batches = ImportBatch.objects.visible_to(request.user).select_related("job", "source", "failed_rows", "created_by")
    return get_object_or_404(batches.defer("created_rows"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def imports(request: HttpRequest, kind: str = ImportBatch.Kind.COMPLETIONS) -> HttpResponse:
    is_sent = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
    if is_sent and form.is_valid():
        try:
            batch = lists.receive_list(form.cleaned_data["file"], kind, request.user)  # type: ignore[arg-type]
        except Refused as error:
            form.add_error("file", str(error))
        else:
            return redirect("home:import_columns", batch.pk)
    batches = ImportBatch.objects.visible_to(request.user).filter(kind=kind).select_related("created_by", "job")
    page = Paginator(batches.defer("created_rows"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "kind": kind_of(kind), "tabs": lists.tabs(kind)}
    return render(request, "home/imports/import_list.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_batch(request, pk)
    if batch.state not in (ImportBatch.State.UPLOADED, ImportBatch.State.FAILED):
        return redirect("home:import", batch.pk)
    mapping = Mapping.from_json(batch.mapping)
    layout = kind_of(batch.kind).layout
    form = ColumnsForm(request.POST if request.method == "POST" else None, mapping=mapping, layout=layout)
    if request.method == "POST" and form.is_valid():
        lists.correct_columns(batch, form.columns)
        lists.order_check(batch, request.user)  # type: ignore[arg-type]
        return redirect("home:import", batch.pk)
    lines = [(form[f"column_{column}"], values) for column, values in column_samples(batch, mapping).items()]
    context = {"batch": batch, "mapping": mapping, "form": form, "lines": lines, "back": lists.list_address(batch.kind)}
    return render(request, "home/imports/import_columns.html", context, status=422 if form.errors else 200)


def column_samples(batch: ImportBatch, mapping: Mapping) -> dict[int, list[str]]:
    """The first few values under every heading: a person knows a column by what is in it."""
    try:
        head = next(one for one in peek(source_path(batch)) if one.index == mapping.sheet)
    except (Refused, StopIteration):
        return {column: [] for column in mapping.headings}
    rows = [row for row in head.rows if row.number >= mapping.first_data_row]
    return {
        column: [samples.shown(value) for row in rows if (value := row.value(column)) is not None][:SAMPLES]
        for column in mapping.headings
    }


@require_safe
@admin_only
@vary_on_headers("HX-Request")
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return import_page(request, get_batch(request, pk))


def import_page(request: HttpRequest, batch: ImportBatch, selection: SelectionForm | None = None) -> HttpResponse:
    """The page itself; with a form that was not accepted, what was typed stays in it."""
    stage = stage_of(batch)
    kind = kind_of(batch.kind)
    context: dict[str, Any] = {"batch": batch, "stage": stage, "steps": steps_of(stage), "words": kind.words}
    context["back"] = lists.list_address(batch.kind)
    if stage == "preview":
        context |= preview_context(batch)
        context["selection_form"] = selection or SelectionForm(
            initial=batch.result["preview"].get("selection", {}).get("rule")
        )
    elif stage == "done":
        completions = Completion.objects.filter(batch=batch)
        context["can_undo"] = kind.can_take_back(batch) and can_withdraw(completions)
    if wants_fragment(request):
        response = render(request, "home/imports/import_detail.html#progress", context)
        if stage != "working":
            response["HX-Refresh"] = "true"
        return response
    return render(request, "home/imports/import_detail.html", context, status=422 if selection else 200)


def stage_of(batch: ImportBatch) -> str:
    if batch.state in (ImportBatch.State.DONE, ImportBatch.State.UNDONE):
        return str(batch.state)
    if batch.job is not None and not batch.job.is_finished:
        return "working"
    if batch.job is not None and batch.job.state == "failed":
        return "failed"
    return "preview" if batch.result.get("preview") else "columns"


def steps_of(stage: str) -> list[dict[str, str]]:
    names = ["Файл", "Столбцы", "Проверка", "Загрузка"]
    now = {"columns": 1, "working": 2, "failed": 2, "preview": 2, "done": 4, "undone": 4}[stage]
    return [
        {"label": name, "state": "done" if number < now else "now" if number == now else "todo"}
        for number, name in enumerate(names)
    ]


def preview_context(batch: ImportBatch) -> dict[str, Any]:
    preview = batch.result["preview"]
    places = list(Municipality.objects.all()) if preview["municipalities"] else []
    by_pk = {one.pk: one for one in places}
    for entry in preview["municipalities"]:
        near = [by_pk[pk] for pk in entry["nearest"] if pk in by_pk]
        entry["offers"] = near + [one for one in places if one not in near]
    for entry in preview.get("near", []):
        entry["was"], entry["becomes"] = date.fromisoformat(entry["was"]), date.fromisoformat(entry["becomes"])
    for entry in preview.get("organizations", []):
        entry["picked"] = batch.choices.get("organizations", {}).get(entry["key"])
    for entry in preview.get("selection", {}).get("kept", []):
        entry["ends_on"] = date.fromisoformat(entry["ends_on"])
    forecast = preview.get("forecast") or {}
    months = [(date.fromisoformat(month), count) for month, count in forecast.get("months", [])]
    most = max((count for _month, count in months), default=0)
    return {"preview": preview, "forecast": forecast, "months": months, "most": most}


@require_POST
@admin_only
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_batch(request, pk)
    if stage_of(batch) == "preview":
        needs_check = lists.save_choices(batch, request.POST) or request.POST.get("do") == "check"
        if "mode" in request.POST:
            form = SelectionForm(request.POST)
            if not form.is_valid():
                return import_page(request, batch, form)
            ticked = request.POST.getlist("marked") if "ticks" in request.POST else None
            needs_check = lists.save_selection(batch, form.rule, ticked) or needs_check
        if needs_check:
            lists.order_check(batch, request.user)  # type: ignore[arg-type]
            messages.info(request, "Проверяем список заново с вашими решениями.")
        elif lists.order_writing(batch, request.user):  # type: ignore[arg-type]
            messages.success(request, "Список поставлен на загрузку.")
    elif stage_of(batch) == "failed" and batch.state == ImportBatch.State.UPLOADED:
        lists.order_check(batch, request.user)  # type: ignore[arg-type]
    elif stage_of(batch) == "failed":
        lists.order_writing(batch, request.user)  # type: ignore[arg-type]
    return redirect("home:import", batch.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_batch(request, pk)
    if batch.state != ImportBatch.State.DONE:
        return redirect("home:import", batch.pk)
    if request.method == "POST":
        try:
            lists.take_back(batch, request.user)  # type: ignore[arg-type]
        except UndoRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Загрузка отменена: всё, что появилось из этого списка, убрано.")
        return redirect("home:import", batch.pk)
    context = {
        "title": "Отменить загрузку?",
        "text": f"Из кабинета уйдёт всё, что появилось из списка «{batch.file_name}»: "
        f"{kind_of(batch.kind).words.undone}.",
        "action_label": "Отменить загрузку",
        "cancel_url": lists.address(batch),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_safe
@admin_only
def import_sample(request: HttpRequest, kind: str) -> FileResponse:
    try:
        sample = kind_of(kind).sample
    except KeyError:
        raise Http404 from None
    return FileResponse(samples.sample_file(sample), as_attachment=True, filename=sample.file_name)
