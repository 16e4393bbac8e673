"""The page of one task and what is done on it: taken, ended, opened again, its files."""

from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.planner import services
from cabinet.planner.forms import AttachForm, OutcomeForm, ReasonForm
from cabinet.planner.models import Task
from cabinet.planner.services import task_giving
from cabinet.planner.services.task_abouts import may_see
from cabinet.planner.services.task_editing import repeat_words
from cabinet.planner.views.task_points import removed_of
from cabinet.planner.views.tasks import back_of
from cabinet.users.asking import reader
from cabinet.users.models import LogEntry, User

HISTORY = 30  # lines of it


@require_safe
def task_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return task_page(request, pk)


def task_page(request: HttpRequest, pk: int, status: int = 200, **forms: Any) -> HttpResponse:
    """`form` and `attach` are forms with errors that somebody has sent."""
    user = reader(request)
    rows = Task.objects.visible_to(user).with_names().select_related("next", "step")
    task = get_object_or_404(rows.prefetch_related("participants__organization", "points__done_by"), pk=pk)
    done, total = task.tally
    batch = task_giving.batch_of(task, user)
    is_named = not task.is_step and task.names(user)
    context = {
        "task": task,
        "form": forms.get("form") or OutcomeForm(is_own=task.is_own_of(user)),
        "attach": forms.get("attach") or AttachForm(),
        "sees_about": may_see(task, user),
        "files": list(task.files.select_related("preview", "uploaded_by").order_by("pk")),
        "can_act": is_named and task.is_open,
        "is_doer": task.is_done_by(user),
        "removed": removed_of(request, task),
        "can_start": is_named and task.is_open and task.started_at is None and task.is_done_by(user),
        "can_reopen": is_named and not task.is_open and task.step_id is None,
        "is_author": task.author_id == user.pk and not task.is_step,
        "points_done": done,
        "points_total": total,
        "repeats": repeat_words(task.repeats, task.repeats_until),
        "batch": batch,
        "batch_done": sum(one.status == Task.Status.DONE for one in batch),
        "entries": _history(task),
    }
    return render(request, "planner/task_detail.html", context, status=status)


def _history(task: Task) -> list[dict[str, Any]]:
    """The newest first, down to the day it was given."""
    about = {"about_type": ContentType.objects.get_for_model(Task), "about_id": task.pk}
    moved = LogEntry.objects.filter(action=LogEntry.Action.MOVED, **about).select_related("actor")
    entries = [
        {"at": one.at, "who": one.actor.short_name if one.actor else "", "title": one.note, "text": ""}
        for one in moved[:HISTORY]
    ]
    giver = task.author.short_name if task.author else "кабинет"
    return [*entries, {"at": task.created_at, "who": giver, "title": "Поставлена", "text": ""}]


@require_POST
def task_complete(request: HttpRequest, pk: int) -> HttpResponse:
    # Out of scope is 404, not 403: the answer must not tell that the row exists.
    user = reader(request)
    task = get_object_or_404(Task.objects.completable_by(user), pk=pk)
    form = OutcomeForm(request.POST, is_own=task.is_own_of(user))
    if not form.is_valid():
        return task_page(request, pk, status=422, form=form)
    _complete(request, task, user, form.cleaned_data["outcome"])
    return redirect(back_of(request, task.get_absolute_url()))


def _complete(request: HttpRequest, task: Task, user: User, outcome: str) -> None:
    if not services.complete_task(task, user, outcome):
        messages.info(request, "Эта задача уже закончена.")
    elif task.next is not None and task.next.is_open:
        messages.success(request, f"Задача выполнена. Следующая поставлена, срок — {task.next.due_on:%d.%m.%Y}.")
    else:
        messages.success(request, "Задача выполнена. Если отметили случайно, её можно открыть снова на её странице.")


@require_POST
def task_take(request: HttpRequest, pk: int) -> HttpResponse:
    """`to` is a column of the board: «open», «work» or «done»; a task of somebody else's needs words to be done."""
    user = reader(request)
    task = get_object_or_404(Task.objects.completable_by(user), pk=pk)
    to = request.POST.get("to", "")
    if to == "done" and task.is_open and not task.is_own_of(user):
        messages.info(request, "Напишите в двух словах, чем закончилось, — и задача выполнена.")
        return redirect(f"{task.get_absolute_url()}#task-complete")
    if to == "done":
        _complete(request, task, user, "")
    elif to in ("open", "work"):
        if not task.is_open and task.step_id is None:
            services.reopen_task(task, user)
        if to == "work" and services.start_task(task, user):
            messages.success(request, f"Взята в работу: {task.title}")
        elif to == "open":
            services.pause_task(task, user)
    return redirect(back_of(request, task.get_absolute_url()))


@require_POST
def task_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.completable_by(request.user).filter(step=None), pk=pk)
    if services.reopen_task(task, reader(request)):
        messages.success(request, "Задача снова открыта.")
    return redirect("planner:task", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def task_waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason; by whoever gave the task."""
    user = reader(request)
    task = get_object_or_404(Task.objects.waivable_by(user), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if services.waive_task(task, user, form.cleaned_data["reason"]):
            messages.success(request, "Задача снята. Её можно открыть снова.")
        else:
            messages.info(request, "Снимать нечего: задача уже закончена.")
        return redirect(task)
    repeats = " Повторяться она больше не будет." if task.repeats else ""
    context = {
        "title": "Снять задачу?",
        "text": f"«{task.title}» останется в законченных с вашими словами.{repeats}",
        "form": form,
        "action_label": "Снять задачу",
        "cancel_url": task.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)


@require_POST
def task_attach(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    task = get_object_or_404(Task.objects.completable_by(user).open(), pk=pk)
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return task_page(request, pk, status=422, attach=form)
    task_giving.attach(task, form.cleaned_data["uploads"], user)
    messages.success(request, "Приложено.")
    return redirect(f"{task.get_absolute_url()}#files")


@require_http_methods(["GET", "HEAD", "POST"])
def task_detach(request: HttpRequest, pk: int, public_id: str) -> HttpResponse:
    """By whoever brought the file, or by the author of the task."""
    user = reader(request)
    task = get_object_or_404(Task.objects.completable_by(user).open(), pk=pk)
    rows = task.files.all() if task.author_id == user.pk else task.files.filter(uploaded_by=user)
    stored = get_object_or_404(rows, public_id=public_id)
    if request.method == "POST":
        task_giving.detach(task, stored, user)
        messages.success(request, f"Файл убран: {stored.name}")
        return redirect(f"{task.get_absolute_url()}#files")
    context = {
        "title": "Убрать файл?",
        "text": f"«{stored.name}» больше нельзя будет скачать.",
        "action_label": "Убрать файл",
        "cancel_url": task.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)
