"""Opening the login and telling the person how to enter: one at a time, or many at once after a look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import compose
from cabinet.users.models import LogEntry, User
from cabinet.users.services import open_login, record

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST = 200  # people invited by one click


class Standing(Enum):
    """Where a person stands before he is invited."""

    READY = "пригласим: откроем вход и отправим письмо"
    AGAIN = "вход уже открыт, но человек ещё не входил: отправим письмо ещё раз"
    ENTERS = "уже входит в кабинет: письмо не нужно"
    TODAY = "письмо сегодня уже отправлено"
    NO_ADDRESS = "нет адреса почты: сначала впишите его в карточке"
    TAKEN = "по этому адресу входит другой человек: укажите свой адрес"
    CLOSED = "больше не работает"

    @property
    def gets_letter(self) -> bool:
        return self in (Standing.READY, Standing.AGAIN)


@dataclass
class Plan:
    """Who is invited and who is not, by what stands in the way."""

    groups: dict[Standing, list[User]] = field(default_factory=dict)

    @property
    def invited(self) -> list[User]:
        return [one for standing, people in self.groups.items() if standing.gets_letter for one in people]


def plan_invitations(people: Iterable[User]) -> Plan:
    """Two queries, whatever the number of people."""
    found = list(people)
    addresses = {one.contact_email for one in found if one.contact_email}
    owners = dict(User.objects.filter(email__in=addresses).values_list("email", "pk"))
    told = _told_today(found)
    plan = Plan()
    for standing in Standing:
        group = [one for one in found if _standing(one, owners, told) == standing]
        if group:
            plan.groups[standing] = group
    return plan


def _standing(person: User, owners: dict[str | None, int], told: set[int]) -> Standing:
    if not person.is_active:
        return Standing.CLOSED
    if person.last_login is not None:
        return Standing.ENTERS
    if not person.address:
        return Standing.NO_ADDRESS
    if person.pk in told:
        return Standing.TODAY
    if person.email:
        return Standing.AGAIN
    return Standing.TAKEN if owners.get(person.contact_email, person.pk) != person.pk else Standing.READY


def _told_today(people: list[User]) -> set[int]:
    keys = {_key(one): one.pk for one in people}
    return {keys[key] for key in Letter.objects.filter(key__in=keys).values_list("key", flat=True)}


def _key(person: User) -> str:
    """Of one person one letter a day, however many press the button; another address is another letter."""
    return f"people.invite.{person.pk}.{today():%Y%m%d}.{person.email or person.contact_email or ''}"[:120]


def invite(people: Iterable[User], *, actor: User, request: HttpRequest | None = None) -> int:
    """Open logins and write letters; says to how many. A second click the same day changes nothing."""
    invited = 0
    for person in plan_invitations(people).invited:
        with transaction.atomic():
            invited += _invite(person, actor, request)
    return invited


def _invite(person: User, actor: User, request: HttpRequest | None) -> bool:
    key = _key(person)
    if not person.email and not open_login(person, actor=actor, request=request):
        return False  # somebody opened it meanwhile, and wrote
    values = {
        "имя": person.polite_name,
        "почта": person.email or "",
        "кто": actor.full_name,
        "адрес": f"{settings.SITE_URL}{reverse('account_request_login_code')}",
    }
    subject, body = compose("people.invite", values)
    # To the address that opens the login: a code comes there too.
    queue_letter(
        key=key, kind="people.invite", to=person, subject=subject, body=body, about=person, address=person.email or ""
    )
    note = "отправлено приглашение в кабинет"
    record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=person, note=note, request=request)
    return True
