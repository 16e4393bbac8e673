"""The whole synthetic region in one transaction, the same for the same numbers."""

import time
from collections.abc import Callable
from random import Random

from django.db import transaction

from cabinet.home.reference import load_reference
from cabinet.home.simulation.cases import make_cases
from cabinet.home.simulation.learning import make_completions, make_courses
from cabinet.home.simulation.people import DOMAIN, make_population
from cabinet.home.simulation.planner import make_communities, make_events, make_library, make_tasks
from cabinet.home.simulation.routes import make_routes
from cabinet.home.simulation.work import make_requests, make_work
from cabinet.users.models import User

SEED = 20_260_101


class SimulationRefused(Exception):
    """The database is not one to be filled; the text is for the user."""


@transaction.atomic
def simulate(people: int, cases: int, tell: Callable[[str], None] = lambda line: None) -> None:
    """`people` teachers and `cases` cases among invented organizations of all municipalities.

    Names, ways and answers repeat with the same numbers; dates are counted from today.
    """
    if User.objects.filter(contact_email__endswith=f"@{DOMAIN}").exists():
        raise SimulationRefused("Условные данные уже есть: для нового замера возьмите пустую базу.")
    if people < 20:
        raise SimulationRefused("Нужно не меньше 20 человек.")
    random = Random(SEED)  # noqa: S311
    started = time.monotonic()

    def done(what: str, count: int) -> None:
        tell(f"{what}: {count} ({time.monotonic() - started:.0f} с)")

    load_reference(add_missing=True)
    population = make_population(random, people)
    done("люди", len(population.people))
    courses, words = make_courses(random, cases, population.curators)
    completions = make_completions(random, cases, population, courses, words)
    done("прохождения курсов", len(completions))
    done("карты", make_cases(random, population, completions, words))
    done("маршруты", make_routes(random, population.people, population.methodists))
    requests = make_requests(random, population)
    done("прямые запросы к РМА", len(requests))
    done("работа методистов РМА", make_work(random, population, requests, cases))
    done("события", make_events(random, population))
    done("задачи", make_tasks(random, population, cases))
    done("материалы", make_library(random, population))
    done("сообщества", make_communities(random, population))
