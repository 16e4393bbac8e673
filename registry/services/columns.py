"""The columns of the registry in the words and order of domain.md section 7, for the page and for the file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from cabinet.courses.models import Programme
from cabinet.structure.models import Municipality, Organization, Position, Subject, Territory, Topic
from motor.models import Case, Checklist, Evidence, MunicipalRecord, Status, Study, Survey
from registry.models import Entry, Experience, Result
from registry.services.projection import NOTHING_YET
from rma.models import Member

TITLES = (
    "территория",
    "муниципалитет",
    "ОО",
    "тип ОО",
    "ШНОР",
    "ФИО",
    "должность",
    "предмет",
    "программа",
    "тематика",
    "часы",
    "дата окончания",
    "федеральный реестр",
    "срез",
    "опросный лист (дата)",
    "отражено в ИОМ",
    "реализация начата",
    "причина",
    "подтверждения",
    "что изучено",
    "значимое содержание",
    "отражение в практике",
    "другая тематика",
    "РМА подключён",
    "методист РМА",
    "расхождение",
    "может представить опыт",
    "события",
    "вариант",
    "последующая работа",
    "состояние",
    "дата результата",
    "срок нарушен",
)
DATES = ("дата окончания", "опросный лист (дата)", "дата результата")
NO_TERRITORY = "Территория не указана"

# What a line is made of; `cells` takes its values in this order.
READ = (
    "territory_id",
    "municipality_id",
    "organization_id",
    "organization_kind",
    "low_results",
    "person__last_name",
    "person__first_name",
    "person__patronymic",
    "position_id",
    "subject_id",
    "programme_id",
    "topic_id",
    "hours",
    "ends_on",
    "in_federal_register",
    "months",
    "survey_on",
    "in_route",
    "has_started",
    "reason",
    "reason_text",
    "evidence",
    "studies",
    "is_significant",
    "practice",
    "other_topic_found",
    "other_topic",
    "is_rma_involved",
    "rma_member_id",
    "has_disagreement",
    "experience",
    "events",
    "variant",
    "completeness",
    "result",
    "status",
    "result_on",
    "was_late",
    "due_on",
    "case_id",
)

Names = Mapping[int | None, str]


@dataclass(frozen=True)
class Dictionaries:
    """Id → name. People are not here: a region has too many of them to hold."""

    territories: Names = field(default_factory=dict)
    municipalities: Names = field(default_factory=dict)
    organizations: Names = field(default_factory=dict)
    positions: Names = field(default_factory=dict)
    subjects: Names = field(default_factory=dict)
    programmes: Names = field(default_factory=dict)
    topics: Names = field(default_factory=dict)
    members: Names = field(default_factory=dict)


def all_dictionaries() -> Dictionaries:
    """Every name a whole export needs, read once."""

    def plain(model: Any, name: str = "name") -> dict[int | None, str]:
        return dict(model.objects.order_by().values_list("pk", name))

    return Dictionaries(
        territories=plain(Territory),
        municipalities={one.pk: str(one) for one in Municipality.objects.all()},
        organizations=plain(Organization),
        positions=plain(Position),
        subjects=plain(Subject),
        programmes=plain(Programme, "title"),
        topics=plain(Topic),
        members={one.pk: one.user.full_name for one in Member.objects.select_related("user")},
    )


def dictionaries_of(entries: Iterable[Entry]) -> Dictionaries:
    """The names of a page, taken from lines read `with_names()`: no query."""
    names: dict[str, dict[int | None, str]] = {name: {} for name in Dictionaries.__dataclass_fields__}
    for one in entries:
        for part, pk, thing in (
            ("territories", one.territory_id, one.territory),
            ("municipalities", one.municipality_id, one.municipality),
            ("organizations", one.organization_id, one.organization),
            ("positions", one.position_id, one.position),
            ("subjects", one.subject_id, one.subject),
            ("programmes", one.programme_id, one.programme),
            ("topics", one.topic_id, one.topic),
            ("members", one.rma_member_id, one.rma_member),
        ):
            if thing is not None:
                names[part][pk] = str(thing)
    return Dictionaries(**names)


def values_of(entry: Entry) -> list[Any]:
    """The values of a line in the order of `READ`."""
    person = entry.person
    known = {f"person__{name}": getattr(person, name) for name in ("last_name", "first_name", "patronymic")}
    return [known[name] if name in known else getattr(entry, name) for name in READ]


# --- From codes to words -------------------------------------------------------------------------------------

_KIND = dict(Organization.Kind.choices)
_IN_ROUTE = dict(Survey.InRoute.choices)
_REASON = dict(Survey.Reason.choices)
_PRACTICE = dict(Checklist.Practice.choices)
_EXPERIENCE = dict(Experience.choices)
_STATUS = dict(Status.choices)
_COMPLETENESS = {"full": "полностью", "partial": "частично"}
_YES_NO = {True: "да", False: "нет", None: None}
_SIGNIFICANT = {True: "определил", False: "не определил", None: None}
_MONTHS = {3: "3 месяца", 6: "6 месяцев", 12: "12 месяцев"}
_EVIDENCE = dict(Evidence.Kind.choices) | {NOTHING_YET: "пока подтвердить нечем"}
_STUDY = dict(Study.Kind.choices)
_EVENT = dict(MunicipalRecord.EventKind.choices)


def _listed(labels: dict[str, str]) -> Callable[[str], str | None]:
    @cache
    def words(codes: str) -> str | None:
        return ", ".join(labels.get(code, code) for code in codes.split(",")) if codes else None

    return words


evidence_words, study_words, event_words = _listed(_EVIDENCE), _listed(_STUDY), _listed(_EVENT)


@cache
def variant_words(variant: int | None, completeness: str, result: str) -> str | None:
    """«3, полностью»; a case that ended without an answer of the methodist says so."""
    if variant is None:
        return Result.NOT_ASSESSED.label if result == Result.NOT_ASSESSED else None
    return f"{variant}, {_COMPLETENESS[completeness]}" if completeness else str(variant)


def cells(values: Sequence[Any], names: Dictionaries, follow_up: str | None, day: date) -> tuple[Any, ...]:
    """The 33 cells of a line: text, numbers and dates; None where there is nothing to say yet."""
    (
        territory, municipality, organization, kind, low_results, last_name, first_name, patronymic, position,
        subject, programme, topic, hours, ends_on, in_register, months, survey_on, in_route, has_started, reason,
        reason_text, evidence, studies, is_significant, practice, other_topic_found, other_topic, is_rma_involved,
        member, has_disagreement, experience, events, variant, completeness, result, status, result_on, was_late,
        due_on, _,
    ) = values  # fmt: skip
    is_late = was_late or (due_on is not None and due_on < day and status not in Case.ENDED)
    why = _REASON.get(reason)
    return (
        names.territories.get(territory, NO_TERRITORY),
        names.municipalities.get(municipality),
        names.organizations.get(organization),
        _KIND[kind],
        _YES_NO[low_results],
        f"{last_name} {first_name} {patronymic}".strip(),
        names.positions.get(position),
        names.subjects.get(subject),
        names.programmes.get(programme),
        names.topics.get(topic),
        hours,
        ends_on,
        _YES_NO[in_register],
        _MONTHS.get(months, str(months)),
        survey_on,
        _IN_ROUTE.get(in_route),
        _YES_NO[has_started],
        f"{why}: {reason_text}" if why and reason_text else why,
        evidence_words(evidence),
        study_words(studies),
        _SIGNIFICANT[is_significant],
        _PRACTICE.get(practice),
        other_topic if other_topic_found else _YES_NO[other_topic_found],
        _YES_NO[is_rma_involved],
        names.members.get(member),
        _YES_NO[has_disagreement],
        _EXPERIENCE.get(experience),
        event_words(events),
        variant_words(variant, completeness, result),
        follow_up,
        _STATUS[status],
        result_on,
        _YES_NO[is_late],
    )
