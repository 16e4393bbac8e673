"""Import of the РМА roster from the command line, without a worker."""

from cabinet.courses.management.list_command import ListCommand
from cabinet.courses.models import ImportBatch


class Command(ListCommand):
    help = "Загружает состав регионального методического актива из таблицы Excel."
    kind = ImportBatch.Kind.MEMBERS
