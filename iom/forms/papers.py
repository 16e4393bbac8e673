"""The order by which a route was approved."""

from django import forms


class OrderForm(forms.Form):
    order_number = forms.CharField(label="Номер приказа", max_length=40, required=False)
    order_on = forms.DateField(
        label="Дата приказа",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Такой даты нет. Запишите её так: 12.03.2027."},
    )
