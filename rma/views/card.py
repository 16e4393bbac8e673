"""A member's card: read in two depths, the consent to show it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cabinet.core.clock import today
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from rma import consent
from rma.models import Activity, Member, StatusChange
from rma.models.member import READERS
from rma.services.cards import formal_words, history_of, lines_of, open_requests, roles_of
from rma.services.roster import show_card
from rma.services.scope import may_ask

HISTORY = 15


@require_safe
def member_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever keeps the card sees all of it; the others what its owner agreed to."""
    user: Any = request.user
    kept = Member.objects.kept_by(user).filter(pk=OuterRef("pk"))
    cards = Member.objects.visible_to(user).with_indicators(today()).annotate(is_kept=Exists(kept))
    orders = Prefetch("status_changes", StatusChange.objects.select_related("author"))
    cards = cards.select_related("user__organization__municipality__territory", "user__position")
    cards = cards.prefetch_related("subjects", "functions", "directions", "indicators", orders)
    member: Any = get_object_or_404(cards, pk=pk)
    is_own = member.user_id == user.pk
    if not is_own:
        record(LogEntry.Action.VIEWED, person=member.user, about=member, request=request)
    requests: list[Any] = list(open_requests(member, user))
    member.load = len(requests)
    visible = [one for one in requests if one.is_visible]
    context = {
        "member": member,
        "is_own": is_own,
        "may_edit": "admin" in user.roles,
        "may_ask": not is_own and member.status == Member.Status.ACTIVE and may_ask(user),
        "may_read_roster": bool(user.roles & READERS),
        "formal": formal_words(member),
        "lines": lines_of(member, with_files=member.is_kept),
        "roles": roles_of(member),
        "requests": visible,
        "has_work": is_own and Activity.objects.offered().filter(member=member).exists(),
        "hidden": len(requests) - len(visible),
        "consent": {"version": consent.VERSION, "parts": consent.TEXTS[consent.VERSION]},
    }
    if member.is_kept:
        context["history"] = Paginator(history_of(member), HISTORY).get_page(request.GET.get("page"))
    return render(request, "rma/roster/card.html", context)


@require_POST
def member_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Only the owner says who sees his card; the same button takes it back."""
    user: Any = request.user
    member = get_object_or_404(Member.objects.filter(user=user.pk).select_related("user"), pk=pk)
    is_shown = request.POST.get("show") == "yes"
    version = _version(request.POST.get("version", ""))
    if show_card(member, is_shown=is_shown, actor=user, version=version, request=request):
        text = (
            "Спасибо! Теперь коллеги видят вашу карточку. Передумаете — уберите её здесь же."
            if is_shown
            else "Карточка скрыта от коллег. Показать её снова можно здесь же."
        )
        messages.success(request, text)
    return redirect(f"{member.get_absolute_url()}#consent")


def _version(text: str) -> int:
    """Of the text the page showed; it may have changed while the member was reading."""
    return next((one for one in consent.TEXTS if str(one) == text), consent.VERSION)
