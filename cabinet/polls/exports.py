"""The results of a poll as a workbook; the sheet with names is for whoever may see them."""

from collections.abc import Iterator
from typing import IO, Any

from django.utils import timezone

from cabinet.core.spreadsheet.writer import SheetSpec, write_workbook
from cabinet.polls.services.breakdown import Breakdown
from cabinet.polls.services.names import answered_in, answers_of
from cabinet.polls.services.results import Results

HEADS = ("№", "Вопрос", "Вариант", "Ответов", "Доля, %", "Ответили на вопрос (n)")


def write_results(target: IO[bytes], results: Results, breakdown: Breakdown | None) -> None:
    sheets = [
        SheetSpec("Результаты", HEADS, _rows(results), [6, 60, 40, 12, 12, 16]),
        SheetSpec("Об опросе", ["Что", "Значение"], _about(results), [30, 80]),
    ]
    for table in breakdown.tables if breakdown else ():
        heads = [breakdown.heading if breakdown else "", "n", *table.options]
        rows = [[row.name, _number(row.base), *(_number(said) for said, _ in row.cells)] for row in table.rows]
        sheets.append(SheetSpec(f"Вопрос {table.number}", heads, rows, [50, 10]))
    if results.has_names:
        heads = ["ФИО", "Организация", *(f"{one.number}. {one.question.text}" for one in results.questions)]
        sheets.append(SheetSpec("Ответы", heads, _named(results), [40, 40]))
    write_workbook(target, sheets)


def _number(said: str) -> int | str:
    return int(said) if said.isdigit() else said


def _rows(results: Results) -> Iterator[list[Any]]:
    if results.why_not:
        yield ["", results.why_not]
    for one in results.questions:
        if one.why_not:
            yield [one.number, one.question.text, one.why_not]
        for row in one.rows:
            value = None if row.value is None or row.words else round(row.value, 1)
            yield [one.number, one.question.text, row.text, row.words or row.count, value, one.base]


def _about(results: Results) -> list[list[Any]]:
    poll = results.poll
    rows: list[list[Any]] = [["Опрос", poll.title], ["О чём", poll.text], ["Как отвечали", poll.way]]
    rows += [["Для кого", poll.audience], ["Спросили", results.asked], ["Ответили", results.answered]]
    if poll.opened_at:
        rows.append(["Начат", timezone.localtime(poll.opened_at).date()])
    if poll.closed_at:
        rows.append(["Завершён", timezone.localtime(poll.closed_at).date()])
    if poll.is_example:
        rows = [["Опрос", poll.title], ["О чём", poll.text], ["Источник", poll.source]]
    return rows


def _named(results: Results) -> Iterator[list[Any]]:
    for one, said in answers_of(results.poll, answered_in(results.poll)):
        yield [one.person.full_name, str(one.person.organization or ""), *said]
