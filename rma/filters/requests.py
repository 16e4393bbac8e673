"""The list of requests: tabs by the reader's side, conditions in the address."""

import re
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from cabinet.core.search import fold, key
from cabinet.structure.models import Municipality
from cabinet.users.models import User
from rma.models import Request, RequestQuerySet

PAST = "past"
VIEWS = {"answer": "Ответить", "do": "Провести", "asked": "Я прошу", "all": "Все", PAST: "Завершённые"}
EVERY = "any"
LONGEST = 200  # a search, not a text
STATUSES = [(EVERY, "Любое"), *Request.Status.choices]


def side_of(view: str, user: User) -> Q:
    """Rows of a tab: whose turn is the reader's, what he has promised, what he asked for, what is over."""
    status = Request.Status
    return {
        "answer": Q(member__user=user, status=status.SENT) | Q(author=user, status=status.PROPOSED),
        "do": Q(member__user=user, status=status.ACCEPTED),
        "asked": Q(author=user),
        PAST: ~Q(status__in=Request.LIVE),
    }.get(view, Q())


def counts_of(rows: RequestQuerySet, user: User) -> dict[str, int]:
    """How many requests each tab has, by one query; only the last counts those that are over."""
    live = Q(status__in=Request.LIVE)
    of_tab = {view: side_of(view, user) if view == PAST else live & side_of(view, user) for view in VIEWS}
    found: dict[str, int] = rows.order_by().aggregate(
        **{f"in_{view}": Count("pk", filter=rule) for view, rule in of_tab.items()}
    )
    return {view: found[f"in_{view}"] for view in VIEWS}


def alike(text: str) -> str:
    """A pattern for the words of a text as people write them: SQLite's own LIKE knows neither Cyrillic nor «ё»."""
    return re.escape(fold(text)).replace("е", "[её]").replace(r"\ ", r"\s+")


class RequestFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Педагог, организация или тема", method="search", max_length=LONGEST)
    member = django_filters.CharFilter(label="Методист РМА", method="by_member", max_length=LONGEST)
    kind = django_filters.ChoiceFilter(label="Вид", choices=Request.Kind, empty_label="Любой")
    status = django_filters.ChoiceFilter(
        label="Состояние", choices=STATUSES, method="by_status", empty_label="Открытые"
    )
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет",
        queryset=Municipality.objects.all(),
        field_name="organization__municipality",
        empty_label="Любой",
    )
    overdue = django_filters.ChoiceFilter(
        label="Срок", choices=[("yes", "только просроченные")], method="only_overdue", empty_label="Любой"
    )
    low_results = django_filters.ChoiceFilter(
        label="ШНОР", choices=[("yes", "только ШНОР")], method="only_low_results", empty_label="Любые организации"
    )

    class Meta:
        model = Request
        fields: list[str] = []

    request: HttpRequest

    def __init__(self, *args: Any, is_past: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_past = is_past
        # A list of choices leaks names: only who serves several municipalities chooses among them.
        if "admin" not in getattr(self.request.user, "roles", frozenset()):
            del self.filters["municipality"]
        if is_past:
            self.filters["status"].extra["empty_label"] = "Любое"

    def filter_queryset(self, queryset: "QuerySet[Request]") -> "QuerySet[Request]":
        queryset = super().filter_queryset(queryset)
        if not self.is_past and not self.form.cleaned_data.get("status"):
            queryset = queryset.filter(status__in=Request.LIVE)
            return queryset.order_by("due_on", "pk")
        return queryset.order_by("-created_at", "-pk")

    def search(self, rows: RequestQuerySet, name: str, value: str) -> RequestQuerySet:
        people = User.objects.search(value).order_by().values("pk")
        found = Q(person__in=people) | Q(topic__iregex=alike(value))
        if words := key(value):
            found |= Q(organization__name_key__contains=words)
        return rows.filter(found)

    def by_member(self, rows: RequestQuerySet, name: str, value: str) -> RequestQuerySet:
        return rows.filter(member__user__in=User.objects.search(value).order_by().values("pk"))

    def by_status(self, rows: RequestQuerySet, name: str, value: str) -> RequestQuerySet:
        return rows if value == EVERY else rows.filter(status=value)

    def only_overdue(self, rows: RequestQuerySet, name: str, value: str) -> RequestQuerySet:
        return rows.overdue()

    def only_low_results(self, rows: RequestQuerySet, name: str, value: str) -> RequestQuerySet:
        return rows.filter(organization__low_results=True)
