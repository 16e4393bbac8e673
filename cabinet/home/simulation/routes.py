"""Routes of twelve items, in every state, with their words for the search and assignments in those under way."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from django.utils import timezone

from cabinet.core.clock import add_months, today
from cabinet.core.search import lemmas
from cabinet.home.demo.programmes import STORIES, Story
from cabinet.home.simulation.bulk import write
from cabinet.users.models import User
from iom.models import (
    Answer,
    Assignment,
    Deficit,
    Goal,
    LearningForm,
    Level,
    Route,
    RouteItem,
    RouteRevision,
    RouteWord,
    Status,
    Step,
    Transition,
)
from iom.services.snapshot import snapshot

CHUNK = 2000
ITEMS = 12
STATES: tuple[tuple[str, float], ...] = (
    (Status.ACTIVE, 0.55),
    (Status.DRAFT, 0.13),
    (Status.COMPLETED, 0.13),
    (Status.IN_REVIEW, 0.08),
    (Status.REVISION, 0.05),
    (Status.RETURNED, 0.04),
    (Status.AGREED, 0.02),
)
# Of a route under way: items whose date has passed, and the others.
PAST = {"confirmed": 88, "submitted": 5, "planned": 5, "returned": 2}
AHEAD = {"planned": 80, "in_progress": 15, "submitted": 3, "confirmed": 2}
ACTIVITIES = (
    "Разобрать материалы курса и выбрать три приёма",
    "Посетить урок коллеги и записать наблюдения",
    "Провести урок с выбранным приёмом",
    "Собрать работы учеников до и после",
    "Обсудить результаты с методистом",
    "Пройти вебинар регионального центра",
    "Подготовить конспект открытого урока",
    "Показать открытый урок коллегам",
    "Написать разбор урока",
    "Выступить на методическом объединении",
    "Провести мастер-класс для коллег",
    "Обновить рабочую программу",
)
PRODUCTS = ("Конспект урока", "Запись наблюдений", "Подборка работ учеников", "Разбор урока", "Банк заданий")


def make_routes(random: Random, people: list[User], methodists: dict[int, int]) -> int:
    """One route to a person, in chunks: routes first, then all that points at them."""
    for start in range(0, len(people), CHUNK):
        routes, stories = [], []
        for person in people[start : start + CHUNK]:
            stories.append(random.choice(STORIES))
            routes.append(_route(random, person, stories[-1]))
        write(Route, routes)
        deficits = write(
            Deficit,
            [Deficit(route=route, place=1, text=story.topic) for route, story in zip(routes, stories, strict=True)],
        )
        write(
            Goal, [Goal(route=one.route, place=1, deficit=one, text="Применять приёмы на уроках") for one in deficits]
        )
        items = write(RouteItem, [item for one in deficits for item in _items(random, one)])
        write(RouteWord, _words(routes, stories))
        given = write(Assignment, _assignments(random, items, methodists))
        sent = [one for one in given if one.status == Assignment.Status.SUBMITTED]
        write(Answer, [Answer(assignment=one, text="Конспект и две работы учеников прилагаю.") for one in sent])
        _write_history(routes)
    return len(people)


def _route(random: Random, person: User, story: Story) -> Route:
    status = random.choices([state for state, _ in STATES], [share for _, share in STATES])[0]
    starts_on = today() - timedelta(days=random.randint(10, 200))
    was_agreed = status not in (Status.DRAFT, Status.RETURNED) and (status != Status.IN_REVIEW or random.random() < 0.5)
    is_newer = was_agreed and status in (Status.IN_REVIEW, Status.REVISION)
    ends_on = add_months(starts_on, 9)
    return Route(
        person=person,
        organization=person.organization,
        position=person.position,
        subject=person.subject,
        title=f"ИОМ {person.short_name}, {starts_on.year}",
        starts_on=starts_on,
        ends_on=ends_on,
        aim=story.important[0],
        status=status,
        step=random.choice((Step.METHODIST, Step.METHODIST, Step.HEAD)) if status == Status.IN_REVIEW else "",
        return_comment="Уточните сроки" if status == Status.RETURNED else "",
        due_on=_limit(random, status, ends_on),
        completed_at=timezone.now() if status == Status.COMPLETED else None,
        version=2 if is_newer else 1,
        agreed_version=1 if was_agreed else None,
    )


def _limit(random: Random, status: str, ends_on: date) -> date | None:
    if status in Route.CARRIED_OUT:
        return ends_on
    waits = status in (Status.IN_REVIEW, Status.RETURNED, Status.REVISION)
    return today() + timedelta(days=random.randint(-5, 10)) if waits else None


def _items(random: Random, deficit: Deficit) -> Iterator[RouteItem]:
    route = deficit.route
    is_under_way = route.status in (Status.ACTIVE, Status.REVISION)
    for place in range(1, ITEMS + 1):
        status: str = RouteItem.Status.PLANNED
        if route.status == Status.COMPLETED:
            status = RouteItem.Status.CONFIRMED
        elif is_under_way:
            states = PAST if _due(route.starts_on, place) < today() else AHEAD
            status = random.choices(list(states), list(states.values()))[0]
        yield RouteItem(
            route=route,
            place=place,
            deficit=deficit,
            activity=ACTIVITIES[place - 1],
            form=random.choice(LearningForm.values),
            level=random.choice(Level.values),
            due_on=_due(route.starts_on, place),
            product=random.choice(PRODUCTS),
            status=status,
            return_comment="Добавьте примеры" if status == RouteItem.Status.RETURNED else "",
            confirmed_at=route.status_since if status == RouteItem.Status.CONFIRMED else None,
            in_practice_since=today() if status == RouteItem.Status.CONFIRMED and random.random() < 0.2 else None,
        )


def _due(starts_on: date, place: int) -> date:
    return starts_on + timedelta(days=20 * place)


def _words(routes: list[Route], stories: list[Story]) -> Iterator[RouteWord]:
    plan = lemmas(" ".join((*ACTIVITIES, *PRODUCTS)))
    for route, story in zip(routes, stories, strict=True):
        own = f"{route.title} {route.person.full_name} {route.organization.name} {route.aim} {story.topic}"
        for word in dict.fromkeys(plan + lemmas(own)):
            yield RouteWord(route=route, word=word)


def _assignments(random: Random, items: list[RouteItem], methodists: dict[int, int]) -> Iterator[Assignment]:
    for item in items:
        author = methodists.get(item.route.organization_id)
        if item.place == 1 and author and item.route.status == Status.ACTIVE and author != item.route.person_id:
            yield Assignment(
                route=item.route,
                item=item,
                title="Конспект урока с выбранным приёмом",
                due_on=today() + timedelta(days=random.randint(-10, 30)),
                author_id=author,
                status=random.choice(Assignment.Status.values),
            )


def _write_history(routes: list[Route]) -> None:
    write(
        Transition,
        [Transition(route=one, move="create", to_status=Status.DRAFT, actor_id=one.person_id) for one in routes],
    )
    renewed = [one for one in routes if one.status == Status.IN_REVIEW and one.agreed_version]
    write(RouteRevision, [RouteRevision(route=one, version=1, content=snapshot(one)) for one in renewed])
