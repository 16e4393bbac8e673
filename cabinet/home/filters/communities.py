"""Filters of the list of communities, kept in the address."""

from typing import Any

import django_filters
from django.db.models import Q
from django.http import QueryDict

from cabinet.structure.models import Community, CommunityQuerySet, Municipality, Subject
from cabinet.users.models import User

CLOSED = "closed"


class CommunityFilter(django_filters.FilterSet):
    """Places and subjects are offered only where the communities one sees differ in them."""

    q = django_filters.CharFilter(label="Слова названия", method="search", max_length=200)
    kind = django_filters.ChoiceFilter(label="Вид", choices=Community.Kind, empty_label="любой")
    municipality = django_filters.ChoiceFilter(label="Муниципалитет", method="by_place", empty_label="любой")
    subject = django_filters.ChoiceFilter(label="Предмет", field_name="subject", empty_label="любой")
    mine = django_filters.ChoiceFilter(
        label="Чьи", choices=[("yes", "только мои")], method="only_mine", empty_label="все"
    )
    state = django_filters.ChoiceFilter(
        label="Состояние", choices=[(CLOSED, "закрыто")], method="by_state", empty_label="действует"
    )

    class Meta:
        model = Community
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: CommunityQuerySet, user: User) -> None:
        super().__init__(data, queryset=queryset)
        self.user = user
        seen = queryset.order_by()
        near = Q(pk__in=seen.values("municipality")) | Q(organizations__communities__in=seen)
        places = Municipality.objects.filter(near).distinct().order_by("name", "kind")
        subjects = Subject.objects.filter(pk__in=seen.values("subject")).order_by("name")
        self._offer("municipality", [(str(one.pk), str(one)) for one in places])
        self._offer("subject", [(str(one.pk), str(one)) for one in subjects])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if len(choices) > 1:
            self.filters[name].extra["choices"] = choices
        else:
            self.filters.pop(name)

    def filter_queryset(self, queryset: CommunityQuerySet) -> Any:
        """Closed ones are shown to those who ask for them."""
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(is_active=True)

    @property
    def rows(self) -> Any:
        """The chosen rows; with a choice that is not among those offered, none."""
        return self.qs if self.form.is_valid() else self.queryset.none()

    def search(self, rows: CommunityQuerySet, name: str, value: str) -> CommunityQuerySet:
        return rows.search(value)

    def by_place(self, rows: CommunityQuerySet, name: str, value: str) -> CommunityQuerySet:
        return rows.filter(Q(municipality=int(value)) | Q(organization__municipality=int(value)))

    def only_mine(self, rows: CommunityQuerySet, name: str, value: str) -> CommunityQuerySet:
        return rows.filter(pk__in=self.user.communities.active().values("community"))

    def by_state(self, rows: CommunityQuerySet, name: str, value: str) -> CommunityQuerySet:
        return rows.filter(is_active=False)
