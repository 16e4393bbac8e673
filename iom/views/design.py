"""The designer: the whole route on one page, every line a form of its own."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from cabinet.courses.models import Completion
from cabinet.users.models import User
from iom.forms.design import FORMS, AttachmentForm, HeaderForm, LineForm
from iom.models import Diagnosis, DiagnosisBlock, ItemAttachment, LineComment, Route, RouteItem
from iom.services.lines import AnyLine, name_of
from iom.services.remarks import Readiness, readiness_of
from iom.services.reviewing import Said, said_on

NEW = {"deficit": "Новый дефицит", "goal": "Новая цель", "item": "Новое мероприятие"}
Rows = dict[str, list[AnyLine]]


@dataclass
class Clash:
    """Somebody saved the same line meanwhile: what stands there now beside what was typed."""

    by: str
    fields: list[tuple[str, str, str]]  # label, now, typed
    now: dict[str, str]  # what the fields would hold
    revision: int


@dataclass
class Shown:
    """One line of the page. `form` is bound when what was typed has not been saved."""

    row: AnyLine
    form: forms.Form
    comments: list[LineComment] = field(default_factory=list)
    extra_form: AttachmentForm | None = None
    clash: Clash | None = None
    is_kept: bool = False  # taken away only with a reason
    said: Said | None = None  # the approver's word on the line
    remarks: list[str] = field(default_factory=list)  # what could be better, never stopping anybody

    @property
    def name(self) -> str:
        return name_of(self.row)

    @property
    def is_open(self) -> bool:
        return self.form.is_bound or self.clash is not None or bool(self.extra_form and self.extra_form.is_bound)


@dataclass
class Unsaved:
    """What a request without JavaScript brought and could not save: it stands on the page again."""

    line: str  # Line.line, «header», «new:item», «extra:12»
    form: forms.Form
    clash: Clash | None = None


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
    return show_design(request, route)


def show_design(request: HttpRequest, route: Route, unsaved: Unsaved | None = None, status: int = 200) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise Http404
    rows, courses = rows_of(route), courses_of(route)
    readiness = readiness_for(route, rows, courses)
    comments = list(route.comments.filter(settled_at=None).select_related("author"))
    sections = _sections(route, rows, courses, comments, unsaved)
    said = said_on(route)
    for shown in (one for section in sections for one in section["lines"]):
        shown.said = said.get(shown.name)
        shown.remarks = readiness.on(shown.name)
    header = unsaved if unsaved and unsaved.line == "header" else None
    context = {
        "route": route,
        "header": header.form if header else HeaderForm(route),
        "header_clash": header.clash if header else None,
        "sections": sections,
        "readiness": readiness,
        "blocks": _blocks(user, route, rows),
        "lately": _lately(route, rows, user),
        "comments": [one for one in comments if one.line == "header"],
        "said": said.get("header"),
    }
    return render(request, "iom/design.html", context, status=status)


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
        sections.append({"kind": kind, "title": title, "lines": shown, "new": new})
    return sections


def _shown(
    route: Route,
    row: AnyLine,
    form: type[LineForm],
    known: dict[str, Any],
    comments: list[LineComment],
    unsaved: Unsaved | None,
) -> Shown:
    name = name_of(row)
    mine = unsaved if unsaved and unsaved.line == name else None
    shown = Shown(row, mine.form if mine else form(route, row, **known))
    shown.clash = mine.clash if mine else None
    shown.comments = [one for one in comments if one.line == name]
    if isinstance(row, RouteItem):
        shown.is_kept = route.agreed_version is not None or row.status != RouteItem.Status.PLANNED
        is_extra = unsaved is not None and unsaved.line == f"extra:{row.pk}"
        extra = unsaved.form if is_extra and unsaved else AttachmentForm(row)
        shown.extra_form = extra if isinstance(extra, AttachmentForm) else None
    return shown


def _blocks(user: User, route: Route, rows: Rows) -> list[DiagnosisBlock]:
    """Blocks of the diagnoses this reader may see that are not deficits of the route yet, the weakest first."""
    seen = Diagnosis.objects.visible_to(user).filter(person=route.person_id).order_by().values("pk")
    taken = {one.text for one in rows["deficit"] if hasattr(one, "text")}
    weak = (DiagnosisBlock.Level.DEFICIT, DiagnosisBlock.Level.LOW)
    found = DiagnosisBlock.objects.filter(diagnosis__in=seen, level__in=weak).select_related("diagnosis")
    return [one for one in found.order_by("-diagnosis__on", "pk")[:30] if one.topic not in taken]


def _lately(route: Route, rows: Rows, user: User) -> AnyLine | Route | None:
    """The last change somebody else made."""
    everything: list[Any] = [route, *rows["deficit"], *rows["goal"], *rows["item"]]
    others = [one for one in everything if one.changed_by_id and one.changed_by_id != user.pk]
    return max(others, key=lambda one: one.changed_at, default=None)
