"""Forms of tasks."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Q

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.users.models import User


class TaskForm(forms.ModelForm):
    class Meta:
        model = Task
        fields = ["title", "text", "assignee", "due_on"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 4}),
            "due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        labels = {"title": "Что нужно сделать"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        # A list of choices leaks names: only people whose card the author may see, and who can log in to answer.
        people = User.objects.visible_to(user).filter(Q(email__isnull=False, is_active=True) | Q(pk=user.pk))
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]
        self.fields["assignee"].initial = user.pk

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on < today():
            raise forms.ValidationError("Срок уже прошёл. Укажите сегодняшний день или более поздний.")
        return due_on


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="Чем закончилось",
        help_text="Одного-двух предложений достаточно.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Напишите в двух словах, чем закончилось: это увидят те, кто продолжит работу."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
