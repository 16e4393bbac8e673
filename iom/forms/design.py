"""What is typed in the designer: the header and the three kinds of lines. A half-filled line is saved as it is."""

from collections.abc import Iterable
from typing import Any

from django import forms

from cabinet.courses.models import Completion
from iom.models import Category, Deficit, ItemAttachment, LearningForm, Level, Route, RouteItem, Support
from iom.services.lines import AnyLine, name_of

NO_DATE = "Такой даты нет. Запишите её так: 12.03.2027."


def day(label: str, missing: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=bool(missing),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": NO_DATE},
    )


def area(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=3000, widget=forms.Textarea({"rows": 2}))


def line(label: str, missing: str = "", longest: int = 500) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=longest,
        error_messages={"required": missing, "max_length": f"Слишком длинно: оставьте до {longest} знаков."},
    )


def choice(label: str, kinds: Iterable[tuple[str, Any]], *, empty: str = "не выбрано") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", empty), *kinds])


class HeaderForm(forms.Form):
    title = line("Название", "Назовите маршрут, чтобы его было легко найти.", 200)
    starts_on = day("Начало", "Укажите, когда маршрут начинается.")
    ends_on = day("Окончание", "Укажите, когда маршрут заканчивается.")
    category = choice("Категория", Category.choices)
    experience_years = forms.IntegerField(
        label="Стаж, лет",
        required=False,
        min_value=0,
        max_value=70,
        error_messages={
            "invalid": "Запишите стаж целым числом лет.",
            "min_value": "Стаж не бывает меньше нуля.",
            "max_value": "Стаж больше 70 лет — проверьте число.",
        },
    )
    aim = area("Цель")
    wish = area("Индивидуальный запрос")
    order_number = line("Номер приказа", longest=40)
    order_on = day("Дата приказа")

    def __init__(self, route: Route, data: Any = None) -> None:
        super().__init__(data, auto_id="id_header_%s", initial={one: getattr(route, one) for one in self.base_fields})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("starts_on"), data.get("ends_on")
        if start and end and end <= start:
            self.add_error("ends_on", f"Окончание раньше начала: выберите день после {start:%d.%m.%Y}.")
        return data


class LineForm(forms.Form):
    """`deficits` and `courses` are loaded once for the page. Several forms stand on it: ids carry the line."""

    def __init__(
        self,
        route: Route,
        row: AnyLine | None,
        data: Any = None,
        *,
        deficits: Iterable[Deficit] = (),
        courses: Iterable[Completion] = (),
    ) -> None:
        self.route, self.row = route, row
        name = name_of(row).replace(":", "-") if row else "new"
        super().__init__(data, auto_id=f"id_{name}_%s", initial=self.known(row))
        if "deficit" in self.fields:
            found = [(str(one.pk), one.text) for one in deficits]
            self.fields["deficit"].choices = [("", "не выбран"), *found]  # type: ignore[attr-defined]
        if "completion" in self.fields:
            names = [(str(one.pk), one.course.programme.title) for one in courses]
            self.fields["completion"].choices = [("", "не из курса"), *names]  # type: ignore[attr-defined]

    def known(self, row: AnyLine | None) -> dict[str, Any]:
        if row is None:
            return {}
        links = {"deficit": "deficit_id", "completion": "completion_id"}
        return {one: getattr(row, links.get(one, one)) for one in self.base_fields}

    def values(self) -> dict[str, Any]:
        """Columns of the row; a chosen deficit or course goes by its number."""
        found = dict(self.cleaned_data)
        for name in ("deficit", "completion"):
            if name in found:
                chosen = found.pop(name)
                found[f"{name}_id"] = int(chosen) if chosen else None
        return found


class DeficitForm(LineForm):
    text = line("Дефицит", "Назовите дефицит: чего не хватает, чтобы работать увереннее.")


class GoalForm(LineForm):
    text = line("Цель", "Напишите цель или уберите эту строку.")
    deficit = choice("Какой дефицит закрывает", [])


class ItemForm(LineForm):
    activity = line("Мероприятие", "Назовите мероприятие или уберите пункт.")
    deficit = choice("Какой дефицит закрывает", [])
    form = choice("Форма", LearningForm.choices)
    level = choice("Уровень", Level.choices)
    support = forms.ChoiceField(
        label="Сопровождение",
        choices=Support.choices,
        error_messages={"required": "Выберите, кто сопровождает; или «самостоятельно»."},
    )
    due_on = day("Срок")
    is_open_ended = forms.BooleanField(label="Бессрочно", required=False)
    product = line("Ожидаемый продукт")
    completion = choice("Из какого курса", [])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        due = data.get("due_on")
        if data.get("is_open_ended"):
            data["due_on"] = None
        elif due and not self.route.starts_on <= due <= self.route.ends_on:
            self.add_error(
                "due_on",
                f"Срок вне маршрута: он идёт с {self.route.starts_on:%d.%m.%Y} по {self.route.ends_on:%d.%m.%Y}. "
                "Выберите день внутри или измените период.",
            )
        return data


class AttachmentForm(forms.Form):
    kind = forms.ChoiceField(label="Что это", choices=ItemAttachment.Kind.choices)
    title = line("Название", "Назовите материал или событие.", 200)
    link = forms.URLField(
        label="Ссылка",
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": "Это не похоже на адрес. Скопируйте ссылку целиком, вместе с https://."},
    )
    on = day("Дата события")
    place = line("Место", longest=200)

    def __init__(self, item: RouteItem, data: Any = None) -> None:
        super().__init__(data, auto_id=f"id_extra-{item.pk}_%s")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("on") and data.get("kind") == ItemAttachment.Kind.MATERIAL:
            self.add_error("on", "Дата бывает у события. Уберите её или выберите «событие».")
        return data


FORMS: dict[str, type[LineForm]] = {"deficit": DeficitForm, "goal": GoalForm, "item": ItemForm}
