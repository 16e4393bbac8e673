"""What is typed of a collection: its heading and why it is there; a word on a material in it."""

from typing import Any

from django import forms

from cabinet.library.models import Collection, CollectionItem
from cabinet.library.services.collections import may_publish
from cabinet.users.models import User


class CollectionForm(forms.ModelForm):
    text = forms.CharField(
        label="Для чего она",
        required=False,
        max_length=2000,
        help_text="Одно-два предложения: кому и когда пригодится.",
        widget=forms.Textarea({"rows": 3}),
        error_messages={"max_length": "Слишком длинно: оставьте до 2000 знаков."},
    )

    class Meta:
        model = Collection
        fields = ("title", "text", "is_public")
        labels = {"title": "Название", "is_public": "Показывать всем, у кого есть вход"}
        help_texts = {
            "title": "Например: «К методическому дню», «Для молодых специалистов».",
            "is_public": "Коллеги увидят подборку в разделе «Для всех».",
        }
        error_messages = {"title": {"required": "Назовите подборку: по названию вы её и найдёте."}}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_publish(user):
            del self.fields["is_public"]


class NoteForm(forms.ModelForm):
    """Why the material stands here."""

    class Meta:
        model = CollectionItem
        fields = ("note",)
        labels = {"note": "Пояснение"}
        help_texts = {"note": "Чем пригодится, с чего начать."}
