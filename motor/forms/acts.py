"""What each irregular move of a case asks for."""

from typing import Any

from django import forms

from cabinet.core.search import key
from cabinet.structure.models import Organization
from motor.forms.checklist import ConclusionForm
from motor.models import Case, Objection, StopReason

FOUND_SHOWN = 20  # organizations of a search


class ActForm(forms.Form):
    """`revision` is the case as the reader saw it: a change by somebody else in between is shown, not overwritten."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the page writes it itself

    def __init__(self, case: Case, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.case = case


def words(label: str, missing: str, hint: str = "", rows: int = 3, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea({"rows": rows}),
        max_length=2000,
        required=required,
        error_messages={"required": missing},
    )


def day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Выберите дату.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )


class ReturnForm(ActForm):
    comment = words(
        "Чего не хватает",
        "Напишите педагогу, чего не хватает: без этого он не поймёт, что дополнить.",
        "Педагог получит этот текст в письме и увидит его над своим ответом.",
        4,
    )


class ReasonForm(ActForm):
    reason = words("Почему", "Напишите причину: она останется в истории карты.")


class PostponeForm(ActForm):
    until = day("Перенести до")
    reason = words("Почему", "Напишите, почему оценка переносится.", "Например: открытый урок назначен на май.")


class NotAssessedForm(ActForm):
    reason = words(
        "Почему оценить не получилось",
        "Напишите, почему оценить не получилось.",
        "Нет материалов — ещё не значит «нет результата»: в реестре будет «Не оценено».",
    )


class ReturnSchoolForm(ActForm):
    comment = words(
        "Чего не хватает для оценки",
        "Напишите методисту ОО, чего не хватает.",
        "Методист ОО заполнит чек-лист заново, прежние отметки останутся перед глазами.",
        4,
    )


class StopForm(ActForm):
    reason = forms.ChoiceField(
        label="Почему отслеживание прекращается",
        choices=StopReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите причину."},
    )
    comment = words("Пояснение", "", "Нужно, если выбрано «другое».", 2, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reason") == StopReason.OTHER and not data.get("comment", "").strip():
            self.add_error("comment", "Напишите причину: «другое» без пояснения никто не поймёт.")
        return data


class PauseForm(ActForm):
    until = day("Пауза до", "В этот день карта вернётся в работу сама.")
    reason = words(
        "Почему нужна пауза",
        "Напишите, почему нужна пауза.",
        "Достаточно «длительный отпуск». Не указывайте сведения о здоровье и семейных обстоятельствах.",
        2,
    )


class ConfirmForm(ActForm):
    """Nothing is asked: the page says what will happen."""


class OrganizationField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Organization) -> str:
        return f"{obj}, {obj.municipality}"


CHOOSE = "Найдите и выберите организацию."


class TransferForm(ActForm):
    """The organization is looked for by words of its name first (`q` in the address), then chosen."""

    comment = words("Пояснение", "", "", 2, required=False)

    def __init__(self, case: Case, data: Any = None, *, search: str = "", **kwargs: Any) -> None:
        super().__init__(case, data, **kwargs)
        everywhere = Organization.objects.select_related("municipality")
        chosen = (data or {}).get("organization", "")
        shown = find_organizations(search, case.person.organization)
        if chosen.isdecimal():
            shown = [*everywhere.filter(pk=int(chosen)), *(one for one in shown if str(one.pk) != chosen)]
        self.found = len(shown)
        self.fields["organization"] = OrganizationField(
            queryset=everywhere.filter(pk__in=[one.pk for one in shown]),
            label="Куда перешёл педагог",
            widget=forms.RadioSelect,
            empty_label=None,
            error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
        )
        self.order_fields(["organization", "comment"])


def find_organizations(search: str, but: Organization | None) -> list[Organization]:
    """By words of the name; nothing without a search."""
    if not key(search):
        return []
    rows = Organization.objects.select_related("municipality")
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    for word in key(search).split():
        rows = rows.filter(name_key__contains=word)
    return list(rows.order_by("name")[:FOUND_SHOWN])


class DecideForm(ActForm):
    decision = forms.ChoiceField(
        label="Решение",
        choices=[
            (Objection.Decision.DECLINED.value, "отклонить: результат остаётся"),
            (Objection.Decision.UPHELD.value, "принять: карта откроется заново"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите решение."},
    )
    answer = words(
        "Основания", "Напишите основания: педагог прочитает их.", "Этот текст прочитают педагог и методист.", 4
    )


class AgreementForm(ConclusionForm, ActForm):
    """A, B and D once more, this time by both."""

    comment = words(
        "Как вы пришли к общему заключению",
        "Напишите, как вы пришли к общему заключению.",
        "Второй методист увидит этот текст и подтвердит заключение или предложит своё.",
    )
