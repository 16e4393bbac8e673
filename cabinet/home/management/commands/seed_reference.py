"""Reference data of the region: territories, municipalities, dictionaries, the calendar of working days."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cabinet.home.reference import load_reference


class Command(BaseCommand):
    help = "Заполняет пустые справочники и производственный календарь. Повторный запуск ничего не меняет."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--add-missing",
            action="store_true",
            help="добавить недостающие строки и в те справочники, которые уже заполнены",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for loaded in load_reference(add_missing=options["add_missing"]):
            self.stdout.write(f"{loaded.title}: добавлено {loaded.created}")
