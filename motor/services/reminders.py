"""Reminders to those who have not answered, and the day on which an answer counts as not received."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter, Mention
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.models import Case, CaseQuerySet, Draft, Status
from motor.moves import MoveRefused, move
from motor.services import notices

KIND = "motor.remind"  # of the letters; the number of the reminder follows


@dataclass(frozen=True)
class Recipient:
    """One line of a bulk reminder: `why_not` is empty for those who get a letter now."""

    case: Case
    why_not: str


def expire_unanswered(day: date | None = None) -> int:
    """Thirty days after the survey's limit the answer counts as not received; a late survey still moves it."""
    limit = (day or today()) - timedelta(days=settings.MOTOR_NO_RESPONSE_DAYS)
    expired = 0
    # A day the teacher named stands at most thirty days after the limit: its letter goes out first, even a day late.
    waiting = Case.objects.filter(status=Status.SURVEY_OPEN, due_on__lt=limit, paused_until=None, remind_on=None)
    for case in waiting.select_related("person"):
        try:
            move(case, "expire", actor=None, due=None)
            expired += 1
        except MoveRefused:
            continue
    return expired


def remind_waiting(day: date | None = None) -> int:
    """Remind who has not answered on days 7, 12 and 15; a day without a worker sends one letter, not three.

    Who began a day ago is let finish, and two letters never follow day by day: not after a new link or a longer time
    either. Who asked for a day of his own is written to on that day instead: it takes the place of the automatic
    ones that would have gone out until then, and after the third it is the one letter that still goes, by his own
    word. The cases of one person stand in one letter. Returns how many cases were reminded of.
    """
    day = day or today()
    asked, due = list(_asked_for(day)), list(_due(day))
    past = _Past([*asked, *due], day)
    waiting = [case for case in asked if case.pk not in past.reminded]
    waiting += [case for case in due if case.pk not in past.written]
    return _remind([case for case in waiting if case.pk not in past.began], day)


def recipients(cases: Iterable[Case]) -> list[Recipient]:
    """Who gets a bulk reminder now, and why each other is left out; in the order given, read anew by few queries."""
    pks = [case.pk for case in cases]
    rows = Case.objects.filter(pk__in=pks).with_names().in_bulk()
    found = [rows[pk] for pk in dict.fromkeys(pks) if pk in rows]
    past = _Past(found, today())
    return [Recipient(case, _why_not(case, past)) for case in found]


def why_not_now(case: Case) -> str:
    """Why this one case gets no reminder now; empty when it may. The case comes with its person."""
    return _why_not(case, _Past([case], today()))


def remind_now(cases: Iterable[Case], *, actor: User) -> int:
    """Remind by a person's word those of the cases whom a letter may go to; returns how many cases that were.

    It counts among the three and takes the place of the next automatic one. A second click finds nobody left.
    """
    with transaction.atomic():
        chosen = [one.case for one in recipients(cases) if not one.why_not]
        return _remind(chosen, today(), actor)


def _due(day: date) -> CaseQuerySet:
    """Cases an automatic reminder has fallen due for; one that was missed is not made up for by two."""
    rule = Q(pk__in=())
    for sent, after in enumerate(settings.MOTOR_REMINDER_DAYS):
        # due_on is the opening plus SURVEY_DAYS, so the day of the survey is counted back from it.
        rule |= Q(reminders=sent, due_on__lte=day + timedelta(days=settings.MOTOR_SURVEY_DAYS - after))
    waiting = Case.objects.filter(rule, status=Status.SURVEY_OPEN, paused_until=None, remind_on=None)
    return waiting.select_related("person", "completion__course__programme")


def _asked_for(day: date) -> CaseQuerySet:
    """Cases whose teacher named this day himself, perhaps after the limit."""
    waiting = Case.objects.filter(
        status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE), remind_on__lte=day, paused_until=None
    )
    return waiting.select_related("person", "completion__course__programme")


def _remind(cases: list[Case], day: date, actor: User | None = None) -> int:
    """One letter for each person, the nearest limit first."""
    by_person: dict[int, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda one: (one.due_on or date.max, one.pk)):
        by_person[case.person_id].append(case)
    reminded = 0
    for own in by_person.values():
        is_asked = any(case.remind_on is not None for case in own)
        with transaction.atomic():
            taken = [case for case in own if _take(case, day)]
            if taken:
                notices.remind(taken, is_asked=is_asked)
                _log(taken, actor)
        reminded += len(taken)
    return reminded


def _take(case: Case, day: date) -> bool:
    """Count the reminder, once: another process or a second click finds the case as it is now and leaves it."""
    number = max(_reached(case, day), case.reminders + 1)
    as_seen = {"status": case.status, "reminders": case.reminders, "remind_on": case.remind_on}
    here = Case.objects.filter(pk=case.pk, paused_until=None, **as_seen)
    if not here.update(reminders=number, remind_on=None):
        return False
    case.reminders, case.remind_on = number, None
    return True


def _reached(case: Case, day: date) -> int:
    """How many of the automatic reminders have fallen due."""
    if case.due_on is None:
        return 0
    spent = (day - case.due_on).days + settings.MOTOR_SURVEY_DAYS
    return sum(after <= spent for after in settings.MOTOR_REMINDER_DAYS)


def _log(cases: list[Case], actor: User | None) -> None:
    """What a person ordered is his; the letter itself is in the log of letters."""
    for case in cases if actor is not None else []:
        note = "Напоминание отправлено вручную"
        record(LogEntry.Action.CHANGED, actor=actor, person=case.person, about=case, note=note)


class _Past:
    """What happened to these cases today and yesterday: three queries, whatever their number."""

    def __init__(self, cases: Iterable[Case], day: date) -> None:
        person_of = {case.pk: case.person_id for case in cases}
        pks = list(person_of)
        self.day = day
        self.began: dict[int, date] = {}  # case → the day its draft was saved last
        self.reminded: dict[int, date] = {}  # case → the day of its last reminder
        self.written: set[int] = set()  # cases about which any letter went to the teacher
        if not pks:
            return
        since = timezone.make_aware(datetime.combine(day - timedelta(days=1), time.min))
        until = since + timedelta(days=2)
        drafts = Draft.objects.filter(case__in=pks, saved_at__gte=since, saved_at__lt=until)
        self.began = {case: timezone.localdate(at) for case, at in drafts.values_list("case", "saved_at")}
        letters = Q(kind__startswith="motor.", created_at__gte=since, created_at__lt=until)
        sent = Letter.objects.filter(letters).exclude(state=Letter.State.CANCELLED)
        about = {"about_type": ContentType.objects.get_for_model(Case), "about_id__in": pks}
        alone = sent.filter(**about).values_list("about_id", "to", "kind", "created_at")
        among = Mention.objects.filter(letter__in=sent, **about)
        further = among.values_list("about_id", "letter__to", "letter__kind", "letter__created_at")
        for pk, to, kind, at in (*alone, *further):
            if pk is None or to != person_of[pk]:
                continue
            self.written.add(pk)
            if kind.startswith(KIND):
                self.reminded[pk] = max(self.reminded.get(pk, date.min), timezone.localdate(at))


def _why_not(case: Case, past: _Past) -> str:
    if case.status != Status.SURVEY_OPEN:
        return _not_waiting(case)
    if not case.person.is_active:
        return "больше не работает в кабинете"
    if not case.person.address:
        return "нет адреса"
    if case.paused_until is not None:
        return f"пауза до {case.paused_until:%d.%m.%Y}"
    if case.remind_on is not None and case.remind_on > past.day:
        return f"просил(а) напомнить {case.remind_on:%d.%m}"
    if case.reminders >= len(settings.MOTOR_REMINDER_DAYS):
        return "три напоминания уже отправлены"
    if past.reminded.get(case.pk) == past.day:
        return "напоминали сегодня"
    if case.pk in past.began:
        return f"начал(а) отвечать {'сегодня' if past.began[case.pk] == past.day else 'вчера'}"
    return ""


def _not_waiting(case: Case) -> str:
    match case.status:
        case Status.SCHEDULED:
            return "опрос ещё не открыт"
        case Status.NO_RESPONSE:
            return "время ответа вышло — сначала продлите срок"
        case Status.STOPPED:
            return "отслеживание прекращено"
    return "работа идёт без опросного листа" if case.without_survey else "уже ответил(а)"
