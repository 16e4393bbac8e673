"""What is wanted of several tasks: the action and its value."""

from typing import Any

from django import forms

from cabinet.planner.forms.task import check_due, day_input
from cabinet.planner.services import task_bulk
from cabinet.planner.services.task_giving import people_for
from cabinet.users.models import User


class BulkForm(forms.Form):
    """Has the one field its action needs; `order` is what the services carry out."""

    def __init__(self, action: str, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.action, self.user = action, user
        self.person: User | None = None
        if action == task_bulk.MOVE:
            self.fields["due_on"] = forms.DateField(
                label="Новый срок",
                widget=day_input(),
                error_messages={"required": "Укажите новый срок.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
            )
        elif action != task_bulk.PASS:
            is_done = action == task_bulk.DONE
            missing = "Напишите в двух словах, чем закончилось." if is_done else "Напишите, почему задачи не нужны."
            self.fields["words"] = forms.CharField(
                label="Чем закончилось" if is_done else "Почему",
                help_text="Одни слова на все задачи.",
                widget=forms.Textarea({"rows": 2}),
                max_length=1000,
                error_messages={"required": missing},
            )

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        check_due(due_on)
        return due_on

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.action == task_bulk.PASS:
            number = self.data.get("person", "")
            pk = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
            self.person = people_for(self.user).select_related("organization").filter(pk=pk).first()
            if self.person is None:
                self.add_error(None, "Выберите, кому передать задачи.")
        return data

    @property
    def order(self) -> task_bulk.Order:
        data = self.cleaned_data
        return task_bulk.Order(self.action, data.get("words", ""), data.get("due_on"), self.person)
