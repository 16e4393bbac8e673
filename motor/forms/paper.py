"""What is asked beside the four questions when a survey filled on paper is typed in."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.files.services import check_upload
from cabinet.users.models import DataNotice
from motor.forms.acts import day
from motor.models import Case


class PaperForm(forms.Form):
    filled_on = day("Дата на листе", "Когда педагог заполнил лист.")
    notice_seen = forms.BooleanField()
    scan = forms.FileField(
        label="Скан или снимок листа",
        help_text="По желанию. Его увидят те же, кто читает ответы.",
        required=False,
        max_length=200,
        widget=forms.FileInput,
    )

    def __init__(self, case: Case, notice: DataNotice, *args: Any, asks_consent: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        seen = self.fields["notice_seen"]
        if asks_consent:
            seen.label = "педагог подписал на листе согласие на обработку данных"
            seen.error_messages["required"] = "Без согласия на листе ответы вводить нельзя: попросите его подписать."
        else:
            seen.label = "педагог видел уведомление о данных на листе"
            seen.error_messages["required"] = "Отметьте, что педагог видел уведомление: оно на обороте бланка."
        seen.label += f" (версия {notice.version})"

    def clean_filled_on(self) -> date:
        on: date = self.cleaned_data["filled_on"]
        if on > today():
            raise forms.ValidationError("Эта дата ещё не наступила. Укажите дату, которая стоит на листе.")
        opened = timezone.localdate(self.case.opened_at) if self.case.opened_at else None
        if opened and on < opened:
            raise forms.ValidationError(f"Опрос открыт {opened:%d.%m.%Y}: раньше этого дня лист заполнить не могли.")
        return on

    def clean_scan(self) -> UploadedFile | None:
        scan: UploadedFile | None = self.cleaned_data["scan"]
        if scan is not None:
            check_upload(scan)
        return scan
