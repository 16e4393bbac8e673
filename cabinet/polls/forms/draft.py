"""The form of a draft: what, how one answers, whom it asks, and its questions; all of it is one page."""

from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from cabinet.core.clock import today
from cabinet.core.search import squeeze
from cabinet.polls.models import ROLE_WORDS, Poll, Question
from cabinet.polls.services.audience import place_code, place_of, places_of
from cabinet.polls.services.drafts import MOST_OPTIONS, MOST_QUESTIONS, Asked, Draft, draft_of
from cabinet.users.models import User

LONGEST = timedelta(days=366)
NAMELESS, LINK, NAMED = "nameless", "link", "named"
WAYS = [(NAMELESS, "Без имён, в кабинете"), (LINK, "Без имён, по ссылке"), (NAMED, "С именами, в кабинете")]
ADD = "add"


def check_end(until: date | None) -> date | None:
    if until is not None and until < today():
        raise forms.ValidationError("Этот день уже прошёл. Укажите сегодняшний или более поздний.")
    if until is not None and until > today() + LONGEST:
        raise forms.ValidationError("Это больше года вперёд. Проверьте дату.")
    return until


class QuestionForm(forms.Form):
    text = forms.CharField(
        label="Вопрос",
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        error_messages={
            "required": "Варианты есть, а вопроса нет. Напишите его или уберите варианты.",
            "max_length": "Вопрос длиннее 500 знаков. Сократите его.",
        },
    )
    kind = forms.ChoiceField(label="Как отвечают", choices=Question.Kind.choices, initial=Question.Kind.YES_NO)
    options = forms.CharField(
        label="Варианты",
        help_text="Каждый с новой строки, в том порядке, в каком их увидят. Для «да или нет» не нужны.",
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    is_required = forms.BooleanField(label="Без ответа на этот вопрос не отправить", required=False, initial=True)

    def __init__(self, data: Any = None, *, prefix: str, initial: dict[str, Any] | None = None) -> None:
        # One left empty is no question, and no mistake.
        super().__init__(data, prefix=prefix, initial=initial, empty_permitted=True, use_required_attribute=False)
        self.helper = FormHelper()
        self.helper.form_tag = False

    def has_changed(self) -> bool:
        return any((self[name].data or "").strip() for name in ("text", "options"))

    def clean_text(self) -> str:
        return squeeze(self.cleaned_data["text"])

    def clean_options(self) -> tuple[str, ...]:
        listed = tuple(line for line in map(squeeze, self.cleaned_data["options"].splitlines()) if line)
        if len(listed) > MOST_OPTIONS:
            raise forms.ValidationError(f"Вариантов больше {MOST_OPTIONS}. Оставьте главные.")
        if any(len(line) > 300 for line in listed):
            raise forms.ValidationError("Один из вариантов длиннее 300 знаков. Сократите его.")
        return listed

    @property
    def asked(self) -> Asked | None:
        """None for a question left empty."""
        data = self.cleaned_data
        if not data.get("text"):
            return None
        options = () if data["kind"] == Question.Kind.YES_NO else data["options"]
        return Asked(data["text"], data["kind"], data["is_required"], options)


class DraftForm(forms.Form):
    title = forms.CharField(
        label="Название",
        max_length=300,
        help_text="Например: «Когда удобнее проводить методический день».",
        error_messages={"required": "Напишите, как называется опрос."},
    )
    text = forms.CharField(
        label="О чём опрос и зачем",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Что изменится от ответов. Это прочтут до первого вопроса.",
    )
    way = forms.ChoiceField(
        label="Видно ли, кто ответил",
        choices=WAYS,
        initial=NAMELESS,
        widget=forms.RadioSelect({"class": "form-check-input"}),
        error_messages={"required": "Выберите, с именами ли отвечают.", "invalid_choice": "Выберите из списка."},
    )
    place = forms.ChoiceField(
        label="Кого спросить",
        help_text="Вас самих среди них не будет: кто спрашивает, тот не отвечает.",
        error_messages={"required": "Выберите, кого спросить.", "invalid_choice": "Выберите, кого спросить."},
    )
    roles = forms.MultipleChoiceField(
        label="Только этих людей",
        choices=list(ROLE_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ничего не отмечено — всех, кто там работает.",
    )
    closes_on = forms.DateField(
        label="Отвечают по",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="Последний день, включительно. Нужен, чтобы начать; потом его можно перенести.",
        error_messages={"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, user: User, poll: Poll | None = None, with_blank: bool = False) -> None:
        super().__init__(data)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.use_required_attribute = False
        self.poll = poll
        choices = places_of(user, poll)
        self.fields["place"].choices = choices  # type: ignore[attr-defined]
        former = draft_of(poll) if poll is not None and data is None else None
        if former is not None and poll is not None:
            self.initial = self._initial(poll)
        elif choices:
            self.initial = {"place": choices[0][0]}
        self.questions = self._questions(data, former.questions if former else [], with_blank)

    @staticmethod
    def _initial(poll: Poll) -> dict[str, Any]:
        way = LINK if poll.is_by_link else NAMELESS if poll.is_anonymous else NAMED
        same = {name: getattr(poll, name) for name in ("title", "text", "roles", "closes_on", "version")}
        return same | {"way": way, "place": place_code(poll)}

    @staticmethod
    def _questions(data: Any, former: list[Asked], with_blank: bool) -> list[QuestionForm]:
        if data is not None:
            count = data.get("count", "")
            number = min(int(count), MOST_QUESTIONS) if count.isascii() and count.isdigit() and len(count) < 4 else 0
            return [QuestionForm(data, prefix=f"q{at}") for at in range(1, number + 1)]
        forms_ = [
            QuestionForm(
                prefix=f"q{at}",
                initial={
                    "text": one.text,
                    "kind": one.kind,
                    "is_required": one.is_required,
                    "options": "" if one.kind == Question.Kind.YES_NO else "\n".join(one.options),
                },
            )
            for at, one in enumerate(former, 1)
        ]
        if not forms_ or (with_blank and len(forms_) < MOST_QUESTIONS):
            forms_.append(QuestionForm(prefix=f"q{len(forms_) + 1}"))
        return forms_

    def is_valid(self) -> bool:
        # Every one of them is asked, so that all the errors are shown at once.
        return all([super().is_valid(), *(one.is_valid() for one in self.questions)])

    def clean_title(self) -> str:
        return squeeze(self.cleaned_data["title"])

    def clean_closes_on(self) -> date | None:
        until: date | None = self.cleaned_data["closes_on"]
        return until if self.poll is not None and until == self.poll.closes_on else check_end(until)

    @property
    def draft(self) -> Draft:
        data = self.cleaned_data
        columns = {name: data[name] for name in ("title", "text", "roles", "closes_on")}
        columns |= {"is_anonymous": data["way"] != NAMED, "is_by_link": data["way"] == LINK}
        return Draft(columns | place_of(data["place"]), [one for one in self._asked if one is not None])

    @property
    def _asked(self) -> list[Asked | None]:
        """In the order wanted: «up-2» and «down-2» move the second, «remove-2» leaves it out."""
        listed = [one.asked for one in self.questions]
        act, _, number = str(self.data.get("act", "")).partition("-")
        at = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 3 else -1
        if not 0 <= at < len(listed):
            return listed
        to = {"up": at - 1, "down": at + 1}.get(act, at)
        if act == "remove":
            listed.pop(at)
        elif 0 <= to < len(listed):
            listed[at], listed[to] = listed[to], listed[at]
        return listed

    @property
    def goes_to(self) -> str:
        """Where on the page the reader goes on after what he pressed; empty when he has done."""
        act, _, number = str(self.data.get("act", "")).partition("-")
        if act == ADD:
            return f"q{len(self.draft.questions) + 1}"
        if not number.isascii() or not number.isdigit() or act not in ("up", "down", "remove"):
            return ""
        step = {"up": -1, "down": 1}.get(act, 0)
        return f"q{min(max(int(number[:2]) + step, 1), max(len(self.draft.questions), 1))}"


class EndForm(forms.Form):
    closes_on = forms.DateField(
        label="Отвечают по",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="Последний день, включительно.",
        error_messages={"required": "Укажите день.", "invalid": "Укажите дату в виде ДД.ММ.ГГГГ."},
    )

    def clean_closes_on(self) -> date | None:
        return check_end(self.cleaned_data["closes_on"])
