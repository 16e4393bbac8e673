"""Handing over for a period: who may be replaced by whom, what is agreed on, and taking it back."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.users.models import LogEntry, Membership, Role, Substitution, User
from cabinet.users.services import record
from motor.models import Case, Status
from motor.services import handing_over
from motor.services import responsible_notices as letters
from motor.services.leave_lines import Outlook
from rma.models import Member

LONGEST = timedelta(days=365)
ANSWERING = (Role.METHODIST, Role.MUNICIPAL, Role.ADMIN)


class SubstitutionRefused(Exception):
    """This substitution cannot be; the text is for the user."""


@dataclass(frozen=True)
class Sides:
    """What of a person's work somebody else may do: the school's, that of РМА, or both."""

    school: bool
    rma: bool


def sides_of(person: User) -> Sides:
    answers = person.memberships.active().filter(role__in=ANSWERING).exists()
    return Sides(answers, Member.objects.available().filter(user=person).exists())


def replaceable_by(user: User) -> QuerySet[User]:
    """Whose work this person may hand over: his own, and of those who answer within his scope.

    A member of РМА hands over himself, or the municipal specialist of his place and the admin do it for him; a head
    does not, for the work is not his school's.
    """
    everybody = Membership.objects.active().filter(role__in=ANSWERING)
    members = Member.objects.available()
    roles = everybody
    if "admin" not in user.roles:
        own = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
        municipal = user.own_municipalities
        near = Q(organization__municipality__in=municipal) | Q(municipality__in=municipal)
        roles = everybody.filter(Q(user=user) | near | Q(organization__in=own) & ~Q(user__in=members.values("user")))
        beyond = everybody.exclude(Q(user=user) | near).values("user")
        members = members.filter(Q(user=user) | Q(user__organization__municipality__in=municipal) & ~Q(user__in=beyond))
    return User.objects.filter(Q(pk__in=roles.values("user")) | Q(pk__in=members.values("user")), is_active=True)


def endable_by(user: User) -> QuerySet[Substitution]:
    """Substitutions this person may cancel: of those whose work he may hand over, not ended yet."""
    mine = Substitution.objects.visible_to(user).filter(person__in=replaceable_by(user))
    return mine.filter(cancelled_at=None, ends_on__gte=today())


def deputies_for(person: User) -> QuerySet[User]:
    """Who holds a role that may answer for the same organizations."""
    roles = list(person.memberships.active().filter(role__in=ANSWERING).select_related("organization"))
    if not roles:
        return User.objects.none()
    schools = [one.organization_id for one in roles if one.organization_id]
    places = {one.organization.municipality_id for one in roles if one.organization}
    places |= {one.municipality_id for one in roles if one.municipality_id}
    able = Membership.objects.active().filter(
        Q(role=Role.METHODIST, organization__in=schools)
        | Q(role=Role.MUNICIPAL, municipality__in=places)
        | Q(role=Role.ADMIN)
    )
    return User.objects.filter(pk__in=able.values("user"), is_active=True).exclude(pk=person.pk)


def opening_within(person: User, starts_on: date, ends_on: date) -> int:
    """Cases that will open in these days in the organizations the person is a methodist of."""
    schools = person.memberships.active().filter(role=Role.METHODIST).values("organization")
    ahead = Case.objects.filter(status=Status.SCHEDULED, waits_for_word=False, organization__in=schools)
    return ahead.filter(opens_on__range=(starts_on, ends_on)).count()


def substitute(
    person: User,
    deputy: User | None,
    *,
    starts_on: date,
    ends_on: date,
    reason: str,
    actor: User,
    rma_deputy: User | None = None,
) -> Substitution:
    """Write the substitution down, tell everybody once, and hand over if it begins today; the school's row of a pair.

    `deputy` does the school's work, `rma_deputy` that of РМА; one of them alone is asked for all there is.
    """
    with transaction.atomic():
        rows = _write_down(person, deputy, rma_deputy, starts_on, ends_on, reason, actor)
        for row in rows:
            note = f"замещение: {row}"
            record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=row, note=note)
        if starts_on <= today():
            outlook = handing_over.hand_over(rows, actor=actor)
        else:
            outlook = handing_over.look(rows, actor=actor)
        letters.substitution_named(rows, outlook)
    return rows[-1]


def _write_down(
    person: User,
    deputy: User | None,
    rma_deputy: User | None,
    starts_on: date,
    ends_on: date,
    reason: str,
    actor: User,
) -> list[Substitution]:
    """One row, or two at the same moment: the deputy at РМА first (see the model)."""
    deputies = list(dict.fromkeys(one for one in (rma_deputy, deputy) if one is not None))
    people = [person.pk, *(one.pk for one in deputies)]
    # One at a time for all of them: otherwise each could become the other's deputy.
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))
    _refuse_period(person, starts_on, ends_on)
    for one in deputies:
        _refuse(person, one, starts_on, ends_on)
    _refuse_unable(person, deputy, rma_deputy)
    now = timezone.now()
    terms = {"starts_on": starts_on, "ends_on": ends_on, "reason": reason.strip(), "author": actor, "created_at": now}
    return [Substitution.objects.create(person=person, deputy=one, **terms) for one in deputies]


def _refuse_period(person: User, starts_on: date, ends_on: date) -> None:
    if starts_on < today():
        raise SubstitutionRefused("Первый день уже прошёл: выберите сегодняшний или более поздний.")
    if ends_on < starts_on:
        raise SubstitutionRefused("Последний день раньше первого. Проверьте даты.")
    if ends_on - starts_on > LONGEST:
        raise SubstitutionRefused("Дольше года замещать нельзя: назначьте другого ответственного.")
    running = Substitution.objects.filter(cancelled_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if other := running.filter(person=person).select_related("deputy").first():
        raise SubstitutionRefused(f"На эти дни замещение уже есть: {_period(other)} — {other.deputy.full_name}.")


def _refuse_unable(person: User, deputy: User | None, rma_deputy: User | None) -> None:
    sides = sides_of(person)
    if sides.school:
        if deputy is None:
            raise SubstitutionRefused("Выберите, кто замещает в организации.")
        if not deputies_for(person).filter(pk=deputy.pk).exists():
            raise SubstitutionRefused(
                f"{deputy.full_name} не отвечает за эти организации. "
                "Выберите другого или сначала назначьте его методистом."
            )
    if sides.rma:
        if rma_deputy is None:
            raise SubstitutionRefused("Выберите, кто замещает в РМА.")
        if not Member.objects.available().filter(user=rma_deputy).exists():
            raise SubstitutionRefused(f"{rma_deputy.full_name} сейчас не действует в РМА. Выберите другого.")
    if not (sides.school or sides.rma):
        raise SubstitutionRefused(f"У этого человека нет работы, которую передают: {person.full_name}.")


def _refuse(person: User, deputy: User, starts_on: date, ends_on: date) -> None:
    if person.pk == deputy.pk:
        raise SubstitutionRefused("Сам себя человек не замещает: выберите коллегу.")
    running = Substitution.objects.filter(cancelled_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if away := running.filter(person=deputy).select_related("deputy").first():
        raise SubstitutionRefused(
            f"{deputy.full_name} в эти дни тоже отсутствует ({_period(away)}), "
            f"замещает {away.deputy.full_name}. Выберите другого."
        )
    # The person may stand in for somebody himself: those cases go one step further, to his deputy. Not two.
    for first in running.filter(deputy=person).select_related("person"):
        is_circle = first.person_id == deputy.pk or running.filter(deputy=first.person_id).exists()
        # What is lent at РМА is not lent on: the asker would not know who has it.
        if is_circle or _is_for_rma(first):
            raise SubstitutionRefused(
                f"{person.full_name} в эти дни сам(а) замещает коллегу ({first.person.full_name}, {_period(first)}): "
                "сначала отмените или измените то замещение."
            )


def _is_for_rma(row: Substitution) -> bool:
    is_lent = Substitution.objects.for_rma().filter(pk=row.pk).exists()
    members = Member.objects.filter(user__in=(row.person_id, row.deputy_id))
    return is_lent and members.count() == 2


def _period(row: Substitution) -> str:
    return f"с {long_date(row.starts_on)} по {long_date(row.ends_on)}"


def what_happens(
    person: User,
    deputy: User | None,
    *,
    starts_on: date,
    ends_on: date,
    reason: str,
    actor: User,
    rma_deputy: User | None = None,
) -> Outlook:
    """The preview: done and taken back, so that it says what the service does. What is refused is raised here."""
    with transaction.atomic():
        rows = _write_down(person, deputy, rma_deputy, starts_on, ends_on, reason, actor)
        outlook = handing_over.look(rows, actor=actor)
        transaction.set_rollback(True)
    return outlook


def cancel_substitution(row: Substitution, *, actor: User) -> None:
    """End it early, both rows of a pair: what is still under way goes back at once."""
    with transaction.atomic():
        now = timezone.now()
        pair = list(row.together.select_related("person", "deputy"))
        open_rows = row.together.filter(cancelled_at=None, ends_on__gte=today())
        if not open_rows.update(cancelled_at=now):
            raise SubstitutionRefused("Это замещение уже закончилось или отменено. Обновите страницу.")
        row.cancelled_at = now
        for one in pair:
            note = f"замещение отменено: {one}"
            record(LogEntry.Action.RIGHTS, actor=actor, person=one.person, about=one, note=note)
        is_told = handing_over.bring_back(pair, actor=actor)
        letters.substitution_cancelled(pair, is_person_told=is_told)
