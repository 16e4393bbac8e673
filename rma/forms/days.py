"""A day as forms and filters of РМА ask for it."""

from typing import Any

from django import forms

NO_DATE = "Такой даты нет. Запишите её так: 12.03.2027."


class DayInput(forms.DateInput):
    """The browser's own calendar; it wants ISO."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day(
    label: str, hint: str = "", *, required: bool = False, missing: str = "Укажите день.", **more: Any
) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        widget=DayInput(),
        error_messages={"required": missing, "invalid": NO_DATE},
        **more,
    )
