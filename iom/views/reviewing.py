"""The approver's page: what changed, a word on each line, the whole agreed or returned."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.core.fragments import wants_fragment
from cabinet.core.words import counted
from cabinet.users.asking import reader
from cabinet.users.models import User
from iom.forms.agreement import DecisionForm, ReturnForm
from iom.models import Route
from iom.moves import Refused
from iom.services import agreeing, reviewing
from iom.services.commenting import threads_of
from iom.services.reviewing import Review
from iom.services.snapshot import snapshot
from iom.views.looks import note_look

LATE = "Этот маршрут сейчас не ждёт вашего решения."


@require_http_methods(["GET", "HEAD", "POST"])
def route_agree(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    route = Route.objects.approvable_by(user).with_names().filter(pk=pk).first()
    if route is None:
        return _too_late(request, user, pk)
    if request.method != "POST":
        note_look(request, route)
        return _agree_page(request, route)
    if request.POST.get("act") == "return":
        return _return(request, route, user)
    seen = request.POST.get("seen") or "nothing"
    try:
        if request.POST.get("act") == "rest":
            count = reviewing.accept_rest(route, actor=user, seen=seen)
            messages.success(request, f"Принято: {counted(count, 'строка', 'строки', 'строк')}.")
            return redirect(f"{reverse('iom:agree', args=[pk])}#agree-rest")
        agreeing.agree(route, actor=user, seen=seen)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return _agree_page(request, route, seen=seen)
    is_over = route.status != "in_review"
    messages.success(request, "Маршрут согласован." if is_over else "Согласовано, решение теперь за следующим.")
    return redirect(route)


def _too_late(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """A reader who comes late is led to the route with what he has typed; a stranger learns nothing."""
    route = get_object_or_404(Route.objects.visible_to(user), pk=pk)
    typed = request.POST.get("comment", "").strip()
    last = route.transitions.first()
    is_his = last is not None and last.actor_id == user.pk and last.move in ("agree", "agree_step", "return")
    if request.method == "POST" and is_his and last and typed in last.comment:
        messages.info(request, "Ваше решение уже записано.")  # a second click
    else:
        messages.info(request, f"{LATE} Ваш комментарий не отправлен: «{typed}»" if typed else LATE)
    return redirect(route)


def _return(request: HttpRequest, route: Route, user: User) -> HttpResponse:
    words = reviewing.words_for_return(reviewing.reviews_of(route, snapshot(route)))
    form = ReturnForm(request.POST, words=words)
    if not form.is_valid():
        return _agree_page(request, route, form)
    try:
        agreeing.send_back(route, actor=user, comment=form.cleaned_data["comment"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _agree_page(request, route, form)
    messages.success(request, "Маршрут возвращён, педагог получит письмо с вашим комментарием.")
    return redirect(route)


def _agree_page(request: HttpRequest, route: Route, form: ReturnForm | None = None, seen: str = "") -> HttpResponse:
    """`seen` is the mark of the page that was answered when the route had been changed already."""
    content = snapshot(route)
    changes, unchanged = reviewing.lines_to_agree(route, content)
    reviews = reviewing.reviews_of(route, content, changes)
    threads = threads_of(route)
    said = list(route.transitions.filter(version=route.version).exclude(move="recall").select_related("actor"))[::-1]
    sent = [one.at for one in said if one.move in ("submit", "agree_step")]
    unread = reviewing.unread_since(content, seen) if seen else set()
    context = {
        "route": route,
        "reviews": [(one, _decision_form(one), threads.get(one.change.line, [])) for one in reviews],
        "tally": reviewing.tally_of(reviews),
        "seen": reviewing.mark_of(content),
        "unread": unread,
        "rewritten": reviewing.changed_after_sending(route, sent[-1], reader(request)) if sent else set(),
        "unchanged": [(one, threads.get(one.line, [])) for one in unchanged],
        "is_first": route.agreed_version is None,
        "said": [one for one in said if one.comment or one.move == "agree_step"],
        "form": form or ReturnForm(),
    }
    return render(request, "iom/agree.html", context, status=422 if form is not None and form.errors else 200)


def _decision_form(review: Review, form: DecisionForm | None = None) -> DecisionForm:
    known = review.decision if review.is_current else None
    initial = {"verdict": known.verdict, "comment": known.comment} if known else {}
    form = form or DecisionForm(line=review.change.line, initial=initial)
    if not review.change.can_be_removed:
        form.without_removal()
    return form


@require_POST
def line_decide(request: HttpRequest, pk: int, line: str) -> HttpResponse:
    """Saved as chosen; without a script the page comes again at the same line."""
    user = reader(request)
    route = Route.objects.approvable_by(user).with_names().filter(pk=pk).first()
    if route is None:
        return _line_too_late(request, user, pk)
    form = DecisionForm(request.POST, line=line)
    if form.is_valid():
        data, digest = form.cleaned_data, request.POST.get("digest") or "nothing"
        try:
            reviewing.decide_line(route, line, data["verdict"], actor=user, comment=data["comment"], digest=digest)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    reviews = reviewing.reviews_of(route, snapshot(route))
    review = next((one for one in reviews if one.change.line == line), None)
    address = reverse("iom:agree", args=[pk])
    if review is None:
        typed = request.POST.get("comment", "").strip()
        messages.error(request, f"Этой строки среди изменённых уже нет.{f' Вы писали: «{typed}»' if typed else ''}")
        # Followed by htmx, a redirect would put a whole page in place of the line.
        return HttpResponse(headers={"HX-Redirect": address}) if wants_fragment(request) else redirect(address)
    if not form.errors and not wants_fragment(request):
        return redirect(f"{address}#{line.replace(':', '-')}")
    return _line_page(request, route, reviews, review, _decision_form(review, form))


def _line_page(
    request: HttpRequest, route: Route, reviews: list[Review], review: Review, form: DecisionForm
) -> HttpResponse:
    context = {
        "route": route,
        "review": review,
        "form": form,
        "thread": threads_of(route).get(review.change.line, []),
        "tally": reviewing.tally_of(reviews),
        # The page as it was opened, and this line as it is now: what others changed meanwhile has not been read yet.
        "seen": reviewing.seen_anew(request.POST.get("seen", ""), review.change),
        "is_first": route.agreed_version is None,
    }
    template = "iom/parts/review_saved.html" if wants_fragment(request) else "iom/agree_line.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _line_too_late(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """A colleague has decided meanwhile: the words typed stay to be copied. Others learn nothing."""
    route = get_object_or_404(Route.objects.visible_to(user).exclude(status="in_review"), pk=pk, is_outside=False)
    if not wants_fragment(request):
        return _too_late(request, user, pk)
    context = {"route": route, "where": reviewing.where_is(route), "typed": request.POST.get("comment", "")}
    return render(request, "iom/parts/review_late.html", context)
