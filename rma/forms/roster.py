"""Forms of a roster card: what it says, an order, an indicator and its end, a new card."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import models

from cabinet.core.clock import today
from cabinet.files.services import ALLOWED, check_upload
from cabinet.structure.models import Subject
from rma.forms.days import day
from rma.models import Direction, Function, Indicator, Member, MemberRole
from rma.services.cards import NAMES
from rma.services.editing import LINKS, CardValues

Kind, Grade, Status = Indicator.Kind, Indicator.Grade, Member.Status
EARLIEST = date(1950, 1, 1)  # nobody at work began before
NOT_YET = "Этот день ещё не наступил. Проверьте дату."


def past(given: date | None) -> date | None:
    """A day that has come and is no slip of the year."""
    if given is not None and given > today():
        raise forms.ValidationError(NOT_YET)
    if given is not None and given < EARLIEST:
        raise forms.ValidationError("Слишком давняя дата: проверьте год.")
    return given


class WordsField(forms.TypedMultipleChoiceField):
    """Several rows of a dictionary; the choices are given once, so a number too long for the database is just wrong."""

    def __init__(self, label: str, rows: "models.QuerySet[Any]") -> None:
        super().__init__(
            label=label,
            choices=[(one.pk, one.name) for one in rows],
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Такого значения в справочнике нет: обновите страницу."},
        )


class CardForm(forms.Form):
    case_limit = forms.IntegerField(
        label="Предел одновременных запросов",
        help_text="Запросы без ответа и принятые, но ещё не выполненные. Сверх предела можно, но все это увидят.",
        min_value=1,
        max_value=50,
        error_messages={
            "required": "Укажите, сколько запросов методист ведёт сразу.",
            "invalid": "Напишите целое число.",
            "min_value": "Хотя бы один запрос.",
            "max_value": "Больше пятидесяти запросов сразу одному человеку не провести.",
        },
    )
    note = forms.CharField(
        label="Заметка",
        help_text="Её видят те, кто ведёт карточку, и сам методист.",
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, data: Any = None, *, member: Member, values: CardValues | None = None) -> None:
        initial = {"revision": member.revision}
        if values is not None:
            initial |= vars(values) | {name: sorted(getattr(values, name)) for name in LINKS}
        super().__init__(data, initial=initial)
        rows: dict[str, tuple[str, models.QuerySet[Any]]] = {
            "roles": ("Роли", MemberRole.objects.all()),
            "functions": ("Функции", Function.objects.all()),
            "directions": ("Приоритетные направления", Direction.objects.all()),
            "subjects": ("Предметы", Subject.objects.order_by("name")),
        }
        for name, (label, queryset) in rows.items():
            self.fields[name] = WordsField(label, queryset)
        self.order_fields([*rows, "case_limit", "note", "revision"])

    @property
    def values(self) -> CardValues:
        data = self.cleaned_data
        sets: dict[str, Any] = {name: frozenset(data[name]) for name in LINKS}
        return CardValues(**sets, case_limit=data["case_limit"], note=" ".join(data["note"].split()))


class StatusForm(forms.Form):
    status = forms.ChoiceField(
        label="Состояние",
        choices=Status.choices,
        widget=forms.RadioSelect,
        help_text="Новые запросы получает тот, кто действует. Приостановленный сохраняет роль методиста РМА, чтобы "
        "закончить начатое; у исключённого и кандидата её с этого дня нет. Вернётся в состав — вернётся и роль.",
        error_messages={"required": "Выберите состояние."},
    )
    on = day("С какого дня", required=True)
    order = forms.CharField(label="Приказ", help_text="Номер и дата.", max_length=200, required=False)
    reason = forms.CharField(
        label="Причина",
        help_text="Чтобы приостановить или исключить, нужен приказ или причина.",
        max_length=300,
        required=False,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"on": today()})

    def clean_on(self) -> date | None:
        return past(self.cleaned_data["on"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs_ground = data.get("status") in (Status.SUSPENDED, Status.EXCLUDED)
        if needs_ground and not (data.get("order") or data.get("reason")):
            self.add_error("reason", "Напишите причину или укажите приказ: без них состояние не изменить.")
        return data


class NewMemberForm(forms.Form):
    status = forms.ChoiceField(
        label="Состояние",
        choices=[(one.value, one.label) for one in (Status.ACTIVE, Status.CANDIDATE)],
        widget=forms.RadioSelect,
        initial=Status.ACTIVE,
        help_text="Действующий методист получает вход в раздел РМА, кандидат — нет.",
        error_messages={"required": "Выберите состояние."},
    )
    on = day("С какого дня", required=True, initial=today)
    order = forms.CharField(
        label="Приказ", help_text="Номер и дата, если приказ уже есть.", max_length=200, required=False
    )

    def clean_on(self) -> date | None:
        return past(self.cleaned_data["on"])


SINCE = {
    Kind.EDUCATION: "С какого дня",
    Kind.EXPERIENCE: "С какого дня работает по специальности",
    Kind.CATEGORY: "Когда присвоена",
    Kind.ASSESSMENT: "Когда прошла оценка",
}
RESULT = {
    Kind.EDUCATION: ("Что окончено", "Учебное заведение и специальность."),
    Kind.ASSESSMENT: ("Результат", "Уровень или баллы, как в заключении."),
}
NEEDS_DAY = {
    Kind.EXPERIENCE: "Укажите день: от него считается стаж.",
    Kind.CATEGORY: "Укажите день присвоения: от него зависит срок категории.",
    Kind.ASSESSMENT: "Укажите день оценки.",
}


class IndicatorForm(forms.Form):
    """A dated row of one kind; what the kind has no use for is not asked."""

    grade = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": "Выберите одно из значений."})
    since = day("С какого дня")
    until = day("Действует по", "Пусто — бессрочно.")
    result = forms.CharField(max_length=200, required=False)
    proof = forms.CharField(
        label="Чем подтверждено", help_text="Документ, его номер и дата.", max_length=300, required=False
    )
    file = forms.FileField(
        label="Копия документа",
        help_text=f"Её увидят сам методист, специалист ММС его муниципалитета и администратор. {ALLOWED}.",
        required=False,
        error_messages={"empty": "Файл пустой. Проверьте, что он открывается на вашем устройстве."},
    )

    def __init__(self, kind: Indicator.Kind, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.kind = kind
        grades = Indicator.GRADES[kind]
        self.fields["grade"].label = NAMES[kind]
        self.fields["grade"].choices = [(one.value, one.label) for one in grades]  # type: ignore[attr-defined]
        self.fields["since"].label = SINCE[kind]
        self.fields["since"].is_conditional = kind in NEEDS_DAY  # type: ignore[attr-defined]
        if kind == Kind.EXPERIENCE:
            self.fields.pop("grade")
        if kind in (Kind.EXPERIENCE, Kind.EDUCATION):
            self.fields.pop("until")
        if kind == Kind.CATEGORY:
            self.fields[
                "until"
            ].help_text = "Пусто — бессрочно. Категории, присвоенной до 1 сентября 2023 года, сами поставим пять лет."
        if kind in RESULT:
            self.fields["result"].label, self.fields["result"].help_text = RESULT[kind]
        else:
            self.fields.pop("result")

    def clean_since(self) -> date | None:
        return past(self.cleaned_data["since"])

    def clean_file(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["file"]
        if upload is not None:
            check_upload(upload)
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        is_none = data.get("grade") == Grade.NO_CATEGORY
        if since is None and "since" not in self.errors and self.kind in NEEDS_DAY and not is_none:
            self.add_error("since", NEEDS_DAY[self.kind])
        if since and until and until < since:
            self.add_error("until", "Окончание раньше начала. Поменяйте даты местами или исправьте год.")
        return data

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "grade": data.get("grade") or Grade.YEARS,
            "since": data["since"],
            "until": data.get("until"),
            "result": data.get("result", ""),
            "proof": data["proof"],
        }


class EndForm(forms.Form):
    until = day("Последний день, когда запись действует", required=True, initial=today)

    def __init__(self, row: Indicator, data: Any = None) -> None:
        super().__init__(data)
        self.row = row

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if self.row.since and until < self.row.since:
            raise forms.ValidationError(f"Запись начинается позже: с {self.row.since:%d.%m.%Y}.")
        if self.row.until and until > self.row.until:
            raise forms.ValidationError(
                f"Запись и так заканчивается {self.row.until:%d.%m.%Y}. Продление — это новая запись."
            )
        return until
