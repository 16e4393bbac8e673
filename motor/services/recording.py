"""Учёт результата в ММС: C of domain.md section 5.4."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cabinet.users.models import LogEntry, User
from cabinet.users.services import record as log
from motor.models import Case, MunicipalRecord
from motor.moves import CONCLUDED, MoveRefused
from motor.services.follow_up import close_if_ready, settle_pool


@dataclass(frozen=True)
class RecordAnswer:
    """C as the form understood it; `can_present` None waives the question, `note` then says why."""

    can_present: bool | None
    event_kinds: list[str] = field(default_factory=list)
    in_pool: bool = False
    theme: str = ""
    note: str = ""

    def problems(self) -> dict[str, str]:
        """Field → what is missing; forms show it, the service refuses."""
        found = {}
        if self.can_present and not self.event_kinds:
            found["event_kinds"] = "Отметьте хотя бы один вид события, где опыт можно представить."
        if self.can_present and self.in_pool and not self.theme:
            found["theme"] = "Напишите, какой это опыт: по этим словам его найдут коллеги."
        if self.can_present is None and not self.note:
            found["note"] = "Напишите, почему учёт не требуется."
        return found

    @property
    def words(self) -> str:
        return MunicipalRecord(**self.columns()).words

    def columns(self) -> dict[str, Any]:
        """Events and the place in the pool have no sense without «может»."""
        can, in_pool = bool(self.can_present), bool(self.can_present and self.in_pool)
        return {
            "can_present": self.can_present,
            "event_kinds": self.event_kinds if can else [],
            "in_pool": in_pool,
            "theme": self.theme if in_pool else "",
            "note": self.note,
        }


def record_result(case: Case, answer: RecordAnswer, *, specialist: User, replace: bool = True) -> MunicipalRecord:
    """Write C down, once or anew; the same answer again changes nothing, not even who gave it and when.

    With `replace=False` an answer that is there already is left as it is, and the call refused.
    """
    refuse_unrecordable(case, specialist)
    for problem in answer.problems().values():
        raise MoveRefused(problem)
    with transaction.atomic():
        _hold(case)
        former = case.records.filter(version=case.version).first()
        if former is not None and not replace:
            raise MoveRefused("Учёт уже сделан.")
        columns = answer.columns()
        if former is not None and all(getattr(former, name) == value for name, value in columns.items()):
            return former
        columns |= {"specialist": specialist, "recorded_at": timezone.now()}
        found, _ = MunicipalRecord.objects.update_or_create(case=case, version=case.version, defaults=columns)
        was = f"; было: {former.words}" if former else ""
        log(
            LogEntry.Action.ANSWERED,
            actor=specialist,
            person=case.person,
            about=case,
            note=f"Учёт в ММС: {found.words}{was}",
        )
        settle_pool(case, found)
        close_if_ready(case, specialist)
    return found


def refuse_unrecordable(case: Case, specialist: User) -> None:
    if case.person_id == specialist.pk:
        raise MoveRefused("Это ваша собственная карта: учёт делает другой человек.")
    if case.status not in CONCLUDED or case.outcome is None or case.outcome.version != case.version:
        raise MoveRefused("Результат ещё не определён: учёт делается после чек-листа.")


def _hold(case: Case) -> None:
    """Raise the revision and hold the row, if the case is still of this version and concluded."""
    here = Case.objects.filter(pk=case.pk, version=case.version, status__in=CONCLUDED)
    if not here.update(revision=F("revision") + 1, touched_at=timezone.now()):
        raise MoveRefused("Карта открыта заново: учёт делается после нового результата.")
    case.refresh_from_db(fields=["revision", "touched_at", "status"])
