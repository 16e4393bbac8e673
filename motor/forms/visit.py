"""A visit of the plan: to what, when, where, and which cases it serves."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import F, Q

from cabinet.core.clock import today
from cabinet.core.forms import RowsField
from motor.models import Case, CaseQuerySet, Study, Visit
from motor.services.visits import VisitPlan

SHOWN = 40  # cases to tick; the others are added from their own pages
YEAR = timedelta(days=366)
KINDS = [
    (kind.value, str(kind.label).capitalize())
    for kind in (Study.Kind.LESSON, Study.Kind.WORKSHOP, Study.Kind.TALK, Study.Kind.DOCUMENT, Study.Kind.OTHER)
]


class CasesField(RowsField):
    def label_from_instance(self, obj: Case) -> str:
        due = f", срок {obj.due_on:%d.%m.%Y}" if obj.due_on else ""
        return f"{obj.person.full_name} — {obj.completion.course.programme.title}{due}"


class VisitForm(forms.Form):
    on = forms.DateField(
        label="Когда",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Укажите день посещения.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )
    starts_at = forms.TimeField(
        label="Начало",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        required=False,
        error_messages={"invalid": "Укажите время в виде ЧЧ:ММ."},
    )
    kind = forms.ChoiceField(label="Что посещаете", choices=KINDS, widget=forms.RadioSelect, initial=Study.Kind.LESSON)
    place = forms.CharField(
        label="Класс, кабинет, урок", help_text="Например: 7 «Б», каб. 214, 3-й урок.", max_length=200, required=False
    )
    cases = CasesField(
        queryset=Case.objects.none(),
        label="Для каких карт",
        help_text="Одно посещение может служить нескольким картам — одного педагога или разных.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Отметьте хотя бы одну карту.", "invalid_choice": "Этой карты в вашей работе нет."},
    )
    note = forms.CharField(
        label="Заметка для себя",
        help_text="Её видят только методисты. Она перейдёт в чек-лист, когда вы учтёте посещение.",
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, cases: CaseQuerySet, **kwargs: Any) -> None:
        """`cases`: those this person may choose; the ticked ones stand first, then the nearest limits."""
        super().__init__(*args, **kwargs)
        ticked = self._ticked()
        near = cases.order_by(F("due_on").asc(nulls_last=True), "pk").values_list("pk", flat=True)[:SHOWN]
        shown = cases.filter(Q(pk__in=list(near)) | Q(pk__in=ticked))
        order = {pk: number for number, pk in enumerate(ticked)}
        rows = sorted(
            shown.select_related("person", "completion__course__programme").order_by(
                F("due_on").asc(nulls_last=True), "pk"
            ),
            key=lambda case: order.get(case.pk, SHOWN + len(order)),
        )
        field = self.fields["cases"]
        field.queryset = cases  # type: ignore[attr-defined]
        field.widget.choices = [(case.pk, field.label_from_instance(case)) for case in rows]  # type: ignore[attr-defined]
        self.hides_some = len(near) == SHOWN and cases.count() > len(rows)

    def _ticked(self) -> list[int]:
        given = self.data.getlist("cases") if self.is_bound else self.initial.get("cases", [])  # type: ignore[attr-defined]
        return [int(pk) for pk in given if str(pk).isdecimal() and len(str(pk)) < 19]

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if abs(on - today()) > YEAR:
            raise forms.ValidationError("Укажите день в пределах года от сегодняшнего.")
        return on

    def plan(self) -> VisitPlan:
        data = self.cleaned_data
        return VisitPlan(
            kind=data["kind"],
            on=data["on"],
            starts_at=data["starts_at"],
            place=data["place"],
            note=data["note"],
            cases=tuple(data["cases"]),
        )


def values_of(visit: Visit) -> dict[str, Any]:
    """What the form of a planned visit begins with."""
    return {
        "on": visit.on,
        "starts_at": visit.starts_at,
        "kind": visit.kind,
        "place": visit.place,
        "note": visit.note,
        "cases": list(visit.cases.order_by("pk").values_list("pk", flat=True)),
    }
