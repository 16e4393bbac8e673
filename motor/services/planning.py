"""«Ответ становится планом»: what the survey said goes into the teacher's route with its source."""

from django.db import transaction
from django.utils import timezone

from cabinet.users.models import User
from iom.models import Goal, Route, RouteItem
from iom.moves import Refused
from iom.services.agreeing import open_revision
from iom.services.creating import Grounds, create_route, write_grounds
from iom.services.lines import add_line
from motor.models import Case, Survey

FIELDS = {"goal": "text", "item": "activity"}
LONGEST = 500  # of a goal and of an item


def route_of(case: Case, reader: User) -> Route | None:
    """The teacher's running route, where this reader may open it."""
    return Route.objects.visible_to(reader).running().filter(person=case.person_id).first()


def route_to_plan(case: Case, *, actor: User) -> Route:
    """The one running route, open to changes: a draft where there is none, a revision of an agreed one.

    Raises iom.moves.Refused when the actor does not build this route with the teacher. Never makes a second one.
    """
    topic = case.completion.course.programme.title
    grounds = Grounds(source=case, source_text=f"Результат МОТОР: {topic}")
    with transaction.atomic():
        route = Route.objects.running().filter(person=case.person_id).first()
        if route is None:
            return create_route(case.person, author=actor, grounds=grounds)
        if not Route.objects.helpable_by(actor).filter(pk=route.pk).exists():
            raise Refused("Маршрут педагога ведёт другая организация: договоритесь с её методистом.")
        if route.status in Route.CARRIED_OUT:
            open_revision(route, actor=actor, reason=grounds.source_text, source=case)
        else:
            write_grounds(route, grounds)
    return route


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
        route = route_to_plan(case, actor=actor)
        model = Goal if kind == "goal" else RouteItem
        if model._default_manager.filter(route=route, **{FIELDS[kind]: text}).exists():
            raise Refused("Это уже есть в маршруте: второй раз не добавлено.")
        label = f"Из ответа на опрос МОТОР, {timezone.localdate():%d.%m.%Y}"
        add_line(route, kind, {FIELDS[kind]: text}, actor=actor, source=case, source_label=label)
    return route
