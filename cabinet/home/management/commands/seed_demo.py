"""Demo data: an invented part of the region that has lived with МОТОР for a year."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cabinet.home.demo.seeding import is_seeded, seed_demo


class Command(BaseCommand):
    help = "Наполняет пробную установку условными людьми и картами. Повторный запуск ничего не меняет."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=160, help="сколько примерно людей, кроме состава РМА (160)")
        parser.add_argument("--force", action="store_true", help="разрешить там, где показ не включён (DEMO)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO and not options["force"]:
            raise CommandError(
                "Это не пробная установка (DEMO): входы с общеизвестным паролем здесь не создаются. Есть ключ --force."
            )
        if is_seeded():
            self.stdout.write("Демонстрационные данные уже есть.")
            return
        made = seed_demo(options["people"])
        self.stdout.write(f"Людей: {made['people']}, карт отслеживания: {made['cases']}, писем: {made['letters']}.")
