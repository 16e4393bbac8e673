"""Giving a task and changing one that was given."""

import secrets
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cabinet.core.clock import today
from cabinet.core.words import counted
from cabinet.planner.forms.task import TaskBase, TaskEditForm, TaskForm, numbers
from cabinet.planner.models import Task
from cabinet.planner.services import invitations, task_abouts, task_giving
from cabinet.planner.services.task_editing import change_task, differences
from cabinet.planner.services.task_giving import MOST_PEOPLE
from cabinet.planner.views.asking import own_page
from cabinet.users.asking import reader
from cabinet.users.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def task_add(request: HttpRequest) -> HttpResponse:
    """`?due_on=`, `?person=`, `?title=` fill the form in, `?about=` says what it is about; `find` looks for people.

    `?back=` is the page to return to, say a day of the calendar.
    """
    user, back = reader(request), own_page(request, "back")
    about = task_abouts.seen(request.GET.get("about", ""), user)
    is_search = "find" in request.POST
    is_sent = request.method == "POST" and not is_search
    form = TaskForm(request.POST or None, request.FILES or None, user=user, initial=_asked_for(request))
    if is_sent and form.is_valid():
        tasks = task_giving.give(form.wanted(about), user, form.cleaned_data["mark"])
        messages.success(request, _given(tasks))
        return redirect(back or (tasks[0] if len(tasks) == 1 else _all_of(tasks[0].batch)))
    context = _people(request, form, user, numbers(request.GET.getlist("person")))
    context |= {"form": _unchecked(form) if is_search else form, "about": about, "back": back}
    return render(request, "planner/task_form.html", context, status=422 if is_sent else 200)


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    initial: dict[str, Any] = {"mark": secrets.token_urlsafe(16), "title": request.GET.get("title", "")[:300]}
    try:
        due_on = date.fromisoformat(request.GET.get("due_on", ""))
    except ValueError:
        return initial
    return initial | ({"due_on": due_on} if due_on >= today() else {})


def _all_of(batch: str) -> str:
    return reverse("planner:tasks", query={"whose": "given", "batch": batch})


def _given(tasks: list[Task]) -> str:
    if len(tasks) == 1:
        return "Задача поставлена."
    return f"Поставлено: {counted(len(tasks), 'задача', 'задачи', 'задач')}. Здесь видно, кто уже выполнил."


def _unchecked(form: TaskBase) -> TaskBase:
    """What was typed stays, and nobody is told of mistakes while he is still looking for people."""
    form.errors.clear()
    return form


def _people(request: HttpRequest, form: TaskBase, user: User, first: list[int]) -> dict[str, Any]:
    """Who is chosen, who is found or was given tasks lately; `find=group` takes all of a group, for a task of each."""
    chosen, said = form.typed_people[:MOST_PEOPLE] if form.is_bound else first, ""
    groups = [] if form.instance.pk else invitations.groups_of(user)
    group, role = (request.POST.get(name, "")[:40] for name in ("group", "role"))
    if request.POST.get("find") == "group" and groups:
        chosen, said = task_giving.add_group(user, chosen, groups, group, role)
    known = task_giving.people_for(user).select_related("organization", "position").in_bulk(chosen)
    who = request.POST.get("who", request.GET.get("who", "")).strip()[:100]
    found = task_giving.found_people(user, who) if who else task_giving.lately_given(user)
    return {
        "chosen": [known[pk] for pk in chosen if pk in known],
        "found": [one for one in found[: task_giving.FOUND] if one.pk not in known],
        "has_more": len(found) > task_giving.FOUND,
        "who": who,
        "groups": groups,
        "roles": invitations.ROLES,
        "group": group,
        "role": role,
        "said": said,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def task_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """By the author, against the version he has seen; a second editor gets a comparison."""
    user = reader(request)
    task = get_object_or_404(Task.objects.editable_by(user).with_names().prefetch_related("participants"), pk=pk)
    is_search = "find" in request.POST
    is_sent = request.method == "POST" and not is_search
    form = TaskEditForm(request.POST or None, user=user, instance=task, initial={"version": task.version})
    context: dict[str, Any] = {"task": task}
    if is_sent and form.is_valid():
        if change_task(task, form.values, form.people, actor=user, version=form.cleaned_data["version"] or 0):
            messages.success(request, "Задача изменена.")
            return redirect(task)
        task = get_object_or_404(Task.objects.visible_to(user).with_names(), pk=pk)
        context["differences"] = differences(task, form.values, form.people)
        _take_version(form, task)
    context |= _people(request, form, user, [task.assignee_id, *(one.pk for one in task.participants.all())])
    context["form"] = _unchecked(form) if is_search else form
    return render(request, "planner/task_form.html", context, status=422 if is_sent else 200)


def _take_version(form: TaskEditForm, task: Task) -> None:
    """What was typed stays; saved once more, it replaces what the comparison shows."""
    typed: Any = form.data.copy()  # type: ignore[attr-defined]
    typed["version"] = str(task.version)
    form.data = typed
    is_ended = "" if task.is_open else " Сейчас она закончена: чтобы менять, откройте её снова."
    what = f"Пока вы писали, задачу изменили.{is_ended}"
    form.add_error(None, f"{what} Сверьте и сохраните ещё раз, если ваш вариант верен.")
