"""Forms of the follow-up: a step done or waived, handed over, the work closed early."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.users.models import User
from motor.models import Case
from motor.services.errands import people_for_step
from motor.services.follow_up import DIRECTIONS, code_of


class StepForm(forms.Form):
    """«Сделано» or «не требуется» for one step; of the directions those found are offered, others are written."""

    data: QueryDict

    note = forms.CharField(max_length=2000, required=False)
    chosen = forms.MultipleChoiceField(required=False)

    def __init__(self, task: Task, offered: list[str], data: Any = None, note: str = "") -> None:
        super().__init__(data, initial={"note": note})
        self.task = task
        self.is_directions = code_of(task) == DIRECTIONS
        self.is_waiver = data is not None and "waive" in data
        self.offered = offered if self.is_directions else []
        self.fields["chosen"].choices = [(one, one) for one in self.offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("note") or (data.get("chosen") and not self.is_waiver):
            return data
        if self.is_waiver:
            self.add_error("note", "Напишите, почему шаг не нужен.")
        elif self.is_directions:
            self.add_error("note", "Выберите или напишите хотя бы одно направление.")
        else:
            self.add_error("note", "Напишите коротко, что сделано: эта запись останется в карте.")
        return data

    @property
    def ticked(self) -> list[str]:
        """What stands ticked: everything found, until the reader has said otherwise."""
        return self.data.getlist("chosen") if self.is_bound else self.offered


class CloseForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        error_messages={"required": "Напишите, почему работа завершается раньше: причина останется в карте."},
    )


class HandOverForm(forms.Form):
    to = forms.ChoiceField(
        label="Кому поручить",
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, кому поручаете.", "invalid_choice": "Выберите человека из списка."},
    )
    due_on = forms.DateField(
        label="До какого дня",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Укажите день.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )
    text = forms.CharField(
        label="О чём просите",
        help_text="Эти слова придут письмом вместе с задачей.",
        widget=forms.Textarea({"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(self, case: Case, task: Task, data: Any = None) -> None:
        super().__init__(data, initial={"due_on": max(case.due_on or today(), today()), "text": task.text})
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.people = people_for_step(case)
        self.fields["to"].choices = [(str(one.pk), f"{one.full_name}, {who}") for one, who in self.people]  # type: ignore[attr-defined]

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on < today():
            raise forms.ValidationError("Этот день уже прошёл: выберите сегодняшний или более поздний.")
        return due_on

    @property
    def person(self) -> User:
        return next(one for one, _ in self.people if str(one.pk) == self.cleaned_data["to"])
