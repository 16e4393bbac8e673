"""Courses and who completed them, for the admin and the curator."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cabinet.courses.filters import CompletionFilter, CourseFilter
from cabinet.courses.models import Completion, Course
from cabinet.users.models import User

PAGE_SIZE = 30
ROLES = {"admin", "curator"}
SORTS = {"programme": "programme__title", "ends": "ends_on", "listeners": "listeners"}


@require_safe
def course_list(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User) or not ROLES & request.user.roles:
        raise Http404
    courses = Course.objects.visible_to(request.user).select_related("programme__topic", "curator")
    course_filter = CourseFilter(request.GET, queryset=courses.annotate(listeners=Count("completions")))
    sort = request.GET.get("sort", "-ends")
    order = SORTS.get(sort.lstrip("-"), "ends_on")
    rows = course_filter.qs.order_by(f"-{order}" if sort.startswith("-") else order, "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "courses/course_list.html", {"filter": course_filter, "page": page})


@require_safe
def course_detail(request: HttpRequest, pk: int) -> HttpResponse:
    courses = Course.objects.visible_to(request.user).select_related("programme__topic", "curator")
    course = get_object_or_404(courses, pk=pk)
    completions = Completion.objects.visible_to(request.user).filter(course=course)
    listeners = CompletionFilter(request.GET, queryset=completions)
    rows = listeners.qs.select_related("person", "organization__municipality", "position", "subject")
    ordered = rows.order_by("person__last_name", "person__first_name", "person__patronymic", "pk")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "courses/course_detail.html", {"course": course, "filter": listeners, "page": page})
