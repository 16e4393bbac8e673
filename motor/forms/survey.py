"""The survey's four questions. The page is written by hand and shown without this form: a GET stays cheap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString

from cabinet.core.clock import add_months, today
from cabinet.files.services import check_upload
from iom.models import RouteItem
from motor.models import DraftFile, Evidence, Survey
from motor.services import ChangeAnswer, EvidenceAnswer, SurveyAnswers
from motor.services.drafts import MAX_FILES, answers_of
from motor.services.survey import Past

CHANGES = 3
EVENT_MONTHS = 12  # no further ahead: the methodist's time runs from that day, and a year is easily mistyped
TYPED = ("", "_text", "_link", "_on")
PARTS = (*TYPED, "_file")
# Without a route in the cabinet nobody is offered items that do not exist.
IN_ROUTE = [(value, label) for value, label in Survey.InRoute.choices if value != Survey.InRoute.OWN]
NO_PERSONAL = "Не указывайте сведения о здоровье и семейных обстоятельствах"


# Checking leaves a field as it is, so all forms share these: copying them took longer than checking.
FIELDS: dict[str, forms.Field] = {
    "important": forms.CharField(
        max_length=5000,
        error_messages={"required": "Напишите, что из программы было важно и нужно для Вас. Хватит одной фразы."},
    ),
    "in_route": forms.ChoiceField(
        choices=IN_ROUTE, error_messages={"required": "Отметьте, отражено ли это в Вашем ИОМ."}
    ),
    "route_note": forms.CharField(max_length=2000, required=False),
    "has_started": forms.ChoiceField(choices=[("yes", "ДА"), ("no", "НЕТ")], required=False),
    "reason": forms.ChoiceField(choices=Survey.Reason.choices, required=False),
    "reason_text": forms.CharField(max_length=2000, required=False),
    "nothing_yet": forms.BooleanField(required=False),
}
WITH_ROUTE = forms.ChoiceField(choices=Survey.InRoute.choices, error_messages=FIELDS["in_route"].error_messages)
# The groups that repeat.
CHANGE_FIELDS: dict[str, forms.Field] = {
    "": forms.CharField(max_length=2000, required=False),
    "_on": forms.ChoiceField(choices=[("course", ""), ("other", "")], required=False),
    "_topic": forms.CharField(max_length=200, required=False),
}
EVIDENCE_FIELDS: dict[str, forms.Field] = {
    "": forms.BooleanField(required=False),
    "_text": forms.CharField(max_length=300, required=False),
    "_link": forms.URLField(
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Проверьте ссылку: она должна выглядеть как https://…"},
    ),
    "_on": forms.DateField(required=False, error_messages={"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."}),
    "_file": forms.Field(required=False),  # several: read by uploads()
}


class SurveyForm(forms.Form):
    """Fields `change_N`, `change_N_on`, `change_N_topic` and `ev_KIND`, `ev_KIND_text|link|on|file` repeat.

    `keep_ID` and `share_ID` are ticks beside evidence brought before, to this case and to others; `item_ID` and
    `done_ID` beside items of the teacher's own route, the latter with its `_on` and `_topic`. `waiting` are files
    sent ahead of the answers.
    """

    def __init__(
        self,
        data: QueryDict,
        files: "MultiValueDict[str, UploadedFile]",
        past: Past,
        waiting: Sequence[DraftFile] = (),
    ) -> None:
        """Groups that nobody began get no fields: checking thirty empty ones costs more than all the rest."""
        super().__init__(data, files)
        self.past = past
        self.waiting = waiting
        self.answered_on = today()  # on paper earlier: a lesson ahead then may be over by now
        self.kept = [one for one in past.own if data.get(f"keep_{one.pk}")]
        has_ticks = any(name.startswith("share_") for name in data)
        self.shared = [one for one in past.others if data.get(f"share_{one.pk}")] if has_ticks else []
        has_marks = any(name.startswith(("item_", "done_")) for name in data)
        self.items = past.items if has_marks else []
        self.fields |= FIELDS
        if past.has_route:
            self.fields["in_route"] = WITH_ROUTE
        begun = {name for source in (data, files) for name in source if source.get(name)}
        begun |= {f"ev_{one.kind}" for one in waiting}
        for item in self._ticked("done"):
            self.fields |= {f"done_{item.pk}{part}": CHANGE_FIELDS[part] for part in ("_on", "_topic")}
        for number in range(CHANGES):
            if not number or f"change_{number}" in begun:
                self.fields |= {f"change_{number}{part}": field for part, field in CHANGE_FIELDS.items()}
        for kind in Evidence.Kind.values:
            if any(f"ev_{kind}{part}" in begun for part in PARTS):
                self.fields |= {f"ev_{kind}{part}": field for part, field in EVIDENCE_FIELDS.items()}

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
        has_change = any(data.get(f"change_{n}") for n in range(CHANGES)) or self._ticked("done")
        if data.get("has_started") == "yes" and not has_change:
            said = (
                "Отметьте пункт ИОМ или опишите изменение" if self.past.has_route else "Опишите хотя бы одно изменение"
            )
            self.add_error("change_0", f"{said}, которое уже осуществляется.")
        begun = [f"change_{n}" for n in range(CHANGES) if data.get(f"change_{n}")]
        for name in [*begun, *(f"done_{item.pk}" for item in self._ticked("done"))]:
            if data.get(f"{name}_on") == "other" and not data.get(f"{name}_topic"):
                self.add_error(f"{name}_topic", "Назовите другую тематику.")

    def _clean_evidence(self, data: dict[str, Any]) -> None:
        kinds = [kind for kind in Evidence.Kind.values if self._has_evidence(data, kind)]
        has_typed = any(name.startswith("ev_") for name in self.errors)
        has_any = bool(kinds or self.kept or self.shared)
        if not has_any and not data.get("nothing_yet") and not has_typed:
            self.add_error("nothing_yet", "Отметьте, чем можете подтвердить, или «пока подтвердить нечем».")
        if has_any and data.get("nothing_yet"):
            self.add_error("nothing_yet", "Отмечены и подтверждения, и «пока подтвердить нечем»: оставьте что-то одно.")
        count = len(self.waiting)
        for kind in kinds:
            on = data.get(f"ev_{kind}_on")
            if kind == Evidence.Kind.OTHER and not data.get("ev_other_text"):
                self.add_error("ev_other_text", "Напишите, что именно подтверждает.")
            if on and on < self.answered_on and not data.get(f"ev_{kind}_link") and not self._has_files(kind):
                self.add_error(f"ev_{kind}_on", "Эта дата уже прошла. Укажите будущую дату, файл или ссылку.")
            if on and on > add_months(self.answered_on, EVENT_MONTHS):
                self.add_error(f"ev_{kind}_on", "До этой даты больше года. Проверьте год или выберите день поближе.")
            count += len(self.uploads(kind))
            self._clean_uploads(kind, count)

    def _clean_uploads(self, kind: str, count: int) -> None:
        if self.uploads(kind) and count > MAX_FILES:
            self.add_error(f"ev_{kind}_file", f"Можно приложить до {MAX_FILES} файлов. Дайте ссылку на остальные.")
        for upload in self.uploads(kind):
            try:
                check_upload(upload)
            except forms.ValidationError as error:
                self.add_error(f"ev_{kind}_file", f"«{upload.name}»: {error.message}")

    def _ticked(self, name: str) -> list[RouteItem]:
        return [one for one in self.items if self.data.get(f"{name}_{one.pk}")]

    def _topic(self, name: str) -> str:
        """Of a change: empty is the course's own."""
        return str(self.cleaned_data[f"{name}_topic"]) if self.cleaned_data[f"{name}_on"] == "other" else ""

    def uploads(self, kind: str) -> list[UploadedFile]:
        return [one for one in self.files.getlist(f"ev_{kind}_file") if one]

    def _has_files(self, kind: str) -> bool:
        return bool(self.uploads(kind)) or any(one.kind == kind for one in self.waiting)

    def _has_evidence(self, data: dict[str, Any], kind: str) -> bool:
        return any(data.get(f"ev_{kind}{part}") for part in TYPED) or self._has_files(kind)

    def answers(self) -> SurveyAnswers:
        data = self.cleaned_data
        started = data["has_started"] == "yes"
        practised = self._ticked("done") if started else []
        former = {one["item"]: one for one in (self.past.former.route_items if self.past.former else [])}
        offered = self.past.items if former else self.items
        return SurveyAnswers(
            important=data["important"],
            in_route=data["in_route"],
            has_started=started,
            route_note=data["route_note"] if data["in_route"] == Survey.InRoute.OUTSIDE else "",
            reason="" if started else data["reason"],
            reason_text="" if started else data["reason_text"],
            changes=[
                ChangeAnswer(data[f"change_{n}"], not self._topic(f"change_{n}"), self._topic(f"change_{n}"))
                for n in range(CHANGES)
                if data.get(f"change_{n}")
            ],
            evidence=[one for kind in Evidence.Kind.values for one in self._evidence(kind)],
            nothing_yet=data["nothing_yet"],
            kept=self.kept,
            removed=[one for one in self.past.own if one not in self.kept],
            shared=self.shared,
            reflected=self._ticked("item") if data["in_route"] == Survey.InRoute.OWN else [],
            practised=[(item, self._topic(f"done_{item.pk}")) for item in practised],
            not_practised=[
                one for one in offered if former.get(one.pk, {}).get("in_practice") and one not in practised
            ],
            former_ticks=[row for pk, row in former.items() if pk not in {one.pk for one in offered}],
        )

    def _evidence(self, kind: str) -> list[EvidenceAnswer]:
        """A piece per file; the link and the date go with the first of them, the words with each."""
        data = self.cleaned_data
        if not self._has_evidence(data, kind):
            return []
        text, link, on = (data[f"ev_{kind}_{part}"] for part in ("text", "link", "on"))
        pieces = [EvidenceAnswer(kind, text, draft_file=one) for one in self.waiting if one.kind == kind]
        pieces += [EvidenceAnswer(kind, text, file=one) for one in self.uploads(kind)]
        first, *others = pieces or [EvidenceAnswer(kind, text)]
        return [replace(first, link=link, event_on=on), *others]


@dataclass
class Row:
    """One repeated group of the page: a change or a kind of evidence, with what was typed and what is wrong."""

    name: str
    label: str
    values: dict[str, str]
    errors: dict[str, str]
    is_open: bool
    files: list[DraftFile]

    @property
    def is_other(self) -> bool:
        return self.values.get("on") == "other"


@cache
def empty_questions(is_head: bool) -> SafeString:
    """The questions before anything is typed, rendered once per process: they are the same for everybody."""
    return render_to_string("motor/parts/survey_questions.html", page_fields(is_head))


def page_fields(is_head: bool, form: SurveyForm | None = None, files: Sequence[DraftFile] = ()) -> dict[str, Any]:
    """Everything the hand-written page shows: choices, what was typed, errors by field; plain values only."""
    if form is None:
        return _page(is_head, {}, {})
    wrong = {name: str(messages[0]) for name, messages in form.errors.items()}
    return _page(is_head, form.data, wrong, files)


def draft_fields(is_head: bool, typed: Mapping[str, str], files: Sequence[DraftFile] = ()) -> dict[str, Any]:
    """The page with what was begun, said before or known."""
    return _page(is_head, typed, {}, files)


MARKS = {"item": "reflected", "done": "in_practice"}  # the page's ticks, as Survey.route_items calls them


def former_answers(survey: Survey) -> dict[str, str]:
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
    for one in survey.route_items:
        typed |= {f"{name}_{one['item']}": "on" for name, key in MARKS.items() if one[key]}
        typed |= _other(f"done_{one['item']}", one["topic"])
    return typed


def _other(name: str, topic: str) -> dict[str, str]:
    return {f"{name}_on": "other", f"{name}_topic": topic} if topic else {}


def known_marks(past: Past) -> dict[str, str]:
    """What the route says already is not asked again: items of this course, changes marked there."""
    typed = {}
    for one in past.items:
        if one.completion_id == past.case.completion_id:
            typed[f"item_{one.pk}"] = "on"
        if one.is_in_practice:
            typed |= {f"done_{one.pk}": "on"} | _other(f"done_{one.pk}", one.practice_topic)
    return typed


def _page(
    is_head: bool, data: Mapping[str, Any], wrong: dict[str, str], files: Sequence[DraftFile] = ()
) -> dict[str, Any]:
    simple = ("important", "in_route", "route_note", "has_started", "reason", "reason_text", "nothing_yet")
    changes = [_row(f"change_{n}", f"Изменение {n + 1}", ("", "_on", "_topic"), data, wrong) for n in range(CHANGES)]
    evidence = [
        _row(f"ev_{kind}", label, PARTS, data, wrong, [one for one in files if one.kind == kind])
        for kind, label in EVIDENCE_ORDER[is_head]
    ]
    return {
        "values": {name: data.get(name, "") for name in simple},
        "errors": {name: wrong.get(name, "") for name in simple},
        "error_list": sorted(wrong.items(), key=lambda error: _place(error[0])),
        "changes": changes,
        "evidence": evidence,
        "in_route_choices": IN_ROUTE,
        "route_items": [],
        "reason_choices": Survey.Reason.choices,
        "no_personal": NO_PERSONAL,
    }


@dataclass(frozen=True)
class RouteTick:
    """An item of the teacher's own route with its two ticks: it reflects the course, its change already happens."""

    pk: int
    activity: str
    is_reflected: bool
    is_done: bool
    is_other: bool
    topic: str
    wrong: str

    @property
    def name(self) -> str:
        return f"done_{self.pk}"


def route_fields(past: Past, typed: Mapping[str, str], form: SurveyForm | None = None) -> dict[str, Any]:
    """What the page shows besides to a teacher whose route is in the cabinet."""
    if not past.has_route:
        return {}
    items = [
        RouteTick(
            one.pk,
            one.activity,
            bool(typed.get(f"item_{one.pk}")),
            bool(typed.get(name := f"done_{one.pk}")),
            typed.get(f"{name}_on") == "other",
            typed.get(f"{name}_topic", ""),
            str(form.errors[f"{name}_topic"][0]) if form is not None and f"{name}_topic" in form.errors else "",
        )
        for one in past.items
    ]
    return {"in_route_choices": Survey.InRoute.choices, "route_items": items}


@dataclass(frozen=True)
class Tick:
    """Evidence brought before, with its tick."""

    name: str
    evidence: Evidence
    is_ticked: bool


def ticks(past: Past, typed: Mapping[str, str] | None = None) -> dict[str, list[Tick]]:
    """Own evidence comes ticked: it stays unless the teacher takes it away; that of other cases does not."""

    def tick(name: str, evidence: Evidence, at_first: bool) -> Tick:
        return Tick(name, evidence, at_first if typed is None else bool(typed.get(name)))

    return {
        "own_evidence": [tick(f"keep_{one.pk}", one, True) for one in past.own],
        "other_evidence": [tick(f"share_{one.pk}", one, False) for one in past.others],
    }


@dataclass(frozen=True)
class Difference:
    """One field of two devices: what stands on this page and what the other device has saved."""

    name: str
    label: str
    here: str
    there: str
    value: str  # of the other device, as the field takes it


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[Difference]:
    here, there = answers_of(here), answers_of(there)
    names = sorted({name for name in (*here, *there) if here.get(name) != there.get(name)}, key=_place)
    return [
        Difference(name, _label(name), _shown(name, here), _shown(name, there), there.get(name, "")) for name in names
    ]


LABELS = {
    "important": "1. Важное и нужное содержание",
    "in_route": "2. Отражено ли в ИОМ",
    "route_note": "2. Где ведётся ИОМ",
    "has_started": "3. Начали ли реализовывать ИОМ",
    "reason": "3. Почему нет",
    "reason_text": "3. Пояснение",
    "nothing_yet": "4. Пока подтвердить нечем",
    **{f"change_{n}": f"3. Изменение {n + 1}" for n in range(CHANGES)},
    **{f"change_{n}_on": f"3. Изменение {n + 1}: тематика" for n in range(CHANGES)},
    **{f"change_{n}_topic": f"3. Изменение {n + 1}: по какой тематике" for n in range(CHANGES)},
    **{f"ev_{kind}": f"4. {label}" for kind, label in Evidence.Kind.choices},
    **{f"ev_{kind}_text": f"4. {label}: что это" for kind, label in Evidence.Kind.choices},
    **{f"ev_{kind}_link": f"4. {label}: ссылка" for kind, label in Evidence.Kind.choices},
    **{f"ev_{kind}_on": f"4. {label}: дата" for kind, label in Evidence.Kind.choices},
}
CHOSEN: dict[str, dict[str, str]] = {
    "in_route": dict(Survey.InRoute.choices),
    "has_started": {"yes": "ДА", "no": "НЕТ"},
    "reason": dict(Survey.Reason.choices),
    **{f"change_{n}_on": {"": "по тематике курса", "other": "по другой тематике"} for n in range(CHANGES)},
    **{name: {"": "не отмечено", "on": "отмечено"} for name in ("nothing_yet", *(f"ev_{k}" for k in Evidence.Kind))},
}


def _label(name: str) -> str:
    if name.startswith("done_"):
        parts = {"on": "3. Изменение в пункте ИОМ: тематика", "topic": "3. Изменение в пункте ИОМ: по какой тематике"}
        return parts.get(name.rpartition("_")[2], "3. Изменение осуществляется: пункт ИОМ")
    return LABELS.get(name, "2. Отражено в пункте ИОМ" if name.startswith("item_") else "4. Приложенное раньше")


def _shown(name: str, typed: Mapping[str, str]) -> str:
    value = typed.get(name, "")
    if name.startswith("done_") and name.endswith(("_on", "_topic")):
        return CHOSEN["change_0_on"].get(value, value) if name.endswith("_on") else value or "пусто"
    if name not in LABELS:
        return "отмечено" if value else "не отмечено"
    return CHOSEN.get(name, {}).get(value, value) or "пусто"


def typed_words(posted: Mapping[str, str]) -> list[tuple[str, str]]:
    """The words of an answer or an objection that can no longer be taken, to be copied: nothing written is lost."""
    typed = answers_of(posted)
    words = [name for name in sorted(typed, key=_place) if name in LABELS and name not in CHOSEN]
    found = [(_label(name), typed[name]) for name in words]
    return [*found, ("Возражение", posted["text"])] if posted.get("text") else found


def _place(name: str) -> tuple[int, str]:
    """Errors are listed as the questions stand on the page: questions 1 to 3, changes, evidence."""
    order = ("important", "in_route", "route_note", "has_started", "reason", "reason_text")
    if name in order:
        return order.index(name), name
    return (10 if name.startswith(("item_", "done_", "change_")) else 20), name


def _row(
    name: str,
    label: str,
    parts: tuple[str, ...],
    data: Any,
    wrong: dict[str, str],
    files: Sequence[DraftFile] = (),
) -> Row:
    values = {(part or "_main")[1:]: str(data.get(name + part, "")) for part in parts}
    errors = {(part or "_main")[1:]: wrong.get(name + part, "") for part in parts}
    # The topic's radio comes chosen, so it says nothing about whether the person began this row.
    typed = [value for part, value in values.items() if (part, value) != ("on", "course")]
    return Row(name, label, values, errors, any(typed) or any(errors.values()) or bool(files), list(files))


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
