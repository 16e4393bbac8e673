"""Учёт результата в ММС from the registry: what stands beside a line, and many lines at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F

from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Checklist, MunicipalRecord, Outcome, Status
from motor.moves import MoveRefused
from motor.services import RecordAnswer, record_result
from registry.models import Entry, EntryQuerySet
from registry.services.sweeping import refresh

LIMIT = 500  # cases recorded at once: a few seconds of work


@dataclass(frozen=True)
class Beside:
    """What a line of the list tells of its record; `advice` is the school's and only for who records."""

    record: MunicipalRecord | None = None
    can_record: bool = False
    advice: bool | None = None


def beside_lines(pks: list[int], user: User) -> dict[int, Beside]:
    """Case id → its record and the reader's part in it; one query, three for a municipal specialist."""
    records = records_of(pks)
    allowed: set[int] = set()
    advice: dict[int, bool] = {}
    if user.roles & {"municipal", "admin"}:
        allowed = set(Case.objects.recordable_by(user).filter(pk__in=pks).values_list("pk", flat=True))
        advice = advice_of(allowed)
    return {pk: Beside(records.get(pk), pk in allowed, advice.get(pk)) for pk in pks}


def records_of(pks: Iterable[int]) -> dict[int, MunicipalRecord]:
    """Records of the present versions."""
    found = MunicipalRecord.objects.filter(case__in=pks, version=F("case__version")).select_related("specialist")
    return {one.case_id: one for one in found}


def advice_of(pks: Iterable[int]) -> dict[int, bool]:
    """Case id → does the assessor recommend to present the experience, where he said so."""
    said = Checklist.objects.in_force().filter(
        case__in=list(pks), version=F("case__version"), recommends_experience__isnull=False
    )
    return dict(said.order_by("pk").values_list("case", "recommends_experience"))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Candidate:
    """A case that will be recorded, with what deserves a look before."""

    case: Case
    advice: bool | None
    is_odd: bool  # «может» with variant 1
    differs: bool  # the school recommends otherwise


@dataclass
class Preview:
    recorded: list[Candidate] = field(default_factory=list)
    left: list[tuple[Case, str]] = field(default_factory=list)

    @property
    def odd(self) -> int:
        return sum(one.is_odd for one in self.recorded)

    @property
    def differing(self) -> int:
        return sum(one.differs for one in self.recorded)


def chosen_by_filter(rows: EntryQuerySet) -> list[int]:
    """The lines that still want a record, in the order of the list; those recorded would only fill the limit up."""
    return list(rows.unrecorded().values_list("pk", flat=True)[:LIMIT])


def preview_records(pks: list[int], answer: RecordAnswer, user: User) -> Preview:
    """What will change and what will not, with reasons; the same number of queries for any number of cases."""
    cases = _cases(pks, user)
    numbers = [case.pk for case in cases]
    allowed = set(Case.objects.recordable_by(user).filter(pk__in=numbers).values_list("pk", flat=True))
    records, advice = records_of(numbers), advice_of(allowed)
    preview = Preview()
    for case in cases:
        if case.pk in allowed and case.pk not in records:
            said = advice.get(case.pk)
            is_odd = bool(answer.can_present) and case.outcome is not None and case.outcome.variant == NO_RESULT
            differs = said is not None and answer.can_present is not None and said != answer.can_present
            preview.recorded.append(Candidate(case, said, is_odd, differs))
        else:
            preview.left.append((case, _why_left(case, records.get(case.pk), user)))
    return preview


NO_RESULT = Outcome.Variant.NONE


def _cases(pks: list[int], user: User) -> list[Case]:
    """Lines of the reader's registry only, whatever numbers an address holds."""
    # The numbers first: joined to its names in one query, the whole region is sorted before any is picked.
    lines = list(Entry.objects.visible_to(user).filter(pk__in=pks[:LIMIT]).values_list("pk", flat=True))
    cases: CaseQuerySet = Case.objects.filter(pk__in=lines).with_names()
    return list(cases.order_by("person__name_key", "pk"))


def _why_left(case: Case, record: MunicipalRecord | None, user: User) -> str:
    if case.person_id == user.pk:
        return "ваша собственная карта: учёт делает другой человек"
    if record is not None:
        return f"учёт уже сделан: {record.words}"
    if case.status == Status.CLOSED and case.outcome is None:
        return "карта завершена с пометкой «Не оценено»"
    if case.status not in (Status.FOLLOW_UP, Status.CLOSED):
        return f"результата ещё нет: «{case.get_status_display()}»"
    return "карта другого муниципалитета"


def record_many(pks: list[int], answer: RecordAnswer, user: User) -> tuple[list[Case], list[tuple[Case, str]]]:
    """Record case by case, each on its own; returns what was done and what was left with the reason.

    A case recorded or moved on in the meantime is left: the same order twice changes nothing more.
    """
    preview = preview_records(pks, answer, user)
    done, left = [], preview.left
    for one in preview.recorded:
        try:
            record_result(one.case, answer, specialist=user, replace=False)
            done.append(one.case)
        except MoveRefused as refusal:
            left.append((one.case, str(refusal)))
    refresh([case.pk for case in done])
    return done, left
