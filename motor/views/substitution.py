"""Handing over for a period: the list, agreeing on it with a preview, the page of one, cancelling."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.clock import today
from cabinet.users.decorators import roles_required
from cabinet.users.models import Role, Substitution
from motor.forms.responsible import SubstitutionForm
from motor.models import Case
from motor.services import substitution as services
from motor.services.responsible import with_people
from motor.views.responsible import PAGE_SIZE, Context, by_holder, in_two_steps

PEOPLE = ("head", "methodist", "municipal", "admin")


def state_of(row: Substitution) -> tuple[str, str]:
    """Code and words of where the substitution stands."""
    if row.cancelled_at is not None:
        return "cancelled", "отменено"
    if row.starts_on > today():
        return "scheduled", "предстоит"
    return ("running", "идёт") if row.ends_on >= today() else ("done", "закончилось")


def _named(rows: Any) -> Any:
    return rows.select_related("person", "deputy", "author")


@roles_required(*PEOPLE)
@require_safe
def substitution_list(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    rows = _named(Substitution.objects.visible_to(user)).order_by("-ends_on", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    people = services.replaceable_by(user)
    # Methodists are handed over from their organization's page: a region of them is no list to choose from.
    if user.roles & {"municipal", "admin"}:
        people = people.filter(memberships__role__in=(Role.MUNICIPAL, Role.ADMIN)).distinct()
    context = {
        "page": page,
        "rows": [(row, *state_of(row)) for row in page],
        "people": people.select_related("organization").order_by("last_name", "first_name", "pk")[:200],
        "tab": "substitutions",
    }
    return render(request, "motor/responsible/substitution_list.html", context)


@roles_required(*PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def substitution_add(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    person = get_object_or_404(services.replaceable_by(user), pk=pk)
    form = SubstitutionForm(person, request.POST if request.method == "POST" else None)

    def act() -> None:
        services.substitute(person, actor=user, **form.cleaned_data)

    def look() -> Context:
        data = form.cleaned_data
        moved = services.what_would_move(person, actor=user, **data)
        return {
            "moved": by_holder(moved),
            "later": data["starts_on"] if data["starts_on"] > today() else None,
            "deputy": data["deputy"],
            "staying": services.cases_held(person).count() - len(moved),
            "coming": services.opening_within(person, data["starts_on"], data["ends_on"]),
        }

    page = {"person": person, "title": "Передать карты на время", "button": "Передать", "what": "substitution"}
    answer = in_two_steps(request, form, page, look=look, act=act)
    if answer is None:
        messages.success(request, "Замещение назначено, письма отправлены.")
        return redirect("motor:substitutions")
    return answer


@roles_required(*PEOPLE)
@require_safe
def substitution_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    row = get_object_or_404(_named(Substitution.objects.visible_to(user)), pk=pk)
    lent = Case.objects.visible_to(user).filter(on_behalf_of=row.person, responsible=row.deputy)
    page = Paginator(with_people(lent).order_by("due_on", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    code, words = state_of(row)
    context = {
        "row": row,
        "code": code,
        "words": words,
        "page": page,
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
        messages.success(request, "Замещение отменено: карты вернулись.")
    return redirect("motor:substitution", pk)
