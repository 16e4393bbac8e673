"""The form of a diagnosis: the measurement, and its blocks row by row."""

from datetime import date
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.files.services import ALLOWED
from iom.filters import DayInput
from iom.forms.outside import FilesField, StoredField
from iom.models import Diagnosis, DiagnosisBlock
from iom.services.diagnosing import MOST_FILES

MOST_BLOCKS = 40
SPARE = 3  # empty rows offered
NUMBER = {"invalid": "Запишите число, например 3,5.", "min_value": "Балл не бывает меньше нуля."}
LONG_NUMBER = {
    "max_digits": "Слишком большое число: до 99 999,9.",
    "max_whole_digits": "Слишком большое число: до 99 999,9.",
    "max_decimal_places": "Оставьте один знак после запятой.",
}


class DiagnosisForm(forms.Form):
    instrument = forms.CharField(
        label="Чем проводилась",
        help_text="Название методики, теста или карты наблюдения.",
        max_length=200,
        error_messages={"required": "Напишите, чем проводилась диагностика."},
    )
    on = forms.DateField(
        label="Дата",
        widget=DayInput,
        error_messages={"required": "Укажите дату.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )
    note = forms.CharField(
        label="Вывод",
        help_text="Коротко: с чего начать и на что опереться. Не указывайте сведения о здоровье и семье.",
        max_length=3000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    uploads = FilesField(label="Файлы", help_text=f"До {MOST_FILES} файлов по 20 МБ: {ALLOWED}.")
    removed = StoredField(
        queryset=StoredFile.objects.none(),
        label="Убрать файлы",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Этого файла у диагностики уже нет."},
    )

    def __init__(self, data: Any = None, files: Any = None, *, diagnosis: Diagnosis | None = None) -> None:
        known = {"instrument": diagnosis.instrument, "on": diagnosis.on, "note": diagnosis.note} if diagnosis else {}
        super().__init__(data, files, initial=known or {"on": today()})
        self.kept = list(diagnosis.files.all()) if diagnosis else []
        if diagnosis and self.kept:
            self.fields["removed"].queryset = diagnosis.files.all()  # type: ignore[attr-defined]
        else:
            self.fields.pop("removed")

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > today():
            raise forms.ValidationError("Этот день ещё не наступил: укажите, когда диагностика прошла.")
        if day.year < 2000:
            raise forms.ValidationError("Проверьте год: он похож на опечатку.")
        return day

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        left = len(self.kept) - len(data.get("removed") or []) + len(data.get("uploads") or [])
        if left > MOST_FILES:
            self.add_error("uploads", f"Файлов получится {left}, а хранится не больше {MOST_FILES}. Уберите лишние.")
        return data

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("instrument", "on", "note")}


class BlockForm(forms.Form):
    """A row without a topic is no block."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    topic = forms.CharField(label="Блок", max_length=200, required=False)
    score = forms.DecimalField(
        label="Балл",
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages=NUMBER | LONG_NUMBER,
    )
    top = forms.DecimalField(
        label="Из",
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages=NUMBER | LONG_NUMBER,
    )
    level = forms.ChoiceField(
        label="Уровень", required=False, choices=[("", "не указан"), *DiagnosisBlock.Level.choices]
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        topic, score, top = data.get("topic"), data.get("score"), data.get("top")
        if not topic and (score is not None or data.get("level")) and not data.get("id"):
            self.add_error("topic", "Назовите блок, к которому относится балл.")
        if score is not None and top is not None and score > top:
            self.add_error("score", f"Балл больше наибольшего ({top.normalize():f}): поменяйте их или исправьте.")
        return data


class BlocksSet(BaseFormSet):
    def clean(self) -> None:
        if not any(self.errors) and not self.blocks:
            raise forms.ValidationError("Впишите хотя бы один блок: что проверяли и что получилось.")

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """As services.diagnosing.Blocks; rows without a topic are not there."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("topic")]


_Set = formset_factory(
    BlockForm,
    formset=BlocksSet,
    extra=SPARE,
    max_num=MOST_BLOCKS,
    absolute_max=MOST_BLOCKS,
    validate_max=True,
)


def blocks_set(data: Any = None, *, diagnosis: Diagnosis | None = None) -> BlocksSet:
    names = ("topic", "score", "top", "level")
    known = [
        {"id": one.pk} | {name: getattr(one, name) for name in names}
        for one in (diagnosis.blocks.all() if diagnosis else ())
    ]
    return _Set(data, initial=known, prefix="blocks")  # type: ignore[return-value]
