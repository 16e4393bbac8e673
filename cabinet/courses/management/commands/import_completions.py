"""Import of слушатели from the command line, without a worker."""

from cabinet.courses.management.list_command import ListCommand
from cabinet.courses.models import ImportBatch


class Command(ListCommand):
    help = "Загружает список слушателей курсов из таблицы Excel."
    kind = ImportBatch.Kind.COMPLETIONS
