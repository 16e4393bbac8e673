"""«Расхождение»: where the two assessors of one case answered differently."""

from collections.abc import Iterable
from typing import NamedTuple

from motor.models import Checklist

KINDS = Checklist.AssessorKind


class Difference(NamedTuple):
    """One question both were asked, with the two answers in words."""

    question: str
    school: str
    rma: str


def differences(school: Checklist, rma: Checklist) -> list[Difference]:
    """Only what both were asked, A, B and D; what each of them studied may differ without any disagreement."""
    pairs = (
        Difference("Значимое содержание программы", _significant(school), _significant(rma)),
        Difference("Отражение в практике", _practice(school), _practice(rma)),
        Difference("Изменения по другой тематике", _other(school), _other(rma)),
    )
    return [one for one in pairs if one.school != one.rma]


def two_sides(checklists: Iterable[Checklist]) -> tuple[Checklist, Checklist] | None:
    """The school's and the РМА's among those shown to a reader; nothing to compare without both."""
    found = {one.assessor_kind: one for one in checklists}
    if KINDS.SCHOOL in found and KINDS.RMA in found:
        return found[KINDS.SCHOOL], found[KINDS.RMA]
    return None


def differences_of(checklists: Iterable[Checklist]) -> list[Difference] | None:
    """For a page: None when there are not two opinions to see, an empty list when they agree."""
    sides = two_sides(checklists)
    return None if sides is None else differences(*sides)


def _significant(one: Checklist) -> str:
    return "определил" if one.is_significant else "не определил"


def _practice(one: Checklist) -> str:
    # Asked only after «определил»: without it the question was not put, which is no answer «не находит».
    return str(Checklist.Practice(one.practice).label) if one.is_significant else "не спрашивается"


def _other(one: Checklist) -> str:
    return "да" if one.other_topic_found else "нет"
