"""Changing the text of a letter: one at a time, with a line in the log, and never over another's change unseen."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cabinet.mail.models import LetterText
from cabinet.mail.texts import TextKind, all_kinds, forget_texts, problems
from cabinet.users.models import LogEntry
from cabinet.users.services import record


class TextMoved(Exception):
    """Somebody changed the text after it was opened for editing."""


@dataclass(frozen=True)
class Current:
    """A text as it is in force now; `row` is None while it is the default one."""

    kind: TextKind
    row: LetterText | None

    @property
    def subject(self) -> str:
        return self.row.subject if self.row else self.kind.subject

    @property
    def body(self) -> str:
        return self.row.body if self.row else self.kind.body

    @property
    def version(self) -> str:
        """Names this very text in a form; empty for the default."""
        return self.row.updated_at.isoformat() if self.row else ""

    @property
    def fits(self) -> bool:
        """A changed text whose places are gone from the code is passed over until somebody corrects it."""
        return self.row is None or not any(problems(self.kind, self.subject, self.body).values())


def current_text(kind: TextKind) -> Current:
    return Current(kind, LetterText.objects.select_related("updated_by").filter(code=kind.code).first())


def texts_by_group() -> list[tuple[str, list[Current]]]:
    """Every text under the heading of its readers, headings as they first come up; one query."""
    rows = {row.code: row for row in LetterText.objects.select_related("updated_by")}
    groups: dict[str, list[Current]] = {}
    for kind in all_kinds():
        groups.setdefault(kind.group, []).append(Current(kind, rows.get(kind.code)))
    return list(groups.items())


def change_text(kind: TextKind, *, subject: str, body: str, version: str, request: HttpRequest) -> bool:
    """Put the text in force; says whether anything changed. Raises TextMoved when `version` is not the one in force."""
    current = current_text(kind)
    if (current.subject, current.body) == (subject, body):
        return False  # a second click, or nothing was edited
    if current.version != version:
        raise TextMoved
    if (subject, body) == (kind.subject, kind.body):
        return restore_text(kind, request=request, version=version)
    with transaction.atomic():
        _store(kind, subject, body, parse_datetime(version) if version else None, request.user)
        record(LogEntry.Action.CHANGED, note=f"текст письма «{kind.title}» изменён", request=request)
        transaction.on_commit(forget_texts)
    return True


def _store(kind: TextKind, subject: str, body: str, seen: datetime | None, author: object) -> None:
    fields = {"subject": subject, "body": body, "updated_at": timezone.now(), "updated_by": author}
    if seen is not None:
        if not LetterText.objects.filter(code=kind.code, updated_at=seen).update(**fields):
            raise TextMoved
        return
    try:
        with transaction.atomic():
            LetterText.objects.create(code=kind.code, **fields)
    except IntegrityError as error:
        raise TextMoved from error


def restore_text(kind: TextKind, *, request: HttpRequest, version: str | None = None) -> bool:
    """Back to the default; says whether there was anything to take away. Raises TextMoved as `change_text` does."""
    with transaction.atomic():
        row = LetterText.objects.select_for_update().filter(code=kind.code).first()
        if row is not None and version is not None and Current(kind, row).version != version:
            raise TextMoved
        gone, _ = LetterText.objects.filter(code=kind.code).delete()
        if gone:
            record(LogEntry.Action.CHANGED, note=f"возвращён исходный текст письма «{kind.title}»", request=request)
            transaction.on_commit(forget_texts)
    return bool(gone)
