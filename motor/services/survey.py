"""The teacher's answers arrive."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.files.services import store_upload
from cabinet.mail.services import cancel_letters
from cabinet.users.grounds import notice_in_force, record_ground
from cabinet.users.models import DataNotice, User
from motor.models import Case, Change, Evidence, Status, Survey
from motor.moves import MoveRefused, move, same_due
from motor.services import notices
from motor.services.evidence import former_evidence, share_evidence
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
    kept: list[Evidence] = field(default_factory=list)  # brought with a former answer of this case
    removed: list[Evidence] = field(default_factory=list)  # the same, no longer wanted
    shared: list[Evidence] = field(default_factory=list)  # brought to another case, serves this one too


@dataclass(frozen=True)
class Past:
    """What the teacher said and brought before: to this case, when the answer was returned, and to other cases."""

    former: Survey | None = None
    own: list[Evidence] = field(default_factory=list)
    others: list[Evidence] = field(default_factory=list)


OFFERED = 10  # pieces of evidence from other cases


def past_of(case: Case) -> Past:
    """One small query for a teacher who answers for the first time in his first case: that page must stay quick."""
    former = None
    # Opened, answered, sent back: an answer cannot have come back in fewer than three moves.
    if case.revision > 3:
        returned = case.surveys.submitted().filter(returned_at__isnull=False)
        former = returned.prefetch_related("changes").last()
    return Past(
        former=former,
        own=list(case.evidence.in_force().select_related("file")) if former else [],
        others=former_evidence(case)[:OFFERED],
    )


def takes_answer(case: Case) -> bool:
    """Open, late, or in a review that began without an answer and still has none."""
    if case.status in (Status.SURVEY_OPEN, Status.NO_RESPONSE):
        return True
    is_by_word = case.without_survey and case.status in Case.REVIEWED
    return is_by_word and not case.surveys.submitted().filter(returned_at=None).exists()


def submit_survey(
    case: Case,
    answers: SurveyAnswers,
    *,
    author: User | None,
    channel: str,
    notice: DataNotice | None = None,
    ip_address: str | None = None,
) -> Survey:
    """Store the answers and hand the case to the responsible person; all or nothing.

    `notice` is what the page showed about the data; that it was shown is recorded with the answer.
    Raises MoveRefused when the case no longer takes answers (a second tab was quicker, or it was stopped), and
    ConsentMissing when there is no consent to process them.
    """
    if not takes_answer(case):
        raise MoveRefused("По этой ссылке ответ уже принят — менять его больше не нужно.")
    is_late = case.status in Case.REVIEWED
    with transaction.atomic():
        # The move comes first: of two tabs the second is refused before it writes anything.
        if is_late:
            move(case, "attach", actor=author or case.person, due=same_due(case))
        else:
            _hand_over(case, answers, author or case.person)
        record_ground(case.person, notice or notice_in_force(), channel=channel, ip_address=ip_address)
        survey = _write_answers(case, answers, author, channel)
        _store_evidence(case, answers)
        if case.reminders:
            cancel_letters(case, "motor.remind")
        if is_late:
            notices.survey_attached(case)
        else:
            notices.survey_arrived(case)
    return survey


def _hand_over(case: Case, answers: SurveyAnswers, actor: User) -> None:
    """The methodist's turn: his time runs from the last lesson he is invited to."""
    brought: list[EvidenceAnswer | Evidence] = [*answers.evidence, *answers.kept, *answers.shared]
    due = review_limit(today(), [item.event_on for item in brought if item.event_on])
    move(case, "submit", actor=actor, due=due, responsible=_standing_responsible(case))


def _write_answers(case: Case, answers: SurveyAnswers, author: User | None, channel: str) -> Survey:
    """A row of its own each time: an answer returned to the teacher stays readable."""
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
    survey.save(force_insert=True)
    Change.objects.bulk_create(
        Change(survey=survey, text=item.text, is_on_topic=item.is_on_topic, topic=item.topic)
        for item in answers.changes
    )
    return survey


def _standing_responsible(case: Case) -> User | None:
    """The one who already answers for the case, or a new one when he is gone."""
    if case.responsible is not None and case.responsible.is_active:
        return case.responsible
    return find_responsible(case)


def _store_evidence(case: Case, answers: SurveyAnswers) -> None:
    if answers.removed:
        gone = [evidence.pk for evidence in answers.removed]
        case.evidence.in_force().filter(pk__in=gone).update(removed_at=timezone.now())
    for evidence in answers.shared:
        share_evidence(evidence, case)
    rows = Evidence.objects.bulk_create(
        Evidence(
            case=case,
            version=case.version,
            kind=item.kind,
            text=item.text,
            link=item.link,
            event_on=item.event_on,
        )
        for item in answers.evidence
    )
    for evidence, item in zip(rows, answers.evidence, strict=True):
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
