"""What agreement asks for: a word on a line, a comment for the whole, a reason of a new version."""

from typing import Any

from django import forms

from iom.models import AgreementRule, LineDecision


class DecisionForm(forms.Form):
    """принято / уточнить / убрать at one line; the latter two say what or why."""

    verdict = forms.ChoiceField(
        label="Решение",
        choices=LineDecision.Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите: принято, уточнить или убрать."},
    )
    comment = forms.CharField(
        label="Что уточнить или почему убрать",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, line: str, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id_{line.replace(':', '-')}_%s"
        super().__init__(*args, **kwargs)

    def without_removal(self) -> None:
        """For a line that cannot be taken away."""
        verdict = self.fields["verdict"]
        verdict.choices = [one for one in LineDecision.Verdict.choices if one[0] != "remove"]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("verdict") in ("clarify", "remove") and not data.get("comment", "").strip():
            self.add_error("comment", "Напишите, что уточнить или почему убрать: педагог прочитает это у строки.")
        return data


class ReturnForm(forms.Form):
    """`words` are what is said at the lines: where there are some, nothing more has to be written."""

    comment = forms.CharField(
        label="Что изменить",
        help_text="Педагог прочитает это первым. Ваши слова у строк он увидит там же, повторять их не нужно.",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def clean_comment(self) -> str:
        comment = self.cleaned_data["comment"].strip() or self.words
        if not comment:
            raise forms.ValidationError("Напишите, что изменить: с этим комментарием маршрут вернётся к педагогу.")
        return comment


class ReviseForm(forms.Form):
    reason = forms.CharField(
        label="Почему маршрут меняется",
        help_text="Причина останется в истории, прежняя версия — для чтения.",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Напишите, почему маршрут меняется: причина останется в его истории."},
    )


class CommentForm(forms.Form):
    line = forms.CharField(max_length=40, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Замечание",
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Напишите замечание или закройте это поле."},
    )


class RuleForm(forms.Form):
    """In how many steps an organization agrees routes, and whose name stands under УТВЕРЖДАЮ."""

    steps = forms.ChoiceField(
        label="Кто согласует маршруты", choices=AgreementRule.Steps.choices, widget=forms.RadioSelect
    )
    approves = forms.CharField(
        label="Кто утверждает: должность",
        help_text="Для блока УТВЕРЖДАЮ печатной формы, например: директор МАОУ «СОШ № 12».",
        max_length=200,
        required=False,
    )
    approver_name = forms.CharField(label="Кто утверждает: И. О. Фамилия", max_length=100, required=False)
