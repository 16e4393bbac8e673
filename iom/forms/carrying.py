"""What the acts with items and with the route itself ask for."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from cabinet.core.clock import today
from cabinet.files.services import ALLOWED, check_upload
from iom.models import Route, RouteItem
from iom.services.carrying import MOST_FILES


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else []


class UploadsField(forms.FileField):
    """Several files at once; each is checked by its content, and the wrong one is named."""

    widget = SeveralFiles({"multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        uploads = [one for one in data or [] if one]
        if len(uploads) > MOST_FILES:
            raise ValidationError(f"За один раз можно приложить до {MOST_FILES} файлов. Дайте ссылку на остальные.")
        for one in uploads:
            try:
                check_upload(one)
            except ValidationError as error:
                raise ValidationError(f"«{one.name}»: {error.message}") from error
        return uploads


def words(
    label: str, missing: str = "", hint: str = "", *, required: bool = True, longest: int = 2000
) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea({"rows": 3}),
        max_length=longest,
        required=required,
        error_messages={"required": missing} if missing else None,
    )


class ItemForm(forms.Form):
    """On the route's page several stand side by side: ids carry the item's number."""

    def __init__(self, item: RouteItem, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, auto_id=f"id_{item.pk}_%s", initial=self.known(item))
        self.item = item

    def known(self, item: RouteItem) -> dict[str, Any]:
        return {}


class ConfirmForm(ItemForm):
    pass


class SubmitForm(ItemForm):
    text = words("Что сделано", hint="Два-три предложения: что провели, что получилось.", required=False)
    link = forms.URLField(
        label="Ссылка на результат",
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": "Это не похоже на адрес. Скопируйте ссылку целиком, вместе с https://."},
    )
    files = UploadsField(  # type: ignore[assignment]  # a field is no attribute of the form
        label="Файлы", required=False, help_text=f"{ALLOWED}, до 20 МБ каждый."
    )

    def __init__(self, item: RouteItem, data: Any = None, files: Any = None) -> None:
        super().__init__(item, data, files)
        if item.product:  # any one of the three will do, but one is needed
            self.fields["text"].help_text = "Несколько слов, ссылка или файл — покажите результат как удобно."
            for field in self.fields.values():
                field.is_conditional = True  # type: ignore[attr-defined]

    def known(self, item: RouteItem) -> dict[str, Any]:
        return {"text": item.done_text, "link": item.done_link}


class ReturnForm(ItemForm):
    comment = words("Что доработать", "Напишите, что доработать: без этого пункт не вернуть.")


class RemoveForm(ItemForm):
    reason = words(
        "Почему пункт исключается",
        "Напишите, почему пункт исключается: он останется в маршруте с этой пометкой.",
        longest=300,
    )


class ReopenForm(ItemForm):
    reason = words("Почему пункт возобновляется", "Напишите причину: педагог увидит её в письме.")


class PracticeForm(ItemForm):
    text = words(
        "Что изменилось в работе", hint="Коротко: что теперь делаете иначе и что это дало детям.", required=False
    )
    topic = forms.CharField(
        label="Другая тематика",
        help_text="Заполните, если изменение не связано с темой курса; иначе оставьте пустым.",
        max_length=200,
        required=False,
    )
    since = forms.DateField(
        label="С какого дня",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Назовите день, хотя бы примерно.",
            "invalid": "Такой даты нет. Запишите её так: 12.03.2027.",
        },
    )

    def known(self, item: RouteItem) -> dict[str, Any]:
        return {
            "text": item.practice_text,
            "topic": item.practice_topic,
            "since": item.in_practice_since or today(),
        }


class RouteForm(forms.Form):
    def __init__(self, route: Route, data: Any = None) -> None:
        super().__init__(data)
        self.route = route


class ReasonForm(RouteForm):
    reason = words("Причина", "Напишите причину: она останется в истории маршрута.", longest=1000)


class CompleteForm(RouteForm):
    results = words(
        "Результаты и представление опыта",
        hint="Что получилось и где вы об этом рассказали: открытый урок, публикация, выступление.",
        required=False,
        longest=5000,
    )
    reflection = words(
        "Рефлексия",
        hint="Что удалось, что оказалось трудным, над чем работать дальше.",
        required=False,
        longest=5000,
    )

    def __init__(self, route: Route, data: Any = None) -> None:
        super().__init__(route, data)
        self.initial = {"results": route.results, "reflection": route.reflection}
