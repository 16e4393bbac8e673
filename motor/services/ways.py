"""Ways past the mail: whom a methodist may hand a link, by what; and by which way people answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.links import show_code
from cabinet.core.qr import qr_of
from cabinet.core.words import counted, long_date
from cabinet.files.services import store_upload
from cabinet.users.grounds import give_consent, has_consent, notice_in_force
from cabinet.users.models import DataGround, LogEntry, User
from cabinet.users.services import record
from motor.models import Case, CaseQuerySet, LinkEvent, Status, Survey
from motor.services.codes import codes_for, printed_codes
from motor.services.link import note_many
from motor.services.survey import SurveyAnswers, submit_survey

WAITING = (Status.SURVEY_OPEN, Status.NO_RESPONSE)
HANDERS = frozenset({"methodist", "municipal", "admin"})
AT_ONCE = 300  # slips or messages on one page; the choice travels in the address
SMS = 160  # signs


# --- Who ----------------------------------------------------------------------------------------------------------


def to_hand_out(user: User) -> CaseQuerySet:
    """Whose answer is awaited, of those this person answers for, serves or administers; never his own."""
    return Case.objects.stoppable_by(user).filter(status__in=WAITING)


def may_hand_out(user: User) -> bool:
    """By role, or as a deputy of somebody who is away."""
    return bool(user.roles & HANDERS) or Case.objects.led_by(user).exists()


def with_handed(cases: "QuerySet[Case]") -> "QuerySet[Case]":
    """With everything a slip, a message and their lists say; `handed` holds the ways used so far."""
    handed = LinkEvent.objects.filter(kind=LinkEvent.Kind.HANDED)
    return cases.select_related(
        "person", "organization", "completion__course__programme", "completion__position"
    ).prefetch_related(Prefetch("link_events", handed, to_attr="handed"))


def hand_out(cases: Iterable[Case], *, way: str, actor: User) -> int:
    """Note on each link's card that it was handed over; once a day by one way, however often the button is pressed."""
    midnight = timezone.make_aware(datetime.combine(today(), time.min))
    chosen = {case.pk: case for case in cases}
    with transaction.atomic():
        # Rows in one order: two people who note the same cases wait for each other, not for ever.
        locked = Case.objects.select_for_update(no_key=True).filter(pk__in=list(chosen)).order_by("pk")
        list(locked.values_list("pk"))
        noted = LinkEvent.objects.filter(
            case__in=list(chosen), kind=LinkEvent.Kind.HANDED, way=way, actor=actor, at__gte=midnight
        )
        done = set(noted.values_list("case_id", flat=True))
        fresh = [case for pk, case in chosen.items() if pk not in done]
        note_many(fresh, LinkEvent.Kind.HANDED, way=way, actor=actor)
    return len(fresh)


def handed_by(case: Case, actor: User) -> list[LinkEvent]:
    """What this person noted today and may still take back; the case comes `with_handed`."""
    handed: list[LinkEvent] = case.handed  # type: ignore[attr-defined]
    return [one for one in handed if one.actor_id == actor.pk and timezone.localdate(one.at) == today()]


def take_back(case: Case, event: LinkEvent, *, actor: User) -> bool:
    """A note made by mistake goes, the log keeps that it was there; says whether it was."""
    with transaction.atomic():
        gone, _ = LinkEvent.objects.filter(pk=event.pk).delete()
        if gone:
            note = f"Отметка снята: ссылка передана {event.get_way_display()}"
            record(LogEntry.Action.CHANGED, actor=actor, person=case.person, about=case, note=note)
    return gone > 0


def log_shown(cases: Iterable[Case], *, actor: User, request: HttpRequest) -> None:
    """A working link was on the screen: who saw it stands in the log of each person."""
    shown = list(cases)
    about = ContentType.objects.get_for_model(Case)
    LogEntry.objects.bulk_create(
        LogEntry(
            action=LogEntry.Action.VIEWED,
            actor=actor,
            person_id=case.person_id,
            about_type=about,
            about_id=case.pk,
            note="показана личная ссылка",
            ip_address=request.META.get("REMOTE_ADDR") or None,
        )
        for case in shown
    )


# --- Slips --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    case: Case
    code: str  # with dashes
    qr: str  # SVG


@dataclass(frozen=True)
class Sheets:
    """The slips of one organization: what is cut up there names nobody from elsewhere."""

    organization: str
    pages: list[list[Slip]]


SLIPS_A_PAGE = 8


def prepare_slips(cases: Sequence[Case], *, actor: User) -> None:
    """Make the codes and note that the slips were handed out."""
    with transaction.atomic():
        codes_for(cases)
        hand_out(cases, way=LinkEvent.Way.SLIP, actor=actor)


def sheets_of(cases: Sequence[Case]) -> list[Sheets]:
    """Ready for paper; a case without a code is left out. Makes nothing."""
    codes = printed_codes(cases)
    slips: dict[int, list[Slip]] = {}
    names: dict[int, str] = {}
    for case in cases:
        if case.pk in codes:
            slip = Slip(case, show_code(codes[case.pk]), qr_of(f"{case.personal_url()}?via={Survey.Channel.SLIP}"))
            slips.setdefault(case.organization_id, []).append(slip)
            names[case.organization_id] = str(case.organization)
    return [
        Sheets(names[pk], [rows[at : at + SLIPS_A_PAGE] for at in range(0, len(rows), SLIPS_A_PAGE)])
        for pk, rows in slips.items()
    ]


def code_address() -> str:
    """What one types into the browser, without http://."""
    return settings.SITE_URL.partition("://")[2] + "/k"


# --- Messages -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    case: Case
    warm: str
    short: str  # of an SMS: as many signs as fit, the link whole

    @property
    def name(self) -> str:
        return f"text-{self.case.pk}"

    @property
    def signs(self) -> str:
        return counted(len(self.short), "знак", "знака", "знаков")


def message_for(case: Case, sender: User) -> Message:
    """Texts to copy into a messenger, with the working link; `sender` signs them."""
    link = f"{case.personal_url()}?via={Survey.Channel.MESSAGE}"
    limit = long_date(case.due_on, today().year) if case.due_on and case.due_on >= today() else ""
    name = case.person.polite_name
    until = f"Ответить удобно до {limit}." if limit else "Срок прошёл, но ответить ещё можно: Ваш ответ пригодится."
    warm = (
        f"Здравствуйте, {name}!\n\n"
        f"Вы прошли курс «{case.completion.course.programme}». Расскажите, пожалуйста, что из него пригодилось Вам "
        "в работе: четыре вопроса, около трёх минут, можно с телефона.\n\n"
        f"Ваша личная ссылка:\n{link}\n\n"
        f"{until} Ссылка только для Вас, не пересылайте её, пожалуйста.\n\n"
        f"{sender.polite_name}"
    )
    by = f" до {limit}" if limit else ""
    shorts = (
        f"{name}, здравствуйте! Четыре вопроса о Вашем курсе{by}: {link}",
        f"{name}, четыре вопроса о Вашем курсе{by}: {link}",
        f"Четыре вопроса о Вашем курсе{by}: {link}",
        f"Опрос о курсе: {link}",
    )
    return Message(case, warm, next((text for text in shorts if len(text) <= SMS), link))


# --- What came of it ----------------------------------------------------------------------------------------------


class ByChannel(NamedTuple):
    label: str
    count: int  # type: ignore[assignment]  # a tuple's own count() is of no use here
    share: int  # whole per cent of those who answered


def by_channel(cases: "QuerySet[Case]") -> list[ByChannel]:
    """How people answered, every channel in its order, in one query; a case counts once, by its last answer."""
    answers = Survey.objects.filter(submitted_at__isnull=False, returned_at=None)
    later = answers.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    last = answers.filter(case__in=cases.order_by().values("pk")).exclude(Exists(later))
    counts = dict(last.order_by().values_list("channel").annotate(Count("pk")))
    base = sum(counts.values())
    return [
        ByChannel(label, count := counts.get(value, 0), round(100 * count / base) if base else 0)
        for value, label in Survey.Channel.choices
    ]


# --- On paper -----------------------------------------------------------------------------------------------------


def type_in(
    case: Case,
    answers: SurveyAnswers,
    *,
    author: User,
    request: HttpRequest,
    filled_on: date,
    notice_seen: bool,
    scan: UploadedFile | None = None,
) -> Survey:
    """A survey filled on paper, typed in by `author`; a consent signed there is recorded first.

    Raises MoveRefused when the case no longer takes answers; nothing is written then.
    """
    notice = notice_in_force()
    with transaction.atomic():
        if notice_seen and notice.asks_consent and not has_consent(case.person, notice):
            give_consent(case.person, notice, channel=DataGround.Channel.PAPER, request=request, actor=author)
        survey = submit_survey(
            case, answers, author=author, channel=Survey.Channel.PAPER, notice=notice, filled_on=filled_on
        )
        if scan is not None:
            store_upload(scan, owner=survey, uploaded_by=author)
    return survey


def just_typed_in(case: Case, author: User) -> bool:
    """A second click: this very person has typed these answers in."""
    last = case.surveys.submitted().filter(version=case.version).last()
    return last is not None and last.channel == Survey.Channel.PAPER and last.author_id == author.pk
