"""«Мой день» beside cases and routes: tasks, invitations, polls, the library; where one goes and what one waits for."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.stretches import TITLES, when
from cabinet.home.services.day import desk
from cabinet.library.models import Material
from cabinet.planner.models import Participation
from cabinet.polls.models import Participant, Poll
from cabinet.users.models import Role, User
from tests.factories import OrganizationFactory, TaskFactory, UserFactory, person_with
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher() -> User:
    return UserFactory(organization=OrganizationFactory())


def asked(user: User) -> list[tuple[str, str, str]]:
    """(kind, line, note) of everything the page asks, whatever the section."""
    return [(group.title, line.about, line.note) for group in desk(user).groups for line in group.lines]


def test_what_is_due_today_stands_apart(teacher: User) -> None:
    for days in (-1, 0, 0, 20):
        TaskFactory(assignee=teacher, author=None, due_on=today() + timedelta(days=days))
    found = desk(teacher)
    assert [(one.title, one.total) for one in found.sections] == [("Сегодня", 2), ("Позже", 1)]
    assert (found.late, found.ahead) == (1, "сегодня: 2, позже: 1")
    assert [when(today() + timedelta(days=days)) for days in (-1, 0, 40)] == ["late", "today", "later"]
    assert list(TITLES) == ["late", "today", "week", "later"]


def test_invitation_is_asked_until_it_is_answered_or_the_day_is_over(teacher: User) -> None:
    event = EventFactory(title="Открытый урок")
    mine = Participation.objects.create(event=event, person=teacher)
    Participation.objects.create(event=EventFactory(is_cancelled=True), person=teacher)
    Participation.objects.create(event=EventFactory(on=today() - timedelta(days=1)), person=teacher)
    Participation.objects.create(event=event, person=UserFactory())
    assert asked(teacher) == [("Приглашения", "Открытый урок", "")]
    Participation.objects.filter(pk=mine.pk).update(state="coming", answered_at=timezone.now())
    found = desk(teacher)
    assert [group.title for group in found.groups] == []
    assert [(one.title, one.on) for one in found.coming] == [("Открытый урок", event.on)]


def test_events_of_two_weeks_by_day_and_hour(teacher: User) -> None:
    far = EventFactory(on=today() + timedelta(days=14), leaders=[teacher])
    late = EventFactory(on=today(), starts_at=time(16, 30), leaders=[teacher])
    early = EventFactory(on=today(), starts_at=time(9, 5), author=teacher, scope="personal")
    EventFactory(on=today())  # somebody else's
    EventFactory(on=today(), leaders=[teacher], is_cancelled=True)
    found = desk(teacher).coming
    assert [(one.pk, one.starts_at, one.is_today) for one in found] == [
        (early.pk, time(9, 5), True),
        (late.pk, time(16, 30), True),
    ]
    assert far.pk not in [one.pk for one in found]


def test_who_came_is_asked_of_the_one_who_held_it(teacher: User) -> None:
    event = EventFactory(title="Семинар", on=today() - timedelta(days=2), leaders=[teacher])
    for attended in (None, None, True):
        Participation.objects.create(event=event, person=UserFactory(), state="coming", attended=attended)
    assert asked(teacher) == [("Отметить, кто пришёл", "Семинар", "2\xa0человека собирались")]
    line = desk(teacher).groups[0].lines[0]
    assert line.url == reverse("planner:event_attendance", args=[event.pk])


def test_shared_task_is_everybodys_and_given_ones_are_awaited(teacher: User) -> None:
    colleague = UserFactory(organization=teacher.organization)
    near = today() + timedelta(days=3)
    task = TaskFactory(author=teacher, assignee=UserFactory(), title="Собрать темы", due_on=near)
    TaskFactory(author=teacher, assignee=UserFactory(), due_on=None)
    TaskFactory(author=teacher, assignee=teacher, title="Свой план", due_on=None)
    task.participants.add(colleague)
    assert asked(colleague) == [("Задачи", "Собрать темы", "")]
    waiting = desk(teacher).waiting
    assert [(one.title, one.due_on, one.total) for one in waiting] == [("Задачи, которые вы поставили", near, 2)]
    assert asked(teacher) == [("Задачи", "Свой план", "")]


def test_poll_waits_for_who_was_asked_and_has_not_answered(teacher: User) -> None:
    poll = Poll.objects.create(title="О маршрутах", scope="region", state="open", closes_on=today())
    over = Poll.objects.create(title="Прошлый", scope="region", state="open", closes_on=today() - timedelta(days=1))
    for one in (poll, over):
        Participant.objects.create(poll=one, person=teacher)
    Participant.objects.create(poll=poll, person=UserFactory())
    assert asked(teacher) == [("Опросы", "О маршрутах", "")]
    Participant.objects.filter(person=teacher).update(has_answered=True)
    assert asked(teacher) == []


def test_library_asks_the_keeper_and_the_author(teacher: User) -> None:
    admin = person_with(Role.ADMIN)
    for state in ("offered", "offered", "returned", "draft"):
        Material.objects.create(title=f"Материал {state}", owner=teacher, state=state)
    offers = [one for one in asked(admin) if one[0] == "Библиотека"]
    assert offers == [("Библиотека", "2\xa0материала ждут решения", "")]
    assert asked(teacher) == [("Материалы", "Материал returned", "")]
    assert [(one.title, one.total) for one in desk(teacher).waiting] == [("Решение хранителя библиотеки", 2)]
    assert [one for one in asked(person_with(Role.METHODIST)) if one[0] == "Библиотека"] == []
