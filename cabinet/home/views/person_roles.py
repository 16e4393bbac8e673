"""Roles of a person: given, prolonged, ended; what changes hands is shown first."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from cabinet.home.forms.people import EndRoleForm, GiveRoleForm, ProlongForm, RoleKindForm
from cabinet.home.services.moving import ending_words
from cabinet.home.services.people import KEEPERS, editable_by, governs, roles_for
from cabinet.home.services.person_changes import end, give, look_at_ending, look_at_giving, prolong
from cabinet.home.services.rehearsing import ActRefused, Outlook
from cabinet.home.views.person_acts import BOTH, Context, in_two_steps, kept, typed
from cabinet.users.decorators import roles_required
from cabinet.users.models import Membership, Role


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def role_give(request: HttpRequest, pk: int) -> HttpResponse:
    """The role is chosen first (`role` in the address): what else is asked follows from it."""
    user: Any = request.user
    person = kept(request, pk)
    if not request.GET.get("role"):
        context = {"form": RoleKindForm(actor=user), "person": person, "is_admin": "admin" in user.roles}
        return render(request, "home/people/role_kind.html", context)
    role = _role(request)
    if role not in roles_for(user):
        raise Http404
    form = GiveRoleForm(typed(request), actor=user, person=person, role=role)

    def act() -> None:
        give(form.answers(), form.cleaned_data.get("subjects", ()), actor=user, request=request)

    def look() -> Context:
        wanted, subjects = form.answers(), form.cleaned_data.get("subjects", ())
        moved = look_at_giving(wanted, subjects, actor=user, request=request)
        return {"outlook": Outlook(goes=moved), "wanted": wanted, "subjects": subjects}

    page = {
        "person": person,
        "title": f"Роль: {role.label}",
        "button": "Дать роль",
        "what": "role",
        "picks": {Role.HEAD: "organization", Role.METHODIST: "organization", Role.MENTOR: "person"}.get(role, ""),
    }
    answer = in_two_steps(request, form, page, look=look, act=act)
    if answer is None:
        messages.success(request, "Роль назначена." + ("" if person.email else " Вход ещё не открыт: пригласите."))
        return redirect("home:person", pk)
    return answer


def _role(request: HttpRequest) -> Role:
    try:
        return Role(request.GET.get("role", ""))
    except ValueError:
        raise Http404 from None


def _membership(request: HttpRequest, pk: int) -> Membership:
    """A role of somebody else whose card one keeps, which one could have given."""
    user: Any = request.user
    rows = Membership.objects.filter(user__in=editable_by(user).exclude(pk=user.pk).values("pk"))
    rows = rows.select_related(
        "user__organization__municipality", "organization__municipality", "municipality", "person__organization"
    )
    membership = get_object_or_404(rows, pk=pk)
    if not governs(user, membership):
        raise Http404
    return membership


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    membership = _membership(request, pk)
    form = EndRoleForm(typed(request))

    def act() -> None:
        end(membership, since=form.cleaned_data["since"], actor=user)

    def look() -> Context:
        since = form.cleaned_data["since"]
        goes = look_at_ending(membership, since=since, actor=user)
        return {"outlook": Outlook(goes=goes), "ending": ending_words(membership, since)}

    page = {
        "person": membership.user,
        "membership": membership,
        "title": "Закончить роль",
        "button": "Закончить",
        "what": "end",
        "is_loss": True,
    }
    answer = in_two_steps(request, form, page, look=look, act=act)
    if answer is None:
        messages.success(request, "Срок роли закончен.")
        return redirect("home:person", membership.user_id)
    return answer


@require_http_methods(BOTH)
@roles_required(*KEEPERS)
def role_prolong(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    membership = _membership(request, pk)
    form = ProlongForm(typed(request), initial={"ends_on": membership.ends_on})
    if form.is_bound and form.is_valid():
        try:
            changed = prolong(membership, form.cleaned_data["ends_on"], actor=user)
        except ActRefused as refusal:
            form.add_error("ends_on", str(refusal))
        else:
            messages.success(request, "Срок роли изменён." if changed else "Срок остался прежним.")
            return redirect("home:person", membership.user_id)
    context = {"form": form, "person": membership.user, "membership": membership, "title": "Срок роли"}
    return render(request, "home/people/edit.html", context, status=422 if form.errors else 200)
