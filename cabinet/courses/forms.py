"""Forms about courses."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.courses.models import Course
from cabinet.courses.services import LARGEST_STEP, Rule


class SelectionForm(forms.Form):
    """Whom of a course's listeners to follow; ticks for single people stand beside it on the page."""

    mode = forms.ChoiceField(label="Порядок выбора", choices=Course.Selection.choices, widget=forms.RadioSelect)
    step = forms.IntegerField(
        label="Каждого какого",
        min_value=2,
        max_value=LARGEST_STEP,
        required=False,
        help_text="Например, 3 — каждого третьего в порядке списка, начиная с первого.",
    )
    cap = forms.IntegerField(
        label="Не больше из одной организации",
        min_value=1,
        max_value=1000,
        required=False,
        help_text="По каждому курсу. Пусто — без ограничения.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.fields["step"].is_conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("mode") == Course.Selection.EVERY and not cleaned.get("step") and "step" not in self.errors:
            self.add_error("step", "Напишите число: каждого какого слушателя отслеживать.")
        return cleaned

    @property
    def rule(self) -> Rule:
        mode = self.cleaned_data["mode"]
        step = self.cleaned_data["step"] if mode == Course.Selection.EVERY else None
        return Rule(mode, step, self.cleaned_data["cap"])
