"""Compile every template of the project: a wrong tag is found here, not by the person who opens the page."""

import os
import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent / "templates"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cabinet.settings")
    django.setup()
    names = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*")) if path.suffix in {".html", ".txt"}]
    wrong = 0
    for name in names:
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            wrong += 1
            print(f"templates/{name}: {error}")
    print(f"{len(names)} templates compiled, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
