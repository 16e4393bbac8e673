"""Strangers' workbooks: what is refused, in which words, and what is read."""

import json
import subprocess
import sys
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from cabinet.core.spreadsheet import Refused, SheetSpec, peek, read_rows, reader, write_workbook
from cabinet.core.spreadsheet.safety import OLE_SIGNATURE

DATA = Path(__file__).parents[1] / "data"
BROKEN = DATA / "broken"


def save(path: Path, cells: dict[str, object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for address, value in cells.items():
        sheet[address] = value
    book.save(path)
    return path


def rewrite(source: Path, target: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == name else old.read(entry))
    return target


def rows_of(path: Path) -> list[reader.Row]:
    return list(read_rows(path, peek(path)[0].index))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty-file.xlsx", "Файл пустой"),
        ("inflates.xlsx", "слишком большой объём"),
        ("not-a-spreadsheet.xlsx", "Это не таблица Excel"),
        ("truncated.xlsx", "Файл повреждён"),
    ],
)
def test_broken_file_is_refused_in_words(name: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        peek(BROKEN / name)


READ_ALL = """
import resource, sys
from pathlib import Path
from cabinet.core.spreadsheet import Refused, peek, read_rows

for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        list(read_rows(path, peek(path)[0].index))
    except (Refused, IndexError):
        continue
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def memory_of_reading(folder: Path) -> int:
    """KiB of the largest child that reads the files of the folder.

    In a process of its own: the largest child of this one may be a worker or a browser of another test.
    """
    done = subprocess.run([sys.executable, "-c", READ_ALL, folder], capture_output=True, timeout=60, check=True)
    return int(done.stdout)


def test_broken_files_take_little_memory() -> None:
    assert memory_of_reading(BROKEN) < 300 * 1024


def test_far_cell_is_refused_quickly(tmp_path: Path) -> None:
    path = save(tmp_path / "far.xlsx", {"A1": "ФИО", "B1": "Организация", "XFD1048576": "x"})
    began = time.monotonic()
    with pytest.raises(Refused, match="XFD1048576"):
        rows_of(path)
    assert time.monotonic() - began < 20


def test_far_empty_cell_is_no_obstacle(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "ФИО"
    sheet["XFD1048576"].number_format = "0.00"
    book.save(tmp_path / "styled.xlsx")
    assert [row.values for row in rows_of(tmp_path / "styled.xlsx")] == [["ФИО"]]


def test_child_over_its_memory_is_a_refusal(tmp_path: Path) -> None:
    source = save(tmp_path / "small.xlsx", {"A1": "ФИО"})
    # Within the limits of the archive, yet one text of 160 MB once it is unpacked.
    text = b"".join(b"%09d" % number for number in range(1_800_000)) * 10
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>' + text + b"</t></is></c></row></sheetData></worksheet>"
    )
    (tmp_path / "heavy").mkdir()
    path = rewrite(source, tmp_path / "heavy" / "heavy.xlsx", "xl/worksheets/sheet1.xml", sheet)
    with pytest.raises(Refused):
        rows_of(path)
    assert memory_of_reading(path.parent) < 600 * 1024


def test_slow_child_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(reader, "CHILD", slow)
    monkeypatch.setattr(reader, "PEEK_SECONDS", 0.5)
    with pytest.raises(Refused, match="слишком тяжёлый"):
        peek(DATA / "roster-simple.xlsx")


def test_old_and_protected_formats_are_named(tmp_path: Path) -> None:
    old = tmp_path / "old.xlsx"
    old.write_bytes(OLE_SIGNATURE + b"\0" * 600)
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(OLE_SIGNATURE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(Refused, match="старый формат"):
        peek(old)
    with pytest.raises(Refused, match="паролем"):
        peek(locked)


def test_other_archive_is_not_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "letter.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(Refused, match="не таблица Excel"):
        peek(path)


def test_rows_keep_the_numbers_of_the_sheet(tmp_path: Path) -> None:
    path = save(tmp_path / "gaps.xlsx", {"B4": "ФИО", "B7": "Иванова Анна", "C7": datetime(2026, 3, 12), "D7": 36.0})
    assert [(row.number, row.values) for row in rows_of(path)] == [
        (4, [None, "ФИО"]),
        (7, [None, "Иванова Анна", date(2026, 3, 12), 36]),
    ]


def test_formula_counts_as_its_stored_value_or_nothing() -> None:
    rows = rows_of(BROKEN / "formulas.xlsx")
    assert rows[1].values[0] is None
    assert rows[3].values[0] == "Данилова Лариса Валерьевна"


def test_stored_value_of_a_formula_is_read(tmp_path: Path) -> None:
    source = save(tmp_path / "plain.xlsx", {"A1": "x"})
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="2">'
        b'<c r="A2" t="str"><f>B2</f><v>stored</v></c></row></sheetData></worksheet>'
    )
    path = rewrite(source, tmp_path / "stored.xlsx", "xl/worksheets/sheet1.xml", sheet)
    assert [(row.number, row.values) for row in rows_of(path)] == [(2, ["stored"])]


def test_name_of_the_file_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "4f1c"
    path.write_bytes((DATA / "roster-simple.xlsx").read_bytes())
    assert len(rows_of(path)) == 121


def test_hidden_sheets_are_left_out(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Видимый")
    book.worksheets[0].sheet_state = "hidden"
    book.save(tmp_path / "hidden.xlsx")
    assert [(head.index, head.title) for head in peek(tmp_path / "hidden.xlsx")] == [(1, "Видимый")]


def test_written_text_never_becomes_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    with path.open("wb") as stream:
        write_workbook(stream, [SheetSpec("Лист", ["=шапка"], [["=1+1"], [date(2026, 3, 12)], [7], [None]])])
    sheet = load_workbook(path).worksheets[0]
    assert [(cell.data_type, cell.value) for row in sheet["A1:A4"] for cell in row] == [
        ("s", "=шапка"),
        ("s", "=1+1"),
        ("d", datetime(2026, 3, 12)),
        ("n", 7),
    ]
    assert sheet.freeze_panes == "A2"


def test_expected_answers_are_beside_the_lists() -> None:
    assert json.loads((DATA / "roster-simple.json").read_text())["rows"] == 120
