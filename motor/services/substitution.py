"""Handing over for a period: who may be replaced by whom, what will move, and taking it back."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.users.models import LogEntry, Membership, Role, Substitution, User
from cabinet.users.services import record
from motor.models import Case, CaseQuerySet, Status
from motor.moves import ANSWERED_FOR
from motor.services import responsible_notices as letters
from motor.services.responsible import hand_over_absent, what_would_change

LONGEST = timedelta(days=365)
ANSWERING = (Role.METHODIST, Role.MUNICIPAL, Role.ADMIN)


class SubstitutionRefused(Exception):
    """This substitution cannot be; the text is for the user."""


def replaceable_by(user: User) -> QuerySet[User]:
    """Whose work this person may hand over: his own, and of those who answer within his scope."""
    roles = Membership.objects.active().filter(role__in=ANSWERING)
    if "admin" not in user.roles:
        own = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
        municipal = [one.municipality_id for one in user.active_memberships if one.role == Role.MUNICIPAL]
        roles = roles.filter(
            Q(user=user)
            | Q(organization__in=own)
            | Q(organization__municipality__in=municipal)
            | Q(municipality__in=municipal)
        )
    return User.objects.filter(pk__in=roles.values("user"), is_active=True)


def endable_by(user: User) -> QuerySet[Substitution]:
    """Substitutions this person may cancel: of those whose work he may hand over, not ended yet."""
    mine = Substitution.objects.visible_to(user).filter(person__in=replaceable_by(user))
    return mine.filter(cancelled_at=None, ends_on__gte=today())


def deputies_for(person: User) -> QuerySet[User]:
    """Who holds a role that may answer for the same organizations."""
    roles = list(person.memberships.active().filter(role__in=ANSWERING).select_related("organization"))
    schools = [one.organization_id for one in roles if one.organization_id]
    places = {one.organization.municipality_id for one in roles if one.organization}
    places |= {one.municipality_id for one in roles if one.municipality_id}
    able = Membership.objects.active().filter(
        Q(role=Role.METHODIST, organization__in=schools)
        | Q(role=Role.MUNICIPAL, municipality__in=places)
        | Q(role=Role.ADMIN)
    )
    return User.objects.filter(pk__in=able.values("user"), is_active=True).exclude(pk=person.pk)


def cases_held(person: User) -> CaseQuerySet:
    """What the person answers for, himself or through a deputy, and what he does for somebody away."""
    return Case.objects.filter(Q(responsible=person) | Q(on_behalf_of=person), status__in=ANSWERED_FOR)


def opening_within(person: User, starts_on: date, ends_on: date) -> int:
    """Cases that will open in these days in the organizations the person is a methodist of."""
    schools = person.memberships.active().filter(role=Role.METHODIST).values("organization")
    ahead = Case.objects.filter(status=Status.SCHEDULED, waits_for_word=False, organization__in=schools)
    return ahead.filter(opens_on__range=(starts_on, ends_on)).count()


def substitute(person: User, deputy: User, *, starts_on: date, ends_on: date, reason: str, actor: User) -> Substitution:
    """Write the substitution down, tell both, and hand the cases over if it begins today."""
    with transaction.atomic():
        # One at a time for the two of them: otherwise each could become the other's deputy.
        list(User.objects.select_for_update().filter(pk__in=(person.pk, deputy.pk)).order_by("pk"))
        _refuse(person, deputy, starts_on, ends_on)
        row = Substitution.objects.create(
            person=person, deputy=deputy, starts_on=starts_on, ends_on=ends_on, reason=reason.strip(), author=actor
        )
        note = f"замещение: {row}"
        record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=row, note=note)
        letters.substitution_named(row, cases_held(person).count())
        if starts_on <= today():
            hand_over_absent(cases=cases_held(person), actor=actor)
    return row


def _refuse(person: User, deputy: User, starts_on: date, ends_on: date) -> None:
    if starts_on < today():
        raise SubstitutionRefused("Первый день уже прошёл: выберите сегодняшний или более поздний.")
    if ends_on < starts_on:
        raise SubstitutionRefused("Последний день раньше первого. Проверьте даты.")
    if ends_on - starts_on > LONGEST:
        raise SubstitutionRefused("Дольше года замещать нельзя: назначьте другого ответственного.")
    if person.pk == deputy.pk:
        raise SubstitutionRefused("Сам себя человек не замещает: выберите коллегу.")
    if not deputies_for(person).filter(pk=deputy.pk).exists():
        raise SubstitutionRefused(
            f"{deputy.full_name} не отвечает за эти организации. Выберите другого или сначала назначьте его методистом."
        )
    running = Substitution.objects.filter(cancelled_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if other := running.filter(person=person).select_related("deputy").first():
        raise SubstitutionRefused(f"На эти дни замещение уже есть: {_period(other)} — {other.deputy.full_name}.")
    if away := running.filter(person=deputy).select_related("deputy").first():
        raise SubstitutionRefused(
            f"{deputy.full_name} в эти дни тоже отсутствует ({_period(away)}), "
            f"замещает {away.deputy.full_name}. Выберите другого."
        )
    # The person may stand in for somebody himself: those cases go one step further, to his deputy. Not two.
    for first in running.filter(deputy=person).select_related("person"):
        if first.person_id == deputy.pk or running.filter(deputy=first.person_id).exists():
            raise SubstitutionRefused(
                f"{person.full_name} в эти дни сам(а) замещает коллегу ({first.person.full_name}, {_period(first)}): "
                "сначала отмените или измените то замещение."
            )


def _period(row: Substitution) -> str:
    return f"с {long_date(row.starts_on)} по {long_date(row.ends_on)}"


def what_would_move(
    person: User, deputy: User, *, starts_on: date, ends_on: date, reason: str, actor: User
) -> list[Case]:
    """Cases that change hands on the first day as things stand now, each with its new holder."""
    held = cases_held(person)

    def begin() -> None:
        substitute(person, deputy, starts_on=starts_on, ends_on=ends_on, reason=reason, actor=actor)
        hand_over_absent(starts_on, cases=held, actor=actor)

    return what_would_change(held, begin)


def cancel_substitution(row: Substitution, *, actor: User) -> None:
    """End it early: what is still under way goes back at once."""
    with transaction.atomic():
        now = timezone.now()
        open_rows = Substitution.objects.filter(pk=row.pk, cancelled_at=None, ends_on__gte=today())
        if not open_rows.update(cancelled_at=now):
            raise SubstitutionRefused("Это замещение уже закончилось или отменено. Обновите страницу.")
        row.cancelled_at = now
        note = f"замещение отменено: {row}"
        record(LogEntry.Action.RIGHTS, actor=actor, person=row.person, about=row, note=note)
        came_back = hand_over_absent(cases=cases_held(row.person), actor=actor)
        letters.substitution_cancelled(row, is_person_told=came_back > 0)
