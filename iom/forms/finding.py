"""Finding the teachers who get an assignment: by name, organization, subject, words of the route."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from cabinet.structure.models import Organization, Subject
from cabinet.users.models import User
from iom.models import Route, RouteQuerySet

SHOWN = 50  # teachers to tick; the others are found by a narrower search
MOST = 300  # ticked by one button


class FindForm(forms.Form):
    """Part of the form of giving, so that a search loses nothing of what is typed; what is wrong finds nothing."""

    find_name = forms.CharField(label="ФИО", required=False, max_length=100)
    find_organization = forms.ModelChoiceField(
        label="Организация", queryset=Organization.objects.none(), required=False, empty_label="любая"
    )
    find_subject = forms.ModelChoiceField(
        label="Предмет", queryset=Subject.objects.none(), required=False, empty_label="любой"
    )
    find_words = forms.CharField(
        label="Слова из дефицита или цели",
        required=False,
        max_length=100,
        help_text="Например: оценивание",
    )

    def __init__(self, data: Any, *, routes: RouteQuerySet) -> None:
        super().__init__(data)
        self.routes = routes
        self._offer("find_organization", Organization, "organization")
        self._offer("find_subject", Subject, "subject")
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]  # a search needs no «необязательно»

    def _offer(self, name: str, model: type[Organization] | type[Subject], column: str) -> None:
        """Only what these routes have; a choice of one is none."""
        rows = model._default_manager.filter(pk__in=self.routes.order_by().values(column)).order_by("name")
        offered = list(rows)
        if len(offered) < 2:
            del self.fields[name]
            return
        field: Any = self.fields[name]
        field.queryset = rows
        field.choices = [("", field.empty_label), *((one.pk, str(one)) for one in offered)]

    @property
    def found(self) -> QuerySet[Route]:
        if not self.is_valid():
            return self.routes.none()
        data, rows = self.cleaned_data, self.routes
        if data["find_name"]:
            rows = rows.filter(person__in=User.objects.search(data["find_name"]).order_by().values("pk"))
        if data.get("find_organization"):
            rows = rows.filter(organization=data["find_organization"])
        if data.get("find_subject"):
            rows = rows.filter(subject=data["find_subject"])
        return rows.search(data["find_words"]) if data["find_words"] else rows

    def sides(self, ticked: Iterable[int]) -> "People":
        chosen = list(self.routes.filter(pk__in=list(ticked)))
        taken = {one.pk for one in chosen}
        return People(chosen, list(self.found.exclude(pk__in=taken)[: SHOWN + 1]))


class People:
    """Who gets the assignment, and who else was found."""

    def __init__(self, chosen: list[Route], others: list[Route]) -> None:
        self.chosen, self.others = chosen, others[:SHOWN]
        self.hides_some = len(others) > SHOWN
