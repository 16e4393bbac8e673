"""What the two commands that import lists have in common."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from cabinet.core.spreadsheet import Refused
from cabinet.courses.models import ImportBatch
from cabinet.courses.services import import_list, plan_list, recognise

REFUSED = 2
SHOWN = 20


class ListCommand(BaseCommand):
    """`--json` prints the answer for programs; a refused file ends with code 2 and one clear sentence."""

    kind: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="таблица Excel (.xlsx)")
        parser.add_argument("--dry-run", action="store_true", help="только проверить, ничего не записывать")
        parser.add_argument("--json", action="store_true", help="ответ для программ")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            answer = self.run(path, options["dry_run"])
        except Refused as error:
            self.refuse(str(error), options["json"])
        else:
            self.print_answer(answer, options["json"], options["dry_run"])

    def run(self, path: Path, is_dry: bool) -> dict[str, Any]:
        if not path.is_file():
            raise Refused("Такого файла нет: проверьте имя и папку.")
        mapping = recognise(path, self.kind)
        if is_dry:
            answer: dict[str, Any] = plan_list(path, mapping, self.kind).as_json()
            return answer
        batch = ImportBatch(kind=self.kind, file_name=path.name[:200])
        answer = import_list(batch, path, mapping).as_json()
        return answer

    def refuse(self, sentence: str, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"refused": sentence}, ensure_ascii=False))
        else:
            self.stderr.write(f"Файл не принят. {sentence}")
        sys.exit(REFUSED)

    def print_answer(self, answer: dict[str, Any], as_json: bool, is_dry: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write("Проверка без записи." if is_dry else "Список записан.")
        self.stdout.write(
            f"Строк: {answer['rows']}. Новых: {answer['created']}, без изменений: {answer['unchanged']}, "
            f"изменено: {answer['updated']}, новых людей: {answer['people_created']}."
        )
        for title, problems in (("Не приняты", answer["errors"]), ("Обратите внимание", answer["warnings"])):
            if problems:
                self.stdout.write(f"{title}: {len(problems)}")
            for problem in problems[:SHOWN]:
                self.stdout.write(f"  строка {problem['row']}, {problem['column']}: {problem['message']}")
            if len(problems) > SHOWN:
                self.stdout.write(f"  … и ещё {len(problems) - SHOWN}; все – с ключом --json")
