"""Actions for many cases: ticks, then what will and will not change, then the deed with its result."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from cabinet.jobs.models import Job
from cabinet.users.decorators import roles_required
from motor.filters import CaseFilter, PeopleFilter
from motor.forms.response import WishForm
from motor.models import Case
from motor.services import bulk as services
from motor.services import ways
from motor.services.response import people_in_order, response_scope

SHOWN = 12  # names of a group before «и ещё»


@require_POST
@roles_required(*services.ACTORS)
def bulk(request: HttpRequest) -> HttpResponse:
    """Three POSTs of one address with the chosen cases: what is asked for, what will change, the deed."""
    user: Any = request.user
    code, step = request.POST.get("act", ""), request.POST.get("do", "")
    if code not in services.ACTIONS:
        raise Http404
    pks = _chosen(request)
    if len(pks) > services.AT_ONCE:
        pks = pks[: services.AT_ONCE]
        messages.info(request, f"За один раз — не больше {services.AT_ONCE} карт: взяты те, у кого срок ближе.")
    if not pks:
        messages.info(request, "Никто не выбран: отметьте хотя бы одного человека.")
        return redirect(_back(request))
    if code == "slips":
        return _slips(request, pks)
    form = WishForm(code, request.POST if step in ("check", "write", "edit") else None)
    is_ready = not services.ACTIONS[code].asks or (step in ("check", "write") and form.is_valid())
    context = {"action": services.ACTIONS[code], "form": form, "back": _back(request), "count": len(pks)}
    context["chosen"] = ",".join(map(str, pks))
    if not is_ready:
        return render(request, "motor/response/bulk.html", context, status=422 if form.errors else 200)
    wish = form.wish if services.ACTIONS[code].asks else services.Wish(code)
    if step == "write":
        agreed = _numbers(request.POST["agreed"].split(",")) if "agreed" in request.POST else pks
        named = set(pks)
        agreed = [pk for pk in agreed if pk in named]
        return _write(request, wish, services.plan_bulk(wish, pks, user, agreed), agreed)
    plan = services.plan_bulk(wish, pks, user)
    context["agreed"] = ",".join(str(case.pk) for case in plan.will)
    context |= {"plan": plan, "wish": wish, "shown": SHOWN, "token": uuid4().hex, "by_worker": services.DIRECTLY}
    return render(request, "motor/response/bulk.html", context)


def _chosen(request: HttpRequest) -> list[int]:
    """The ticked cases, or with «все по этому отбору» those the list's address chooses, the nearest limits first.

    One more than may be taken at once tells that there are more.
    """
    typed = request.POST.get("chosen", "").split(",") + request.POST.getlist("case")
    if request.POST.get("all") and not request.POST.get("chosen"):
        return list(_by_address(request).values_list("pk", flat=True)[: services.AT_ONCE + 1])
    return _numbers(typed)[: services.AT_ONCE + 1]


def _numbers(typed: list[str]) -> list[int]:
    return list(dict.fromkeys(int(pk) for pk in typed if pk.isdecimal() and len(pk) < 10))


def _by_address(request: HttpRequest) -> Any:
    user: Any = request.user
    query = QueryDict(request.POST.get("query", ""))
    if request.POST.get("list") == "response":
        return people_in_order(PeopleFilter(query, queryset=response_scope(user), user=user).rows)
    found = CaseFilter(query, queryset=Case.objects.visible_to(user), request=request)
    return found.qs.order_by("due_on", "pk")


def _slips(request: HttpRequest, pks: list[int]) -> HttpResponse:
    """Slips have a page of their own, with its own check of rights; who needs none is said here."""
    user: Any = request.user
    waiting = set(ways.to_hand_out(user).filter(pk__in=pks).order_by().values_list("pk", flat=True))
    if not waiting:
        messages.info(request, "Листки никому из выбранных не нужны: их ответов вы сейчас не ждёте.")
        return redirect(_back(request))
    if left := len(pks) - len(waiting):
        messages.info(request, f"Без листков: {left} — их ответов вы сейчас не ждёте.")
    if len(waiting) > ways.AT_ONCE:
        messages.info(request, f"За один раз — не больше {ways.AT_ONCE} листков: показаны те, у кого срок ближе.")
    chosen = [pk for pk in pks if pk in waiting][: ways.AT_ONCE]
    return redirect(reverse("motor:slips") + "?cases=" + ",".join(map(str, chosen)))


def _write(request: HttpRequest, wish: services.Wish, plan: services.Plan, agreed: list[int]) -> HttpResponse:
    user: Any = request.user
    if len(plan.will) > services.DIRECTLY:
        token = request.POST.get("token", "")[:32] or uuid4().hex
        # All that the preview promised: whoever has fallen out since then is counted with the reason.
        return redirect(services.order_bulk(wish, agreed, user, token))
    done = services.act_on(wish, plan.will, user)
    left = plan.left + len(plan.will) - done
    if done:
        messages.success(request, f"{plan.action.dones}: {done}.")
    if left:
        why = "; ".join(f"{why} — {len(cases)}" for why, cases in plan.reasons[:3])
        messages.info(request, f"Без изменений: {left}{f' ({why})' if why else ''}.")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The list the reader came from, with its filters."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours and back.startswith("/") else reverse("motor:response")


@require_safe
@roles_required(*services.ACTORS)
def bulk_result(request: HttpRequest, pk: int) -> HttpResponse:
    """What a worker did, and whom it left out with the reasons."""
    job = get_object_or_404(Job.objects.visible_to(request.user).filter(kind=services.JOB), pk=pk)
    left = sorted(job.result.get("left", {}).items(), key=lambda pair: -pair[1])
    action = services.ACTIONS.get(job.params.get("code", ""))
    context = {"job": job, "done": job.result.get("done", 0), "left": left, "action": action}
    return render(request, "motor/response/bulk_result.html", context)
