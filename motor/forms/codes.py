"""What /k asks for: the code, and while many wrong ones are being typed the surname of the slip too."""

from typing import Any

from django import forms


class CodeForm(forms.Form):
    code = forms.CharField(max_length=100, error_messages={"required": "Введите код с листка: девять знаков."})
    last_name = forms.CharField(
        max_length=100,
        required=False,
        error_messages={"required": "Введите фамилию с листка: сейчас одного кода мало."},
    )

    def __init__(self, data: Any = None, *, asks_name: bool = False) -> None:
        super().__init__(data)
        self.asks_name = asks_name
        self.fields["last_name"].required = asks_name
