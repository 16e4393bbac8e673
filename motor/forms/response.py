"""What an action for many cases asks for."""

from typing import Any

from django import forms

from cabinet.core.clock import today
from motor.forms.acts import day, words
from motor.services.bulk import ACTIONS, Wish, latest

HEALTH = "Не указывайте сведения о здоровье и семейных обстоятельствах."


class WishForm(forms.Form):
    """The day and the reason; an action that needs neither has no fields."""

    until = day("До какого дня")
    reason = words("Почему", "Напишите, почему: эта запись останется в истории каждой карты.", f"Коротко. {HEALTH}", 2)

    def __init__(self, code: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        if not ACTIONS[code].asks:
            del self.fields["until"], self.fields["reason"]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until <= today():
            raise forms.ValidationError("Эта дата уже прошла: выберите день в будущем.")
        if until > latest(self.code):
            raise forms.ValidationError(f"Так далеко сдвинуть нельзя: самое позднее — {latest(self.code):%d.%m.%Y}.")
        return until

    @property
    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(self.code, data.get("until"), data.get("reason", ""))
