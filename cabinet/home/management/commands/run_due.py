"""Everything that falls due by now, without a worker: cases, letters, the registry."""

from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from cabinet.library.services.links import check_links
from cabinet.mail.digests import write_digests
from cabinet.mail.mailings import write_ordered
from cabinet.mail.services import send_all_owed
from cabinet.planner.services.due import run_due as run_due_of_planner
from cabinet.polls.services.due import run_due as run_due_of_polls
from iom.services.reminding import run_due as run_due_of_routes
from motor.services import run_due
from registry.services import sweep
from rma.services.due import run_due as run_due_of_rma


class Command(BaseCommand):
    help = "Делает всё, что подошло по сроку: открывает карты, пишет и отправляет письма, обновляет реестр."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", metavar="MOMENT", help="дата или момент, например 2026-09-16 или 2026-09-16T09:00")

    def handle(self, *args: Any, **options: Any) -> None:
        moment = self._moment(options["at"])
        day = timezone.localdate(moment) if moment else None
        done = (
            run_due(day)
            | run_due_of_routes(day)
            | run_due_of_rma(day)
            | run_due_of_planner(day)
            | run_due_of_polls(day)
        )
        done["links"] = check_links()
        done["mailings"], done["digests"] = write_ordered(), write_digests()
        done["letters"] = send_all_owed()
        done["registry"] = sweep()
        self.stdout.write("  ".join(f"{name}: {count}" for name, count in done.items()))

    @staticmethod
    def _moment(text: str | None) -> datetime | None:
        if not text:
            return None
        if (moment := parse_datetime(text)) is None and (day := parse_date(text)) is not None:
            moment = datetime.combine(day, time(12))
        if moment is None:
            raise CommandError(f"Не понимаю момент «{text}»: нужна дата вида 2026-09-16 или 2026-09-16T09:00.")
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
