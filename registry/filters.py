"""Filters of the registry, shared by the page, the summary and the export; the address carries them."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F
from django.http import QueryDict

from cabinet.core.search import key
from cabinet.courses.models import Programme
from cabinet.structure.models import Municipality, Organization
from cabinet.users.models import User
from motor.models import Case, MunicipalRecord, Status
from registry.models import Entry, EntryQuerySet, Experience, Result
from registry.services import breakdowns, measures
from registry.services.breakdowns import BREAKDOWNS, NONE, Breakdown
from registry.services.measures import FIGURES, MEASURES, Measure, lines_behind

SHAPE = ("measure", "by")  # of the summary: what it counts and by what
YES_NO = [("yes", "да"), ("no", "нет")]
Choices = list[tuple[str, str]]

# C of the municipal service: what is still to be said, and what was.
RECORDS = [
    ("waits", "ждёт учёта"),
    ("missing", "завершено без учёта"),
    ("can", "может представить опыт"),
    ("pool", "опыт в банке"),
    ("check", "может при варианте 1: проверить"),
    ("cannot", "не может"),
    ("waived", "учёт не требуется"),
]

# Sort name → the order it stands for, without the last step that makes it unambiguous.
SORTS = {
    "name": ("person__last_name", "person__first_name", "person__patronymic"),
    "municipality": ("municipality__name", "municipality__kind"),
    "organization": ("organization__name",),
    "programme": ("programme__title",),
    "ends": ("ends_on",),
    "survey": ("survey_on",),
    "status": ("status",),
    "result": ("result",),
    "result_on": ("result_on",),
    "due": ("due_on",),
}
MAY_BE_EMPTY = frozenset({"survey", "result_on", "due"})
DEFAULT_SORT = "-ends"


class DayInput(forms.DateInput):
    """The browser's own calendar; it wants ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReferenceFilter(django_filters.Filter):
    """The number of a thing, or «none» for lines without one."""

    field_class = forms.RegexField

    def __init__(self, **options: Any) -> None:
        super().__init__(regex=rf"^(\d{{1,9}}|{NONE})$", **options)


class EntryFilter(django_filters.FilterSet):
    """Lists of choices are scoped like the rows: a list of choices leaks names."""

    name = django_filters.CharFilter(label="ФИО", method="by_name")
    school = django_filters.CharFilter(label="ОО", method="by_school")
    territory = django_filters.ChoiceFilter(label="Территория", method="by_reference", empty_label="все")
    municipality = django_filters.ChoiceFilter(label="Муниципалитет", field_name="municipality_id", empty_label="все")
    kind = django_filters.ChoiceFilter(
        label="Тип ОО", field_name="organization_kind", choices=Organization.Kind.choices, empty_label="все"
    )
    low_results = django_filters.ChoiceFilter(label="ШНОР", choices=YES_NO, method="by_flag", empty_label="все")
    programme = django_filters.ChoiceFilter(label="Программа", field_name="programme_id", empty_label="все")
    topic = django_filters.ChoiceFilter(label="Тематика", method="by_reference", empty_label="все")
    months = django_filters.ChoiceFilter(
        label="Срез", choices=Case._meta.get_field("months").choices, empty_label="все"
    )
    status = django_filters.ChoiceFilter(label="Состояние", choices=Status.choices, empty_label="все")
    result = django_filters.ChoiceFilter(label="Вариант", choices=Result.choices, empty_label="все")
    late = django_filters.ChoiceFilter(label="Срок нарушен", choices=YES_NO, method="by_late", empty_label="все")
    record = django_filters.ChoiceFilter(label="Учёт в ММС", choices=RECORDS, method="by_record", empty_label="все")
    ends_from = django_filters.DateFilter(
        label="Окончание курса с", field_name="ends_on", lookup_expr="gte", widget=DayInput
    )
    ends_to = django_filters.DateFilter(
        label="Окончание курса по", field_name="ends_on", lookup_expr="lte", widget=DayInput
    )
    result_from = django_filters.DateFilter(
        label="Дата результата с", field_name="result_on", lookup_expr="gte", widget=DayInput
    )
    result_to = django_filters.DateFilter(
        label="Дата результата по", field_name="result_on", lookup_expr="lte", widget=DayInput
    )
    figure = django_filters.ChoiceFilter(
        label="Показатель сводки", choices=FIGURES, method="by_figure", empty_label="любой"
    )
    # Without fields on the page: links and the command line use them.
    subject = ReferenceFilter(method="by_reference", widget=forms.HiddenInput)
    position = ReferenceFilter(method="by_reference", widget=forms.HiddenInput)
    organization = django_filters.NumberFilter(field_name="organization_id", widget=forms.HiddenInput)
    course = django_filters.NumberFilter(field_name="course_id", widget=forms.HiddenInput)

    class Meta:
        model = Entry
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: EntryQuerySet, user: User | AnonymousUser) -> None:
        super().__init__(data, queryset=queryset)
        self.offer(user)

    def offer(self, user: User | AnonymousUser) -> None:
        for name, choices in scoped_choices(user, self.queryset).items():
            self.filters[name].extra["choices"] = choices

    @property
    def rows(self) -> EntryQuerySet:
        """The chosen lines; with a choice that is not among those offered, none."""
        rows: EntryQuerySet = self.qs if self.form.is_valid() else self.queryset.none()
        return rows

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """(label, value in words) of every filter in use."""
        if not self.form.is_valid():
            return []
        words = []
        for name, value in self.form.cleaned_data.items():
            if value in (None, "") or name in SHAPE:
                continue
            found = self.filters[name]
            labels = {str(code): label for code, label in found.extra.get("choices", ())}
            label = found.label if found.label else self._meta.model._meta.get_field(name).verbose_name
            words.append((str(label), labels.get(str(value), _in_words(value))))
        return words

    def by_name(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        return rows.filter(person__in=User.objects.search(value).values("pk"))

    def by_school(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        found = Organization.objects.all()
        for word in key(value).split():
            found = found.filter(name_key__contains=word)
        return rows.filter(organization__in=found.order_by().values("pk"))

    def by_reference(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        return rows.filter(**{name: None if value == NONE else int(value)})

    def by_figure(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        return lines_behind(rows, value)

    def by_flag(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        return rows.filter(**{name: value == "yes"})

    def by_record(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        match value:
            case "waits":
                return rows.filter(status=Status.FOLLOW_UP, experience="", variant__isnull=False)
            case "missing":
                return rows.unrecorded().filter(status=Status.CLOSED)
            case "check":
                return rows.filter(experience=Experience.CAN, result=Result.NONE)
            case "pool":
                in_pool = MunicipalRecord.objects.filter(in_pool=True, version=F("case__version"))
                return rows.filter(case__in=in_pool.values("case"))
        return rows.filter(experience=value)

    def by_late(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        late = rows.late_q()
        return rows.filter(late) if value == "yes" else rows.exclude(late)


# Of single lines: they have no sense for shares.
OF_LINES = frozenset({"name", "status", "result", "late", "record", "figure"})


class SummaryFilter(EntryFilter):
    """What is counted and by what, and the same filters without those of single lines.

    The observer has no filters: with two different choices he would find by subtraction what is hidden in each.
    """

    measure = django_filters.ChoiceFilter(
        label="Что считаем",
        choices=[(one.code, one.title) for one in MEASURES],
        method="as_is",
        empty_label=None,
    )
    by = django_filters.ChoiceFilter(
        label="По чему",
        choices=[(one.code, one.title) for one in BREAKDOWNS],
        method="as_is",
        empty_label=None,
    )

    def __init__(self, data: QueryDict, *, queryset: EntryQuerySet, user: User | AnonymousUser) -> None:
        self.is_coarse = isinstance(user, User) and "observer" in user.roles and "admin" not in user.roles
        super().__init__(data, queryset=queryset, user=user)

    def offer(self, user: User | AnonymousUser) -> None:
        for name in list(self.filters):
            if name in OF_LINES or (self.is_coarse and name not in SHAPE):
                del self.filters[name]
        if not self.is_coarse:
            super().offer(user)

    def as_is(self, rows: EntryQuerySet, name: str, value: str) -> EntryQuerySet:
        return rows

    shape = SHAPE

    @property
    def chosen_measure(self) -> Measure:
        return measures.BY_CODE.get(self.data.get("measure", ""), MEASURES[0])

    @property
    def chosen_breakdown(self) -> Breakdown:
        return breakdowns.BY_CODE.get(self.data.get("by", ""), BREAKDOWNS[0])


def _in_words(value: Any) -> str:
    return f"{value:%d.%m.%Y}" if hasattr(value, "strftime") else str(value)


def scoped_choices(user: User | AnonymousUser, rows: EntryQuerySet) -> dict[str, Choices]:
    """Choices of the four dropdowns: the whole dictionaries for the region (two queries), else what the rows hold."""
    municipalities = Municipality.objects.select_related("territory")
    programmes = Programme.objects.select_related("topic")
    if not (isinstance(user, User) and {"admin", "observer"} & user.roles):
        pairs = list(rows.order_by().values_list("municipality_id", "programme_id").distinct())
        municipalities = municipalities.filter(pk__in={pair[0] for pair in pairs})
        programmes = programmes.filter(pk__in={pair[1] for pair in pairs})
    places, courses = list(municipalities), list(programmes)
    return {
        "territory": [*_choices(one.territory for one in places), (NONE, "Территория не указана")],
        "municipality": _choices(places),
        "programme": _choices(courses),
        "topic": [*_choices(one.topic for one in courses), (NONE, "Тематика не указана")],
    }


def _choices(things: Iterable[models.Model | None]) -> Choices:
    found = {(str(one.pk), str(one)) for one in things if one is not None}
    return sorted(found, key=lambda choice: choice[1])


def sorted_rows(rows: EntryQuerySet, sort: str) -> EntryQuerySet:
    """In the order named in the address; the case's number last, so that pages never overlap."""
    sign, name = ("-", sort[1:]) if sort.startswith("-") else ("", sort)
    if name not in SORTS:
        return sorted_rows(rows, DEFAULT_SORT)
    columns = [F(column) for column in SORTS[name]]
    # What is not there yet stands last either way; the engines disagree when they are not told.
    late = {"nulls_last": True} if name in MAY_BE_EMPTY else {}
    ordered = [column.desc(**late) if sign else column.asc(**late) for column in columns]
    return rows.order_by(*ordered, f"{sign}case_id")
