"""Filters of the gathering pages, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from cabinet.core.search import fold, key
from cabinet.home.services.merging_search import LIKELY
from cabinet.structure.models import Municipality
from cabinet.users.models import OrganizationPair, PersonPair

ALIKE = [("much", "очень похожи"), ("some", "возможно")]
STATES = [("different", "признаны разными")]


class PairFilter(django_filters.FilterSet):
    """Municipality, likeness, and whether somebody has said that the two differ; open pairs unless asked."""

    place = "municipality"

    q = django_filters.CharFilter(label="Название", method="search")
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет", queryset=Municipality.objects.all(), method="by_municipality", empty_label="все"
    )
    alike = django_filters.ChoiceFilter(label="Похожи", choices=ALIKE, method="by_weight", empty_label="все")
    state = django_filters.ChoiceFilter(label="Решение", choices=STATES, method="by_state", empty_label="ждут решения")

    @property
    def qs(self) -> "QuerySet[Any]":
        pairs = super().qs
        return pairs if self.form.cleaned_data.get("state") else pairs.undecided()

    def search(self, pairs: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        for word in key(value).split():
            pairs = pairs.filter(Q(first__name_key__contains=word) | Q(second__name_key__contains=word))
        return pairs

    def by_municipality(self, pairs: "QuerySet[Any]", name: str, value: Municipality) -> "QuerySet[Any]":
        return pairs.filter(Q(**{f"first__{self.place}": value}) | Q(**{f"second__{self.place}": value}))

    def by_weight(self, pairs: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        return pairs.filter(weight__gte=LIKELY) if value == "much" else pairs.filter(weight__lt=LIKELY)

    def by_state(self, pairs: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        return pairs.exclude(different_at=None)


class PersonPairFilter(PairFilter):
    place = "organization__municipality"

    q = django_filters.CharFilter(label="ФИО", method="search")

    class Meta:
        model = PersonPair
        fields: list[str] = []

    def search(self, pairs: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        for word in fold(value).split():
            pairs = pairs.filter(Q(first__name_key__contains=word) | Q(second__name_key__contains=word))
        return pairs


class OrganizationPairFilter(PairFilter):
    class Meta:
        model = OrganizationPair
        fields: list[str] = []
