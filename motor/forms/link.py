"""What the link's card asks a methodist for, and what a teacher asks for by the link."""

from typing import Any

from django import forms

from motor.forms.acts import ActForm, day, words


class ExtendForm(ActForm):
    until = day("Новый срок ответа", "Не раньше завтрашнего дня и не дальше 60 дней.")
    reason = words(
        "Почему",
        "Напишите, почему срок продлевается.",
        "Эту запись увидят те, кто работает с картой. Не указывайте сведения о здоровье и семейных обстоятельствах.",
        2,
    )


class TalkForm(forms.Form):
    said = words(
        "О чём договорились",
        "Напишите коротко, о чём договорились.",
        "Например: «ответит до пятницы, ссылка у неё есть». Запись останется с задачей.",
        2,
    )


class PublicForm(forms.Form):
    """On a page opened from a letter: no crispy there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in self.fields.values():
            one.widget.attrs["class"] = "form-control"


class LaterForm(PublicForm):
    day = day("Напомнить мне")


class AwayForm(PublicForm):
    until = day("Я в отпуске до")
