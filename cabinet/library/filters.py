"""Filters of the library, kept in the address."""

from typing import Any

import django_filters
from django import forms
from django.http import QueryDict

from cabinet.core.search import LONGEST
from cabinet.library.models import Material, MaterialQuerySet
from cabinet.structure.models import Community, Subject, Topic
from cabinet.users.models import User

SORTS = {"new": "сначала новые", "title": "по названию", "use": "чаще используют"}
FIT = {"fit": "сначала подходящие"}


class MaterialFilter(django_filters.FilterSet):
    """Over what is published."""

    q = django_filters.CharFilter(
        label="Что ищете",
        method="search",
        max_length=LONGEST,
        widget=forms.TextInput({"type": "search"}),
    )
    kind = django_filters.ChoiceFilter(label="Вид", choices=Material.Kind.choices, empty_label="любой")
    topic = django_filters.ChoiceFilter(label="Тематика", empty_label="любая")
    subject = django_filters.ChoiceFilter(label="Предмет", method="by_subject", empty_label="любой")
    level = django_filters.ChoiceFilter(label="Уровень", choices=Material.Level.choices, empty_label="любой")
    licence = django_filters.ChoiceFilter(
        label="Условия использования", choices=Material.Licence.choices, empty_label="любые"
    )
    community = django_filters.ChoiceFilter(label="Сообщество", empty_label="любое")

    class Meta:
        model = Material
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, queryset: MaterialQuerySet, user: User) -> None:
        super().__init__(data, queryset=queryset)
        self.user = user
        for name, choices in offered(user).items():
            self.filters[name].extra["choices"] = choices

    @property
    def rows(self) -> Any:
        """The chosen rows; with a choice that is not among those offered, none."""
        return self.qs if self.form.is_valid() else self.queryset.none()

    @property
    def is_narrowed(self) -> bool:
        """By anything besides the words, which stand beside the panel."""
        return any(self.data.get(name) for name in self.filters if name != "q")

    def search(self, materials: MaterialQuerySet, name: str, value: str) -> MaterialQuerySet:
        return materials.search(value, self.user)

    def by_subject(self, materials: MaterialQuerySet, name: str, value: str) -> MaterialQuerySet:
        """By a subquery: a join would repeat rows."""
        through = Material.subjects.through.objects.filter(subject=int(value)).values("material")
        return materials.filter(pk__in=through)


def offered(user: User) -> dict[str, list[tuple[str, str]]]:
    """Filter → its choices: only what some published material has, and of communities those the reader may see."""
    rows = Material.objects.published().order_by()
    topics = Topic.objects.filter(pk__in=rows.values("topic"))
    through = Material.subjects.through.objects.filter(material__state=Material.State.PUBLISHED)
    subjects = Subject.objects.filter(pk__in=through.values("subject"))
    communities = Community.objects.visible_to(user).filter(pk__in=rows.values("community"))
    return {
        name: [(str(pk), title) for pk, title in found.order_by("name").values_list("pk", "name")]
        for name, found in {"topic": topics, "subject": subjects, "community": communities}.items()
    }
