"""The members of a community as a workbook."""

from collections.abc import Iterable
from typing import IO

from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember

COLUMNS = {"ФИО": 34, "Кто": 14, "Должность": 26, "Предмет": 24, "Организация": 40, "С": 12, "По": 12}


def write_members(target: IO[bytes], community: Community, rows: Iterable[CommunityMember]) -> int:
    lines = [
        [
            row.person.full_name,
            row.get_role_display(),
            row.person.position,
            row.person.subject,
            row.person.organization,
            row.starts_on,
            row.ends_on,
        ]
        for row in rows
    ]
    write_workbook(target, [SheetSpec("Участники", list(COLUMNS), lines, list(COLUMNS.values()))])
    return len(lines)
