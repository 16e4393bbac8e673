"""What the teacher has begun: words and files that are kept until the answers are sent."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cabinet.files.services import store_upload
from motor.models import Case, Draft, DraftFile, Evidence
from motor.moves import MoveRefused, hold
from motor.services.survey import takes_answer

MAX_BYTES = 64 * 1024
MAX_FILES = 10
_KINDS = "|".join(Evidence.Kind.values)
# The survey's fields as the page names them (motor/forms/survey.py); nothing else is kept.
FIELD = re.compile(
    r"important|in_route|route_note|has_started|reason|reason_text|nothing_yet"
    rf"|change_[0-2](_on|_topic)?|ev_({_KINDS})(_text|_link|_on)?|(keep|share|item)_\d{{1,12}}|done_\d{{1,12}}(_on|_topic)?"
)
CLOSED = "Опрос уже закрыт, поэтому новое не сохранено. Написанное осталось на этой странице: его можно скопировать."


class DraftClash(Exception):
    """Another device has saved something else meanwhile; `draft` is what it saved."""

    def __init__(self, draft: Draft) -> None:
        super().__init__("На другом устройстве записано другое.")
        self.draft = draft


def answers_of(posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by field; what stands in an empty form anyway is left out, and so is what no database keeps."""
    plain = {name: str(value).replace("\r\n", "\n") for name, value in posted.items() if FIELD.fullmatch(name)}
    found = {name: value.replace("\0", "") for name, value in plain.items()}
    return {name: value for name, value in found.items() if value and (name[-3:], value) != ("_on", "course")}


def draft_of(case: Case) -> Draft | None:
    return getattr(case, "draft", None)


def files_of(case: Case) -> list[DraftFile]:
    """Files wait only beside a draft: whoever has not begun costs no query."""
    return list(case.draft_files.select_related("file")) if draft_of(case) else []


def clashes(draft: Draft | None, answers: dict[str, str], number: int, device: str) -> bool:
    """Would these words replace others that their writer has not seen?

    The device that saved last may go on with an older number: the answer to its own saving was lost on the way.
    """
    if draft is None or draft.number == number or draft.answers == answers:
        return False
    return not (device and device == draft.device)


def save_draft(case: Case, answers: dict[str, str], *, number: int, device: str = "") -> Draft | None:
    """Keep what is typed so far; an empty form makes no draft.

    `number` is the saving this device has seen last. Raises DraftClash, MoveRefused when the case takes no answers,
    and ValidationError when there is too much of it.
    """
    if sum(len(name) + len(value.encode()) for name, value in answers.items()) > MAX_BYTES:
        raise ValidationError("Текст слишком длинный, чтобы его сохранить. Сократите его или приложите файлом.")
    with transaction.atomic():
        _hold_open(case)
        draft = Draft.objects.filter(case=case).first()
        if draft is None:
            return Draft.objects.create(case=case, answers=answers, device=device) if answers else None
        if clashes(draft, answers, number, device):
            raise DraftClash(draft)
        if draft.answers != answers:
            draft.answers, draft.device = answers, device
            draft.number, draft.saved_at = draft.number + 1, timezone.now()
            draft.save(update_fields=["answers", "device", "number", "saved_at"])
    return draft


def add_file(case: Case, kind: str, upload: UploadedFile) -> DraftFile:
    """Keep a file at once, before the answers are sent. Raises ValidationError with a sentence for its place."""
    if kind not in Evidence.Kind.values:
        raise ValidationError("Выберите, к какому подтверждению относится файл.")
    with transaction.atomic():
        _hold_open(case)
        if case.draft_files.count() >= MAX_FILES:
            raise ValidationError(f"Приложено уже {MAX_FILES} файлов. Уберите лишний или дайте ссылку на остальные.")
        stored = store_upload(upload, owner=None, uploaded_by=case.person)
        added = DraftFile.objects.create(case=case, kind=kind, file=stored)
        stored.owner = added
        stored.save(update_fields=["owner_type", "owner_id"])
        # A file is a beginning too: it makes the draft, or its time, but is nobody's newer text.
        begun, is_new = Draft.objects.get_or_create(case=case, defaults={"number": 0})
        if not is_new:
            Draft.objects.filter(pk=begun.pk).update(saved_at=timezone.now())
    return added


def remove_file(case: Case, public_id: str) -> bool:
    """Take away a file that is not sent yet, from the disk too; says whether it was there."""
    found = case.draft_files.select_related("file").filter(file__public_id=public_id).first()
    if found is None:
        return False
    content = found.file.file
    with transaction.atomic():
        found.file.delete()  # its row in the draft goes with it
        transaction.on_commit(lambda: content.storage.delete(str(content.name)))
    return True


def _hold_open(case: Case) -> None:
    """Take the case's row: of a saving and an answer at the same moment the later one sees the earlier."""
    hold(case)
    case.refresh_from_db(fields=["status", "without_survey"])
    if not takes_answer(case):
        raise MoveRefused(CLOSED)
