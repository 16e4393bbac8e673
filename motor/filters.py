"""Filters of the case list, kept in the address."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from cabinet.core.search import fold, key
from cabinet.core.stretches import TITLES, stretch
from cabinet.structure.models import Municipality, Organization, Subject, Territory, Topic
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, MunicipalRecord, Status, Survey
from motor.services.answers import narrowed
from motor.services.experience import by_words, is_shown
from motor.services.response import AT_RMA, AT_SCHOOL, STATES, in_state
from motor.services.responsible import has_methodist
from motor.services.turns import turns

VIEWS = {
    "open": "В работе",
    "scheduled": "Запланировано",
    "ended": "Завершено",
    "all": "Все",
}


# With whom a case is → in words, and its states.
STATES_OF_TURN = {
    "teacher": ("у педагога", (Status.SURVEY_OPEN, Status.NO_RESPONSE)),
    "school": ("у методиста ОО", AT_SCHOOL),
    "rma": ("у РМА", AT_RMA),
    "nobody": ("ответственный не назначен", Case.UNDER_WAY),
}


class CaseFilter(django_filters.FilterSet):
    """`view` narrows by stage, `turn` to what is expected of the reader."""

    q = django_filters.CharFilter(label="ФИО или организация", method="search")
    status = django_filters.ChoiceFilter(label="Состояние", choices=Status, empty_label="Любое")
    programme = django_filters.CharFilter(
        label="Программа", field_name="completion__course__programme__title", lookup_expr="icontains"
    )
    overdue = django_filters.BooleanFilter(label="Только просроченные", method="only_overdue")
    whose = django_filters.ChoiceFilter(
        label="У кого сейчас", choices=[(code, STATES_OF_TURN[code][0]) for code in STATES_OF_TURN], method="by_whose"
    )
    # Without fields on the page: links of the first page use them.
    turn = django_filters.CharFilter(method="by_turn")
    when = django_filters.ChoiceFilter(choices=[(one, one) for one in TITLES], method="by_when")
    led = django_filters.CharFilter(method="by_leader")

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

    def by_when(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        due = "objection__due_on" if self.data.get("turn") == "objection" else "due_on"
        return queryset.alias(stretch=stretch(due)).filter(stretch=value)

    def by_whose(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        queryset = queryset.filter(status__in=STATES_OF_TURN[value][1])
        return queryset.filter(responsible=None) if value == "nobody" else queryset

    def by_leader(self, queryset: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return queryset.filter(responsible=self.request.user.pk).exclude(person=self.request.user.pk)


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


LARGEST = 2**31 - 1  # of a row's number; more would be an error of the database


class DayInput(forms.DateInput):
    """The browser's own calendar; it wants ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ResponseFilter(django_filters.FilterSet):
    """Of those who were asked; places are offered only to those who see more than one of them."""

    school = django_filters.CharFilter(label="Организация", method="by_school")
    programme = django_filters.CharFilter(label="Программа", method="by_programme")
    territory = django_filters.ModelChoiceFilter(
        label="Территория",
        field_name="organization__municipality__territory",
        queryset=Territory.objects.order_by("name"),
        empty_label="все",
    )
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет",
        field_name="organization__municipality",
        queryset=Municipality.objects.order_by("name"),
        empty_label="все",
    )
    months = django_filters.ChoiceFilter(
        label="Срез", choices=Case._meta.get_field("months").choices, empty_label="все"
    )
    since = django_filters.DateFilter(label="Приглашены с", method="by_since", widget=DayInput)
    until = django_filters.DateFilter(label="Приглашены по", method="by_until", widget=DayInput)
    organization = django_filters.NumberFilter(
        field_name="organization_id", widget=forms.HiddenInput, min_value=1, max_value=LARGEST
    )
    course = django_filters.NumberFilter(
        field_name="completion__course_id", widget=forms.HiddenInput, min_value=1, max_value=LARGEST
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: CaseQuerySet, user: User) -> None:
        super().__init__(data, queryset=queryset)
        if "admin" not in user.roles:
            self.filters.pop("territory")
        if not user.roles & {"admin", "curator"}:
            self.filters.pop("municipality")

    @property
    def rows(self) -> CaseQuerySet:
        """The chosen cases; with a choice that is not among those offered, none."""
        rows: CaseQuerySet = self.qs if self.form.is_valid() else self.queryset.none()
        return rows

    @property
    def in_words(self) -> str:
        """What was chosen, for the sheet that tells about the file."""
        data = self.form.cleaned_data if self.form.is_valid() else {}
        shown = {"organization", "course"}  # a link's own: the file has the whole table
        chosen = [(self.filters[name].label, value) for name, value in data.items() if value and name not in shown]
        return "; ".join(
            f"{label}: {value:%d.%m.%Y}" if isinstance(value, date) else f"{label}: {value}" for label, value in chosen
        )

    def by_school(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return cases.filter(organization__name_key__contains=key(value))

    def by_programme(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        for word in key(value).split():
            cases = cases.filter(completion__course__programme__title_key__contains=word)
        return cases

    def by_since(self, cases: CaseQuerySet, name: str, value: date) -> CaseQuerySet:
        return cases.filter(opened_at__gte=_midnight(value))

    def by_until(self, cases: CaseQuerySet, name: str, value: date) -> CaseQuerySet:
        return cases.filter(opened_at__lt=_midnight(value + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class PeopleFilter(ResponseFilter):
    """Of the people behind the figures."""

    q = django_filters.CharFilter(label="ФИО", method="by_name")
    state = django_filters.ChoiceFilter(
        label="Что с ответом", choices=list(STATES.items()), method="by_state", empty_label="все"
    )

    def by_name(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return cases.filter(person__in=User.objects.search(value).values("pk"))

    def by_state(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return in_state(cases, value)


ORDERS = {
    "name": "case__person__name_key",
    "theme": "theme",
}


class ExperienceFilter(django_filters.FilterSet):
    """Of the experience pool; places are offered only to those who see more than one of them."""

    q = django_filters.CharFilter(label="ФИО или тема опыта", method="by_words")
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет",
        field_name="case__organization__municipality",
        queryset=Municipality.objects.none(),
        empty_label="все",
    )
    school = django_filters.CharFilter(label="Организация", method="by_school")
    subject = django_filters.ModelChoiceFilter(
        label="Предмет", field_name="case__completion__subject", queryset=Subject.objects.none(), empty_label="все"
    )
    topic = django_filters.ModelChoiceFilter(
        label="Тематика курса",
        field_name="case__completion__course__programme__topic",
        queryset=Topic.objects.none(),
        empty_label="все",
    )
    kind = django_filters.ChoiceFilter(
        label="Форма", choices=MunicipalRecord.EventKind, method="by_kind", empty_label="любая"
    )
    shown = django_filters.ChoiceFilter(
        label="Представляли?",
        choices=[("no", "ещё не представляли"), ("yes", "уже представляли")],
        method="by_shown",
        empty_label="неважно",
    )

    class Meta:
        model = MunicipalRecord
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: "QuerySet[MunicipalRecord]", user: User) -> None:
        super().__init__(data, queryset=queryset)
        # Only what the reader's pool holds: an empty choice helps nobody.
        pool = queryset.order_by()
        subjects = Subject.objects.filter(pk__in=pool.values("case__completion__subject"))
        topics = Topic.objects.filter(pk__in=pool.values("case__completion__course__programme__topic"))
        self.filters["subject"].queryset, self.filters["topic"].queryset = subjects, topics
        if user.roles & {"admin", "regional"}:
            places = Municipality.objects.filter(pk__in=pool.values("case__organization__municipality"))
            self.filters["municipality"].queryset = places
        else:
            self.filters.pop("municipality")
        if not user.roles & {"admin", "regional", "municipal"}:
            self.filters.pop("school")

    @property
    def rows(self) -> "QuerySet[MunicipalRecord]":
        """The chosen rows in the chosen order; with a choice that is not among those offered, none."""
        rows = self.qs if self.form.is_valid() else self.queryset.none()
        typed = self.data.get("sort", "")
        column = ORDERS.get(typed.removeprefix("-"), ORDERS["name"])
        ordered: QuerySet[MunicipalRecord] = rows.order_by(f"-{column}" if typed.startswith("-") else column, "pk")
        return ordered

    def by_words(self, rows: "QuerySet[MunicipalRecord]", name: str, value: str) -> "QuerySet[MunicipalRecord]":
        return by_words(rows, value)

    def by_school(self, rows: "QuerySet[MunicipalRecord]", name: str, value: str) -> "QuerySet[MunicipalRecord]":
        return rows.filter(case__organization__name_key__contains=key(value))

    def by_kind(self, rows: "QuerySet[MunicipalRecord]", name: str, value: str) -> "QuerySet[MunicipalRecord]":
        # SQLite cannot look into a list of JSON; its text says the same.
        return rows.annotate(kinds=Cast("event_kinds", TextField())).filter(kinds__contains=f'"{value}"')

    def by_shown(self, rows: "QuerySet[MunicipalRecord]", name: str, value: str) -> "QuerySet[MunicipalRecord]":
        return rows.filter(is_shown() if value == "yes" else ~is_shown())
