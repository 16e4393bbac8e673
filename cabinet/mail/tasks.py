"""Background work on letters. The database says what is owed; a queue message is only a hint."""

import time

from celery import shared_task
from django.core.mail import get_connection

from cabinet.core.services import hurry
from cabinet.mail import digests, mailings, services
from cabinet.mail.models import Letter

BATCH = 200
SECONDS = 4.0  # then the worker's place goes to other tasks; the rest waits for the next sweep


@shared_task(name="mail.sweep_letters", ignore_result=True)
def sweep_letters() -> int:
    """Send what is owed, a few seconds at a time. The sweep is the retry: no task retries itself."""
    pks = list(Letter.objects.owed().order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH])
    until = time.monotonic() + SECONDS
    connection = get_connection()  # one conversation with the mail server for the whole batch
    sent = 0
    try:
        for pk in pks:
            if time.monotonic() > until or not services.send_owed(pk, connection):
                return sent
            sent += 1
    finally:
        connection.close()
    if len(pks) == BATCH:
        hurry("mail.sweep_letters")
    return sent


@shared_task(name="mail.send_letter", ignore_result=True)
def send_letter(pk: int) -> None:
    """Send one letter, at most once per lease, however often the message arrives."""
    services.send_owed(pk)


@shared_task(name="mail.write_digests", ignore_result=True)
def write_digests() -> int:
    """Run by beat every ten minutes: one letter a day of what people asked to have together."""
    return digests.write_digests()


@shared_task(name="mail.write_mailings", ignore_result=True)
def write_mailings() -> int:
    """Run by beat every half minute: letters of the mailings that were ordered."""
    return mailings.write_ordered()
