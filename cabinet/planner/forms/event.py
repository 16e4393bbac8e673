"""The form of a methodical event: what, when, how often, where, for whom, who may register."""

from datetime import date, time, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict

from cabinet.core.clock import today
from cabinet.core.search import squeeze
from cabinet.planner.models import Event, EventSeries
from cabinet.planner.services import event_warnings
from cabinet.planner.services.events import audience_code, audiences_of, place_of, twin_of
from cabinet.planner.services.series import MOST, Repeats, following
from cabinet.users.models import User

FAR = timedelta(days=730)
THIS, FOLLOWING = "this", "following"
WHICH = [(THIS, "только это"), (FOLLOWING, "это и следующие")]
PERSONAL = Event.Scope.PERSONAL.value
ORDER = [
    "kind", "title", "audience", "on", "starts_at", "ends_at", "repeats", "repeats_until", "skips_days_off", "which",
    "place", "link", "text", "has_registration", "registers_until", "seats",
]  # fmt: skip


def _day_input() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class EventForm(forms.ModelForm):
    """`warnings` are filled by `is_valid`: a form with warnings not seen yet is not to be saved.

    A new event is personal until its author says otherwise, unless a page waits for one (`is_awaited`).
    """

    audience = forms.ChoiceField(
        label="Для кого",
        help_text="Личное видите только вы и приглашённые, остальное — все, кто там работает.",
        error_messages={"required": "Выберите, для кого событие.", "invalid_choice": "Выберите, для кого событие."},
    )
    link = forms.URLField(
        label="Ссылка для участников",
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Укажите адрес целиком, например https://example.org/vstrecha."},
    )
    repeats = forms.ChoiceField(
        label="Повторять", choices=[("", "не повторять"), *EventSeries.Every.choices], required=False
    )
    repeats_until = forms.DateField(
        label="Повторять по",
        help_text="Последний возможный день.",
        required=False,
        widget=_day_input(),
        error_messages={"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )
    skips_days_off = forms.BooleanField(label="Пропускать нерабочие дни", required=False, initial=True)
    which = forms.ChoiceField(
        label="Что изменить",
        choices=WHICH,
        widget=forms.RadioSelect,
        help_text="Событие повторяется. Прошедшие встречи останутся как были.",
        error_messages={"required": "Выберите, изменить только это событие или и следующие."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    class Meta:
        model = Event
        fields = [
            "kind", "title", "on", "starts_at", "ends_at", "place", "link", "text",
            "has_registration", "registers_until", "seats",
        ]  # fmt: skip
        widgets = {
            "on": _day_input(),
            "registers_until": _day_input(),
            "starts_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "ends_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "text": forms.Textarea({"rows": 4}),
            "seats": forms.NumberInput({"min": 1, "inputmode": "numeric"}),
        }
        labels = {
            "kind": "Вид события",
            "title": "Название",
            "on": "День",
            "place": "Где",
            "text": "О событии",
            "ends_at": "Конец",
            "has_registration": "Участники записываются сами",
            "registers_until": "Запись открыта по",
            "seats": "Сколько мест",
        }
        help_texts = {
            "title": "Например: «Формирующее оценивание: что получилось на уроках».",
            "place": "Адрес, кабинет или «дистанционно».",
            "has_registration": "Записаться сможет каждый, кто видит событие. Пригласить людей можно и без записи.",
            "registers_until": "Пусто — до начала события.",
            "seats": "Пусто — без ограничения. Остальные ждут в листе ожидания и занимают места, когда те освободятся.",
        }
        error_messages = {
            "kind": {"required": "Выберите вид события.", "invalid_choice": "Выберите вид события."},
            "title": {"required": "Напишите, как называется событие."},
            "on": {"required": "Укажите день.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
            "starts_at": {"invalid": "Укажите время в виде ЧЧ:ММ."},
            "ends_at": {"invalid": "Укажите время в виде ЧЧ:ММ."},
            "registers_until": {"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
            "seats": {"invalid": "Укажите число мест цифрами.", "min_value": "Укажите число мест: хотя бы одно."},
        }

    def __init__(self, *args: Any, user: User, is_awaited: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.warnings = user, list[str]()
        self.helper = FormHelper()
        self.helper.form_tag = False
        is_known = self.instance.pk is not None
        choices = audiences_of(user, self.instance if is_known else None)
        self.fields["audience"].choices = choices  # type: ignore[attr-defined]
        if is_known:
            self.initial.update(audience=audience_code(self.instance), version=self.instance.version)
        elif choices:
            self.initial.setdefault("audience", choices[min(is_awaited, len(choices) - 1)][0])
            if self.initial["audience"] == PERSONAL:
                self.initial.setdefault("kind", Event.Kind.OTHER.value)
        self._leave_out(is_known)
        self.order_fields(ORDER)

    def _leave_out(self, is_known: bool) -> None:
        """A new event may repeat; one of a series asks which of them the edit is for."""
        if is_known:
            for name in ("repeats", "repeats_until", "skips_days_off"):
                del self.fields[name]
        if not (is_known and following(self.instance).exists()):
            del self.fields["which"]
        if [code for code, _ in self.fields["audience"].choices] == [PERSONAL]:  # type: ignore[attr-defined]
            for name in ("has_registration", "registers_until", "seats"):
                del self.fields[name]

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

    def clean_seats(self) -> Any:
        seats = self.cleaned_data["seats"]
        if seats == 0 or (seats or 0) > 100_000:
            raise forms.ValidationError("Укажите число мест от 1 до 100 000 или оставьте поле пустым.")
        return seats

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._clean_hours(data)
        self._clean_repeats(data)
        self._clean_registration(data)
        if not self.errors:
            self.warnings = self._warnings()
        return data

    def _clean_hours(self, data: dict[str, Any]) -> None:
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if ends_at and not starts_at and "starts_at" not in self.errors:
            self.add_error("starts_at", "Укажите и начало: окончание уже названо.")
        elif starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "Окончание раньше начала. Проверьте время.")

    def _clean_repeats(self, data: dict[str, Any]) -> None:
        on, until = data.get("on"), data.get("repeats_until")
        if not data.get("repeats"):
            if until is not None:
                self.add_error("repeats", "Выберите, как часто повторять, или уберите день, по который.")
            return
        if not on or "repeats_until" in self.errors:
            return
        if until is None:
            self.add_error("repeats_until", "Укажите, по какой день повторять.")
        elif until > on + FAR:
            self.add_error("repeats_until", "Это больше двух лет вперёд. Проверьте дату.")
        elif len(self._days(data)) > MOST:
            self.add_error("repeats_until", f"Получится больше {MOST} встреч. Укажите более ранний день.")
        elif len(self._days(data)) == 1:
            self.add_error("repeats_until", "До этого дня событие не повторится. Укажите более поздний.")

    def _clean_registration(self, data: dict[str, Any]) -> None:
        # Registration taken off by an edit takes its numbers along; those typed now were meant for something.
        typed = [name for name in ("registers_until", "seats") if name in self.changed_data and data.get(name)]
        wanted = data.get("has_registration") or typed
        if wanted and data.get("audience") == PERSONAL:
            self.add_error("has_registration", "У личного события записи нет: пригласите гостей на его странице.")
        elif wanted and not data.get("has_registration"):
            self.add_error("has_registration", "Отметьте, что участники записываются сами, или очистите поля записи.")
        elif not wanted:
            data.update(has_registration=False, registers_until=None, seats=None)
        elif (until := data.get("registers_until")) and data.get("on") and until > data["on"]:
            self.add_error("registers_until", "Запись заканчивается позже события. Укажите его день или более ранний.")

    def _days(self, data: dict[str, Any]) -> list[date]:
        repeats = self._repeats(data)
        return repeats.days(data["on"]) if repeats else [data["on"]]

    @staticmethod
    def _repeats(data: dict[str, Any]) -> Repeats | None:
        if not data.get("repeats"):
            return None
        return Repeats(data["repeats"], data["repeats_until"], data["skips_days_off"])

    def _warnings(self) -> list[str]:
        """Asked only of what the edit changes: whoever mends a word need not hear of the day again."""
        data, event = self.cleaned_data, self.instance if self.instance.pk else None
        if event is not None and not {"on", "starts_at", "ends_at"} & set(self.changed_data):
            return []
        if event is None and twin_of(self.user, self.values, self.series):
            return []  # the second of two clicks would clash with what the first has just put in
        days, people = self._days(data), [self.user]
        if event is not None:
            led = list(event.leaders.all())
            people = led or [event.author]
        told = [] if data["audience"] == PERSONAL else event_warnings.days_off(days)
        hours = (data["starts_at"], data["ends_at"])
        return told + event_warnings.busy(people, days, hours, reader=self.user, event=event)

    @property
    def is_warned(self) -> bool:
        """There is nothing to warn of, or the reader has seen it and pressed again."""
        return not self.warnings or self.cleaned_data.get("seen") == event_warnings.fingerprint(self.warnings)

    @property
    def shown_warnings(self) -> str:
        """What the hidden field carries when the warnings are shown."""
        return event_warnings.fingerprint(self.warnings) if self.warnings else ""

    @property
    def series(self) -> Repeats | None:
        return self._repeats(self.cleaned_data)

    @property
    def with_following(self) -> bool:
        return self.cleaned_data.get("which") == FOLLOWING

    def meet(self, event: Event) -> list[tuple[str, str, str]]:
        """Somebody has saved meanwhile: what was typed stays, beside it what stands now (label, now, typed).

        Pressed once more, the form replaces what is shown.
        """
        self.data = QueryDict.copy(self.data)  # type: ignore[arg-type]
        self.data["version"] = str(event.version)
        state = "отменено" if event.is_cancelled else event.when
        self.add_error(
            None,
            f"Пока вы писали, событие изменили: сейчас это {event}, {state}. "
            "Сверьте и сохраните ещё раз, если ваш вариант верен.",
        )
        now = EventForm(instance=event, user=self.user)
        names = [name for name in self.fields if name in now.initial and name not in ("version", "which", "seen")]
        rows = [(str(self[name].label), _shown(now, name), _shown(self, name)) for name in names]
        return [row for row in rows if row[1] != row[2]]

    @property
    def values(self) -> dict[str, Any]:
        """Every column the services write."""
        data = self.cleaned_data
        columns = {name: data[name] for name in self.Meta.fields}
        return columns | place_of(data["audience"])

    def _post_clean(self) -> None:
        """The row is written by the services; the model's own checks would miss the audience's columns."""


def _shown(form: forms.ModelForm, name: str) -> str:
    """A value as a reader knows it: the words of a choice, the day as people write it."""
    value, field = form[name].value(), form.fields[name]
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value or ""))  # type: ignore[arg-type]
    try:
        value = field.to_python(value)
    except forms.ValidationError:
        return str(value)
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value if value is not None else "")


class WhichForm(forms.Form):
    """Of a repeated event: this time, or the later ones too."""

    which = forms.ChoiceField(
        label="Что отменить",
        choices=WHICH,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, отменить только это событие или и следующие."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    @property
    def with_following(self) -> bool:
        return self.cleaned_data.get("which") == FOLLOWING
