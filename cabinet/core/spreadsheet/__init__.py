"""Spreadsheets in and out: untrusted files are read by a child process, small styled sheets are written."""

from cabinet.core.spreadsheet.reader import Row, SheetHead, peek, read_rows
from cabinet.core.spreadsheet.safety import Refused, check_archive
from cabinet.core.spreadsheet.writer import SheetSpec, text_cell, write_workbook

__all__ = [
    "Refused",
    "Row",
    "SheetHead",
    "SheetSpec",
    "check_archive",
    "peek",
    "read_rows",
    "text_cell",
    "write_workbook",
]
