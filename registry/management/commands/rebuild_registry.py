"""`manage.py rebuild_registry`: the registry from scratch."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand

from registry.services import rebuild


class Command(BaseCommand):
    help = "Строит реестр сводных данных заново по картам отслеживания."

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        count = rebuild(self._progress if options["verbosity"] > 1 else None)
        self.stdout.write(f"Строк в реестре: {count}, секунд: {monotonic() - began:.1f}")

    def _progress(self, done: int, total: int) -> None:
        self.stdout.write(f"{done} из {total}")
