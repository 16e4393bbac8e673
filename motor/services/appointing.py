"""Appointing the people who answer for МОТОР in an organization, changing their subjects, ending it."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cabinet.core.clock import today
from cabinet.core.search import fold
from cabinet.courses.importing import values
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.scope import EVERYTHING
from cabinet.users.services import change_subjects, end_role, give_role, open_login, record
from motor.models import Case, CaseQuerySet, Status
from motor.services import responsible_notices as letters
from motor.services.responsible import bring_home, has_methodist, reassign_orphans, what_would_change
from motor.services.review import replace_rma
from rma.models import Request

TAKEN = "Этот адрес уже записан за другим человеком. Проверьте адрес или напишите в ЦНППМПР."


class AppointingRefused(Exception):
    """The person cannot be appointed so; the text is for the user."""


@dataclass(frozen=True)
class Appointment:
    """Whom to appoint, as the form has it: somebody of the organization, or a new person by name and e-mail."""

    person: User | None = None
    full_name: str = ""
    email: str = ""
    subjects: Iterable[Subject] = ()
    starts_on: date | None = None
    ends_on: date | None = None


def organizations_of(user: User) -> QuerySet[Organization]:
    """Where this person names who answers: a head in his own, a municipal specialist in his municipality's."""
    if "admin" in user.roles:
        return Organization.objects.filter(EVERYTHING)
    own = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
    return Organization.objects.filter(Q(pk__in=own) | Q(municipality__in=user.own_municipalities))


def appointments_of(user: User) -> QuerySet[Membership]:
    """Methodists whom this person may change: in force or yet to begin."""
    return in_force_or_ahead().filter(organization__in=organizations_of(user))


def in_force_or_ahead() -> QuerySet[Membership]:
    """Methodists of organizations whose term has not ended."""
    term = Q(ends_on=None) | Q(ends_on__gte=today())
    rows = Membership.objects.filter(term, role=Role.METHODIST, user__is_active=True)
    return rows.select_related("user", "organization__municipality").order_by("user__last_name", "pk")


def without_methodist(organizations: QuerySet[Organization]) -> QuerySet[Organization]:
    """Of them, those with cases planned or under way and nobody appointed."""
    waiting = Case.objects.filter(organization=OuterRef("pk"), status__in=(Status.SCHEDULED, *Case.UNDER_WAY))
    return organizations.filter(~has_methodist(), Exists(waiting))


def cases_of(organization: Organization) -> CaseQuerySet:
    return Case.objects.filter(organization=organization, status__in=Case.UNDER_WAY)


def own_subjects(organization: Organization) -> QuerySet[Subject]:
    """What is taught there, as far as the cabinet knows."""
    taught = Q(pk__in=organization.people.order_by().values("subject"))
    studied = Q(pk__in=organization.completions.order_by().values("subject"))
    named = Q(membership__organization=organization)
    return Subject.objects.filter(taught | studied | named).distinct().order_by("name")


@transaction.atomic
def appoint(organization: Organization, wanted: Appointment, *, actor: User) -> Membership:
    """Make the person answer for the organization's cases; those that went a level up come back at once."""
    # One appointment in an organization at a time: two heads' clicks must not make two roles of one person.
    Organization.objects.select_for_update().get(pk=organization.pk)
    user = _person(organization, wanted, actor)
    _refuse(organization, user, wanted.starts_on, wanted.ends_on)
    try:
        with transaction.atomic():
            membership = give_role(
                user,
                Role.METHODIST,
                organization,
                actor=actor,
                subjects=wanted.subjects,
                starts_on=wanted.starts_on,
                ends_on=wanted.ends_on,
            )
    except IntegrityError as error:
        raise AppointingRefused(_already(user)) from error
    open_login(user, actor=actor)
    if wanted.starts_on is None or wanted.starts_on <= today():
        _take_effect(organization, user, actor)
    letters.appointed(membership, organization, cases_of(organization).filter(responsible=user).count())
    return membership


def _take_effect(organization: Organization, user: User, actor: User) -> None:
    _take_off_second_opinions(organization, user, actor)
    reassign_orphans(cases_of(organization), actor=actor)
    bring_home(cases_of(organization), actor=actor, untold=user)


def what_appointing_changes(organization: Organization, wanted: Appointment, *, actor: User) -> list[Case]:
    """Cases that would change hands; for a later beginning, as things stand today."""

    def rehearse() -> None:
        membership = appoint(organization, wanted, actor=actor)
        if wanted.starts_on is not None:
            Membership.objects.filter(pk=membership.pk).update(starts_on=None)
            _take_effect(organization, membership.user, actor)

    return what_would_change(cases_of(organization), rehearse)


def _already(user: User) -> str:
    return f"{user.full_name} уже отвечает за МОТОР в этой организации. Измените предметы или срок в списке."


def _refuse(organization: Organization, user: User, starts_on: date | None, ends_on: date | None) -> None:
    if not user.is_active:
        raise AppointingRefused("Карточка этого человека закрыта: назначить его нельзя.")
    if not user.address:
        raise AppointingRefused(
            f"У этого человека нет адреса почты ({user.full_name}). Укажите адрес: без него он не сможет войти."
        )
    if ends_on is not None and ends_on < max(starts_on or today(), today()):
        raise AppointingRefused("Срок заканчивается раньше, чем начинается. Проверьте даты.")
    same = Membership.objects.filter(user=user, role=Role.METHODIST, organization=organization)
    overlapping = same.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on or today()))
    if ends_on is not None:
        overlapping = overlapping.filter(Q(starts_on=None) | Q(starts_on__lte=ends_on))
    if overlapping.exists():
        raise AppointingRefused(_already(user))


def second_opinions(organization: Organization, user: User) -> QuerySet[Request]:
    """Open requests where the person is to assess in this very organization as a regional methodist."""
    return Request.objects.filter(
        member__user=user, organization=organization, kind=Request.Kind.ASSESSMENT, status__in=Request.OPEN
    )


def _take_off_second_opinions(organization: Organization, user: User, actor: User) -> None:
    """Nobody gives a second opinion in his own organization: others are to be asked."""
    pks = [pk for pk in second_opinions(organization, user).values_list("source_id", flat=True) if pk]
    cases = Case.objects.filter(pk__in=pks).select_related("person", "organization", "responsible")
    for case in cases:
        replace_rma(case, actor=actor, reason="Методист РМА назначен методистом этой же организации.")


def _person(organization: Organization, wanted: Appointment, actor: User) -> User:
    if wanted.person is None:
        return _find_or_add(organization, wanted.full_name, wanted.email, actor)
    if not wanted.person.address and wanted.email:
        _give_address(wanted.person, wanted.email, actor)
    return wanted.person


def _address(email: str) -> str:
    if not (address := values.email(email)):
        raise AppointingRefused("Адрес почты не распознан: проверьте его.")
    return address


def _find_or_add(organization: Organization, full_name: str, email: str, actor: User) -> User:
    """Somebody who is not in the list yet: by name and e-mail, as a list of staff would bring him."""
    address = _address(email)
    try:
        name = values.person_name(full_name, None, None, None, None)
    except ValueError as error:
        raise AppointingRefused(f"Имя не распознано ({error}). Напишите фамилию, имя и отчество.") from error
    known = User.objects.filter(Q(email=address) | Q(contact_email=address)).first()
    if known is not None:
        if known.organization_id == organization.pk and fold(known.last_name) == fold(name.surname):
            return known
        raise AppointingRefused(TAKEN)
    person = User(
        last_name=name.surname[:80],
        first_name=name.first_name[:80],
        patronymic=name.patronymic[:80],
        email=address,
        contact_email=address,
        organization=organization,
    )
    person.set_unusable_password()
    if organization.people.filter(name_key=fold(person.full_name), is_active=True).exists():
        raise AppointingRefused("Человек с таким именем уже есть в этой организации: выберите его в списке.")
    person.save()
    note = f"добавлен при назначении: {organization}"
    record(LogEntry.Action.CHANGED, actor=actor, person=person, about=person, note=note)
    return person


def _give_address(person: User, email: str, actor: User) -> None:
    """Fill in the address of somebody who has none."""
    address = _address(email)
    if User.objects.filter(Q(email=address) | Q(contact_email=address)).exclude(pk=person.pk).exists():
        raise AppointingRefused(TAKEN)
    person.contact_email = address
    person.save(update_fields=["contact_email", "updated_at"])
    record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=person, note="указана почта для писем")


@transaction.atomic
def end_appointment(membership: Membership, *, since: date, actor: User) -> None:
    """From `since` the person answers no more; on that day his cases fall to the next ones."""
    if since < today():
        raise AppointingRefused("Этот день уже прошёл: выберите сегодняшний или более поздний.")
    still = Membership.objects.select_for_update().filter(pk=membership.pk).first()
    organization = membership.organization
    if organization is None or still is None or (still.ends_on is not None and still.ends_on < since):
        raise AppointingRefused("К этому дню срок полномочий уже закончится. Обновите страницу.")
    end_role(membership, since=since, actor=actor)
    if since <= today():
        reassign_orphans(cases_of(organization), actor=actor)
    letters.released(membership.user, organization, since)


def what_ending_changes(membership: Membership, *, since: date, actor: User) -> list[Case]:
    """Cases that would change hands; for a later day, as things stand today."""

    cases = Case.objects.filter(organization=membership.organization_id, status__in=Case.UNDER_WAY)

    def rehearse() -> None:
        end_appointment(copy(membership), since=since, actor=actor)
        Membership.objects.filter(pk=membership.pk).delete()
        reassign_orphans(cases, actor=actor)

    return what_would_change(cases, rehearse)


@transaction.atomic
def set_subjects(membership: Membership, subjects: Iterable[Subject], *, actor: User) -> None:
    """Cases under way stay where they are; those that had gone up for want of the subject come back."""
    change_subjects(membership, subjects, actor=actor)
    if membership.organization is not None:
        bring_home(cases_of(membership.organization), actor=actor)


def what_subjects_change(membership: Membership, subjects: Iterable[Subject], *, actor: User) -> list[Case]:
    if membership.organization is None:
        return []
    cases = cases_of(membership.organization)
    return what_would_change(cases, lambda: set_subjects(membership, subjects, actor=actor))
