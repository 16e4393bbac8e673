"""The personal link: what happened to it, what a methodist may do about it, and what a teacher asks for by it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from cabinet.core.clock import Deadline, today
from cabinet.mail.services import cancel_letters
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.models import Case, LinkEvent, ShortCode, Status
from motor.moves import MoveRefused, hold, move, touch
from motor.services import notices
from motor.services.halting import pause_case, resume_case
from motor.services.responsible import find_responsible
from motor.services.returns import refuse_empty

WAITING = (Status.SURVEY_OPEN, Status.NO_RESPONSE)
NO_HEALTH = "Сведения о здоровье и семье указывать не нужно."


def note(case: Case, kind: str, *, way: str = "", actor: User | None = None, note: str = "") -> None:
    """Add a line to the link's card."""
    note_many([case], kind, way=way, actor=actor, note=note)


def note_many(cases: Iterable[Case], kind: str, *, way: str = "", actor: User | None = None, note: str = "") -> None:
    LinkEvent.objects.bulk_create(
        LinkEvent(case=case, kind=kind, way=way, actor=actor, note=note[:300]) for case in cases
    )


def note_opened(case: Case) -> bool:
    """The survey's page was seen by a person: at most one line a day. Says whether this was the first time today."""
    return _note_once_a_day(case, LinkEvent.Kind.OPENED)


def is_noted_today(case: Case, kind: str) -> bool:
    return LinkEvent.objects.filter(case=case, kind=kind, at__date=today()).exists()


def _note_once_a_day(case: Case, kind: str) -> bool:
    with transaction.atomic():
        hold(case)
        if is_noted_today(case, kind):
            return False
        note(case, kind)
    return True


# --- By whoever leads the case ---------------------------------------------------------------------------------------


def reissue_link(case: Case, *, actor: User) -> None:
    """A new link in place of the former one, which ends at once, and the code of its slip with it."""
    if case.status == Status.SCHEDULED:
        raise MoveRefused("Ссылки ещё нет: она уйдёт педагогу, когда откроется опрос.")
    with transaction.atomic():
        # Of two clicks the second sees another version and changes nothing.
        seen = Case.objects.filter(pk=case.pk, link_version=case.link_version)
        if not seen.update(link_version=F("link_version") + 1):
            raise MoveRefused("Ссылку только что выдали заново: второй раз это не нужно.")
        ShortCode.objects.filter(case=case).delete()
        touch(case)
        case.refresh_from_db(fields=["link_version"])
        note(case, LinkEvent.Kind.REISSUED, actor=actor)
        record(LogEntry.Action.CHANGED, actor=actor, person=case.person, about=case, note="Ссылка выдана заново")
        notices.link_reissued(case)


def latest_extension() -> date:
    return today() + timedelta(days=settings.MOTOR_EXTEND_DAYS)


def extend_time(case: Case, *, actor: User, until: date, reason: str) -> None:
    """More time to answer; a case that had given up waiting waits again."""
    reason = refuse_empty(reason, f"Напишите, почему срок продлевается. {NO_HEALTH}")
    if case.status not in WAITING:
        raise MoveRefused("Опросного листа по этой карте сейчас не ждут: продлевать нечего.")
    if case.paused_until is not None:
        raise MoveRefused(f"Карта на паузе до {case.paused_until:%d.%m.%Y}, срок уже сдвинут. Сначала закончите паузу.")
    if until <= today():
        raise MoveRefused("Эта дата уже прошла: выберите день не раньше завтрашнего.")
    if until > latest_extension():
        raise MoveRefused(f"Так далеко продлить нельзя: самое позднее — {latest_extension():%d.%m.%Y}.")
    if case.due_on is not None and until <= case.due_on:
        raise MoveRefused(f"Срок и так до {case.due_on:%d.%m.%Y}: выберите день позже.")
    due = Deadline(until, f"срок ответа продлён {today():%d.%m.%Y}: {reason}"[:400])
    with transaction.atomic():
        responsible = case.responsible or find_responsible(case)
        comment = f"до {until:%d.%m.%Y}: {reason}"
        # A day the teacher has named himself stays, though a case that had given up waiting moves.
        named = case.remind_on
        move(case, "extend", actor=actor, due=due, comment=comment, responsible=responsible, remind_on=named)
        # A reminder that is still waiting would name the former day.
        cancel_letters(case, "motor.remind")
        note(case, LinkEvent.Kind.EXTENDED, actor=actor, note=comment)
        notices.time_extended(case)


# --- By the teacher, without a login ----------------------------------------------------------------------------------


def latest_reminder(case: Case) -> date:
    """The furthest day a teacher may name: until then the answer is still waited for."""
    last = max(case.due_on or today(), today())
    return last + timedelta(days=settings.MOTOR_NO_RESPONSE_DAYS)


def remind_later(case: Case, day: date) -> None:
    """«Напомнить 12 мая»: until that day nobody reminds, on it one letter goes out."""
    if case.status not in WAITING:
        raise MoveRefused("Ответ сейчас не нужен, поэтому напоминать не о чем.")
    if case.paused_until is not None:
        raise MoveRefused(f"Вопросы и так подождут до {case.paused_until:%d.%m.%Y}: напоминаний до этого дня не будет.")
    if day <= today():
        raise MoveRefused("Эта дата уже прошла: выберите день не раньше завтрашнего.")
    if day > latest_reminder(case):
        raise MoveRefused(
            f"Так поздно ответ уже не пригодится: выберите день не позже {latest_reminder(case):%d.%m.%Y}."
        )
    with transaction.atomic():
        hold(case)
        waiting = Case.objects.filter(pk=case.pk, status__in=WAITING, paused_until=None)
        if not waiting.exclude(remind_on=day).update(remind_on=day):
            return  # the same day asked for twice, or the case has moved on
        cancel_letters(case, "motor.remind")
        note(case, LinkEvent.Kind.REMIND_ON, actor=case.person, note=f"{day:%d.%m.%Y}")
    case.remind_on = day


def remind_as_usual(case: Case) -> None:
    """The day named before is taken back: reminders go by their own rule again."""
    with transaction.atomic():
        hold(case)
        if Case.objects.filter(pk=case.pk, remind_on__isnull=False).update(remind_on=None):
            note(case, LinkEvent.Kind.REMIND_ON, actor=case.person, note="как обычно")
    case.remind_on = None


def go_away(case: Case, until: date) -> None:
    """«Я в отпуске до …»: a pause by the teacher himself; the methodist learns of it by the usual letter."""
    latest = today() + timedelta(days=settings.MOTOR_AWAY_DAYS)
    if case.status != Status.SURVEY_OPEN:
        raise MoveRefused("Ответ сейчас не ждут, поэтому и сдвигать нечего.")
    if until <= today():
        raise MoveRefused("Эта дата уже прошла: выберите день, когда Вы вернётесь, не раньше завтрашнего.")
    if until > latest:
        raise MoveRefused(
            f"Здесь можно указать день не позже {latest:%d.%m.%Y}. О более долгом отсутствии скажите методисту: "
            "он поставит паузу."
        )
    if case.paused_until == until:
        return  # the second click
    with transaction.atomic():
        pause_case(case, actor=case.person, until=until, reason="педагог в отпуске")
        Case.objects.filter(pk=case.pk).update(remind_on=None)
        note(case, LinkEvent.Kind.AWAY, actor=case.person, note=f"до {until:%d.%m.%Y}")
    case.remind_on = None


def come_back(case: Case) -> None:
    """The teacher is back earlier, or will answer from the leave: the pause ends today.

    Only while his answer is awaited: a pause of the review is the methodist's own.
    """
    if case.paused_until is not None and case.status in WAITING:
        resume_case(case, actor=case.person)


SENT_ANEW = "Новая ссылка отправлена на Вашу почту: она придёт в течение нескольких минут."
TOLD = "Методист узнает, что Вам нужна новая ссылка, и передаст её."
NOBODY_TOLD = "Отправить ссылку пока некуда: обратитесь, пожалуйста, к методисту или руководителю Вашей организации."


def ask_new_link(case: Case) -> str:
    """An ended link asks for the one in force: it goes to the teacher's own address, never onto the page.

    At most once a day; returns what to tell the teacher, nothing the second time. Whoever answers for the case learns
    of it, and where nobody does any more, whoever would.
    """
    with transaction.atomic():
        if not _note_once_a_day(case, LinkEvent.Kind.ASKED_NEW):
            return ""
        touch(case)  # the letters are keyed by the revision: this one is an event of its own
        has_address = bool(case.person.is_active and case.person.address)
        if has_address:
            notices.link_reissued(case)
        answers = case.responsible if case.responsible is not None and case.responsible.is_active else None
        helper = answers or find_responsible(case)
        if helper is not None:
            notices.new_link_asked(case, helper, _what_went(has_address))
    if has_address:
        return SENT_ANEW
    return TOLD if helper is not None else NOBODY_TOLD


def _what_went(has_address: bool) -> str:
    if has_address:
        return "Ссылка, которая действует сейчас, ушла на его адрес; если он её не найдёт, передайте её лично."
    return "Адреса у педагога нет, поэтому письмо не ушло: передайте ему ссылку лично или листком."
