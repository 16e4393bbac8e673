"""Which event the chosen teachers are put into."""

from typing import Any

from django import forms

from cabinet.planner.models import Event, EventQuerySet

SHOWN = 100  # coming events in the list


class EventField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Event) -> str:
        return f"{obj.on:%d.%m.%Y} — {obj.title} ({obj.get_kind_display()})"


class EventChoiceForm(forms.Form):
    event = EventField(
        queryset=Event.objects.none(),
        label="Событие",
        empty_label="выберите",
        error_messages={
            "required": "Выберите событие или внесите новое.",
            "invalid_choice": "Этого события больше нет среди предстоящих: выберите другое.",
        },
    )

    def __init__(self, *args: Any, events: EventQuerySet, **kwargs: Any) -> None:
        """`events`: those this person may fill; any of them is accepted, the nearest are offered."""
        super().__init__(*args, **kwargs)
        field = self.fields["event"]
        field.queryset = events  # type: ignore[attr-defined]
        shown = list(events.order_by("on", "pk")[:SHOWN])
        field.widget.choices = [("", "выберите"), *((one.pk, field.label_from_instance(one)) for one in shown)]  # type: ignore[attr-defined]
        self.is_empty = not shown
