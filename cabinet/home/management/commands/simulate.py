"""A synthetic region for measurements."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cabinet.home.simulation import SimulationRefused, simulate


class Command(BaseCommand):
    help = "Наполняет пустую базу условными данными для замеров, в обход служб: люди, курсы, карты отслеживания."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=30_000, help="сколько педагогов (30000)")
        parser.add_argument("--cases", type=int, default=100_000, help="сколько карт отслеживания (100000)")
        parser.add_argument("--force", action="store_true", help="разрешить там, где показ не включён (DEMO)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO and not options["force"]:
            raise CommandError("Это не пробная установка (DEMO): условные данные сюда не пишутся. Есть ключ --force.")
        try:
            simulate(options["people"], options["cases"], self.stdout.write)
        except SimulationRefused as refused:
            raise CommandError(str(refused)) from refused
