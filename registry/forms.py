"""C of the municipal service as the registry asks for it: for a line, and for many at once."""

from typing import Any

from django import forms
from django.http import QueryDict

from motor.models import MunicipalRecord
from motor.services import RecordAnswer

ANSWERS = {"yes": True, "no": False, "waived": None}


class ManyRecordsForm(forms.Form):
    """Experience differs from person to person, so the pool is not asked of many."""

    data: QueryDict

    can_present = forms.ChoiceField(
        label="Может ли педагог представить элементы собственного опыта",
        choices=[("yes", "может"), ("no", "не может"), ("waived", "учёт не требуется")],
        widget=forms.RadioSelect,
        error_messages={"required": "Отметьте, может ли педагог представить опыт."},
    )
    event_kinds = forms.MultipleChoiceField(
        label="На каких методических событиях",
        choices=MunicipalRecord.EventKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(label="Заметка", widget=forms.Textarea({"rows": 2}), max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_kinds"].is_conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "can_present" in data:
            for name, problem in self.answer.problems().items():
                if name not in self.errors:
                    self.add_error(name, problem)
        return data

    @property
    def answer(self) -> RecordAnswer:
        data = self.cleaned_data
        return RecordAnswer(
            ANSWERS[data["can_present"]],
            data.get("event_kinds", []),
            data.get("in_pool", False),
            data.get("theme", ""),
            data.get("note", ""),
        )

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Everything as it was sent, for the page that asks once more."""
        return [(name, value) for name in self.fields for value in self.data.getlist(name)]


class RecordForm(ManyRecordsForm):
    in_pool = forms.BooleanField(label="Внести в банк опыта", required=False)
    theme = forms.CharField(
        label="Какой это опыт",
        help_text="Несколько слов, по которым его найдут коллеги.",
        max_length=300,
        required=False,
    )

    def __init__(self, number: int, data: Any = None, **kwargs: Any) -> None:
        # Several lines may stand open at once: their fields need names of their own for the labels.
        super().__init__(data, auto_id=f"record-{number}-%s", **kwargs)
        self.fields["theme"].is_conditional = True  # type: ignore[attr-defined]


def words_of(record: MunicipalRecord | None, advice: bool | None) -> dict[str, Any]:
    """What a form begins with: what is recorded, else the school's recommendation."""
    if record is None:
        return {} if advice is None else {"can_present": "yes" if advice else "no"}
    codes = {value: code for code, value in ANSWERS.items()}
    kept = {name: getattr(record, name) for name in ("event_kinds", "in_pool", "theme", "note")}
    return kept | {"can_present": codes[record.can_present]}
