"""«Ответ становится планом»: what the survey said goes into the teacher's route with its source."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cabinet.users.models import User
from iom.models import Diagnosis, Goal, Ground, Route, RouteItem
from iom.moves import Refused
from iom.services.agreeing import open_revision
from iom.services.creating import Grounds, create_route, write_grounds
from iom.services.helping import people_helped_by
from iom.services.lines import add_line
from motor.models import Case, Outcome, Survey

ROUTE_STEPS = ("route", "interests")  # codes of the follow-up steps about the route
FIELDS = {"goal": "text", "item": "activity"}
LONGEST = 500  # of a goal and of an item


def route_of(case: Case, reader: User) -> Route | None:
    """The teacher's running route, where this reader may open it; `is_joined`: this case is a ground of it.

    `is_built`: the reader builds it with the teacher.
    """
    grounds = Ground.objects.filter(
        route=OuterRef("pk"), source_type=ContentType.objects.get_for_model(Case), source_id=case.pk
    )
    routes = (
        Route.objects.visible_to(reader)
        .running()
        .annotate(
            is_joined=Exists(grounds), is_built=Exists(Route.objects.helpable_by(reader).filter(pk=OuterRef("pk")))
        )
    )
    return routes.filter(person=case.person_id).first()


def join_route(case: Case, *, actor: User, is_revised: bool) -> Route:
    """The one running route with this case among its grounds, or a draft where there is none; never a second one.

    `is_revised`: an agreed route opens its next version, to be changed; else it goes on as it is. Raises
    iom.moves.Refused when the actor does not build this route with the teacher.
    """
    topic = case.completion.course.programme.title
    grounds = Grounds(source=case, source_text=f"Результат МОТОР: {topic}")
    with transaction.atomic():
        route = Route.objects.running().filter(person=case.person_id).first()
        if route is None:
            if not people_helped_by(actor).filter(pk=case.person_id).exists():
                raise Refused("Маршрут составляют педагог и его методист или наставник: договоритесь с ними.")
            return create_route(case.person, author=actor, grounds=grounds)
        if not Route.objects.helpable_by(actor).filter(pk=route.pk).exists():
            raise Refused("Маршрут педагога ведут другие: договоритесь с его методистом или наставником.")
        if is_revised and route.status in Route.CARRIED_OUT:
            open_revision(route, actor=actor, reason=grounds.source_text, source=case)
        else:
            write_grounds(route, grounds)
    return route


@dataclass(frozen=True)
class RouteStep:
    """What a follow-up step does with the route: the word on its button, whether a new version opens, what is noted."""

    button: str
    is_revised: bool
    note: str


def route_step(code: str, variant: int, route: Any | None) -> RouteStep | None:
    """For the steps about the route, by variant (domain.md section 5.6); `route` comes from `route_of`."""
    if code not in ROUTE_STEPS:
        return None
    if route is None:
        return RouteStep("Составить черновик маршрута", False, "")
    note = ""
    if route.is_joined:
        note = f"Маршрут «{route.title}»: {route.get_status_display().lower()}, версия {route.version}."
    if variant != Outcome.Variant.OTHER_TOPIC:
        return RouteStep("Продолжить действующий маршрут", False, note)
    is_revised = route.status in Route.CARRIED_OUT
    return RouteStep("Открыть актуализацию маршрута" if is_revised else "Открыть маршрут", is_revised, note)


def builds_route(case: Case, reader: User, route: Any | None) -> bool:
    """May this reader change the running route, which comes from `route_of`, or begin one where he sees none?"""
    if route is not None:
        return bool(route.is_built)
    known: bool | None = getattr(case, "may_begin", None)  # of the page's own query
    return people_helped_by(reader).filter(pk=case.person_id).exists() if known is None else known


def diagnosis_note(case: Case, reader: User) -> str:
    """The diagnosis carried out after the result, without its scores; empty where there is none the reader may see."""
    if case.outcome is None:
        return ""
    since = timezone.localdate(case.outcome.computed_at)
    found = Diagnosis.objects.visible_to(reader).filter(person=case.person_id, on__gte=since).order_by("-on", "-pk")
    last = found.first()
    return f"Проведена диагностика «{last.instrument}», {last.on:%d.%m.%Y}." if last else ""


def words_of(survey: Survey, source: str) -> str:
    """«important» or the number of a change; empty when the answer has no such words."""
    if source == "important":
        return survey.important
    return next((one.text for one in survey.changes.all() if str(one.pk) == source), "")


def add_to_plan(case: Case, kind: str, words: str, *, actor: User) -> Route:
    """`kind` is «goal» or «item». Raises Refused when the same words stand in the route already."""
    words = " ".join(words.split())
    text = words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
    with transaction.atomic():
        route = join_route(case, actor=actor, is_revised=True)
        model = Goal if kind == "goal" else RouteItem
        if model._default_manager.filter(route=route, **{FIELDS[kind]: text}).exists():
            raise Refused("Это уже есть в маршруте: второй раз не добавлено.")
        label = f"Из ответа на опрос МОТОР, {timezone.localdate():%d.%m.%Y}"
        add_line(route, kind, {FIELDS[kind]: text}, actor=actor, source=case, source_label=label)
    return route
