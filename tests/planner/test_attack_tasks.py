"""Tasks: limits at the end of the calendar, and the same page sent again for somebody else."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.planner.models import Task
from cabinet.planner.services.tasks import complete_task
from cabinet.users.models import Role
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.planner.tasks import given

pytestmark = pytest.mark.django_db
LAST = "9999-12-31"


def test_a_repeated_task_of_the_last_day_of_the_calendar_is_refused_or_done(client: Client) -> None:
    user = UserFactory(email="t@example.org")
    client.force_login(user)
    data = {"title": "Отчёт", "due_on": LAST, "repeats": "week", "people": [user.pk]}
    assert client.post(reverse("planner:add"), data).status_code in (302, 422)
    for task in Task.objects.filter(author=user):
        answer = client.post(reverse("planner:complete", args=[task.pk]), {"outcome": "Готово"})
        assert answer.status_code == 302


def test_the_limit_of_a_repeated_task_is_not_moved_past_the_calendar(client: Client) -> None:
    user = UserFactory(email="t@example.org")
    task = given(user, due_on=date(2030, 1, 9), repeats="week")
    client.force_login(user)
    sent = {"do": "move", "step": "write", "chosen": str(task.pk), "due_on": LAST, "token": "a1"}
    assert client.post(reverse("planner:bulk"), sent).status_code in (302, 422)
    task.refresh_from_db()
    complete_task(task, user, "Готово")


def test_back_and_another_person_is_another_task(client: Client) -> None:
    """After «Назад» the page has the same mark: «Задача поставлена» must be true."""
    school = OrganizationFactory()
    head = person_with(Role.HEAD, school)
    first = UserFactory(email="a@example.org", organization=school)
    second = UserFactory(email="b@example.org", organization=school)
    client.force_login(head)
    data = {"title": "Отчёт", "mark": "A" * 22, "how": "each"}
    client.post(reverse("planner:add"), data | {"people": [first.pk]})
    client.post(reverse("planner:add"), data | {"people": [second.pk]})
    assert Task.objects.filter(assignee=second).exists()
