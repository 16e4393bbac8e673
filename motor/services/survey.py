"""The teacher's answers arrive."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.files.models import StoredFile
from cabinet.files.services import store_upload
from cabinet.mail.services import cancel_letters
from cabinet.users.grounds import notice_in_force, record_ground
from cabinet.users.models import DataGround, DataNotice, LogEntry, User
from cabinet.users.services import record
from iom.models import Route, RouteItem
from iom.services.practising import mark_ticked
from motor.models import Case, Change, DraftFile, Evidence, Objection, Outcome, Status, Survey
from motor.moves import CONCLUDED, MoveRefused, hold, move, same_due, touch
from motor.services import notices
from motor.services.evidence import former_evidence, share_evidence
from motor.services.limits import review_limit
from motor.services.responsible import find_responsible
from motor.services.talking import end_talk


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
    draft_file: DraftFile | None = None  # brought before the answers were sent


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
    reflected: list[RouteItem] = field(default_factory=list)  # of his own route, where the content stands
    practised: list[tuple[RouteItem, str]] = field(default_factory=list)  # whose change already happens; another topic
    not_practised: list[RouteItem] = field(default_factory=list)  # ticked in a former answer and no longer
    former_ticks: list[dict[str, Any]] = field(default_factory=list)  # of a former answer, not offered any more


@dataclass(frozen=True)
class Past:
    """What the teacher said and brought before: to this case, when the answer was returned, and to other cases."""

    case: Case
    former: Survey | None = None
    own: list[Evidence] = field(default_factory=list)

    @cached_property
    def others(self) -> list[Evidence]:
        """Looked for only where they are offered or one of them is ticked: most answers need none."""
        return former_evidence(self.case)[:OFFERED] if getattr(self.case, "has_others", True) else []

    @cached_property
    def has_route(self) -> bool:
        known: bool | None = getattr(self.case, "has_route", None)
        return Route.objects.running().filter(person=self.case.person_id).exists() if known is None else known

    @cached_property
    def items(self) -> list[RouteItem]:
        """Of the teacher's running route in the cabinet, to be ticked."""
        if not self.has_route:
            return []
        routes = Route.objects.running().filter(person=self.case.person_id).order_by().values("pk")
        found = RouteItem.objects.filter(route__in=routes).exclude(status=RouteItem.Status.REMOVED)
        return list(found.select_related("route__person"))


OFFERED = 10  # pieces of evidence from other cases
# How the notice was shown; every way by a link is one and the same page.
GROUND_CHANNELS: dict[str, str] = {
    Survey.Channel.CABINET: DataGround.Channel.CABINET,
    Survey.Channel.PAPER: DataGround.Channel.PAPER,
}


def ticked_items(answers: SurveyAnswers) -> list[dict[str, Any]]:
    """As Survey.route_items keeps them."""
    reflected = {one.pk for one in answers.reflected}
    topics = {one.pk: topic for one, topic in answers.practised}
    rows = {one.pk: one for one in (*answers.reflected, *(one for one, _ in answers.practised))}
    return answers.former_ticks + [
        {
            "item": one.pk,
            "route": one.route_id,
            "activity": one.activity,
            "reflected": one.pk in reflected,
            "in_practice": one.pk in topics,
            "topic": topics.get(one.pk, ""),
        }
        for one in sorted(rows.values(), key=lambda one: (one.place, one.pk))
    ]


def past_of(case: Case) -> Past:
    """No query for a teacher who answers for the first time in his first case: that page must stay quick."""
    former = None
    # Opened, answered, sent back: an answer cannot have come back in fewer than three moves.
    if case.revision > 3:
        returned = case.surveys.submitted().filter(returned_at__isnull=False)
        former = returned.prefetch_related("changes").last()
    own = list(case.evidence.in_force().select_related("file")) if former else []
    return Past(case, former, own)


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
    filled_on: date | None = None,
) -> Survey:
    """Store the answers and hand the case to the responsible person; all or nothing.

    `notice` is what the page showed about the data; that it was shown is recorded with the answer. `filled_on` is the
    date on a paper form, which `author` typed in.
    Raises MoveRefused when the case no longer takes answers (a second tab was quicker, or it was stopped), and
    ConsentMissing when there is no consent to process them.
    """
    if not takes_answer(case):
        raise MoveRefused("По этой ссылке ответ уже принят — менять его больше не нужно.")
    is_late = case.status in Case.REVIEWED
    comment = f"Введено с бумаги; дата на листе {filled_on:%d.%m.%Y}" if filled_on else ""
    with transaction.atomic():
        # The move comes first: of two tabs the second is refused before it writes anything.
        if is_late:
            move(case, "attach", actor=author or case.person, due=same_due(case), comment=comment)
        else:
            _hand_over(case, answers, author or case.person, comment)
        record_ground(
            case.person,
            notice or notice_in_force(),
            channel=GROUND_CHANNELS.get(channel, DataGround.Channel.LINK),
            ip_address=ip_address,
        )
        survey = _write_answers(case, answers, author, channel, filled_on)
        _store_evidence(case, answers)
        mark_ticked(answers.practised, answers.not_practised, actor=author or case.person)
        _drop_draft(case)
        if case.reminders:
            cancel_letters(case, "motor.remind")
            end_talk(case, "Педагог ответил: разговор не понадобился.")
        if is_late:
            notices.survey_attached(case)
        else:
            notices.survey_arrived(case)
    return survey


def _hand_over(case: Case, answers: SurveyAnswers, actor: User, comment: str) -> None:
    """The methodist's turn: his time runs from the last lesson he is invited to."""
    brought: list[EvidenceAnswer | Evidence] = [*answers.evidence, *answers.kept, *answers.shared]
    due = review_limit(today(), [item.event_on for item in brought if item.event_on])
    move(case, "submit", actor=actor, due=due, comment=comment, responsible=_standing_responsible(case))


def _write_answers(
    case: Case, answers: SurveyAnswers, author: User | None, channel: str, filled_on: date | None
) -> Survey:
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
        route_items=ticked_items(answers),
        channel=channel,
        author=author,
        filled_on=filled_on,
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
            file=item.draft_file.file if item.draft_file else None,
        )
        for item in answers.evidence
    )
    for evidence, item in zip(rows, answers.evidence, strict=True):
        if item.draft_file is not None:
            item.draft_file.file.owner = evidence
        elif item.file is not None:
            evidence.file = store_upload(item.file, owner=evidence, uploaded_by=case.person)
            evidence.save(update_fields=["file"])
    handed = [item.draft_file.file for item in answers.evidence if item.draft_file is not None]
    if handed:
        StoredFile.objects.bulk_update(handed, ["owner_type", "owner_id"])


def _drop_draft(case: Case) -> None:
    """What was begun is sent now; its files belong to the evidence already."""
    if getattr(case, "draft", None) is not None:
        case.draft_files.all().delete()
        case.draft.delete()


def may_agree(case: Case) -> bool:
    """Once per result, and not beside an objection against it."""
    if case.outcome is None or case.outcome.agreed_at is not None or case.status not in CONCLUDED:
        return False
    objection: Objection | None = getattr(case, "objection", None)
    return objection is None or objection.version != case.version


def agree_with(case: Case) -> None:
    """«Согласен(на)»: the teacher accepts the conclusion. Raises MoveRefused when there is nothing to accept."""
    with transaction.atomic():
        hold(case)
        case.refresh_from_db(fields=["status", "version", "outcome", "revision"])
        if case.outcome is None or not may_agree(case):
            raise MoveRefused("Ваш ответ о заключении уже записан или заключения пока нет.")
        Outcome.objects.filter(pk=case.outcome.pk).update(agreed_at=timezone.now())
        touch(case)
        note = "педагог согласен с заключением"
        record(LogEntry.Action.ANSWERED, actor=case.person, person=case.person, about=case, note=note)
