"""`manage.py export_registry OUT.xlsx`: the whole registry, or a part of it, without a worker."""

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from cabinet.core.search import fold, key
from cabinet.courses.models import Course
from cabinet.structure.models import Municipality, Territory
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from registry.exports import write_registry
from registry.models import Entry, EntryQuerySet

Part = tuple[EntryQuerySet, list[tuple[str, str]]]


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"«{text}» — не дата; нужно так: 2026-03-12") from error


class Command(BaseCommand):
    help = "Выгружает реестр сводных данных в Excel."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="OUT.xlsx", type=Path)
        parser.add_argument("--territory", help="название или номер территории")
        parser.add_argument("--municipality", help="название или номер муниципального образования")
        parser.add_argument("--course", help="номер курса или название программы")
        parser.add_argument("--since", type=day, help="курсы, закончившиеся с этого дня (ГГГГ-ММ-ДД)")
        parser.add_argument("--until", type=day, help="курсы, закончившиеся по этот день")

    def handle(self, *args: Any, **options: Any) -> None:
        rows, chosen = Entry.objects.order_by("-ends_on", "-case_id"), []
        for narrow in (by_territory, by_municipality, by_course, by_period):
            rows, words = narrow(rows, options)
            chosen += words
        path: Path = options["path"]
        if not path.absolute().parent.is_dir():
            raise CommandError(f"Папки {path.absolute().parent} нет.")
        began = monotonic()
        count = write_registry(path, rows, chosen, lambda done, total: None)
        record(LogEntry.Action.EXPORTED, note=f"реестр из командной строки, строк: {count}")
        self.stdout.write(f"{path}: строк {count}, секунд {monotonic() - began:.1f}")


def by_territory(rows: EntryQuerySet, options: dict[str, Any]) -> Part:
    if not options["territory"]:
        return rows, []
    for one in Territory.objects.all():
        if options["territory"] == str(one.pk) or fold(options["territory"]) == fold(one.name):
            return rows.filter(territory=one), [("Территория", one.name)]
    raise CommandError("Такой территории нет. Есть: " + ", ".join(str(one) for one in Territory.objects.all()))


def by_municipality(rows: EntryQuerySet, options: dict[str, Any]) -> Part:
    if not options["municipality"]:
        return rows, []
    wanted = options["municipality"]
    found = [one for one in Municipality.objects.all() if wanted == str(one.pk) or fold(wanted) in fold(str(one))]
    if len(found) == 1:
        return rows.filter(municipality=found[0]), [("Муниципалитет", str(found[0]))]
    raise CommandError(f"Муниципальных образований с названием «{wanted}»: {len(found)}, нужно одно.")


def by_course(rows: EntryQuerySet, options: dict[str, Any]) -> Part:
    wanted = options["course"]
    if not wanted:
        return rows, []
    named = Q(pk=int(wanted)) if wanted.isdecimal() else Q(programme__title_key=key(wanted))
    courses = list(Course.objects.filter(named).select_related("programme"))
    if not courses:
        raise CommandError(f"Курса «{wanted}» нет.")
    return rows.filter(course__in=courses), [("Курс", "; ".join(str(one) for one in courses))]


def by_period(rows: EntryQuerySet, options: dict[str, Any]) -> Part:
    words = []
    if options["since"]:
        rows = rows.filter(ends_on__gte=options["since"])
        words.append(("Окончание курса с", f"{options['since']:%d.%m.%Y}"))
    if options["until"]:
        rows = rows.filter(ends_on__lte=options["until"])
        words.append(("Окончание курса по", f"{options['until']:%d.%m.%Y}"))
    return rows, words
