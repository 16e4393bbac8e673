"""A new route: its header filled from what is known, and its content from a template or a former route."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction

from cabinet.core.clock import today
from cabinet.courses.models import Completion
from cabinet.library.models import Material
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.services import record
from iom.models import (
    Deficit,
    Diagnosis,
    Goal,
    Ground,
    ItemAttachment,
    Route,
    RouteItem,
    Status,
    TemplateVersion,
    Transition,
)
from iom.moves import Refused
from iom.services.helping import rma_of
from iom.services.indexing import index
from iom.services.notices import write


@dataclass
class Grounds:
    """Why the route is made; `source` is a row of a package above, such as a case of МОТОР."""

    completions: list[Completion] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    request: str = ""
    source: models.Model | None = None
    source_text: str = ""


def usual_period(day: date | None = None) -> tuple[date, date]:
    """The period offered first: to the end of May, or of the next one from April on."""
    start = day or today()
    year = start.year + 1 if start.month >= 4 else start.year
    return start, date(year, 5, 31)


def mentors_of(person: User) -> list[User]:
    """Who may be the mentor of a route: those appointed to this teacher, the first appointed first."""
    found = Membership.objects.active().filter(role=Role.MENTOR, person=person, user__is_active=True)
    return list(dict.fromkeys(one.user for one in found.select_related("user").order_by("pk")))


def known_header(person: User) -> dict[str, Any]:
    """What is known of the teacher: organization, position, subject, mentor, and the header of the last route."""
    starts_on, ends_on = usual_period()
    years = str(ends_on.year) if starts_on.year == ends_on.year else f"{starts_on.year}–{ends_on.year}"
    last = person.routes.exclude(is_outside=True).order_by("-pk").first()
    return {
        "organization": person.organization,
        "position": person.position,
        "subject": person.subject,
        "mentor": next(iter(mentors_of(person)), None),
        "rma_member": rma_of(person),
        "category": last.category if last else "",
        "experience_years": last.experience_years if last else None,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "title": f"ИОМ {person.short_name}, {years}",
    }


def create_route(
    person: User,
    *,
    author: User | None,
    grounds: Grounds | None = None,
    template: TemplateVersion | None = None,
    previous: Route | None = None,
    **header: Any,
) -> Route:
    """A draft. Raises Refused when the person has a running route already, or works nowhere."""
    if person.organization is None:
        raise Refused("В карточке педагога нет организации. Укажите её, и маршрут можно будет составить.")
    values = known_header(person) | header
    try:
        with transaction.atomic():
            route = Route(
                person=person, author=author, template_version=template, previous=previous, changed_by=author, **values
            )
            route.save(force_insert=True)
            write_grounds(route, grounds or Grounds())
            if template is not None:
                fill_from_content(route, template.content, actor=author)
            elif previous is not None:
                fill_from_content(route, content_to_reuse(previous), actor=author)
            Transition.objects.create(route=route, move="create", to_status=Status.DRAFT, actor=author)
            record(LogEntry.Action.CHANGED, actor=author, person=person, about=route, note="создан маршрут")
            write(route, "made", person, actor=author, page="design")
            index(route)
    except IntegrityError as error:
        if person.routes.running().exists():
            raise Refused(
                "У педагога уже есть действующий маршрут: двух одновременно не бывает. Продолжите его или завершите."
            ) from error
        raise
    return route


def write_grounds(route: Route, grounds: Grounds) -> None:
    """Add what is not there yet; the same ground is written once."""
    rows = [
        Ground(route=route, kind=Ground.Kind.COURSE, completion=one, text=one.course.programme.title[:400])
        for one in grounds.completions
    ]
    rows += [
        Ground(route=route, kind=Ground.Kind.DIAGNOSIS, diagnosis=one, text=str(one)[:400]) for one in grounds.diagnoses
    ]
    request = grounds.request.strip()[:400]
    if request and not route.grounds.filter(kind=Ground.Kind.REQUEST, text=request).exists():
        rows.append(Ground(route=route, kind=Ground.Kind.REQUEST, text=request))
    if grounds.source is not None:
        row = Ground(route=route, kind=Ground.Kind.MOTOR, text=grounds.source_text[:400])
        row.source = grounds.source
        rows.append(row)
    Ground.objects.bulk_create(rows, ignore_conflicts=True)


# --- Content without people: of templates, and of a route that is used again ---------------------------------


def content_to_reuse(route: Route) -> dict[str, Any]:
    """The plan alone, without people, states and results: dates become days from the start.

    {"aim", "deficits": [text], "goals": [{"text", "deficit"}], "items": [{"activity", "deficit", "form", "level",
    "support", "days", "is_open_ended", "product", "attachments": [{"kind", "title", "link", "material"}]}]};
    `deficit` is the place in "deficits" or None, `material` the number in the library of what comes from there.
    """
    deficits = list(route.deficits.all())
    places = {one.pk: place for place, one in enumerate(deficits)}
    items = route.items.exclude(status=RouteItem.Status.REMOVED).prefetch_related("attachments")
    return {
        "aim": route.aim,
        "deficits": [one.text for one in deficits],
        "goals": [{"text": one.text, "deficit": places.get(one.deficit_id or 0)} for one in route.goals.all()],
        "items": [
            {
                "activity": one.activity,
                "deficit": places.get(one.deficit_id or 0),
                "form": one.form,
                "level": one.level,
                "support": one.support,
                "days": max((one.due_on - route.starts_on).days, 0) if one.due_on else None,
                "is_open_ended": one.is_open_ended,
                "product": one.product,
                "attachments": [
                    {"kind": extra.kind, "title": extra.title, "link": extra.link}
                    | ({"material": extra.material_id} if extra.material_id else {})
                    for extra in one.attachments.all()
                    if extra.kind == ItemAttachment.Kind.MATERIAL
                ],
            }
            for one in items
        ],
    }


def fill_from_content(route: Route, content: dict[str, Any], *, actor: User | None) -> None:
    """Write deficits, goals and items of a plan into an empty route; dates never go past the route's end."""
    if content.get("aim") and not route.aim:
        route.aim = content["aim"]
        Route.objects.filter(pk=route.pk).update(aim=route.aim)
    made = Deficit.objects.bulk_create(
        Deficit(route=route, place=place, text=text, changed_by=actor)
        for place, text in enumerate(content.get("deficits", []), 1)
    )

    def deficit(place: int | None) -> Deficit | None:
        return made[place] if place is not None and 0 <= place < len(made) else None

    Goal.objects.bulk_create(
        Goal(route=route, place=place, text=one["text"], deficit=deficit(one.get("deficit")), changed_by=actor)
        for place, one in enumerate(content.get("goals", []), 1)
    )
    items = RouteItem.objects.bulk_create(
        RouteItem(
            route=route,
            place=place,
            activity=one["activity"],
            deficit=deficit(one.get("deficit")),
            form=one.get("form", ""),
            level=one.get("level", ""),
            support=one.get("support") or "self",
            due_on=_due(route, one),
            is_open_ended=bool(one.get("is_open_ended")),
            product=one.get("product", ""),
            changed_by=actor,
        )
        for place, one in enumerate(content.get("items", []), 1)
    )
    known = _materials_of(content)
    ItemAttachment.objects.bulk_create(
        ItemAttachment(
            item=item,
            kind=extra["kind"],
            title=extra["title"],
            link=extra.get("link", ""),
            material_id=extra["material"] if extra.get("material") in known else None,
        )
        for item, one in zip(items, content.get("items", []), strict=True)
        for extra in one.get("attachments", [])
    )


def _materials_of(content: dict[str, Any]) -> set[int]:
    """Those of the library that are still there: a plan may be years older."""
    extras = [extra for one in content.get("items", []) for extra in one.get("attachments", [])]
    asked = [extra["material"] for extra in extras if extra.get("material")]
    return set(Material.objects.filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()


def _due(route: Route, item: dict[str, Any]) -> date | None:
    if item.get("is_open_ended") or item.get("days") is None:
        return None
    return min(route.starts_on + timedelta(days=int(item["days"])), route.ends_on)
