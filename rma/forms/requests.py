"""What a new request asks for, and what each act with a request does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from cabinet.core.clock import add_months, today
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import User
from rma.forms.activity import LEAST, MONTHS_BACK, MOST
from rma.forms.days import day
from rma.models import Direction, Request
from rma.origins import Done, Need
from rma.reference import USUAL_HOURS
from rma.services.scope import FOR_OTHERS, choice_for

Kind = Request.Kind
MONTHS_AHEAD = 24  # a year typed wrong, not a plan
HEALTH = "Не указывайте сведения о здоровье и семейных обстоятельствах."


def words(label: str, missing: str = "", hint: str = "", rows: int = 3) -> forms.CharField:
    """Without a sentence for a missing answer it may be left out."""
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea({"rows": rows}),
        max_length=2000,
        required=bool(missing),
        error_messages={"required": missing},
    )


def _not_past(value: date | None) -> date | None:
    if value is not None and value < today():
        raise forms.ValidationError("Этот день уже прошёл. Выберите сегодняшний или более поздний.")
    if value is not None and value > add_months(today(), MONTHS_AHEAD):
        raise forms.ValidationError("Этот день слишком далеко. Выберите день в ближайшие два года.")
    return value


class NeedForm(forms.Form):
    """What every new request says; `typed` fills the fields without checking them, when one goes back."""

    topic = forms.CharField(
        label="Тема", max_length=300, required=False, help_text="В нескольких словах: «Критерии оценивания в 7 классе»."
    )
    reason = words(
        "О чём просите",
        "Напишите, о чём просите: по этим словам методист РМА решит, сможет ли помочь.",
        HEALTH,
        4,
    )
    subject = forms.ModelChoiceField(
        Subject.objects.all(),
        label="Предмет",
        required=False,
        empty_label="как у педагога или любой",
        error_messages={"invalid_choice": "Такого предмета нет. Выберите из списка."},
    )
    direction = forms.ModelChoiceField(
        Direction.objects.all(),
        label="Направление",
        required=False,
        empty_label="любое",
        error_messages={"invalid_choice": "Такого направления нет. Выберите из списка."},
    )
    wanted_on = day("Желаемый день", "Методист РМА может предложить другой.")

    def __init__(self, data: QueryDict | None = None, *, typed: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(typed or {}))

    def clean_wanted_on(self) -> date | None:
        return _not_past(self.cleaned_data["wanted_on"])

    def fill(self, need: Need) -> Need:
        """The need of a case or a route in the words of this form."""
        data = self.cleaned_data
        return replace(
            need,
            topic=data["topic"] or need.topic,
            reason=data["reason"],
            subject=data["subject"] or need.subject,
            direction=data["direction"] or need.direction,
            wanted_on=data["wanted_on"],
        )


FOR_ONESELF = [
    (Kind.CONSULTATION, "Консультация — разобрать вопрос вместе"),
    (Kind.IOM_HELP, "Помощь по ИОМ — составить свой маршрут или поправить его"),
]


class AskForm(NeedForm):
    """A request of one's own: also of what kind, and about whom."""

    kind = forms.ChoiceField(
        label="Что нужно",
        choices=[
            (Kind.CONSULTATION, "Консультация — для педагога, группы или организации"),
            (Kind.IOM_HELP, "Помощь по ИОМ — составить маршрут или поправить его"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, что нужно.", "invalid_choice": "Выберите, что нужно."},
    )
    find = forms.CharField(label="ФИО или организация", required=False, max_length=100)
    people = forms.MultipleChoiceField(
        label="Педагоги",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Этого педагога среди ваших нет. Обновите страницу."},
    )
    organization = forms.ChoiceField(
        label="Организация",
        required=False,
        help_text="Если педагоги не отмечены или они из разных организаций.",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Этой организации среди ваших нет. Обновите страницу."},
    )
    field_order = ("kind", "find", "people", "organization", "topic", "reason", "subject", "direction", "wanted_on")

    def __init__(self, user: User, data: QueryDict | None = None, *, typed: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, typed=typed)
        self.user, given = user, data if data is not None else (typed or {})
        self.fields["find"].is_conditional = True  # type: ignore[attr-defined]  # a search needs no «необязательно»
        self.is_wide = bool(user.roles & FOR_OTHERS)
        if not self.is_wide:
            for name in ("find", "people", "organization"):
                del self.fields[name]
            self._offer("kind", FOR_ONESELF)
            self.fields["subject"].empty_label = "как у меня или любой"  # type: ignore[attr-defined]
            return
        text = str(given.get("find", "") or "").strip()[:100]
        self.choice = choice_for(user, text, numbers(given, "people"), numbers(given, "organization"))
        self.has_found = bool(self.choice.people or self.choice.organizations)
        if self.choice.only:
            self.fields["find"].label = "ФИО"
        self._offer("people", [(str(one.pk), self._label(one)) for one in self.choice.people])
        self._offer("organization", [(str(one.pk), _school_label(one)) for one in self.choice.organizations])

    def _label(self, one: User) -> str:
        """The school is named where there are several."""
        school = None if one.organization == self.choice.only else one.organization
        return ", ".join(str(part) for part in (one.full_name, one.subject, school) if part)

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("topic", "reason", "subject", "direction", "wanted_on")]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        people, school = self._whom(data)
        if "people" in self.errors or "organization" in self.errors:
            return data
        if data.get("kind") == Kind.IOM_HELP and len(people) != 1:
            self.add_error("people" if self.is_wide else None, "Отметьте одного педагога: ИОМ у каждого свой.")
        if school is None:
            said = "Отметьте педагогов или выберите организацию: иначе не понять, кому нужна помощь."
            self.add_error("people" if self.is_wide else None, said)
        data["whom"] = people, school
        return data

    def _whom(self, data: dict[str, Any]) -> tuple[list[User], Organization | None]:
        if not self.is_wide:
            return [self.user], self.user.organization
        ticked = set(data.get("people", []))
        people = [one for one in self.choice.people if str(one.pk) in ticked]
        schools = self.choice.organizations
        chosen = next((one for one in schools if str(one.pk) == data.get("organization")), None)
        own = {one.organization_id: one.organization for one in people}
        if len(own) > 1 and chosen is None:
            self.add_error("organization", "Педагоги из разных организаций: выберите ту, где пройдёт встреча.")
        if len(own) == 1:
            return people, next(iter(own.values()))
        return people, chosen or self.choice.only

    def need(self) -> Need:
        data, (people, school) = self.cleaned_data, self.cleaned_data["whom"]
        blank = Need(
            kind=data["kind"],
            organization=school,
            person=people[0] if len(people) == 1 else None,
            people=tuple(people) if len(people) > 1 else (),
            never={self.user.pk: "это вы сами"},
        )
        return self.fill(blank)


def numbers(given: Mapping[str, Any], name: str) -> list[int]:
    """Row numbers as they came in; what no row can have is passed over."""
    values = given.getlist(name) if isinstance(given, QueryDict) else given.get(name, [])
    listed = values if isinstance(values, (list, tuple)) else [values]
    return [int(one) for one in map(str, listed) if one.isdecimal() and len(one) < 19]


def _school_label(one: Organization) -> str:
    return f"{one}, {one.municipality}{' — ШНОР' if one.low_results else ''}"


# --- Acts with a request ---------------------------------------------------------------------------------------------


class ActForm(forms.Form):
    def __init__(self, request: Request, data: Any = None) -> None:
        super().__init__(data)
        self.asked = request


class AcceptForm(ActForm):
    comment = words("Несколько слов тому, кто просит")


class ProposeForm(ActForm):
    on = day("В какой день сможете", required=True, missing="Выберите день.")
    comment = words("Почему так, если хотите пояснить", hint=HEALTH)

    def clean_on(self) -> date | None:
        return _not_past(self.cleaned_data["on"])


class DeclineForm(ActForm):
    reason = words("Почему не получится", "Напишите причину: по ней выберут другого.", HEALTH)


class WithdrawForm(ActForm):
    reason = words("Почему запрос больше не нужен")


class AgreeForm(ActForm):
    """Nothing is asked, the page says what will happen; unless the day has gone by while it waited."""

    without_day = forms.BooleanField(
        label="Согласиться без дня: о новом договоримся сами",
        error_messages={
            "required": "Предложенный день уже прошёл. Согласитесь без дня или вернитесь к запросу и выберите "
            "другого методиста: методист РМА может и сам предложить новый день."
        },
    )

    def __init__(self, request: Request, data: Any = None) -> None:
        super().__init__(request, data)
        if not request.is_day_past:
            del self.fields["without_day"]


class DoneForm(ActForm):
    on = day("Когда", required=True, missing="Выберите день.")
    result = words("Что получилось", "Напишите, чем закончилось: это прочтёт тот, кто просил.")
    hours = forms.DecimalField(
        label="Сколько часов заняло",
        min_value=LEAST,
        max_value=MOST,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": "Укажите, сколько часов заняло.",
            "invalid": "Укажите часы числом, например 1,5.",
            "max_decimal_places": "Достаточно одного знака после запятой, например 1,5.",
            "min_value": "Не меньше получаса: 0,5.",
            "max_value": "Не больше суток: 24.",
        },
    )
    people_count = forms.IntegerField(
        label="Сколько человек участвовало",
        min_value=1,
        max_value=1000,
        error_messages={
            "required": "Укажите, сколько человек участвовало.",
            "invalid": "Укажите число человек.",
            "min_value": "Хотя бы один человек.",
            "max_value": "Не больше тысячи.",
        },
    )

    def __init__(self, request: Request, data: Any = None) -> None:
        super().__init__(request, data)
        count = 1 if request.person_id else len(request.people.all()) or 1
        agreed = request.agreed_on
        usual = "route" if request.kind == Kind.IOM_HELP else "group" if count > 1 else "consultation"
        self.initial = {
            "on": agreed if agreed and agreed <= today() else today(),
            "hours": USUAL_HOURS[usual],
            "people_count": count,
        }

    def clean_on(self) -> date:
        value: date = self.cleaned_data["on"]
        if value > today():
            raise forms.ValidationError("Этот день ещё не наступил. Отметьте выполнение, когда работа пройдёт.")
        if value < add_months(today(), -MONTHS_BACK):
            raise forms.ValidationError("Отметить можно работу за последние двенадцать месяцев.")
        return value

    def done(self) -> Done:
        data = self.cleaned_data
        return Done(data["on"], data["result"], float(data["hours"]), data["people_count"])


class PassForm(forms.Form):
    """Why it goes to another member."""

    reason = words("Почему", "Напишите, почему запрос переходит к другому: это прочтут оба.", HEALTH, 2)
