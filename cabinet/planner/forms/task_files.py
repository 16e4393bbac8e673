"""Files that are attached to a task."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from cabinet.files.services import ALLOWED, check_upload
from cabinet.planner.services.task_giving import MOST_FILES


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else []


class UploadsField(forms.FileField):
    """Several files at once; each is checked by its content, and the wrong one is named."""

    def __init__(self, **kwargs: Any) -> None:
        hint = f"До {MOST_FILES} файлов по 20 МБ: {ALLOWED}."
        super().__init__(widget=SeveralFiles({"multiple": True}), **{"help_text": hint} | kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = [one for one in data or [] if one is not None]
        if self.required and not uploads:
            raise ValidationError("Выберите файл.")
        if len(uploads) > MOST_FILES:
            raise ValidationError(f"За один раз можно приложить до {MOST_FILES} файлов.")
        for one in uploads:
            try:
                check_upload(one)
            except ValidationError as error:
                raise ValidationError(f"«{one.name}»: {error.message}") from error
        return uploads


class AttachForm(forms.Form):
    uploads = UploadsField(label="Файлы")
