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
from iom.forms.mass import GroupForm
from iom.models import TemplateVersion
from iom.services import mass as services

MAKERS = ("methodist", "admin")
PAGE_SIZE = 50


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*MAKERS)
def mass(request: HttpRequest) -> HttpResponse:
    """GET: the template and the people; POST shows what will be, and with `do=write` orders it."""
    user: Any = request.user
    sent = request.POST if request.method == "POST" else request.GET
    version = services.usable_by(user, _number(sent.get("template", "")))
    form = GroupForm(user, sent)
    found = form.people(services.free(services.people_of(user)))
    if request.method == "POST" and version is not None:
        pks = _chosen(request, found)
        if pks and request.POST.get("do") == "write":
            return redirect(services.order_mass(version, pks, user, request.POST.get("token", "")[:32] or uuid4().hex))
        if pks:
            return _preview(request, version, pks)
        messages.info(request, "Никто не выбран: отметьте хотя бы одного человека.")
    page = Paginator(found.select_related("organization", "subject").order_by("name_key", "pk"), PAGE_SIZE)
    context = {"form": form, "version": version, "page": page.get_page(sent.get("page"))}
    return render(request, "iom/mass.html", context)


def _preview(request: HttpRequest, version: TemplateVersion, pks: list[int]) -> HttpResponse:
    user: Any = request.user
    plan = services.plan_mass(pks, user)
    context = {"version": version, "plan": plan, "chosen": ",".join(map(str, pks)), "token": uuid4().hex}
    return render(request, "iom/mass_preview.html", context)


def _chosen(request: HttpRequest, found: Any) -> list[int]:
    """The ticked ones, or with «все найденные» everybody the search finds."""
    if request.POST.get("all"):
        return list(found.order_by("name_key", "pk").values_list("pk", flat=True)[: services.AT_ONCE])
    typed = request.POST.get("chosen", "").split(",") + request.POST.getlist("person")
    numbers = [number for one in typed if (number := _number(one)) is not None]
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
