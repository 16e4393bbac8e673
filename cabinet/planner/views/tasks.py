"""Pages of tasks. A view picks rows, calls a service and names a template; no rules here."""

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.planner import services
from cabinet.planner.filters import STATES, WHOSE, TaskFilter
from cabinet.planner.forms import OutcomeForm, TaskForm
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.users.models import User

PAGE_SIZE = 30


def _user(request: HttpRequest) -> User:
    """The person who is logged in; LoginRequiredMiddleware let nobody else in."""
    user: User | AnonymousUser = request.user
    if not isinstance(user, User):
        raise TypeError("A page of tasks was opened without a login.")
    return user


def _with_names(tasks: TaskQuerySet) -> TaskQuerySet:
    return tasks.select_related("assignee", "author", "organization", "done_by").prefetch_related("about")


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    tasks = TaskFilter(request.GET, queryset=_with_names(Task.objects.visible_to(user)), user=user)
    page = Paginator(tasks.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    # A teacher has no organization to look after: two tabs are enough.
    whose = WHOSE if user.roles - {"teacher", "regional", "observer", "curator"} else WHOSE[:2]
    context = {"page": page, "chosen": tasks.chosen, "whose": whose, "states": STATES}
    return render(request, "planner/task_list.html", context)


@require_safe
def task_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _task_page(request, pk, OutcomeForm())


def _task_page(request: HttpRequest, pk: int, form: OutcomeForm, status: int = 200) -> HttpResponse:
    task = get_object_or_404(_with_names(Task.objects.visible_to(request.user)), pk=pk)
    context = {
        "task": task,
        "form": form,
        "can_complete": task.is_open and Task.objects.completable_by(request.user).filter(pk=pk).exists(),
        "can_reopen": Task.objects.reopenable_by(request.user).filter(pk=pk).exists(),
    }
    return render(request, "planner/task_detail.html", context, status=status)


@require_POST
def task_complete(request: HttpRequest, pk: int) -> HttpResponse:
    # Out of scope is 404, not 403: the answer must not tell that the row exists.
    task = get_object_or_404(Task.objects.completable_by(request.user), pk=pk)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _task_page(request, pk, form, status=422)
    if services.complete_task(task, _user(request), form.cleaned_data["outcome"]):
        messages.success(request, "Задача выполнена.")
    else:
        messages.info(request, "Эта задача уже закончена.")
    return redirect("planner:task", pk=pk)


@require_POST
def task_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(Task.objects.completable_by(request.user).filter(step=None), pk=pk)
    if services.reopen_task(task):
        messages.success(request, "Задача снова открыта.")
    return redirect("planner:task", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def task_add(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = TaskForm(request.POST or None, user=user)
    if not form.is_valid():
        return render(request, "planner/task_form.html", {"form": form}, status=422 if form.is_bound else 200)
    with transaction.atomic():
        task = services.give_task(
            **form.cleaned_data,
            author=user,
            organization=form.cleaned_data["assignee"].organization,
            is_required=False,
        )
        services.tell_assignee(task)
    messages.success(request, "Задача поставлена.")
    return redirect("planner:tasks")
