"""Where the system keeps LibreOffice with its Calc; the command alone may be that of Writer."""

import shutil
from pathlib import Path


def find_calc() -> str | None:
    office = shutil.which("soffice")
    if office is None or not (Path(office).resolve().parent / "libsclo.so").exists():
        return None
    return office
