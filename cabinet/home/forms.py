"""Forms of the gathering pages."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Model

from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.core.spreadsheet.safety import MAX_FILE_BYTES
from cabinet.courses.importing.fields import Layout
from cabinet.courses.importing.headers import Mapping


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Список в формате Excel (.xlsx)",
        help_text="Столбцы могут стоять в любом порядке и называться по-своему: на следующем шаге вы проверите, "
        "как мы их поняли. Пока вы не подтвердите загрузку, ничего не записывается.",
        error_messages={"required": "Выберите файл со списком.", "empty": "Файл пустой. Сохраните список ещё раз."},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(f"Файл больше {MAX_FILE_BYTES // 1024 // 1024} МБ: разделите список на части.")
        return file


class ColumnsForm(forms.Form):
    """One choice per column of the list; together they must cover what the list cannot do without."""

    def __init__(self, *args: Any, mapping: Mapping, layout: Layout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mapping, self.layout = mapping, layout
        choices = [("", "Не загружать"), *layout.labels.items()]
        for column, heading in mapping.headings.items():
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=heading,
                choices=choices,
                required=False,
                initial=mapping.columns.get(column, ""),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    @property
    def columns(self) -> dict[int, str]:
        return {
            column: value for column in self.mapping.headings if (value := self.cleaned_data.get(f"column_{column}"))
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = [value for value in cleaned.values() if value]
        for field in {one for one in chosen if chosen.count(one) > 1}:
            self.add_error(None, f"«{self.layout.labels[field]}» выбрано для нескольких столбцов: оставьте один.")
        missing = self.layout.missing(chosen)
        if missing:
            self.add_error(None, f"Укажите столбцы, без которых список не загрузить: {', '.join(missing)}.")
        return cleaned


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


class CalendarDayForm(forms.ModelForm):
    class Meta:
        model = CalendarDay
        fields = ["day", "is_working", "title"]
        labels = {"day": "Дата", "is_working": "Какой это день", "title": "Почему"}
        help_texts = {"title": "Например, «Выходной, перенесён с 4 января»."}
        error_messages = {"day": {"unique": "Этот день уже есть в календаре: уберите его из списка и запишите заново."}}
        widgets = {
            "day": forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            "is_working": forms.Select(choices=[(False, "нерабочий"), (True, "рабочий")]),
        }


class QuietPeriodForm(forms.ModelForm):
    class Meta:
        model = QuietPeriod
        fields = ["title", "starts_on", "ends_on", "is_yearly"]
        labels = {"title": "Название", "starts_on": "Первый день", "ends_on": "Последний день"}
        widgets = {name: forms.DateInput({"type": "date"}, "%Y-%m-%d") for name in ("starts_on", "ends_on")}
