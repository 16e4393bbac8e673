"""Letters about tasks: given, changed, several at once, done."""

from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from cabinet.core.words import counted, long_date
from cabinet.mail.services import Draft, cancel_letters, queue_letter, queue_letters
from cabinet.mail.texts import compose
from cabinet.planner.models import Task
from cabinet.users.models import User

SHOWN = 15  # lines of a letter


def tell_assignee(task: Task) -> None:
    """A letter to whoever got a task from somebody else; once per task and person."""
    if task.author_id != task.assignee_id:
        tell_given(task, [task.assignee])


def tell_given(task: Task, people: Iterable[User]) -> None:
    tell_all_given((task, person) for person in people)


def tell_all_given(rows: Iterable[tuple[Task, User]]) -> None:
    """Those who give a task to themselves read nothing of it."""
    queue_letters(_given(task, person) for task, person in rows if person.pk != task.author_id)


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


def tell_done(task: Task) -> None:
    """A line of the author's daily letter. Of tasks given together one line says how many are done by now."""
    author = task.author
    if author is None or author.pk == task.done_by_id or not author.is_active:
        return
    if task.step is not None and task.step.assignee_id == author.pk:
        return  # he has a letter of its own about the errand
    first, done, total = _together(task)
    cancel_letters(first, "task.done")
    _tell_done(task, first, done, total)


def tell_not_done(task: Task) -> None:
    """Opened again: the line not sent yet is taken back, or says one less."""
    first, done, total = _together(task)
    if cancel_letters(first, "task.done") and done:
        _tell_done(task, first, done, total)


def _together(task: Task) -> tuple[Task, int, int]:
    """The first of those given together with this one, how many of them are done, of how many."""
    if not task.batch or task.author_id is None:
        return task, int(task.status == Task.Status.DONE), 1
    rows = Task.objects.filter(author=task.author_id, batch=task.batch).order_by("pk")
    states = list(rows.exclude(status=Task.Status.WAIVED).values_list("status", flat=True))
    return rows[0], states.count(Task.Status.DONE), len(states)


def _tell_done(task: Task, first: Task, done: int, total: int) -> None:
    """`first` holds the line of all that were given together: another one of them replaces it."""
    if task.author is None:
        return
    by = f"({task.done_by.short_name})" if task.done_by else ""
    values = {
        "имя": task.author.polite_name,
        "задача": task.title,
        "сделано": f"Выполнено {done} из {total}" if total > 1 else "Выполнено",
        "кем": by if total == 1 else "",
        "адрес": settings.SITE_URL + task.get_absolute_url(),
    }
    subject, body = compose("task.done", values)
    key = f"task.done.{task.pk}.{task.version}"
    queue_letter(key=key, kind="task.done", to=task.author, subject=subject, body=body, about=first)
