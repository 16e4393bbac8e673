"""Excel in and out, each in a process of its own, beside what PostgreSQL's COPY needs for the same rows."""

import json
import statistics
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import rustpy_xlsxwriter

from bench.place import Place

PROGRAMMES = 60
LETTERS = "абвгдежзиклмнопрстуфхцчшщэ"


@dataclass
class Sheet:
    rows: int
    seconds: float
    megabytes: float
    growth: float = 0.0


def export(place: Place) -> tuple[Sheet, float]:
    """The whole registry as a file, and the seconds of COPY for the same rows."""
    target = place.folder / "registry.xlsx"
    done = json.loads(place.run("-m", "bench.inside", "export", str(target)))
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_entry")
        rows = cursor.fetchone()[0]
        times = []
        for _ in range(3):
            began = time.perf_counter()
            with open("/dev/null", "w") as nowhere:
                cursor.copy_expert("COPY (SELECT * FROM registry_entry) TO STDOUT", nowhere)
            times.append(time.perf_counter() - began)
    size = target.stat().st_size
    if size < 1000:
        raise SystemExit("the exported file is empty")
    return Sheet(rows, done["seconds"], done["peak_mb"], done["peak_mb"] - done["base_mb"]), statistics.median(times)


def bring(place: Place, rows: int) -> tuple[Sheet, Sheet]:
    """A list of `rows` rows for the first time, and the same list once more."""
    path = place.folder / "roster.xlsx"
    write_roster(place, path, rows)
    sheets = []
    for is_first in (True, False):
        done = json.loads(place.run("-m", "bench.inside", "import", str(path)))
        answer = json.loads(done["answer"])
        expected = "created" if is_first else "unchanged"
        if answer["rows"] != rows or answer[expected] != rows:
            raise SystemExit(f"import: {[(k, v if isinstance(v, int) else len(v)) for k, v in answer.items()]}")
        # The reading child and the writing parent live at the same time.
        sheets.append(Sheet(rows, done["seconds"], done["peak_mb"] + done["child_mb"]))
    return sheets[0], sheets[1]


def write_roster(place: Place, path: Path, rows: int) -> None:
    """Half of the people are known, half are new; organizations are those of the region."""
    with place.connect() as connection, connection.cursor() as cursor:
        municipality = "m.name || CASE m.kind WHEN 'urban' THEN ' городской округ' WHEN 'municipal' "
        municipality += "THEN ' муниципальный округ' ELSE '' END"
        cursor.execute(
            f"SELECT u.last_name || ' ' || u.first_name || ' ' || u.patronymic, coalesce(u.contact_email, ''), o.name, "
            f"{municipality} FROM users_user u JOIN structure_organization o ON o.id = u.organization_id "
            f"JOIN structure_municipality m ON m.id = o.municipality_id ORDER BY u.id LIMIT %s",
            [rows],
        )
        known = cursor.fetchall()
    first_end = date(2026, 1, 16)
    lines = []
    for number in range(rows):
        name, email, organization, place_name = known[number % len(known)]
        if number % 2:
            name, email = f"Новосёлова Мария {patronymic(number)}", f"new{number}@roster.example.org"
        programme = number % PROGRAMMES
        end = first_end + timedelta(days=programme)
        lines.append(
            {
                "ФИО слушателя": name,
                "Муниципалитет": place_name,
                "Организация": organization,
                "Должность": "Учитель",
                "E-mail": email,
                "Программа": f"Программа замера № {programme + 1}",
                "Часы": 36,
                "Дата начала": f"{end - timedelta(days=11):%d.%m.%Y}",
                "Дата окончания": f"{end:%d.%m.%Y}",
            }
        )
    rustpy_xlsxwriter.write_worksheet(lines, str(path), sheet_name="Слушатели")


def patronymic(number: int) -> str:
    """A different word for each number."""
    word = ""
    while number:
        number, letter = divmod(number, len(LETTERS))
        word += LETTERS[letter]
    return f"{word.capitalize()}овна"
