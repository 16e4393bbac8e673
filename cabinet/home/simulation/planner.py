"""What the region plans and reads: events with guests, tasks in every state, materials of the library, communities."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.search import stored_words
from cabinet.home.simulation.bulk import write
from cabinet.home.simulation.people import Population
from cabinet.library.models import Material, MaterialVersion
from cabinet.planner.models import Event, Participation, Task, TaskPoint
from cabinet.structure.models import Community, Organization, Subject, Topic
from cabinet.users.models import CommunityMember, User

EVENTS_PER_PERSON = 2 / 3
TASKS_PER_CASE = 1
PEOPLE_PER_MATERIAL = 6
PEOPLE_PER_COMMUNITY = 60
GUESTS = 4
DAYS = 365  # of events and tasks, before and after today
CHUNK = 5000
SUBJECTS = (
    "Смысловое чтение", "Формирующее оценивание", "Функциональная грамотность", "Работа с одарёнными детьми",
    "Адаптация первоклассников", "Цифровые инструменты учителя", "Проектная деятельность", "Воспитание на уроке",
    "Разговор с родителями", "Инклюзия в обычном классе",
)  # fmt: skip
WHAT = {
    Event.Kind.MO: "заседание объединения",
    Event.Kind.SEMINAR: "семинар для коллег",
    Event.Kind.WORKSHOP: "мастер-класс",
    Event.Kind.OPEN_LESSON: "открытый урок",
    Event.Kind.CONSULTATION: "консультация",
}
TODO = (
    "Собрать темы выступлений", "Посетить урок коллеги", "Подготовить материалы к семинару", "Заполнить план работы",
    "Обсудить результаты диагностики", "Прислать отчёт за месяц",
)  # fmt: skip


def make_events(random: Random, population: Population) -> int:
    """Of organizations mostly, of municipalities and the region less; two years around today."""
    count = round(len(population.people) * EVENTS_PER_PERSON)
    places = dict(Organization.objects.values_list("pk", "municipality"))
    authors = list(population.methodists.items())
    rows = [_event(random, authors, places) for _ in range(count)] if authors else []
    for at in range(0, len(rows), CHUNK):
        events = write(Event, rows[at : at + CHUNK])
        write(Participation, _guests(random, population, events))
    return len(rows)


def _event(random: Random, authors: list[tuple[int, int]], places: dict[int, int]) -> Event:
    organization, author = random.choice(authors)
    scope = random.choices(("organization", "municipality", "region", "personal"), (0.7, 0.15, 0.02, 0.13))[0]
    kind = random.choice(list(WHAT))
    title = f"{random.choice(SUBJECTS)}: {WHAT[kind]}"
    hour = random.randint(9, 17)
    return Event(
        kind=kind,
        title=title,
        words=stored_words(title),
        on=_day(random),
        starts_at=time(hour),
        ends_at=time(hour + 1, 30),
        scope=scope,
        organization_id=organization if scope == "organization" else None,
        municipality_id=places[organization] if scope == "municipality" else None,
        author_id=author,
        has_registration=random.random() < 0.3,
    )


def _day(random: Random) -> date:
    return today() + timedelta(days=random.randint(-DAYS, DAYS))


def _guests(random: Random, population: Population, events: list[Event]) -> Iterator[Participation]:
    for event in events:
        for person in random.sample(population.people, min(GUESTS, len(population.people))):
            is_past = event.on < today()
            state = random.choices(("coming", "invited", "declined"), (0.7, 0.2, 0.1))[0]
            yield Participation(
                event=event,
                person=person,
                state=state,
                attended=random.random() < 0.8 if is_past and state == "coming" and random.random() < 0.95 else None,
                answered_at=None if state == "invited" else timezone.now(),
            )


def make_tasks(random: Random, population: Population, cases: int) -> int:
    """Three of four are done; each tenth has a checklist inside."""
    count = cases * TASKS_PER_CASE
    authors = population.methodists
    made = 0
    while made < count:
        rows = [_task(random, population, authors) for _ in range(min(CHUNK, count - made))]
        tasks = write(Task, rows)
        write(TaskPoint, _points(random, tasks))
        made += len(tasks)
    return made


def _task(random: Random, population: Population, authors: dict[int, int]) -> Task:
    person = random.choice(population.people)
    is_done = random.random() < 0.75
    due_on = today() + timedelta(days=random.randint(-DAYS, -1) if is_done else random.randint(-20, 60))
    done_at = timezone.make_aware(datetime.combine(due_on, time(12))) if is_done else None
    title = random.choice(TODO)
    return Task(
        title=title,
        words=stored_words(title),
        assignee=person,
        author_id=authors.get(person.organization_id or 0, person.pk),
        organization_id=person.organization_id,
        due_on=due_on,
        is_required=False,
        status=Task.Status.DONE if is_done else Task.Status.OPEN,
        outcome="Сделано." if is_done else "",
        done_at=done_at,
        done_by=person if is_done else None,
    )


def _points(random: Random, tasks: list[Task]) -> Iterator[TaskPoint]:
    for task in tasks:
        if random.random() < 0.1:
            for place, text in enumerate(("Посмотреть материалы", "Написать план", "Обсудить с коллегой")):
                yield TaskPoint(task=task, place=place, text=text)


def make_library(random: Random, population: Population) -> int:
    """Published ones with a text each; some wait for the keeper."""
    count = max(10, len(population.people) // PEOPLE_PER_MATERIAL)
    topics, subjects = list(Topic.objects.all()), list(Subject.objects.all())
    kinds = [one for one in Material.Kind if one != Material.Kind.NORMATIVE]
    rows = [_material(random, population, topics, kinds, number) for number in range(count)]
    states = [row.state for row in rows]
    for row in rows:
        row.state, row.published_at = Material.State.DRAFT, None  # the version that makes it whole comes after it
    materials = write(Material, rows)
    versions = write(MaterialVersion, [_version(one, state) for one, state in zip(materials, states, strict=True)])
    for row, version, state in zip(materials, versions, states, strict=True):
        row.state, row.current = state, version if state == Material.State.PUBLISHED else None
        row.published_at = timezone.now() - timedelta(days=random.randint(1, 700)) if row.current else None
    Material.objects.bulk_update(materials, ["state", "current", "published_at"], batch_size=500)
    through = Material.subjects.through
    write(through, [through(material_id=one.pk, subject_id=random.choice(subjects).pk) for one in materials])
    return count


def _material(random: Random, population: Population, topics: list[Topic], kinds: list[Any], number: int) -> Material:
    author = random.choice(population.people)
    row = Material(
        title=f"{random.choice(SUBJECTS)}: приёмы для урока, часть {number}",
        summary="Что делать на уроке, примеры заданий и как понять, что получилось.",
        kind=random.choice(kinds),
        level=random.choice(list(Material.Level)),
        topic=random.choice(topics) if topics else None,
        authors=author.short_name,
        owner=author,
        state=Material.State.OFFERED if random.random() < 0.01 else Material.State.PUBLISHED,
        deficits="Трудно вовлечь всех учеников",
    )
    row.words = row.words_of()
    return row


def _version(material: Material, state: str) -> MaterialVersion:
    is_taken = state == Material.State.PUBLISHED
    return MaterialVersion(
        material=material,
        number=1,
        form=MaterialVersion.Form.TEXT,
        body="Начните с вопроса, на который нет готового ответа.",
        state=MaterialVersion.State.PUBLISHED if is_taken else MaterialVersion.State.OFFERED,
        author=material.owner,
        published_at=timezone.now() if is_taken else None,
    )


def make_communities(random: Random, population: Population) -> int:
    """Unions of organizations, and one of each subject in the region."""
    count = max(2, len(population.people) // PEOPLE_PER_COMMUNITY)
    places = list(population.methodists)
    rows = [
        Community(
            name=f"МО учителей № {number}", name_key=f"мо учителей {number}", organization_id=random.choice(places)
        )
        for number in range(count)
        if places
    ]
    communities = write(Community, rows)
    by_school: dict[int, list[User]] = {}
    for person in population.people:
        by_school.setdefault(person.organization_id or 0, []).append(person)
    members = [
        CommunityMember(community=one, person=person, role="member" if place else "head")
        for one in communities
        for place, person in enumerate(by_school.get(one.organization_id or 0, [])[:12])
    ]
    write(CommunityMember, members)
    return len(communities)
