"""Appointing the people who answer for МОТОР in an organization, changing their subjects, ending it."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from cabinet.core.clock import today
from cabinet.core.search import fold
from cabinet.courses.importing import values
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import LogEntry, Membership, Role, User
from cabinet.users.scope import EVERYTHING
from cabinet.users.services import change_subjects, end_role, give_role, open_login, record
from motor.models import Case, CaseQuerySet
from motor.services import responsible_notices as letters
from motor.services.responsible import bring_home, reassign_orphans
from motor.services.review import replace_rma
from rma.models import Request


class AppointingRefused(Exception):
    """The person cannot be appointed so; the text is for the user."""


def organizations_of(user: User) -> QuerySet[Organization]:
    """Where this person names who answers: a head in his own, a municipal specialist in his municipality's."""
    if "admin" in user.roles:
        return Organization.objects.filter(EVERYTHING)
    own = [one.organization_id for one in user.active_memberships if one.role == Role.HEAD]
    municipal = [one.municipality_id for one in user.active_memberships if one.role == Role.MUNICIPAL]
    return Organization.objects.filter(Q(pk__in=own) | Q(municipality__in=municipal))


def appointments_of(user: User) -> QuerySet[Membership]:
    """Methodists whom this person may change: in force or yet to begin."""
    return Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today()), role=Role.METHODIST, organization__in=organizations_of(user)
    ).select_related("user", "organization__municipality")


def cases_of(organization: Organization) -> CaseQuerySet:
    return Case.objects.filter(organization=organization, status__in=Case.UNDER_WAY)


def own_subjects(organization: Organization) -> QuerySet[Subject]:
    """What is taught there, as far as the cabinet knows."""
    taught = Q(pk__in=organization.people.order_by().values("subject"))
    studied = Q(pk__in=organization.completions.order_by().values("subject"))
    named = Q(membership__organization=organization)
    return Subject.objects.filter(taught | studied | named).distinct().order_by("name")


@transaction.atomic
def appoint(
    organization: Organization,
    user: User,
    *,
    actor: User,
    subjects: Iterable[Subject] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:
    """Make the person answer for the organization's cases; those that went a level up come back at once."""
    # One appointment in an organization at a time: two heads' clicks must not make two roles of one person.
    Organization.objects.select_for_update().get(pk=organization.pk)
    _refuse(organization, user, starts_on, ends_on)
    try:
        with transaction.atomic():
            membership = give_role(
                user,
                Role.METHODIST,
                organization,
                actor=actor,
                subjects=subjects,
                starts_on=starts_on,
                ends_on=ends_on,
            )
    except IntegrityError as error:
        raise AppointingRefused(_already(user)) from error
    open_login(user, actor=actor)
    if starts_on is None or starts_on <= today():
        _take_off_second_opinions(organization, user, actor)
        cases = cases_of(organization)
        reassign_orphans(cases, actor=actor)
        bring_home(cases, actor=actor, untold=user)
    letters.appointed(membership, organization, cases_of(organization).filter(responsible=user).count())
    return membership


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


def find_or_add_person(organization: Organization, full_name: str, email: str, *, actor: User) -> User:
    """Somebody who is not in the list yet: by name and e-mail, as a list of staff would bring him."""
    address = values.email(email)
    if not address:
        raise AppointingRefused("Адрес почты не распознан: проверьте его.")
    try:
        name = values.person_name(full_name, None, None, None, None)
    except ValueError as error:
        raise AppointingRefused(f"Имя не распознано ({error}). Напишите фамилию, имя и отчество.") from error
    known = User.objects.filter(Q(email=address) | Q(contact_email=address)).first()
    if known is not None:
        if known.organization_id == organization.pk and fold(known.last_name) == fold(name.surname):
            return known
        raise AppointingRefused("Этот адрес уже записан за другим человеком. Проверьте адрес или напишите в ЦНППМПР.")
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


def give_address(person: User, email: str, *, actor: User) -> None:
    """Fill in the address of somebody who has none."""
    address = values.email(email)
    if not address:
        raise AppointingRefused("Адрес почты не распознан: проверьте его.")
    if User.objects.filter(Q(email=address) | Q(contact_email=address)).exclude(pk=person.pk).exists():
        raise AppointingRefused("Этот адрес уже записан за другим человеком. Проверьте адрес или напишите в ЦНППМПР.")
    if not person.address:
        person.contact_email = address
        person.save(update_fields=["contact_email", "updated_at"])
        record(LogEntry.Action.RIGHTS, actor=actor, person=person, about=person, note="указана почта для писем")


@transaction.atomic
def end_appointment(membership: Membership, *, since: date, actor: User) -> None:
    """From `since` the person answers no more; on that day his cases fall to the next ones."""
    if since < today():
        raise AppointingRefused("Этот день уже прошёл: выберите сегодняшний или более поздний.")
    still = Membership.objects.select_for_update().filter(pk=membership.pk).first()
    if still is None or (still.ends_on is not None and still.ends_on < since):
        raise AppointingRefused("Эта роль уже закончилась. Обновите страницу.")
    organization, user = membership.organization, membership.user
    if organization is None:
        raise AppointingRefused("Эта роль не относится к организации.")
    end_role(membership, since=since, actor=actor)
    if since <= today():
        reassign_orphans(cases_of(organization), actor=actor)
    letters.released(user, organization, since)


@transaction.atomic
def set_subjects(membership: Membership, subjects: Iterable[Subject], *, actor: User) -> None:
    """Cases under way stay where they are; those that had gone up for want of the subject come back."""
    change_subjects(membership, subjects, actor=actor)
    if membership.organization is not None:
        bring_home(cases_of(membership.organization), actor=actor)
