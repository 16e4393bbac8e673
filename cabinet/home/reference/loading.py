"""Filling the empty dictionaries and the calendar; what is already there is never touched."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from django.db import models, transaction

from cabinet.core.clock import forget_calendar
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.home.reference.days import QUIET, YEARS, special_days
from cabinet.home.reference.words import POSITIONS, SUBJECTS, TOPICS
from cabinet.library.reference import load_norms
from cabinet.polls.reference import load_example
from cabinet.structure.models import Municipality, Position, Subject, Territory, Topic
from cabinet.structure.reference_communities import load_communities
from cabinet.users.grounds import first_notice
from cabinet.users.models import DataNotice
from rma.models import Direction, Function, MemberRole
from rma.models.vocabulary import Word
from rma.reference import DIRECTIONS, FUNCTIONS, ROLES, Entry

MUNICIPALITIES = Path(__file__).with_name("municipalities.csv")
# Named in the institute's own slides; the others only stand beside municipalities as a guess.
TERRITORIES = ("Верхнекамье", "Парма", "Пермский ГО", "Согласие", "Юг", "Союз", "Запад")
KNOWN = ("source", "found")
BASIS = {"general knowledge": "общеизвестно", "guess": "предположение"}


class Loaded(NamedTuple):
    """What one dictionary received: its Russian name and the number of new rows."""

    title: str
    created: int


@transaction.atomic
def load_reference(*, add_missing: bool = False) -> list[Loaded]:
    """Fill every empty dictionary, and the calendar year by year.

    A dictionary with rows is left alone: a row the admin renamed or deleted would otherwise come back under
    its old name. `add_missing` adds the rows absent by name all the same; rows that exist are never changed.
    """
    loaded = [
        _load(Territory, [Territory(name=name) for name in TERRITORIES], add_missing),
        _load(Municipality, _municipalities(), add_missing),
        _load(Subject, [Subject(name=name) for name in SUBJECTS], add_missing),
        _load(Position, [Position(name=name, is_head=is_head) for name, is_head in POSITIONS], add_missing),
        _load(Topic, [Topic(name=name) for name in TOPICS], add_missing),
        _load_words(MemberRole, ROLES, add_missing),
        _load_words(Function, FUNCTIONS, add_missing),
        _load_words(Direction, DIRECTIONS, add_missing),
        _load_calendar(add_missing),
        _load_notice(),
        _load_quiet(add_missing),
        Loaded("нормативные документы", load_norms()),
        Loaded("сообщества", load_communities()),
        Loaded("опросы: пример с источником", load_example()),
    ]
    forget_calendar()
    return loaded


def _load(model: type[models.Model], rows: Iterable[models.Model], add_missing: bool) -> Loaded:
    title = str(model._meta.verbose_name_plural)
    if model._default_manager.exists() and not add_missing:
        return Loaded(title, 0)
    before = model._default_manager.count()
    model._default_manager.bulk_create(rows, ignore_conflicts=True)
    return Loaded(title, model._default_manager.count() - before)


def _load_words(model: type[Word], entries: Sequence[Entry], add_missing: bool) -> Loaded:
    rows = [
        model(code=one.code, short=one.short, name=one.name, order=number)
        for number, one in enumerate(entries, start=1)
    ]
    for row, one in zip(rows, entries, strict=True):
        if isinstance(row, Direction):
            row.source_share = one.share
    return _load(model, rows, add_missing)


def _municipalities() -> list[Municipality]:
    """All 43; a territory only where it is known, else a hint that the admin may confirm."""
    kinds = {label: value for value, label in Municipality.Kind.choices}
    territories = {territory.name: territory for territory in Territory.objects.all()}
    rows = []
    with MUNICIPALITIES.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            is_known = line["basis"] in KNOWN
            hint = f"{line['territory']} ({BASIS[line['basis']]})" if line["basis"] in BASIS else ""
            rows.append(
                Municipality(
                    name=line["name"],
                    kind=kinds[line["kind"]],
                    territory=territories.get(line["territory"]) if is_known else None,
                    territory_hint=hint,
                )
            )
    return rows


def _load_calendar(add_missing: bool) -> Loaded:
    before = CalendarDay.objects.count()
    for year in YEARS:
        if add_missing or not CalendarDay.objects.filter(day__year=year).exists():
            CalendarDay.objects.bulk_create(
                [CalendarDay(**one._asdict()) for one in special_days(year)], ignore_conflicts=True
            )
    return Loaded(str(CalendarDay._meta.verbose_name_plural), CalendarDay.objects.count() - before)


def _load_quiet(add_missing: bool) -> Loaded:
    known = set(QuietPeriod.objects.values_list("title", flat=True))
    rows = [QuietPeriod(**one._asdict()) for one in QUIET if one.title not in known]
    if known and not add_missing:
        rows = []
    QuietPeriod.objects.bulk_create(rows)
    return Loaded(str(QuietPeriod._meta.verbose_name_plural), len(rows))


def _load_notice() -> Loaded:
    """What is shown before the first answer; the admin's versions follow it."""
    before = DataNotice.objects.count()
    first_notice()
    return Loaded(str(DataNotice._meta.verbose_name_plural), DataNotice.objects.count() - before)
