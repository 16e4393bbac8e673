"""The form of a template: what it is, and its content line by line."""

from typing import Any

from django import forms
from django.utils.html import escape

from cabinet.core.search import squeeze
from cabinet.structure.models import Subject
from iom.models import LearningForm, Level
from iom.models import Support as Supports
from iom.services.personal import CONTACTS, Pattern, personal_in, texts_of

SPARE = 2  # empty rows for new lines of each kind
SPARE_ITEMS = 5  # of a template that begins with nothing
DAYS = 1500


class LineField(forms.CharField):
    """One line, however many it takes on the page."""

    def to_python(self, value: Any) -> str:
        return squeeze(super().to_python(value) or "")


class TemplateForm(forms.Form):
    """`content` is the shape of services.creating.content_to_reuse; an emptied line goes."""

    title = forms.CharField(
        label="Название", max_length=200, error_messages={"required": "Назовите шаблон: по названию его найдут."}
    )
    place = forms.ChoiceField(label="Кто увидит")
    subject = forms.ModelChoiceField(
        label="Предмет", queryset=Subject.objects.order_by("name"), required=False, empty_label="любой"
    )
    deficit = forms.CharField(label="Дефицит, с которым он помогает", max_length=300, required=False)
    note = forms.CharField(label="Для кого и зачем", max_length=500, required=False)
    aim = forms.CharField(label="Общая цель", widget=forms.Textarea({"rows": 2}), max_length=3000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    is_checked = forms.BooleanField(
        label="Текст просмотрен: имён, телефонов и адресов людей в нём нет",
        error_messages={"required": "Просмотрите текст и отметьте, что имён и контактов в нём нет."},
    )

    is_kept = forms.BooleanField(label="Это не имена людей, оставить как есть", required=False)

    def __init__(
        self,
        content: dict[str, Any],
        places: list[tuple[str, str]],
        patterns: list[Pattern],
        data: Any = None,
        **more: Any,
    ) -> None:
        """`patterns`: what is personal here; it is looked for in what the author types too."""
        super().__init__(data, **more)
        self.content, self.patterns = content, patterns
        self.names_left: list[str] = []
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["aim"].initial = content.get("aim", "")
        self.deficits = [*content.get("deficits", []), *[""] * SPARE]
        self.goals = [*content.get("goals", []), *[{"text": ""}] * SPARE]
        known = content.get("items", [])
        self.items: list[dict[str, Any]] = [*known, *[{}] * (SPARE if known else SPARE_ITEMS)]
        for number, text in enumerate(self.deficits):
            self._text(f"deficit-{number}", f"Дефицит {number + 1}", text)
        for number, goal in enumerate(self.goals):
            self._text(f"goal-{number}", f"Цель {number + 1}", goal["text"])
            self._deficit(f"of-goal-{number}", goal)
        for number, item in enumerate(self.items):
            self._item(number, item)

    def _text(self, name: str, label: str, text: str, longest: int = 500) -> None:
        # A line that does not fit cannot be looked through.
        widget = forms.Textarea({"rows": 2 if len(text) > 60 else 1})
        self.fields[name] = LineField(label=label, initial=text, widget=widget, max_length=longest, required=False)

    def _choice(self, name: str, label: str, choices: Any, value: str) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label, choices=[("", "не указано"), *choices], initial=value, required=False
        )

    def _deficit(self, name: str, line: dict[str, Any]) -> None:
        """Named by its place, so that one typed just now can be chosen at once."""
        known = enumerate(self.deficits)
        choices = [(str(n), f"{n + 1}. {text[:60]}" if text else f"{n + 1}. новый") for n, text in known]
        place = line.get("deficit")
        self.fields[name] = forms.ChoiceField(
            label="Какой дефицит закрывает",
            choices=[("", "не выбран"), *choices],
            initial="" if place is None else str(place),
            required=False,
        )

    def _item(self, number: int, item: dict[str, Any]) -> None:
        self._text(f"activity-{number}", "Мероприятие", item.get("activity", ""))
        self._choice(f"form-{number}", "Форма", LearningForm.choices, item.get("form", ""))
        self._choice(f"level-{number}", "Уровень", Level.choices, item.get("level", ""))
        self._choice(f"support-{number}", "Сопровождение", Supports.choices, item.get("support", ""))
        self.fields[f"days-{number}"] = forms.IntegerField(
            label="Дней от начала",
            initial=item.get("days"),
            min_value=0,
            max_value=DAYS,
            required=False,
            error_messages={"invalid": "Напишите число дней цифрами.", "max_value": f"Не больше {DAYS} дней."},
        )
        self.fields[f"open-{number}"] = forms.BooleanField(
            label="Бессрочно", initial=bool(item.get("is_open_ended")), required=False
        )
        self._deficit(f"of-item-{number}", item)
        self._text(f"product-{number}", "Ожидаемый продукт", item.get("product", ""))
        for place, extra in enumerate(item.get("attachments", [])):
            self._text(f"extra-{number}-{place}", "Материал", extra["title"], 200)
            self.fields[f"extra-{number}-{place}"].help_text = escape(extra.get("link", ""))

    @property
    def lines(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(("deficit-", "goal-", "of-goal-"))]

    @property
    def rows(self) -> list[list[Any]]:
        names = ("activity", "of-item", "form", "level", "support", "days", "open", "product")
        return [
            [self[f"{name}-{n}"] for name in names]
            + [self[name] for name in self.fields if name.startswith(f"extra-{n}-")]
            for n in range(len(self.items))
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.made = self._read(data)
        if not self.made["items"]:
            self.add_error("activity-0", "Оставьте хотя бы одно мероприятие: без них шаблон пуст.")
        texts = [data.get("title", ""), data.get("note", ""), data.get("deficit", ""), *texts_of(self.made)]
        left = [one.parts[1] for one in personal_in(texts, CONTACTS)]
        if left:
            self.add_error(None, "В тексте остались личные данные: " + ", ".join(left[:5]))
        known = [one for one in self.patterns if one[2]]  # a name of nobody here is the author's business
        self.names_left = list(dict.fromkeys(one.parts[1] for one in personal_in(texts, known)))
        if self.names_left and not data.get("is_kept"):
            names = ", ".join(self.names_left[:5])
            self.add_error(
                "is_kept", f"Остались имена или название организации: {names}. Уберите их или отметьте здесь."
            )
        return data

    def _read(self, data: dict[str, Any]) -> dict[str, Any]:
        """An emptied deficit goes, and whatever named it names the right one or none."""
        texts = [(str(n), data.get(f"deficit-{n}", "")) for n in range(len(self.deficits))]
        kept = {n: place for place, (n, text) in enumerate((n, text) for n, text in texts if text)}
        goals = [
            {"text": text, "deficit": kept.get(data.get(f"of-goal-{n}", ""))}
            for n in range(len(self.goals))
            if (text := data.get(f"goal-{n}", ""))
        ]
        items = [self._read_item(n, data, kept) for n in range(len(self.items)) if data.get(f"activity-{n}")]
        return {
            "aim": data.get("aim", ""),
            "deficits": [text for _, text in texts if text],
            "goals": goals,
            "items": items,
        }

    def _read_item(self, n: int, data: dict[str, Any], kept: dict[str, int]) -> dict[str, Any]:
        extras = self.items[n].get("attachments", [])
        is_open_ended = bool(data.get(f"open-{n}"))
        return {
            "activity": data[f"activity-{n}"],
            "deficit": kept.get(data.get(f"of-item-{n}", "")),
            **{name: data.get(f"{name}-{n}", "") for name in ("form", "level", "product")},
            "support": data.get(f"support-{n}") or "self",
            "days": None if is_open_ended else data.get(f"days-{n}"),
            "is_open_ended": is_open_ended,
            "attachments": [
                extra | {"title": title} for p, extra in enumerate(extras) if (title := data.get(f"extra-{n}-{p}", ""))
            ],
        }

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "subject", "deficit", "note")}


class TemplateFilterForm(forms.Form):
    q = forms.CharField(label="Дефицит, название", required=False, max_length=200)
    scope = forms.ChoiceField(
        label="Чей",
        choices=[("", "любой"), ("own", "мой"), ("organization", "организации"), ("region", "региональный")],
        required=False,
    )
    subject = forms.ModelChoiceField(
        label="Предмет", queryset=Subject.objects.order_by("name"), required=False, empty_label="любой"
    )
    retired = forms.ChoiceField(
        label="Убранные", choices=[("", "не показывать"), ("on", "показать и их")], required=False
    )
