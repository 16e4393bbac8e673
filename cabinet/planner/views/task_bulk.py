"""Several tasks at once: what is wanted, what will change and what will not, then what was done."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from cabinet.planner.forms.task import numbers
from cabinet.planner.forms.task_bulk import BulkForm
from cabinet.planner.services import task_bulk, task_giving
from cabinet.planner.views.tasks import filter_of
from cabinet.users.asking import reader
from cabinet.users.models import User

KEPT = "planner.bulk"  # what was done lately, in the session of whoever did it
KEPT_RESULTS = 5


@require_POST
def tasks_bulk(request: HttpRequest) -> HttpResponse:
    """`do` is the action; without `step` asks for its value, «preview» shows what will be, «write» does it."""
    user = reader(request)
    action, step = request.POST.get("do", ""), request.POST.get("step", "")
    pks = _chosen(request, user)
    back = reverse("planner:tasks")
    if action not in task_bulk.ACTIONS or not pks:
        messages.info(request, "Отметьте хотя бы одну задачу и выберите, что с ними сделать.")
        return redirect(f"{back}?{request.POST.get('query', '')[:1000]}")
    form = BulkForm(action, user, request.POST if step else None)
    is_ready = step in ("preview", "write") and "find" not in request.POST and form.is_valid()
    if is_ready and step == "write":
        return _write(request, form, pks, user)
    if "find" in request.POST:
        form = BulkForm(action, user)
    order = form.order if is_ready else task_bulk.Order(action)
    context = {
        "form": form,
        "action": action,
        "title": task_bulk.ACTIONS[action],
        "plan": task_bulk.plan(pks, order, user),
        "chosen": ",".join(map(str, pks)),
        "is_ready": is_ready,
        "order": order,
        "token": uuid4().hex,
        "most": task_bulk.AT_ONCE if len(pks) == task_bulk.AT_ONCE else None,
        "query": request.POST.get("query", "")[:1000],
    }
    if action == task_bulk.PASS and not is_ready:
        context |= _people(request, user)
    return render(request, "planner/task/bulk.html", context, status=422 if form.errors else 200)


def _people(request: HttpRequest, user: User) -> dict[str, Any]:
    who = request.POST.get("who", "").strip()[:100]
    found = task_giving.found_people(user, who) if who else task_giving.lately_given(user)
    has_more = len(found) > task_giving.FOUND
    return {"who": who, "found": found[: task_giving.FOUND], "has_more": has_more}


def _chosen(request: HttpRequest, user: User) -> list[int]:
    """Those ticked on a page, or with `all` those the filter finds."""
    if request.POST.get("all"):
        rows = filter_of(request.POST, user).found
        return list(rows.values_list("pk", flat=True)[: task_bulk.AT_ONCE])
    return numbers(request.POST.get("chosen", "").split(",") + request.POST.getlist("task"))[: task_bulk.AT_ONCE]


def _write(request: HttpRequest, form: BulkForm, pks: list[int], user: User) -> HttpResponse:
    """The page that is confirmed has its mark: the same one twice is one order."""
    token = request.POST.get("token", "")[:32]
    token = token if token.isalnum() else uuid4().hex
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
        results = _results(request)
        if token not in results:
            result = task_bulk.carry_out(pks, form.order, user, token) | {"query": request.POST.get("query", "")[:1000]}
            _keep(request, results | {token: result})
    return redirect("planner:bulk_result", token=token)


def _results(request: HttpRequest) -> dict[str, Any]:
    """Read anew: of two clicks the second was read before the first had written."""
    fresh = type(request.session)(request.session.session_key)
    results: dict[str, Any] = fresh.get(KEPT, {})
    return results


def _keep(request: HttpRequest, results: dict[str, Any]) -> None:
    request.session[KEPT] = dict(list(results.items())[-KEPT_RESULTS:])
    request.session.save()


def _result(request: HttpRequest, token: str) -> dict[str, Any]:
    result: dict[str, Any] | None = _results(request).get(token)
    if result is None:
        raise Http404
    return result


@require_safe
def bulk_result(request: HttpRequest, token: str) -> HttpResponse:
    result = _result(request, token)
    context = {"result": result, "token": token, "title": task_bulk.ACTIONS[result["action"]]}
    return render(request, "planner/task/bulk_result.html", context)


@require_POST
def bulk_undo(request: HttpRequest, token: str) -> HttpResponse:
    """Gives tasks the limits they had; a second click finds nothing to give back."""
    user = reader(request)
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
        result = _result(request, token)
        if result["before"]:
            count = task_bulk.move_back(result, user, token)
            _keep(request, _results(request) | {token: result | {"before": {}, "undone": count}})
    messages.success(request, "Прежние сроки возвращены.")
    return redirect("planner:bulk_result", token=token)
