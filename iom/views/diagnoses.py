"""Diagnoses: who was measured, by what, and what came out; scores only for the teacher and those who help him."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.core.search import squeeze
from cabinet.users.asking import reader
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.forms.diagnosis import BlocksSet, DiagnosisForm, blocks_set, more_rows
from iom.models import Diagnosis, DiagnosisBlock, Route
from iom.models.diagnosis import people_measured_by
from iom.moves import Refused
from iom.services import diagnosing
from iom.services.helping import people_helped_by

PAGE_SIZE = 30
FEW = 12  # people that need no search
WEAK = (DiagnosisBlock.Level.DEFICIT, DiagnosisBlock.Level.LOW)


@require_safe
def diagnosis_list(request: HttpRequest) -> HttpResponse:
    """Topics alone, for everybody; scores are on the pages of those who may read them."""
    user = reader(request)
    text = squeeze(request.GET.get("q", ""))[:100]
    seen = Diagnosis.objects.topics_visible_to(user)
    found = seen.filter(person__in=User.objects.search(text).order_by().values("pk")) if text else seen
    rows = found.select_related("person__organization").prefetch_related("blocks")
    measured = people_measured_by(user).exclude(pk=user.pk).filter(is_active=True)
    people = list(measured.search(text).order_by("last_name", "first_name", "pk")[: FEW + 1])
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "q": text,
        "reads_others": bool(user.roles & {"methodist", "mentor", "regional", "head"}),
        "writes_others": bool(people) or bool(user.roles & {"methodist", "mentor", "regional"}),
        # All of them where they are few; the first of those found otherwise.
        "people": people[:FEW] if text or len(people) <= FEW else [],
        "is_cut": bool(text) and len(people) > FEW,
    }
    return render(request, "iom/diagnosis_list.html", context)


@require_safe
@never_cache
def diagnosis_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    with_scores = Diagnosis.objects.visible_to(user).filter(pk=OuterRef("pk"))
    found = Diagnosis.objects.topics_visible_to(user).select_related("person__organization", "author")
    diagnosis: Any = get_object_or_404(found.annotate(has_scores=Exists(with_scores)), pk=pk)
    if diagnosis.person_id != user.pk:
        record(LogEntry.Action.VIEWED, person=diagnosis.person, about=diagnosis, request=request)
    running = Route.objects.visible_to(user).running().filter(person=diagnosis.person_id).first()
    context = {
        "diagnosis": diagnosis,
        "blocks": list(diagnosis.blocks.all()),
        "running": running,
        "is_editable": diagnosis.has_scores and diagnosis.author_id == user.pk,
    }
    if diagnosis.has_scores:
        context |= _scores(diagnosis, user, running, context["blocks"])
    return render(request, "iom/diagnosis_detail.html", context)


def _scores(diagnosis: Diagnosis, user: User, running: Route | None, blocks: list[Any]) -> dict[str, Any]:
    """What only they read who may see scores: beside each block the former one, and whether the route has it."""
    before = diagnosing.blocks_before(diagnosis)
    taken = set(running.deficits.values_list("text", flat=True)) if running else set()
    for block in blocks:
        block.before = before.get(block.topic)
        block.is_in_route = block.topic in taken
    left = [one for one in blocks if one.level in WEAK and not one.is_in_route]
    mine = Route.objects.filter(pk=running.pk) if running else Route.objects.none()
    return {
        "files": list(diagnosis.files.all()),
        "left": left,
        "may_design": mine.designable_by(user).exists(),
        "may_revise": bool(left) and mine.helpable_by(user).filter(status__in=Route.CARRIED_OUT).exists(),
        "may_begin": not diagnosis.person.routes.running().exists()
        and people_helped_by(user).filter(pk=diagnosis.person_id).exists(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def diagnosis_new(request: HttpRequest) -> HttpResponse:
    """`?person=` names a teacher one helps; without it the diagnosis is one's own."""
    user = reader(request)
    asked = request.GET.get("person") or str(user.pk)
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    people = people_measured_by(user).filter(is_active=True).select_related("organization")
    return _edit(request, get_object_or_404(people, pk=number), None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def diagnosis_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = Diagnosis.objects.editable_by(request.user).select_related("person__organization")
    diagnosis = get_object_or_404(found, pk=pk)
    return _edit(request, diagnosis.person, diagnosis)


def _edit(request: HttpRequest, person: User, diagnosis: Diagnosis | None) -> HttpResponse:
    user = reader(request)
    if request.method != "POST":
        return _form_page(
            request, DiagnosisForm(diagnosis=diagnosis), blocks_set(diagnosis=diagnosis), person, diagnosis
        )
    if "more" in request.POST:  # without JavaScript: the same page with more empty rows
        form = DiagnosisForm.unchecked(request.POST, diagnosis)
        return _form_page(request, form, more_rows(request.POST), person, diagnosis)
    form = DiagnosisForm(request.POST, request.FILES, diagnosis=diagnosis)
    blocks = blocks_set(request.POST, diagnosis=diagnosis)
    if form.is_valid() & blocks.is_valid():
        data = form.cleaned_data
        if diagnosis is None:
            diagnosis = diagnosing.write_down(person, form.values, blocks.blocks, data["uploads"], actor=user)
        else:
            removed = list(data.get("removed") or [])
            diagnosing.correct(diagnosis, form.values, blocks.blocks, data["uploads"], removed, actor=user)
        messages.success(request, "Диагностика сохранена.")
        return redirect(diagnosis)
    return _form_page(request, form, blocks, person, diagnosis, status=422)


def _form_page(
    request: HttpRequest,
    form: DiagnosisForm,
    blocks: BlocksSet,
    person: User,
    diagnosis: Diagnosis | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "blocks": blocks,
        "person": person,
        "diagnosis": diagnosis,
        "problems": blocks.non_form_errors() if blocks.is_bound else [],
        "lost": [one.name for one in request.FILES.getlist("uploads")],  # a browser does not send them twice
        "is_own": person.pk == request.user.pk,
    }
    return render(request, "iom/diagnosis_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def diagnosis_remove(request: HttpRequest, pk: int) -> HttpResponse:
    diagnosis = get_object_or_404(Diagnosis.objects.editable_by(request.user).select_related("person"), pk=pk)
    if request.method == "POST":
        try:
            diagnosing.remove(diagnosis, actor=reader(request))
        except Refused as refusal:
            messages.warning(request, str(refusal))
            return redirect(diagnosis)
        messages.success(request, "Диагностика удалена.")
        return redirect(reverse("iom:diagnoses"))
    context = {
        "title": "Удалить диагностику",
        "text": f"{diagnosis}. Баллы и файлы удалятся без возврата.",
        "action_label": "Удалить",
        "cancel_url": diagnosis.get_absolute_url(),
        "danger": True,
        "form": None,
    }
    return render(request, "components/confirm.html", context)
