"""The teacher's answers arrive."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.files.services import store_upload
from cabinet.users.models import User
from motor.models import Case, Change, Evidence, Status, Survey
from motor.moves import MoveRefused, move
from motor.services import notices
from motor.services.limits import review_limit
from motor.services.responsible import find_responsible


@dataclass(frozen=True)
class ChangeAnswer:
    text: str
    is_on_topic: bool = True
    topic: str = ""


@dataclass(frozen=True)
class EvidenceAnswer:
    kind: str
    text: str = ""
    link: str = ""
    event_on: date | None = None
    file: UploadedFile | None = None


@dataclass(frozen=True)
class SurveyAnswers:
    """Four answers, already checked by the form (domain.md section 5.2)."""

    important: str
    in_route: str
    has_started: bool
    route_note: str = ""
    reason: str = ""
    reason_text: str = ""
    changes: list[ChangeAnswer] = field(default_factory=list)
    evidence: list[EvidenceAnswer] = field(default_factory=list)
    nothing_yet: bool = False


def submit_survey(case: Case, answers: SurveyAnswers, *, author: User | None, channel: str) -> Survey:
    """Store the answers and hand the case to the responsible person; all or nothing.

    Raises MoveRefused when the case no longer takes answers (a second tab was quicker, or it was stopped).
    """
    if case.status not in (Status.SURVEY_OPEN, Status.NO_RESPONSE):
        raise MoveRefused("По этой ссылке ответ уже принят — менять его больше не нужно.")
    with transaction.atomic():
        survey = Survey(
            case=case,
            version=case.version,
            important=answers.important,
            in_route=answers.in_route,
            route_note=answers.route_note,
            has_started=answers.has_started,
            reason=answers.reason,
            reason_text=answers.reason_text,
            nothing_yet=answers.nothing_yet,
            channel=channel,
            author=author,
            submitted_at=timezone.now(),
        )
        events = [item.event_on for item in answers.evidence if item.event_on]
        responsible = _standing_responsible(case)
        # The move comes first: of two tabs the second is refused before it writes anything.
        move(
            case,
            "submit",
            actor=author or case.person,
            due=review_limit(today(), events),
            responsible=responsible,
        )
        survey.save(force_insert=True)
        Change.objects.bulk_create(
            Change(survey=survey, text=item.text, is_on_topic=item.is_on_topic, topic=item.topic)
            for item in answers.changes
        )
        _store_evidence(case, answers.evidence)
        notices.survey_arrived(case)
    return survey


def _standing_responsible(case: Case) -> User | None:
    """The one who already answers for the case, or a new one when he is gone."""
    if case.responsible is not None and case.responsible.is_active:
        return case.responsible
    return find_responsible(case)


def _store_evidence(case: Case, items: list[EvidenceAnswer]) -> None:
    rows = Evidence.objects.bulk_create(
        Evidence(
            case=case,
            version=case.version,
            kind=item.kind,
            text=item.text,
            link=item.link,
            event_on=item.event_on,
        )
        for item in items
    )
    for evidence, item in zip(rows, items, strict=True):
        if item.file is not None:
            evidence.file = store_upload(item.file, owner=evidence, uploaded_by=case.person)
            evidence.save(update_fields=["file"])


def expire_unanswered(day: date | None = None) -> int:
    """Thirty days after the survey's limit the answer counts as not received; a late survey still moves it."""
    limit = (day or today()) - timedelta(days=settings.MOTOR_NO_RESPONSE_DAYS)
    expired = 0
    for case in Case.objects.filter(status=Status.SURVEY_OPEN, due_on__lt=limit, paused_until=None).select_related(
        "person"
    ):
        try:
            move(case, "expire", actor=None, due=None)
            expired += 1
        except MoveRefused:
            continue
    return expired


def remind_waiting(day: date | None = None) -> int:
    """Remind who has not answered on days 7, 12 and 15; a day without a worker sends one letter, not three."""
    day = day or today()
    reminded = 0
    for number, after in enumerate(settings.MOTOR_REMINDER_DAYS):
        # due_on is the opening plus SURVEY_DAYS, so the day of the survey is counted back from it.
        reached = day + timedelta(days=settings.MOTOR_SURVEY_DAYS - after)
        waiting = Case.objects.filter(
            status=Status.SURVEY_OPEN, due_on__lte=reached, reminders__lte=number, paused_until=None
        )
        for case in waiting.select_related("person", "completion__course__programme"):
            if number + 1 < len(settings.MOTOR_REMINDER_DAYS) and _reached(case, day, number + 1):
                continue  # a later reminder is due as well, and it will be the one sent
            with transaction.atomic():
                if Case.objects.filter(pk=case.pk, reminders=case.reminders).update(reminders=number + 1):
                    case.reminders = number + 1
                    notices.remind(case)
                    reminded += 1
    return reminded


def _reached(case: Case, day: date, number: int) -> bool:
    left = timedelta(days=settings.MOTOR_SURVEY_DAYS - settings.MOTOR_REMINDER_DAYS[number])
    return case.due_on is not None and case.due_on <= day + left
