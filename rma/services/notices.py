"""Who is told what about a request. The texts are in rma/letter_texts, an admin may change them.

Nobody gets a letter about what he has just done himself.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.words import counted, days_until, long_date
from cabinet.mail.services import Draft, queue_letter
from cabinet.mail.texts import Value, compose
from cabinet.users.models import User
from rma.models import Request
from rma.services.specialists import Specialists

SHOWN = 15  # lines of a letter


def asked(request: Request, *, actor: User | None = None) -> None:
    """The member's turn, whoever has named him."""
    if request.member is not None:
        _write(request, "asked", request.member.user, actor, {"кто": request.author.full_name})


def accepted(request: Request, *, actor: User) -> None:
    _write_asking(request, "accepted", actor, _comment(request.answer))


def declined(request: Request, *, actor: User) -> None:
    """Leads to where another is chosen: the request that waits in its place, else itself."""
    waiting = request.later.order_by("-pk").first() or request
    address = {"адрес": settings.SITE_URL + waiting.get_absolute_url()}
    _write_asking(request, "declined", actor, _comment(request.answer) | address)


def proposed(request: Request, *, actor: User) -> None:
    """Another day: the turn of whoever asked."""
    # Proposed for the second time, when the first day had gone by, it is told of again.
    _write_asking(request, "proposed", actor, _comment(request.answer), once=f"{request.proposed_on}")


def day_agreed(request: Request, *, actor: User) -> None:
    if request.member is not None:
        _write(request, "agreed", request.member.user, actor)


def handed_over(former: Request, request: Request, *, actor: User) -> None:
    """Whoever asked learns the new name, the former member that it is no longer his."""
    comment = _comment(former.answer)
    _write_asking(request, "handed", actor, comment)
    if former.member is not None:
        _write(former, "taken", former.member.user, actor, comment)


def withdrawn(request: Request, *, actor: User | None) -> None:
    if request.member is not None:
        _write(request, "withdrawn", request.member.user, actor, _comment(request.result))


def done(request: Request, *, actor: User) -> None:
    _write_asking(request, "done", actor, _comment(request.result))


def several(what: str, to: User, rows: Sequence[Request], day: date) -> Draft:
    """One letter about several requests, the nearest limit first."""
    lines = [_line(number, one, day) for number, one in enumerate(rows[:SHOWN], 1)]
    if (rest := len(rows) - SHOWN) > 0:
        lines.append(f"И ещё {rest} — в кабинете.")
    page = reverse("rma:queue" if what == "queue" else "rma:requests")
    values = {
        "имя": to.polite_name,
        "сколько": counted(len(rows), "запрос", "запроса", "запросов"),
        "перечень": "\n\n".join(lines),
        "адрес": settings.SITE_URL + page,
    }
    subject, body = compose(f"rma.{what}", values)
    # Of the queue there is one a day; of the limit there may be a second when a day was made up for.
    key = f"rma.{what}.{to.pk}.{day}" if what == "queue" else f"rma.{what}.{to.pk}.{day}.{rows[0].pk}"
    return Draft(key, f"rma.{what}", to, subject, body, rows[0], also=rows[1:])


def place(request: Request) -> str:
    return f"{request.organization} (ШНОР)" if request.is_for_low_results else str(request.organization)


def _comment(text: str) -> dict[str, Value]:
    return {"комментарий": text.strip()}


def _write_asking(request: Request, what: str, actor: User, more: Mapping[str, Value], *, once: str = "") -> None:
    """To whoever asked; when he is here no more, to those who would name a member in his place."""
    for person in [request.author] if request.author.is_active else Specialists([request]).of(request):
        _write(request, what, person, actor, more, once=once)


def _write(
    request: Request,
    what: str,
    to: User,
    actor: User | None,
    more: Mapping[str, Value] | None = None,
    *,
    once: str = "",
) -> None:
    if not to.is_active or (actor is not None and to.pk == actor.pk):
        return
    values: dict[str, Value] = {
        "имя": to.polite_name,
        "вид": request.get_kind_display(),
        "кто": actor.full_name if actor else "Кабинет",
        "методист": request.member.user.full_name if request.member else "пока не назван",
        "о ком": lambda: request.whom,
        "организация": lambda: place(request),
        "просьба": request.reason,
        "когда": _until(request),
        "день": _day(request),
        "комментарий": "",
        "адрес": settings.SITE_URL + request.get_absolute_url(),
    }
    subject, body = compose(f"rma.{what}", values | dict(more or {}))
    queue_letter(
        key=".".join(filter(None, ["rma", what, f"{request.pk}.{request.member_id or 0}.{to.pk}", once])),
        kind=f"rma.{what}",
        to=to,
        subject=subject,
        body=body,
        about=request,
    )


def _until(request: Request) -> str:
    if not request.is_live:
        return ""
    return f"Срок — {long_date(request.due_on)}, {days_until(request.due_on, today())}."


def _day(request: Request) -> str:
    day = request.agreed_on
    if request.status != Request.Status.ACCEPTED:  # what was accepted without a day has none
        day = day or request.proposed_on or request.wanted_on
    return long_date(day) if day else "день не назначен"


def _line(number: int, one: Request, day: date) -> str:
    what = one.get_kind_display().capitalize()
    until = f"до {long_date(one.due_on)} ({days_until(one.due_on, day)})"
    return f"{number}. {what}: {one.whom}, {place(one)} — {until}\n{settings.SITE_URL}{one.get_absolute_url()}"
