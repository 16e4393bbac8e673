"""What is asked of the indicators' page: a day and a breakdown."""

from datetime import date

from django import forms
from django.http import QueryDict

from cabinet.core.clock import add_months, today
from rma.forms.days import day
from rma.services.indicators import BREAKDOWNS, Sight

EARLIEST = date(2000, 1, 1)
MONTHS_AHEAD = 60  # a category awarded before September 2023 ends by then


class IndicatorsForm(forms.Form):
    """A reader of aggregates has no field for the day: he chooses among the days offered."""

    on = day("На день")
    by = forms.ChoiceField(label="По чему", required=False)

    def __init__(self, data: QueryDict, *, sight: Sight) -> None:
        asked = data.copy()
        if not asked.get("on"):
            asked["on"] = today().isoformat()
        super().__init__(asked)
        self.sight = sight
        self.fields["by"].choices = [(code, BREAKDOWNS[code]) for code in sight.breakdowns]  # type: ignore[attr-defined]
        if not sight.breakdowns:
            del self.fields["by"]
        if sight.is_coarse:
            del self.fields["on"]

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on and not EARLIEST <= on <= add_months(today(), MONTHS_AHEAD):
            raise forms.ValidationError("Этот день слишком далеко: выберите день от 2000 года до пяти лет вперёд.")
        return on
