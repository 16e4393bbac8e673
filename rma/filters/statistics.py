"""What the statistics are asked: by what, over which days, of which place. The address carries it."""

from typing import Any

from django import forms

from cabinet.structure.models import Municipality, Territory
from cabinet.users.models import User
from rma.forms.days import day
from rma.services import statistics
from rma.services.statistics import BY_CODE, Breakdown, Period

PLACES = ("territory", "municipality")


class StatisticsFilter(forms.Form):
    """Who sees figures without names gets whole school years of the whole region: other cuts could be subtracted."""

    by = forms.ChoiceField(label="Как разложить", required=False)
    period = forms.ChoiceField(label="За какое время", required=False)
    since = day("С какого дня")
    until = day("По какой день")
    territory = forms.ModelChoiceField(
        Territory.objects.none(), label="Территория", required=False, empty_label="весь край"
    )
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label="Муниципалитет", required=False, empty_label="все"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_coarse = statistics.is_coarse_for(user)
        self.breakdowns = statistics.breakdowns_for(user)
        self.periods = statistics.school_years() if self.is_coarse else statistics.periods()
        self.fields["by"].choices = [(one.code, one.title) for one in self.breakdowns]  # type: ignore[attr-defined]
        self.fields["period"].choices = [(one.code, one.label) for one in self.periods]  # type: ignore[attr-defined]
        if self.is_coarse:
            for name in ("since", "until"):
                del self.fields[name]
        if "admin" not in user.roles:
            for name in PLACES:
                del self.fields[name]
        else:
            self.fields["territory"].queryset = Territory.objects.all()  # type: ignore[attr-defined]
            self.fields["municipality"].queryset = Municipality.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", "Этот день раньше первого: поменяйте их местами.")
        return data

    def _value(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_valid() else None

    @property
    def breakdown(self) -> Breakdown:
        return BY_CODE.get(self._value("by") or "", self.breakdowns[0])

    @property
    def chosen_period(self) -> Period:
        """Days typed by hand go before a period of the list."""
        since, until = self._value("since"), self._value("until")
        if since or until:
            words = " ".join([f"с {since:%d.%m.%Y}"] * bool(since) + [f"по {until:%d.%m.%Y}"] * bool(until))
            return Period("own", words, since, until)
        code = self._value("period")
        return next((one for one in self.periods if one.code == code), self.periods[0])

    @property
    def place(self) -> dict[str, Any]:
        return {name: self._value(name) for name in PLACES}

    @property
    def folded(self) -> list[Any]:
        """Fields beside the two questions that stay in sight."""
        return [field for field in self if field.name not in ("by", "period")]

    @property
    def is_narrowed(self) -> bool:
        return self.chosen_period.code == "own" or any(self.place.values())

    @property
    def chosen(self) -> list[tuple[str, Any]]:
        """What is counted, in words, for the page and the file."""
        words = [("Время", self.chosen_period.label)]
        return words + [(self.fields[name].label, value) for name, value in self.place.items() if value]  # type: ignore[misc]
