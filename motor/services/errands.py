"""«Поручить»: a follow-up step handed to the teacher, his mentor, a colleague or the regional methodist."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.planner.services import hand_over, take_back
from cabinet.users.models import Membership, Role, User
from motor.models import Case
from motor.moves import MoveRefused, hold, touch
from rma.models import Request


def people_for_step(case: Case) -> list[tuple[User, str]]:
    """Who may be asked to take a step, each with who he is to the teacher; only people who can log in to answer."""
    known: dict[int, str] = {case.person_id: "сам педагог"}
    helpers = Membership.objects.active().filter(
        Q(role=Role.METHODIST, organization=case.organization_id) | Q(role=Role.MENTOR, person=case.person_id)
    )
    for user, role in helpers.values_list("user", "role"):
        known.setdefault(user, "наставник" if role == Role.MENTOR else "методист ОО")
    taken = Request.objects.of(case).filter(status__in=(Request.Status.ACCEPTED, Request.Status.DONE))
    for user in taken.values_list("member__user", flat=True):
        known.setdefault(user, "методист РМА")
    people = User.objects.filter(pk__in=known, is_active=True, email__isnull=False).exclude(pk=case.responsible_id)
    return [(one, known[one.pk]) for one in people]


def hand_over_step(case: Case, task: Task, *, to: User, actor: User, due_on: date, text: str = "") -> None:
    """Ask somebody; the step is done when he marks his task as done."""
    if to.pk not in {person.pk for person, _ in people_for_step(case)}:
        raise MoveRefused("Этому человеку шаг поручить нельзя: выберите другого из списка.")
    if due_on < today():
        raise MoveRefused("Этот день уже прошёл: выберите сегодняшний или более поздний.")
    with transaction.atomic():
        hold(case)
        if hand_over(task, to=to, author=actor, due_on=due_on, text=text) is None:
            raise MoveRefused("Этот шаг уже отмечен или поручен. Обновите страницу.")
        touch(case)


def take_back_step(case: Case, task: Task, *, actor: User) -> None:
    with transaction.atomic():
        hold(case)
        if not take_back(task, actor):
            raise MoveRefused("Этот шаг сейчас никому не поручен. Обновите страницу.")
        touch(case)
