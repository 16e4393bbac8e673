"""Naming by hand who answers: for one case, and for many chosen from a list."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.core.words import counted
from cabinet.users.decorators import roles_required
from motor.forms.responsible import CandidateForm
from motor.models import Case
from motor.moves import MoveRefused
from motor.services import naming
from motor.services.responsible import with_people

NAMERS = ("head", "municipal", "admin")


@roles_required(*NAMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def name_responsible(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    case = get_object_or_404(with_people(Case.objects.nameable_by(user)), pk=pk)
    form = CandidateForm([case], request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _refuse_stale(case, request.POST.get("seen", ""))
            naming.name_responsible(case, form.chosen, user, form.cleaned_data["reason"])
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"По карте отвечает {form.chosen.full_name}, письмо отправлено.")
            return redirect(case)
    context = {"case": case, "form": form}
    return render(request, "motor/responsible/name.html", context, status=422 if form.errors else 200)


def _refuse_stale(case: Case, seen: str) -> None:
    """Somebody may have named another person while the page stood open."""
    if seen != str(case.responsible_id or 0):
        now = case.responsible.full_name if case.responsible else "никто"
        raise MoveRefused(f"Пока вы выбирали, ответственный сменился: {now}. Проверьте и назначьте, если нужно.")


@roles_required("municipal", "admin")
@require_POST
def name_many(request: HttpRequest) -> HttpResponse:
    """Choose a person, see what will and will not change, then do it; all three are POSTs with the chosen cases."""
    user: Any = request.user
    chosen = _chosen(request.POST)
    cases: QuerySet[Case] = with_people(Case.objects.nameable_by(user).filter(pk__in=chosen)).order_by("due_on", "pk")
    if not cases:
        messages.info(request, "Ничего не выбрано: отметьте хотя бы одну карту.")
        return redirect("motor:unassigned_cases")
    step = request.POST.get("do", "")
    form = CandidateForm(list(cases), request.POST if step in ("check", "edit", "write") else None)
    context: dict[str, Any] = {"form": form, "cases": cases, "chosen": [f"{pk}:{seen}" for pk, seen in chosen.items()]}
    if step in ("check", "write") and form.is_valid():
        if step == "write":
            return _named(request, naming.name_many(chosen, form.chosen, user, form.cleaned_data["reason"]))
        context["plan"] = naming.plan_naming(chosen, form.chosen, user)
    return render(request, "motor/responsible/name_many.html", context, status=422 if form.errors else 200)


def _chosen(data: QueryDict) -> dict[int, int]:
    """«case:who answered when the list was shown», as the list's ticks say."""
    pairs = [entry.partition(":")[::2] for entry in data.getlist("case")[: naming.AT_ONCE]]
    return {int(pk): int(seen) for pk, seen in pairs if pk.isdecimal() and seen.isdecimal() and len(pk + seen) < 19}


def _named(request: HttpRequest, plan: naming.Plan) -> HttpResponse:
    done, left = plan.done, len(plan.stay) + plan.gone + len(plan.will) - plan.done
    if done:
        cards = counted(done, "карта", "карты", "карт")
        messages.success(request, f"{plan.person.full_name}: {cards}. Письмо отправлено.")
    if left:
        messages.info(request, f"Остались без изменений: {counted(left, 'карта', 'карты', 'карт')}.")
    return redirect("motor:unassigned_cases")
