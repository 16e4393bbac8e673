"""Answers with names by municipality or organization; groups under five are hidden, and what would give them away."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from cabinet.core.charts import share
from cabinet.core.suppression import FEW, LIMIT, LITTLE, Cell, Equation, Marks, hide
from cabinet.polls.models import Answer, Participant, Poll, Question
from cabinet.polls.services.results import SMALL, Results
from cabinet.structure.models import Municipality, Organization

FEWER = f"<{LIMIT}"
HIDDEN = "скрыто"
MOST_CELLS = 900  # beyond that the hiding would keep the reader waiting
ANSWERED = "n"
WHOLE = "whole"


@dataclass(frozen=True)
class GroupRow:
    """`cells` are (number, share) as they are shown, one for each option of each question in turn."""

    name: str
    base: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    question: Question
    number: int
    options: list[str]
    rows: list[GroupRow]


@dataclass(frozen=True)
class Breakdown:
    title: str
    heading: str
    tables: list[Table]
    has_hidden: bool


def group_path(poll: Poll) -> str:
    """The way from a person to his group; empty where there is only one."""
    if poll.scope == Poll.Scope.REGION:
        return "organization__municipality"
    return "organization" if poll.scope == Poll.Scope.MUNICIPALITY else ""


def breakdown_of(results: Results) -> Breakdown | None:
    """None where there is nothing to divide: without names only the sums are kept, and few answers stay together."""
    poll, path = results.poll, group_path(results.poll)
    if poll.is_anonymous or poll.is_example or not path or results.why_not or results.answered < SMALL:
        return None
    counts = _counts(poll, path)
    groups = sorted({group for group, column in counts if column == ANSWERED})
    questions = [one for one in results.questions if one.base is not None]
    columns = sum(len(one.rows) for one in questions)
    if len(groups) < 2 or not questions or len(groups) * (columns + 1) > MOST_CELLS:
        return None
    marks = _hidden(groups, [one.question for one in questions], counts)
    names = _names(path, groups)
    tables = [_table(one.question, one.number, groups, names, counts, marks) for one in questions]
    of_places = path.endswith("municipality")
    title, heading = ("По муниципалитетам", "Муниципалитет") if of_places else ("По организациям", "Организация")
    return Breakdown(title, heading, tables, bool(marks))


Counts = dict[tuple[int, str], int]  # (group, column) → how many; the column of a base is «n» or «q<pk>»


def _counts(poll: Poll, path: str) -> Counts:
    """Three queries."""
    group = f"participant__person__{path}"
    people = Participant.objects.filter(poll=poll, has_answered=True).order_by()
    answers = Answer.objects.filter(participant__poll=poll).order_by()
    found: Counts = defaultdict(int)
    rows: list[Any] = list(people.values_list(f"person__{path}").annotate(Count("pk")))
    found.update({(pk or 0, ANSWERED): count for pk, count in rows})
    rows = list(answers.values_list(group, "option").annotate(Count("pk")))
    found.update({(pk or 0, f"o{option}"): count for pk, option, count in rows})
    rows = list(answers.values_list(group, "option__question").annotate(Count("participant", distinct=True)))
    found.update({(pk or 0, f"q{question}"): count for pk, question, count in rows})
    return found


def _base_column(question: Question) -> str:
    """Whoever answers at all answers what is required: those have one base, and it is hidden once for all."""
    return ANSWERED if question.is_required else f"q{question.pk}"


def _hidden(groups: Sequence[int], questions: Sequence[Question], counts: Counts) -> Marks:
    values: dict[Cell, int] = {}
    equations: list[Equation] = []

    def cell(group: int | None, column: str, value: int | None = None) -> Cell:
        key: Cell = ((WHOLE, "") if group is None else ("group", str(group)), column)
        if value is None:
            value = (
                sum(counts.get((one, column), 0) for one in groups) if group is None else counts.get((group, column), 0)
            )
        values[key] = value
        return key

    columns = {ANSWERED}
    for question in questions:
        base, options = _base_column(question), [f"o{one.pk}" for one in question.options.all()]
        columns |= {base, *options}
        for group in groups:
            if base != ANSWERED:  # those who passed the question over
                rest = counts.get((group, ANSWERED), 0) - counts.get((group, base), 0)
                skipped = cell(group, f"{base}-not", rest)
                equations.append(Equation(cell(group, ANSWERED), [cell(group, base), skipped]))
            if question.kind == Question.Kind.MANY:
                for option in options:
                    rest = counts.get((group, base), 0) - counts.get((group, option), 0)
                    others = cell(group, f"{option}-not", rest)
                    equations.append(Equation(cell(group, base), [cell(group, option), others]))
            else:
                equations.append(Equation(cell(group, base), [cell(group, option) for option in options]))
    for column in sorted({column for _, column in values}):
        known = [key for key in values if key[1] == column]
        whole: Cell = ((WHOLE, ""), column)
        values[whole] = sum(values[key] for key in known)
        equations.append(Equation(whole, known))
    own = [key for key in values if key[0][0] != WHOLE]
    marks: Marks = {}
    hide(values, equations, own, marks)
    return {key: mark for key, mark in marks.items() if not key[1].endswith("-not")} if marks else marks


def _table(
    question: Question, number: int, groups: Sequence[int], names: dict[int, str], counts: Counts, marks: Marks
) -> Table:
    column = _base_column(question)
    rows = []
    for group in groups:
        base = _shown(group, column, counts, marks)
        cells = []
        for option in question.options.all():
            said = _shown(group, f"o{option.pk}", counts, marks)
            is_known = base.isdigit() and said.isdigit() and int(base) >= LIMIT
            cells.append((said, share(int(said), int(base)) if is_known else ""))
        rows.append(GroupRow(names.get(group, "не указано"), base, cells))
    return Table(question, number, [one.text for one in question.options.all()], sorted(rows, key=lambda row: row.name))


def _shown(group: int, column: str, counts: Counts, marks: Marks) -> str:
    mark = marks.get((("group", str(group)), column))
    if mark is None:
        return str(counts.get((group, column), 0))
    return FEWER if mark in (FEW, LITTLE) else HIDDEN


def _names(path: str, groups: Sequence[int]) -> dict[int, str]:
    model = Municipality if path.endswith("municipality") else Organization
    return {pk: str(one) for pk, one in model._default_manager.in_bulk(list(groups)).items()}
