"""«Работа за месяц»: the member looks his lines through and agrees the month; others read."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.clock import add_months, today
from cabinet.core.words import counted, month_words
from cabinet.users.decorators import roles_required
from rma.filters.activity import MonthFilter
from rma.forms.activity import LineForm, WordsForm
from rma.models import Activity, Direction, Function, Member
from rma.services import months
from rma.services.hours import hours_words

PAGE_SIZE = 25
AGREED_SIZE = 50
LINE_WORDS = ("строка", "строки", "строк")


def _own(request: HttpRequest) -> Member | None:
    return Member.objects.filter(user=request.user.pk).select_related("user__organization").first()


def _own_or_404(request: HttpRequest) -> Member:
    member = _own(request)
    if member is None:
        raise Http404
    return member


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _address(member: Member | None, month: date, anchor: str = "") -> str:
    other = f"&member={member.pk}" if member else ""
    return f"{reverse('rma:activity')}?month={month:%Y-%m}{other}{f'#{anchor}' if anchor else ''}"


# Whose month it is says the card and not the role: whoever has left the group agrees what he did in it.


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """Own month; `member` names another one's to read; who has no card of his own gets the list of members."""
    if request.GET.get("member"):
        kept = Member.objects.kept_by(request.user).select_related("user__organization")
        member = get_object_or_404(kept, pk=_number(request.GET["member"]))
        return _month_page(request, member)
    own = None if request.GET.get("view") == "all" else _own(request)
    return _month_page(request, own) if own else _overview(request)


def _overview(request: HttpRequest) -> HttpResponse:
    """Who has agreed the month: of own municipality, for the admin of the region."""
    if not getattr(request.user, "roles", frozenset()) & {"municipal", "admin"}:
        raise Http404
    month = months.month_named(request.GET.get("month", "")) or add_months(today().replace(day=1), -1)
    members = Member.objects.kept_by(request.user).exclude(status=Member.Status.CANDIDATE)
    found = MonthFilter(request.GET or None, queryset=members.select_related("user__organization"), month=month)
    page = Paginator(months.busy_first(found.qs, month), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": found, "page": page, "rows": months.months_of(list(page.object_list), month), "month": month}
    return render(request, "rma/activity/members.html", context | _neighbours(month))


def _neighbours(month: date) -> dict[str, Any]:
    after = add_months(month, 1)
    return {"before": add_months(month, -1), "after": after if after <= today() else None}


def _read(request: HttpRequest, member: Member, month: date) -> months.Month:
    found = months.read_month(member, month, Activity.objects.visible_to(request.user))
    if member.user_id != request.user.pk:
        months.hide_names(found, request.user)  # type: ignore[arg-type]
    return found


def _month_page(
    request: HttpRequest, member: Member, *, month: date | None = None, form: WordsForm | None = None,
    clash: months.LineRefused | None = None,
) -> HttpResponse:  # fmt: skip
    """`form` is one that was refused, with what was typed; `clash` what stands in the database instead."""
    bars = months.year_of(member, today().replace(day=1))
    waits = [bar.month for bar in bars if bar.waiting]
    month = month or months.month_named(request.GET.get("month", "")) or (waits[0] if waits else bars[-1].month)
    is_own = member.user_id == request.user.pk
    found = _read(request, member, month)
    has_place = form is not None and form.line in found.shown
    opened = _number(request.GET.get("line", ""))
    line = next((one for one in found.shown if one.pk == opened), None) if is_own and form is None else None
    context: dict[str, Any] = {
        "member": member,
        "month": found,
        "bars": bars,
        "most": max((bar.hours for bar in bars), default=0),
        "page": Paginator(found.agreed, AGREED_SIZE).get_page(request.GET.get("page")),
        "is_own": is_own,
        "may_add": is_own and "regional" in getattr(request.user, "roles", ()),
        "form": LineForm(member=member, line=line) if line else form,
        "is_refused": form is not None,
        "is_apart": form is not None and not has_place,
        "clash": clash,
        "clash_fields": _differences(clash.now, form) if clash and form else [],
        **_neighbours(month),
    }
    if is_own and found.lacking:
        context |= {"directions": list(Direction.objects.all()), "functions": list(Function.objects.all())}
    return render(request, "rma/activity/month.html", context, status=422 if form is not None else 200)


# --- Lines -----------------------------------------------------------------------------------------------------


@roles_required("regional")
@require_http_methods(["GET", "HEAD", "POST"])
def activity_add(request: HttpRequest) -> HttpResponse:
    """What left no trace in the cabinet."""
    member = _own_or_404(request)
    month = months.month_named(request.GET.get("month", "")) or today().replace(day=1)
    if request.method != "POST":
        on = today() if month == today().replace(day=1) else month
        form = LineForm(member=member, initial={"on": on, "kind": Activity.Kind.OTHER, "people_count": 1})
        return render(request, "rma/activity/add.html", {"form": form, "month": month})
    form = LineForm(request.POST, member=member)
    if not form.is_valid():
        return render(request, "rma/activity/add.html", {"form": form, "month": month}, status=422)
    try:
        line = months.add_line(member, form.values, form.places, once=form.cleaned_data["once"])
    except months.LineRefused as refused:
        form.add_error(None, str(refused))
        return render(request, "rma/activity/add.html", {"form": form, "month": month}, status=422)
    messages.success(request, "Строка записана. Она войдёт в месяц, когда вы его согласуете.")
    return redirect(_address(None, line.month, f"line-{line.pk}"))


def _line(request: HttpRequest, pk: int) -> Activity:
    lines = Activity.objects.editable_by(request.user)
    # Out of scope is 404, not 403: the answer must not tell that the row exists.
    return get_object_or_404(
        lines.select_related("member__user__organization").prefetch_related("organizations"), pk=pk
    )


@require_POST
def activity_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right; with `words=1` only the direction and the function."""
    line = _line(request, pk)
    is_short = request.POST.get("words") == "1"
    form: WordsForm = WordsForm(request.POST, line=line) if is_short else LineForm(
        request.POST, line=line, member=line.member
    )  # fmt: skip
    if not form.is_valid():
        return _month_page(request, line.member, month=line.month, form=form)
    places = form.places if isinstance(form, LineForm) else None
    try:
        months.save_line(line, form.values, _number(request.POST.get("revision", "")) or 0, places)
    except months.LineRefused as refused:
        return _month_page(request, line.member, month=refused.now.month, form=form, clash=refused)
    lacking = "" if line.is_complete else " Чтобы согласовать её, укажите направление и функцию."
    messages.success(request, f"Строка сохранена.{lacking}")
    return redirect(_address(None, line.month, f"line-{line.pk}"))


def _differences(now: Activity, form: WordsForm) -> list[tuple[str, str, str]]:
    """(field, what stands now, what was typed) wherever they differ."""
    rows = []
    for name, typed in form.values.items():
        stands = getattr(now, name)
        if stands != typed:
            shown = now.get_kind_display() if name == "kind" else stands
            said = Activity.Kind(typed).label if name == "kind" else typed
            rows.append((str(form.fields[name].label), _said(shown), _said(said)))
    return rows


def _said(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return "" if value is None else str(value).replace(".", ",") if hasattr(value, "as_tuple") else str(value)


@require_POST
def activity_leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    line = _line(request, pk)
    if months.leave_out(line):
        messages.success(request, "Строка не учитывается. Вернуть её можно под списком.")
    return redirect(_address(None, line.month, "left-out"))


@require_POST
def activity_put_back(request: HttpRequest, pk: int) -> HttpResponse:
    line = _line(request, pk)
    if months.put_back(line):
        messages.success(request, "Строка снова в месяце.")
    return redirect(_address(None, line.month, f"line-{line.pk}"))


@require_safe
def activity_source(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of what offered the line. Its own rules say who may open it."""
    line = get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)
    page = getattr(line.source, "get_absolute_url", None)
    if page is None:
        raise Http404
    return redirect(page())


# --- The month -------------------------------------------------------------------------------------------------


def _posted_month(request: HttpRequest) -> date:
    month = months.month_named(request.POST.get("month", ""))
    if month is None:
        raise Http404
    return month


def _seen(text: str) -> dict[int, int]:
    """«12:1,15:3» → {12: 1, 15: 3}; what is not like that is passed over."""
    pairs = (one.partition(":") for one in text.split(",")[:1000])
    numbers = ((_number(pk), _number(revision)) for pk, _, revision in pairs)
    return {pk: revision for pk, revision in numbers if pk is not None and revision is not None}


@require_POST
def activity_agree(request: HttpRequest) -> HttpResponse:
    member, month = _own_or_404(request), _posted_month(request)
    seen = _seen(request.POST.get("seen", ""))
    done = months.agree(member, month, seen, actor=request.user)  # type: ignore[arg-type]
    if done.lines:
        words = f"{counted(done.lines, *LINE_WORDS)}, {hours_words(done.hours)}"
        messages.success(request, f"Согласовано за {month_words(month)}: {words}. Если что-то не так, верните месяц.")
    if done.lines < len(seen) and not _are_agreed(member, seen):
        messages.warning(request, "Часть строк изменилась после того, как вы открыли страницу: посмотрите их ещё раз.")
    return redirect(_address(None, month))


def _are_agreed(member: Member, seen: dict[int, int]) -> bool:
    """A second click finds everything done already."""
    return Activity.objects.agreed().filter(member=member, pk__in=seen).count() == len(seen)


@require_POST
def activity_reopen(request: HttpRequest) -> HttpResponse:
    member, month = _own_or_404(request), _posted_month(request)
    if months.reopen(member, month, actor=request.user):  # type: ignore[arg-type]
        messages.success(
            request, "Месяц возвращён: строки снова можно менять. Пока он не согласован, они не считаются."
        )
    return redirect(_address(None, month))


@require_safe
def activity_print(request: HttpRequest) -> HttpResponse:
    """A sheet A4 with the agreed lines and a place to sign."""
    month = months.month_named(request.GET.get("month", ""))
    if month is None:
        raise Http404
    kept = Member.objects.kept_by(request.user).select_related("user__organization__municipality", "user__position")
    wanted = request.GET.get("member")
    member = get_object_or_404(kept, **({"pk": _number(wanted)} if wanted else {"user": request.user}))
    found = _read(request, member, month)
    context = {"member": member, "month": found, "is_own": member.user_id == request.user.pk, "today": today()}
    return render(request, "rma/activity/print.html", context)
