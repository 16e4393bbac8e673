"""Letters about tasks: given, changed, several at once, an errand done."""

from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from cabinet.core.words import counted, long_date
from cabinet.mail.services import Draft, queue_letter, queue_letters
from cabinet.mail.texts import compose
from cabinet.planner.models import Task
from cabinet.users.models import User

SHOWN = 15  # lines of a letter


def tell_assignee(task: Task) -> None:
    """A letter to whoever got a task from somebody else; once per task and person."""
    if task.author_id != task.assignee_id:
        tell_given(task, [task.assignee])


def tell_given(task: Task, people: Iterable[User]) -> None:
    """Those who give a task to themselves read nothing of it."""
    queue_letters(_given(task, person) for person in people if person.pk != task.author_id)


def _given(task: Task, person: User) -> Draft:
    values = {
        "имя": person.polite_name,
        "кто": task.author.full_name if task.author else "кабинет, по ходу отслеживания",
        "задача": task.title,
        "подробности": task.text,
        "когда": f"Срок — {long_date(task.due_on)}." if task.due_on else "",
        "адрес": settings.SITE_URL + task.get_absolute_url(),
    }
    subject, body = compose("task.given", values)
    return Draft(f"task.given.{task.pk}.{person.pk}", "task.given", person, subject, body, task)


def tell_changed(task: Task, what: str, actor: User | None, but: Iterable[User] = ()) -> None:
    """To those who do it, the one who changed it and `but` aside; `version` has risen with the change and names it."""
    if actor is not None:
        people = {task.assignee, *task.participants.all()} - {actor, *but}
        _tell(task, people, what, actor, task.get_absolute_url())


def tell_taken_off(task: Task, people: Iterable[User], actor: User) -> None:
    """To those who do it no more: its page is not theirs any longer."""
    _tell(task, set(people) - {actor}, "Теперь её делают другие.", actor, reverse("planner:tasks"))


def _tell(task: Task, people: set[User], what: str, actor: User, address: str) -> None:
    values = {
        "кто": actor.full_name,
        "задача": task.title,
        "что": what,
        "адрес": settings.SITE_URL + address,
    }
    for person in sorted(people, key=lambda one: one.pk):
        subject, body = compose("task.changed", values | {"имя": person.polite_name})
        key = f"task.changed.{task.pk}.{task.version}.{person.pk}"
        queue_letter(key=key, kind="task.changed", to=person, subject=subject, body=body, about=task)


def tell_several(
    rows: Iterable[tuple[User, Task]], what: str, actor: User, mark: str, *, is_gone: bool = False
) -> None:
    """One letter to each person about all his tasks changed together; `mark` is of the order that changed them.

    `is_gone`: they are his no more, and their pages neither.
    """
    of_person: dict[User, list[Task]] = defaultdict(list)
    for person, task in rows:
        if person.pk != actor.pk and person.is_active:
            of_person[person].append(task)
    said = _name if is_gone else _line
    lines = {person: [said(at, one) for at, one in enumerate(tasks, 1)] for person, tasks in of_person.items()}
    queue_letters(_several(person, lines[person], what, actor, mark) for person in of_person)


def _several(person: User, lines: list[str], what: str, actor: User, mark: str) -> Draft:
    values = {
        "имя": person.polite_name,
        "кто": actor.full_name,
        "что": what,
        "сколько": how_many(len(lines)),
        "перечень": listed(lines),
        "адрес": settings.SITE_URL + reverse("planner:tasks"),
    }
    subject, body = compose("task.several", values)
    return Draft(f"task.several.{mark}.{person.pk}", "task.several", person, subject, body)


def _line(number: int, task: Task) -> str:
    return line(number, task, f"срок {long_date(task.due_on)}" if task.is_open and task.due_on else "")


def _name(number: int, task: Task) -> str:
    return f"{number}. {task.title}"


def how_many(count: int) -> str:
    return counted(count, "задача", "задачи", "задач")


def line(number: int, task: Task, note: str) -> str:
    return f"{number}. {task.title}{f' — {note}' if note else ''}\n{settings.SITE_URL}{task.get_absolute_url()}"


def listed(lines: list[str]) -> str:
    rest = len(lines) - SHOWN
    return "\n\n".join(lines[:SHOWN] + ([f"И ещё {rest} — в кабинете."] if rest > 0 else []))


def tell_of_errand(errand: Task) -> None:
    """A letter to whoever answers for the step: what was asked for is done."""
    step = errand.step
    if step is None or step.assignee_id == errand.done_by_id:
        return
    values = {
        "имя": step.assignee.polite_name,
        "кто": errand.assignee.full_name,
        "задача": step.title,
        "итог": errand.outcome,
        "адрес": settings.SITE_URL + step.get_absolute_url(),
    }
    subject, body = compose("task.errand", values)
    key = f"task.errand.{errand.pk}"
    queue_letter(key=key, kind="task.errand", to=step.assignee, subject=subject, body=body, about=step)
