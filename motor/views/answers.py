"""Answers and outcomes of courses, for their curators: to read, to print, to take along as Excel."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.fragments import wants_fragment
from cabinet.core.search import key
from cabinet.courses.models import Course
from cabinet.files.services import hand_out
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from motor.exports import answers_workbook
from motor.filters import AnswerFilter
from motor.services import answers as services

PAGE_SIZE, PRINTED, COURSES = 20, 300, 15
READERS = ("curator", "admin")


@require_safe
@roles_required(*READERS)
def course_answers_list(request: HttpRequest) -> HttpResponse:
    courses = services.followed(Course.objects.visible_to(request.user))
    text = request.GET.get("q", "")
    for word in key(text).split():
        courses = courses.filter(programme__title_key__contains=word)
    ordered = courses.select_related("programme__topic").order_by("-ends_on", "pk")
    page = Paginator(ordered, COURSES).get_page(request.GET.get("page"))
    context = {"page": page, "lines": services.counted_courses(list(page.object_list)), "q": text}
    return render(request, "motor/answers/courses.html", context)


def _course(request: HttpRequest, pk: int) -> Course:
    return get_object_or_404(
        Course.objects.visible_to(request.user).select_related("programme__topic", "curator"), pk=pk
    )


@require_safe
@roles_required(*READERS)
@vary_on_headers("HX-Request")
def course_answers(request: HttpRequest, course: int) -> HttpResponse:
    found = _course(request, course)
    cases = services.cases_of(found)
    chosen = AnswerFilter(request.GET, queryset=cases)
    is_print = request.GET.get("view") == "print"
    rows = services.with_answers(chosen.rows)
    page = Paginator(rows, PRINTED if is_print else PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "course": found,
        "filter": chosen,
        "page": page,
        "answers": services.answers_of(page.object_list),
        "is_print": is_print,
    }
    if wants_fragment(request):
        return render(request, "motor/answers/course.html#results", context)
    return render(request, "motor/answers/course.html", context | {"figures": services.figures_of(cases)})


@require_safe
@roles_required(*READERS)
def course_answers_excel(request: HttpRequest, course: int) -> HttpResponse:
    """The lines the page shows with the same address, all of them."""
    found = _course(request, course)
    cases = services.cases_of(found)
    chosen = AnswerFilter(request.GET, queryset=cases)
    answers = services.answers_of(services.with_answers(chosen.rows))
    content = answers_workbook(found, answers, services.figures_of(cases), chosen.in_words)
    record(LogEntry.Action.EXPORTED, about=found, note=f"ответы слушателей, строк: {len(answers)}", request=request)
    return hand_out(content, f"Ответы слушателей {found.ends_on:%Y-%m-%d}.xlsx")
