"""What a summary counts: each measure puts every line of the registry into exactly one place.

One expression does both, the counting and the way from a figure to the lines behind it, so they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Case, CharField, F, Q, Value, When
from django.utils.text import capfirst

from motor.models import Evidence, Status, Survey
from registry.models import WITH_VARIANT, EntryQuerySet, Experience, Result
from registry.services.projection import NOTHING_YET

ALL, BASE = "all", "base"
APART = (Result.NO_RESPONSE, Result.NOT_ASSESSED, Result.STOPPED, Result.PENDING)
WHY = "why_"
KINDS = (*Evidence.Kind.values, NOTHING_YET)


class Sum(NamedTuple):
    """`whole` is the sum of `parts`."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """`base` is what the shares of `parts` are taken of; `apart` stands beside it, with no share.

    `expression` says of a line in which place it is. `unseen` are sums of columns that no page has, though a
    subtraction gives them. `after` names the measures whose figures are hidden first where small groups are hidden.
    """

    code: str
    title: str
    about: str
    base: str
    parts: tuple[str, ...]
    apart: tuple[str, ...]
    expression: Any
    sums: tuple[Sum, ...]
    unseen: tuple[Sum, ...] = ()
    after: tuple[str, ...] = ()
    tones: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Of a line, from left to right."""
        return (self.base, *self.parts, *self.apart)

    @property
    def is_overlapping(self) -> bool:
        """May a case stand in several parts at once?"""
        return self.code == "evidence"

    def places(self, code: str) -> Sequence[str]:
        """The columns in which a line of this place is counted, before any sums."""
        if not self.is_overlapping or code in ("silent", Result.STOPPED):
            return (code,)
        if not code:
            return ("unsaid",)
        return (_kind(code),) if code == NOTHING_YET else (*map(_kind, code.split(",")), "shown")

    def behind(self, rows: EntryQuerySet, column: str) -> EntryQuerySet:
        """The lines that the figure in this column counts."""
        placed = rows.alias(place=self.expression)
        if self.is_overlapping and column in self.parts:
            return placed.filter(place__contains=column.removeprefix("kind_"))
        if self.is_overlapping and column == self.base:
            return placed.exclude(place__in=("", "silent", Result.STOPPED))
        if self.is_overlapping and column == "unsaid":
            return placed.filter(place="")
        return placed.filter(place__in=self._leaves(column))

    def _leaves(self, column: str) -> list[str]:
        parts = next((one.parts for one in self.sums if one.whole == column), None)
        return [column] if parts is None else [leaf for part in parts for leaf in self._leaves(part)]


def _kind(code: str) -> str:
    return f"kind_{code}"


def _placed(*conditions: tuple[Q, Any], default: Any) -> Case:
    """The first condition that holds decides."""
    whens = [When(condition, then=Value(then) if isinstance(then, str) else then) for condition, then in conditions]
    return Case(
        *whens, default=Value(default) if isinstance(default, str) else default, output_field=CharField(max_length=80)
    )


_HAS_VARIANT = Q(result__in=WITH_VARIANT)
_STOPPED = (Q(result=Result.STOPPED), Result.STOPPED.value)
_SILENT = Q(result=Result.NO_RESPONSE) | Q(survey_on=None)
_TO_ALL = Sum(ALL, (BASE, *APART))

MEASURES = (
    Measure(
        code="variants",
        title="Варианты результата",
        about="Доли считаются от карт, по которым есть вариант результата. Вариант 1 — отсроченные результаты по"
        " тематике курсов отсутствуют. Вариант 2 — отсутствуют, но выявлены изменения по другой тематике."
        " Вариант 3 — имеют место.",
        base=BASE,
        parts=WITH_VARIANT,
        apart=APART,
        expression=F("result"),
        sums=(Sum(BASE, WITH_VARIANT), _TO_ALL),
        tones=(3, 2, 1),
    ),
    Measure(
        code="response",
        title="Ответы на опросный лист",
        about="Доли считаются от карт, по которым срок ответа прошёл или ответ уже получен.",
        base="asked",
        parts=("answered", "without", Result.NO_RESPONSE),
        apart=("waiting", "scheduled", Result.STOPPED),
        expression=_placed(
            _STOPPED,
            (Q(result=Result.NO_RESPONSE), Result.NO_RESPONSE.value),
            (Q(survey_on__isnull=False), "answered"),
            (Q(result=Result.PENDING, status=Status.SURVEY_OPEN), "waiting"),
            (Q(result=Result.PENDING, status=Status.SCHEDULED), "scheduled"),
            default="without",
        ),
        sums=(
            Sum("asked", ("answered", "without", Result.NO_RESPONSE)),
            Sum(ALL, ("asked", "waiting", "scheduled", Result.STOPPED)),
        ),
        unseen=(Sum(Result.PENDING, ("waiting", "scheduled", "in_work")),),
        after=("variants",),
        tones=(1, 2, 3),
    ),
    Measure(
        code="reasons",
        title="Почему не начали реализацию",
        about="Доли считаются от тех, кто ответил, что к реализации ИОМ ещё не приступил.",
        base="said_no",
        parts=tuple(f"{WHY}{code}" for code in Survey.Reason.values),
        apart=("started", "silent", Result.STOPPED),
        expression=_placed(
            _STOPPED,
            (_SILENT, "silent"),
            (Q(has_started=True), "started"),
            *((Q(reason=code), f"{WHY}{code}") for code in Survey.Reason.values),
            default=f"{WHY}{Survey.Reason.OTHER}",
        ),
        sums=(
            Sum("said_no", tuple(f"{WHY}{code}" for code in Survey.Reason.values)),
            Sum("answered", ("said_no", "started")),
            Sum(ALL, ("answered", "silent", Result.STOPPED)),
        ),
        after=("variants", "response"),
    ),
    Measure(
        code="evidence",
        title="Чем подтверждают",
        about="Доли считаются от тех, кто сказал, чем подтвердит. Подтверждений может быть несколько, поэтому доли"
        " в сумме больше 100\N{NO-BREAK SPACE}%.",
        base="said",
        parts=tuple(_kind(code) for code in KINDS),
        apart=("unsaid", "silent", Result.STOPPED),
        expression=_placed(_STOPPED, (_SILENT, "silent"), default=F("evidence")),
        sums=(
            Sum("said", ("shown", _kind(NOTHING_YET))),
            Sum("answered", ("said", "unsaid")),
            Sum(ALL, ("answered", "silent", Result.STOPPED)),
        ),
        # Kinds overlap, so it is those without a kind whom a subtraction gives.
        unseen=tuple(Sum("shown", (_kind(code), f"no_{code}")) for code in Evidence.Kind.values),
        after=("variants", "response"),
    ),
    Measure(
        code="rma",
        title="Участие РМА",
        about="Доли считаются от карт, по которым есть вариант результата.",
        base=BASE,
        parts=("rma_yes", "rma_no"),
        apart=APART,
        expression=_placed(
            (_HAS_VARIANT & (Q(is_rma_involved=True) | Q(has_disagreement__isnull=False)), "rma_yes"),
            (_HAS_VARIANT, "rma_no"),
            default=F("result"),
        ),
        sums=(Sum(BASE, ("rma_yes", "rma_no")),),
        after=("variants",),
        tones=(1, 3),
    ),
    Measure(
        code="agreement",
        title="Согласие ОО и РМА",
        about="Доли считаются от карт, которые оценили обе стороны: методист ОО и методист РМА.",
        base="both",
        parts=("agree", "differ"),
        apart=("rma_only", "rma_no", *APART),
        expression=_placed(
            (_HAS_VARIANT & Q(has_disagreement=False), "agree"),
            (_HAS_VARIANT & Q(has_disagreement=True), "differ"),
            (_HAS_VARIANT & Q(is_rma_involved=True), "rma_only"),
            (_HAS_VARIANT, "rma_no"),
            default=F("result"),
        ),
        sums=(
            Sum("both", ("agree", "differ")),
            Sum("rma_yes", ("both", "rma_only")),
            Sum(BASE, ("rma_yes", "rma_no")),
        ),
        after=("variants", "rma"),
        tones=(1, 4),
    ),
    Measure(
        code="experience",
        title="Кто может представить опыт",
        about="Доли считаются от карт с вариантом, по которым ММС решила, может ли педагог представить опыт.",
        base="decided",
        parts=(Experience.CAN, Experience.CANNOT),
        apart=(Experience.WAIVED, "unrecorded", *APART),
        expression=_placed(
            *((_HAS_VARIANT & Q(experience=code), code) for code in Experience.values),
            (_HAS_VARIANT, "unrecorded"),
            default=F("result"),
        ),
        sums=(
            Sum("decided", (Experience.CAN, Experience.CANNOT)),
            Sum(BASE, ("decided", Experience.WAIVED, "unrecorded")),
        ),
        after=("variants",),
        tones=(1, 3),
    ),
)
BY_CODE = {one.code: one for one in MEASURES}

LABELS: dict[str, str] = {
    **dict(Result.choices),
    BASE: "С вариантом",
    "asked": "Опрошено",
    "answered": "Ответ получен",
    "without": "Дальше без опросного листа",
    "waiting": "Срок ответа идёт",
    "scheduled": "Ещё не открыты",
    "said_no": "Не начали",
    **{f"{WHY}{code}": capfirst(label) for code, label in Survey.Reason.choices},
    "started": "Реализация начата",
    "silent": "Ответа нет",
    "said": "Сказали, чем подтвердят",
    **{_kind(code): capfirst(label) for code, label in Evidence.Kind.choices},
    _kind(NOTHING_YET): "Пока подтвердить нечем",
    "unsaid": "Подтверждение не указано",
    "rma_yes": "РМА подключён",
    "rma_no": "Без РМА",
    "both": "Оценили обе стороны",
    "agree": "Оценки совпали",
    "differ": "Оценки разошлись",
    "rma_only": "РМА без отдельной оценки",
    "decided": "ММС решила",
    Experience.CAN: "Может представить опыт",
    Experience.CANNOT: "Не может",
    Experience.WAIVED: "Учёт не требуется",
    "unrecorded": "Учёта в ММС ещё нет",
}

# Every figure of the summary as a filter of the registry: «rma-rma_yes» → «Участие РМА: РМА подключён».
FIGURES = [
    (f"{measure.code}-{column}", f"{measure.title}: {LABELS[column]}")
    for measure in MEASURES
    for column in measure.columns
]


def lines_behind(rows: EntryQuerySet, figure: str) -> EntryQuerySet:
    """The lines behind a figure named as in `FIGURES`."""
    code, column = figure.split("-", 1)
    return BY_CODE[code].behind(rows, column)
