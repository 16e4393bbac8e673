"""A new address for a material whose link does not open."""

from django import forms
from django.core.exceptions import ValidationError

from cabinet.library.services.content import check_link

MISSING = "Вставьте адрес страницы целиком, вместе с https://."


class NewLinkForm(forms.Form):
    link = forms.URLField(
        label="Новая ссылка",
        max_length=500,
        assume_scheme="https",
        help_text="Откройте её сначала в браузере и скопируйте из адресной строки.",
        error_messages={
            "required": MISSING,
            "invalid": "Это не похоже на адрес. " + MISSING,
            "max_length": "Ссылка длиннее 500 знаков. Возьмите короткую.",
        },
    )

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        check_link(link)
        if link == self.initial.get("link"):
            raise ValidationError("Это та же ссылка, что и сейчас. Чтобы проверить её ещё раз, вернитесь к списку.")
        return link
