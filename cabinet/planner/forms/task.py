"""Forms of tasks: giving one, changing it, ending it."""

from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.core.clock import today
from cabinet.core.search import squeeze
from cabinet.planner.forms.task_files import UploadsField
from cabinet.planner.models import Task
from cabinet.planner.services.task_giving import MOST_PEOPLE, MOST_POINTS, MOST_TOGETHER, Wanted, people_for
from cabinet.users.models import User

FAR = timedelta(days=730)
SHARED, EACH = "shared", "each"
HOW = [(EACH, "каждому своя: видно, кто уже выполнил"), (SHARED, "одна на всех: выполняет любой из них")]


def day_input(**attrs: str) -> forms.DateInput:
    return forms.DateInput({"type": "date", **attrs}, format="%Y-%m-%d")


def check_due(due_on: date) -> None:
    if due_on < today():
        raise forms.ValidationError("Срок уже прошёл. Укажите сегодняшний день или более поздний.")
    if due_on > today() + FAR:
        raise forms.ValidationError("Это больше двух лет вперёд. Проверьте дату.")


def numbers(values: list[str]) -> list[int]:
    """Ids of a form, each once, in the order they were sent."""
    clean = (int(one) for one in values if one.isascii() and one.isdigit() and len(one) < 16)
    return list(dict.fromkeys(clean))


class TaskBase(forms.ModelForm):
    """What giving and changing have in common. `people` are ids of those chosen on the page, the first one answers."""

    class Meta:
        model = Task
        fields = ["title", "text", "due_on", "repeats", "repeats_until"]
        widgets = {"text": forms.Textarea({"rows": 4}), "due_on": day_input(), "repeats_until": day_input()}
        labels = {"title": "Что нужно сделать", "repeats": "Повторять", "repeats_until": "Повторять по какой день"}
        help_texts = {
            "repeats": "Когда задачу выполнят, кабинет сам поставит следующую, с тем же чек-листом и вашими файлами.",
            "repeats_until": "Пусто — пока задачу не снимут.",
        }
        error_messages = {
            "title": {"required": "Напишите, что нужно сделать."},
            "due_on": {"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
            "repeats_until": {"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
        }

    def __init__(self, data: Any = None, files: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.user = user
        self.typed_people = numbers(data.getlist("people")) if data is not None else []
        self.fields["repeats"].choices = [("", "не повторять"), *Task.Repeat.choices]  # type: ignore[attr-defined]

    @property
    def is_shared(self) -> bool:
        """One task for all of them."""
        return True

    def clean_title(self) -> str:
        return squeeze(self.cleaned_data["title"])

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on != self.instance.due_on:
            check_due(due_on)
        return due_on

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        due_on, until = data.get("due_on"), data.get("repeats_until")
        if not data.get("repeats"):
            data["repeats_until"] = None
        elif due_on is None and "due_on" not in self.errors:
            self.add_error("due_on", "Укажите первый срок: от него считаются следующие.")
        elif until and due_on and until <= due_on:
            self.add_error("repeats_until", "Этот день не позже первого срока: повторять будет нечего.")
        self._clean_people()
        return data

    def _clean_people(self) -> None:
        known = people_for(self.user).select_related("organization").in_bulk(self.typed_people[: MOST_PEOPLE + 1])
        self.people = [known[pk] for pk in self.typed_people if pk in known]
        if self.is_shared and len(self.typed_people) > MOST_TOGETHER:
            what = f"Одну задачу на всех ставят не больше чем {MOST_TOGETHER} людям."
            self.add_error(None, what if self.instance.pk else f"{what} Поставьте каждому свою.")
        elif len(self.typed_people) > MOST_PEOPLE:
            self.add_error(None, f"За один раз задачу ставят не больше чем {MOST_PEOPLE} людям. Остальным — ещё раз.")
        elif len(self.people) < len(self.typed_people):
            self.add_error(None, "Кого-то из выбранных вам больше не видно. Найдите людей ещё раз.")
        elif not self.people and self.instance.pk:
            self.add_error(None, "Оставьте хотя бы одного человека.")
        elif not self.people:
            self.people = [self.user]  # whoever names nobody has something to do himself

    def _post_clean(self) -> None:
        """The row is written by the services."""


class TaskForm(TaskBase):
    how = forms.ChoiceField(
        label="Если людей несколько", choices=HOW, initial=EACH, required=False, widget=forms.RadioSelect
    )
    points = forms.CharField(
        label="Чек-лист",
        help_text="По одному пункту на строке. Их можно отмечать по ходу дела.",
        widget=forms.Textarea({"rows": 4}),
        max_length=8000,
        required=False,
    )
    uploads = UploadsField(label="Файлы", required=False)
    mark = forms.CharField(widget=forms.HiddenInput, required=False, max_length=22)

    def clean_mark(self) -> str:
        mark: str = self.cleaned_data["mark"]
        return mark if mark.replace("-", "").replace("_", "").isalnum() else ""

    def clean_points(self) -> list[str]:
        lines = [squeeze(one) for one in self.cleaned_data["points"].splitlines()]
        lines = list(dict.fromkeys(one for one in lines if one))
        if len(lines) > MOST_POINTS:
            raise forms.ValidationError(f"Не больше {MOST_POINTS} пунктов: остальное лучше отдельной задачей.")
        if any(len(one) > 300 for one in lines):
            raise forms.ValidationError(
                "Один из пунктов длиннее 300 знаков. Сократите его или перенесите в подробности."
            )
        return lines

    @property
    def is_shared(self) -> bool:
        return self.data.get("how") == SHARED

    def wanted(self, about: Any) -> Wanted:
        data = self.cleaned_data
        return Wanted(
            people=self.people,
            is_shared=self.is_shared and len(self.people) > 1,
            about=about,
            files=data["uploads"],
            **{name: data[name] for name in ("title", "text", "due_on", "repeats", "repeats_until", "points")},
        )


class TaskEditForm(TaskBase):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class OutcomeForm(forms.Form):
    """`is_own`: what one has given to oneself needs no words for others."""

    outcome = forms.CharField(
        label="Чем закончилось",
        help_text="Одного-двух предложений достаточно.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Напишите в двух словах, чем закончилось: это увидят те, кто продолжит работу."},
    )

    def __init__(self, *args: Any, is_own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        if is_own:
            self.fields["outcome"].required = False
            self.fields["outcome"].help_text = "Если хочется запомнить. Можно оставить пустым."


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Почему",
        help_text="Это прочтут те, кому задача была поставлена.",
        widget=forms.Textarea({"rows": 2}),
        max_length=1000,
        error_messages={"required": "Напишите, почему задача больше не нужна."},
    )
