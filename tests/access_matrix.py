"""Who may use which route. A route without a line here fails tests/test_access.py.

Everybody named may open it for rows of his own scope; the same roles with another scope get 404, as if the row
did not exist; people without a named role get 404 or 403; a visitor without a login is sent to the login page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cabinet.core.clock import today
from cabinet.planner.models import Event
from cabinet.users.models import Substitution
from iom.models import ItemAttachment, Route, RouteItem, RouteRevision
from iom.services.snapshot import snapshot
from motor.models import Presentation
from rma.models import Indicator, Member
from tests.access_world import World
from tests.factories import JobFactory, RouteFactory

EVERYBODY = frozenset(
    {"teacher", "head", "methodist", "mentor", "regional", "municipal", "curator", "admin", "observer"}
)
NOBODY: frozenset[str] = frozenset()
ADMIN = frozenset({"admin"})
ASSESSORS = frozenset({"methodist", "regional", "municipal", "admin"})
NAMERS = frozenset({"head", "municipal", "admin"})
READERS = frozenset({"head", "methodist", "municipal", "curator", "admin"})
# Those in whose scope a case of the world is: the teacher's own, his school, municipality, course, РМА member.
AROUND_CASE = EVERYBODY - {"observer"}
# Those in whose scope the world's route is, and those of them who build and carry it on with the teacher.
AROUND_ROUTE = EVERYBODY - {"observer", "curator"}
WITH_ROUTE = frozenset({"teacher", "methodist", "mentor", "regional", "admin"})
PLACERS = frozenset({"head", "methodist", "municipal", "admin"})
ORGANIZERS = frozenset({"methodist", "admin"})
RMA_FIGURES = frozenset({"regional", "municipal", "admin", "observer"})
REQUEST_SIDES = frozenset({"methodist", "regional", "municipal", "admin"})
ROSTER_READERS = EVERYBODY - {"teacher", "observer"}
ROUTE_CHECKERS = WITH_ROUTE - {"teacher"}


@dataclass(frozen=True)
class Line:
    """One line of the matrix. `args` makes the address from rows of the world; with it, scopes are tried too."""

    name: str
    roles: frozenset[str]
    args: Callable[[World], list[Any]] | None = None
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = field(default=lambda world: {})
    is_public: bool = False
    # The row is there for those named only under conditions the world does not make (a second factor set up …).
    may_be_missing: bool = False
    has_scope: bool = True


def public(name: str, *args: Any, method: str = "get") -> Line:
    return Line(name, EVERYBODY, (lambda world: list(args)) if args else None, method, is_public=True, has_scope=False)


def case_in(status: str, *further: str) -> Callable[[World], list[Any]]:
    return lambda world: [world.cases[status].pk, *further]


def route_in(status: str) -> Callable[[World], list[Any]]:
    """The world's route, brought into a state."""

    def args(world: World) -> list[Any]:
        fields: dict[str, Any] = {"step": "methodist" if status == "in_review" else "", "return_comment": ""}
        if status == "returned":
            fields["return_comment"] = "Уточните сроки"
        if status == "completed":
            fields["completed_at"] = timezone.now()
        Route.objects.filter(pk=world.route.pk).update(status=status, **fields)
        return [world.route.pk]

    return args


def material_of(item: RouteItem) -> int:
    return ItemAttachment.objects.create(item=item, kind="material", title="Сборник").pk


def ground_of(route: Route) -> int:
    return route.grounds.create(kind="request", text="Научиться оценивать").pk


def route_in_review_at_header(world: World) -> list[Any]:
    return [*route_in("in_review")(world), "header"]


def item_of_a_draft(world: World) -> list[Any]:
    route_in("draft")(world)
    return [world.item.pk]


def agreed_version(world: World) -> list[Any]:
    RouteRevision.objects.get_or_create(route=world.route, version=1, defaults={"content": snapshot(world.route)})
    return [world.route.pk, 1]


def by_link(name: str, status: str, *further: str) -> Line:
    return Line(
        name,
        EVERYBODY,
        lambda world: [world.cases[status].link, *further],
        "post",
        is_public=True,
        has_scope=False,
    )


def presentation_in(status: str) -> Callable[[World], list[Any]]:
    """The world's presentation, brought into a state, on the day of its event."""

    def args(world: World) -> list[Any]:
        Event.objects.filter(pk=world.event.pk).update(on=today())
        made = status != "planned"
        marked = {"marked_by": world.event.author if made else None, "marked_at": timezone.now() if made else None}
        Presentation.objects.filter(pk=world.presentation.pk).update(status=status, **marked)
        return [world.presentation.pk]

    return args


def event_to_mark(world: World) -> list[Any]:
    presentation_in("planned")(world)
    return [world.event.pk]


def near_member(world: World) -> list[Any]:
    return [Member.objects.get(user=world.near["regional"]).pk]


def near_indicator(world: World) -> list[Any]:
    pk = near_member(world)[0]
    return [pk, Indicator.objects.get_or_create(member_id=pk, kind="education", grade="higher")[0].pk]


def this_month(world: World) -> dict[str, Any]:
    return {"month": f"{today():%Y-%m}", "member": world.activity.member_id}


def near_school(world: World) -> list[Any]:
    return [world.near["teacher"].organization_id]


def near_role(world: World) -> list[Any]:
    return [world.near["methodist"].memberships.get(role="methodist").pk]


def near_bulk(world: World) -> list[Any]:
    return [JobFactory(owner=world.near["methodist"], kind="motor.bulk").pk]


def near_outside(world: World) -> list[Any]:
    """A route kept elsewhere, with the same helper."""
    values = {"person": world.near["teacher"], "rma_member": world.route.rma_member, "is_outside": True}
    return [(Route.objects.filter(**values).first() or RouteFactory(status="active", **values)).pk]


def near_mass(world: World) -> list[Any]:
    return [JobFactory(owner=world.near["methodist"], kind="iom.mass").pk]


def near_substitution(world: World) -> list[Any]:
    period = {"starts_on": today() + timedelta(days=1), "ends_on": today() + timedelta(days=7)}
    row, _ = Substitution.objects.get_or_create(
        person=world.near["methodist"], deputy=world.near["municipal"], **period
    )
    return [row.pk]


MATRIX = [
    # --- Login: packages' pages in the cabinet's clothes -------------------------------------------------------
    public("account_login"),
    public("account_logout"),
    public("account_inactive"),
    public("account_signup"),  # says that it is closed
    public("account_reset_password"),
    public("account_reset_password_done"),
    public("account_reset_password_from_key", "1", "no-key"),
    public("account_reset_password_from_key_done"),
    public("account_request_login_code"),
    public("account_confirm_login_code"),
    public("account_email_verification_sent"),
    public("account_confirm_email", "no-key"),
    public("mfa_authenticate"),
    Line("account_email", NOBODY),
    Line("account_reauthenticate", EVERYBODY),
    Line("account_change_password", EVERYBODY),
    Line("account_set_password", EVERYBODY),
    Line("mfa_index", EVERYBODY),
    Line("mfa_reauthenticate", EVERYBODY),
    Line("mfa_activate_totp", EVERYBODY),
    Line("mfa_deactivate_totp", EVERYBODY, may_be_missing=True),
    Line("mfa_view_recovery_codes", EVERYBODY, may_be_missing=True),
    Line("mfa_generate_recovery_codes", EVERYBODY, may_be_missing=True),
    Line("mfa_download_recovery_codes", EVERYBODY, may_be_missing=True),
    # --- Gathering pages ---------------------------------------------------------------------------------------
    public("home:livez"),
    public("home:readyz"),
    public("home:theme", method="post"),
    Line("home:home", EVERYBODY),
    Line("home:components", ADMIN),
    Line("home:calendar_days", ADMIN),
    Line("home:calendar_day_add", ADMIN, method="post"),
    Line("home:calendar_day_remove", ADMIN, lambda world: [world.calendar_day.pk], "post", has_scope=False),
    Line("home:calendar_move", ADMIN),
    Line("home:quiet_period_add", ADMIN, method="post"),
    Line("home:quiet_period_remove", ADMIN, lambda world: [world.quiet_period.pk], "post", has_scope=False),
    Line("home:imports", ADMIN),
    Line("home:imports_staff", ADMIN),
    Line("home:imports_members", ADMIN),
    Line("home:member", frozenset({"regional"})),
    Line("home:import_sample", ADMIN, lambda world: ["completions"], has_scope=False),
    Line("home:import", ADMIN, lambda world: [world.batch.pk]),
    Line("home:import_columns", ADMIN, lambda world: [world.batch.pk], may_be_missing=True),
    Line("home:import_confirm", ADMIN, lambda world: [world.batch.pk], "post"),
    Line("home:import_undo", ADMIN, lambda world: [world.batch.pk], "post"),
    Line("home:admin_excel", NOBODY, lambda world: ["users", "user"], has_scope=False),  # staff: its own test
    Line("home:data_order", ADMIN),
    Line("home:data_search", ADMIN, method="post"),
    Line("home:people_pairs", ADMIN),
    Line("home:people_decide", ADMIN, lambda world: [world.people_pair.pk], "post"),
    Line("home:people_choose", ADMIN),
    Line("home:people_merge", ADMIN, lambda world: [world.people_pair.first_id, world.people_pair.second_id]),
    Line("home:organizations_pairs", ADMIN),
    Line("home:organizations_decide", ADMIN, lambda world: [world.schools_pair.pk], "post"),
    Line("home:organizations_choose", ADMIN),
    Line("home:organizations_merge", ADMIN, lambda world: [world.schools_pair.first_id, world.schools_pair.second_id]),
    # --- Files, letters, jobs, tasks ---------------------------------------------------------------------------
    Line("files:download", AROUND_CASE, lambda world: [world.file.public_id]),
    Line("files:preview", AROUND_CASE, lambda world: [world.file.public_id, 1]),
    Line("mail:letters", ADMIN),
    Line("mail:letter", ADMIN, lambda world: [world.letter.pk]),
    Line("mail:retry", ADMIN, lambda world: [world.letter.pk], "post"),
    Line("mail:look", ADMIN, lambda world: [world.letter.pk]),
    Line("mail:bounced", ADMIN, lambda world: [world.letter.pk]),
    Line("mail:texts", ADMIN),
    Line("mail:text", ADMIN, lambda world: ["motor.invite"]),
    Line("mail:text_look", ADMIN, lambda world: ["motor.invite"]),
    Line("mail:text_restore", ADMIN, lambda world: ["motor.invite"]),
    Line("jobs:jobs", EVERYBODY),
    Line("jobs:job", frozenset({"teacher", "admin"}), lambda world: [world.job.pk]),
    Line("planner:tasks", EVERYBODY),
    Line("planner:add", EVERYBODY),
    Line(
        "planner:task",
        frozenset({"teacher", "head", "methodist", "mentor", "municipal", "admin"}),
        lambda world: [world.task.pk],
    ),
    Line("planner:events", EVERYBODY),
    Line("planner:event_new", PLACERS),
    Line("planner:event", PLACERS | {"teacher"}, lambda world: [world.event.pk]),
    Line("planner:event_edit", ORGANIZERS, lambda world: [world.event.pk]),
    Line("planner:event_cancel", ORGANIZERS, lambda world: [world.event.pk]),
    Line(
        "planner:event_leaders",
        ORGANIZERS,
        lambda world: [world.event.pk],
        "post",
        lambda world: {"add": world.near["head"].pk},
    ),
    Line("planner:complete", frozenset({"teacher"}), lambda world: [world.task.pk], "post"),
    Line("planner:reopen", frozenset({"teacher"}), lambda world: [world.task.pk], "post"),
    # --- Courses, РМА, registry --------------------------------------------------------------------------------
    Line("courses:courses", frozenset({"curator", "admin"})),
    Line("courses:programmes", ADMIN),
    Line("courses:course", frozenset({"curator", "admin"}), lambda world: [world.course.pk]),
    Line("motor:experience", PLACERS | {"regional"}),
    Line("motor:experience_place", PLACERS),
    Line(
        "motor:experience_mark",
        ORGANIZERS,
        event_to_mark,
        "post",
        lambda world: {"row": world.presentation.pk, "do": "presented"},
    ),
    Line("motor:experience_unmark", ORGANIZERS, presentation_in("presented"), "post"),
    Line("motor:experience_remove", PLACERS, presentation_in("planned"), "post"),
    Line("motor:confirmation", AROUND_CASE - {"regional"}, presentation_in("presented")),
    Line("rma:roster", ROSTER_READERS),
    Line("rma:roster_excel", frozenset({"municipal", "admin"})),
    # Its owner has not agreed to show it, and works elsewhere.
    Line("rma:member", frozenset({"regional", "admin"}), near_member),
    Line("rma:member_consent", frozenset({"regional"}), near_member, "post", lambda world: {"show": "no"}),
    Line("rma:member_new", ADMIN),
    Line("rma:member_edit", ADMIN, near_member),
    Line("rma:member_status", ADMIN, near_member),
    Line("rma:indicator_add", ADMIN, lambda world: [*near_member(world), "category"]),
    Line("rma:indicator_end", ADMIN, near_indicator),
    Line("rma:activity", frozenset({"regional", "municipal", "admin"})),
    Line("rma:activity_add", frozenset({"regional"})),
    Line("rma:activity_agree", frozenset({"regional"}), None, "post", this_month),
    Line("rma:activity_reopen", frozenset({"regional"}), None, "post", this_month),
    Line("rma:activity_print", frozenset({"regional", "admin"}), None, "get", this_month),
    Line("rma:activity_line", frozenset({"regional"}), lambda world: [world.activity.pk], "post"),
    Line("rma:activity_leave_out", frozenset({"regional"}), lambda world: [world.activity.pk], "post"),
    Line("rma:activity_put_back", frozenset({"regional"}), lambda world: [world.activity.pk], "post"),
    Line("rma:activity_source", frozenset({"regional", "admin"}), lambda world: [world.activity.pk]),
    Line("rma:statistics", RMA_FIGURES),
    Line("rma:statistics_excel", RMA_FIGURES),
    Line("rma:indicators", RMA_FIGURES),
    Line("rma:indicators_excel", RMA_FIGURES),
    Line("rma:requests", EVERYBODY),
    Line("rma:request_new", EVERYBODY - {"observer"}),
    Line("rma:queue", frozenset({"municipal", "admin"})),
    Line("rma:request", REQUEST_SIDES | {"head"}, lambda world: [world.request.pk]),
    Line("rma:request_pick", REQUEST_SIDES, lambda world: [world.request.pk]),
    Line("rma:request_act", REQUEST_SIDES, lambda world: [world.request.pk, "accept"]),
    Line("registry:registry", READERS),
    Line("registry:record_lines", frozenset({"municipal", "admin"})),
    Line("registry:record", frozenset({"municipal", "admin"}), case_in("follow_up")),
    Line("registry:summary", READERS | {"observer"}),
    Line("registry:summary_excel", READERS | {"observer"}),
    Line("registry:note", READERS - {"curator"}),
    Line(
        "registry:note_word",
        READERS - {"curator"},
        data=lambda world: {"organization": world.near["teacher"].organization_id},
    ),
    Line("registry:exports", READERS),
    Line("registry:order", READERS, method="post"),
    # --- МОТОР -------------------------------------------------------------------------------------------------
    Line(
        "motor:personal",
        EVERYBODY,
        lambda world: [world.cases["survey_open"].link],
        is_public=True,
        has_scope=False,
    ),
    Line(
        "motor:personal_file",
        EVERYBODY,
        lambda world: [world.cases["rma_review"].link, world.file.public_id],
        is_public=True,
        has_scope=False,
    ),
    Line(
        "motor:personal_data",
        EVERYBODY,
        lambda world: [world.cases["survey_open"].link],
        is_public=True,
        has_scope=False,
    ),
    Line(
        "motor:later",
        EVERYBODY,
        lambda world: [world.cases["survey_open"].link],
        is_public=True,
        has_scope=False,
    ),
    Line(
        "motor:away",
        EVERYBODY,
        lambda world: [world.cases["survey_open"].link],
        is_public=True,
        has_scope=False,
    ),
    Line(
        "motor:new_link",
        EVERYBODY,
        lambda world: [world.cases["survey_open"].link],
        method="post",
        is_public=True,
        has_scope=False,
    ),
    Line(
        "motor:personal_object",
        EVERYBODY,
        lambda world: [world.cases["follow_up"].link],
        "post",
        lambda world: {"text": "Не согласен"},
        is_public=True,
        has_scope=False,
    ),
    public("motor:code"),
    Line("motor:my_data", EVERYBODY),
    by_link("motor:personal_agree", "follow_up"),
    by_link("motor:personal_draft", "survey_open"),
    by_link("motor:personal_upload", "survey_open"),
    by_link("motor:personal_remove", "survey_open", "no-file"),
    by_link("motor:personal_opened", "survey_open"),
    Line("motor:agree", frozenset({"teacher"}), case_in("follow_up"), "post"),
    Line("motor:survey_draft", frozenset({"teacher"}), case_in("survey_open"), "post"),
    Line("motor:survey_upload", frozenset({"teacher"}), case_in("survey_open"), "post"),
    Line("motor:survey_remove", frozenset({"teacher"}), case_in("survey_open", "no-file"), "post"),
    Line("motor:object", frozenset({"teacher"}), case_in("follow_up"), "post"),
    Line("motor:cases", EVERYBODY),
    Line("motor:held", ADMIN),
    Line("motor:tracking", ADMIN, lambda world: [world.course.pk]),
    Line("motor:tracking_listeners", ADMIN, lambda world: [world.course.pk], "post"),
    Line("motor:forecast", frozenset({"head", "methodist", "municipal", "admin"})),
    Line("motor:forecast_move", frozenset({"municipal", "admin"})),
    Line("motor:answers", frozenset({"curator", "admin"})),
    Line("motor:course_answers", frozenset({"curator", "admin"}), lambda world: [world.course.pk]),
    Line("motor:course_answers_excel", frozenset({"curator", "admin"}), lambda world: [world.course.pk]),
    Line("motor:queue", ASSESSORS),
    Line("motor:response", READERS),
    Line("motor:response_excel", READERS),
    Line("motor:response_people", READERS),
    Line("motor:response_channels", READERS),
    Line("motor:bulk", READERS - {"curator"}, method="post", data=lambda world: {"act": "remind"}),
    Line("motor:bulk_result", frozenset({"methodist", "admin"}), near_bulk),
    Line("motor:visits", ASSESSORS | {"head"}),
    Line("motor:visits_print", ASSESSORS | {"head"}),
    Line("motor:visit_add", ASSESSORS),
    Line("motor:visit_change", frozenset({"methodist"}), lambda world: [world.visit.pk]),
    Line("motor:visit_cancel", frozenset({"methodist"}), lambda world: [world.visit.pk], "post"),
    Line("motor:visit_restore", frozenset({"methodist"}), lambda world: [world.visit.pk], "post"),
    Line("motor:case", AROUND_CASE, case_in("rma_review")),
    Line("motor:survey", frozenset({"teacher"}), case_in("survey_open")),
    Line("motor:later_in_cabinet", frozenset({"teacher"}), case_in("survey_open")),
    Line("motor:away_in_cabinet", frozenset({"teacher"}), case_in("survey_open")),
    Line("motor:link", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open")),
    Line("motor:link_reissue", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open")),
    Line("motor:link_extend", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open")),
    Line("motor:link_remind", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open"), "post"),
    Line("motor:link_talked", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open"), "post"),
    Line("motor:link_address", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open")),
    Line("motor:checklist", frozenset({"methodist"}), case_in("school_review")),
    Line("motor:checklist", frozenset({"regional"}), case_in("rma_review")),
    Line("motor:name_rma", frozenset({"methodist", "municipal", "admin"}), case_in("rma_requested"), "post"),
    Line(
        "motor:accept_rma",
        frozenset({"regional"}),
        case_in("rma_requested"),
        "post",
        lambda world: {"request": world.request.pk},
    ),
    Line(
        "motor:decline_rma",
        frozenset({"regional"}),
        case_in("rma_requested"),
        "post",
        lambda world: {"request": world.request.pk},
    ),
    Line("motor:without_rma", frozenset({"methodist"}), case_in("rma_requested"), "post"),
    Line(
        "motor:step",
        frozenset({"methodist"}),
        lambda world: [world.cases["follow_up"].pk, world.step.pk],
        "post",
    ),
    Line(
        "motor:hand_over",
        frozenset({"methodist"}),
        lambda world: [world.cases["follow_up"].pk, world.step.pk],
    ),
    Line(
        "motor:take_back",
        frozenset({"methodist"}),
        lambda world: [world.cases["follow_up"].pk, world.step.pk],
        "post",
    ),
    Line("motor:slips", frozenset({"methodist", "municipal", "admin"})),
    Line("motor:slips_print", frozenset({"methodist", "municipal", "admin"})),
    Line("motor:messages", frozenset({"methodist", "municipal", "admin"})),
    Line("motor:message", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open")),
    Line("motor:paper", frozenset({"methodist", "municipal", "admin"}), case_in("survey_open")),
    Line("motor:paper_blank", frozenset({"head", "methodist", "municipal", "admin"})),
    Line("motor:consultations", EVERYBODY),
    Line("motor:consultation_new", frozenset({"methodist", "municipal", "admin"})),
    Line("motor:consultation", AROUND_CASE - {"regional"}, lambda world: [world.consultation.pk]),
    Line("motor:record", frozenset({"municipal", "admin"}), case_in("follow_up"), "post"),
    Line("motor:plan", frozenset({"teacher", "methodist"}), case_in("follow_up"), "post"),
    Line("motor:close", frozenset({"methodist"}), case_in("follow_up"), "post"),
    Line("motor:act", frozenset({"methodist"}), case_in("school_review", "return")),
    Line("motor:act", frozenset({"regional"}), case_in("rma_review", "return_school")),
    Line("motor:act", frozenset({"methodist", "municipal", "admin"}), case_in("school_review", "stop"), "post"),
    Line("motor:act", frozenset({"municipal", "admin"}), case_in("closed", "decide")),
    Line("motor:act", ADMIN, case_in("closed", "reopen"), "post"),
    # --- Who answers -------------------------------------------------------------------------------------------
    Line("motor:responsible", NAMERS),
    Line("motor:responsible_of", NAMERS, near_school),
    Line("motor:appoint", NAMERS, near_school),
    Line("motor:role_subjects", NAMERS, near_role),
    Line("motor:role_end", NAMERS, near_role),
    Line("motor:unassigned", frozenset({"municipal", "admin"})),
    Line("motor:unassigned_cases", frozenset({"municipal", "admin"})),
    Line("motor:name_many", frozenset({"municipal", "admin"}), method="post"),
    Line("motor:name_responsible", NAMERS, case_in("school_review")),
    Line("motor:substitutions", NAMERS | {"methodist", "regional"}),
    Line("motor:substitution_add", NAMERS | {"methodist"}, lambda world: [world.near["methodist"].pk]),
    Line("motor:substitution", NAMERS | {"methodist"}, near_substitution),
    Line("motor:substitution_cancel", NAMERS | {"methodist"}, near_substitution, "post"),
    # --- ИОМ: building a route -------------------------------------------------------------------------------------
    Line("iom:new", EVERYBODY),
    Line("iom:design", WITH_ROUTE, route_in("draft")),
    Line("iom:design_header", WITH_ROUTE, route_in("draft"), "post"),
    Line("iom:design_add", WITH_ROUTE, lambda world: [world.route.pk, "item"], "post"),
    Line("iom:design_line", WITH_ROUTE, lambda world: ["item", world.item.pk], "post"),
    Line("iom:design_remove", WITH_ROUTE, lambda world: ["item", world.item.pk], "post"),
    Line("iom:design_restore", WITH_ROUTE, lambda world: [world.item.pk], "post"),
    Line("iom:design_place", WITH_ROUTE, lambda world: ["item", world.item.pk], "post"),
    Line("iom:design_attach", WITH_ROUTE, lambda world: [world.item.pk], "post"),
    Line("iom:design_detach", WITH_ROUTE, lambda world: [material_of(world.item)], "post"),
    Line("iom:design_ground", WITH_ROUTE, lambda world: [world.route.pk], "post"),
    Line("iom:design_ground_remove", WITH_ROUTE, lambda world: [ground_of(world.route)], "post"),
    Line("iom:design_bring_back", WITH_ROUTE, lambda world: [world.route.pk], "post"),
    # --- ИОМ: the list of routes and routes kept elsewhere ---------------------------------------------------------
    Line("iom:routes", EVERYBODY),
    Line("iom:export", AROUND_ROUTE - {"teacher"}, method="post"),
    Line("iom:outside_add", EVERYBODY),
    Line("iom:outside", AROUND_ROUTE, near_outside),
    Line("iom:outside_archive", WITH_ROUTE, near_outside),
    Line("iom:outside_edit", WITH_ROUTE, near_outside),
    # --- ИОМ: a route and its items --------------------------------------------------------------------------------
    Line("iom:route", AROUND_ROUTE, lambda world: [world.route.pk]),
    Line("iom:complete", WITH_ROUTE, lambda world: [world.route.pk]),
    Line("iom:complete", WITH_ROUTE, route_in("active"), "post"),
    Line("iom:reopen", WITH_ROUTE, route_in("completed"), "post"),
    Line("iom:archive", WITH_ROUTE, route_in("completed"), "post"),
    Line("iom:restore", WITH_ROUTE, route_in("archived"), "post"),
    Line("iom:items_confirm", ROUTE_CHECKERS, lambda world: [world.route.pk], "post"),
    Line("iom:item_act", frozenset({"teacher"}), lambda world: [world.item.pk, "start"], "post"),
    Line("iom:item_act", frozenset({"teacher"}), lambda world: [world.item.pk, "submit"]),
    Line("iom:item_act", ROUTE_CHECKERS, lambda world: [world.item.pk, "confirm"], "post"),
    Line("iom:item_act", ROUTE_CHECKERS, lambda world: [world.item.pk, "return"], "post"),
    Line("iom:item_act", ROUTE_CHECKERS, lambda world: [world.item.pk, "remove"], "post"),
    Line("iom:item_act", WITH_ROUTE, lambda world: [world.item.pk, "practice"]),
    # --- ИОМ: agreement and versions -------------------------------------------------------------------------------
    Line("iom:submit", WITH_ROUTE, route_in("draft")),
    Line("iom:recall", WITH_ROUTE, route_in("in_review"), "post"),
    Line("iom:agree", AROUND_ROUTE, route_in("in_review")),
    Line("iom:decide", frozenset({"methodist"}), route_in_review_at_header, "post"),
    Line("iom:revise", WITH_ROUTE, lambda world: [world.route.pk]),
    Line("iom:drop_revision", WITH_ROUTE, lambda world: [world.route.pk], "post"),
    Line("iom:accept_removal", WITH_ROUTE, item_of_a_draft, "post"),
    Line("iom:versions", AROUND_ROUTE, lambda world: [world.route.pk]),
    Line("iom:version", AROUND_ROUTE, agreed_version),
    Line("iom:compare", AROUND_ROUTE, lambda world: [world.route.pk]),
    Line("iom:comment", AROUND_ROUTE, lambda world: [world.route.pk], "post"),
    Line("iom:settle_comment", WITH_ROUTE, lambda world: [world.comment.pk], "post"),
    Line("iom:rules", frozenset({"head", "admin"})),
    Line("iom:rule", frozenset({"head", "admin"}), lambda world: [world.near["teacher"].organization_id]),
    # --- ИОМ: assignments ------------------------------------------------------------------------------------------
    Line("iom:assignments", EVERYBODY),
    Line("iom:give", ROUTE_CHECKERS),
    Line("iom:assignment", AROUND_ROUTE, lambda world: [world.assignment.pk]),
    Line("iom:assignment_answer", frozenset({"teacher"}), lambda world: [world.assignment.pk], "post"),
    Line("iom:assignment_check", ROUTE_CHECKERS, lambda world: [world.assignment.pk], "post"),
    Line("iom:assignment_change", ROUTE_CHECKERS, lambda world: [world.assignment.pk]),
    Line("iom:assignment_withdraw", ROUTE_CHECKERS, lambda world: [world.assignment.pk], "post"),
    # --- ИОМ: diagnoses --------------------------------------------------------------------------------------------
    Line("iom:diagnoses", EVERYBODY),
    Line("iom:diagnosis_new", EVERYBODY),
    Line("iom:diagnosis", WITH_ROUTE - {"admin"} | {"head"}, lambda world: [world.diagnosis.pk]),
    Line("iom:diagnosis_edit", frozenset({"teacher"}), lambda world: [world.diagnosis.pk]),
    Line("iom:diagnosis_remove", frozenset({"teacher"}), lambda world: [world.diagnosis.pk]),
    # --- ИОМ: printed forms ----------------------------------------------------------------------------------------
    Line("iom:print", AROUND_ROUTE, lambda world: [world.route.pk]),
    Line("iom:print", WITH_ROUTE, lambda world: [world.route.pk], "post"),
    Line("iom:docx", AROUND_ROUTE, lambda world: [world.route.pk]),
    Line("iom:report", AROUND_ROUTE, lambda world: [world.route.pk]),
    Line("iom:sheet", AROUND_ROUTE, lambda world: [world.route.pk]),
    # --- ИОМ: templates of routes ----------------------------------------------------------------------------------
    Line("iom:templates", EVERYBODY),
    Line("iom:template_new", EVERYBODY),
    Line("iom:template", frozenset({"teacher"}), lambda world: [world.template.pk]),
    Line("iom:template_edit", frozenset({"teacher"}), lambda world: [world.template.pk]),
    Line("iom:template_retire", frozenset({"teacher"}), lambda world: [world.template.pk], "post"),
    Line("iom:template_restore", frozenset({"teacher"}), lambda world: [world.template.pk], "post"),
    Line("iom:template_make", WITH_ROUTE, lambda world: [world.route.pk]),
    Line("iom:mass", frozenset({"methodist", "admin"})),
    Line("iom:mass_result", frozenset({"methodist", "admin"}), near_mass),
]
