"""The form of a group consultation."""

from datetime import timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict

from cabinet.core.clock import today
from cabinet.core.forms import RowsField
from motor.models import Case, CaseQuerySet
from motor.services.consultations import CASES_AT_ONCE, Meeting
from rma.models import Member


class MeetingMemberField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Member) -> str:
        return obj.user.full_name


class ConsultationForm(forms.Form):
    data: QueryDict
    on = forms.DateField(
        label="Когда прошла",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Укажите день.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )
    topic = forms.CharField(
        label="О чём", max_length=300, error_messages={"required": "Напишите, о чём была консультация."}
    )
    member = MeetingMemberField(
        queryset=Member.objects.available().select_related("user"),
        label="Методист РМА",
        required=False,
        empty_label="проводил не методист РМА",
    )
    leader = forms.CharField(
        label="Кто проводил",
        help_text="Если не методист РМА: наставник, тьютор, методист.",
        max_length=200,
        required=False,
    )
    note = forms.CharField(
        label="К чему пришли",
        help_text="Эту заметку увидят методисты, но не педагоги.",
        widget=forms.Textarea({"rows": 3}),
        max_length=2000,
        required=False,
    )
    cases = RowsField(
        queryset=Case.objects.none(),
        label="Кто участвовал",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Отметьте хотя бы одного педагога.",
            "invalid_choice": "Карты изменились, пока вы заполняли форму: отметьте участников ещё раз.",
        },
    )

    def __init__(self, cases: CaseQuerySet, data: Any = None) -> None:
        super().__init__(data, initial={"on": today()})
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.fields["cases"].queryset = cases  # type: ignore[attr-defined]
        self.fields["leader"].is_conditional = True  # type: ignore[attr-defined]

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > today():
            raise forms.ValidationError("Этот день ещё не наступил: консультацию записывают, когда она прошла.")
        if on < today() - timedelta(days=366):
            raise forms.ValidationError("Это больше года назад. Проверьте дату.")
        return on

    def clean_topic(self) -> str:
        return " ".join(self.cleaned_data["topic"].split())

    def clean_cases(self) -> Any:
        cases = self.cleaned_data["cases"]
        if len(cases) > CASES_AT_ONCE:
            raise forms.ValidationError(f"Не больше {CASES_AT_ONCE} участников за раз: запишите остальных второй раз.")
        return cases

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("member"):
            data["leader"] = ""
        elif "member" in data and not data.get("leader"):
            self.add_error("leader", "Выберите методиста РМА или напишите, кто проводил консультацию.")
        return data

    @property
    def ticked(self) -> set[str]:
        return set(self.data.getlist("cases")) if self.is_bound else set()

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Everything as it was sent, for the page that asks once more."""
        return [(name, value) for name in self.fields for value in self.data.getlist(name)]

    @property
    def meeting(self) -> Meeting:
        data = self.cleaned_data
        return Meeting(data["on"], data["topic"], data["member"], data["leader"], data["note"])
