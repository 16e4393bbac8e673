"""Filters of the task list: whose tasks, and which of them."""

import django_filters
from django.http import QueryDict

from cabinet.core.clock import today
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.users.models import User

WHOSE = [("mine", "мои"), ("given", "поставленные мной"), ("others", "моей организации")]
STATES = [("open", "открытые"), ("overdue", "просроченные"), ("ended", "законченные")]
DEFAULTS = {"whose": "mine", "state": "open"}


class TaskFilter(django_filters.FilterSet):
    whose = django_filters.ChoiceFilter(label="Чьи", choices=WHOSE, method="by_person", empty_label=None)
    state = django_filters.ChoiceFilter(label="Какие", choices=STATES, method="by_state", empty_label=None)

    class Meta:
        model = Task
        fields = ["whose", "state"]

    def __init__(self, data: QueryDict, *, queryset: TaskQuerySet, user: User) -> None:
        self.user = user
        # An address without filters means my open tasks; an unknown word in it means the same.
        chosen = {name: data.get(name, "") for name in DEFAULTS}
        known = {"whose": dict(WHOSE), "state": dict(STATES)}
        clean = {name: word if word in known[name] else DEFAULTS[name] for name, word in chosen.items()}
        self.chosen = clean
        super().__init__(clean, queryset=queryset)

    def by_person(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        if value == "mine":
            return tasks.filter(assignee=self.user)
        if value == "given":
            return tasks.filter(author=self.user)
        return tasks.exclude(assignee=self.user)

    def by_state(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        if value == "ended":
            return tasks.exclude(status=Task.Status.OPEN).order_by("-done_at", "-pk")
        tasks = tasks.open()
        return tasks.filter(due_on__lt=today()) if value == "overdue" else tasks
