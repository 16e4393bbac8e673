"""A route kept elsewhere: where, when, and its file or link."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from cabinet.core.forms import RowsField
from cabinet.files.models import StoredFile
from cabinet.files.services import ALLOWED, check_upload
from iom.filters import DayInput
from iom.models import Route
from iom.services.outside import MOST_FILES

LONGEST_YEARS = 5
WRONG_DAY = {"required": "Укажите дату.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."}


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        found: list[UploadedFile] = files.getlist(name)
        return found


class FilesField(forms.Field):
    """Several files at once; each is checked by what is in it, not by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=FilesInput({"multiple": True}), **kwargs)

    def clean(self, value: Any) -> list[UploadedFile]:
        uploads: list[UploadedFile] = [one for one in value or [] if one]
        errors = []
        for upload in uploads:
            try:
                check_upload(upload)
            except forms.ValidationError as error:
                errors.append(f"{upload.name}: {error.messages[0]}")
        if errors:
            raise forms.ValidationError(errors)
        return uploads


class StoredField(RowsField):
    def label_from_instance(self, obj: StoredFile) -> str:
        return obj.name


class OutsideForm(forms.Form):
    """One of a link and a file is needed; `removed` are the files that go."""

    title = forms.CharField(
        label="Название маршрута",
        max_length=200,
        error_messages={"required": "Назовите маршрут: по этому названию его найдут."},
    )
    outside_note = forms.CharField(
        label="Где ведётся",
        help_text="Например: в папке методобъединения, на сайте школы, на бумаге у методиста.",
        max_length=300,
        error_messages={"required": "Напишите, где ведётся маршрут: хватит нескольких слов."},
    )
    starts_on = forms.DateField(label="Начало", widget=DayInput, error_messages=WRONG_DAY)
    ends_on = forms.DateField(label="Окончание", widget=DayInput, error_messages=WRONG_DAY)
    outside_link = forms.URLField(
        label="Ссылка",
        help_text="Ссылка или файл: хотя бы одно.",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Проверьте ссылку: она должна выглядеть как https://…"},
    )
    uploads = FilesField(label="Файлы", help_text=f"До {MOST_FILES} файлов по 20 МБ: {ALLOWED}.")
    removed = StoredField(
        queryset=StoredFile.objects.none(),
        label="Убрать файлы",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Этого файла у маршрута уже нет."},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(
        self,
        data: Any = None,
        files: "MultiValueDict[str, UploadedFile] | None" = None,
        *,
        route: Route | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.kept = list(route.files.all()) if route is not None else []
        if self.kept and route is not None:
            self.fields["removed"].queryset = route.files.all()  # type: ignore[attr-defined]
        else:
            self.fields.pop("removed")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._check_period(data)
        if "uploads" in self.errors or "outside_link" in self.errors:
            return data
        left = len(self.kept) - len(data.get("removed") or []) + len(data.get("uploads") or [])
        if left > MOST_FILES:
            self.add_error("uploads", f"Файлов получится {left}, а хранится не больше {MOST_FILES}. Уберите лишние.")
        elif not left and not data.get("outside_link"):
            self.add_error("outside_link", "Приложите файл или укажите ссылку: хотя бы одно из двух.")
        return data

    def _check_period(self, data: dict[str, Any]) -> None:
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if not starts_on or not ends_on:
            return
        if ends_on <= starts_on:
            self.add_error("ends_on", "Окончание раньше начала. Поменяйте даты местами или исправьте год.")
        elif ends_on.year - starts_on.year > LONGEST_YEARS or starts_on.year < 2000:
            self.add_error("ends_on", f"Маршрут дольше {LONGEST_YEARS} лет — похоже на опечатку. Проверьте годы.")

    @property
    def values(self) -> dict[str, Any]:
        """What goes into the route's own columns."""
        names = ("title", "outside_note", "starts_on", "ends_on", "outside_link")
        return {name: self.cleaned_data[name] for name in names}
