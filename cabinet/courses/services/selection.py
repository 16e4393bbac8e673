"""Which listeners of a course are followed: all, those marked in the list, or every n-th, and how many of a school."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from cabinet.courses.importing.rows import ParsedRow
from cabinet.courses.models import Completion, Course

Mode = Course.Selection
LARGEST_STEP = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """`step` belongs to EVERY; `cap` is of one organization, in one course."""

    mode: str = Mode.ALL
    step: int | None = None
    cap: int | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rule:
        return cls(data.get("mode", Mode.ALL), data.get("step"), data.get("cap"))

    def as_json(self) -> dict[str, Any]:
        return {"mode": str(self.mode), "step": self.step, "cap": self.cap}

    def fields(self) -> dict[str, Any]:
        """As a course keeps it."""
        return {"selection": self.mode, "selection_step": self.step, "selection_cap": self.cap}

    @property
    def words(self) -> str:
        whom = f"каждого {self.step}-го" if self.mode == Mode.EVERY else str(Mode(self.mode).label)
        return f"{whom}, не больше {self.cap} из организации" if self.cap else whom


EVERYBODY = Rule()


class Selector:
    """Decides on listeners one by one, in the order of the list, counting on from those the course already has.

    Known listeners are never decided on again: what people ticked or took away later stays.
    """

    def __init__(self, marked: frozenset[int] | None = None) -> None:
        self.marked = marked  # rows ticked on the preview page; without it the list's own column counts
        self.seen: Counter[int] = Counter()  # course → listeners
        self.chosen: Counter[tuple[int, int]] = Counter()  # course, organization → chosen listeners
        self.loaded: set[int] = set()

    def load(self, courses: Iterable[int]) -> None:
        """One query for what courses of the database have already."""
        new = set(courses) - self.loaded
        if not new:
            return
        self.loaded |= new
        present = Completion.objects.filter(course__in=new).values_list("course", "organization")
        for course, organization, count, chosen in present.annotate(
            Count("pk"), chosen=Count("pk", filter=Q(is_selected=True))
        ).order_by():
            self.seen[course] += count
            self.chosen[course, organization] += chosen

    def decide(self, rule: Rule, course: int, organization: int, row: ParsedRow) -> tuple[bool, str]:
        """Is the listener chosen, and why or why not."""
        number = self.seen[course]
        self.seen[course] += 1
        is_chosen, why = self.by_mode(rule, number, row)
        if is_chosen and rule.cap and self.chosen[course, organization] >= rule.cap:
            return False, f"из организации уже выбрано {rule.cap}"
        self.chosen[course, organization] += is_chosen
        return is_chosen, why

    def by_mode(self, rule: Rule, number: int, row: ParsedRow) -> tuple[bool, str]:
        if rule.mode == Mode.EVERY and rule.step:
            return number % rule.step == 0, f"{number + 1}-й в курсе, выбран каждый {rule.step}-й, начиная с первого"
        if rule.mode == Mode.LISTED:
            is_marked = row.track is True if self.marked is None else row.number in self.marked
            return is_marked, "отмечен в списке" if is_marked else "не отмечен в списке"
        return True, ""
