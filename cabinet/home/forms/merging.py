"""The form of a merge: whose value stays where the cards differ."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Model


class MergeForm(forms.Form):
    """Where two cards differ: whose value stays. `offered`: field → the card whose value is offered."""

    def __init__(self, *args: Any, cards: tuple[Model, Model], offered: dict[str, Model], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, card in offered.items():
            label = str(getattr(cards[0]._meta.get_field(name), "verbose_name", name))
            self.fields[f"take_{name}"] = forms.ChoiceField(
                label=label[:1].upper() + label[1:],
                choices=[(one.pk, shown_value(one, name)) for one in cards],
                initial=card.pk,
                widget=forms.RadioSelect,
            )
        self.helper = FormHelper()
        self.helper.form_tag = False

    @property
    def take(self) -> dict[str, int]:
        return {name.removeprefix("take_"): int(pk) for name, pk in self.cleaned_data.items()}


def shown_value(card: Model, name: str) -> str:
    """A field's value in words; what is empty says so."""
    value = getattr(card, f"get_{name}_display", lambda: getattr(card, name))()
    if isinstance(value, bool):
        return "да" if value else "нет"
    return str(value) if value else "не указано"
