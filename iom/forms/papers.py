"""The order by which a route was approved."""

from datetime import date

from django import forms

from cabinet.core.clock import today
from iom.filters import DayInput


class OrderForm(forms.Form):
    order_number = forms.CharField(
        label="Номер приказа",
        max_length=40,
        required=False,
        error_messages={"max_length": "Номер длиннее 40 знаков: оставьте сам номер, например 12-к."},
    )
    order_on = forms.DateField(
        label="Дата приказа",
        required=False,
        widget=DayInput,
        error_messages={"invalid": "Такой даты нет. Запишите её так: 12.03.2027."},
    )

    def clean_order_number(self) -> str:
        typed: str = self.cleaned_data["order_number"]
        return typed.lstrip("№ ")  # the sheet says «Приказ №» by itself

    def clean_order_on(self) -> date | None:
        day: date | None = self.cleaned_data["order_on"]
        if day and not 2000 <= day.year <= today().year + 1:
            raise forms.ValidationError("Проверьте год: он похож на опечатку.")
        return day
