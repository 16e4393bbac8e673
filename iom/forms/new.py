"""What a new route begins with: from what, and on what grounds."""

from typing import Any

from django import forms

from cabinet.core.forms import RowsField
from cabinet.courses.models import Completion
from cabinet.users.models import User
from iom.models import Diagnosis, Route, RouteTemplate, Status

FIRST = 6  # ways to begin shown at once; further templates are folded
GONE = {"invalid_choice": "Этого здесь больше нет: отметьте другое.", "invalid_pk_value": "Отметьте одно из списка."}


class NewForm(forms.Form):
    start = forms.ChoiceField(
        label="С чего начать",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Выберите, с чего начать.",
            "invalid_choice": "Этого начала больше нет: выберите другое.",
        },
    )
    courses = RowsField(
        Completion.objects.none(),
        label="Курсы",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=GONE,
    )
    diagnoses = RowsField(
        Diagnosis.objects.none(),
        label="Диагностики",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=GONE,
    )
    request = forms.CharField(
        label="Запрос педагога",
        help_text="Своими словами: чему хочется научиться и зачем.",
        required=False,
        max_length=400,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"max_length": "Слишком длинно: оставьте до 400 знаков, подробности впишете в маршрут."},
    )

    def __init__(self, user: User, person: User, data: Any = None, template: str = "", diagnosis: str = "") -> None:
        self.templates = list(templates_for(user, person))
        self.former = list(
            Route.objects.visible_to(user)
            .filter(person=person, is_outside=False, status__in=(Status.COMPLETED, Status.ARCHIVED))
            .order_by("-pk")[:3]
        )
        chosen = f"template-{template}"
        codes = [f"template-{one.pk}" for one in self.templates]
        super().__init__(
            data,
            initial={"start": chosen if chosen in codes else "empty", "diagnoses": [diagnosis] if diagnosis else []},
        )
        choices = [("empty", "Пустой маршрут"), *zip(codes, map(str, self.templates), strict=True)]
        choices += [(f"route-{one.pk}", one.title) for one in self.former]
        self.fields["start"].choices = choices  # type: ignore[attr-defined]
        courses = Completion.objects.filter(person=person).select_related("course__programme")
        self.fields["courses"].queryset = courses.order_by("-pk")  # type: ignore[attr-defined]
        self.fields["courses"].label_from_instance = lambda one: one.course.programme.title  # type: ignore[attr-defined]
        diagnoses = Diagnosis.objects.visible_to(user).filter(person=person)
        self.fields["diagnoses"].queryset = diagnoses  # type: ignore[attr-defined]

    def begins(self) -> list[dict[str, str]]:
        """The ways to begin as cards: code, title, what one gets; the first few, and the chosen one among them."""
        cards = self._cards()
        chosen = [one for one in cards[FIRST:] if one["checked"]]
        return [*cards[: FIRST - len(chosen)], *chosen]

    def further(self) -> list[dict[str, str]]:
        shown = self.begins()
        return [one for one in self._cards() if one not in shown]

    def _cards(self) -> list[dict[str, str]]:
        cards = [("empty", "Пустой", "Заголовок заполним, остальное впишете сами.", "file-earmark-plus")]
        for former in self.former:
            note = f"{former.title}: дефициты, цели и мероприятия с новыми сроками."
            cards.append((f"route-{former.pk}", "Из прошлого маршрута", note, "arrow-repeat"))
        for one in self.templates:
            note = one.note or one.deficit or f"Шаблон: {one.get_scope_display()}"
            cards.append((f"template-{one.pk}", one.title, note, "layout-text-window"))
        chosen = str(self["start"].value() or "")
        return [
            {"code": code, "title": title, "note": note, "picture": picture, "checked": "yes" * (code == chosen)}
            for code, title, note, picture in cards
        ]

    def chosen_template(self) -> RouteTemplate | None:
        return next((one for one in self.templates if f"template-{one.pk}" == self.cleaned_data["start"]), None)

    def chosen_former(self) -> Route | None:
        return next((one for one in self.former if f"route-{one.pk}" == self.cleaned_data["start"]), None)


def templates_for(user: User, person: User) -> list[RouteTemplate]:
    """Those of the teacher's subject first."""
    found = RouteTemplate.objects.visible_to(user).in_use().select_related("subject")[:60]
    return sorted(found, key=lambda one: (one.subject_id is None or one.subject_id != person.subject_id, one.title))
