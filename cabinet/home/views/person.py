"""A person's card, its history and the login opened from it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cabinet.home.services.inviting import invite, plan_invitations
from cabinet.home.services.people import reachable_by
from cabinet.home.services.person_card import card_of, history_of, person_for
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

HISTORY = 30


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Each section by its own model's rule. A look at another's card is written into the log."""
    user: Any = request.user
    found = person_for(user, pk)
    if found is None:
        raise Http404
    if found.merged_into_id is not None:
        return _where_it_went(request, found)
    card = card_of(found, user)
    if not card.is_own:
        record(LogEntry.Action.VIEWED, person=found, about=found, request=request)
    context = {"card": card, "person": found, "is_admin": "admin" in user.roles}
    return render(request, "home/people/card.html", context)


def _where_it_went(request: HttpRequest, closed: User) -> HttpResponse:
    """Links to the closed card lead to the one that stays, for who may open that."""
    user: Any = request.user
    target = closed
    while target.merged_into is not None:
        target = target.merged_into
    if person_for(user, target.pk) is None:
        raise Http404
    messages.info(request, f"Карточка № {closed.pk} ({closed.full_name}) объединена с этой: всё теперь здесь.")
    return redirect("home:person", target.pk)


@require_safe
@roles_required("admin")
def person_history(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    with_views = request.GET.get("views") == "yes"
    page = Paginator(history_of(found, with_views=with_views), HISTORY).get_page(request.GET.get("page"))
    entries = [
        {
            "at": one.at,
            "who": one.actor.full_name if one.actor else "",
            "title": (one.note or one.get_action_display())[:1].upper() + (one.note or one.get_action_display())[1:],
            "text": one.about_type.name if one.about_type and one.about_type.model != "user" else "",
        }
        for one in page
    ]
    context = {"person": found, "page": page, "entries": entries, "with_views": with_views}
    return render(request, "home/people/history.html", context)


@require_POST
def person_invite(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    found = get_object_or_404(reachable_by(user), pk=pk)
    if invite([found], actor=user, request=request):
        messages.success(request, "Вход открыт, письмо о том, как войти, отправлено.")
    else:
        standing = next(iter(plan_invitations([found]).groups))
        messages.info(request, f"Письмо не отправлено: {standing.value}.")
    return redirect("home:person", found.pk)
