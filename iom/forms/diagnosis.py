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
MOST_ROWS = 100  # shown back when more came than are kept
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
        error_messages={
            "required": "Напишите, чем проводилась диагностика.",
            "max_length": "Название длиннее 200 знаков: сократите его.",
        },
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
        error_messages={"max_length": "Вывод длиннее 3000 знаков: сократите его или приложите файлом."},
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

    @classmethod
    def unchecked(cls, typed: Any, diagnosis: Diagnosis | None) -> "DiagnosisForm":
        """With what was typed so far, and no word about mistakes yet."""
        form = cls(diagnosis=diagnosis)
        form.initial = {name: typed.get(name, "") for name in ("instrument", "on", "note")}
        form.initial["removed"] = typed.getlist("removed")
        return form

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("instrument", "on", "note")}


class BlockForm(forms.Form):
    """A row without a topic is no block."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    topic = forms.CharField(
        label="Блок",
        max_length=200,
        required=False,
        error_messages={"max_length": "Название блока длиннее 200 знаков: сократите его."},
    )
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
        if not topic and not data.get("id") and (score is not None or top is not None or data.get("level")):
            self.add_error("topic", "Назовите блок, к которому относится балл.")
        if score is not None and top is not None and score > top:
            self.add_error("score", f"Балл больше наибольшего ({top.normalize():f}): поменяйте их или исправьте.")
        return data


class BlocksSet(BaseFormSet):
    default_error_messages = {
        "missing_management_form": "Страница пришла не полностью. Откройте её заново и повторите.",
        "too_many_forms": f"Строк слишком много: хранится не больше {MOST_BLOCKS} блоков.",
    }

    def clean(self) -> None:
        if any(self.errors) or not self.management_form.is_valid():
            return
        count = len(self.blocks)
        if not count:
            raise forms.ValidationError("Впишите хотя бы один блок: что проверяли и что получилось.")
        if count > MOST_BLOCKS:
            raise forms.ValidationError(
                f"Блоков {count}, а хранится не больше {MOST_BLOCKS}. Объедините близкие или сотрите лишние."
            )

    @property
    def is_full(self) -> bool:
        return self.total_form_count() >= MOST_BLOCKS

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """As services.diagnosing.Blocks; rows without a topic are not there."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("topic")]


_Set = formset_factory(BlockForm, formset=BlocksSet, extra=SPARE, max_num=MOST_BLOCKS, absolute_max=MOST_ROWS)
_NAMES = ("topic", "score", "top", "level")


def blocks_set(data: Any = None, *, diagnosis: Diagnosis | None = None) -> BlocksSet:
    known = [
        {"id": one.pk} | {name: getattr(one, name) for name in _NAMES}
        for one in (diagnosis.blocks.all() if diagnosis else ())
    ]
    return _Set(data, initial=known, prefix="blocks")  # type: ignore[return-value]


def more_rows(typed: Any) -> BlocksSet:
    """What was typed so far, unchecked, and a few empty rows more."""
    total = typed.get("blocks-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if total.isascii() and total.isdigit() and len(total) < 5 else 0
    rows = [{name: typed.get(f"blocks-{row}-{name}", "") for name in ("id", *_NAMES)} for row in range(count)]
    return _Set(initial=rows, prefix="blocks")  # type: ignore[return-value]
