"""The survey's four questions. The page is written by hand and shown without this form: a GET stays cheap."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString

from cabinet.core.clock import today
from cabinet.files.services import check_upload
from motor.models import Evidence, Survey
from motor.services import ChangeAnswer, EvidenceAnswer, SurveyAnswers
from motor.services.survey import Past

CHANGES = 3
PARTS = ("", "_text", "_link", "_on", "_file")
# Routes live in the cabinet from their own issue on; until then nobody is offered items that do not exist.
IN_ROUTE = [(value, label) for value, label in Survey.InRoute.choices if value != Survey.InRoute.OWN]
NO_PERSONAL = "Не указывайте сведения о здоровье и семейных обстоятельствах"


class SurveyForm(forms.Form):
    """Fields `change_N`, `change_N_on`, `change_N_topic` and `ev_KIND`, `ev_KIND_text|link|on|file` repeat.

    `keep_ID` and `share_ID` are ticks beside evidence brought before, to this case and to others.
    """

    important = forms.CharField(
        max_length=5000,
        error_messages={"required": "Напишите, что из программы было важно и нужно для Вас. Хватит одной фразы."},
    )
    in_route = forms.ChoiceField(
        choices=IN_ROUTE, error_messages={"required": "Отметьте, отражено ли это в Вашем ИОМ."}
    )
    route_note = forms.CharField(max_length=2000, required=False)
    has_started = forms.ChoiceField(choices=[("yes", "ДА"), ("no", "НЕТ")], required=False)
    reason = forms.ChoiceField(choices=Survey.Reason.choices, required=False)
    reason_text = forms.CharField(max_length=2000, required=False)
    nothing_yet = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict, files: "MultiValueDict[str, UploadedFile]", past: Past) -> None:
        """Groups that nobody began get no fields: checking thirty empty ones costs more than all the rest."""
        super().__init__(data, files)
        self.past = past
        self.kept = [one for one in past.own if data.get(f"keep_{one.pk}")]
        self.shared = [one for one in past.others if data.get(f"share_{one.pk}")]
        begun = {name for source in (data, files) for name in source if source.get(name)}
        for number in range(CHANGES):
            if number and f"change_{number}" not in begun:
                continue
            self.fields[f"change_{number}"] = forms.CharField(max_length=2000, required=False)
            self.fields[f"change_{number}_on"] = forms.ChoiceField(
                choices=[("course", ""), ("other", "")], required=False
            )
            self.fields[f"change_{number}_topic"] = forms.CharField(max_length=200, required=False)
        for kind in Evidence.Kind.values:
            if not any(f"ev_{kind}{part}" in begun for part in PARTS):
                continue
            self.fields[f"ev_{kind}"] = forms.BooleanField(required=False)
            self.fields[f"ev_{kind}_text"] = forms.CharField(max_length=300, required=False)
            self.fields[f"ev_{kind}_link"] = forms.URLField(
                max_length=500,
                required=False,
                assume_scheme="https",
                error_messages={"invalid": "Проверьте ссылку: она должна выглядеть как https://…"},
            )
            self.fields[f"ev_{kind}_on"] = forms.DateField(
                required=False, error_messages={"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."}
            )
            self.fields[f"ev_{kind}_file"] = forms.FileField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._clean_start(data)
        self._clean_changes(data)
        self._clean_evidence(data)
        return data

    def _clean_start(self, data: dict[str, Any]) -> None:
        if data.get("in_route") == Survey.InRoute.NONE:
            # Without a route there is nothing to have begun: the answer follows, nobody is asked twice.
            data["has_started"] = "no"
            data["reason"] = Survey.Reason.NO_ROUTE
            return
        if not data.get("has_started"):
            self.add_error("has_started", "Отметьте «ДА» или «НЕТ».")
        elif data["has_started"] == "no" and not data.get("reason"):
            self.add_error("reason", "Выберите, почему пока нет.")
        elif data["has_started"] == "no" and data["reason"] == Survey.Reason.OTHER and not data.get("reason_text"):
            self.add_error("reason_text", "Напишите в двух словах, что помешало.")

    def _clean_changes(self, data: dict[str, Any]) -> None:
        if data.get("has_started") == "yes" and not any(data.get(f"change_{n}") for n in range(CHANGES)):
            self.add_error("change_0", "Опишите хотя бы одно изменение, которое уже осуществляется.")
        for number in range(CHANGES):
            is_other = data.get(f"change_{number}_on") == "other"
            if data.get(f"change_{number}") and is_other and not data.get(f"change_{number}_topic"):
                self.add_error(f"change_{number}_topic", "Назовите другую тематику.")

    def _clean_evidence(self, data: dict[str, Any]) -> None:
        kinds = [kind for kind in Evidence.Kind.values if self._has_evidence(data, kind)]
        has_typed = any(name.startswith("ev_") for name in self.errors)
        has_any = bool(kinds or self.kept or self.shared)
        if not has_any and not data.get("nothing_yet") and not has_typed:
            self.add_error("nothing_yet", "Отметьте, чем можете подтвердить, или «пока подтвердить нечем».")
        if has_any and data.get("nothing_yet"):
            self.add_error("nothing_yet", "Отмечены и подтверждения, и «пока подтвердить нечем»: оставьте что-то одно.")
        for kind in kinds:
            on = data.get(f"ev_{kind}_on")
            if kind == Evidence.Kind.OTHER and not data.get("ev_other_text"):
                self.add_error("ev_other_text", "Напишите, что именно подтверждает.")
            if on and not data.get(f"ev_{kind}_file") and not data.get(f"ev_{kind}_link") and on < today():
                self.add_error(f"ev_{kind}_on", "Эта дата уже прошла. Укажите будущую дату, файл или ссылку.")
            if (upload := data.get(f"ev_{kind}_file")) is not None:
                try:
                    check_upload(upload)
                except forms.ValidationError as error:
                    self.add_error(f"ev_{kind}_file", error)

    @staticmethod
    def _has_evidence(data: dict[str, Any], kind: str) -> bool:
        return any(data.get(f"ev_{kind}{part}") for part in PARTS)

    def answers(self) -> SurveyAnswers:
        data = self.cleaned_data
        started = data["has_started"] == "yes"
        return SurveyAnswers(
            important=data["important"],
            in_route=data["in_route"],
            has_started=started,
            route_note=data["route_note"] if data["in_route"] == Survey.InRoute.OUTSIDE else "",
            reason="" if started else data["reason"],
            reason_text="" if started else data["reason_text"],
            changes=[
                ChangeAnswer(
                    text=data[f"change_{n}"],
                    is_on_topic=data[f"change_{n}_on"] != "other",
                    topic=data[f"change_{n}_topic"] if data[f"change_{n}_on"] == "other" else "",
                )
                for n in range(CHANGES)
                if data.get(f"change_{n}")
            ],
            evidence=[
                EvidenceAnswer(
                    kind=kind,
                    text=data[f"ev_{kind}_text"],
                    link=data[f"ev_{kind}_link"],
                    event_on=data[f"ev_{kind}_on"],
                    file=data[f"ev_{kind}_file"],
                )
                for kind in Evidence.Kind.values
                if self._has_evidence(data, kind)
            ],
            nothing_yet=data["nothing_yet"],
            kept=self.kept,
            removed=[one for one in self.past.own if one not in self.kept],
            shared=self.shared,
        )


@dataclass
class Row:
    """One repeated group of the page: a change or a kind of evidence, with what was typed and what is wrong."""

    name: str
    label: str
    values: dict[str, str]
    errors: dict[str, str]
    is_open: bool


@cache
def empty_questions(is_head: bool) -> SafeString:
    """The questions before anything is typed, rendered once per process: they are the same for everybody."""
    return render_to_string("motor/parts/survey_questions.html", page_fields(is_head))


def page_fields(is_head: bool, form: SurveyForm | None = None) -> dict[str, Any]:
    """Everything the hand-written page shows: choices, what was typed, errors by field; plain values only."""
    if form is None:
        return _page(is_head, {}, {})
    return _page(is_head, form.data, {name: str(messages[0]) for name, messages in form.errors.items()})


def former_fields(is_head: bool, survey: Survey) -> dict[str, Any]:
    """The page with the former answers in it, for an answer that came back."""
    typed = {
        "important": survey.important,
        "in_route": survey.in_route,
        "route_note": survey.route_note,
        "has_started": "yes" if survey.has_started else "no",
        "reason": survey.reason,
        "reason_text": survey.reason_text,
        "nothing_yet": "on" if survey.nothing_yet else "",
    }
    for number, change in enumerate(list(survey.changes.all())[:CHANGES]):
        typed[f"change_{number}"] = change.text
        typed[f"change_{number}_on"] = "course" if change.is_on_topic else "other"
        typed[f"change_{number}_topic"] = change.topic
    return _page(is_head, typed, {})


def _page(is_head: bool, data: Mapping[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    simple = ("important", "in_route", "route_note", "has_started", "reason", "reason_text", "nothing_yet")
    changes = [_row(f"change_{n}", f"Изменение {n + 1}", ("", "_on", "_topic"), data, wrong) for n in range(CHANGES)]
    evidence = [_row(f"ev_{kind}", label, PARTS, data, wrong) for kind, label in EVIDENCE_ORDER[is_head]]
    return {
        "values": {name: data.get(name, "") for name in simple},
        "errors": {name: wrong.get(name, "") for name in simple},
        "error_list": sorted(wrong.items(), key=lambda error: _place(error[0])),
        "changes": changes,
        "evidence": evidence,
        "in_route_choices": IN_ROUTE,
        "reason_choices": Survey.Reason.choices,
        "no_personal": NO_PERSONAL,
    }


@dataclass(frozen=True)
class Tick:
    """Evidence brought before, with its tick."""

    name: str
    evidence: Evidence
    is_ticked: bool


def ticks(past: Past, form: SurveyForm | None = None) -> dict[str, list[Tick]]:
    """Own evidence comes ticked: it stays unless the teacher takes it away; that of other cases does not."""
    kept, shared = (past.own, []) if form is None else (form.kept, form.shared)
    return {
        "own_evidence": [Tick(f"keep_{one.pk}", one, one in kept) for one in past.own],
        "other_evidence": [Tick(f"share_{one.pk}", one, one in shared) for one in past.others],
    }


def _place(name: str) -> tuple[int, str]:
    """Errors are listed as the questions stand on the page: questions 1 to 3, changes, evidence."""
    order = ("important", "in_route", "route_note", "has_started", "reason", "reason_text")
    if name in order:
        return order.index(name), name
    return (10 if name.startswith("change_") else 20), name


def _row(name: str, label: str, parts: tuple[str, ...], data: Any, wrong: dict[str, str]) -> Row:
    values = {(part or "_main")[1:]: str(data.get(name + part, "")) for part in parts}
    errors = {(part or "_main")[1:]: wrong.get(name + part, "") for part in parts}
    # The topic's radio comes chosen, so it says nothing about whether the person began this row.
    typed = [value for part, value in values.items() if (part, value) != ("on", "course")]
    return Row(name, label, values, errors, is_open=any(typed) or any(errors.values()))


def _evidence_order(is_head: bool) -> list[tuple[str, str]]:
    """A head is offered the document first, a teacher last but one."""
    choices = list(Evidence.Kind.choices)
    if is_head:
        choices.sort(key=lambda choice: choice[0] != Evidence.Kind.DOCUMENT)
    return choices


EVIDENCE_ORDER = {is_head: _evidence_order(is_head) for is_head in (False, True)}


class ObjectionForm(forms.Form):
    """«Есть возражение»: the teacher's words against the result."""

    text = forms.CharField(max_length=5000, error_messages={"required": "Напишите, с чем Вы не согласны."})
