"""The designer: the whole route on one page, every line a form of its own."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import FilteredRelation, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cabinet.core.words import long_date
from cabinet.courses.models import Completion
from cabinet.users.asking import reader
from cabinet.users.models import User
from iom.forms.design import FORMS, AttachmentForm, HeaderForm, LineForm, RemovalForm, RequestForm
from iom.models import Diagnosis, DiagnosisBlock, ItemAttachment, LineComment, Route, RouteItem
from iom.services.creating import mentors_of
from iom.services.library import tell_extras
from iom.services.lines import AnyLine, is_kept
from iom.services.remarks import Readiness, readiness_of
from iom.services.reviewing import Said, said_on
from iom.services.snapshot import content_of
from iom.views.looks import note_look

NEW = {"deficit": "Новый дефицит", "goal": "Новая цель", "item": "Новое мероприятие"}
Rows = dict[str, list[AnyLine]]
TAKEN = "iom_taken_away"  # in the session: what was removed last, to be brought back
KEPT_FOR = 15 * 60  # seconds


@dataclass
class Clash:
    """Somebody saved the same line meanwhile: what stands there now beside what was typed."""

    by: str  # empty: the reader himself, in another window
    fields: list[tuple[str, str, str]]  # label, now, typed
    now: dict[str, str]  # what the fields would hold
    revision: int
    anchor: str  # where the line stands on the page


@dataclass
class Shown:
    """One line of the page. `form` is bound when what was typed has not been saved."""

    row: AnyLine
    form: forms.Form
    comments: list[LineComment] = field(default_factory=list)
    extra_form: AttachmentForm | None = None
    removal_form: RemovalForm | None = None  # taken away only with a reason
    clash: Clash | None = None
    said: Said | None = None  # the approver's word on the line
    remarks: list[str] = field(default_factory=list)  # what could be better, never stopping anybody

    @property
    def name(self) -> str:
        return self.row.line

    @property
    def is_open(self) -> bool:
        """Something typed here has not been saved."""
        forms = (self.form, self.extra_form, self.removal_form)
        return self.clash is not None or any(one is not None and one.is_bound for one in forms)

    @property
    def about(self) -> str:
        return about_of(self.row) if isinstance(self.row, RouteItem) else ""


@dataclass
class Unsaved:
    """What a request without JavaScript brought and could not save: it stands on the page again."""

    line: str  # Line.line, «header», «new:item», «extra:12», «removal:12», «ground»
    form: forms.Form
    clash: Clash | None = None


def about_of(item: RouteItem) -> str:
    """What a folded item says of itself beside its words."""
    due = f"до {long_date(item.due_on)}" if item.due_on else "без срока"
    if item.is_open_ended:
        due = "бессрочно"
    return " · ".join(filter(None, [due, item.get_form_display()]))


def route_to_build(request: HttpRequest, pk: int) -> Route:
    """Whoever builds the route with the teacher, whatever its state; others see that there is no such page."""
    routes = Route.objects.helpable_by(request.user).filter(is_outside=False)
    return get_object_or_404(routes.with_names().select_related("changed_by"), pk=pk)


def rows_of(route: Route) -> Rows:
    extras = Prefetch("attachments", ItemAttachment.objects.order_by("kind", "on", "pk"))
    return {
        "deficit": list(route.deficits.select_related("changed_by")),
        "goal": list(route.goals.select_related("changed_by")),
        "item": list(route.items.select_related("changed_by").prefetch_related(extras)),
    }


def courses_of(route: Route) -> list[Completion]:
    return list(Completion.objects.filter(person=route.person_id).select_related("course__programme").order_by("-pk"))


def readiness_for(route: Route, rows: Rows, courses: list[Completion]) -> Readiness:
    return readiness_of(route, rows["deficit"], rows["goal"], rows["item"], has_courses=bool(courses))  # type: ignore[arg-type]


@require_safe
def design(request: HttpRequest, pk: int) -> HttpResponse:
    route = route_to_build(request, pk)
    if route.status not in Route.OPEN_TO_CHANGE:
        messages.info(
            request,
            f"Маршрут в состоянии «{route.get_status_display()}» не меняется. "
            "Чтобы изменить его, откройте актуализацию: прежняя версия останется.",
        )
        return redirect(route)
    note_look(request, route)
    return show_design(request, route)


def show_design(request: HttpRequest, route: Route, unsaved: Unsaved | None = None, status: int = 200) -> HttpResponse:
    user = reader(request)
    rows, courses = rows_of(route), courses_of(route)
    tell_extras(rows["item"], user)  # type: ignore[arg-type]
    readiness = readiness_for(route, rows, courses)
    comments = list(route.comments.filter(settled_at=None).select_related("author"))
    sections = _sections(route, rows, courses, comments, unsaved)
    said = said_on(route, content_of(route, rows["deficit"], rows["goal"], rows["item"]))  # type: ignore[arg-type]
    for shown in (one for section in sections for one in section["lines"]):
        shown.said = said.get(shown.name)
        shown.remarks = readiness.on(shown.name)
    header = unsaved if unsaved and unsaved.line == "header" else None
    diagnoses, blocks = _measured(user, route)
    context = {
        "route": route,
        "header": header.form if header else HeaderForm(route, mentors=mentors_of(route.person)),
        "header_clash": header.clash if header else None,
        "sections": sections,
        "readiness": readiness,
        "blocks": _offered(blocks, rows),
        "grounds": _grounds(route, courses, diagnoses),
        "request_form": unsaved.form if unsaved and unsaved.line == "ground" else RequestForm(),
        "taken": taken_lately(request, route),
        "lately": _lately(route, rows, user),
        "comments": [one for one in comments if one.line == "header"],
        "said": said.get("header"),
    }
    return render(request, "iom/design.html", context, status=status)


def taken_lately(request: HttpRequest, route: Route) -> dict[str, Any] | None:
    """What this person took away here a moment ago and may bring back."""
    taken: dict[str, Any] | None = request.session.get(TAKEN)
    is_fresh = taken and taken["route"] == route.pk and taken["at"] > timezone.now().timestamp() - KEPT_FOR
    return taken if is_fresh else None


def _sections(
    route: Route, rows: Rows, courses: list[Completion], comments: list[LineComment], unsaved: Unsaved | None
) -> list[dict[str, Any]]:
    known: dict[str, Any] = {"deficits": rows["deficit"], "courses": courses}
    words = {"deficit": "Дефициты", "goal": "Цели", "item": "Карта мероприятий"}
    sections = []
    for kind, title in words.items():
        shown = [_shown(route, row, FORMS[kind], known, comments, unsaved) for row in rows[kind]]
        new = unsaved.form if unsaved and unsaved.line == f"new:{kind}" else None
        blank = FORMS[kind](route, None, **known)
        blank.auto_id = f"id_new-{kind}_%s"
        new = new or blank
        new["activity" if kind == "item" else "text"].label = NEW[kind]
        sections.append({"kind": kind, "anchor": f"{kind}s", "title": title, "lines": shown, "new": new})
    return sections


def _shown(
    route: Route,
    row: AnyLine,
    form: type[LineForm],
    known: dict[str, Any],
    comments: list[LineComment],
    unsaved: Unsaved | None,
) -> Shown:
    name = row.line
    mine = unsaved if unsaved and unsaved.line == name else None
    shown = Shown(row, mine.form if mine else form(route, row, **known))
    shown.clash = mine.clash if mine else None
    shown.comments = [one for one in comments if one.line == name]
    if isinstance(row, RouteItem):
        row.route = route  # known already
        typed = unsaved.form if unsaved and unsaved.line in (f"extra:{row.pk}", f"removal:{row.pk}") else None
        shown.extra_form = typed if isinstance(typed, AttachmentForm) else AttachmentForm(row)
        if is_kept(row):
            shown.removal_form = typed if isinstance(typed, RemovalForm) else RemovalForm(row)
    return shown


def _measured(user: User, route: Route) -> tuple[list[Diagnosis], list[DiagnosisBlock]]:
    """The diagnoses of the teacher this reader may see and their weak blocks, the latest first. One query."""
    weak = Q(blocks__level__in=(DiagnosisBlock.Level.DEFICIT, DiagnosisBlock.Level.LOW))
    seen = Diagnosis.objects.visible_to(user).filter(person=route.person_id)
    rows = seen.annotate(block=FilteredRelation("blocks", condition=weak)).order_by("-on", "-pk", "block__pk")
    diagnoses, blocks = {}, []
    for pk, instrument, on, block, topic in rows.values_list("pk", "instrument", "on", "block__pk", "block__topic"):
        diagnoses[pk] = Diagnosis(pk=pk, instrument=instrument, on=on)
        if block:
            blocks.append(DiagnosisBlock(pk=block, diagnosis_id=pk, topic=topic))
    return list(diagnoses.values()), blocks


def _offered(blocks: list[DiagnosisBlock], rows: Rows) -> list[DiagnosisBlock]:
    """Those that are not deficits of the route yet; the same topic measured twice is offered once."""
    taken = {str(one) for one in rows["deficit"]}
    return list({one.topic: one for one in reversed(blocks) if one.topic not in taken}.values())[::-1][:30]


def _grounds(route: Route, courses: list[Completion], diagnoses: list[Diagnosis]) -> dict[str, Any]:
    """What the route stands on, and what else it could."""
    rows = list(route.grounds.all())
    studied, measured = {one.completion_id for one in rows}, {one.diagnosis_id for one in rows}
    return {
        "rows": rows,
        "courses": [one for one in courses if one.pk not in studied],
        "diagnoses": [one for one in diagnoses if one.pk not in measured],
    }


def _lately(route: Route, rows: Rows, user: User) -> AnyLine | Route | None:
    """The last change somebody else made."""
    everything: list[Any] = [route, *rows["deficit"], *rows["goal"], *rows["item"]]
    others = [one for one in everything if one.changed_by_id and one.changed_by_id != user.pk]
    return max(others, key=lambda one: one.changed_at, default=None)
