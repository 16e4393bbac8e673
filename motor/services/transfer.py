"""A teacher moves to another organization and takes his cases along."""

from django.db import transaction

import rma.services as rma_services
from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.services.moving import take_along
from motor.models import Case, CaseQuerySet, Status
from motor.moves import ALIVE, ANSWERED_FOR, MoveRefused, move, same_due
from motor.services import irregular_notices as notices
from motor.services.limits import rma_answer_limit
from motor.services.responsible import find_responsible
from motor.services.review import want_rma
from rma.models import Request


def cases_to_take(person: User) -> CaseQuerySet:
    """What goes along: everything not ended. Closed cases stay where they were earned."""
    return Case.objects.filter(person=person, status__in=ALIVE).with_names()


def transfer_person(person: User, organization: Organization, *, actor: User, comment: str = "") -> int:
    """Change the person's organization and take his cases along; returns how many.

    Raises MoveRefused when he is there already, or when a case changed in between.
    """
    with transaction.atomic():
        # NO KEY: who writes a line of the log about the person meanwhile need not wait, and we might wait for him.
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        cases = list(cases_to_take(person).exclude(organization=organization))
        if person.organization_id == organization.pk and not cases:
            raise MoveRefused(f"Педагог уже числится в «{organization}».")
        former = person.organization
        person.organization = organization
        person.save(update_fields=["organization", "updated_at"])
        note = f"организация: {former or 'не указана'} → {organization}"
        record(LogEntry.Action.CHANGED, actor=actor, person=person, about=person, note=note)
        for case in cases:
            _take(case, organization, actor, comment)
        take_along(person, organization, actor=actor)  # after the cases: a case is always taken before a route
        for case in _assessed_by(person, organization):
            _keep_assessor_independent(case, actor)
    return len(cases)


def _assessed_by(member: User, organization: Organization) -> CaseQuerySet:
    """Cases of the organization in which the person takes part as a regional methodist: he works there now himself."""
    asked = Request.objects.of_kind_for(Case, member).filter(status__in=Request.OPEN)
    return Case.objects.filter(pk__in=asked.values("source_id"), organization=organization).with_names()


def _take(case: Case, organization: Organization, actor: User, comment: str) -> None:
    from_name, former = str(case.organization), case.responsible
    case.organization = organization  # who answers is looked for in the new place
    responsible = find_responsible(case) if case.status in ANSWERED_FOR else None
    words = f"{from_name} → {organization}" + (f". {comment.strip()}" if comment.strip() else "")
    move(
        case,
        "transfer",
        actor=actor,
        due=same_due(case),
        comment=words,
        organization=organization,
        responsible=responsible,
        on_behalf_of=None,
    )
    # Whoever serves the new place names members and agrees to days from now on.
    Request.objects.of(case).live().update(organization=organization)
    if responsible is not None:
        Task.objects.of(case).open().exclude(kind="").update(assignee=responsible)
    _keep_assessor_independent(case, actor)
    notices.transferred(case, former, from_name)


def _keep_assessor_independent(case: Case, actor: User) -> None:
    """A member never assesses in his own organization: after a move into it another one is to be named."""
    if case.status not in (Status.RMA_REQUESTED, Status.RMA_REVIEW):
        return
    asked = Request.objects.of(case).filter(kind=Request.Kind.ASSESSMENT, status__in=Request.OPEN)
    request = asked.select_related("member__user").first()
    if request is None or request.member is None or request.member.user.organization_id != case.organization_id:
        return
    move(case, "lose_rma", actor=actor, due=rma_answer_limit(today()), rma_member=None)
    rma_services.withdraw_open(case, Request.Kind.ASSESSMENT, actor=actor)
    want_rma(case, author=actor, actor=actor, former=request, tell=notices.member_lost)
