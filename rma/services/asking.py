"""What happens to a request itself: asked, named, accepted, declined, put off, handed over, done, taken back.

What it changes in the case or route it was born of is the origin's (rma/origins.py), which calls these.
"""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from cabinet.core.clock import add_working_days, today
from cabinet.structure.models import Subject
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from rma.models import Direction, Member, Request
from rma.services.matching import members_for

Status = Request.Status
ALREADY = "На этот запрос уже ответили. Обновите страницу, чтобы увидеть ответ."


class RequestRefused(Exception):
    """The request cannot go this way; the text is for the user."""


def answer_limit() -> date:
    return add_working_days(today(), settings.MOTOR_RMA_ANSWER_WORKING_DAYS)


def work_limit(on: date | None = None) -> date:
    """Until when what was accepted is to be done: the agreed day, else the same days an assessment has."""
    return on or add_working_days(today(), settings.MOTOR_RMA_REVIEW_WORKING_DAYS)


def create_request(
    *,
    kind: str,
    author: User,
    organization_id: int,
    reason: str,
    member: Member | None = None,
    source: models.Model | None = None,
    person: User | None = None,
    people: Iterable[User] = (),
    topic: str = "",
    subject: Subject | None = None,
    direction: Direction | None = None,
    wanted_on: date | None = None,
    former: Request | None = None,
) -> Request:
    """Ask a member; without one the request waits in the queue for the municipal service.

    One live request of a kind per source; limits of who may be asked are checked here.
    """
    if member is not None:
        refuse_unfit(member, kind=kind, person=person, organization_id=organization_id)
    try:
        with transaction.atomic():
            request = Request.objects.create(
                source_type=None if source is None else ContentType.objects.get_for_model(source),
                source_id=None if source is None else source.pk,
                kind=kind,
                status=Status.WANTED if member is None else Status.SENT,
                member=member,
                author=author,
                person=person,
                organization_id=organization_id,
                reason=reason.strip(),
                topic=topic.strip(),
                subject=subject,
                direction=direction,
                wanted_on=wanted_on,
                former=former,
                due_on=answer_limit(),
            )
            request.people.set(people)
    except IntegrityError as error:
        raise RequestRefused("Такой запрос уже открыт: дождитесь ответа или снимите его.") from error
    _note(request, author, "отправлен запрос к РМА" if member else "запрос к РМА ждёт методиста")
    return request


def refuse_unfit(member: Member, *, kind: str, person: User | None, organization_id: int) -> None:
    assessment = kind == Request.Kind.ASSESSMENT
    allowed = members_for(person=person, organization_id=organization_id, assessment=assessment)
    if not allowed.filter(pk=member.pk).exists():
        raise RequestRefused(
            "Этот методист РМА не может участвовать: он сам прошёл курс, работает в той же организации "
            "или не действует. Выберите другого."
        )


def name_member(request: Request, member: Member, *, actor: User) -> bool:
    """Somebody from the queue gets his member; says whether the request was still waiting for one."""
    refuse_unfit(member, kind=request.kind, person=request.person, organization_id=request.organization_id)
    changed = _move(request, (Status.WANTED,), Status.SENT, member=member, due_on=answer_limit(), reminded_at=None)
    if changed:
        _note(request, actor, f"назван методист РМА: {member.user.full_name}")
    return changed


def accept(request: Request, comment: str = "", *, on: date | None = None) -> bool:
    """The member takes it; `on` is the day agreed upon."""
    return _move(
        request,
        Request.UNANSWERED,
        Status.ACCEPTED,
        answer=comment,
        answered_at=timezone.now(),
        agreed_on=on or request.wanted_on,
        due_on=work_limit(on or request.wanted_on),
        reminded_at=None,
    )


def decline(request: Request, reason: str) -> bool:
    return _move(request, Request.UNANSWERED, Status.DECLINED, answer=reason, answered_at=timezone.now())


def propose_date(request: Request, on: date, comment: str) -> bool:
    """Ready to help, but on another day: the turn goes back to whoever asked."""
    return _move(
        request,
        (Status.SENT,),
        Status.PROPOSED,
        proposed_on=on,
        answer=comment,
        answered_at=timezone.now(),
        due_on=answer_limit(),
        reminded_at=None,
    )


def agree_date(request: Request) -> bool:
    """The day the member proposed suits: that makes it accepted."""
    if request.status != Status.PROPOSED or request.proposed_on is None:
        return False
    return accept(request, request.answer, on=request.proposed_on)


def hand_over(request: Request, to: Member, *, actor: User, reason: str) -> Request:
    """The member passes it to another, who is asked anew. Raises RequestRefused."""
    if request.member_id == to.pk:
        raise RequestRefused("Запрос уже у этого методиста. Выберите другого.")
    with transaction.atomic():
        if not _move(request, Request.OPEN, Status.HANDED, answer=reason, answered_at=timezone.now()):
            raise RequestRefused(ALREADY)
        return _anew(request, to)


def want_again(request: Request) -> Request:
    """Nobody has it any more: the same words wait in the queue for another to be named."""
    return _anew(request, None)


def _anew(former: Request, member: Member | None) -> Request:
    return create_request(
        kind=former.kind,
        author=former.author,
        organization_id=former.organization_id,
        reason=former.reason,
        member=member,
        source=former.source,
        person=former.person,
        people=former.people.all(),
        topic=former.topic,
        subject=former.subject,
        direction=former.direction,
        wanted_on=former.agreed_on or former.wanted_on,
        former=former,
    )


def finish(request: Request, result: str = "") -> bool:
    return _move(request, (Status.ACCEPTED,), Status.DONE, result=result, done_at=timezone.now())


def withdraw(request: Request, reason: str = "") -> bool:
    """Taken back by whoever asked."""
    return _move(request, Request.LIVE, Status.WITHDRAWN, result=reason, answered_at=timezone.now())


def withdraw_open(source: models.Model, kind: str) -> int:
    """Take back what is still open for a source, when it is no longer needed."""
    return (
        Request.objects.of(source)
        .filter(kind=kind, status__in=Request.LIVE)
        .update(status=Status.WITHDRAWN, answered_at=timezone.now())
    )


def settle(source: models.Model) -> None:
    """The source has ended: what was accepted counts as done, what nobody answered is taken back."""
    requests, now = Request.objects.of(source), timezone.now()
    requests.filter(status=Status.ACCEPTED).update(status=Status.DONE, done_at=now)
    requests.filter(status__in=(Status.WANTED, *Request.UNANSWERED)).update(status=Status.WITHDRAWN, answered_at=now)


def _move(request: Request, before: Iterable[str], after: str, **fields: object) -> bool:
    """Move a request once; says whether it was still there to move."""
    standing = Request.objects.filter(pk=request.pk, status__in=tuple(before), member=request.member_id)
    changed = standing.update(status=after, **fields)
    request.refresh_from_db()
    return bool(changed)


def _note(request: Request, actor: User, what: str) -> None:
    note = f"{what}: {request.get_kind_display()}"
    record(LogEntry.Action.CHANGED, actor=actor, person=request.person, about=request, note=note)
