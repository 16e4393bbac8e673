"""Учёт результата в ММС from the registry: one line in its place, many lines with a preview first."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from cabinet.core.fragments import wants_fragment
from cabinet.core.words import counted
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from motor.models import Case
from motor.moves import MoveRefused
from motor.services import record_result
from registry.filters import DEFAULT_SORT, EntryFilter, sorted_rows
from registry.forms import ManyRecordsForm, RecordForm, words_of
from registry.models import Entry
from registry.services import refresh
from registry.services.recording import (
    LIMIT,
    advice_of,
    chosen_by_filter,
    preview_records,
    record_many,
    records_of,
)
from registry.views.entries import filter_of, lines_of

NAMED = 5  # names of a message about what was left


def _registry(query: str) -> str:
    """The list the reader came from, with his filter and page."""
    return reverse("registry:registry") + (f"?{QueryDict(query).urlencode()}" if query else "")


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("municipal", "admin")
@vary_on_headers("HX-Request")  # the page and the line share an address
def record_line(request: HttpRequest, pk: int) -> HttpResponse:
    """The form opens under its line and goes away when it is saved; without JavaScript it is a page of its own."""
    user = reader(request)
    case = get_object_or_404(Case.objects.recordable_by(user).with_names(), pk=pk)
    advice = advice_of([pk]).get(pk)
    former = records_of([pk]).get(pk) or case.records.order_by("version").last()
    form = RecordForm(pk, request.POST if request.method == "POST" else None, initial=words_of(former, advice))
    if request.method != "POST" and "close" in request.GET:
        return _line(request, case, user)
    if not form.is_valid():
        return _line_form(request, case, form, advice)
    try:
        record_result(case, form.answer, specialist=user)
    except MoveRefused as refusal:
        form.add_error(None, str(refusal))
        return _line_form(request, case, form, advice)
    refresh([pk])  # the sweep would come in seconds, but the line is read now
    if wants_fragment(request):
        return _line(request, case, user, is_saved=True)
    messages.success(request, f"Учёт сохранён: {case.person.full_name}.")
    return redirect(reverse("registry:registry") + filter_of(request))


def _line_form(request: HttpRequest, case: Case, form: RecordForm, advice: bool | None) -> HttpResponse:
    context: dict[str, Any] = {"case": case, "form": form, "advice": advice}
    context["back"] = reverse("registry:registry") + filter_of(request)
    template = "registry/record_line.html"
    if wants_fragment(request):
        context |= {"line": lines_of([case.pk], reader(request))[0], "can_record": True}
        context["query"] = filter_of(request)
        template = "registry/parts/line.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _line(request: HttpRequest, case: Case, user: User, *, is_saved: bool = False) -> HttpResponse:
    context = {"line": lines_of([case.pk], user)[0], "can_record": True, "query": filter_of(request)}
    return render(request, "registry/parts/line.html", context | {"is_saved": is_saved})


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("municipal", "admin")
def record_lines(request: HttpRequest) -> HttpResponse:
    """Ticked lines, or all of a filter: the answer, what it will change, and only then the change."""
    user = reader(request)
    sent = request.POST if request.method == "POST" else request.GET
    back, pks = sent.get("back", ""), _chosen(sent, user)
    if not pks:
        messages.info(request, "Записывать нечего: отметьте строки или выберите отбор, где есть карты без учёта.")
        return redirect(_registry(back))
    form = ManyRecordsForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "cases": ",".join(map(str, pks)), "count": len(pks), "back": back, "limit": LIMIT}
    context["list_url"] = _registry(back)
    if not form.is_bound or request.POST.get("do") == "edit" or not form.is_valid():
        is_refused = form.is_bound and request.POST.get("do") != "edit"
        return render(request, "registry/record_lines.html", context, status=422 if is_refused else 200)
    if request.POST.get("do") != "write":
        context |= {"preview": preview_records(pks, form.answer, user), "words": form.answer.words}
        return render(request, "registry/record_preview.html", context)
    _tell(request, *record_many(pks, form.answer, user))
    return redirect(_registry(back))


def _chosen(sent: QueryDict, user: User) -> list[int]:
    """The numbers carried from page to page; at first those ticked, or the lines of the filter that want a record."""
    if sent.get("scope") == "all":
        query = QueryDict(sent.get("back", ""))
        found = EntryFilter(query, queryset=Entry.objects.visible_to(user), user=user)
        return chosen_by_filter(sorted_rows(found.rows, query.get("sort", DEFAULT_SORT)))
    numbers = [*sent.getlist("case"), *sent.get("cases", "").split(",")]
    return [int(number) for number in numbers if number.isdecimal() and len(number) < 19][:LIMIT]


def _tell(request: HttpRequest, done: list[Case], left: list[tuple[Case, str]]) -> None:
    if done:
        messages.success(request, f"Учёт записан: {counted(len(done), 'карта', 'карты', 'карт')}.")
    if left:
        names = "; ".join(f"{case.person.short_name} — {why.rstrip('.')}" for case, why in left[:NAMED])
        more = f" и ещё {len(left) - NAMED}" if len(left) > NAMED else ""
        messages.info(request, f"Осталось как было: {counted(len(left), 'карта', 'карты', 'карт')}. {names}{more}.")
