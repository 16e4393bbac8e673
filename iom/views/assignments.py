"""Assignments: the lists, one assignment with its answers, checking, changing, withdrawing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.users.asking import number, reader
from cabinet.users.models import User
from iom.forms.assignments import AnswerForm, ChangeForm, CheckForm, ListForm, WithdrawForm, by_limit
from iom.models import Assignment, RouteItem
from iom.models.assignment import AssignmentQuerySet
from iom.moves import Refused
from iom.services import assigning
from iom.services.limits import to_check
from iom.services.turns import names_of
from iom.views.giving import CHECKERS
from iom.views.looks import note_look

PAGE_SIZE = 25
QUEUE = 300  # so many stand in a row for the arrows; further ones are found in the list
TABS = ("do", "check", "given", "all")
MEANINGLESS = {"do": ("status",), "check": ("status", "late")}  # all rows of the tab are alike in it
EMPTY = {
    "do": "Когда методист, наставник или методист РМА даст вам задание, оно появится здесь и придёт письмо.",
    "check": "Проверять сейчас нечего. Когда педагог ответит, здесь появится его ответ и придёт письмо.",
    "given": "Вы ещё не давали заданий. Его дают внутри действующего маршрута: одному педагогу или сразу нескольким.",
    "all": "Заданий пока нет. Их дают внутри действующего маршрута.",
}


def tabs_of(user: User) -> dict[str, tuple[str, AssignmentQuerySet]]:
    every: Any = Assignment.objects
    return {
        "do": ("Мне выполнить", every.answerable_by(user)),
        "check": ("Мне проверить", every.checkable_by(user).to_check()),
        "given": ("Я выдал(а)", every.filter(author=user)),
        "all": ("Все", every.visible_to(user)),
    }


@require_safe
def assignment_list(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    tabs = tabs_of(user)
    counts = {code: rows.count() for code, (_, rows) in tabs.items()}
    may_give = bool(user.roles & set(CHECKERS))
    chosen, narrowed = _tab(request, counts, may_give=may_give)
    form = ListForm(request.GET)
    form.leave_out(MEANINGLESS.get(chosen, ()))
    rows = form.chosen(tabs[chosen][1].filter(**narrowed).select_related("route__person", "author", "item"), chosen)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    for one in page:
        one.check_until = _check_until(one)  # type: ignore[attr-defined]
    first = _first(page, form, chosen)
    context = {
        "page": page,
        "tab": chosen,
        "tabs": [(code, label, counts[code]) for code, (label, _) in tabs.items() if counts[code] or code == chosen],
        "filter_form": form,
        "narrowed": {"route": request.GET.get("route", ""), "item": request.GET.get("item", "")} if narrowed else {},
        "next": first,
        "next_note": _note(first, chosen),
        "empty": EMPTY[chosen],
        "may_give": may_give,
    }
    return render(request, "iom/assignment_list.html", context)


def _check_until(one: Assignment) -> date | None:
    is_waiting = one.status == Assignment.Status.SUBMITTED and one.route.is_running
    return to_check(timezone.localdate(one.status_since)).on if is_waiting else None


def _tab(request: HttpRequest, counts: dict[str, int], *, may_give: bool) -> tuple[str, dict[str, int]]:
    """The chosen tab, or the first with something in it; `?route=` and `?item=` narrow it."""
    wanted = {name: number(request.GET.get(name, "")) for name in ("route", "item")}
    narrowed = {name: pk for name, pk in wanted.items() if pk}
    chosen = request.GET.get("tab", "")
    if chosen in TABS:
        return chosen, narrowed
    empty = "given" if may_give else "do"
    return ("all" if narrowed else next((code for code in TABS[:3] if counts[code]), empty)), narrowed


def _first(page: Any, form: ListForm, tab: str) -> Assignment | None:
    """What is due first, on top of what waits for the reader; a sorted or searched list says it itself."""
    if tab not in ("do", "check") or page.number > 1 or form.data.get("sort") or not page.object_list:
        return None
    found: Assignment = page.object_list[0]
    return found


def _note(one: Assignment | None, tab: str) -> str:
    if one is None:
        return ""
    if tab == "check":
        return one.route.person.full_name
    return f"Пункт «{one.item.activity}»" if one.item else ""


def _assignment(rows: QuerySet[Assignment], pk: int) -> Assignment:
    found: Assignment = get_object_or_404(
        rows.select_related(
            "route__person", "route__organization", "route__mentor", "route__rma_member__user", "author", "item"
        ),
        pk=pk,
    )
    return found


@require_safe
def assignment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    assignment = _assignment(Assignment.objects.visible_to(request.user), pk)
    note_look(request, assignment.route)
    return _page(request, assignment)


def _page(request: HttpRequest, assignment: Assignment, **refused: Any) -> HttpResponse:
    user = reader(request)
    is_open = assignment.route.is_running
    may_answer = is_open and assignment.route.person_id == user.pk and assignment.status in Assignment.WITH_TEACHER
    may_check = Assignment.objects.checkable_by(user).filter(pk=assignment.pk).exists()
    context: dict[str, Any] = {
        "assignment": assignment,
        "route": assignment.route,
        "answers": assignment.answers.select_related("checked_by").prefetch_related("files"),
        "may_answer": may_answer,
        "may_check": may_check and is_open and assignment.status == "submitted",
        "may_return": may_check and is_open and assignment.status == "accepted",
        "may_change": may_check and is_open and assignment.status in Assignment.WITH_TEACHER,
        "is_closed": not is_open and assignment.status not in ("accepted", "withdrawn"),
        "may_confirm": may_check and _is_item_ready(assignment),
        "may_withdraw": may_check and assignment.status not in ("accepted", "withdrawn"),
        "answer_form": AnswerForm(),
        "check_form": CheckForm(),
        "withdraw_form": WithdrawForm(auto_id="id_withdraw_%s"),
    }
    if is_open and assignment.status in Assignment.WITH_TEACHER:
        context["whose"], context["until"] = assignment.route.person.short_name, assignment.due_on
    elif is_open and assignment.status == Assignment.Status.SUBMITTED:
        context["whose"] = names_of(assigning.checkers_of(assignment)) or "методист ОО"
        context["until"] = _check_until(assignment)
    context |= refused
    context["queue"] = Queue.around(user, assignment) if context["may_check"] or may_answer else None
    context["form"] = next(iter(refused.values()), None)
    return render(request, "iom/assignment_detail.html", context, status=422 if refused else 200)


@dataclass(frozen=True)
class Queue:
    """Where this one stands among those that wait for the reader, and its neighbours."""

    place: int
    count: int
    before: int | None
    after: int | None

    @classmethod
    def around(cls, user: User, assignment: Assignment) -> "Queue | None":
        is_mine = assignment.route.person_id == user.pk
        pks = list(_waiting(user, is_mine=is_mine).values_list("pk", flat=True)[:QUEUE])
        if assignment.pk not in pks or len(pks) < 2:
            return None
        at = pks.index(assignment.pk)
        return cls(at + 1, len(pks), pks[at - 1] if at else None, pks[at + 1] if at + 1 < len(pks) else None)


def _waiting(user: User, *, is_mine: bool) -> QuerySet[Assignment]:
    tab = "do" if is_mine else "check"
    return by_limit(tabs_of(user)[tab][1], tab)


def _is_item_ready(assignment: Assignment) -> bool:
    """Every assignment of the item is accepted or withdrawn: it may be confirmed, by a person, never by itself."""
    item = assignment.item
    if item is None or item.status in RouteItem.FINISHED or assignment.status != "accepted":
        return False
    return not item.assignments.exclude(status__in=("accepted", "withdrawn")).exists()


@require_POST
def assignment_answer(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    mine = Assignment.objects.visible_to(user).filter(route__person=user)
    assignment = _assignment(mine, pk)
    form = AnswerForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            # A second click finds its own answer with the checker already.
            if not assigning.is_sent(assignment, form.cleaned_data["text"], form.cleaned_data["link"]):
                assigning.answer(assignment, actor=user, **form.cleaned_data)
                messages.success(request, "Ответ отправлен на проверку.")
            return redirect(assignment)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, assignment, answer_form=form)


@require_POST
def assignment_check(request: HttpRequest, pk: int) -> HttpResponse:
    """`act`: accept, next (accept and go on) or return."""
    user = reader(request)
    assignment = _assignment(Assignment.objects.checkable_by(user), pk)
    form, act = CheckForm(request.POST), request.POST.get("act")
    if act not in ("accept", "next", "return"):
        form.add_error(None, "Выберите, принять ответ или вернуть его с комментарием.")
    if form.is_valid():
        comment, is_accepted = form.cleaned_data["comment"], act != "return"
        following = Queue.around(user, assignment)
        try:
            # A second click finds its own word said already.
            if not assigning.is_said(assignment, user, comment, is_accepted=is_accepted):
                assigning.require_seen(assignment, request.POST.get("revision", ""))
                verb = assigning.accept if is_accepted else assigning.send_back
                verb(assignment, actor=user, comment=comment)
                messages.success(request, "Ответ принят." if is_accepted else "Возвращено с комментарием.")
                if act == "next":
                    _say_of_item(request, assignment)
            return redirect(_next(user, following) if act == "next" else assignment)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, assignment, check_form=form)


def _say_of_item(request: HttpRequest, assignment: Assignment) -> None:
    """The page that says it is left behind."""
    if _is_item_ready(assignment):
        messages.info(request, f"Все задания пункта «{assignment.item}» приняты: его можно подтвердить в маршруте.")


def _next(user: User, here: Queue | None) -> Assignment | str:
    """The one after this in the queue, or from its end the first that was left; else the list."""
    if here and here.after:
        return reverse("iom:assignment", args=[here.after])
    first = _waiting(user, is_mine=False).first()
    return first or f"{reverse('iom:assignments')}?tab=check"


@require_POST
def assignment_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    assignment = _assignment(Assignment.objects.checkable_by(user), pk)
    form = WithdrawForm(request.POST, auto_id="id_withdraw_%s")
    if form.is_valid() and assignment.status == Assignment.Status.WITHDRAWN:
        return redirect(assignment)
    if form.is_valid():
        try:
            assigning.withdraw(assignment, actor=user, reason=form.cleaned_data["reason"])
            messages.success(request, "Задание отозвано, педагог получит письмо.")
            return redirect(assignment)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, assignment, withdraw_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def assignment_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another date or other words, while the teacher still works on it."""
    user = reader(request)
    assignment = _assignment(Assignment.objects.checkable_by(user), pk)
    is_sent = request.method == "POST"
    form = ChangeForm(assignment, request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            if not assigning.is_as(assignment, form.cleaned_data):
                assigning.require_seen(assignment, request.POST.get("revision", ""))
                assigning.change(assignment, actor=user, **form.cleaned_data)
                messages.success(request, "Задание изменено, педагог получит письмо.")
            return redirect(assignment)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"assignment": assignment, "route": assignment.route, "form": form}
    context["revision"] = request.POST.get("revision", assignment.revision)
    return render(request, "iom/assignment_form.html", context, status=422 if is_sent else 200)
