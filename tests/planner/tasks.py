"""Tasks as the services give them: with a checklist, repeated, to each of several."""

from typing import Any

from cabinet.planner.models import Task
from cabinet.planner.services.task_giving import Wanted, give
from cabinet.users.models import User
from tests.factories import UserFactory


def given(author: User | None = None, people: list[User] | None = None, mark: str = "", **wanted: Any) -> Task:
    """The first of what is given; to the author himself unless somebody is named."""
    author = author or UserFactory(email=f"author-{Task.objects.count()}@example.org")
    return give(Wanted(**{"title": "Открытый урок", "people": people or [author]} | wanted), author, mark)[0]


def texts_of(task: Task) -> list[str]:
    return [point.text for point in task.points.all()]
