"""Filters and order of the directory of people, kept in the address."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import QueryDict

from cabinet.core.search import key
from cabinet.home.services.people import municipalities_for
from cabinet.structure.models import Community, Municipality, Organization, Position, Subject
from cabinet.users.models import CommunityMember, Membership, Role, User, UserQuerySet

LONGEST = 200  # a search, not a text
NO_ROLE = "none"
STATES = [
    ("login", "есть вход"),
    ("no_login", "входа нет"),
    ("never", "вход открыт, ещё не входили"),
    ("no_address", "нет адреса почты"),
    ("inactive", "больше не работают"),
    ("former", "меняли фамилию"),
]
# By folded names: ё stands where е does, on both engines.
ORDERS = {
    "name": ("name_key", "pk"),
    "organization": ("organization__name_key", "name_key", "pk"),
    "seen": (F("last_login").asc(nulls_first=True), "pk"),
}
REVERSED = {
    "name": ("-name_key", "-pk"),
    "organization": ("-organization__name_key", "name_key", "pk"),
    "seen": (F("last_login").desc(nulls_last=True), "pk"),
}


class PersonFilter(django_filters.FilterSet):
    """Choices are those of the reader's scope; roles and communities are asked by subqueries, a join repeats people."""

    q = django_filters.CharFilter(label="Фамилия, имя, отчество", method="search", max_length=LONGEST)
    place = django_filters.CharFilter(label="Слова из названия организации", method="by_place", max_length=LONGEST)
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет",
        queryset=Municipality.objects.none(),
        field_name="organization__municipality",
        empty_label="любой",
    )
    position = django_filters.ModelChoiceFilter(
        label="Должность", queryset=Position.objects.order_by("name"), empty_label="любая"
    )
    subject = django_filters.ModelChoiceFilter(
        label="Предмет", queryset=Subject.objects.order_by("name"), empty_label="любой"
    )
    role = django_filters.ChoiceFilter(
        label="Роль", choices=[*Role.choices, (NO_ROLE, "только педагог")], method="by_role", empty_label="любая"
    )
    community = django_filters.ModelChoiceFilter(
        label="Сообщество", queryset=Community.objects.none(), method="by_community", empty_label="любое"
    )
    state = django_filters.ChoiceFilter(
        label="Вход и связь", choices=STATES, method="by_state", empty_label="все, кто работает"
    )
    organization = django_filters.ModelChoiceFilter(
        label="Организация", queryset=Organization.objects.none(), widget=forms.HiddenInput
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: UserQuerySet, user: User) -> None:
        super().__init__(data, queryset=queryset)
        self.reader = user
        places = municipalities_for(user)
        if "admin" in user.roles or len(user.own_municipalities) > 1:
            self.filters["municipality"].queryset = places
        else:
            self.filters.pop("municipality")
        self.filters["community"].queryset = Community.objects.visible_to(user).acting().order_by("name")
        own = queryset.order_by().values("organization")
        # The admin's are all: there is nothing to look for among thirty thousand cards.
        near = Organization.objects.all() if "admin" in user.roles else Organization.objects.filter(pk__in=own)
        self.filters["organization"].queryset = near

    @property
    def rows(self) -> Any:
        """The chosen people; with a choice that is not among those offered, none."""
        return self.qs if self.form.is_valid() else self.queryset.none()

    @property
    def narrowed(self) -> int:
        """How many conditions of the folding panel are set: the name stands above it."""
        return sum(bool(self.data.get(name)) for name in self.form.fields if name not in ("q", "organization"))

    @property
    def who_left(self) -> int:
        """How many there are under the same conditions among those who work no more, while others are shown."""
        if not self.form.is_valid() or self.form.cleaned_data.get("state"):
            return 0
        data = self.data.copy()
        data["state"] = "inactive"
        return int(PersonFilter(data, queryset=self.queryset, user=self.reader).rows.count())

    @property
    def place_chosen(self) -> Organization | None:
        chosen: Organization | None = self.form.cleaned_data.get("organization") if self.form.is_valid() else None
        return chosen

    def filter_queryset(self, queryset: UserQuerySet) -> "QuerySet[User]":
        people: QuerySet[User] = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("state") == "inactive":
            return people.filter(is_active=False, merged_into=None)
        # A merged card is never active: saying it twice would only lead the database to the wrong index.
        return people.filter(is_active=True)

    def search(self, people: UserQuerySet, name: str, value: str) -> UserQuerySet:
        return people.search(value)

    def by_place(self, people: UserQuerySet, name: str, value: str) -> UserQuerySet:
        found = Organization.objects.order_by()
        for word in key(value).split():
            found = found.filter(name_key__contains=word)
        return people.filter(organization__in=found.values("pk"))

    def by_role(self, people: UserQuerySet, name: str, value: str) -> UserQuerySet:
        held = Membership.objects.active().filter(user=OuterRef("pk"))
        if value == NO_ROLE:
            return people.filter(~Exists(held), is_superuser=False)
        return people.filter(pk__in=Membership.objects.active().filter(role=value).order_by().values("user"))

    def by_community(self, people: UserQuerySet, name: str, value: Community) -> UserQuerySet:
        """Only those whose belonging there the reader may see."""
        members = CommunityMember.objects.visible_to(self.reader).active().filter(community=value)
        return people.filter(pk__in=members.order_by().values("person"))

    def by_state(self, people: UserQuerySet, name: str, value: str) -> UserQuerySet:
        conditions: dict[str, Q] = {
            "login": Q(email__isnull=False),
            "no_login": Q(email=None),
            "never": Q(email__isnull=False, last_login=None),
            "no_address": Q(email=None, contact_email=None),
            "former": ~Q(former_key=""),
        }
        return people.filter(conditions[value]) if value in conditions else people


def sorted_people(people: Any, order: str) -> Any:
    """By `sort` of the address: a name of ORDERS, with «-» the other way round."""
    chosen = (REVERSED if order.startswith("-") else ORDERS).get(order.lstrip("-"))
    return people.order_by(*(chosen or ORDERS["name"]))
