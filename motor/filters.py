"""Filters of the case list, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from cabinet.core.search import fold, key
from cabinet.structure.models import Municipality, Organization
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Status, Survey
from motor.services.answers import narrowed
from motor.services.desk import turns
from motor.services.responsible import has_methodist

VIEWS = {
    "open": "В работе",
    "scheduled": "Запланировано",
    "ended": "Завершено",
    "all": "Все",
}


class CaseFilter(django_filters.FilterSet):
    """`view` narrows by stage, `turn` to what is expected of the reader."""

    q = django_filters.CharFilter(label="ФИО или организация", method="search")
    status = django_filters.ChoiceFilter(label="Состояние", choices=Status, empty_label="Любое")
    programme = django_filters.CharFilter(
        label="Программа", field_name="completion__course__programme__title", lookup_expr="icontains"
    )
    overdue = django_filters.BooleanFilter(label="Только просроченные", method="only_overdue")
    turn = django_filters.CharFilter(method="by_turn")

    class Meta:
        model = Case
        fields: list[str] = []

    request: HttpRequest

    def filter_queryset(self, queryset: "QuerySet[Case]") -> "QuerySet[Case]":
        queryset = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("status") or self.form.cleaned_data.get("turn"):
            return queryset
        match self.view:
            case "open":
                return queryset.filter(status__in=Case.UNDER_WAY)
            case "scheduled":
                return queryset.filter(status=Status.SCHEDULED)
            case "ended":
                return queryset.filter(status__in=Case.ENDED)
        return queryset

    @property
    def view(self) -> str:
        chosen = self.data.get("view", "open")
        return chosen if chosen in VIEWS else "open"

    def search(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """Words of the person's name, or a part of the organization's."""
        people = User.objects.search(value).values("pk")
        return queryset.filter(person__in=people) | queryset.filter(organization__name_key__contains=fold(value))

    def only_overdue(self, queryset: CaseQuerySet, name: str, value: bool | None) -> CaseQuerySet:
        return queryset.overdue() if value else queryset

    def by_turn(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        user = self.request.user
        if not isinstance(user, User):
            return queryset.none()
        if value == "own":
            return queryset.filter(person=user)
        mine = turns(user).get(value)
        return queryset.filter(pk__in=mine.values("pk")) if mine is not None else queryset


RESULTS = [
    ("1", "Вариант 1"),
    ("2", "Вариант 2"),
    ("3", "Вариант 3"),
    ("none", "Результата нет"),
    ("silent", "Ответа нет"),
]


class AnswerFilter(django_filters.FilterSet):
    """Of the answers of one course; all three choices are made together by the service."""

    q = django_filters.CharFilter(label="Слова в ответах", method="keep")
    variant = django_filters.ChoiceFilter(label="Результат", choices=RESULTS, method="keep", empty_label="любой")
    reason = django_filters.ChoiceFilter(
        label="Почему нет", choices=Survey.Reason.choices, method="keep", empty_label="любая причина"
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def keep(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return cases

    @property
    def rows(self) -> CaseQuerySet:
        """The chosen cases; with a choice that is not among those offered, none."""
        if not self.form.is_valid():
            return self.queryset.none()
        data = self.form.cleaned_data
        return narrowed(self.queryset, variant=data["variant"], reason=data["reason"], text=data["q"])

    @property
    def in_words(self) -> str:
        """What was chosen, for the sheet that tells about the file."""
        labels = {"variant": dict(RESULTS), "reason": dict(Survey.Reason.choices)}
        data = self.form.cleaned_data if self.form.is_valid() else {}
        chosen = [(self.filters[name].label, labels.get(name, {}).get(value, value)) for name, value in data.items()]
        return "; ".join(f"{label}: {value}" for label, value in chosen if value)


class OrganizationFilter(django_filters.FilterSet):
    """Organizations of «Кто отвечает»; the municipality is asked only of those who see the region."""

    q = django_filters.CharFilter(label="Организация", method="search")
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет", queryset=Municipality.objects.order_by("name"), empty_label="любой"
    )
    state = django_filters.ChoiceFilter(
        label="Ответственный",
        choices=[("nobody", "не назначен"), ("named", "назначен")],
        method="by_state",
        empty_label="любой",
    )

    class Meta:
        model = Organization
        fields: list[str] = []

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "admin" not in user.roles:
            self.filters.pop("municipality")

    def search(self, queryset: "QuerySet[Organization]", name: str, value: str) -> "QuerySet[Organization]":
        return queryset.filter(name_key__contains=key(value))

    def by_state(self, queryset: "QuerySet[Organization]", name: str, value: str) -> "QuerySet[Organization]":
        return queryset.filter(has_methodist() if value == "named" else ~has_methodist())


class OpenOrganizationFilter(OrganizationFilter):
    """Of organizations where nobody is appointed."""

    state = None


class UnassignedFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="ФИО или организация", method="search")
    holder = django_filters.ChoiceFilter(
        label="Кто отвечает сейчас",
        choices=[("nobody", "никто"), ("up", "специалист ММС или администратор")],
        method="by_holder",
        empty_label="неважно",
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def search(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        people = User.objects.search(value).values("pk")
        return queryset.filter(Q(person__in=people) | Q(organization__name_key__contains=key(value)))

    def by_holder(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return queryset.filter(responsible__isnull=value == "nobody")
