"""`manage.py check_registry`: compare the registry with a recount."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.services import differences


class Command(BaseCommand):
    help = "Сравнивает реестр с пересчётом; при расхождениях печатает их и заканчивает с кодом 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=200, help="сколько расхождений напечатать")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for count, difference in enumerate(differences(), start=1):
            if count <= options["limit"]:
                self.stdout.write(str(difference))
        if count:
            self.stderr.write(f"Расхождений: {count}. Построить заново: manage.py rebuild_registry")
            sys.exit(1)
        self.stdout.write("Реестр совпадает с пересчётом.")
