"""Diagnoses: who was measured, by what, and what came out; scores only for the teacher and those who help him."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.forms.diagnosis import MOST_BLOCKS, SPARE, BlocksSet, DiagnosisForm, blocks_set
from iom.models import Diagnosis, Route
from iom.models.diagnosis import people_measured_by
from iom.moves import Refused
from iom.services import diagnosing
from iom.views.new import people_for

SHOWN = 50


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@require_safe
def diagnosis_list(request: HttpRequest) -> HttpResponse:
    """Topics alone, for everybody; scores are on the pages of those who may read them."""
    user = _user(request)
    text = request.GET.get("q", "").strip()[:100]
    seen = Diagnosis.objects.topics_visible_to(user)
    found = seen.filter(person__in=User.objects.search(text).order_by().values("pk")) if text else seen
    rows = list(found.select_related("person__organization").prefetch_related("blocks")[: SHOWN + 1])
    others = people_measured_by(user).exclude(pk=user.pk).filter(is_active=True)
    context = {
        "rows": rows[:SHOWN],
        "is_cut": len(rows) > SHOWN,
        "q": text,
        "reads_others": bool(user.roles & {"methodist", "mentor", "regional", "head"}),
        "people": list(others.search(text).order_by("last_name", "first_name", "pk")[:10]) if text else [],
    }
    return render(request, "iom/diagnosis_list.html", context)


@require_safe
def diagnosis_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    with_scores = Diagnosis.objects.visible_to(user).filter(pk=OuterRef("pk"))
    found = Diagnosis.objects.topics_visible_to(user).select_related("person__organization", "author")
    diagnosis: Any = get_object_or_404(found.annotate(has_scores=Exists(with_scores)), pk=pk)
    if diagnosis.person_id != user.pk:
        record(LogEntry.Action.VIEWED, person=diagnosis.person, about=diagnosis, request=request)
    running = Route.objects.visible_to(user).running().filter(person=diagnosis.person_id).first()
    context = {
        "diagnosis": diagnosis,
        "blocks": list(diagnosis.blocks.all()),
        "files": list(diagnosis.files.all()) if diagnosis.has_scores else [],
        "before": diagnosing.scores_before(diagnosis) if diagnosis.has_scores else {},
        "is_editable": diagnosis.has_scores and diagnosis.author_id == user.pk,
        "running": running,
        "may_begin": diagnosis.has_scores
        and not diagnosis.person.routes.running().exists()
        and people_for(user).filter(pk=diagnosis.person_id).exists(),
    }
    for block in context["blocks"]:
        block.before = context["before"].get(block.topic)
    return render(request, "iom/diagnosis_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def diagnosis_new(request: HttpRequest) -> HttpResponse:
    """`?person=` names a teacher one helps; without it the diagnosis is one's own."""
    user = _user(request)
    asked = request.GET.get("person") or str(user.pk)
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    people = people_measured_by(user).filter(is_active=True).select_related("organization")
    return _edit(request, get_object_or_404(people, pk=number), None)


@require_http_methods(["GET", "HEAD", "POST"])
def diagnosis_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = Diagnosis.objects.editable_by(request.user).select_related("person__organization")
    diagnosis = get_object_or_404(found, pk=pk)
    return _edit(request, diagnosis.person, diagnosis)


def _edit(request: HttpRequest, person: User, diagnosis: Diagnosis | None) -> HttpResponse:
    user = _user(request)
    if request.method != "POST":
        return _form_page(
            request, DiagnosisForm(diagnosis=diagnosis), blocks_set(diagnosis=diagnosis), person, diagnosis
        )
    if "more" in request.POST:  # without JavaScript: the same page with more empty rows
        return _with_more_rows(request, person, diagnosis)
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


def _with_more_rows(request: HttpRequest, person: User, diagnosis: Diagnosis | None) -> HttpResponse:
    typed = request.POST.copy()
    total = typed.get("blocks-TOTAL_FORMS", "")
    count = int(total) if total.isascii() and total.isdigit() and len(total) < 3 else 0
    typed["blocks-TOTAL_FORMS"] = str(min(count + SPARE, MOST_BLOCKS))
    form, blocks = DiagnosisForm(typed, diagnosis=diagnosis), blocks_set(typed, diagnosis=diagnosis)
    return _form_page(request, form, blocks, person, diagnosis, is_checked=False)


def _form_page(
    request: HttpRequest,
    form: DiagnosisForm,
    blocks: BlocksSet,
    person: User,
    diagnosis: Diagnosis | None,
    *,
    status: int = 200,
    is_checked: bool = True,
) -> HttpResponse:
    problems = blocks.non_form_errors() if is_checked and blocks.is_bound else []
    context = {
        "form": form,
        "blocks": blocks,
        "person": person,
        "diagnosis": diagnosis,
        "problems": problems,
        "is_own": person.pk == request.user.pk,
    }
    return render(request, "iom/diagnosis_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def diagnosis_remove(request: HttpRequest, pk: int) -> HttpResponse:
    diagnosis = get_object_or_404(Diagnosis.objects.editable_by(request.user).select_related("person"), pk=pk)
    if request.method == "POST":
        try:
            diagnosing.remove(diagnosis, actor=_user(request))
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
