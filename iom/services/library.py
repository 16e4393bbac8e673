"""Routes and the library: in how many a material stands, what suits a route and why, putting one beside an item."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from cabinet.core.search import lemmas
from cabinet.courses.models import Completion
from cabinet.library.models import Material
from cabinet.library.services.hooks import Matching
from cabinet.library.services.searching import matched, reasons
from cabinet.planner.models import Event, EventQuerySet
from cabinet.users.models import User
from iom.models import ItemAttachment, LearningForm, Route, RouteItem, Status
from iom.moves import Refused, hold
from iom.services.lines import GONE, add_line, attach

SUGGESTED = 5
FOUND = 20
PLACES = 5
WORDS = 24  # of a route, weighed at once
RARE = 0.3  # of the library; a word that stands in more of it says nothing
FEW = 10  # materials: below it no share is worth anything
# Said in any deficit and any goal: alone they make nothing suit anybody.
COMMON = (
    "как что чтобы для при или если этот свой мой через между более каждый разный новый современный эффективный "
    "педагог учитель ученик обучающийся ребенок школьник класс школа урок занятие работа деятельность процесс система "
    "образование образовательный обучение учебный развитие формирование организация использование применение "
    "проведение освоить освоение научиться изучить изучение уметь умение навык давать проводить применять "
    "использовать повысить задание знание семинар вебинар курс материал мастер методический практика"
)
TITLE = 200  # signs of an attachment's name
HELPERS = frozenset({"methodist", "mentor", "regional", "admin"})


# --- What the library is told -------------------------------------------------------------------------------------


def usage(pks: list[int]) -> dict[int, int]:
    """Material → in how many routes it stands: drafts too, neither archived ones nor items taken out."""
    used = ItemAttachment.objects.filter(material__in=pks).exclude(item__status=RouteItem.Status.REMOVED)
    used = used.exclude(item__route__status=Status.ARCHIVED)
    return dict(used.order_by().values_list("material").annotate(count=Count("item__route", distinct=True)))


def actions(material: Material, user: User) -> list[tuple[str, str]]:
    """«Добавить в ИОМ» for whoever has a route of his own or builds those of others."""
    has_route = user.organization_id is not None and "observer" not in user.roles
    if not material.is_published or not (has_route or user.roles & HELPERS):
        return []
    return [("Добавить в ИОМ", reverse("iom:material_add", args=[material.pk]))]


def places(material: Material, user: User) -> list[tuple[str, str]]:
    """The routes this reader builds where it stands already."""
    items = RouteItem.objects.filter(attachments__material=material).exclude(status=RouteItem.Status.REMOVED)
    routes = Route.objects.helpable_by(user).exclude(status=Status.ARCHIVED)
    found = routes.filter(pk__in=items.order_by().values("route")).order_by("-touched_at", "-pk")
    return [(one.title, one.get_absolute_url()) for one in found[:PLACES]]


def matching_of(user: User) -> Matching | None:
    """What suits the reader's running route; None when he has none."""
    route = Route.objects.running().filter(person=user).select_related("subject").first()
    if route is None:
        return None
    told = [(one.text, f"по дефициту «{_short(one.text)}»") for one in route.deficits.all()]
    told += [(one.text, f"по цели «{_short(one.text)}»") for one in route.goals.all()]
    told += [(route.wish, "по вашему запросу"), (route.aim, "по цели маршрута")]
    return _matching(route, told)


def _matching(route: Route, told: list[tuple[str, str]]) -> Matching:
    topics = dict(_topics(route))
    subject = route.subject
    return Matching(
        topics={pk: f"по тематике курса «{_short(name)}»" for pk, name in topics.items()},
        subjects={subject.pk: f"по предмету «{subject}»"} if subject else {},
        words=_weighty(told),
    )


def _topics(route: Route) -> list[tuple[int, str]]:
    """Of the courses the route stands on, and of those its items come from."""
    of_grounds = route.grounds.order_by().values("completion")
    of_items = route.items.order_by().values("completion")
    topic = "course__programme__topic"
    rows = Completion.objects.filter(Q(pk__in=of_grounds) | Q(pk__in=of_items)).exclude(**{topic: None})
    return list(rows.order_by().values_list(topic, f"{topic}__name").distinct())


def _weighty(told: list[tuple[str, str]]) -> dict[str, str]:
    """Lemma → why it was looked for; those that stand in few materials first, those that stand in none left out.

    A word of many materials («педагог», «урок») would match everything; which these are the library itself says.
    """
    why: dict[str, str] = {}
    for text, reason in told:
        for one in lemmas(text[:500]):
            if len(one) > 2 and not one.isdigit() and one not in _common():
                why.setdefault(one, reason)
    asked = list(why)[:WORDS]
    if not asked:
        return {}
    counts = {f"n{n}": Count("pk", filter=Q(words__contains=f" {one}")) for n, one in enumerate(asked)}
    found = Material.objects.published().aggregate(total=Count("pk"), **counts)
    most = found["total"] if found["total"] < FEW else found["total"] * RARE
    hits = {one: found[f"n{n}"] for n, one in enumerate(asked)}
    return {one: why[one] for one in sorted(asked, key=lambda one: hits[one]) if 0 < hits[one] <= most}


@cache
def _common() -> frozenset[str]:
    return frozenset(lemmas(COMMON))


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80].rsplit(' ', 1)[0]}…"


# --- Choosing for an item -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggestion:
    material: Material
    why: list[str] = field(default_factory=list)
    is_there: bool = False  # beside this item already


def suggested(item: RouteItem, user: User) -> list[Suggestion]:
    """For the item's own deficit and words first, then for the courses and the subject of its route."""
    told = [(item.deficit.text, f"по дефициту «{_short(item.deficit.text)}»")] if item.deficit else []
    told.append((item.activity, "по словам мероприятия"))
    matching = _matching(item.route, told)
    if not matching:
        return []
    fine = Material.objects.visible_to(user).published().exclude(link_state=Material.LinkState.BROKEN)
    rows: Any = matched(fine, matching)
    rows = rows.order_by("-score", "-published_at", "-pk")
    found = rows.select_related("topic", "current").prefetch_related("subjects")[:SUGGESTED]
    return _with_reasons(item, found, matching)


def found_materials(item: RouteItem, user: User, text: str) -> list[Suggestion]:
    """By typed words, the newest first."""
    rows = Material.objects.visible_to(user).published().search(text).order_by("-published_at", "-pk")
    return _with_reasons(item, rows.select_related("topic", "current")[:FOUND], None)


def _with_reasons(item: RouteItem, rows: Iterable[Material], matching: Matching | None) -> list[Suggestion]:
    there = set(item.attachments.exclude(material=None).values_list("material", flat=True))
    return [Suggestion(one, reasons(one, matching) if matching else [], one.pk in there) for one in rows]


def events_for(item: RouteItem, user: User) -> EventQuerySet:
    """Those ahead that both the one who chooses and the teacher of the route may see; personal ones are for nobody."""
    theirs = Event.objects.visible_to(item.route.person).order_by().values("pk")
    ahead = Event.objects.visible_to(user).ahead().filter(is_cancelled=False, pk__in=theirs)
    return ahead.exclude(scope=Event.Scope.PERSONAL).order_by("on", "starts_at", "pk")


def attach_material(item: RouteItem, material: Material, *, actor: User) -> bool:
    """Once, however often it is pressed. Raises Refused when the route or the item takes no changes."""
    link = material.current.link if material.current else ""
    values = {"kind": ItemAttachment.Kind.MATERIAL, "material": material, "title": material.title[:TITLE], "link": link}
    return _attach_once(item, values, actor, material=material)


def attach_event(item: RouteItem, event: Event, *, actor: User) -> bool:
    """With its day and place as they are now; the route's page leads to the event, where they are true later too."""
    values: dict[str, Any] = {"kind": ItemAttachment.Kind.EVENT, "event": event, "title": event.title[:TITLE]}
    values |= {"on": event.on, "place": event.place[:TITLE], "link": event.link}
    return _attach_once(item, values, actor, event=event)


def _attach_once(item: RouteItem, values: dict[str, Any], actor: User, **same: Any) -> bool:
    with transaction.atomic():
        hold(item.route)
        if not item.route.items.filter(pk=item.pk).exists():
            raise Refused(GONE)
        if item.attachments.filter(**same).exists():
            return False
        attach(item, values, actor=actor)
    return True


def add_item_for(route: Route, material: Material, *, actor: User) -> RouteItem | None:
    """A new item «изучить материал» with it beside; None when the route has such an item by now."""
    activity = f"Изучить материал «{material.title}»"[:500]
    with transaction.atomic():
        hold(route)
        if route.items.filter(activity=activity, attachments__material=material).exists():
            return None
        values = {"activity": activity, "form": LearningForm.INFORMAL}
        item = add_line(route, "item", values, actor=actor, source_label="из библиотеки")
        if not isinstance(item, RouteItem):
            raise TypeError(item)
        attach_material(item, material, actor=actor)
    return item


# --- What a page shows of it --------------------------------------------------------------------------------------


def tell_extras(items: Iterable[RouteItem], reader: User) -> None:
    """Beside every attachment: `address` of its page in the cabinet or its link, and `note` on what became of it.

    Two queries, and none where nothing comes from the library or the calendar. What left the library keeps the link
    the teacher had before: it is his plan.
    """
    extras: list[Any] = [extra for item in items for extra in item.attachments.all()]
    materials = {one.material_id for one in extras if one.material_id}
    events = {one.event_id for one in extras if one.event_id}
    known = Material.objects.visible_to(reader).in_bulk(list(materials)) if materials else {}
    held = Event.objects.visible_to(reader).in_bulk(list(events)) if events else {}
    for one in extras:
        material, event = known.get(one.material_id), held.get(one.event_id)
        row = material or event
        one.is_ours = row is not None
        one.address = row.get_absolute_url() if row else one.link
        one.note = ""
        if one.material_id and material is None:
            one.note = "убран из библиотеки"
        elif material is not None:
            one.note = _state_of(material)
        elif event is not None and event.is_cancelled:
            one.note = "отменено"


def _state_of(material: Material) -> str:
    if material.state == Material.State.ARCHIVED:
        return "в архиве"
    return "ссылка может не открываться" if material.link_state == Material.LinkState.BROKEN else ""
