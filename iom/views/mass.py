"""Routes for a group: whom, then who gets one and who does not, then a worker makes them."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.jobs.models import Job
from cabinet.users.decorators import roles_required
from cabinet.users.models import UserQuerySet
from iom.forms.mass import GroupForm
from iom.models import TemplateVersion
from iom.services import mass as services

MAKERS = ("methodist", "admin")
PAGE_SIZE = 200  # a whole school: what is ticked on one page is not remembered on the next


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*MAKERS)
def mass(request: HttpRequest) -> HttpResponse:
    """GET: the template and the people; POST shows what will be, and with `do=write` orders it."""
    user: Any = request.user
    sent = request.POST if request.method == "POST" else request.GET
    form = GroupForm(user, sent)
    version = form.version
    found = form.people(services.free_people(user)).order_by("name_key", "pk")
    if request.method == "POST" and version is not None:
        pks = _everybody(form, user, found) if request.POST.get("all") else _chosen(request)
        if pks and request.POST.get("do") == "write":
            return redirect(services.order_mass(version, pks, user, _token(request)))
        if pks:
            return _preview(request, version, pks)
        messages.info(request, "Никто не выбран: отметьте хотя бы одного человека.")
    page = Paginator(found.select_related("organization", "subject"), PAGE_SIZE).get_page(sent.get("page"))
    return render(request, "iom/mass.html", {"form": form, "version": version, "page": page})


def _preview(request: HttpRequest, version: TemplateVersion, pks: list[int]) -> HttpResponse:
    user: Any = request.user
    plan = services.plan_mass(pks, user)
    context = {
        "version": version,
        "plan": plan,
        "chosen": ",".join(map(str, pks)),
        "token": uuid4().hex,
        "most": services.AT_ONCE if len(pks) == services.AT_ONCE else None,
    }
    return render(request, "iom/mass_preview.html", context)


def _everybody(form: GroupForm, user: Any, free: UserQuerySet) -> list[int]:
    """Whoever the search finds: first those without a route, then those to be named as passed over."""
    pks = list(free.values_list("pk", flat=True)[: services.AT_ONCE])
    busy = form.people(services.busy_people(user)).order_by("name_key", "pk")
    return pks + list(busy.values_list("pk", flat=True)[: services.AT_ONCE - len(pks)])


def _chosen(request: HttpRequest) -> list[int]:
    typed = request.POST.get("chosen", "").split(",") + request.POST.getlist("person")
    numbers = [int(one) for one in typed if one.isascii() and one.isdigit() and len(one) < 10]
    return list(dict.fromkeys(numbers))[: services.AT_ONCE]


@require_safe
@roles_required(*MAKERS)
def mass_result(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user).filter(kind=services.JOB), pk=pk)
    names: dict[str, list[str]] = job.result.get("names", {})
    counts = sorted(job.result.get("left", {}).items(), key=lambda pair: -pair[1])
    left = [(why, count, names.get(why, [])) for why, count in counts]
    passed = sum(count for _, count in counts)
    context = {"job": job, "done": job.result.get("done", 0), "left": left, "passed": passed}
    return render(request, "iom/mass_result.html", context)


def _token(request: HttpRequest) -> str:
    """The mark of the page that is confirmed: the same one twice is one order."""
    token = request.POST.get("token", "")
    return token[:32] if token.isalnum() else uuid4().hex
