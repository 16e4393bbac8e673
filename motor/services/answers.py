"""What the people of a course answered, and what came of it: for the curator of the course.

Nothing of the assessors' own notes is here: no comment of a checklist, no reason of a request to РМА.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from cabinet.core.charts import share
from cabinet.core.search import fold
from cabinet.courses.models import Completion, Course
from motor.models import Case, CaseQuerySet, Change, Evidence, Outcome, Status, Survey

NONE_YET, SILENT, NOTHING = "none", "silent", "nothing"
ASKED = ANSWERED, WITHOUT, NO_RESPONSE = ("ответ получен", "дальше без опросного листа", "ответ не получен")


@dataclass(frozen=True)
class Answer:
    """One person of the course: the last answer given, and the result, when there are any."""

    case: Case
    survey: Survey | None
    evidence: list[Evidence]

    @property
    def outcome(self) -> Outcome | None:
        """The result that stands: none while a reopened case is looked at anew, or once it was stopped."""
        outcome = self.case.outcome
        is_current = outcome is not None and outcome.version == self.case.version
        return outcome if is_current and self.case.status != Status.STOPPED else None

    @property
    def reason(self) -> str:
        """«почему нет», in the words of the list and of the teacher."""
        if self.survey is None or self.survey.has_started:
            return ""
        return ": ".join(part for part in (self.survey.get_reason_display(), self.survey.reason_text) if part)

    @property
    def changes(self) -> list[tuple[str, str]]:
        """What changed in practice, and another topic than the course's, if it is one."""
        return [(one.text, one.topic) for one in self.survey.changes.all()] if self.survey else []

    @property
    def evidence_words(self) -> str:
        return ", ".join(dict.fromkeys(str(one.get_kind_display()) for one in self.evidence))


@dataclass(frozen=True)
class Figures:
    """Counts of a course: label, number, share of the base. `base` is said beside them."""

    title: str
    base: int
    of_what: str
    rows: list[tuple[str, int, str]]


def followed(courses: QuerySet[Course]) -> QuerySet[Course]:
    """Courses with a case at least."""
    return courses.filter(Exists(Case.objects.filter(completion__course=OuterRef("pk"))))


def cases_of(course: Course) -> CaseQuerySet:
    return Case.objects.filter(completion__course=course)


def narrowed(cases: CaseQuerySet, *, variant: str = "", reason: str = "", text: str = "") -> CaseQuerySet:
    """`variant`: 1–3, «none» without a result, «silent» without an answer; `reason`: a code of the survey's list.

    `text` is looked for in the answers, whatever its case and ё: SQLite cannot fold Cyrillic, so here it is done
    by hand, over the answers of one course.
    """
    has_result = Q(outcome__version=F("version")) & ~Q(status=Status.STOPPED)
    if variant == SILENT:
        cases = cases.filter(~Exists(Survey.objects.submitted().filter(case=OuterRef("pk"))))
    elif variant == NONE_YET:
        cases = cases.exclude(has_result)
    elif variant:
        cases = cases.filter(has_result, outcome__variant=int(variant))
    words = fold(text).split()
    if not reason and not words:
        return cases
    last = _last_surveys(cases, "important", "reason_text", "route_note")
    if reason:
        last = {pk: row for pk, row in last.items() if row["reason"] == reason}
    if words:
        said = _said(last)
        last = {pk: row for pk, row in last.items() if all(word in said[pk] for word in words)}
    return cases.filter(pk__in=list(last))


def _last_surveys(cases: CaseQuerySet, *further: str) -> dict[int, dict[str, Any]]:
    """Case id → its last answer; an earlier one stays readable on the case's page and is not counted."""
    rows = Survey.objects.submitted().filter(case__in=cases.order_by())
    names = ("pk", "case_id", "has_started", "reason", "nothing_yet", *further)
    return {row["case_id"]: row for row in rows.values(*names)}


def _said(last: dict[int, dict[str, Any]]) -> dict[int, str]:
    """Case id → everything said in its answer, folded for the search."""
    said = {pk: [row[name] for name in ("important", "reason_text", "route_note")] for pk, row in last.items()}
    changes = Change.objects.order_by().filter(survey__in=[row["pk"] for row in last.values()])
    for pk, text, topic in changes.values_list("survey__case_id", "text", "topic"):
        said[pk] += [text, topic]
    return {pk: fold(" ".join(parts)) for pk, parts in said.items()}


def answers_of(cases: Iterable[Case]) -> list[Answer]:
    """The lines of a page; the cases come from `with_answers`."""
    found = ((case, list(case.surveys.all()), list(case.evidence.all())) for case in cases)
    return [Answer(case, surveys[-1] if surveys else None, evidence) for case, surveys, evidence in found]


def with_answers(cases: CaseQuerySet) -> CaseQuerySet:
    return (
        cases.select_related("person", "organization__municipality", "completion__position", "outcome")
        .prefetch_related(
            Prefetch("surveys", Survey.objects.submitted().prefetch_related("changes")),
            Prefetch("evidence", Evidence.objects.in_force().order_by("pk")),
        )
        .order_by("person__last_name", "person__first_name", "person__patronymic", "pk")
    )


def figures_of(cases: CaseQuerySet) -> list[Figures]:
    """Response, results, reasons and evidence of a course, each with its base, counted as the registry counts them.

    Three queries; what a stopped case had said is left out of all of them.
    """
    last = _last_surveys(cases)
    shown: dict[int, set[str]] = defaultdict(set)
    for pk, kind in Evidence.objects.in_force().filter(case__in=cases.order_by()).values_list("case_id", "kind"):
        shown[pk].add(kind)
    asked, reasons, kinds, variants = (Counter[str]() for _ in range(4))
    said = 0
    rows = cases.exclude(status__in=(Status.STOPPED, Status.SCHEDULED)).order_by()
    for pk, status, version, of_version, variant in rows.values_list(
        "pk", "status", "version", "outcome__version", "outcome__variant"
    ):
        survey = None if status == Status.NO_RESPONSE else last.get(pk)
        variants[f"вариант {variant}"] += variant is not None and version == of_version
        if survey is None:
            asked[NO_RESPONSE if status == Status.NO_RESPONSE else WITHOUT] += status != Status.SURVEY_OPEN
            continue
        asked[ANSWERED] += 1
        reasons[str(survey["reason"])] += not survey["has_started"]
        mine = shown[pk] or ({NOTHING} if survey["nothing_yet"] else set())
        kinds.update(mine)
        said += bool(mine)
    evidence = [*((code, str(label)) for code, label in Evidence.Kind.choices), (NOTHING, "пока подтвердить нечем")]
    return [
        _figures("Опросный лист", asked.total(), "опрошенных", [(one, asked[one]) for one in ASKED]),
        _figures(
            "Результат",
            variants.total(),
            "карт с результатом",
            [(f"вариант {code}", variants[f"вариант {code}"]) for code in Outcome.Variant.values],
        ),
        _figures(
            "Почему не начали",
            reasons.total(),
            "ответивших «НЕТ»",
            [(str(label), reasons[code]) for code, label in Survey.Reason.choices],
        ),
        _figures(
            "Чем подтверждают", said, "сказавших; можно несколько", [(label, kinds[code]) for code, label in evidence]
        ),
    ]


def _figures(title: str, base: int, of_what: str, rows: list[tuple[str, int]]) -> Figures:
    return Figures(title, base, of_what, [(label, count, share(count, base)) for label, count in rows])


@dataclass(frozen=True)
class CourseLine:
    course: Course
    cases: int
    answered: int
    variants: list[int]


def counted_courses(courses: Sequence[Course]) -> list[CourseLine]:
    """Courses of a page with their cases, answers and results; three queries.

    Numbers first: told to join by itself, the database reads every case of the region.
    """
    course_of = dict(Completion.objects.order_by().filter(course__in=courses).values_list("pk", "course"))
    rows = Case.objects.order_by().filter(completion__in=list(course_of))
    names = ("pk", "completion", "status", "version", "outcome__version", "outcome__variant")
    cases = list(rows.values_list(*names))
    surveys = Survey.objects.submitted().order_by().filter(case__in=[row[0] for row in cases])
    has_answer = set(surveys.values_list("case_id", flat=True))
    totals, answered = Counter[int](), Counter[int]()
    variants = Counter[tuple[int, int]]()
    for pk, completion, status, version, of_version, variant in cases:
        course = course_of[completion]
        totals[course] += 1
        answered[course] += pk in has_answer
        if variant is not None and version == of_version and status != Status.STOPPED:
            variants[course, variant] += 1
    return [
        CourseLine(one, totals[one.pk], answered[one.pk], [variants[one.pk, code] for code in Outcome.Variant.values])
        for one in courses
    ]
