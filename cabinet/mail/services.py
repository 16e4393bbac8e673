"""What happens to letters: written into the outbox, sent once, cancelled, tried again."""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from cabinet.core.services import hurry
from cabinet.mail.choices import is_daily, next_daily
from cabinet.mail.lines import HIDDEN_LINK, freeze, is_asking, shown_body, waiting_lines
from cabinet.mail.look import page_of
from cabinet.mail.models import Letter, LetterQuerySet, Mailing, Mention
from cabinet.mail.refusals import BOUNCED, is_final
from cabinet.mail.texts import kind_of
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
ATTEMPTS = 26
LOGIN_ATTEMPTS = 6  # a code that comes after a quarter of an hour opens nothing
FIRST_PAUSE = timedelta(seconds=30)  # doubled with every attempt: half a minute, one, two …
LONGEST_PAUSE = timedelta(hours=4)  # three days in all: a mail server may be down from Friday to Monday
REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)
BREAKS = re.compile(r"[^\S\u00a0]+")  # a subject is one line; initials and counts stay joined
ANSWERED = "Пока письмо ждало отправки, ответ уже пришёл: просить больше не о чем."
STOPPED = "Рассылку остановили раньше, чем до этого письма дошла очередь."
LEFT = "Получатель больше не работает в кабинете."
PERSONAL = re.compile(r"/(?:s|polls/a)/[^/\s]+")
ERASED = "Текст удалён после отправки: в нём был код или ссылка для входа."


@dataclass(frozen=True)
class Draft:
    """A letter to be written. `key` names the event: a second letter with the same key is not written."""

    key: str
    kind: str
    to: User
    subject: str
    body: str
    about: models.Model | None = None
    due_at: datetime | None = None
    address: str = ""  # only where the person's own address must not be taken: a code goes to the login's
    also: Sequence[models.Model] = ()  # further rows of the same kind as `about`


def queue_letter(
    *,
    key: str,
    kind: str,
    to: User,
    subject: str,
    body: str,
    about: models.Model | None = None,
    due_at: datetime | None = None,
    address: str = "",
    also: Sequence[models.Model] = (),
) -> None:
    """Write one letter into the outbox in the caller's transaction; nothing happens if the key is there already.

    `{ссылка}` in the body is replaced at sending by `about.personal_url()`, or by the cabinet's address; `{дела}`
    by a line for each of `about` and `also` that still waits then.
    """
    queue_letters([Draft(key, kind, to, subject, body, about, due_at, address, also)])


def queue_letters(drafts: Iterable[Draft]) -> None:
    """Write many letters at once: one INSERT per 500, keys already used are passed over."""
    now = timezone.now()
    listed = list(drafts)
    letters = [_letter(draft, now) for draft in listed if not draft.also]
    if letters:
        Letter.objects.bulk_create(letters, ignore_conflicts=True, batch_size=500)
    letters += [_write_several(draft, now) for draft in listed if draft.also]
    if any(letter.finished_at is None and letter.due_at <= now for letter in letters):
        is_urgent = any(letter.is_secret for letter in letters)  # somebody is waiting for a code
        hurry("mail.sweep_letters", every=0.0 if is_urgent else 1.0)


def _write_several(draft: Draft, now: datetime) -> Letter:
    """A letter about several rows; one by one, for their mentions belong to the letter written just now only."""
    letter = _letter(draft, now)
    with transaction.atomic():
        Letter.objects.bulk_create([letter], ignore_conflicts=True)
        letter = Letter.objects.select_for_update().get(key=draft.key)
        pointers = [(ContentType.objects.get_for_model(row).pk, row.pk) for row in draft.also]
        if any(type_id != letter.about_type_id for type_id, _ in pointers):
            raise ValueError("A letter about several rows is about rows of one kind.")
        if letter.created_at == now:
            Mention.objects.bulk_create(
                Mention(letter=letter, about_type_id=type_id, about_id=pk) for type_id, pk in pointers
            )
    return letter


def _letter(draft: Draft, now: datetime) -> Letter:
    about = draft.about
    address = draft.address or draft.to.address
    return Letter(
        key=draft.key,
        kind=draft.kind,
        to=draft.to,
        address=address,
        subject=BREAKS.sub(" ", draft.subject).strip()[:200],
        body=draft.body,
        about_type=ContentType.objects.get_for_model(about) if about else None,
        about_id=about.pk if about else None,
        due_at=draft.due_at or now,
        created_at=now,
        state=Letter.State.OWED if address else Letter.State.NO_ADDRESS,
        finished_at=None if address else now,
    )


def cancel_letters(about: models.Model, kind: str) -> int:
    """Take back letters not sent yet, all of the kind `kind` or of its sub-kinds (`kind` + «.…»).

    A letter about several rows loses this one and is cancelled with the last of them. Returns how many letters changed.
    """
    of_kind = models.Q(kind=kind) | models.Q(kind__startswith=f"{kind}.")
    also = models.Exists(Mention.objects.order_by().filter(letter=models.OuterRef("pk")))
    letters = Letter.objects.about(about).filter(of_kind, _free(), finished_at=None).order_by()
    rows = list(letters.annotate(has_also=also).values_list("pk", "has_also"))
    alone = Letter.objects.filter(~also, _free(), pk__in=[pk for pk, has_also in rows if not has_also])
    cancelled = {"state": Letter.State.CANCELLED, "finished_at": timezone.now()}
    done = alone.filter(finished_at=None).update(**cancelled)
    return done + sum(_strike(pk, about) for pk, has_also in rows if has_also)


def cancel_free(letters: LetterQuerySet, why: str) -> int:
    """Take back those of the letters that wait and that nobody is sending at this moment; says how many."""
    waiting = letters.filter(_free(), finished_at=None)
    return waiting.update(state=Letter.State.CANCELLED, finished_at=timezone.now(), last_error=why)


def _free() -> models.Q:
    """Nobody is sending it at this moment."""
    return models.Q(leased_until=None) | models.Q(leased_until__lt=timezone.now())


def _strike(pk: int, about: models.Model) -> bool:
    """Take one row out of a letter about several, if it is free; says whether that was done."""
    with transaction.atomic():
        # Locked: of two rows taken out at once the second must see what the first has left.
        letter = Letter.objects.select_for_update().filter(_free(), pk=pk, finished_at=None).first()
        if letter is None:
            return False
        rest = [one for one in letter.mentions.all() if one.about_id != about.pk]
        if letter.about_id == about.pk:
            if rest:
                letter.about_id = rest.pop(0).about_id
            else:
                letter.state, letter.finished_at = Letter.State.CANCELLED, timezone.now()
            letter.save(update_fields=["about_id", "state", "finished_at"])
        letter.mentions.exclude(pk__in=[one.pk for one in rest]).delete()
    return True


def letters_about(row: models.Model) -> LetterQuerySet:
    """The log of a row: letters about it, alone or among others, the newest first."""
    return Letter.objects.about(row).order_by("-created_at", "-pk")


def readable_body(letter: Letter) -> str:
    """What an admin may read: links and codes work only where there is no other way to get them."""
    if settings.MAIL_IS_KEPT:
        return shown_body(letter)
    if letter.is_secret:
        return ERASED if letter.finished_at else "Текст скрыт: в нём код или ссылка для входа."
    return shown_body(letter, lambda pk: HIDDEN_LINK)


def retry_letter(letter: Letter) -> bool:
    """Owe a letter again that could not be sent or had no address, or try a refused one now, not at its time.

    Says whether it was in such a state.
    """
    now = timezone.now()
    letters = Letter.objects.retryable().filter(pk=letter.pk)
    done = letters.filter(state=Letter.State.OWED).update(due_at=now) or letters.update(
        state=Letter.State.OWED, finished_at=None, leased_until=None, attempts=0, last_error="", due_at=now
    )
    if done:
        hurry("mail.sweep_letters")
    return bool(done)


def mark_bounced(letter: Letter, *, request: HttpRequest) -> bool:
    """A letter that was sent came back: it counts as undelivered; says whether it was in such a state."""
    with transaction.atomic():
        sent = Letter.objects.filter(pk=letter.pk, state=Letter.State.SENT)
        done = sent.update(state=Letter.State.FAILED, last_error=BOUNCED)
        if done:
            record(LogEntry.Action.CHANGED, person=letter.to, about=letter, note=BOUNCED, request=request)
    return bool(done)


def send_owed(pk: int, connection: BaseEmailBackend | None = None) -> bool:
    """Send one letter if it is owed: at most once per lease, whoever asks and however often.

    The claim commits before the mail goes out. A worker that dies in between leaves the claim to expire, and a
    later sweep tries again. Returns False when the mail server could not be reached, so that a sweep stops.
    """
    letter = Letter.objects.claim(pk, LEASE)
    if letter is None:
        return True
    if letter.to and not letter.is_secret:
        letter.address = letter.to.address  # it may have been corrected since
    if letter.attempts > ATTEMPTS:
        _finish(letter, Letter.State.FAILED, letter.last_error or "Отправка несколько раз прерывалась.")
    elif letter.to and not letter.to.is_active and not letter.is_secret:
        _finish(letter, Letter.State.CANCELLED, LEFT)
    elif _is_stopped(letter):
        _finish(letter, Letter.State.CANCELLED, STOPPED)
    elif not letter.address:
        _finish(letter, Letter.State.NO_ADDRESS)
    elif _asks_in_vain(letter) or not freeze(letter):
        _finish(letter, Letter.State.CANCELLED, ANSWERED)
    elif is_daily(letter):
        _hold(letter)
    elif settings.MAIL_IS_KEPT:
        _finish(letter, Letter.State.KEPT)
    elif _is_dead(letter):
        _finish(letter, Letter.State.FAILED, BOUNCED)
    else:
        return _deliver(letter, connection)
    return True


def _hold(letter: Letter) -> None:
    """Keep it for the reader's daily letter."""
    fields = {"state": Letter.State.HELD, "due_at": next_daily(), "leased_until": None, "attempts": 0}
    Letter.objects.held(letter).update(**fields)


def _is_stopped(letter: Letter) -> bool:
    """One of a stopped mailing that was being sent as it was stopped, and the mail server did not take it then."""
    if letter.kind != Mailing.LETTERS:
        return False
    return Mailing.objects.filter(pk=letter.about_id or 0, state=Mailing.State.STOPPED).exists()


def _asks_in_vain(letter: Letter) -> bool:
    """A text without a date or days left, as an admin may have written it, still asks for what may have come."""
    kind = kind_of(letter.kind)
    is_request = kind is not None and "дела" in kind.places and not is_asking(letter)
    return is_request and hasattr(letter.about, "letter_line") and not waiting_lines(letter)


def _is_dead(letter: Letter) -> bool:
    """Another letter to this address came back: a server that takes this one proves nothing."""
    returned = Letter.objects.filter(to=letter.to_id, state=Letter.State.FAILED, last_error=BOUNCED)
    return returned.filter(address=letter.address).exists()


def _deliver(letter: Letter, connection: BaseEmailBackend | None) -> bool:
    """Hand the letter to the mail server; an open connection is used on, another is opened for this letter."""
    sender = connection or get_connection()
    try:
        sender.open()
        _message(letter, sender).send()
    except Exception as error:  # whatever it is, the letter is tried again, and the others must not wait for it
        logger.warning("letter %s: attempt %s failed: %s", letter.pk, letter.attempts, type(error).__name__)
        sender.close()  # a server may hang up as it refuses: the next letter begins a conversation of its own
        # Servers that take a letter for spam repeat the address they did not like.
        said = PERSONAL.sub("/s/…", f"{type(error).__name__}: {error}")
        if is_final(error):
            _finish(letter, Letter.State.FAILED, said)
        else:
            _postpone(letter, said)
        # A refusal concerns this letter; anything else of the network's kind concerns the server.
        return isinstance(error, REFUSALS) or not isinstance(error, OSError)
    finally:
        if connection is None:
            sender.close()
    _finish(letter, Letter.State.SENT)
    return True


def _postpone(letter: Letter, error: str) -> None:
    """Another attempt later, or none when there were enough."""
    if letter.attempts >= (LOGIN_ATTEMPTS if letter.is_secret else ATTEMPTS):
        _finish(letter, Letter.State.FAILED, error)
        return
    pause = min(FIRST_PAUSE * 2 ** (letter.attempts - 1), LONGEST_PAUSE)
    Letter.objects.held(letter).update(due_at=timezone.now() + pause, leased_until=None, last_error=error[:500])


def _finish(letter: Letter, state: Letter.State, error: str = "") -> None:
    fields = {"state": state, "finished_at": timezone.now(), "leased_until": None, "last_error": error[:500]}
    if state in (Letter.State.SENT, Letter.State.KEPT):
        # What went out stays as it was, whatever becomes of the rows it was about.
        fields["body"] = ERASED if letter.is_secret and state == Letter.State.SENT else letter.body
    if not Letter.objects.held(letter).update(address=letter.address, **fields):
        logger.warning("letter %s: the lease ran out, the result of attempt %s is dropped", letter.pk, letter.attempts)


def _message(letter: Letter, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    body = shown_body(letter)
    host = settings.SITE_URL.partition("://")[2].partition(":")[0]
    message = EmailMultiAlternatives(
        letter.subject,
        body,
        to=[letter.address],
        connection=connection,
        # The same letter keeps its id: should it go out twice, mail programs show it once.
        headers={
            "Message-ID": f"<letter-{letter.pk}-{letter.created_at:%Y%m%d%H%M%S}@{host}>",
            "Auto-Submitted": "auto-generated",  # «я в отпуске» is not to be answered to us by machines
        },
    )
    message.attach_alternative(page_of(letter.subject, body, letter.kind), "text/html")
    return message


def send_all_owed() -> int:
    """Send everything owed right here, without a worker; stops when the mail server is out of reach."""
    sent = 0
    for pk in Letter.objects.owed().order_by("due_at").values_list("pk", flat=True):
        if not send_owed(pk):
            break
        sent += 1
    return sent
