"""Several tasks at once: what will change, what will not and why, then all of it in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, prefetch_related_objects
from django.utils import timezone

from cabinet.core.words import long_date
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.planner.services.task_letters import tell_several
from cabinet.planner.services.tasks import complete_task, log_rows
from cabinet.users.models import User

AT_ONCE = 200
DONE, MOVE, PASS, WAIVE = "done", "move", "pass", "waive"
ACTIONS = {
    DONE: "Отметить выполненными",
    MOVE: "Перенести срок",
    PASS: "Передать другому",
    WAIVE: "Снять",
}
ENDED = "уже закончена"
OF_PROCESS = "шаг процесса: его завершают на странице того, о чём он"
OF_ERRAND = "поручение по шагу процесса: его отзывают на странице карты"
NOT_NAMED = "её делают другие: вы только видите"
NOT_AUTHOR = {
    MOVE: "поставили не вы: срок переносит автор",
    PASS: "поставили не вы: передаёт автор",
    WAIVE: "поставили не вы: снимает автор",
}


@dataclass(frozen=True)
class Order:
    """What is wanted of the tasks: one of ACTIONS and its value; without the value the plan says who is in it."""

    action: str
    words: str = ""
    due_on: date | None = None
    person: User | None = None


@dataclass
class Plan:
    """`will` says beside a task what becomes of it; `gone` are those the person does not see any more."""

    will: list[tuple[Task, str]] = field(default_factory=list)
    stay: list[tuple[Task, str]] = field(default_factory=list)
    gone: int = 0

    @property
    def reasons(self) -> list[tuple[str, list[Task]]]:
        found: dict[str, list[Task]] = {}
        for task, why in self.stay:
            found.setdefault(why, []).append(task)
        return sorted(found.items(), key=lambda pair: -len(pair[1]))


def plan(pks: Iterable[int], order: Order, user: User) -> Plan:
    """Look at every task anew: much may have changed while the list stood open."""
    asked = list(dict.fromkeys(pks))[:AT_ONCE]
    rows = Task.objects.visible_to(user).filter(pk__in=asked).with_names().order_by("due_on", "pk")
    counted = rows.annotate(points_total=Count("points"), points_done=Count("points", filter=Q(points__is_done=True)))
    named = set(Task.objects.completable_by(user).filter(pk__in=asked).order_by().values_list("pk", flat=True))
    found = Plan()
    for task in counted:
        if why := _obstacle(task, order, user, named):
            found.stay.append((task, why))
        else:
            found.will.append((task, _becomes(task, order)))
    found.gone = len(asked) - len(found.will) - len(found.stay)
    return found


def _obstacle(task: Task, order: Order, user: User, named: set[int]) -> str:
    """Why the task stays as it is; empty when nothing stands in the way."""
    if not task.is_open:
        return ENDED
    if task.is_step:
        return OF_PROCESS
    if order.action == DONE:
        return "" if task.pk in named else NOT_NAMED
    if task.author_id != user.pk:
        return NOT_AUTHOR[order.action]
    if order.action != WAIVE and task.step_id is not None:
        return OF_ERRAND
    if order.due_on and task.due_on == order.due_on:
        return "срок уже такой"
    if order.person and task.assignee_id == order.person.pk:
        return "уже у этого человека"
    return ""


def _becomes(task: Any, order: Order) -> str:
    if order.action == DONE:
        half = task.points_total and task.points_done < task.points_total
        left = f", отмечено {task.points_done} из {task.points_total} пунктов" if half else ""
        following = f", следующая — до {long_date(task.repeat_on)}" if task.repeat_on and not task.next_id else ""
        return f"выполнена{left}{following}"
    if order.action == MOVE and order.due_on:
        return f"{long_date(task.due_on) if task.due_on else 'без срока'} → {long_date(order.due_on)}"
    if order.action == PASS and order.person:
        return f"{task.assignee.short_name} → {order.person.short_name}"
    if order.action == WAIVE:
        return "снята, повторений больше не будет" if task.repeats else "снята"
    return ""


def carry_out(pks: Iterable[int], order: Order, user: User, mark: str) -> dict[str, Any]:
    """Do it and say what was done, in what a session can keep; carried out twice, it finds nothing left to do."""
    with transaction.atomic():
        asked = list(pks)[:AT_ONCE]
        # Their steps too, in the one order: ending an errand takes its step, ending a step takes its errand.
        steps = Task.objects.filter(pk__in=asked).order_by().values("step")
        held = Task.objects.select_for_update(no_key=True).filter(Q(pk__in=asked) | Q(pk__in=steps))
        list(held.order_by("pk").values_list("pk"))
        found = plan(asked, order, user)
        tasks = [task for task, _ in found.will]
        rows = Task.objects.open().filter(pk__in=[task.pk for task in tasks])
        before = {str(task.pk): task.due_on.isoformat() if task.due_on else "" for task in tasks}
        _ACTS[order.action](rows, tasks, order, user, mark)
    return {
        "action": order.action,
        "done": [(task.title, note) for task, note in found.will],
        "left": [(why, [task.title for task in some]) for why, some in found.reasons],
        "gone": found.gone,
        "before": before if order.action == MOVE else {},
        "due_on": order.due_on.isoformat() if order.due_on else "",
    }


def _complete(rows: TaskQuerySet, tasks: list[Task], order: Order, user: User, mark: str) -> None:
    # An errand ends its step and a repeated task has a next one: these go one by one.
    plain = [task for task in tasks if task.step_id is None and not task.repeats]
    rows.filter(pk__in=[task.pk for task in plain]).update(**_ended(Task.Status.DONE, order, user))
    log_rows(plain, user, f"Выполнена: {order.words}")
    for task in tasks:
        if task not in plain:
            complete_task(task, user, order.words)


def _waive(rows: TaskQuerySet, tasks: list[Task], order: Order, user: User, mark: str) -> None:
    rows.update(**_ended(Task.Status.WAIVED, order, user))
    log_rows(tasks, user, f"Снята: {order.words}")
    for task in tasks:
        task.status = Task.Status.WAIVED
    tell_several(_doing(tasks), "Задачи сняты", user, mark)


def _ended(status: Task.Status, order: Order, user: User) -> dict[str, Any]:
    now = timezone.now()
    outcome = {"outcome": order.words.strip(), "done_at": now, "done_by": user, "updated_at": now}
    return {"status": status, "version": F("version") + 1, **outcome}


def _move(rows: TaskQuerySet, tasks: list[Task], order: Order, user: User, mark: str) -> None:
    _set_due(rows, order.due_on)
    for task in tasks:
        task.due_on = order.due_on
    log_rows(tasks, user, f"Срок перенесён: {long_date(order.due_on) if order.due_on else 'без срока'}")
    tell_several(_doing(tasks), "Срок перенесён", user, mark)


def _doing(tasks: list[Task]) -> list[tuple[User, Task]]:
    """Everybody who does them, alone or with others."""
    prefetch_related_objects(tasks, "participants")
    return [(person, task) for task in tasks for person in (task.assignee, *task.participants.all())]


def _set_due(rows: TaskQuerySet, day: date | None) -> int:
    """A repeated one is counted from its new day on."""
    changed = {"due_on": day, "version": F("version") + 1, "updated_at": timezone.now()}
    pks = list(rows.order_by().values_list("pk", "repeats"))
    plain = Task.objects.open().filter(pk__in=[pk for pk, repeats in pks if not repeats]).update(**changed)
    repeated = Task.objects.open().filter(pk__in=[pk for pk, repeats in pks if repeats])
    return plain + (repeated.update(repeats_from=day, **changed) if day else 0)


def _pass(rows: TaskQuerySet, tasks: list[Task], order: Order, user: User, mark: str) -> None:
    person = order.person
    if person is None:
        return
    answers = {"assignee": person, "organization": person.organization, "started_at": None}
    rows.update(version=F("version") + 1, updated_at=timezone.now(), **answers)
    pks = [task.pk for task in tasks]
    Task.participants.through.objects.filter(task__in=pks, user=person).delete()
    log_rows(tasks, user, f"Передана: {person.short_name}")
    tell_several([(person, task) for task in tasks], "Вам переданы задачи", user, mark)
    tell_several([(task.assignee, task) for task in tasks], "Задачи переданы другому", user, mark, is_gone=True)


_ACTS = {DONE: _complete, MOVE: _move, PASS: _pass, WAIVE: _waive}


def move_back(result: dict[str, Any], user: User, mark: str) -> int:
    """Give tasks the limits they had before, those whose limit nobody has changed since; says how many."""
    before = {int(pk): date.fromisoformat(day) if day else None for pk, day in result["before"].items()}
    with transaction.atomic():
        there = Task.objects.editable_by(user).filter(pk__in=before, due_on=date.fromisoformat(result["due_on"]))
        tasks = list(there.select_for_update(of=("self",), no_key=True).select_related("assignee").order_by("pk"))
        by_day: dict[date | None, list[int]] = {}
        for task in tasks:
            by_day.setdefault(before[task.pk], []).append(task.pk)
            task.due_on = before[task.pk]
        for day, pks in by_day.items():
            _set_due(Task.objects.open().filter(pk__in=pks), day)
        log_rows(tasks, user, "Прежний срок возвращён")
        tell_several(_doing(tasks), "Прежний срок возвращён", user, f"{mark}b")
    return len(tasks)
