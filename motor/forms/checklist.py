"""The assessor's checklist: what was studied, A, B, D, and for the school E."""

from functools import cached_property
from typing import Any

from django import forms

from cabinet.core.clock import today
from cabinet.core.search import fold
from motor.models import Case, Checklist, Evidence, Study
from motor.moves import MOVES
from motor.services import ChecklistAnswers, StudyAnswer
from motor.services.rma_requests import askable_members, best_members
from motor.services.studied import Studied
from rma.models import Member

YES_NO = [("yes", "да"), ("no", "нет")]

# Evidence a teacher brings and the way it is studied.
SHOWS: dict[str, str] = {
    Evidence.Kind.PLAN: Study.Kind.PLAN,
    Evidence.Kind.OPEN_LESSON: Study.Kind.LESSON,
    Evidence.Kind.WORKSHOP: Study.Kind.WORKSHOP,
    Evidence.Kind.DOCUMENT: Study.Kind.DOCUMENT,
}


LATER = "назвать позже — с подбором"


def label_of(member: Member) -> str:
    """A member in a list to choose from, with his load."""
    place = member.user.organization
    municipality = f", {place.municipality}" if place else ""
    return f"{member.user.full_name}{municipality} — в работе {member.load} из {member.case_limit}"


class MemberField(forms.ModelChoiceField):
    """Shows the best few; whoever else may be asked is accepted too."""

    def __init__(self, case: Case, **more: Any) -> None:
        super().__init__(queryset=askable_members(case), **more)
        self.case = case
        self.widget.choices = self._best

    @cached_property
    def _offered(self) -> list[tuple[Any, str]]:
        return [(one.pk, label_of(one)) for one in best_members(self.case)]

    def _best(self) -> list[tuple[Any, str]]:
        return [("", str(self.empty_label or "")), *self._offered]


def member_field(case: Case) -> MemberField:
    return MemberField(
        case,
        label="Методист РМА",
        help_text="Здесь самые подходящие. Остальные — в подборе на странице карты, с причинами.",
        required=False,
        empty_label=LATER,
    )


class ConclusionForm(forms.Form):
    """A, B and D of domain.md section 5.3: the same questions for one assessor and for both together."""

    case: Case

    significant = forms.ChoiceField(
        label="Педагог определил (не определил) для себя значимое содержание программы КПК",
        choices=[("yes", "определил"), ("no", "не определил")],
        widget=forms.RadioSelect,
        error_messages={"required": "Отметьте, определил ли педагог значимое содержание."},
    )
    practice = forms.ChoiceField(
        label="Это находит (не находит) отражение в практике педагога полностью/частично",
        choices=Checklist.Practice.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    other_found = forms.ChoiceField(
        label="Выявлены изменения в практике педагога по другой тематике",
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Отметьте, выявлены ли изменения по другой тематике."},
    )
    other_topic = forms.CharField(label="Какая это тематика", max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("significant") == "yes" and not data.get("practice"):
            self.add_error("practice", "Отметьте, находит ли содержание отражение в практике.")
        if data.get("significant") == "no":
            data["practice"] = ""  # B is asked only when A is «определил»
        if data.get("other_found") != "yes":
            data["other_topic"] = ""
        elif not data.get("other_topic"):
            self.add_error("other_topic", "Назовите тематику, по которой видны изменения.")
        elif self._is_of_course(data["other_topic"]):
            self.add_error("other_topic", "Это тематика самого курса. Назовите другую или отметьте «нет».")
        return data

    def _is_of_course(self, topic: str) -> bool:
        own = self.case.completion.course.programme.topic
        return own is not None and fold(own.name) == fold(topic)


def initial_of(checklist: Checklist) -> dict[str, Any]:
    """What a checklist sent back said: the next one begins with it."""
    initial: dict[str, Any] = {
        "significant": "yes" if checklist.is_significant else "no",
        "practice": checklist.practice,
        "other_found": "yes" if checklist.other_topic_found else "no",
        "other_topic": checklist.other_topic,
        "rma_help": checklist.rma_help or "no",
        "rma_reason": checklist.rma_reason,
        "experience": {True: "yes", False: "no", None: ""}[checklist.recommends_experience],
        "comment": checklist.comment,
    }
    for study in checklist.studies.all():
        on = study.on.isoformat() if study.on else ""
        initial |= {f"study_{study.kind}": True, f"study_{study.kind}_on": on, f"study_{study.kind}_note": study.note}
    return initial


def changed_meanwhile(case: Case) -> str:
    """What happened to the case while its checklist lay open."""
    last = case.transitions.order_by("at", "pk").last()
    what = f" Последнее в истории: «{MOVES[last.move].label}»." if last else ""
    return (
        f"Пока вы заполняли чек-лист, карту изменили.{what} Прочитайте слова педагога ещё раз, "
        "проверьте отметки и сохраните: всё, что вы отметили, осталось."
    )


class ChecklistForm(ConclusionForm):
    """One page for both assessors; E is the school's, recommendations for the ИОМ are the РМА's.

    `revision` is the case as the assessor saw it: what changed in between is told, not passed over.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the page writes it itself
    rma_help = forms.ChoiceField(
        label="Нужно ли подключение РМА",
        choices=[("no", "нет"), *Checklist.RmaHelp.choices],
        widget=forms.RadioSelect,
        initial="no",
    )
    rma_reason = forms.CharField(
        label="Зачем нужен методист РМА", widget=forms.Textarea({"rows": 2}), max_length=2000, required=False
    )
    experience = forms.ChoiceField(
        label="Педагог может представить элементы собственного опыта (рекомендация для ММС)",
        choices=[("", "не могу сказать"), *YES_NO],
        widget=forms.RadioSelect,
        required=False,
    )
    recommendations = forms.CharField(
        label="Рекомендации по корректировке ИОМ", widget=forms.Textarea({"rows": 4}), max_length=4000, required=False
    )
    comment = forms.CharField(
        label="Комментарий",
        help_text="Его увидят методисты, но не педагог.",
        widget=forms.Textarea({"rows": 2}),
        max_length=2000,
        required=False,
    )

    def __init__(self, case: Case, kind: str, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.case = case
        self.kind = kind
        self.brought: list[Evidence] = []  # what the teacher brought, for the page's hints
        # Without a survey what the teacher thinks is known from a conversation only.
        self.is_by_word = case.without_survey and not case.surveys.submitted().exists()
        for name in ("practice", "rma_reason"):
            # Asked only after another answer, and then needed: the page must not call it optional.
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        for study, label in Study.Kind.choices:
            name = str(label).capitalize()
            self.fields[f"study_{study}"] = forms.BooleanField(label="Что изучено", required=False)
            self.fields[f"study_{study}_on"] = forms.DateField(
                label=f"{name}, дата", required=False, error_messages={"invalid": "Укажите дату в виде ДД.ММ.ГГГГ."}
            )
            self.fields[f"study_{study}_note"] = forms.CharField(label=name, max_length=300, required=False)
        if kind == Checklist.AssessorKind.SCHOOL:
            self.fields["member"] = member_field(case)
            del self.fields["recommendations"]
        else:
            for name in ("rma_help", "rma_reason", "experience"):
                del self.fields[name]
        # The list of errors goes down the page as the eye does.
        self.order_fields([name for name in self.fields if name.startswith("study_")])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("revision") not in (None, self.case.revision):
            self.add_error(None, changed_meanwhile(self.case))
        if not any(data.get(f"study_{kind}") for kind in Study.Kind.values):
            self.add_error(
                "study_plan",
                "Отметьте, что изучено: хотя бы беседу с педагогом. Нет материалов — ещё не значит «нет результата».",
            )
        if self.is_by_word and not data.get("study_talk"):
            self.add_error("study_plan", "Опросного листа нет, отметки ставятся со слов педагога: отметьте беседу.")
        if data.get("study_other") and not data.get("study_other_note"):
            self.add_error("study_other_note", "Напишите, что именно изучено.")
        for kind in Study.Kind.values:
            if (on := data.get(f"study_{kind}_on")) and on > today():
                self.add_error(f"study_{kind}_on", "Эта дата ещё не наступила: чек-лист заполняют после изучения.")
        if data.get("rma_help", "no") != "no" and not data.get("rma_reason"):
            self.add_error("rma_reason", "Напишите, зачем нужен методист РМА: ему это важно, чтобы решить.")
        return data

    def counts(self, studied: Studied) -> bool:
        """Is this visit or study among those the form already names?"""
        if not self[f"study_{studied.kind}"].value():
            return False
        if studied.on is None:
            return True
        on, note = self[f"study_{studied.kind}_on"].value(), self[f"study_{studied.kind}_note"].value()
        return str(on) == studied.on.isoformat() or f"{studied.on:%d.%m.%Y}" in str(note)

    @property
    def study_rows(self) -> list[dict[str, Any]]:
        """Kinds of study with their three fields, for the page's compact table."""
        return [
            {
                "kind": kind,
                "label": label,
                "check": self[f"study_{kind}"],
                "on": self[f"study_{kind}_on"],
                "note": self[f"study_{kind}_note"],
                "brought": (brought := [one for one in self.brought if SHOWS.get(one.kind) == kind]),
                # A visit made to what the teacher invited to: its day is known.
                "event_on": next((one.event_on for one in brought if one.event_on and one.event_on <= today()), None),
            }
            for kind, label in Study.Kind.choices
        ]

    @property
    def member(self) -> Member | None:
        return self.cleaned_data.get("member")

    def answers(self) -> ChecklistAnswers:
        data = self.cleaned_data
        rma_help = data.get("rma_help", "no")
        return ChecklistAnswers(
            is_significant=data["significant"] == "yes",
            practice=data["practice"],
            other_topic_found=data["other_found"] == "yes",
            other_topic=data["other_topic"],
            rma_help="" if rma_help == "no" else rma_help,
            rma_reason="" if rma_help == "no" else data["rma_reason"],
            recommends_experience={"yes": True, "no": False}.get(data.get("experience", "")),
            recommendations=data.get("recommendations", ""),
            comment=data["comment"],
            studies=[
                StudyAnswer(kind, data[f"study_{kind}_on"], data[f"study_{kind}_note"])
                for kind in Study.Kind.values
                if data[f"study_{kind}"]
            ],
        )
