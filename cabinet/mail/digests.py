"""One letter a day: what a person asked not to have at once."""

import logging
import time
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cabinet.core.services import hurry
from cabinet.core.words import counted
from cabinet.mail.choices import GROUPS
from cabinet.mail.lines import filled
from cabinet.mail.look import blocks_of
from cabinet.mail.models import Letter
from cabinet.mail.services import LEFT, queue_letter
from cabinet.mail.texts import Place, TextKind, compose, register
from cabinet.users.models import User

logger = logging.getLogger(__name__)

BATCH = 500  # people of one sweep
SECONDS = 4.0  # then the worker's place goes to other tasks; the rest follows at once

register(
    [
        TextKind(
            "digest.daily",
            "Для всех писем",
            "Письмо раз в день",
            "Тому, кто попросил присылать новости одним письмом, и тому, чьи задачи выполнены.",
            {
                "имя": Place("имя и отчество того, кому письмо", "Марина Юрьевна"),
                "число": Place("сколько новостей", "2 новости"),
                "перечень": Place(
                    "новости и ссылки на них",
                    f"— Новая задача: собрать темы\n{settings.SITE_URL}/tasks/1/\n\n"
                    f"— Маршрут согласован\n{settings.SITE_URL}/iom/1/",
                ),
                "настройка": Place("адрес, где это меняется", f"{settings.SITE_URL}/letters/mine/"),
            },
            "За день в кабинете: {число}",
            "Здравствуйте, {имя}!\n\nВот что нового:\n\n{перечень}\n\n"
            "Такие новости приходят одним письмом раз в день. Что присылать сразу, можно выбрать здесь: {настройка}",
            is_urgent=True,
        )
    ]
)


def write_digests() -> int:
    """Write the daily letters whose hour has come; how many. A repeat finds nothing left to put into one."""
    due = Letter.objects.filter(state=Letter.State.HELD, due_at__lte=timezone.now()).order_by()
    people = list(due.values_list("to", flat=True).distinct()[:BATCH])
    until = time.monotonic() + SECONDS
    written = 0
    for number, pk in enumerate(people, 1):
        try:
            written += _write(pk)
        except Exception:  # whatever it is, the others must not wait for it; the next sweep tries again
            logger.exception("the daily letter of person %s failed", pk)
        if time.monotonic() > until or number == BATCH:
            if written:
                hurry("mail.write_digests")
            break
    return written


@transaction.atomic
def _write(person_pk: int) -> bool:
    person = User.objects.get(pk=person_pk)
    # Locked: the row may be taken back, or freed by another choice, at this very moment.
    rows = Letter.objects.select_for_update().filter(to=person, state=Letter.State.HELD)
    held = list(rows.filter(due_at__lte=timezone.now()).order_by("created_at", "pk"))
    if not held:
        return False
    if not person.is_active:
        _end(held, Letter.State.CANCELLED, last_error=LEFT)
        return False
    subject, body = compose(
        "digest.daily",
        {
            "имя": person.polite_name,
            "число": counted(len(held), "новость", "новости", "новостей"),
            "перечень": _listed(held),
            "настройка": f"{settings.SITE_URL}/letters/mine/",
        },
    )
    key = f"digest.{person_pk}.{held[-1].pk}"
    queue_letter(key=key, kind="digest.daily", to=person, subject=subject, body=body)
    _end(held, Letter.State.DIGESTED, digest=Letter.objects.get(key=key))
    return True


def _end(letters: Iterable[Letter], state: str, **values: object) -> None:
    pks = [one.pk for one in letters]
    Letter.objects.filter(pk__in=pks).update(state=state, finished_at=timezone.now(), leased_until=None, **values)


def _listed(letters: list[Letter]) -> str:
    """Each by its subject and the address it led to, those of one part of the cabinet together."""
    ordered = [one for group in GROUPS for one in letters if one.kind.startswith(group.begins)]
    return "\n\n".join(_told(one) for one in ordered)


def _told(letter: Letter) -> str:
    body = filled(letter.body, lambda pk: "")
    address = next((block.lines[0] for block in blocks_of(body) if block.kind == "button"), "")
    return f"— {letter.subject}" + (f"\n{address}" if address else "")
