"""The demo from its first day to yesterday: lists come in, cases open, people act, letters go out."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import registry.services as registry
from cabinet.core.clock import add_months, next_working_day, today
from cabinet.courses.models import Course, ImportBatch
from cabinet.home.demo.activity import make_work
from cabinet.home.demo.acts import Actors, tick
from cabinet.home.demo.asked import make_requests
from cabinet.home.demo.cabinet_tasks import make_cabinet_tasks
from cabinet.home.demo.calendar_events import make_calendar_events
from cabinet.home.demo.cast import ADMIN, CURATOR, CURATOR_2, METHODIST, NOVICE, REGIONAL, TEACHER, Cast, invent_cast
from cabinet.home.demo.communities import make_communities
from cabinet.home.demo.events import make_events
from cabinet.home.demo.fates import COHORTS, FRESH, WORKING, Cohort, Fate
from cabinet.home.demo.library import make_library
from cabinet.home.demo.moment import at, defaults_follow, on_day, recent_working_day, worked_by, working_day_ago
from cabinet.home.demo.parts import Part, deal_parts
from cabinet.home.demo.polls import make_polls
from cabinet.home.demo.programmes import STORIES
from cabinet.home.demo.reach import agree_with_results, reach_people
from cabinet.home.demo.roster import make_roster
from cabinet.home.demo.routes import make_routes
from cabinet.home.demo.settling import Region, bring_list, settle
from cabinet.home.demo.shelves import make_shelves
from cabinet.home.reference import load_reference
from cabinet.mail.models import Letter
from cabinet.mail.services import send_all_owed
from cabinet.planner.services import give_task
from cabinet.structure.models import Topic
from cabinet.users.models import User
from motor.models import Case
from motor.services import schedule_cases
from rma.models import Member

SEED = 59
LIST_HEADERS = (
    "ФИО слушателя", "Муниципалитет", "Организация", "Должность", "Предмет", "Почта", "Программа", "Тематика",
    "Часы", "Дата начала", "Дата окончания",
)  # fmt: skip

TASKS = (
    (TEACHER, 9, "Подготовить выступление на методическом объединении", "Пять минут о листах самооценки."),
    (NOVICE, 6, "Посетить урок наставника", "Понаблюдать за началом урока и обсудить после."),
    (METHODIST, 4, "Собрать темы для методического дня", "По два предложения от каждого объединения."),
)


class Event(NamedTuple):
    """`part` is None for the clock's own daily round."""

    moment: datetime
    number: int
    name: str
    part: Part | None


def is_seeded() -> bool:
    return User.objects.filter(email=ADMIN.email).exists()


@transaction.atomic
def seed_demo(people: int) -> dict[str, int]:
    """Everything at once or nothing; about `people` persons and, beside them, the roster of РМА. What there is now."""
    random = Random(SEED)  # noqa: S311
    load_reference(add_missing=True)
    cast = invent_cast(random, people)
    parts = deal_parts(random, cast)
    with defaults_follow():
        region = settle(cast, on_day(_ends_on(COHORTS[0], 0) - timedelta(days=10), 10))
        for cohort in COHORTS:
            _bring_cohort(region, cohort, [part for part in parts if part.fate.cohort == cohort])
        _live_through(random, region, cast, parts)
        reach_people()
        agree_with_results()
        _give_tasks(region)
        make_cabinet_tasks(region)
        make_routes(region)
        make_roster(random, region, cast)
        make_requests(region, cast)
        make_work(random, region, cast)
        make_events(region)
        make_communities(region)
        make_calendar_events(region)
        make_library(region)
        make_shelves(region)
        make_polls(region)
        _send_letters()
    # The registry looks at what was touched lately; the past of the demo must not lie before its watermark.
    Case.objects.filter(person__in=list(region.users.values())).update(touched_at=timezone.now())
    while registry.sweep():
        pass
    return {"people": User.objects.count(), "cases": Case.objects.count(), "letters": Letter.objects.count()}


def _opened_on(cohort: Cohort, days: int) -> date:
    if days <= 0:
        return next_working_day(today() - timedelta(days=cohort.opened))
    return recent_working_day(days) if cohort.is_fresh else working_day_ago(days)


def _ends_on(cohort: Cohort, number: int) -> date:
    """Three months before the first case opens or a little more: the programmes of a list end one by one."""
    return worked_by(add_months(_opened_on(cohort, max(cohort.opened, 0)), -3) - timedelta(days=2 * number))


def _bring_cohort(region: Region, cohort: Cohort, parts: list[Part]) -> None:
    """The institute sends the list a few days after the courses; cases are planned from it at once."""
    ends = {STORIES[story].title: _ends_on(cohort, number) for number, story in enumerate(cohort.stories)}
    rows = [_list_row(region, part, ends[part.story.title]) for part in parts]
    with at(on_day(max(ends.values()) + timedelta(days=6), 11, 20)):
        bring_list(ImportBatch.Kind.COMPLETIONS, cohort.file_name, LIST_HEADERS, rows, region.user(ADMIN))
        _describe_courses(region, cohort, ends)
        schedule_cases()


def _list_row(region: Region, part: Part, ends_on: date) -> tuple[Any, ...]:
    person, story = part.person, part.story
    return (
        person.full_name,
        str(region.municipality_of(person)),
        person.place.name if person.place else "",
        person.position,
        person.subject,
        person.email,
        story.title,
        story.topic,
        story.hours,
        ends_on - timedelta(days=11),
        ends_on,
    )


def _describe_courses(region: Region, cohort: Cohort, ends: dict[str, date]) -> None:
    """What an admin adds by hand: curators, topics, the federal register."""
    for number, story in enumerate(STORIES):
        ends_on = ends.get(story.title)
        course = ends_on and Course.objects.filter(programme__title=story.title, ends_on=ends_on).first()
        if not course:
            continue
        course.curator = region.user(CURATOR if cohort in (FRESH, WORKING) or number % 2 else CURATOR_2)
        course.save()
        course.programme.in_federal_register = story.in_federal_register
        course.programme.topic = Topic.objects.get(name=story.topic)
        course.programme.save()


def _live_through(random: Random, region: Region, cast: Cast, parts: list[Part]) -> None:
    members = {person.full_name: Member.objects.get(user=region.user(person)) for person in cast.members}
    actors = Actors(random, region, members)
    case_of = _cases(region, parts)
    for event in events_of(random, parts):
        with at(event.moment):
            if event.part is None:
                tick(today())
                _send_letters()
            else:
                actors.do(event.name, event.part, case_of[event.part])


def _cases(region: Region, parts: list[Part]) -> dict[Part, int]:
    """Which case each part of the script is about."""
    found = Case.objects.values_list(
        "person", "completion__course__programme__title", "completion__course__ends_on", "pk"
    )
    known = {(person, title, ends_on): pk for person, title, ends_on, pk in found}
    places = {part: part.fate.cohort.stories.index(STORIES.index(part.story)) for part in parts}
    return {
        part: known[region.user(part.person).pk, part.story.title, _ends_on(part.fate.cohort, place)]
        for part, place in places.items()
    }


def events_of(random: Random, parts: list[Part]) -> list[Event]:
    """The acts of all cases and the clock's rounds, in the order of time."""
    events: list[Event] = []
    for part in parts:
        fate = part.fate
        if fate.opened <= 0:
            continue
        opened = _opened_on(fate.cohort, fate.opened)
        days = [(opened, "open")] + [(_act_day(opened, fate, act.days), act.name) for act in fate.acts]
        for number, (day, name) in enumerate(days):
            hour, minute = (7, 0) if name == "open" else (random.randint(9, 18), random.randint(0, 59))
            moment = on_day(day, hour, minute)
            if number and moment <= events[-1].moment:  # two acts of one day: the weekend between them is not worked
                moment = events[-1].moment + timedelta(minutes=15)
            events.append(Event(moment, number, name, part))
    day = min(event.moment for event in events).date()
    while day < today():
        events.append(Event(on_day(day, 19, 30), 99, "tick", None))
        day += timedelta(days=1)
    return sorted(events, key=lambda event: (event.moment, event.number))


def _act_day(opened: date, fate: Fate, days: int) -> date:
    return recent_working_day(days) if days > 0 else opened - timedelta(days=days)


def _send_letters() -> None:
    """Invented people get no real letters, even where a mail server is set up."""
    if settings.MAIL_IS_KEPT:
        send_all_owed()
    else:
        Letter.objects.owed().update(state=Letter.State.KEPT, finished_at=timezone.now())


def _give_tasks(region: Region) -> None:
    """A few plain tasks between people."""
    methodist, home = region.user(METHODIST), region.user(METHODIST).organization
    with at(on_day(recent_working_day(3), 12)):
        for person, days, title, text in TASKS:
            give_task(
                title=title,
                text=text,
                assignee=region.user(person),
                author=methodist,
                organization=home,
                due_on=next_working_day(today() + timedelta(days=days)),
            )
        give_task(
            title="Прислать план консультаций на месяц",
            text="Хватит списка тем и дней.",
            assignee=region.user(REGIONAL),
            author=region.user(ADMIN),
            due_on=next_working_day(today() + timedelta(days=7)),
        )
