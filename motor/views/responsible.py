"""Who answers for МОТОР: organizations, the people appointed there, and what still has nobody."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.core.clock import today
from cabinet.structure.models import Organization
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from cabinet.users.models import Membership, Role, Substitution, User
from motor.filters import OpenOrganizationFilter, OrganizationFilter, UnassignedFilter
from motor.forms.responsible import AppointForm, EndForm, SubjectsForm
from motor.models import Case, Status
from motor.moves import MoveRefused
from motor.services import appointing
from motor.services.responsible import unassigned, with_people
from motor.services.substitution import SubstitutionRefused

PAGE_SIZE = 25
NAMERS = ("head", "municipal", "admin")
REFUSALS = (MoveRefused, appointing.AppointingRefused, SubstitutionRefused)
Context = dict[str, Any]


def in_two_steps(
    request: HttpRequest,
    form: forms.Form,
    context: Context,
    *,
    look: Callable[[], Context],
    act: Callable[[], Any],
    template: str = "motor/responsible/form.html",
) -> HttpResponse | None:
    """First what will happen, then the deed; None once it is done. A refusal stands at the form, nothing is lost."""
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "write":
                act()
                return None
            if request.POST.get("do") != "edit":
                return render(request, "motor/responsible/confirm.html", context | {"form": form} | look())
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
    return render(request, template, context | {"form": form}, status=422 if form.errors else 200)


def by_holder(moved: list[Case]) -> list[tuple[User | None, list[Case], list[tuple[str, int]]]]:
    """Cases that change hands by who gets them, the most first, each group with its counts by state."""
    groups: dict[int | None, tuple[User | None, list[Case]]] = {}
    for case in moved:
        groups.setdefault(case.responsible_id, (case.responsible, []))[1].append(case)
    return [
        (holder, cases, Counter(case.get_status_display() for case in cases).most_common())
        for holder, cases in sorted(groups.values(), key=lambda group: -len(group[1]))
    ]


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _with_methodists(page: Page) -> list[Context]:
    """Rows of a page of organizations: their people and counts, in a constant number of queries."""
    organizations: list[Organization] = list(page.object_list)
    pks = [one.pk for one in organizations]
    people: dict[int | None, list[Membership]] = {}
    for one in appointing.in_force_or_ahead().filter(organization__in=pks).prefetch_related("subjects"):
        people.setdefault(one.organization_id, []).append(one)
    counted = (
        Case.objects.filter(organization__in=pks)
        .order_by()
        .values_list("organization")
        .annotate(
            under_way=Count("pk", filter=Q(status__in=Case.UNDER_WAY)),
            scheduled=Count("pk", filter=Q(status=Status.SCHEDULED)),
        )
    )
    counts = {pk: (under_way, scheduled) for pk, under_way, scheduled in counted}
    places = {one.municipality_id for one in organizations}
    specialists: dict[int | None, list[str]] = {}
    serving = Membership.objects.active().filter(role=Role.MUNICIPAL, municipality__in=places, user__is_active=True)
    for one in serving.select_related("user"):
        specialists.setdefault(one.municipality_id, []).append(one.user.short_name)
    return [
        {
            "organization": one,
            "methodists": people.get(one.pk, []),
            "under_way": counts.get(one.pk, (0, 0))[0],
            "scheduled": counts.get(one.pk, (0, 0))[1],
            "meanwhile": specialists.get(one.municipality_id, []),
        }
        for one in organizations
    ]


@roles_required(*NAMERS)
@require_safe
def responsible_list(request: HttpRequest) -> HttpResponse:
    """Organizations within one's scope; whoever has only one goes straight there."""
    user = reader(request)
    organizations = appointing.organizations_of(user).filter(is_active=True)
    if not user.roles & {"municipal", "admin"} and (only := list(organizations[:2])) and len(only) == 1:
        return redirect("motor:responsible_of", only[0].pk)
    organization_filter = OrganizationFilter(
        request.GET, queryset=organizations.select_related("municipality"), user=user
    )
    page = Paginator(organization_filter.qs.order_by("name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": organization_filter, "page": page, "rows": _with_methodists(page), "tab": "organizations"}
    return render(request, "motor/responsible/organization_list.html", context)


@roles_required("municipal", "admin")
@require_safe
def unassigned_list(request: HttpRequest) -> HttpResponse:
    """«Ответственный не назначен»: organizations with cases and nobody appointed, to be worked off."""
    user = reader(request)
    organizations = appointing.without_methodist(appointing.organizations_of(user)).select_related("municipality")
    organization_filter = OpenOrganizationFilter(request.GET, queryset=organizations, user=user)
    page = Paginator(organization_filter.qs.order_by("name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": organization_filter, "page": page, "rows": _with_methodists(page), "tab": "unassigned"}
    return render(request, "motor/responsible/unassigned.html", context)


@roles_required("municipal", "admin")
@require_safe
def unassigned_cases(request: HttpRequest) -> HttpResponse:
    """The same by case: nobody answers, or somebody a level up for want of a methodist."""
    case_filter = UnassignedFilter(request.GET, queryset=unassigned(Case.objects.nameable_by(request.user)))
    ordered = case_filter.qs.order_by("due_on", "pk")
    page = Paginator(ordered.values_list("pk", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    # The names only of those shown: joined to the whole list, they cost more than finding it.
    cases = with_people(Case.objects.filter(pk__in=list(page.object_list))).order_by("due_on", "pk")
    context = {"filter": case_filter, "page": page, "cases": cases, "tab": "unassigned"}
    return render(request, "motor/responsible/unassigned_cases.html", context)


@roles_required(*NAMERS)
@require_safe
def responsible_of(request: HttpRequest, pk: int) -> HttpResponse:
    """One organization: who answers there, for what, until when, with how many cases."""
    user = reader(request)
    organization = get_object_or_404(appointing.organizations_of(user).select_related("municipality"), pk=pk)
    here = Organization.objects.filter(pk=organization.pk)
    cases = appointing.cases_of(organization)
    load = dict(cases.order_by().values_list("responsible").annotate(Count("pk")))
    people = list(appointing.appointments_of(user).filter(organization=organization).prefetch_related("subjects"))
    away = Substitution.objects.active().filter(person__in=[one.user_id for one in people]).select_related("deputy")
    deputies = {one.person_id: one for one in away}
    specialists = Membership.objects.active().filter(role=Role.MUNICIPAL, municipality=organization.municipality_id)
    context = {
        "organization": organization,
        "people": [(one, load.get(one.user_id, 0), deputies.get(one.user_id)) for one in people],
        "under_way": sum(load.values()),
        "scheduled": organization.cases.filter(status=Status.SCHEDULED).count(),
        "unassigned": list(with_people(unassigned(cases, here)).order_by("due_on", "pk")[:PAGE_SIZE]),
        "elsewhere": sum(count for holder, count in load.items() if holder not in {one.user_id for one in people}),
        "meanwhile": [one.user for one in specialists.filter(user__is_active=True).select_related("user")],
        "has_list": bool(user.roles & {"municipal", "admin"}),
        "today": today(),
    }
    return render(request, "motor/responsible/organization.html", context)


@roles_required(*NAMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    organization = get_object_or_404(appointing.organizations_of(user), pk=pk)
    form = AppointForm(organization, _typed(request))

    def act() -> None:
        appointing.appoint(organization, form.answers(), actor=user)

    def look() -> Context:
        wanted = form.answers()
        moved = appointing.what_appointing_changes(organization, wanted, actor=user)
        asked = appointing.second_opinions(organization, wanted.person).count() if wanted.person else 0
        return {"moved": by_holder(moved), "second_opinions": asked, "later": wanted.starts_on}

    page = {"organization": organization, "title": "Назначить ответственного", "button": "Назначить", "what": "appoint"}
    answer = in_two_steps(request, form, page, look=look, act=act)
    if answer is None:
        messages.success(request, "Ответственный назначен, письмо ему отправлено.")
        return redirect("motor:responsible_of", organization.pk)
    return answer


def _appointment(request: HttpRequest, pk: int) -> tuple[Membership, Organization, User]:
    user = reader(request)
    membership = get_object_or_404(appointing.appointments_of(user).prefetch_related("subjects"), pk=pk)
    organization = get_object_or_404(Organization, pk=membership.organization_id)
    return membership, organization, user


@roles_required(*NAMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_subjects(request: HttpRequest, pk: int) -> HttpResponse:
    membership, organization, user = _appointment(request, pk)
    form = SubjectsForm(membership, organization, _typed(request))

    def act() -> None:
        appointing.set_subjects(membership, form.cleaned_data["subjects"], actor=user)

    def look() -> Context:
        subjects = form.cleaned_data["subjects"]
        return {"moved": by_holder(appointing.what_subjects_change(membership, subjects, actor=user))}

    page = {
        "organization": organization,
        "person": membership.user,
        "title": "Изменить предметы",
        "button": "Сохранить предметы",
        "what": "subjects",
    }
    answer = in_two_steps(request, form, page, look=look, act=act)
    if answer is None:
        messages.success(request, "Предметы сохранены.")
        return redirect("motor:responsible_of", organization.pk)
    return answer


@roles_required(*NAMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def end_appointment(request: HttpRequest, pk: int) -> HttpResponse:
    membership, organization, user = _appointment(request, pk)
    form = EndForm(_typed(request), is_own=membership.user_id == user.pk)

    def act() -> None:
        appointing.end_appointment(membership, since=form.cleaned_data["since"], actor=user)

    def look() -> Context:
        since = form.cleaned_data["since"]
        moved = appointing.what_ending_changes(membership, since=since, actor=user)
        return {"moved": by_holder(moved), "later": since if since > today() else None}

    page = {
        "organization": organization,
        "person": membership.user,
        "title": "Больше не отвечает за МОТОР",
        "button": "Завершить",
        "what": "end",
        "is_loss": True,
    }
    answer = in_two_steps(request, form, page, look=look, act=act)
    if answer is None:
        messages.success(request, "Срок полномочий закончен, письмо отправлено.")
        return redirect("motor:responsible_of", organization.pk)
    return answer
