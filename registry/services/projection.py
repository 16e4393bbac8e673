"""What a line of the registry says, computed from a case and its parts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import DateField, QuerySet
from django.utils import timezone

from motor.models import Case, Checklist, Evidence, MunicipalRecord, Status, Study, Survey
from motor.services.follow_up import COUNTING
from registry.models import Entry, Experience, Result

BATCH = 500  # lines × columns stays under SQLite's 32,766 parameters of a statement

NOTHING_YET = "nothing"
OPINIONS = (Checklist.AssessorKind.SCHOOL, Checklist.AssessorKind.RMA)
Values = dict[str, Any]

# Entry column → where its value stands, seen from the case. Those with a dictionary behind them are followed by
# the sweep (services/followed.py) also when the case itself does not change.
PATHS = {
    "case_id": "pk",
    "revision": "revision",
    "territory_id": "organization__municipality__territory_id",
    "municipality_id": "organization__municipality_id",
    "organization_id": "organization_id",
    "organization_kind": "organization__kind",
    "low_results": "organization__low_results",
    "person_id": "person_id",
    "position_id": "completion__position_id",
    "subject_id": "completion__subject_id",
    "course_id": "completion__course_id",
    "programme_id": "completion__course__programme_id",
    "topic_id": "completion__course__programme__topic_id",
    "hours": "completion__hours",
    "ends_on": "completion__course__ends_on",
    "in_federal_register": "completion__course__programme__in_federal_register",
    "months": "months",
    "rma_member_id": "rma_member_id",
    "status": "status",
    "due_on": "due_on",
    "was_late": "was_late",
}
FURTHER = {
    "version": "version",
    "outcome_version": "outcome__version",
    "variant": "outcome__variant",
    "completeness": "outcome__completeness",
    "has_disagreement": "outcome__has_disagreement",
    "computed_at": "outcome__computed_at",
}
READ = PATHS | FURTHER

FIELDS = list(Entry._meta.concrete_fields)
COLUMNS = [field.attname for field in FIELDS]
_DATES = {field.attname for field in FIELDS if isinstance(field, DateField)}


def expected(pks: Sequence[int]) -> dict[int, Values]:
    """Case id → values of its line, read in six queries whatever the number of cases.

    The cases are read first: a change that commits in between makes the line newer than the revision it
    carries, and the next look finds the revisions different and builds it again, never the other way round.
    """
    cases = [dict(zip(READ, row, strict=True)) for row in Case.objects.filter(pk__in=pks).values_list(*READ.values())]
    parts = _Parts(pks)
    return {values["case_id"]: _line(values, parts) for values in cases}


class _Parts:
    """Surveys, evidence, checklists, studies and records of some cases."""

    def __init__(self, pks: Sequence[int]) -> None:
        submitted = Survey.objects.submitted()
        self.surveys: dict[int, list[Values]] = defaultdict(list)
        for row in _rows(
            submitted, pks, "in_route", "has_started", "reason", "reason_text", "nothing_yet", "submitted_at"
        ):
            self.surveys[row["case_id"]].append(row)
        self.evidence: dict[int, set[str]] = defaultdict(set)
        for row in _rows(Evidence.objects.in_force().order_by(), pks, "kind"):
            self.evidence[row["case_id"]].add(row["kind"])
        conclusions = ("assessor_kind", "is_significant", "practice", "other_topic_found", "other_topic")
        self.checklists: dict[tuple[int, int, str], Values] = {}
        for row in _rows(Checklist.objects.in_force().order_by(), pks, *conclusions):
            self.checklists[row["case_id"], row["version"], row["assessor_kind"]] = row
        self.studies: dict[tuple[int, int], set[str]] = defaultdict(set)
        studied = Study.objects.order_by().filter(checklist__case__in=pks, checklist__superseded_at=None)
        for case, version, kind in studied.values_list("checklist__case_id", "checklist__version", "kind"):
            self.studies[case, version].add(kind)
        self.records: dict[tuple[int, int], Values] = {}
        for row in _rows(MunicipalRecord.objects.order_by(), pks, "can_present", "event_kinds"):
            self.records[row["case_id"], row["version"]] = row


def _rows(parts: QuerySet[Any], pks: Sequence[int], *names: str) -> Iterable[Values]:
    return parts.filter(case__in=pks).values("case_id", "version", *names)


def _line(case: Values, parts: _Parts) -> Values:
    pk, version = case["case_id"], case["version"]
    values = {name: case[name] for name in PATHS}
    # A member who was only asked is not engaged yet.
    values["is_rma_involved"] = case["rma_member_id"] is not None and case["status"] != Status.RMA_REQUESTED
    values |= _of_survey(pk, version, parts)
    values |= _of_checklists(pk, version, parts)
    values |= _of_record(parts.records.get((pk, version)))
    values |= _of_outcome(case)
    if not all((pk, version, kind) in parts.checklists for kind in OPINIONS):
        values["has_disagreement"] = None  # with one opinion there is nothing to agree or differ
    return values


def _of_survey(pk: int, version: int, parts: _Parts) -> Values:
    # After a reopening the teacher is not asked again: the last answer given still stands.
    survey = next((one for one in reversed(parts.surveys[pk]) if one["version"] <= version), None)
    kinds = parts.evidence[pk]
    if survey is None:
        return {
            "survey_on": None,
            "in_route": "",
            "has_started": None,
            "reason": "",
            "reason_text": "",
            "evidence": _codes(kinds, Evidence.Kind.values),
        }
    evidence = _codes(kinds, Evidence.Kind.values)
    if not evidence and survey["nothing_yet"]:
        evidence = NOTHING_YET
    return {
        "survey_on": local_date(survey["submitted_at"]),
        "in_route": survey["in_route"],
        "has_started": survey["has_started"],
        "reason": survey["reason"],
        "reason_text": survey["reason_text"],
        "evidence": evidence,
    }


def _of_checklists(pk: int, version: int, parts: _Parts) -> Values:
    """The agreed conclusion counts, else the РМА's whole checklist, else the school's; studies are those of all."""
    found = (parts.checklists.get((pk, version, kind)) for kind in COUNTING)
    counts = next((one for one in found if one is not None), None)
    answers: Values = {"is_significant": None, "practice": "", "other_topic_found": None, "other_topic": ""}
    if counts is not None:
        answers = {name: counts[name] for name in answers}
    return answers | {"studies": _codes(parts.studies[pk, version], Study.Kind.values)}


def _of_record(record: Values | None) -> Values:
    if record is None:
        return {"experience": "", "events": ""}
    experience = {True: Experience.CAN, False: Experience.CANNOT, None: Experience.WAIVED}[record["can_present"]]
    return {
        "experience": experience.value,
        "events": _codes(set(record["event_kinds"]), MunicipalRecord.EventKind.values),
    }


def _of_outcome(case: Values) -> Values:
    is_current = case["variant"] is not None and case["outcome_version"] == case["version"]
    variant = case["variant"] if is_current else None
    return {
        "variant": variant,
        "completeness": case["completeness"] if is_current else "",
        "has_disagreement": case["has_disagreement"] if is_current else None,
        "result_on": local_date(case["computed_at"]) if is_current else None,
        "result": _result(case["status"], variant),
    }


def _result(status: str, variant: int | None) -> str:
    """A stopped case counts as stopped whatever was found before; one closed without a variant is «Не оценено»."""
    if status == Status.STOPPED:
        return Result.STOPPED.value
    if variant is not None:
        return str(variant)
    if status == Status.NO_RESPONSE:
        return Result.NO_RESPONSE.value
    return Result.NOT_ASSESSED.value if status in (Status.FOLLOW_UP, Status.CLOSED) else Result.PENDING.value


def _codes(kinds: set[str], order: Sequence[Any]) -> str:
    return ",".join(code for code in order if code in kinds)


def local_date(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def write(lines: Iterable[Values], *, force: bool = False) -> int:
    """Insert or overwrite lines in one statement per batch; an older revision never overwrites a newer one.

    With `force` it does: only a rebuild asks for that, and a sweep heals what it may have turned back.
    """
    rows = [[line[name] for name in COLUMNS] for line in lines]
    if connection.vendor == "sqlite":
        adapt = connection.ops.adapt_datefield_value
        dates = [position for position, name in enumerate(COLUMNS) if name in _DATES]
        for row in rows:
            for position in dates:
                row[position] = adapt(row[position])
    written = 0
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            cursor.execute(_upsert_sql(len(part), force=force), [value for row in part for value in row])
            written += cursor.rowcount
    return written


def _upsert_sql(count: int, *, force: bool) -> str:
    # bulk_create(update_conflicts=True) knows no condition; the syntax is the same on both engines.
    quote = connection.ops.quote_name
    table = quote(Entry._meta.db_table)
    columns = [quote(field.column or "") for field in FIELDS]
    row = "(" + ", ".join(["%s"] * len(columns)) + ")"
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    guard = "" if force else f" WHERE {table}.{quote('revision')} <= excluded.{quote('revision')}"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)} "  # noqa: S608 - our names only
        f"ON CONFLICT ({columns[0]}) DO UPDATE SET {updates}{guard}"
    )
