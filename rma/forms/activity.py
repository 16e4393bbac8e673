"""A line of work: written by hand, put right, or completed by its direction and function alone."""

import re
import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from cabinet.core.clock import add_months, today
from cabinet.core.forms import RowsField
from cabinet.structure.models import Organization
from rma.forms.days import day
from rma.models import Activity, Direction, Function, Member
from rma.services.months import near_organizations

MONTHS_BACK = 12  # what is older is not remembered but made up
LEAST, MOST = Decimal("0.5"), Decimal(24)
HOURS = "Укажите часы числом от 0,5 до 24, например 1,5."


class WordsForm(forms.Form):
    """What a line most often lacks."""

    direction = forms.ModelChoiceField(
        Direction.objects.none(), label="Направление", empty_label="не выбрано", required=False
    )
    function = forms.ModelChoiceField(
        Function.objects.none(), label="Функция", empty_label="не выбрана", required=False
    )

    def __init__(self, *args: Any, line: Activity | None = None, **kwargs: Any) -> None:
        self.line = line
        kwargs.setdefault("auto_id", f"id_{line.pk if line else 'new'}_%s")
        super().__init__(*args, **kwargs)
        self.fields["direction"].queryset = Direction.objects.all()  # type: ignore[attr-defined]
        self.fields["function"].queryset = Function.objects.all()  # type: ignore[attr-defined]

    @property
    def revision(self) -> Any:
        """The one the page was opened with, however often the form comes back."""
        return self.data.get("revision") or (self.line.revision if self.line else "")

    @property
    def values(self) -> dict[str, Any]:
        """Fields of the line as they are to be written."""
        return {name: self.cleaned_data[name] for name in ("direction", "function")}


class LineForm(WordsForm):
    """`once` keeps a form sent twice from being written twice."""

    on = day("Когда", required=True)
    kind = forms.ChoiceField(label="Вид работы", choices=Activity.Kind.choices)
    title = forms.CharField(
        label="Что сделано",
        max_length=300,
        error_messages={"required": "Напишите в нескольких словах, что сделано."},
    )
    hours = forms.DecimalField(
        label="Сколько часов",
        min_value=LEAST,
        max_value=MOST,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value", "max_decimal_places"), HOURS),
    )
    people_count = forms.IntegerField(
        label="Сколько человек",
        help_text="Вместе со всеми участниками встречи.",
        min_value=0,
        max_value=5000,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Укажите число людей, например 12."
        ),
    )
    near = RowsField(
        Organization.objects.none(), label="Организации", required=False, widget=forms.CheckboxSelectMultiple
    )
    other = forms.ModelChoiceField(
        Organization.objects.none(), label="Ещё одна организация", empty_label="не нужна", required=False
    )
    note = forms.CharField(label="Заметка", max_length=500, required=False, widget=forms.Textarea({"rows": 2}))
    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    field_order = ("on", "kind", "title", "hours", "people_count", "direction", "function", "near", "other", "note")

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        line: Activity | None = kwargs.get("line")
        kwargs["initial"] = _of_line(line) if line else {"once": uuid.uuid4().hex, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        near = list(line.organizations.all()) if line else []
        near += [one for one in near_organizations(member) if one not in near]
        self._offer(near, member)

    def _offer(self, near: Sequence[Organization], member: Member) -> None:
        """Schools he works with as ticks, the others of his municipality as a list: no choice tells of strangers."""
        pks = [one.pk for one in near]
        ticks, more = self.fields["near"], self.fields["other"]
        ticks.queryset = Organization.objects.filter(pk__in=pks)  # type: ignore[attr-defined]
        ticks.choices = [(one.pk, one.name) for one in near]  # type: ignore[attr-defined]
        place = member.user.organization
        own = Organization.objects.filter(municipality=place.municipality_id) if place else Organization.objects.none()
        more.queryset = own.filter(is_active=True).exclude(pk__in=pks).order_by("name", "pk")  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > today():
            raise forms.ValidationError("Этот день ещё не наступил: записывается то, что уже сделано.")
        is_as_it_was = self.line is not None and on == self.line.on
        if on < add_months(today(), -MONTHS_BACK) and not is_as_it_was:
            raise forms.ValidationError("Записать можно работу за последние двенадцать месяцев.")
        return on

    def clean_once(self) -> str:
        once = str(self.cleaned_data["once"])
        return once if re.fullmatch(r"[0-9a-f]{32}", once) else uuid.uuid4().hex

    @property
    def values(self) -> dict[str, Any]:
        names = ("on", "kind", "title", "hours", "people_count", "note")
        return super().values | {name: self.cleaned_data[name] for name in names}

    @property
    def places(self) -> list[Organization]:
        """The organizations ticked and the one chosen beside them."""
        more = self.cleaned_data["other"]
        return [*self.cleaned_data["near"], *([more] if more else [])]


def _of_line(line: Activity) -> dict[str, Any]:
    names = ("on", "kind", "title", "people_count", "note")
    return {name: getattr(line, name) for name in names} | {
        "hours": f"{float(line.hours):g}".replace(".", ","),
        "direction": line.direction_id,
        "function": line.function_id,
        "near": [one.pk for one in line.organizations.all()],
    }
