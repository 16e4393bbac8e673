"""Forms of a list that is loaded: the file, what its columns mean."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

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
