"""The analytical note as a Word file for the педсовет: A4, headings, tables that repeat their head."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import docx
from django.utils import timezone
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from registry.models import WITH_VARIANT
from registry.services.note import Note, Table

FONT = "Times New Roman"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def note_document(note: Note) -> bytes:
    """Text goes in as text: whatever a name holds, it is neither a field nor a formula."""
    document = docx.Document()
    _set_page(document)
    _head(document, note)
    document.add_heading("Коротко", 1)
    for sentence in note.sentences:
        document.add_paragraph(sentence)
    if note.cases:
        document.add_heading("Цифры", 1)
        for table in note.tables:
            _measure(document, table)
        for one in note.breakdowns:
            document.add_heading(one.title, 2)
            head = [one.heading, "n", *(code.label for code in WITH_VARIANT), "Без результата"]
            lines = [[label, base, *variants, rest] for label, base, variants, rest in one.lines]
            _table(document, head, lines, (62, 14, 22, 22, 22, 28))
    if note.persons:
        document.add_heading("Список педагогов", 1)
        document.add_paragraph("Содержит персональные данные: для работы внутри организации.")
        people = [[one.name, one.programme, one.status, one.result] for one in note.persons]
        _table(document, ["ФИО", "Программа", "Состояние", "Итог"], people, (45, 63, 34, 28))
    document.add_paragraph()
    document.add_paragraph("Составил(а): ____________________ / ____________________ /")
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(25), Mm(15)
    section.top_margin = section.bottom_margin = Mm(20)
    normal = document.styles["Normal"]
    normal.paragraph_format.space_after = Pt(6)
    for name, size in (("Normal", 12), ("Title", 16), ("Heading 1", 14), ("Heading 2", 12)):
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = None
        # The theme's fonts would win over the name for Cyrillic letters.
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{kind}"), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "ru-RU")
    normal.element.get_or_add_rPr().append(language)
    document.core_properties.title = "Аналитическая записка"
    document.core_properties.author = "Цифровой кабинет методиста"
    document.core_properties.comments = ""


def _head(document: Any, note: Note) -> None:
    document.add_paragraph("Аналитическая записка", style="Title")
    document.add_paragraph("Отсроченные результаты курсов повышения квалификации")
    facts = [
        ("Организация", f"{note.organization}, {note.organization.municipality}"),
        ("Период", f"курсы, окончившиеся с {note.since:%d.%m.%Y} по {note.until:%d.%m.%Y}"),
        ("По состоянию на", f"{timezone.localtime():%d.%m.%Y}"),
    ]
    if note.subjects:
        facts.insert(1, ("Предметы", ", ".join(note.subjects)))
    for label, value in facts:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(f"{label}: ").bold = True
        paragraph.add_run(value)


def _measure(document: Any, table: Table) -> None:
    document.add_heading(table.title, 2)
    document.add_paragraph(table.about).paragraph_format.keep_with_next = True
    lines: list[list[Any]] = [[f"{table.base_label} (n)", table.base, ""]]
    lines += [[one.label, one.count, one.share] for one in table.parts]
    lines += [[one.label, one.count, ""] for one in table.apart if one.count]
    _table(document, ["Показатель", "Карт", "Доля"], lines, (110, 30, 30))


def _table(document: Any, head: Sequence[str], lines: Sequence[Sequence[Any]], millimetres: Sequence[int]) -> None:
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    table.autofit = False
    widths = [Mm(one) for one in millimetres]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width  # LibreOffice looks here, Word at the cells
    _row(table.rows[0], head, widths, is_head=True)
    for line in lines:
        _row(table.add_row(), line, widths)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _row(row: Any, values: Sequence[Any], widths: Sequence[int], *, is_head: bool = False) -> None:
    properties = row._tr.get_or_add_trPr()
    marks = ["w:cantSplit", "w:tblHeader"] if is_head else ["w:cantSplit"]
    for mark in marks:
        properties.append(OxmlElement(mark))
    for cell, value, width in zip(row.cells, values, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(str(value))
        run.font.size, run.bold = Pt(10), is_head
        if isinstance(value, int):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
