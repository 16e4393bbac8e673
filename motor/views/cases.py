"""The list of cases and the case's own page."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.fragments import wants_fragment
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import Route
from iom.services.helping import people_helped_by
from motor.filters import VIEWS, CaseFilter
from motor.forms import RecordForm
from motor.forms.record import initial_of
from motor.forms.requests import NameForm
from motor.forms.steps import StepForm
from motor.models import Case, LinkEvent, Status
from motor.moves import ANSWERED_FOR
from motor.services import release_cases
from motor.services.bulk import ACTIONS, ticked
from motor.services.follow_up import code_of, directions_of
from motor.services.planning import builds_route, diagnosis_note, route_of, route_step
from motor.services.rma_requests import HELP_KINDS
from motor.services.stays import bar_of, totals_of
from motor.services.story import Story, story_of, turns_of
from motor.services.survey import takes_answer
from motor.services.visits import PLANNED
from motor.views.acts import acts_for, relations_of
from rma.models import Request

PAGE_SIZE = 25
BEFORE_RESULT = (*PLANNED, Status.RMA_REQUESTED, Status.RMA_REVIEW)


@require_safe
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
def case_list(request: HttpRequest) -> HttpResponse:
    cases = Case.objects.visible_to(request.user).with_names()
    case_filter = CaseFilter(request.GET, queryset=cases, request=request)
    ordered = case_filter.qs.order_by(F("due_on").asc(nulls_last=True), "pk")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = turns_of(list(page.object_list))
    context = {"filter": case_filter, "page": page, "rows": rows, "views": VIEWS, "shows_places": _sees_places(request)}
    if isinstance(request.user, User):
        context |= {"may_act": ticked(request.user, page.object_list), "actions": ACTIONS.values()}
    template = "motor/case_list.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


def _sees_places(request: HttpRequest) -> bool:
    """Within one school or municipality its name in every line says nothing."""
    return isinstance(request.user, User) and bool(request.user.roles & {"admin", "curator", "regional", "mentor"})


@require_safe
def case_detail(request: HttpRequest, pk: int) -> HttpResponse:
    cases = Case.objects.visible_to(request.user).with_names()
    # What the page alone shows, in the same query.
    related = ("completion__course__programme__topic", "objection__decided_by")
    begun = people_helped_by(request.user) if isinstance(request.user, User) else User.objects.none()
    cases = cases.annotate(may_begin=Exists(begun.filter(pk=OuterRef("person"))))
    case = get_object_or_404(cases.select_related(*related), pk=pk)
    if case.person_id != request.user.pk:
        record(LogEntry.Action.VIEWED, person=case.person, about=case, request=request)
    return case_page(request, case)


def case_page(request: HttpRequest, case: Case, **refused: Form) -> HttpResponse:
    """The page itself; with a form that was not accepted, what was typed stays in it."""
    story = story_of(case, request.user if isinstance(request.user, User) else None)
    totals = totals_of(story.stays)
    context: dict[str, Any] = {"case": case, "story": story, "totals": totals, "bar": bar_of(totals)}
    context |= {**_actions(request, story), **refused}
    reader = request.user if isinstance(request.user, User) else None
    context["route"] = route_of(case, reader) if reader is not None else None
    if context["can_lead"]:
        _add_step_forms(story, refused.get("step_form"), context["route"], reader)
    return render(request, "motor/case_detail.html", context, status=422 if refused else 200)


def _add_step_forms(story: Story, refused: Form | None, route: Route | None, reader: User | None) -> None:
    """Every open step with its own small form; the one that was not accepted as it was typed."""
    offered = directions_of(story.case, story.checklists)
    variant = story.case.outcome.variant if story.case.outcome else 0
    may_build = reader is not None and builds_route(story.case, reader, route)
    for task in story.steps:
        is_refused = isinstance(refused, StepForm) and refused.task.pk == task.pk
        step = route_step(code_of(task), variant, route) if may_build else None
        note = step.note if step else ""
        task.route_step = step  # type: ignore[attr-defined]
        task.is_talk = may_build and code_of(task) == "talk"  # type: ignore[attr-defined]
        if task.is_talk and task.is_open and reader is not None:  # type: ignore[attr-defined]
            note = diagnosis_note(story.case, reader)
        task.form = refused if is_refused else StepForm(task, offered, note=note)  # type: ignore[attr-defined]


def _actions(request: HttpRequest, story: Story) -> dict[str, Any]:
    """What this reader may do here; the services and their views check again."""
    case, user = story.case, request.user
    is_other = case.person_id != user.pk
    leads = is_other and case.responsible_id == user.pk
    asked = story.open_request
    to_answer = [one for one in story.requests if one.status == "sent" and one.member and one.member.user_id == user.pk]
    may_name = leads or (is_other and serves_municipality(request, case))
    names = case.status == Status.RMA_REQUESTED and asked is None and may_name
    records = is_other and case.status in (Status.FOLLOW_UP, Status.CLOSED) and serves_municipality(request, case)
    relations = relations_of(case, user, story.assessors, story.objection) if isinstance(user, User) else set()
    acts = acts_for(case, relations)
    return {
        "acts": acts,
        "can_decide": "decider" in relations,
        "can_agree": "assessor" in relations and case.status == Status.FOLLOW_UP,
        "can_survey": not is_other and takes_answer(case),
        "can_assess": leads and case.status == Status.SCHOOL_REVIEW,
        "can_visit": leads and case.status in PLANNED,  # a regional methodist plans from his own plan
        # Once it is assessed, the checklist tells what was visited.
        "visits": list(case.visits.ahead().select_related("visitor")) if case.status in BEFORE_RESULT else [],
        "can_assess_rma": (
            case.status == Status.RMA_REVIEW and case.rma_member is not None and case.rma_member.user_id == user.pk
        ),
        "can_lead": leads and case.status == Status.FOLLOW_UP,
        "can_plan": (leads or not is_other) and case.status != Status.STOPPED,
        "can_name_responsible": (
            is_other and case.status in ANSWERED_FOR and (serves_municipality(request, case) or _heads(request, case))
        ),
        "link_card": _link_card(case) if may_name else None,
        "can_skip_rma": leads and case.status == Status.RMA_REQUESTED,
        "request_to_answer": min(to_answer, key=lambda one: one.kind != "assessment", default=None),
        "may_ask": _kinds_to_ask(story) if leads and case.status in case.UNDER_WAY else [],
        "day_to_agree": asked if asked is not None and asked.status == "proposed" and may_name else None,
        "decline_form": None,
        "name_form": _name_form(story, user) if names else None,
        "record_form": RecordForm(initial=initial_of(story)) if records else None,
    }


def _name_form(story: Story, user: Any) -> NameForm:
    """With what the school's checklist asks for."""
    said = "".join(one.rma_reason for one in story.checklists)
    return NameForm(story.case, user, initial={"reason": said})


def _kinds_to_ask(story: Story) -> list[tuple[str, str]]:
    """Kinds of help nobody is asked for at the moment."""
    asked = {one.kind for one in story.requests if one.is_live}
    return [(kind, Request.Kind(kind).label) for kind in HELP_KINDS if kind not in asked]


def _link_card(case: Case) -> dict[str, Any]:
    """For those who help a teacher to answer: while he is waited for, was his link opened, has he begun."""
    if case.status not in (Status.SURVEY_OPEN, Status.NO_RESPONSE):
        return {"waits": False}
    opened = Max("link_events__at", filter=Q(link_events__kind=LinkEvent.Kind.OPENED))
    row = Case.objects.filter(pk=case.pk).annotate(opened=opened).values_list("opened", "draft__started_at")
    opened_at, begun_at = row.get()
    return {"waits": True, "opened_at": opened_at, "begun_at": begun_at}


def _heads(request: HttpRequest, case: Case) -> bool:
    roles = request.user.active_memberships if isinstance(request.user, User) else []
    return any(one.role == "head" and one.organization_id == case.organization_id for one in roles)


def serves_municipality(request: HttpRequest, case: Case) -> bool:
    """The municipal specialists of the case and the admin."""
    user = request.user
    if not isinstance(user, User):
        return False
    return "admin" in user.roles or case.organization.municipality_id in user.own_municipalities


@roles_required("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def held(request: HttpRequest) -> HttpResponse:
    """Cases due before their list was even imported wait for the admin's word."""
    cases = Case.objects.visible_to(request.user).filter(status=Status.SCHEDULED, waits_for_word=True)
    if request.method == "POST":
        course_ids = [int(pk) for pk in request.POST.getlist("course") if pk.isdecimal() and len(pk) < 12]
        chosen = cases.filter(completion__course__in=course_ids)
        count = release_cases(chosen)
        if count:
            messages.success(
                request, f"Карт к открытию: {count}. Письма уйдут в течение минуты, лишнее — в следующие недели."
            )
        else:
            messages.info(request, "Ничего не выбрано: отметьте хотя бы один курс.")
        return redirect("motor:held")
    courses = (
        cases.values("completion__course", "completion__course__programme__title", "completion__course__ends_on")
        .annotate(count=Count("pk"))
        .order_by("-completion__course__ends_on", "completion__course")
    )
    page = Paginator(courses, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "motor/held.html", {"page": page})
