"""The form of a letter's text: its places are checked here, with a sentence at the field."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.mail.texts import TextKind, problems


class RestoreForm(forms.Form):
    """The text that was in force when the question was asked; another's newer one is not thrown away unseen."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)


class LetterTextForm(forms.Form):
    subject = forms.CharField(
        label="Тема письма",
        max_length=200,
        error_messages={"required": "Напишите тему: по ней решают, открывать ли письмо."},
    )
    body = forms.CharField(
        label="Текст письма",
        max_length=5000,
        help_text="Пустая строка начинает новый абзац, «— » в начале строки делает список. Адрес отдельной строкой "
        "станет кнопкой. Подпись добавится сама.",
        widget=forms.Textarea(attrs={"rows": 16}),
        error_messages={"required": "Напишите текст письма или верните исходный."},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: TextKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.helper = FormHelper()
        self.helper.form_tag = False
        if not kind.subject:  # the signature
            del self.fields["subject"]
            self.fields["body"].widget.attrs["rows"] = 5
            self.fields["body"].help_text = "Стоит в конце каждого письма."

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean_body(self) -> str:
        lines = self.cleaned_data["body"].replace("\r\n", "\n").split("\n")
        return "\n".join(line.rstrip() for line in lines).strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, said in problems(self.kind, data.get("subject", ""), data.get("body", "")).items():
            if name in data:
                for sentence in said:
                    self.add_error(name, sentence)
        return data
