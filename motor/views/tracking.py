"""Whom of a course to follow: the admin's page beside the course."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.courses.forms import SelectionForm
from cabinet.courses.models import Completion, Course
from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from motor.services.tracking import choose_listeners, counts_of, decided, track_course

PAGE_SIZE = 50


def _course(request: HttpRequest, pk: int) -> Course:
    return get_object_or_404(Course.objects.visible_to(request.user).select_related("programme", "curator"), pk=pk)


def _listeners(course: Course) -> "QuerySet[Completion]":
    rows = course.completions.select_related("person", "organization__municipality", "course")
    return rows.order_by("organization__name", "person__last_name", "person__first_name", "pk")


@roles_required("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def tracking(request: HttpRequest, pk: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    course = _course(request, pk)
    now = {"mode": course.selection, "step": course.selection_step, "cap": course.selection_cap}
    form = SelectionForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_bound and form.is_valid():
        flags = {name: name in request.POST for name in ("is_tracked", "programme_tracked")}
        gone = track_course(course, rule=form.rule, actor=user, **flags)
        taken = f" Запланированных карт убрано: {gone}." if gone else ""
        messages.success(request, f"Сохранено.{taken} Новые карты появятся в течение минуты.")
        return redirect("motor:tracking", course.pk)
    listeners, words = _listeners(course), request.GET.get("q", "")[:100]
    if words.strip():
        listeners = listeners.filter(person__in=User.objects.search(words).values("pk"))
    page = Paginator(listeners, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"course": course, "form": form, "counts": counts_of(course), "q": words, **_rows(page)}
    return render(request, "motor/tracking.html", context, status=422 if form.errors else 200)


def _rows(page: "Page[Completion]") -> dict[str, Any]:
    listeners = list(page.object_list)
    fixed = decided(listeners)
    return {"page": page, "rows": [(one, fixed.get(one.pk)) for one in listeners]}


@roles_required("admin")
@require_POST
def tracking_listeners(request: HttpRequest, pk: int) -> HttpResponse:
    """Ticks of one page of listeners; those not on the page are not touched."""
    user: User = request.user  # type: ignore[assignment]
    course = _course(request, pk)
    shown, ticked = _numbers(request, "shown"), _numbers(request, "selected")
    listeners = list(_listeners(course).filter(pk__in=shown))
    added, left = choose_listeners(listeners, ticked, actor=user)
    if added or left:
        messages.success(request, f"Отмечено: {added}, отметка снята: {left}. Карты обновятся в течение минуты.")
    else:
        messages.info(request, "Отметки не изменились.")
    return redirect("motor:tracking", course.pk)


def _numbers(request: HttpRequest, name: str) -> set[int]:
    return {int(text) for text in request.POST.getlist(name) if text.isdecimal() and len(text) < 12}
