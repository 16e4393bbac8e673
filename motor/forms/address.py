"""The form of a teacher's address for letters."""

from django import forms


class AddressForm(forms.Form):
    address = forms.EmailField(
        label="Адрес для писем",
        help_text="Например, anna.volkova@school12.ru. Для входа в кабинет остаётся прежний адрес.",
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={
            "required": "Напишите адрес почты. Если её нет, передайте ссылку лично: листком или сообщением.",
            "invalid": "Это не похоже на адрес почты: нужны имя, знак @ и сайт, например anna@school12.ru.",
        },
    )
