"""Changing a task that has been given: by its author, against the version he has seen."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cabinet.core.search import stored_words
from cabinet.core.words import long_date
from cabinet.planner.models import Task
from cabinet.planner.services.task_letters import tell_changed, tell_given, tell_taken_off
from cabinet.planner.services.tasks import note
from cabinet.users.models import User


class Difference(NamedTuple):
    """A field that differs: its name, what stands there now, what is wanted."""

    label: str
    now: str
    wanted: str


def change_task(task: Task, values: dict[str, Any], people: Sequence[User], *, actor: User, version: int) -> bool:
    """Write an edit down, if nobody has changed the task since `version`; those who do it read what changed."""
    found = differences(task, values, people)
    repeats_from = values["due_on"] if values["repeats"] else None
    if repeats_from and values["due_on"] == task.due_on and values["repeats"] == task.repeats:
        repeats_from = task.repeats_from
    columns = values | {"repeats_from": repeats_from, "updated_at": timezone.now()}
    columns["words"] = stored_words(values["title"], values["text"])
    before = {task.assignee, *task.participants.all()}
    with transaction.atomic():
        rows = Task.objects.editable_by(actor).filter(pk=task.pk, version=version)
        answers = {"assignee": people[0], "organization": people[0].organization}
        if not rows.update(version=F("version") + 1, **columns, **answers):
            return False
        task.participants.set(people[1:])
        task.refresh_from_db()
        if found:
            note(task, actor, f"Изменено: {', '.join(one.label for one in found)}")
            fresh = [one for one in people if one not in before]
            tell_given(task, fresh)
            tell_taken_off(task, before - set(people), actor)
            lines = [f"{one.label.capitalize()}: {one.wanted or 'нет'}" for one in found if one.label != "кому"]
            if lines:
                tell_changed(task, "Теперь так:\n" + "\n".join(lines), actor, fresh)
    return True


def differences(task: Task, values: dict[str, Any], people: Sequence[User]) -> list[Difference]:
    """What an edit would change, for the history, the letters and a comparison."""
    now = [
        ("название", task.title, values["title"]),
        ("подробности", task.text, values["text"]),
        ("срок", _day(task.due_on), _day(values["due_on"])),
        ("повторение", repeat_words(task.repeats, task.repeats_until), _wanted_repeat(values)),
        ("кому", _names([task.assignee, *task.participants.all()]), _names(people)),
    ]
    return [Difference(*one) for one in now if one[1] != one[2]]


def _wanted_repeat(values: dict[str, Any]) -> str:
    return repeat_words(values["repeats"], values["repeats_until"])


def repeat_words(repeats: str, until: date | None) -> str:
    """«каждый месяц по 1 июня 2027», or nothing."""
    if not repeats:
        return ""
    return f"{Task.Repeat(repeats).label}{f' по {long_date(until)}' if until else ''}"


def _day(day: date | None) -> str:
    return long_date(day) if day else ""


def _names(people: Sequence[User]) -> str:
    first, *rest = people
    return ", ".join([first.short_name, *sorted(one.short_name for one in rest)])
