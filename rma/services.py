"""What happens to a request: asked, accepted, declined, done, withdrawn."""

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from cabinet.core.clock import add_working_days, today
from cabinet.users.models import Membership, User
from cabinet.users.models.role import ORGANIZATION_ROLES
from rma.models import Member, MemberQuerySet, Request


class RequestRefused(Exception):
    """The request cannot go this way; the text is for the user."""


def members_for(*, person: User, organization_id: int, assessment: bool) -> MemberQuerySet:
    """Members who may be asked about a person: never himself, for an assessment never of the same organization."""
    members = Member.objects.available().exclude(user=person)
    if assessment:
        roles = Membership.objects.active().filter(organization=organization_id, role__in=ORGANIZATION_ROLES)
        members = members.exclude(user__organization=organization_id).exclude(user__in=roles.values("user"))
    return members.with_load()


def create_request(
    *, source: models.Model, kind: str, member: Member, author: User, person: User, organization_id: int, reason: str
) -> Request:
    """Ask a member. One open request of a kind per source; limits of who may be asked are checked here."""
    assessment = kind == Request.Kind.ASSESSMENT
    allowed = members_for(person=person, organization_id=organization_id, assessment=assessment)
    if not allowed.filter(pk=member.pk).exists():
        raise RequestRefused(
            "Этот методист РМА не может участвовать: он сам прошёл курс, работает в той же организации "
            "или не действует. Выберите другого."
        )
    return Request.objects.create(
        source_type=ContentType.objects.get_for_model(source),
        source_id=source.pk,
        kind=kind,
        member=member,
        author=author,
        person=person,
        organization_id=organization_id,
        reason=reason,
        answer_due_on=add_working_days(today(), settings.MOTOR_RMA_ANSWER_WORKING_DAYS),
    )


def _end(request: Request, before: str, after: str, answer: str = "") -> bool:
    """Move a request once; says whether it was still there to move."""
    changed = Request.objects.filter(pk=request.pk, status=before).update(
        status=after, answer=answer, answered_at=timezone.now()
    )
    request.refresh_from_db()
    return bool(changed)


def accept(request: Request, comment: str = "") -> bool:
    return _end(request, Request.Status.SENT, Request.Status.ACCEPTED, comment)


def decline(request: Request, reason: str) -> bool:
    return _end(request, Request.Status.SENT, Request.Status.DECLINED, reason)


def finish(request: Request) -> bool:
    return bool(
        Request.objects.filter(pk=request.pk, status=Request.Status.ACCEPTED).update(status=Request.Status.DONE)
    )


def withdraw_open(source: models.Model, kind: str) -> int:
    """Take back what is still open for a source, when it is no longer needed."""
    return (
        Request.objects.of(source)
        .filter(kind=kind, status__in=Request.OPEN)
        .update(status=Request.Status.WITHDRAWN, answered_at=timezone.now())
    )


def settle(source: models.Model) -> None:
    """The source has ended: what was accepted counts as done, what nobody answered is taken back."""
    requests = Request.objects.of(source)
    requests.filter(status=Request.Status.ACCEPTED).update(status=Request.Status.DONE)
    requests.filter(status=Request.Status.SENT).update(status=Request.Status.WITHDRAWN, answered_at=timezone.now())
