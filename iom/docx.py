"""A paper as a Word file: A4, Times New Roman, tables that repeat their head. Text goes in as text."""

import re
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from iom.services.papers import Paper, Table

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Times New Roman"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")  # XML cannot hold them


def paper_document(paper: Paper) -> bytes:
    document = docx.Document()
    width = _set_page(document, paper)
    if paper.blocks:
        _blocks(document, paper, width)
    for text, style in ((paper.title, "Title"), (paper.about, "Subtitle")):
        document.add_paragraph(_text(text), style=style).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for label, value in paper.facts:
        line = document.add_paragraph()
        line.paragraph_format.space_after = Pt(0)
        line.add_run(f"{label}: ").bold = True
        line.add_run(_text(value))
    for section in paper.sections:
        document.add_heading(_text(section.title), 1)
        for text in section.lines:
            document.add_paragraph(_text(text))
        if section.table:
            _table(document, section.table, width)
    document.add_paragraph()
    for text in paper.signatures:
        line = document.add_paragraph(_text(text))
        line.paragraph_format.space_before, line.paragraph_format.keep_with_next = Pt(6), True
    _foot(document, paper, width)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _text(value: str) -> str:
    return _CONTROL.sub("", value)


def _set_page(document: Any, paper: Paper) -> int:
    """Sets the sheet and the styles; returns the width of the text in millimetres."""
    section = document.sections[0]
    size = (297, 210) if paper.is_landscape else (210, 297)
    section.orientation = WD_ORIENT.LANDSCAPE if paper.is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(one) for one in size)
    section.left_margin, section.right_margin = Mm(20), Mm(12)
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(15), Mm(18), Mm(9)
    for name, points in (("Normal", 12), ("Title", 16), ("Subtitle", 12), ("Heading 1", 13)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(points), None
        style.font.bold, style.font.italic = name in ("Title", "Heading 1"), False
        _plain(style)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)  # the theme's fonts would win for Cyrillic letters
        for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{kind}"), FONT)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    for name, before, after in (("Title", 12, 2), ("Subtitle", 0, 8), ("Heading 1", 12, 4)):
        spacing = document.styles[name].paragraph_format
        spacing.space_before, spacing.space_after = Pt(before), Pt(after)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "ru-RU")
    document.styles["Normal"].element.get_or_add_rPr().append(language)
    document.core_properties.title = _text(paper.title)
    document.core_properties.author = "Цифровой кабинет методиста"
    document.core_properties.comments = ""
    return size[0] - 32


def _plain(style: Any) -> None:
    """Word draws a blue line under a title and spaces a subtitle out; the print page does neither."""
    for parent, mark in ((style.element.pPr, "w:pBdr"), (style.element.rPr, "w:spacing")):
        found = None if parent is None else parent.find(qn(mark))
        if found is not None:
            parent.remove(found)


def _foot(document: Any, paper: Paper, width: int) -> None:
    """On every page: the version and the day, then the number of the page on the right."""
    line = document.sections[0].footer.paragraphs[0]
    line.style = document.styles["Normal"]  # the style of footers has tab stops of its own
    line.paragraph_format.tab_stops.add_tab_stop(Mm(width), WD_TAB_ALIGNMENT.RIGHT)
    line.add_run(f"{_text(paper.foot)}\t").font.size = Pt(9)
    for words, name in (("стр. ", "PAGE"), (" из ", "NUMPAGES")):
        line.add_run(words).font.size = Pt(9)
        number = OxmlElement("w:fldSimple")
        number.set(qn("w:instr"), name)
        run = line.add_run("1")
        run.font.size = Pt(9)
        number.append(run._r)
        line._p.append(number)


def _blocks(document: Any, paper: Paper, width: int) -> None:
    """СОГЛАСОВАНО on the left, УТВЕРЖДАЮ on the right, as schools write them."""
    table = document.add_table(rows=1, cols=len(paper.blocks))
    for cell, block in zip(table.rows[0].cells, reversed(paper.blocks), strict=True):
        cell.width = Mm(width // len(paper.blocks))
        cell.paragraphs[0].add_run(block.word).bold = True
        for text in block.lines:
            cell.add_paragraph(_text(text)).paragraph_format.space_after = Pt(2)


def _table(document: Any, content: Table, width: int) -> None:
    table = document.add_table(rows=1, cols=len(content.head))
    table.style = "Table Grid"
    table.autofit = False
    widths = [Mm(width * one / sum(content.widths)) for one in content.widths]
    for column, one in zip(table.columns, widths, strict=True):
        column.width = one  # LibreOffice looks here, Word at the cells
    _row(table.rows[0], content.head, widths, ["w:cantSplit", "w:tblHeader"])
    for values, is_long in content.lines:
        _row(table.add_row(), values, widths, [] if is_long else ["w:cantSplit"])


def _row(row: Any, values: list[str], widths: list[Any], marks: list[str]) -> None:
    for mark in marks:
        row._tr.get_or_add_trPr().append(OxmlElement(mark))
    for cell, value, width in zip(row.cells, values, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
        run = paragraph.add_run(_text(value))
        run.font.size, run.bold = Pt(9), "w:tblHeader" in marks
