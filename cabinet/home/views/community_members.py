"""Who is in a community: adding, letting go, naming the head."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.core.clock import today
from cabinet.core.words import counted
from cabinet.home.forms.communities import TermForm, WhoForm
from cabinet.home.services import community_asks as asks
from cabinet.home.services import community_members as services
from cabinet.structure.models import Community
from cabinet.users.asking import reader
from cabinet.users.models import CommunityMember, UserQuerySet


@require_http_methods(["GET", "HEAD", "POST"])
def members_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Found by the address, shown with a mark beside each, added by one button."""
    user = reader(request)
    community = get_object_or_404(Community.objects.editable_by(user).filter(is_active=True), pk=pk)
    people = services.candidates(community, user)
    term = TermForm(request.POST if request.method == "POST" else None, day=today())
    marked = [int(one) for one in request.POST.getlist("person") if one.isdecimal() and len(one) < 10]
    if term.is_valid():
        if marked:
            chosen = people.filter(pk__in=marked[: services.MANY])
            added = services.add_members(community, chosen, actor=user, **term.cleaned_data)
            messages.success(request, _told(len(added), len(marked)))
            return redirect(community)
        term.add_error(None, "Никто не отмечен. Отметьте хотя бы одного человека.")
    context = {"community": community, "term": term, "marked": marked, **_looked_for(request, people)}
    return render(request, "home/communities/add.html", context, status=422 if term.errors else 200)


def _looked_for(request: HttpRequest, people: UserQuerySet) -> dict[str, Any]:
    who = WhoForm(request.GET, people=people)
    rows = who.narrow(people).select_related("organization", "position", "subject").order_by("name_key", "pk")
    found = list(rows[: services.MANY + 1])
    return {
        "who": who,
        "found": found[: services.MANY],
        "is_cut": len(found) > services.MANY,
        "is_asked": who.is_valid() and any(who.cleaned_data.values()),
        "many": services.MANY,
    }


def _told(added: int, marked: int) -> str:
    words = f"Добавлено: {counted(added, 'человек', 'человека', 'человек')}."
    return words if added == marked else f"{words} Остальные уже в сообществе или добавить их нельзя."


@require_http_methods(["GET", "HEAD", "POST"])
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    rows = CommunityMember.objects.endable_by(user).select_related("community", "person")
    row = get_object_or_404(rows, pk=pk)
    community, is_own = row.community, row.person_id == user.pk
    if request.method == "POST":
        if services.end_member(row, actor=user):
            said = "Вы вышли из сообщества." if is_own else f"{row.person.short_name}: больше не в сообществе."
            messages.success(request, said)
        seen = Community.objects.visible_to(user).filter(pk=community.pk).exists()
        return redirect(community if seen else "home:communities")
    told = f"{row.person.full_name}, «{community}». С сегодняшнего дня — уже не участник; запись об этом останется."
    own = f"«{community}». Сегодня вы уже не будете его участником; вернуть вас сможет тот, кто ведёт список."
    context = {
        "title": "Выйти из сообщества?" if is_own else "Закончить участие?",
        "text": own if is_own else told,
        "action_label": "Выйти" if is_own else "Закончить участие",
        "cancel_url": community.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
def member_head(request: HttpRequest, pk: int) -> HttpResponse:
    """`do=undo` makes a head a plain member again."""
    user = reader(request)
    governed = Community.objects.governed_by(user).order_by().values("pk")
    rows = CommunityMember.objects.lasting().filter(community__in=governed).select_related("community", "person")
    row = get_object_or_404(rows, pk=pk)
    if request.POST.get("do") == "undo":
        if services.unname_head(row, actor=user):
            messages.success(request, f"{row.person.short_name}: теперь участник.")
    elif services.name_head(row, actor=user):
        messages.success(request, f"{row.person.short_name}: теперь руководит сообществом.")
    return redirect(f"{row.community.get_absolute_url()}#members")


@require_POST
def community_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """`do=undo` takes the request back."""
    user = reader(request)
    community = get_object_or_404(Community.objects.visible_to(user), pk=pk)
    if request.POST.get("do") == "undo":
        if asks.take_ask_back(community, user):
            messages.success(request, "Просьба отозвана.")
    elif not asks.may_ask(community, user):
        messages.info(request, "Попроситься сюда нельзя: вы уже в сообществе, или отвечать на просьбы пока некому.")
    else:
        asks.ask(community, user)
        messages.success(request, "Просьба передана руководителю сообщества. Когда он ответит, вам придёт письмо.")
    return redirect(community)


@require_POST
def ask_answer(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """`do=accept` takes the person in, anything else declines."""
    user = reader(request)
    community = get_object_or_404(Community.objects.editable_by(user).filter(is_active=True), pk=pk)
    asker = asks.askers(community).filter(pk=person).first()
    if asker is None:
        messages.info(request, "На эту просьбу уже ответили, или её отозвали.")
    elif request.POST.get("do") == "accept":
        if asks.accept(community, asker, actor=user):
            messages.success(request, f"{asker.short_name}: теперь в сообществе. Кабинет напишет об этом.")
    elif asks.decline(community, asker, actor=user):
        messages.success(request, f"{asker.short_name}: просьба отклонена. Кабинет напишет об этом.")
    return redirect(community)
