"""What is written on a card: a new one with a look at those alike, its address and post, roles with a term."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.search import fold
from cabinet.home.services.merging_search import ADDRESS, Card, compare_people
from cabinet.home.services.moving import finish_role
from cabinet.home.services.people import governs, listed_to, roles_for
from cabinet.home.services.person_card import term_words
from cabinet.home.services.rehearsing import ActRefused, Group, group, handed_over, rehearse
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import compose
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Membership, Pair, Role, User
from cabinet.users.services import prolong_role, record, save_role
from motor.models import Case
from motor.moves import ALIVE, ANSWERED_FOR, MoveRefused
from motor.services.address import correct_address
from motor.services.appointing import AppointingRefused, Appointment, appoint
from motor.services.responsible import bring_home, reassign_orphans

if TYPE_CHECKING:
    from django.http import HttpRequest

TAKEN = "Этот адрес уже записан за другим человеком, а у каждого он свой. Проверьте, нет ли опечатки."
ALIKE_SHOWN = 8
LOOKED_AT = 300


# --- A new card ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewPerson:
    last_name: str
    first_name: str
    patronymic: str
    organization: Organization
    email: str = ""
    phone: str = ""
    position: Any = None
    subject: Any = None


@dataclass(frozen=True)
class Alike:
    person: User
    reasons: list[str]


class CardsAlike(Exception):
    """The person may have a card already: whoever writes a new one looks at these first."""

    def __init__(self, similar: list[Alike]) -> None:
        super().__init__()
        self.similar = similar


def alike(wanted: NewPerson, reader: User) -> list[Alike]:
    """Cards the reader may see that may be of this very person, with what speaks for it."""
    new = _card(0, wanted.last_name, wanted.first_name, wanted.patronymic, wanted.organization, {wanted.email})
    people = listed_to(reader)
    # By either name: two cards of one person may have them the other way round, or another surname.
    near = people.search(wanted.last_name) | people.search(wanted.first_name).filter(organization=wanted.organization)
    found = []
    for one in near.select_related("organization__municipality").distinct().order_by("pk")[:LOOKED_AT]:
        known = {one.email or "", one.contact_email or "", *ADDRESS.findall(one.contact_note)}
        card = _card(one.pk, one.last_name, one.first_name, one.patronymic, one.organization, known)
        reasons = [str(Pair.Reason(code).label) for code in sorted(compare_people(new, card))]
        same_names = (fold(one.first_name), fold(one.patronymic)) == (new.first, new.patronymic)
        if not reasons and same_names and f" {new.last}" in one.former_key:
            reasons = ["такой была прежняя фамилия"]
        if reasons:
            found.append(Alike(one, reasons))
    return found[:ALIKE_SHOWN]


def _card(pk: int, last: str, first: str, patronymic: str, place: Organization | None, addresses: set[str]) -> Card:
    last, first, patronymic = (fold(name).rstrip(".") for name in (last, first, patronymic))
    known = frozenset(one.lower() for one in addresses if one)
    place_pk, near = (place.pk, place.municipality_id) if place else (None, None)
    return Card(pk, last, first, patronymic, place_pk, near, known)


def is_taken(address: str, but: User | None = None) -> bool:
    owners = User.objects.filter(Q(email=address) | Q(contact_email=address))
    return (owners.exclude(pk=but.pk) if but else owners).exists()


def add_person(wanted: NewPerson, *, actor: User, is_sure: bool, request: HttpRequest | None = None) -> User:
    """A card without a login. Raises CardsAlike unless the actor is sure, ActRefused when the address is taken."""
    with transaction.atomic():
        # Of a button pressed twice the second press finds the card of the first.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if not is_sure and (similar := alike(wanted, actor)):
            raise CardsAlike(similar)
        return _add(wanted, actor, request)


def _add(wanted: NewPerson, actor: User, request: HttpRequest | None) -> User:
    address = wanted.email.strip().lower()
    if address and is_taken(address):
        raise ActRefused(TAKEN)
    person = User(
        last_name=wanted.last_name,
        first_name=wanted.first_name,
        patronymic=wanted.patronymic,
        organization=wanted.organization,
        contact_email=address,
        phone=wanted.phone,
        position=wanted.position,
        subject=wanted.subject,
    )
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save()
            note = f"карточка заведена: {wanted.organization}"
            record(LogEntry.Action.CHANGED, actor=actor, person=person, about=person, note=note, request=request)
    except IntegrityError as error:  # somebody else was given the address a moment ago
        raise ActRefused(TAKEN) from error
    return person


def change_card(person: User, values: dict[str, Any], *, seen: str, actor: User, request: HttpRequest) -> list[str]:
    """Write down contacts and post; returns what changed, in words. Raises ActRefused when the page is old."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if stamp(person) != seen:
            raise ActRefused("Карточку только что изменил кто-то ещё. Проверьте поля и сохраните снова.")
        address = str(values.pop("contact_email", None) or "").strip().lower()
        changed = [name for name, value in values.items() if getattr(person, name) != value]
        for name in changed:
            setattr(person, name, values[name])
        if changed:
            person.save(update_fields=[*changed, "updated_at"])
        words = [str(User._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]
        if address != (person.contact_email or ""):
            _set_address(person, address, actor, request)
            words.append("почта для писем")
        if words:
            note = f"изменено: {', '.join(words)}"  # without the values: the log outlives the person's data
            record(LogEntry.Action.CHANGED, actor=actor, person=person, about=person, note=note, request=request)
    return words


def stamp(person: User) -> str:
    """Moves with every change of the card."""
    return f"{person.updated_at:%Y%m%d%H%M%S%f}"


def _set_address(person: User, address: str, actor: User, request: HttpRequest) -> None:
    """With a case under way МОТОР sends anew what did not arrive at the former address."""
    if address and is_taken(address, person):
        raise ActRefused(TAKEN)
    case = Case.objects.filter(person=person, status__in=ALIVE).first() if address and person.is_active else None
    try:
        if case is not None:
            case.person = person
            correct_address(case, address, actor=actor, request=request)
        if (person.contact_email or "") != address:
            person.contact_email = address
            person.save(update_fields=["contact_email", "updated_at"])
    except (IntegrityError, MoveRefused) as error:
        raise ActRefused(TAKEN) from error


# --- Roles -----------------------------------------------------------------------------------------------------


def give(wanted: Membership, subjects: Any, *, actor: User, request: HttpRequest) -> Membership:
    """A role with its scope and term. A methodist is appointed as МОТОР does it. Raises ActRefused."""
    with transaction.atomic():
        _hold(wanted.user)
        _refuse(wanted, actor)
        if wanted.role == Role.METHODIST and wanted.organization is not None:
            return _appoint(wanted, subjects, actor)
        try:
            membership = save_role(wanted, actor=actor, request=request)
        except (ValidationError, IntegrityError) as error:
            raise ActRefused(" ".join(getattr(error, "messages", ["Такая роль у человека уже есть."]))) from error
        _tell(membership, actor)
        _settle(membership, actor)
    return membership


def _appoint(wanted: Membership, subjects: Any, actor: User) -> Membership:
    if wanted.organization is None:
        raise ActRefused("Для этой роли укажите организацию.")
    asked = Appointment(person=wanted.user, subjects=subjects, starts_on=wanted.starts_on, ends_on=wanted.ends_on)
    try:
        return appoint(wanted.organization, asked, actor=actor)
    except (AppointingRefused, MoveRefused) as refusal:
        raise ActRefused(str(refusal)) from refusal


def _hold(person: User) -> None:
    """Of two who give a role at once the second sees what the first has given, and that he works still."""
    person.is_active = User.objects.select_for_update(no_key=True).get(pk=person.pk).is_active


def _refuse(wanted: Membership, actor: User) -> None:
    if wanted.role not in roles_for(actor):
        raise ActRefused("Эту роль даёт администратор.")
    if not governs(actor, wanted):
        raise ActRefused("Роль можно дать только в своём муниципалитете.")
    _refuse_closed(wanted.user)
    if wanted.person_id == wanted.user_id:
        raise ActRefused("Наставником самому себе не быть: выберите другого человека.")
    if wanted.ends_on is not None and wanted.ends_on < max(wanted.starts_on or today(), today()):
        raise ActRefused("Срок заканчивается раньше, чем начинается. Проверьте даты.")
    if _overlapping(wanted).exists():
        raise ActRefused("Такая роль на эти дни у человека уже есть: продлите её в списке ролей.")


def _refuse_closed(person: User) -> None:
    if not person.is_active:
        raise ActRefused("Карточка закрыта: сначала отметьте, что человек снова работает.")


def _overlapping(wanted: Membership) -> Any:
    """Other rows of this very role that share days with it."""
    same = Membership.objects.filter(
        user=wanted.user_id,
        role=wanted.role,
        organization=wanted.organization_id,
        municipality=wanted.municipality_id,
        person=wanted.person_id,
    ).exclude(pk=wanted.pk)
    overlapping = same.filter(Q(ends_on=None) | Q(ends_on__gte=wanted.starts_on or today()))
    if wanted.ends_on is not None:
        overlapping = overlapping.filter(Q(starts_on=None) | Q(starts_on__lte=wanted.ends_on))
    return overlapping


def _tell(membership: Membership, actor: User) -> None:
    person = membership.user
    values = {
        "имя": person.polite_name,
        "кто": actor.full_name,
        "роль": str(membership),
        "срок": term_words(membership),
        "адрес": f"{settings.SITE_URL}{reverse('home:home')}",
    }
    subject, body = compose("people.role", values)
    key = f"people.role.{membership.pk}"
    queue_letter(key=key, kind="people.role", to=person, subject=subject, body=body, about=person)


def _settle(membership: Membership, actor: User) -> None:
    """Nobody assesses himself: the cases of a new head or specialist go a level up, others' come to whom they wait."""
    if membership.starts_on is not None and membership.starts_on > today():
        return  # the day's sweep does it
    own = Case.objects.filter(person=membership.user)
    reassign_orphans(own, actor=actor)
    if membership.role == Role.MUNICIPAL:
        reassign_orphans(Case.objects.filter(organization__municipality=membership.municipality_id), actor=actor)
        bring_home(own, actor=actor)


def look_at_giving(wanted: Membership, subjects: Any, *, actor: User, request: HttpRequest) -> list[Group]:
    """Cases that would change hands; for a later beginning, as things stand today."""
    if wanted.starts_on is not None and wanted.starts_on > today():
        return []
    near = Case.objects.filter(Q(person=wanted.user) | Q(organization=wanted.organization_id))
    if wanted.role == Role.MUNICIPAL:
        near = Case.objects.filter(organization__municipality=wanted.municipality_id)
    copied = _copy(wanted)
    return _what_moves(near, lambda: give(copied, subjects, actor=actor, request=request), actor)


def _copy(wanted: Membership) -> Membership:
    """For the rehearsal: what is saved there must not think that it is in the database."""
    names = ("user_id", "role", "organization_id", "municipality_id", "person_id", "starts_on", "ends_on")
    return Membership(**{name: getattr(wanted, name) for name in names})


def end(membership: Membership, *, since: date, actor: User) -> None:
    """From `since` it is no more; what he answered for goes where the rules send it. Raises ActRefused."""
    if since < today():
        raise ActRefused("Этот день уже прошёл: выберите сегодняшний или более поздний.")
    with transaction.atomic():
        still = Membership.objects.select_for_update().filter(pk=membership.pk)
        if not still.filter(Q(ends_on=None) | Q(ends_on__gte=since)).exists():
            raise ActRefused("К этому дню роль уже закончится. Обновите страницу.")
        try:
            finish_role(membership, since=since, actor=actor)
        except (AppointingRefused, MoveRefused) as refusal:
            raise ActRefused(str(refusal)) from refusal


def look_at_ending(membership: Membership, *, since: date, actor: User) -> list[Group]:
    """Cases that would change hands; for a later day, as things stand today."""
    near = Case.objects.filter(Q(responsible=membership.user_id) | Q(person=membership.user_id))

    def act() -> None:
        fresh = Membership.objects.select_related("organization", "user", "municipality", "person").get(
            pk=membership.pk
        )
        end(fresh, since=since, actor=actor)
        Membership.objects.filter(pk=membership.pk).delete()
        reassign_orphans(near, actor=actor)

    return _what_moves(near, act, actor)


def _what_moves(near: Any, act: Callable[[], object], reader: User) -> list[Group]:
    before = dict(near.filter(status__in=ANSWERED_FOR).values_list("pk", "responsible"))
    things, hidden = rehearse(act, lambda: handed_over(before, reader))
    return group("Карты, за которые будет отвечать другой", things, hidden)


def prolong(membership: Membership, ends_on: date | None, *, actor: User) -> bool:
    """Another last day, or none. Raises ActRefused."""
    if ends_on is not None and ends_on < today():
        raise ActRefused("Этот день уже прошёл. Чтобы закончить роль, нажмите «Закончить».")
    taken = "Такая роль на эти дни у человека уже есть. Проверьте срок."
    try:
        with transaction.atomic():
            _hold(membership.user)
            _refuse_closed(membership.user)
            former, membership.ends_on = membership.ends_on, ends_on
            if _overlapping(membership).exists():
                raise ActRefused(taken)
            membership.ends_on = former
            changed = prolong_role(membership, ends_on, actor=actor)
            if changed:
                _settle(membership, actor)
    except (ValidationError, IntegrityError) as error:
        raise ActRefused(taken) from error
    return changed
