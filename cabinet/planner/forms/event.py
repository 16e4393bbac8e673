"""The form of a methodical event: what, when, where, for whom."""

from datetime import timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.core.clock import today
from cabinet.core.search import squeeze
from cabinet.planner.models import Event
from cabinet.planner.services.events import audience_code, audiences_of, place_of
from cabinet.users.models import User

FAR = timedelta(days=730)


class EventForm(forms.ModelForm):
    audience = forms.ChoiceField(
        label="Для кого",
        help_text="Событие увидят те, кто здесь работает.",
        error_messages={"required": "Выберите, для кого событие.", "invalid_choice": "Выберите, для кого событие."},
    )
    link = forms.URLField(
        label="Ссылка для участников",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Укажите адрес целиком, например https://example.org/vstrecha."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Event
        fields = ["kind", "title", "on", "starts_at", "ends_at", "place", "link", "text"]
        widgets = {
            "on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "starts_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "ends_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "text": forms.Textarea({"rows": 4}),
        }
        labels = {
            "kind": "Вид события",
            "title": "Название",
            "on": "День",
            "place": "Где",
            "text": "О событии",
            "ends_at": "Конец",
        }
        help_texts = {
            "title": "Например: «Формирующее оценивание: что получилось на уроках».",
            "place": "Адрес, кабинет или «дистанционно».",
        }
        error_messages = {
            "kind": {"required": "Выберите вид события.", "invalid_choice": "Выберите вид события."},
            "title": {"required": "Напишите, как называется событие."},
            "on": {"required": "Укажите день.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
            "starts_at": {"invalid": "Укажите время в виде ЧЧ:ММ."},
            "ends_at": {"invalid": "Укажите время в виде ЧЧ:ММ."},
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        is_known = self.instance.pk is not None
        choices = audiences_of(user, self.instance if is_known else None)
        self.fields["audience"].choices = choices  # type: ignore[attr-defined]
        if is_known:
            self.initial.update(audience=audience_code(self.instance), version=self.instance.version)
        elif choices:
            self.initial.setdefault("audience", choices[0][0])
        self.order_fields(["kind", "title", "audience", "on", "starts_at", "ends_at", "place", "link", "text"])

    def clean_title(self) -> str:
        return squeeze(self.cleaned_data["title"])

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on == self.instance.on:
            return on
        if self.instance.pk and self.instance.is_past:
            raise forms.ValidationError("Событие уже прошло, его день не меняется. Внесите новое событие.")
        if on < today():
            raise forms.ValidationError("Этот день уже прошёл. Укажите сегодняшний или более поздний.")
        if on > today() + FAR:
            raise forms.ValidationError("Это больше двух лет вперёд. Проверьте дату.")
        return on

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if ends_at and not starts_at and "starts_at" not in self.errors:
            self.add_error("starts_at", "Укажите и начало: окончание уже названо.")
        elif starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "Окончание раньше начала. Проверьте время.")
        return data

    @property
    def values(self) -> dict[str, Any]:
        """Every column the services write."""
        data = self.cleaned_data
        columns = {name: data[name] for name in self.Meta.fields}
        return columns | place_of(data["audience"])

    def _post_clean(self) -> None:
        """The row is written by the services; the model's own checks would miss the audience's columns."""
