"""The questions of a poll as its respondent sees them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from cabinet.polls.models import Question

TICK = {"class": "form-check-input"}
SKIP = ("", "Без ответа")


class AnswerForm(forms.Form):
    """`had`: question → options answered before."""

    def __init__(
        self, questions: Sequence[Question], data: Any = None, *, had: Mapping[int, Sequence[int]] | None = None
    ) -> None:
        super().__init__(data)
        self.use_required_attribute = False  # what is missing is said in our own words, by the server
        self.questions = questions
        for question in questions:
            self.fields[self.name_of(question)] = self._field(question, (had or {}).get(question.pk, ()))

    @staticmethod
    def name_of(question: Question) -> str:
        return f"q{question.pk}"

    def _field(self, question: Question, had: Sequence[int]) -> forms.Field:
        choices = [(str(one.pk), one.text) for one in question.options.all()]
        needed, wrong = "Выберите ответ.", "Такого варианта нет. Выберите из тех, что на странице."
        common: dict[str, Any] = {"label": question.text, "required": question.is_required}
        if question.kind == Question.Kind.MANY:
            return forms.MultipleChoiceField(
                choices=choices,
                initial=[str(pk) for pk in had],
                widget=forms.CheckboxSelectMultiple(TICK),
                error_messages={"required": "Отметьте хотя бы один вариант.", "invalid_choice": wrong},
                **common,
            )
        return forms.ChoiceField(
            choices=choices if question.is_required else [*choices, SKIP],  # a radio once pressed has no way back
            initial=str(had[0]) if had else "",
            widget=forms.RadioSelect(TICK),
            error_messages={"required": needed, "invalid_choice": wrong},
            **common,
        )

    @property
    def chosen(self) -> dict[int, list[int]]:
        """Question → options, as the services take them."""
        found = {}
        for question in self.questions:
            value = self.cleaned_data[self.name_of(question)]
            found[question.pk] = [int(one) for one in ([value] if isinstance(value, str) else value) if one]
        return found

    @property
    def rows(self) -> list[tuple[Question, forms.BoundField]]:
        return [(one, self[self.name_of(one)]) for one in self.questions]
