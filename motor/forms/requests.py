"""What a case's page asks for about requests to РМА: whom and why, why not."""

from typing import Any

from django import forms

from cabinet.users.models import User
from motor.forms.checklist import label_of
from motor.models import Case
from motor.services.rma_requests import OFFERED, askable_members
from rma.models import Member

WHOM = "Выберите методиста РМА."


class NameForm(forms.Form):
    """The best few stand in the list; whoever else may be asked is accepted too."""

    member = forms.ModelChoiceField(Member.objects.none(), error_messages={"required": WHOM, "invalid_choice": WHOM})
    reason = forms.CharField(max_length=2000, error_messages={"required": "Напишите, о чём просите."})

    def __init__(self, case: Case, asker: User, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id="name-%s", **more)
        members = askable_members(case, asker)
        self.fields["member"].queryset = members  # type: ignore[attr-defined]
        self.offered = [(str(one.pk), label_of(one)) for one in members[:OFFERED]]


class DeclineForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        error_messages={"required": "Напишите, почему не можете участвовать: это поможет найти другого методиста."},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="decline-%s")
