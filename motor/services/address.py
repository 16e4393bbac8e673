"""The address letters go to: who learns that it takes none, and how it is corrected."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import is_working_day, today
from cabinet.mail.models import Letter, Mention
from cabinet.mail.refusals import BOUNCED
from cabinet.mail.services import retry_letter
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from motor.models import Case, Status
from motor.moves import MoveRefused, touch
from motor.services import notices

TELL = "motor.undelivered"
AGAIN = timedelta(days=14)  # nobody is told of the same person sooner
LOOKED_KEY, LOOKED = "motor.undelivered", 3600  # each process looks once an hour, not with every sweep
LOST = (Letter.State.FAILED, Letter.State.NO_ADDRESS)
GONE_OUT = (Letter.State.SENT, Letter.State.KEPT)
CHECKED = "Письмо вернулось; потом адрес проверили."
TAKEN = (
    "Этот адрес уже записан за другим человеком, а у каждого он свой. Проверьте, нет ли опечатки; если адрес общий "
    "(например, почта школы), попросите у педагога личный."
)


def tell_of_undelivered(day: date | None = None) -> int:
    """One letter a day to each methodist about those of his whom no letter reaches; returns how many were written.

    On working days, and of each person once a fortnight. Who has been given another address is not named.
    """
    day = day or today()
    if not is_working_day(day) or caches["local"].get(LOOKED_KEY) == day:
        return 0
    by_reader: dict[int, list[tuple[Case, Letter]]] = defaultdict(list)
    for case, letter in _unreached():
        by_reader[case.responsible_id or 0].append((case, letter))
    readers = User.objects.filter(is_active=True).in_bulk(by_reader)
    for pk, reader in readers.items():
        found = by_reader[pk]
        lines = [(case, _why(case, letter), address_page(case)) for case, letter in found]
        notices.undelivered(reader, lines, key=f"{TELL}.{pk}.{day:%Y%m%d}")
    caches["local"].set(LOOKED_KEY, day, LOOKED)
    return len(readers)


def _unreached() -> list[tuple[Case, Letter]]:
    """Cases that wait for an answer and the last letter about each to its teacher, where that one was lost."""
    since = timezone.now() - AGAIN
    about = {"about_type": ContentType.objects.get_for_model(Case), "created_at__gte": since}
    tried = Letter.objects.filter(kind__startswith="motor.", **about).defer("body")
    lost = set(tried.filter(state__in=LOST).order_by().values_list("about_id", flat=True))
    told = Letter.objects.filter(kind=TELL, created_at__gte=since)
    lost -= set(told.values_list("about_id", flat=True))
    lost -= set(Mention.objects.filter(letter__in=told).values_list("about_id", flat=True))
    waiting = Case.objects.filter(
        pk__in=[pk for pk in lost if pk], status=Status.SURVEY_OPEN, responsible__isnull=False
    )
    cases = waiting.select_related("person", "responsible").in_bulk()
    last: dict[int, Letter] = {}
    for letter in tried.filter(about_id__in=cases, state__in=(*LOST, *GONE_OUT)).order_by("created_at", "pk"):
        if letter.to_id == cases[letter.about_id or 0].person_id:
            last[letter.about_id or 0] = letter
    return [
        (cases[pk], letter)
        for pk, letter in sorted(last.items())
        if letter.state in LOST and letter.address == cases[pk].person.address
    ]


def _why(case: Case, letter: Letter) -> str:
    if not case.person.address:
        return "адреса почты нет"
    if letter.last_error == BOUNCED or letter.last_error.startswith("SMTPRecipientsRefused"):
        return f"адрес {letter.address} не принимает письма"
    return "письмо не дошло"


def address_page(case: Case) -> str:
    return reverse("motor:link_address", args=[case.pk])


def correct_address(case: Case, address: str, *, actor: User, request: HttpRequest) -> int:
    """Write down where letters go from now on, and send anew what did not arrive; returns how many letters go.

    It is not the login, which stays as it was. The same address again means that it was checked.
    """
    person = case.person
    if not person.is_active:
        raise MoveRefused("Этот человек больше не работает в кабинете, писем ему не будет.")
    address = address.strip().lower()
    if User.objects.filter(Q(email=address) | Q(contact_email=address)).exclude(pk=person.pk).exists():
        raise MoveRefused(TAKEN)
    try:
        with transaction.atomic():
            if person.address != address:
                person.contact_email = address
                person.save(update_fields=["contact_email", "updated_at"])
                # Without the addresses themselves: the log outlives the person's data.
                note = "исправлена почта для писем"
                record(LogEntry.Action.CHANGED, actor=actor, person=person, about=person, note=note, request=request)
            return _send_anew(person)
    except IntegrityError as error:  # somebody else was given it a moment ago
        raise MoveRefused(TAKEN) from error


def _send_anew(person: User) -> int:
    """Of each case under way the last letter, if it was lost."""
    cases = Case.objects.filter(person=person, status__in=(*Case.UNDER_WAY, Status.NO_RESPONSE)).with_names()
    return sum(_again(case, letter) for case, letter in _last_lost(person, cases))


def _last_lost(person: User, cases: Iterable[Case]) -> list[tuple[Case, Letter]]:
    found = []
    for case in cases:
        letters = Letter.objects.about(case).filter(to=person).exclude(state=Letter.State.CANCELLED)
        last = letters.order_by("-created_at", "-pk").first()
        if last is not None and Letter.objects.undelivered().filter(pk=last.pk).exists():
            found.append((case, last))
    # What came back from this very address must not hold up what is sent now.
    Letter.objects.filter(to=person, state=Letter.State.FAILED, last_error=BOUNCED).update(last_error=CHECKED)
    return found


def _again(case: Case, letter: Letter) -> bool:
    if letter.last_error != BOUNCED:
        return retry_letter(letter)
    # It did go out once, with the days left as they were then: the survey is asked for in new words.
    if case.letter_line() is None:
        return False
    touch(case)  # a letter is keyed by the revision: this one is an event of its own
    notices.invite(case)
    return True
