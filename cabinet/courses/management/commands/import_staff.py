"""Import of organizations and responsible persons from the command line, without a worker."""

from cabinet.courses.management.list_command import ListCommand
from cabinet.courses.models import ImportBatch


class Command(ListCommand):
    help = "Загружает организации и ответственных с ролями из таблицы Excel."
    kind = ImportBatch.Kind.STAFF
