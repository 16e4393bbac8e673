"""What is typed in the designer: the header and the three kinds of lines. A half-filled line is saved as it is."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from cabinet.courses.models import Completion
from cabinet.users.models import User
from iom.models import Category, Deficit, ItemAttachment, LearningForm, Level, Route, RouteItem, Support
from iom.services.lines import AnyLine

NO_DATE = "Такой даты нет. Запишите её так: 12.03.2027."
WRONG_YEAR = "Проверьте год: дата слишком далеко от наших дней."
LONGEST_YEARS = 5  # of a route: a longer one is a slip of the year


class GrowingCharField(forms.CharField):
    """Words of one line that may take several on a screen: the field grows, an Enter in them is a space."""

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


def day(label: str, missing: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=bool(missing),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": NO_DATE},
        validators=[
            MinValueValidator(date(2000, 1, 1), WRONG_YEAR),
            MaxValueValidator(date(2100, 1, 1), WRONG_YEAR),
        ],
    )


def _too_long(longest: int) -> str:
    return f"Слишком длинно: оставьте до {longest} знаков."


def area(label: str, longest: int = 3000) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=longest,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"max_length": _too_long(longest)},
    )


def line(label: str, missing: str = "", longest: int = 500) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=longest,
        error_messages={"required": missing, "max_length": _too_long(longest)},
    )


def words(label: str, missing: str = "", longest: int = 500) -> forms.CharField:
    return GrowingCharField(
        label=label,
        required=bool(missing),
        max_length=longest,
        widget=forms.Textarea({"rows": 2, "data-line": ""}),
        error_messages={"required": missing, "max_length": _too_long(longest)},
    )


def choice(label: str, kinds: Iterable[tuple[str, Any]], *, empty: str = "не выбрано") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", empty), *kinds],
        error_messages={"invalid_choice": "Этого варианта больше нет: выберите другой."},
    )


class HeaderForm(forms.Form):
    """`mentors` are those who may be named; with nobody to name there is no such field."""

    aim = area("Цель маршрута")
    wish = area("Запрос педагога")
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
    mentor = choice("Наставник, тьютор", [], empty="не назначен")
    order_number = line("Номер приказа", longest=40)
    order_on = day("Дата приказа")

    FIRST = ("aim", "wish")  # what is thought over; the rest is mostly known and stands folded

    def __init__(self, route: Route, data: Any = None, *, mentors: Iterable[User] = ()) -> None:
        known = {one: getattr(route, one) for one in self.base_fields} | {"mentor": route.mentor_id}
        super().__init__(data, auto_id="id_header_%s", initial=known)
        people = dict.fromkeys([*mentors, *([route.mentor] if route.mentor else [])])
        if people and (data is None or "mentor" in data):  # a page opened before they were appointed does not ask
            found = [(str(one.pk), one.full_name) for one in people]
            self.fields["mentor"].choices = [("", "не назначен"), *found]  # type: ignore[attr-defined]
        else:
            del self.fields["mentor"]

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    def other_fields(self) -> list[forms.BoundField]:
        return [bound for bound in self if bound.name not in self.FIRST]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("starts_on"), data.get("ends_on")
        if start and end and end <= start:
            self.add_error("ends_on", f"Окончание раньше начала: выберите день после {start:%d.%m.%Y}.")
        elif start and end and end.year - start.year > LONGEST_YEARS:
            self.add_error("ends_on", f"Маршрут длиннее {LONGEST_YEARS} лет: проверьте год.")
        return data

    def values(self) -> dict[str, Any]:
        """Columns of the route; the mentor goes by his number."""
        found = dict(self.cleaned_data)
        if "mentor" in found:
            chosen = found.pop("mentor")
            found["mentor_id"] = int(chosen) if chosen else None
        return found


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
        name = row.line.replace(":", "-") if row else "new"
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
    text = words("Дефицит", "Назовите дефицит: чего не хватает, чтобы работать увереннее.")


class GoalForm(LineForm):
    text = words("Цель", "Напишите цель или уберите эту строку.")
    deficit = choice("Какой дефицит закрывает", [])


class ItemForm(LineForm):
    activity = words("Мероприятие", "Назовите мероприятие или уберите пункт.")
    deficit = choice("Какой дефицит закрывает", [])
    form = choice("Форма", LearningForm.choices)
    level = choice("Уровень", Level.choices)
    support = forms.ChoiceField(
        label="Сопровождение",
        choices=Support.choices,
        error_messages={
            "required": "Выберите, кто сопровождает; или «самостоятельно».",
            "invalid_choice": "Выберите, кто сопровождает; или «самостоятельно».",
        },
    )
    due_on = day("Срок")
    is_open_ended = forms.BooleanField(label="Бессрочно", required=False)
    product = words("Ожидаемый продукт")
    completion = choice("Из какого курса", [])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        due = data.get("due_on")
        if data.get("is_open_ended"):
            data["due_on"] = None
        elif due and due != getattr(self.row, "due_on", None) and not self.route.starts_on <= due <= self.route.ends_on:
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
        error_messages={
            "invalid": "Это не похоже на адрес. Скопируйте ссылку целиком, вместе с https://.",
            "max_length": "Ссылка длиннее 500 знаков. Возьмите короткую или опишите материал словами.",
        },
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


class RemovalForm(forms.Form):
    """Why an item people have agreed on or begun leaves the route."""

    reason = line("Почему пункт исключается", "Напишите, почему пункт исключается: он останется с этой пометкой.", 300)

    def __init__(self, item: RouteItem, data: Any = None) -> None:
        super().__init__(data, auto_id=f"id_remove-{item.pk}_%s")


class RequestForm(forms.Form):
    """A ground in words."""

    request = words("Запрос своими словами", "Напишите, чему хочется научиться и зачем.", 400)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id_ground_%s")


FORMS: dict[str, type[LineForm]] = {"deficit": DeficitForm, "goal": GoalForm, "item": ItemForm}
