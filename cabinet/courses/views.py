"""Courses and who completed them, for the admin and the curator; topics of programmes, for the admin."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.core.words import counted
from cabinet.courses.filters import CompletionFilter, CourseFilter, ProgrammeFilter
from cabinet.courses.models import Completion, Course, Programme
from cabinet.courses.services.topics import Suggestions, set_topics
from cabinet.users.decorators import roles_required
from cabinet.users.models import User

PAGE_SIZE = 30
PROGRAMMES = 20  # a page: each row brings the whole dictionary of topics
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


def with_counts(programmes: QuerySet[Programme]) -> QuerySet[Programme]:
    """With `runs` and `listeners`, counted for the rows of a page only: joined, all completions would be read."""
    runs = Course.objects.filter(programme=OuterRef("pk")).order_by().values("programme")
    listeners = Completion.objects.filter(course__programme=OuterRef("pk")).order_by().values("course__programme")
    return programmes.annotate(
        runs=Subquery(runs.annotate(n=Count("pk")).values("n")),
        listeners=Subquery(listeners.annotate(n=Count("pk")).values("n")),
    )


@roles_required("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def programme_list(request: HttpRequest) -> HttpResponse:
    """Topics of programmes, row by row or for many at once: the summary by topic counts nothing without them."""
    suggestions = Suggestions()
    error = save_topics(request, suggestions) if request.method == "POST" else ""
    if request.method == "POST" and not error:
        return redirect(request.get_full_path())
    programmes = ProgrammeFilter(request.GET, queryset=with_counts(Programme.objects.all()))
    page = Paginator(programmes.qs.order_by("title", "pk"), PROGRAMMES).get_page(request.GET.get("page"))
    rows = [(one, suggestions.of(one.title), chosen_topic(request.POST, one)) for one in page]
    context = {"filter": programmes, "page": page, "rows": rows, "topics": suggestions.topics.values()}
    context |= {"error": error, "picked": numbers(request.POST.getlist("pick"))}
    return render(request, "courses/programme_list.html", context, status=422 if error else 200)


def save_topics(request: HttpRequest, suggestions: Suggestions) -> str:
    """Write what was chosen; a sentence when something is missing, and then nothing is written."""
    posted = request.POST
    seen = {pk: number(posted.get(f"was_{pk}")) for pk in numbers(posted.getlist("row"))}
    chosen = {pk: number(posted.get(f"topic_{pk}")) for pk in seen}
    picked = [pk for pk in numbers(posted.getlist("pick")) if pk in seen]
    if posted.get("do") in ("bulk", "suggested") and not picked:
        return "Отметьте программы, которым нужна тематика."
    if posted.get("do") == "bulk":
        topic = number(posted.get("topic_all"))
        if topic not in suggestions.topics:
            return "Выберите тематику для отмеченных программ."
        chosen |= dict.fromkeys(picked, topic)
    elif posted.get("do") == "suggested":
        for one in Programme.objects.filter(pk__in=picked):
            best = suggestions.of(one.title)
            chosen[one.pk] = best[0].pk if best else chosen[one.pk]
    changed, passed = set_topics(chosen, seen, request=request)
    messages.success(request, f"Сохранено: {counted(changed, 'программа', 'программы', 'программ')}.")
    if passed:
        messages.warning(request, f"Не изменены, их тематику уже поправил кто-то другой: {passed}.")
    return ""


def chosen_topic(posted: QueryDict, programme: Programme) -> int | None:
    """What the row's list shows: what was just chosen there, else what is stored."""
    name = f"topic_{programme.pk}"
    return number(posted.get(name)) if name in posted else programme.topic_id


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def numbers(texts: list[str]) -> list[int]:
    return [found for text in texts if (found := number(text)) is not None]
