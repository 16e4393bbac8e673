"""Giving an assignment, changing it, answering it, checking the answer, finding it in the list."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet

from cabinet.core.clock import today
from cabinet.core.forms import RowsField
from cabinet.core.words import counted
from cabinet.files.services import ALLOWED
from cabinet.users.models import User
from iom.forms.carrying import UploadsField, words
from iom.models import Assignment, Route
from iom.models.assignment import AssignmentQuerySet

BAD_LINK = {"invalid": "Это не похоже на адрес. Скопируйте ссылку целиком, вместе с https://."}
FILES_HINT = f"{ALLOWED}, до 20 МБ каждый."
MOST_COPIED = 500 * 1024 * 1024  # each teacher has a copy of the files


def link(label: str) -> forms.URLField:
    return forms.URLField(label=label, required=False, max_length=500, assume_scheme="https", error_messages=BAD_LINK)


def day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=hint,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Такой даты нет. Запишите её так: 12.03.2027."},
    )


def title() -> forms.CharField:
    return forms.CharField(
        label="Задание", max_length=200, error_messages={"required": "Назовите задание в нескольких словах."}
    )


class GiveForm(forms.Form):
    """Who gets it stands apart, in services of finding: `routes` are those the reader may choose among."""

    routes = RowsField(
        queryset=Route.objects.none(),
        label="Кому",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Отметьте хотя бы одного педагога.",
            "invalid_choice": "Этого маршрута среди ваших нет. Обновите страницу.",
        },
    )
    title = title()
    text = words("Что сделать", required=False, longest=5000)
    due_on = day("Срок", "Без срока напоминаний не будет.")
    material_title = forms.CharField(label="Название материала", max_length=200, required=False)
    material_link = link("Ссылка на материал")
    files = UploadsField(label="Файлы", required=False, help_text=FILES_HINT)  # type: ignore[assignment]
    # The mark of this page: sent twice, it gives once.
    batch = forms.SlugField(widget=forms.HiddenInput, max_length=22, required=False)

    def __init__(self, *args: Any, routes: QuerySet[Route], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["routes"].queryset = routes  # type: ignore[attr-defined]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("title", "text", "due_on")]

    @property
    def extra_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("material_title", "material_link", "files")]

    @property
    def has_extras(self) -> bool:
        """The folded part stands open where something is written in it, or is wrong there."""
        return any(field.value() or field.errors for field in self.extra_fields)

    def clean_due_on(self) -> date | None:
        """Outside every period it is a mistake; outside some, the page warns and gives it all the same."""
        due: date | None = self.cleaned_data["due_on"]
        if due is not None and due < today():
            raise forms.ValidationError("Этот день уже прошёл. Выберите сегодняшний или более поздний.")
        latest = max((one.ends_on for one in self.cleaned_data.get("routes", [])), default=None)
        if due is not None and latest is not None and due > latest:
            raise forms.ValidationError(f"Маршрут заканчивается {latest:%d.%m.%Y}. Выберите день не позже.")
        return due

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        count = len(data.get("routes", []))
        if count * sum(one.size or 0 for one in data.get("files", [])) > MOST_COPIED:
            whom = counted(count, "педагог", "педагога", "педагогов")
            self.add_error(
                "files", f"Файлы получит каждый ({whom}), вместе это слишком много. Дайте ссылку на материал."
            )
        return data


class ChangeForm(forms.Form):
    title = title()
    text = words("Что сделать", required=False, longest=5000)
    due_on = day("Срок")

    def __init__(self, assignment: Assignment, data: Any = None) -> None:
        initial = {name: getattr(assignment, name) for name in ("title", "text", "due_on")}
        super().__init__(data, initial=initial)
        self.assignment = assignment

    def clean_due_on(self) -> date | None:
        due: date | None = self.cleaned_data["due_on"]
        if due is None or due == self.assignment.due_on:
            return due
        ends_on = self.assignment.route.ends_on
        if due < today():
            raise forms.ValidationError("Этот день уже прошёл. Выберите сегодняшний или более поздний.")
        if due > ends_on:
            raise forms.ValidationError(f"Маршрут заканчивается {ends_on:%d.%m.%Y}. Выберите день не позже.")
        return due


class AnswerForm(forms.Form):
    text = words("Ответ", hint="Текст, ссылка или файл — хватит одного.", required=False, longest=10000)
    link = link("Ссылка")
    files = UploadsField(label="Файлы", required=False, help_text=FILES_HINT)  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]  # any one of the three, but one is needed


class CheckForm(forms.Form):
    comment = words("Комментарий", hint="Чтобы вернуть ответ, напишите, что доработать.", required=False)


class WithdrawForm(forms.Form):
    reason = words("Почему задание отзывается", "Напишите причину: педагог увидит её в письме.", longest=1000)


class ListForm(forms.Form):
    """The list's filter and order, kept in the address; a value that is not offered changes nothing."""

    SORTS = (("", "по сроку"), ("person", "по педагогу"), ("new", "сначала новые"))
    STATES = (("", "любое"), *Assignment.Status.choices)

    q = forms.CharField(label="Педагог или задание", required=False, max_length=100)
    status = forms.ChoiceField(label="Состояние", choices=STATES, required=False)
    late = forms.ChoiceField(label="Срок", choices=[("", "любой"), ("yes", "только просроченные")], required=False)
    sort = forms.ChoiceField(label="Порядок", choices=SORTS, required=False)

    def leave_out(self, names: Iterable[str]) -> None:
        """Fields that mean nothing on this tab."""
        for name in names:
            del self.fields[name]

    def chosen(self, rows: AssignmentQuerySet, tab: str) -> AssignmentQuerySet:
        self.is_valid()
        data: dict[str, Any] = self.cleaned_data
        if asked := data.get("q"):
            people = User.objects.search(asked).order_by().values("pk")
            # A pattern, not icontains: SQLite folds the case of Latin letters only.
            rows = rows.filter(Q(route__person__in=people) | Q(title__iregex=re.escape(asked)))
        if data.get("status"):
            rows = rows.filter(status=data["status"])
        if data.get("late"):
            rows = rows.running().overdue()
        match data.get("sort"):
            case "person":
                return rows.order_by("route__person__name_key", "due_on", "pk")
            case "new":
                return rows.order_by("-pk")
        return by_limit(rows, tab)


def by_limit(rows: AssignmentQuerySet, tab: str) -> AssignmentQuerySet:
    """What is done by its date; what is checked in the order it came, since the limit runs from that day."""
    if tab == "check":
        return rows.order_by("status_since", "pk")
    return rows.order_by(F("due_on").asc(nulls_last=True), "pk")
