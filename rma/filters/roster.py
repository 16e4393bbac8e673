"""Filters of the roster, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.http import QueryDict

from cabinet.core.clock import today
from cabinet.core.search import key
from cabinet.structure.models import Municipality, Subject
from cabinet.users.models import User
from rma.models import Direction, Function, Indicator, Member, MemberQuerySet, MemberRole

LONGEST = 200  # a search, not a text
NOWHERE = "none"  # «Территория не указана»
ANY = "any"
ALL_MET = "nothing"
KEEPERS = frozenset({"admin", "municipal"})  # the others see only those who act


class MemberFilter(django_filters.FilterSet):
    """Many-to-many sides are asked by subqueries: a join would repeat a member and spoil the count of requests."""

    q = django_filters.CharFilter(label="ФИО или организация", method="search", max_length=LONGEST)
    territory = django_filters.ChoiceFilter(label="Территория", method="by_territory", empty_label="любая")
    municipality = django_filters.ChoiceFilter(label="Муниципалитет", method="by_municipality", empty_label="любой")
    subject = django_filters.ChoiceFilter(label="Предмет", method="by_link", empty_label="любой")
    role = django_filters.ChoiceFilter(label="Роль", method="by_link", empty_label="любая")
    function = django_filters.ChoiceFilter(label="Функция", method="by_link", empty_label="любая")
    direction = django_filters.ChoiceFilter(label="Направление", method="by_link", empty_label="любое")
    status = django_filters.ChoiceFilter(
        label="Состояние",
        choices=[one for one in Member.Status.choices if one[0] != Member.Status.ACTIVE] + [(ANY, "любое")],
        method="by_status",
        empty_label="действует",
    )
    free = django_filters.ChoiceFilter(
        label="Загрузка", choices=[("yes", "есть свободное место")], method="only_free", empty_label="любая"
    )
    lacks = django_filters.ChoiceFilter(
        label="Формальные показатели",
        choices=[*((code, f"нет {words}") for code, words in Indicator.LACKS.items()), (ALL_MET, "есть все четыре")],
        method="by_indicators",
        empty_label="любые",
    )

    class Meta:
        model = Member
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: MemberQuerySet, user: User) -> None:
        query = data.copy()
        if query.get("status") == Member.Status.ACTIVE:
            query.pop("status")  # those who act are shown without asking
        super().__init__(query, queryset=queryset)
        if not user.roles & KEEPERS:
            self.filters.pop("status")
        for name, choices in offered().items():
            self.filters[name].extra["choices"] = choices

    def filter_queryset(self, queryset: MemberQuerySet) -> "QuerySet[Member]":
        rows: QuerySet[Member] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.filter(status=Member.Status.ACTIVE)

    @property
    def rows(self) -> Any:
        """The chosen rows; with a choice that is not among those offered, none."""
        return self.qs if self.form.is_valid() else self.queryset.none()

    def search(self, members: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        """The beginnings of the names, or a part of the organization's."""
        named = Q(user__in=User.objects.search(value).order_by().values("pk"))
        return members.filter(named | Q(user__organization__name_key__contains=key(value)))

    def by_territory(self, members: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        territory = None if value == NOWHERE else int(value)
        return members.filter(user__organization__municipality__territory=territory)

    def by_municipality(self, members: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        return members.filter(user__organization__municipality=int(value))

    def by_link(self, members: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        return members.filter(pk__in=Member.objects.filter(**{f"{name}s": int(value)}).order_by().values("pk"))

    def by_status(self, members: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        return members if value == ANY else members.filter(status=value)

    def only_free(self, members: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        return members.with_load().filter(load__lt=F("case_limit"))  # type: ignore[misc]

    def by_indicators(self, members: MemberQuerySet, name: str, value: str) -> MemberQuerySet:
        if value != ALL_MET:
            return members.filter(~is_met(value))
        return members.filter(*(is_met(kind) for kind in Indicator.Kind.values))


def is_met(kind: str) -> Exists:
    return Exists(Indicator.objects.met(kind, today(), OuterRef("pk")))


def offered() -> dict[str, list[tuple[str, str]]]:
    """Filter → its choices, in three queries: places, subjects, the three dictionaries of РМА."""
    places = list(Municipality.objects.select_related("territory").order_by("name", "kind"))
    territories = sorted({(str(one.territory_id), one.territory.name) for one in places if one.territory}, key=by_name)
    words: dict[str, list[tuple[str, str]]] = {"role": [], "function": [], "direction": []}
    rows = [
        model._default_manager.order_by().values_list(Value(name), "order", "pk", "short")
        for name, model in (("role", MemberRole), ("function", Function), ("direction", Direction))
    ]
    for name, _, pk, short in sorted(rows[0].union(*rows[1:], all=True)):
        words[name].append((str(pk), short))
    return words | {
        "territory": [*territories, (NOWHERE, "территория не указана")],
        "municipality": [(str(one.pk), str(one)) for one in places],
        "subject": [(str(pk), name) for pk, name in Subject.objects.order_by("name").values_list("pk", "name")],
    }


def by_name(choice: tuple[str, str]) -> str:
    return choice[1]


def sorted_members(members: MemberQuerySet, sort: str) -> MemberQuerySet:
    """By a column of the table; what is not asked for is not counted."""
    column, is_down = sort.removeprefix("-"), sort.startswith("-")
    if column == "load":
        members = members if "load" in members.query.annotations else members.with_load()
    elif column == "met":
        members = members.with_indicators(today())
    else:
        column = "user__name_key"
    by = F(column).desc() if is_down else F(column).asc()
    return members.order_by(by, "user__name_key", "pk")
