"""What happens to letters: written into the outbox, sent once, cancelled, tried again."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone

from cabinet.core.services import hurry
from cabinet.mail.models import Letter
from cabinet.users.models import User

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)  # doubled with every attempt: half a minute, one, two … about an hour in all
REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)
HIDDEN_LINK = "[личная ссылка скрыта]"
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
) -> None:
    """Write one letter into the outbox in the caller's transaction; nothing happens if the key is there already.

    `{ссылка}` in the body is replaced at sending by `about.personal_url()`, or by the cabinet's address.
    """
    queue_letters([Draft(key, kind, to, subject, body, about, due_at, address)])


def queue_letters(drafts: Iterable[Draft]) -> None:
    """Write many letters at once: one INSERT per 500, keys already used are passed over."""
    now = timezone.now()
    letters = [_letter(draft, now) for draft in drafts]
    Letter.objects.bulk_create(letters, ignore_conflicts=True, batch_size=500)
    if any(letter.finished_at is None and letter.due_at <= now for letter in letters):
        is_urgent = any(letter.is_secret for letter in letters)  # somebody is waiting for a code
        hurry("mail.sweep_letters", every=0.0 if is_urgent else 1.0)


def _letter(draft: Draft, now: datetime) -> Letter:
    about = draft.about
    address = draft.address or draft.to.address
    return Letter(
        key=draft.key,
        kind=draft.kind,
        to=draft.to,
        address=address,
        subject=" ".join(draft.subject.split())[:200],
        body=draft.body,
        about_type=ContentType.objects.get_for_model(about) if about else None,
        about_id=about.pk if about else None,
        due_at=draft.due_at or now,
        state=Letter.State.OWED if address else Letter.State.NO_ADDRESS,
        finished_at=None if address else now,
    )


def cancel_letters(about: models.Model, kind: str) -> int:
    """Take back letters not sent yet, all of the kind `kind` or of its sub-kinds (`kind` + «.…»)."""
    return (
        Letter.objects.filter(
            models.Q(kind=kind) | models.Q(kind__startswith=f"{kind}."),
            about_type=ContentType.objects.get_for_model(about),
            about_id=about.pk,
            finished_at=None,
        )
        .filter(models.Q(leased_until=None) | models.Q(leased_until__lt=timezone.now()))
        .update(state=Letter.State.CANCELLED, finished_at=timezone.now())
    )


def shown_body(letter: Letter) -> str:
    """The text with its link in place: for sending, and for reading where there is no mail server."""
    if Letter.PLACEHOLDER not in letter.body:
        return letter.body
    personal_url = getattr(letter.about, "personal_url", None)
    return letter.body.replace(Letter.PLACEHOLDER, personal_url() if personal_url else settings.SITE_URL + "/")


def readable_body(letter: Letter) -> str:
    """What an admin may read: links and codes work only where there is no other way to get them."""
    if settings.MAIL_IS_KEPT:
        return shown_body(letter)
    if letter.is_secret:
        return ERASED if letter.finished_at else "Текст скрыт: в нём код или ссылка для входа."
    return letter.body.replace(Letter.PLACEHOLDER, HIDDEN_LINK)


def retry_letter(letter: Letter) -> bool:
    """Owe a letter again that could not be sent or had no address; says whether it was in such a state."""
    changed = Letter.objects.retryable().filter(pk=letter.pk)
    done = changed.update(
        state=Letter.State.OWED, finished_at=None, leased_until=None, attempts=0, last_error="", due_at=timezone.now()
    )
    if done:
        hurry("mail.sweep_letters")
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
    elif not letter.address:
        _finish(letter, Letter.State.NO_ADDRESS)
    elif settings.MAIL_IS_KEPT:
        _finish(letter, Letter.State.KEPT)
    else:
        return _deliver(letter, connection)
    return True


def _deliver(letter: Letter, connection: BaseEmailBackend | None) -> bool:
    """Hand the letter to the mail server; an open connection is used on, another is opened for this letter."""
    sender = connection or get_connection()
    try:
        sender.open()
        _message(letter, sender).send()
    except Exception as error:  # whatever it is, the letter is tried again, and the others must not wait for it
        logger.warning("letter %s: attempt %s failed: %s", letter.pk, letter.attempts, type(error).__name__)
        _postpone(letter, f"{type(error).__name__}: {error}")
        # A refusal concerns this letter; anything else of the network's kind concerns the server.
        return isinstance(error, REFUSALS) or not isinstance(error, OSError)
    finally:
        if connection is None:
            sender.close()
    _finish(letter, Letter.State.SENT)
    return True


def _postpone(letter: Letter, error: str) -> None:
    """Another attempt later, or none when there were enough."""
    if letter.attempts >= ATTEMPTS:
        _finish(letter, Letter.State.FAILED, error)
        return
    pause = FIRST_PAUSE * 2 ** (letter.attempts - 1)
    Letter.objects.held(letter).update(due_at=timezone.now() + pause, leased_until=None, last_error=error[:500])


def _finish(letter: Letter, state: Letter.State, error: str = "") -> None:
    fields = {"state": state, "finished_at": timezone.now(), "leased_until": None, "last_error": error[:500]}
    if letter.is_secret and state == Letter.State.SENT:
        fields["body"] = ERASED
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
        headers={"Message-ID": f"<letter-{letter.pk}-{letter.created_at:%Y%m%d%H%M%S}@{host}>"},
    )
    page = render_to_string("mail/letter_message.html", {"subject": letter.subject, "lines": body.splitlines()})
    message.attach_alternative(page, "text/html")
    return message


def send_all_owed() -> int:
    """Send everything owed right here, without a worker; stops when the mail server is out of reach."""
    sent = 0
    for pk in Letter.objects.owed().order_by("due_at").values_list("pk", flat=True):
        if not send_owed(pk):
            break
        sent += 1
    return sent
