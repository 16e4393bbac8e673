"""Filters of the task list: whose tasks, which of them, by words, people, limits and what they are about."""

from typing import Any

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Q
from django.http import QueryDict

from cabinet.core.clock import today
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.planner.services import task_abouts
from cabinet.users.models import User

WHOSE = [("mine", "мои"), ("given", "поставленные мной"), ("others", "моей организации")]
STATES = [("open", "открытые"), ("work", "в работе"), ("overdue", "просроченные"), ("ended", "законченные")]
DEFAULTS = {"whose": "mine", "state": "open"}
PROCESS, NOTHING = "process", "nothing"
ABOUT = [*task_abouts.KINDS.items(), (PROCESS, "шаги процесса"), (NOTHING, "сами по себе")]
NEAREST = F("due_on").asc(nulls_last=True)  # SQLite would begin with those that have no limit
SORTS: dict[str, tuple[Any, ...]] = {
    "due": (NEAREST, "pk"),
    "-due": (F("due_on").desc(nulls_last=True), "-pk"),
    "title": ("title", "pk"),
    "new": ("-pk",),
    "person": ("assignee__name_key", NEAREST, "pk"),
}
SORT_WORDS = [("", "по сроку"), ("-due", "дальние сроки сначала"), ("new", "новые сначала"), ("title", "по названию")]
SORT_WORDS += [("person", "по людям")]


def _day(label: str, lookup: str) -> django_filters.DateFilter:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return django_filters.DateFilter(field_name="due_on", lookup_expr=lookup, label=label, widget=widget)


class TaskFilter(django_filters.FilterSet):
    """An address without filters means my open tasks; an unknown word in it means the same."""

    whose = django_filters.ChoiceFilter(choices=WHOSE, method="by_person", widget=forms.HiddenInput)
    state = django_filters.ChoiceFilter(choices=STATES, method="by_state", widget=forms.HiddenInput)
    batch = django_filters.CharFilter(field_name="batch", max_length=22, widget=forms.HiddenInput)
    q = django_filters.CharFilter(label="Слова", method="by_words", max_length=200)
    who = django_filters.CharFilter(label="Кто делает или поставил", method="by_name", max_length=100)
    since = _day("Срок с", "gte")
    until = _day("Срок по", "lte")
    about = django_filters.ChoiceFilter(label="О чём", choices=ABOUT, method="by_about", empty_label="всё равно")
    sort = django_filters.ChoiceFilter(
        label="Порядок", choices=SORT_WORDS[1:], method="in_order", empty_label=SORT_WORDS[0][1]
    )

    class Meta:
        model = Task
        fields = ["whose", "state", "batch", "q", "who", "since", "until", "about", "sort"]

    def __init__(self, data: QueryDict, *, queryset: TaskQuerySet, user: User, whose: list[str] | None = None) -> None:
        self.user = user
        known = {"whose": whose or list(dict(WHOSE)), "state": list(dict(STATES))}
        self.chosen = {name: data.get(name, "") for name in DEFAULTS}
        for name, word in self.chosen.items():
            if word not in known[name]:
                self.chosen[name] = DEFAULTS[name]
        typed = {name: data.get(name, "") for name in self.Meta.fields if name not in DEFAULTS}
        self.narrowed = {name: word for name, word in typed.items() if word and name not in ("sort", "batch")}
        super().__init__({**typed, **self.chosen}, queryset=queryset)
        for name in DEFAULTS:  # tabs are not counted among the filters in use
            self.form.fields[name].widget = forms.HiddenInput()

    @property
    def found(self) -> Any:
        """Nothing where a filter could not be understood: the page says so."""
        return self.qs if self.form.is_valid() else self.qs.none()

    def on_board(self) -> Any:
        """The same without the state: the columns say it."""
        if not self.form.is_valid():
            return self.queryset.none()
        values = self.form.cleaned_data | {"state": ""}
        rows = self.queryset
        for name, value in values.items():
            rows = self.filters[name].filter(rows, value)
        return rows

    def by_person(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        if value == "mine":
            return tasks.with_person(self.user)
        if value == "given":
            return tasks.filter(author=self.user)
        return tasks.exclude(assignee=self.user)

    def by_state(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        if value == "ended":
            return tasks.exclude(status=Task.Status.OPEN).order_by("-done_at", "-pk")
        tasks = tasks.open()
        if value == "work":
            return tasks.filter(started_at__isnull=False)
        return tasks.filter(due_on__lt=today()) if value == "overdue" else tasks

    def by_words(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        return tasks.search(value)

    def by_name(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        """Among tasks one sees anyway, so that a search tells of nobody else."""
        people = User.objects.search(value).order_by().values("pk")
        shared = Task.participants.through.objects.filter(user__in=people).values("task")
        return tasks.filter(Q(assignee__in=people) | Q(author__in=people) | Q(pk__in=shared))

    def by_about(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        if value == PROCESS:
            return tasks.exclude(kind="")
        if value == NOTHING:
            return tasks.filter(about_type=None)
        app, model = value.split(".")
        return tasks.filter(about_type__in=ContentType.objects.filter(app_label=app, model=model))

    def in_order(self, tasks: TaskQuerySet, name: str, value: str) -> TaskQuerySet:
        return tasks.order_by(*SORTS[value])
