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
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from rma.models import Direction, Member, Request, RequestQuerySet
from rma.services import notices
from rma.services.matching import Pool
from rma.services.needs import ASKS, Need, need_of

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

    One live request of a kind per source; who may be asked is checked here as the picker does.
    """
    people = tuple(people)
    if member is not None:
        place = Organization.objects.select_related("municipality__territory").get(pk=organization_id)
        need = Need(kind, place, person, people, source, subject, direction, never={author.pk: ASKS})
        refuse_unfit(member, need, former)
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


def refuse_unfit(member: Member, need: Need, former: Request | None = None) -> None:
    """Whoever the picker does not offer is not asked either, in the same words."""
    pool = Pool([need], [former] if former else [], only=member.pk)
    offer = pool.offer(need, member.pk, former)
    why = offer.refusal if offer else "нет в группе"
    if why:
        raise RequestRefused(f"{member.user.short_name}: {why}. Выберите другого методиста РМА.")


def name_member(request: Request, member: Member, *, actor: User) -> bool:
    """Somebody from the queue gets his member; says whether the request was still waiting for one."""
    refuse_unfit(member, need_of(request), request)
    changed = _move(request, (Status.WANTED,), Status.SENT, member=member, due_on=answer_limit(), reminded_at=None)
    if changed:
        _note(request, actor, f"назван методист РМА: {member.user.full_name}")
    return changed


def accept(request: Request, comment: str = "", *, on: date | None = None) -> bool:
    """The member takes it; `on` is the day agreed upon. A day gone by meanwhile is agreed by nobody."""
    if request.has_lost_member:
        return False
    day = ahead(on or request.wanted_on)
    return _move(
        request,
        Request.UNANSWERED,
        Status.ACCEPTED,
        answer=comment,
        answered_at=timezone.now(),
        agreed_on=day,
        due_on=work_limit(day),
        reminded_at=None,
    )


def ahead(day: date | None) -> date | None:
    """The day, unless it has gone by."""
    return day if day is not None and day >= today() else None


def decline(request: Request, reason: str) -> bool:
    return _move(request, Request.UNANSWERED, Status.DECLINED, answer=reason, answered_at=timezone.now())


def propose_date(request: Request, on: date, comment: str) -> bool:
    """Ready to help, but on another day: the turn goes back to whoever asked."""
    return _move(
        request,
        Request.UNANSWERED if request.is_day_past else (Status.SENT,),
        Status.PROPOSED,
        proposed_on=on,
        answer=comment,
        answered_at=timezone.now(),
        due_on=answer_limit(),
        reminded_at=None,
    )


def agree_date(request: Request) -> bool:
    """The day the member proposed suits: that makes it accepted; gone by meanwhile, it is accepted without a day."""
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


@transaction.atomic
def ask_again(former: Request, member: Member) -> Request:
    """A direct request that was declined goes to another member. Raises RequestRefused for the second time."""
    declined = Request.objects.select_for_update(no_key=True, of=("self",)).get(pk=former.pk)
    if declined.status != Status.DECLINED or declined.later.exists():
        raise RequestRefused(ALREADY)
    return _anew(former, member)


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
        wanted_on=ahead(former.agreed_on or former.wanted_on),
        former=former,
    )


def finish(request: Request, result: str = "") -> bool:
    return _move(request, (Status.ACCEPTED,), Status.DONE, result=result, done_at=timezone.now())


def withdraw(request: Request, reason: str = "") -> bool:
    """Taken back by whoever asked."""
    return _move(request, Request.LIVE, Status.WITHDRAWN, result=reason, answered_at=timezone.now())


def withdraw_open(source: models.Model, kind: str, *, actor: User | None = None, reason: str = "") -> list[Request]:
    """Take back what is still open for a source, when it is no longer needed; its member is told, once.

    Returns what was taken back. Without an actor it is the cabinet that does.
    """
    return _take_back(Request.objects.of(source).filter(kind=kind, status__in=Request.LIVE), actor, reason)


def settle(source: models.Model, *, actor: User | None = None) -> list[Request]:
    """The source has ended: what was accepted counts as done, what nobody answered is taken back and told of.

    Returns what was taken back.
    """
    requests = Request.objects.of(source)
    requests.filter(status=Status.ACCEPTED).update(status=Status.DONE, done_at=timezone.now())
    return _take_back(requests.filter(status__in=(Status.WANTED, *Request.UNANSWERED)), actor, "")


def _take_back(requests: RequestQuerySet, actor: User | None, reason: str) -> list[Request]:
    taken = [one for one in requests.with_names() if withdraw(one, reason)]
    for one in taken:
        notices.withdrawn(one, actor=actor)
    return taken


def _move(request: Request, before: Iterable[str], after: str, **fields: object) -> bool:
    """Move a request once; says whether it was still there to move."""
    standing = Request.objects.filter(pk=request.pk, status__in=tuple(before), member=request.member_id)
    changed = standing.update(status=after, **fields)
    request.refresh_from_db()
    return bool(changed)


def _note(request: Request, actor: User, what: str) -> None:
    note = f"{what}: {request.get_kind_display()}"
    record(LogEntry.Action.CHANGED, actor=actor, person=request.person, about=request, note=note)
