"""Handing over for a period: the list, agreeing on it with a preview, the page of one, cancelling."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.clock import today
from cabinet.users.decorators import roles_required
from cabinet.users.models import Role, Substitution, User
from motor.forms.responsible import SubstitutionForm
from motor.services import handing_over
from motor.services import substitution as services
from motor.services.leave_lines import by_kind
from motor.views.responsible import NAMERS, PAGE_SIZE, Context, in_two_steps

PEOPLE = ("head", "methodist", "municipal", "regional", "admin")
FOUND = 50  # people shown to choose from


def state_of(row: Substitution) -> tuple[str, str]:
    """Code and words of where the substitution stands."""
    if row.cancelled_at is not None:
        return "cancelled", "отменено"
    if row.starts_on > today():
        return "scheduled", "предстоит"
    return ("running", "идёт") if row.ends_on >= today() else ("done", "закончилось")


def _named(rows: Any) -> Any:
    return rows.select_related("person", "deputy", "author")


def _people(user: User, text: str) -> QuerySet[User]:
    """Whom this person may hand over; of a region or a municipality those found by name, else specialists only."""
    people = services.replaceable_by(user)
    if user.roles & {"municipal", "admin"}:
        if text:
            people = people.filter(pk__in=User.objects.search(text).values("pk"))
        else:
            # Methodists are handed over from their organization's page: a region of them is no list to choose from.
            own = people.filter(pk=user.pk)
            people = people.filter(memberships__role__in=(Role.MUNICIPAL, Role.ADMIN)).distinct() | own.distinct()
    return people.select_related("organization").order_by("last_name", "first_name", "pk")


@roles_required(*PEOPLE)
@require_safe
def substitution_list(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    rows = _named(Substitution.objects.visible_to(user)).order_by("-ends_on", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    text = request.GET.get("q", "").strip()[:100]
    context = {
        "page": page,
        "rows": [(row, *state_of(row)) for row in page],
        "people": _people(user, text)[:FOUND],
        "q": text,
        "is_for_others": bool(user.roles & {"municipal", "admin"}),
        "has_tabs": bool(user.roles & set(NAMERS)),
        "tab": "substitutions",
    }
    return render(request, "motor/responsible/substitution_list.html", context)


@roles_required(*PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def substitution_add(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = get_object_or_404(services.replaceable_by(user), pk=pk)
    sides = services.sides_of(person)
    form = SubstitutionForm(person, request.POST if request.method == "POST" else None, sides=sides)

    def act() -> None:
        services.substitute(person, actor=user, **form.terms())

    def look() -> Context:
        terms = form.terms()
        outlook = services.what_happens(person, actor=user, **terms)
        if user != person and "admin" not in user.roles:
            outlook = handing_over.as_seen_by(user, outlook)
        return {
            "outlook": outlook,
            "stays": by_kind(outlook.stays),
            "later": terms["starts_on"] if terms["starts_on"] > today() else None,
            "deputies": [one for one in (terms["deputy"], terms["rma_deputy"]) if one],
            "coming": services.opening_within(person, terms["starts_on"], terms["ends_on"]),
        }

    page = {"person": person, "sides": sides, "title": "Передать работу на время", "button": "Передать"}
    answer = in_two_steps(request, form, page | {"what": "substitution"}, look=look, act=act)
    if answer is None:
        messages.success(request, "Замещение назначено, письма отправлены.")
        return redirect("motor:substitutions")
    return answer


@roles_required(*PEOPLE)
@require_safe
def substitution_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    row = get_object_or_404(_named(Substitution.objects.visible_to(user)), pk=pk)
    pair = list(_named(row.together))
    # Whoever is away sees where everything is; the others what is theirs to see, a former deputy nothing more.
    sees_all = user == row.person or "admin" in user.roles
    lines = handing_over.whereabouts(pair, user, sees_all=sees_all)
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    code, words = state_of(row)
    context = {
        "row": row,
        "pair": pair,
        "code": code,
        "words": words,
        "page": page,
        "kinds": by_kind(list(page)),
        "held": handing_over.held_now(row.person) if code == "scheduled" else [],
        "can_cancel": services.endable_by(user).filter(pk=pk).exists(),
    }
    return render(request, "motor/responsible/substitution.html", context)


@roles_required(*PEOPLE)
@require_POST
def substitution_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    row = get_object_or_404(_named(services.endable_by(user)), pk=pk)
    try:
        services.cancel_substitution(row, actor=user)
    except services.SubstitutionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Замещение отменено: незавершённое вернулось.")
    return redirect("motor:substitution", pk)
