"""What narrows the lists of slips and messages, and by what a link was handed over."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from cabinet.core.search import key
from cabinet.courses.models import Course
from cabinet.structure.models import Organization
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, LinkEvent

OFFERED = 300  # organizations or courses in a list; the rest are found by words


class CourseField(django_filters.fields.ModelChoiceField):
    def label_from_instance(self, obj: Course) -> str:
        return f"{obj.programme}, {obj.ends_on:%d.%m.%Y}"


class CourseFilter(django_filters.ModelChoiceFilter):
    field_class = CourseField


class SlipFilter(django_filters.FilterSet):
    """Organizations and courses offered are those of the reader's own cases: a list of choices leaks names."""

    q = django_filters.CharFilter(label="ФИО или организация", method="search")
    organization = django_filters.ModelChoiceFilter(
        label="Организация", queryset=Organization.objects.none(), empty_label="любая"
    )
    course = CourseFilter(
        label="Курс", field_name="completion__course", queryset=Course.objects.none(), empty_label="любой"
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, data: Any, queryset: CaseQuerySet) -> None:
        super().__init__(data, queryset=queryset)
        waiting = queryset.order_by()
        organizations = Organization.objects.filter(pk__in=waiting.values("organization")).order_by("name")
        courses = Course.objects.filter(pk__in=waiting.values("completion__course")).select_related("programme")
        self.filters["organization"].field.queryset = organizations
        self.filters["course"].field.queryset = courses.order_by("programme__title", "ends_on")

    def search(self, cases: "QuerySet[Case]", name: str, value: str) -> "QuerySet[Case]":
        people = User.objects.search(value).values("pk")
        return cases.filter(Q(person__in=people) | Q(organization__name_key__contains=key(value)))


class HandedForm(forms.Form):
    """«Передано: …»"""

    WAYS = [(value, label) for value, label in LinkEvent.Way.choices if value != LinkEvent.Way.SLIP]

    way = forms.ChoiceField(
        choices=WAYS,
        error_messages={
            "required": "Отметьте, как передали ссылку.",
            "invalid_choice": "Такого способа нет. Выберите один из предложенных.",
        },
    )
