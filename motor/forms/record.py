"""The municipal specialist's record: C of domain.md section 5.4."""

from typing import Any

from django import forms

from motor.models import MunicipalRecord
from motor.services import RecordAnswer
from motor.services.story import Story

CHOICES = {"yes": True, "no": False, "waived": None}


class RecordForm(forms.Form):
    can_present = forms.ChoiceField(
        label="Педагог может (не может) представить элементы собственного опыта",
        choices=[("yes", "может"), ("no", "не может"), ("waived", "учёт не требуется")],
        widget=forms.RadioSelect,
        error_messages={"required": "Отметьте, может ли педагог представить опыт."},
    )
    event_kinds = forms.MultipleChoiceField(
        label="Варианты методических событий, в ходе которых возможна трансляция опыта",
        choices=MunicipalRecord.EventKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    in_pool = forms.BooleanField(label="Внести в банк опыта", required=False)
    theme = forms.CharField(
        label="Какой это опыт",
        help_text="Несколько слов, по которым его найдут коллеги.",
        max_length=300,
        required=False,
    )
    note = forms.CharField(label="Заметка", widget=forms.Textarea({"rows": 2}), max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Needed once «может» or the pool is marked: the page must not call them optional.
        for name in ("event_kinds", "theme"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]

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
            CHOICES[data["can_present"]],
            data.get("event_kinds", []),
            data.get("in_pool", False),
            data.get("theme", ""),
            data.get("note", ""),
        )


def initial_of(story: Story) -> dict[str, Any]:
    """What is recorded, else what was before the case was opened anew, else the school's recommendation."""
    record = story.record or next((former.record for former in story.former if former.record), None)
    if record is not None:
        words = {value: code for code, value in CHOICES.items()}
        kept = {name: getattr(record, name) for name in ("event_kinds", "in_pool", "theme", "note")}
        return kept | {"can_present": words[record.can_present]}
    advice = [one.recommends_experience for one in story.checklists if one.recommends_experience is not None]
    return {"can_present": "yes" if advice[0] else "no"} if advice else {}
