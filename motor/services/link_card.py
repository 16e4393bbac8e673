"""What the card of a personal link shows: how far the teacher has come, the letters, and what happened past them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from cabinet.mail.models import Letter
from cabinet.mail.services import letters_about
from cabinet.planner.models import Task
from motor.models import Case, Draft, LinkEvent, Status, Survey
from motor.services.link import WAITING
from motor.services.reminders import why_not_now
from motor.services.talking import talk_of

LETTERS_SHOWN, EVENTS_SHOWN = 20, 40
Kind = LinkEvent.Kind


@dataclass(frozen=True)
class Stage:
    """One stage of the link's way; `at` is empty for one not reached yet, `note` says by what it was."""

    label: str
    at: datetime | None
    note: str = ""
    is_next: bool = False


@dataclass(frozen=True)
class Card:
    stages: list[Stage]
    letters: list[Letter]
    events: list[LinkEvent]
    talk: Task | None
    why_not: str  # why no reminder may go now
    is_waiting: bool
    may_reissue: bool

    @property
    def failed(self) -> Letter | None:
        """The last letter to the teacher, when it did not reach him; a later one that did makes up for it."""
        last = next((one for one in self.letters if one.to_teacher), None)  # type: ignore[attr-defined]
        return last if last is not None and last.is_undelivered else None  # type: ignore[attr-defined]


def card_of(case: Case) -> Card:
    """Everything of the card by a constant number of queries."""
    events = list(LinkEvent.objects.filter(case=case).select_related("actor").order_by("-at", "-pk")[:EVENTS_SHOWN])
    letters = list(letters_about(case).select_related("to")[:LETTERS_SHOWN])
    for letter in letters:
        letter.to_teacher = letter.to_id == case.person_id  # type: ignore[attr-defined]
        letter.is_undelivered = _is_undelivered(letter)  # type: ignore[attr-defined]
    return Card(
        stages=_stages(case, events),
        letters=letters,
        events=events,
        talk=talk_of(case),
        why_not=why_not_now(case),
        is_waiting=case.status in WAITING and case.paused_until is None,
        may_reissue=case.status != Status.SCHEDULED,
    )


def _is_undelivered(letter: Letter) -> bool:
    waits = letter.state == Letter.State.OWED and letter.last_error != ""
    return waits or letter.state in (Letter.State.FAILED, Letter.State.NO_ADDRESS)


def _stages(case: Case, events: list[LinkEvent]) -> list[Stage]:
    draft = Draft.objects.filter(case=case).first()
    survey = case.surveys.submitted().select_related("author").last()
    if survey is not None and survey.returned_at is not None:
        survey = None  # asked for again: the way begins anew
    opened = [one for one in events if one.kind == Kind.OPENED]
    handed = [one for one in events if one.kind == Kind.HANDED]
    began = draft.started_at if draft else _began(survey)
    stages = [Stage("Выдана", case.opened_at)]
    if handed:
        ways = Counter(one.get_way_display() for one in reversed(handed))
        stages.append(Stage("Передана", handed[0].at, ", ".join(ways)))
    stages += [
        Stage("Открыта", opened[0].at if opened else began, _days(len(opened))),
        Stage("Начат ответ", began),
        Stage("Сохранено", draft.saved_at if draft else None, "черновик") if survey is None else Stage("", None),
        Stage("Отправлено", survey.submitted_at if survey else None, _channel(survey)),
    ]
    return _with_next([stage for stage in stages if stage.label])


def _with_next(stages: list[Stage]) -> list[Stage]:
    """What is reached, and the first that is not, where the teacher is now."""
    reached = max((place for place, stage in enumerate(stages) if stage.at), default=-1)
    return [
        Stage(stage.label, stage.at, stage.note if stage.at else "", is_next=place == reached + 1)
        for place, stage in enumerate(stages)
    ]


def _began(survey: Survey | None) -> datetime | None:
    """An answer sent in one go has no beginning of its own."""
    if survey is None or survey.submitted_at is None or survey.channel == Survey.Channel.PAPER:
        return None
    return survey.started_at if survey.submitted_at - survey.started_at > timedelta(seconds=5) else None


def _channel(survey: Survey | None) -> str:
    if survey is None:
        return ""
    if survey.channel == Survey.Channel.PAPER and survey.author is not None:
        return f"{survey.get_channel_display()}, ввёл(а) {survey.author.short_name}"
    return survey.get_channel_display()


def _days(count: int) -> str:
    """Openings are noted once a day."""
    return f"дней с открытиями: {count}" if count > 1 else ""
