"""The municipal specialist's record: C of domain.md section 5.4."""

from typing import Any

from django import forms

from motor.models import MunicipalRecord


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
    note = forms.CharField(label="Заметка", widget=forms.Textarea({"rows": 2}), max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Needed once «может» is marked: the page must not call it optional.
        self.fields["event_kinds"].is_conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("can_present") == "yes" and not data.get("event_kinds"):
            self.add_error("event_kinds", "Отметьте хотя бы один вид события, где опыт можно представить.")
        if data.get("can_present") == "waived" and not data.get("note"):
            self.add_error("note", "Напишите, почему учёт не требуется.")
        return data

    @property
    def decision(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["can_present"])
