"""Programmes, their runs over three years, and who completed which."""

from datetime import date, timedelta
from random import Random

from cabinet.core.clock import today
from cabinet.core.search import key
from cabinet.courses.models import Completion, Course, Programme
from cabinet.home.demo.programmes import STORIES, Story
from cabinet.home.simulation.bulk import write
from cabinet.home.simulation.people import Population
from cabinet.structure.models import Topic
from cabinet.users.models import User

YEARS = 3
VARIANTS = 10  # programmes to a story
PEOPLE_PER_RUN = 50


def make_courses(random: Random, cases: int, curators: list[User]) -> tuple[list[Course], dict[int, Story]]:
    """Runs in the order of their end, and programme → the words of its participants."""
    topics = {topic.name: topic for topic in Topic.objects.all()}
    programmes, stories = [], []
    for number in range(min(VARIANTS, 1 + cases // 500) * len(STORIES)):
        story = STORIES[number % len(STORIES)]
        title = f"{story.title}. Модуль {1 + number // len(STORIES)}"
        programmes.append(
            Programme(
                title=title,
                title_key=key(title),
                topic=topics.get(story.topic),
                in_federal_register=story.in_federal_register,
            )
        )
        stories.append(story)
    programmes = write(Programme, programmes)
    words = {programme.pk: story for programme, story in zip(programmes, stories, strict=True)}
    runs: dict[tuple[int, date], Course] = {}
    for _ in range(max(30, cases // PEOPLE_PER_RUN)):
        programme = random.choice(programmes)
        ends_on = today() - timedelta(days=random.randint(3, YEARS * 365))
        runs[programme.pk, ends_on] = Course(
            programme=programme,
            ends_on=ends_on,
            starts_on=ends_on - timedelta(days=random.choice((4, 11, 18, 25))),
            curator=random.choice(curators),
        )
    courses = write(Course, sorted(runs.values(), key=lambda run: run.ends_on))
    return courses, words


def make_completions(
    random: Random, cases: int, population: Population, courses: list[Course], words: dict[int, Story]
) -> list[Completion]:
    """Person by person, each person's courses in the order of their end."""
    share, more = divmod(cases, len(population.people))
    lucky = set(random.sample(range(len(population.people)), more))
    rows = []
    for number, person in enumerate(population.people):
        wanted = min(len(courses), share + (number in lucky))
        for index in sorted(random.sample(range(len(courses)), wanted)):
            course = courses[index]
            rows.append(
                Completion(
                    person=person,
                    course=course,
                    organization=person.organization,
                    position_id=person.position_id,
                    subject_id=person.subject_id,
                    hours=words[course.programme_id].hours,
                    starts_on=course.starts_on,
                )
            )
    return write(Completion, rows)
