"""Filters of the list of courses, kept in the address."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from cabinet.core.clock import today
from cabinet.core.search import key
from cabinet.courses.models import Completion, Course, Programme
from cabinet.users.models import User

WHEN = [("running", "идут сейчас"), ("ended", "закончились"), ("ahead", "впереди")]
TRACKED = [("yes", "отслеживаются"), ("no", "не отслеживаются")]
TOPICS = [("with", "указана"), ("all", "любая")]


class DayInput(forms.DateInput):
    """The browser's own calendar; it wants ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CourseFilter(django_filters.FilterSet):
    programme = django_filters.CharFilter(label="Программа", method="by_programme")
    when = django_filters.ChoiceFilter(label="Когда", choices=WHEN, method="by_time", empty_label="все")
    tracked = django_filters.ChoiceFilter(label="МОТОР", choices=TRACKED, method="by_tracking", empty_label="все")
    since = django_filters.DateFilter(
        label="Окончание не раньше", field_name="ends_on", lookup_expr="gte", widget=DayInput()
    )
    until = django_filters.DateFilter(
        label="Окончание не позже", field_name="ends_on", lookup_expr="lte", widget=DayInput()
    )

    class Meta:
        model = Course
        fields: list[str] = []

    def by_programme(self, courses: "QuerySet[Course]", name: str, value: str) -> "QuerySet[Course]":
        """Every typed word occurs in the title, whatever its case; ё and quotes do not matter."""
        for word in key(value).split():
            courses = courses.filter(programme__title_key__contains=word)
        return courses

    def by_time(self, courses: "QuerySet[Course]", name: str, value: str) -> "QuerySet[Course]":
        day = today()
        if value == "ended":
            return courses.filter(ends_on__lt=day)
        if value == "ahead":
            return courses.filter(starts_on__gt=day)
        return courses.filter(ends_on__gte=day).exclude(starts_on__gt=day)

    def by_tracking(self, courses: "QuerySet[Course]", name: str, value: str) -> "QuerySet[Course]":
        tracked: dict[str, Any] = {"is_tracked": True, "programme__is_tracked": True}
        return courses.filter(**tracked) if value == "yes" else courses.exclude(**tracked)


class CompletionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="ФИО или организация", method="search")

    class Meta:
        model = Completion
        fields: list[str] = []

    def search(self, completions: "QuerySet[Completion]", name: str, value: str) -> "QuerySet[Completion]":
        people = User.objects.search(value).values("pk")
        return completions.filter(person__in=people) | completions.filter(organization__name_key__contains=key(value))


class ProgrammeFilter(django_filters.FilterSet):
    """Programmes without a topic, unless others are asked for."""

    q = django_filters.CharFilter(label="Программа", method="by_title")
    topic = django_filters.ChoiceFilter(label="Тематика", choices=TOPICS, method="by_topic", empty_label="не указана")

    class Meta:
        model = Programme
        fields: list[str] = []

    @property
    def qs(self) -> "QuerySet[Programme]":
        programmes: QuerySet[Programme] = super().qs
        return programmes if self.form.cleaned_data.get("topic") else programmes.filter(topic=None)

    def by_title(self, programmes: "QuerySet[Programme]", name: str, value: str) -> "QuerySet[Programme]":
        for word in key(value).split():
            programmes = programmes.filter(title_key__contains=word)
        return programmes

    def by_topic(self, programmes: "QuerySet[Programme]", name: str, value: str) -> "QuerySet[Programme]":
        return programmes.exclude(topic=None) if value == "with" else programmes
