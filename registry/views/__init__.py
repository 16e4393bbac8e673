"""Pages of the registry."""

from registry.views.entries import entry_list
from registry.views.exports import export_list, export_order
from registry.views.note import note, note_word
from registry.views.recording import record_line, record_lines
from registry.views.summary import summary, summary_excel

__all__ = [
    "entry_list",
    "export_list",
    "export_order",
    "note",
    "note_word",
    "record_line",
    "record_lines",
    "summary",
    "summary_excel",
]
