"""Filters of the list of routes and of those who have none, kept in the address."""

from datetime import date
from functools import reduce
from operator import and_
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import QueryDict

from cabinet.core.search import key, lemmas
from cabinet.structure.models import Municipality, Subject
from cabinet.users.models import User
from iom.models import Route, RouteQuerySet, RouteWord, Status
from iom.services.overview import TURNS, late_q, waiting_for

SORTS = {
    "due": "due_on",
    "person": "person__name_key",
    "organization": "organization__name_key",
    "ends": "ends_on",
    "status": "status_since",
}
DEFAULT_SORT = "due"
WIDE = frozenset({"admin", "regional", "mentor"})  # they see more than one municipality
WIDER_THAN_SCHOOL = WIDE | {"municipal"}
LONGEST = 200  # a search, not a text: every word is looked for by itself
MINE = ("mine", "мой")


class DayInput(forms.DateInput):
    """The browser's own calendar; it wants ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PlaceFilter(django_filters.FilterSet):
    """What both lists share; places are offered only to those who see more than one of them."""

    subject = django_filters.ModelChoiceFilter(
        label="Предмет", queryset=Subject.objects.order_by("name"), empty_label="любой"
    )
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет",
        field_name="organization__municipality",
        queryset=Municipality.objects.order_by("name"),
        empty_label="любой",
    )
    school = django_filters.CharFilter(label="Организация", method="by_school", max_length=LONGEST)

    class Meta:
        model = Route
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: Any, user: User) -> None:
        super().__init__(data, queryset=queryset)
        self.user = user
        if not user.roles & WIDE:
            self.filters.pop("municipality")
        if not user.roles & WIDER_THAN_SCHOOL:
            self.filters.pop("school")

    def by_school(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        return rows.filter(organization__name_key__contains=key(value))

    @property
    def rows(self) -> Any:
        """The chosen rows; with a choice that is not among those offered, none."""
        return self.qs if self.form.is_valid() else self.queryset.none()

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What was chosen, in words, for the sheet that tells about the file."""
        found = []
        for name, value in (self.form.cleaned_data if self.form.is_valid() else {}).items():
            if value in (None, ""):
                continue
            field = self.form.fields[name]
            words = dict(getattr(field, "choices", ())).get(value, value) if isinstance(value, str) else value
            found.append((str(field.label), f"{words:%d.%m.%Y}" if isinstance(words, date) else str(words)))
        return found


class RouteFilter(PlaceFilter):
    q = django_filters.CharFilter(label="Слова маршрута, ФИО или организация", method="search", max_length=LONGEST)
    status = django_filters.ChoiceFilter(label="Состояние", choices=Status, empty_label="любое")
    turn = django_filters.ChoiceFilter(
        label="Чей ход",
        choices=[MINE, *((code, words) for code, (words, _) in TURNS.items())],
        method="by_turn",
        empty_label="любой",
    )
    outside = django_filters.ChoiceFilter(
        label="Где ведётся",
        choices=[("no", "в кабинете"), ("yes", "вне кабинета")],
        method="by_place",
        empty_label="неважно",
    )
    since = django_filters.DateFilter(label="Действует с", field_name="ends_on", lookup_expr="gte", widget=DayInput)
    until = django_filters.DateFilter(label="Действует по", field_name="starts_on", lookup_expr="lte", widget=DayInput)
    late = django_filters.ChoiceFilter(
        label="Срок", choices=[("true", "только просроченные")], method="only_late", empty_label="любой"
    )

    field_order = ("q", "status", "turn", "subject", "municipality", "school", "outside", "since", "until", "late")

    def __init__(self, data: QueryDict, *, queryset: RouteQuerySet, user: User) -> None:
        super().__init__(data, queryset=queryset, user=user)
        for one in self.field_order:
            if one in self.filters:
                self.filters.move_to_end(one)

    def filter_queryset(self, queryset: RouteQuerySet) -> "QuerySet[Route]":
        """The archive is shown to those who ask for it."""
        rows: QuerySet[Route] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.exclude(status=Status.ARCHIVED)

    def search(self, routes: RouteQuerySet, name: str, value: str) -> RouteQuerySet:
        """Every word is of the route, in whatever form, or begins a part of the name, as the person is called today."""
        for word in value.split():
            # Asked of each route in turn: whoever sees twenty of them does not wait for the whole region's words.
            words = [
                Q(Exists(RouteWord.objects.filter(route=OuterRef("pk"), word__startswith=one))) for one in lemmas(word)
            ]
            if words:
                people = User.objects.search(word).order_by().values("pk")
                routes = routes.filter(reduce(and_, words) | Q(person__in=people))
        return routes

    def by_turn(self, routes: RouteQuerySet, name: str, value: str) -> RouteQuerySet:
        return routes.filter(waiting_for(self.user) if value == MINE[0] else TURNS[value][1])

    def by_place(self, routes: RouteQuerySet, name: str, value: str) -> RouteQuerySet:
        return routes.filter(is_outside=value == "yes")

    def only_late(self, routes: RouteQuerySet, name: str, value: str) -> RouteQuerySet:
        return routes.filter(late_q())


class WithoutFilter(PlaceFilter):
    """Of people who have no route."""

    q = django_filters.CharFilter(label="ФИО или организация", method="search", max_length=LONGEST)

    def search(self, people: "QuerySet[User]", name: str, value: str) -> "QuerySet[User]":
        named = User.objects.search(value).order_by().values("pk")
        return people.filter(Q(pk__in=named) | Q(organization__name_key__contains=key(value)))


def sorted_routes(routes: "QuerySet[Route]", sort: str) -> "QuerySet[Route]":
    """By a column of the table; what has no date stands last."""
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        return sorted_routes(routes, DEFAULT_SORT)
    by = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return routes.order_by(by, "pk")
