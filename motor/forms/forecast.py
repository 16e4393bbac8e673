"""Forms of the load forecast: what to look at, and what to move."""

from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.core.clock import today
from cabinet.core.search import key
from cabinet.structure.models import Municipality, Organization
from cabinet.users.models import User
from motor.models import CaseQuerySet
from motor.services.forecast import answering_in
from motor.services.opening import monday_of
from motor.services.replanning import Wish

AHEAD = 30  # weeks that can be chosen: over the summer into the autumn


def week_choices() -> list[tuple[str, str]]:
    first = monday_of(today())
    mondays = [first + timedelta(weeks=number) for number in range(AHEAD)]
    return [(day.isoformat(), f"{day:%d.%m} – {day + timedelta(days=6):%d.%m.%Y}") for day in mondays]


class ForecastFilterForm(forms.Form):
    person = forms.CharField(label="Ответственный", required=False, max_length=100)
    organization = forms.CharField(label="Организация", required=False, max_length=200)
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label="Муниципалитет", required=False, empty_label="Все"
    )
    over = forms.ChoiceField(label="Нагрузка", choices=[("", "любая"), ("yes", "только перегруженные")], required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "admin" in user.roles:
            self.fields["municipality"].queryset = Municipality.objects.all()  # type: ignore[attr-defined]
        else:
            del self.fields["municipality"]
        self.is_valid()

    def narrow(self, cases: CaseQuerySet) -> CaseQuerySet:
        if words := self.cleaned_data.get("organization"):
            cases = cases.filter(organization__name_key__contains=key(words))
        if place := self.cleaned_data.get("municipality"):
            cases = cases.filter(organization__municipality=place)
        return cases


class MoveForm(forms.Form):
    """Whose openings, of which week, and where to. The choices are those of the reader's scope."""

    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label="Муниципалитет", required=False, empty_label="Любой"
    )
    responsible = forms.ModelChoiceField(
        User.objects.none(), label="Ответственный", required=False, empty_label="Любой"
    )
    organization = forms.ModelChoiceField(
        Organization.objects.none(), label="Организация", required=False, empty_label="Любая"
    )
    since = forms.TypedChoiceField(label="Неделя", coerce=date.fromisoformat)
    how = forms.ChoiceField(
        label="Что сделать?",
        choices=[
            ("week", "Перенести карты этой недели на другую"),
            ("limit", "С этой недели открывать не больше N карт в неделю, остальные — позже"),
        ],
        widget=forms.RadioSelect,
        initial="limit",
    )
    to = forms.TypedChoiceField(label="На какую неделю", coerce=date.fromisoformat, required=False, empty_value=None)
    per_week = forms.IntegerField(label="Не больше карт в неделю", min_value=1, max_value=100, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = FormHelper()
        self.helper.form_tag = False
        weeks = week_choices()
        self.fields["since"].choices = weeks  # type: ignore[attr-defined]
        self.fields["to"].choices = [("", "Выберите"), *weeks]  # type: ignore[attr-defined]
        for name in ("municipality", "responsible", "organization", "to", "per_week"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]  # one of them is needed
        self._scope()

    def _scope(self) -> None:
        """Organizations and people of one municipality at a time: a list of the whole region helps nobody."""
        places = Municipality.objects.all()
        if "admin" not in self.user.roles:
            own = [one.municipality_id for one in self.user.active_memberships if one.municipality_id]
            places = places.filter(pk__in=own)
        here = places
        if place := self._typed("municipality"):
            here = places.filter(pk=place)
        organizations = Organization.objects.filter(municipality__in=here)
        people = User.objects.filter(pk__in=answering_in(here))
        if "admin" in self.user.roles and not place:
            for name in ("organization", "responsible"):
                self.fields[name].help_text = "Чтобы выбрать из списка, сначала покажите муниципалитет."
            organizations = organizations.filter(pk=self._typed("organization"))
            people = people.filter(pk=self._typed("responsible"))
        self.fields["municipality"].queryset = places  # type: ignore[attr-defined]
        self.fields["organization"].queryset = organizations  # type: ignore[attr-defined]
        self.fields["responsible"].queryset = people  # type: ignore[attr-defined]

    def _typed(self, name: str) -> int:
        text = str(self.data.get(name) or self.initial.get(name) or "")
        return int(text) if text.isdecimal() and len(text) < 12 else 0

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("municipality", "responsible", "organization")):
            self.add_error(None, "Выберите муниципалитет, ответственного или организацию.")
        if data.get("how") == "week" and not data.get("to"):
            self.add_error("to", "Выберите неделю, на которую перенести карты.")
        if data.get("how") == "week" and data.get("to") and data["to"] == data.get("since"):
            self.add_error("to", "Это та же неделя: выберите другую.")
        if data.get("how") == "limit" and not data.get("per_week") and "per_week" not in self.errors:
            self.add_error("per_week", "Напишите, сколько карт в неделю открывать.")
        return data

    @property
    def wish(self) -> Wish:
        data = self.cleaned_data
        by_week = data["how"] == "week"
        return Wish(
            since=data["since"],
            to=data["to"] if by_week else None,
            per_week=None if by_week else data["per_week"],
            organization=data["organization"],
            responsible=data["responsible"],
            municipality_id=data["municipality"].pk if data["municipality"] else None,
        )
