"""What a request to РМА does in its case besides being asked and answered: put off, passed on, ended, lent."""

from datetime import date

from django.db import transaction
from django.db.models import Case as If
from django.db.models import Exists, F, OuterRef, Q, When

import rma.services as rma_services
import rma.services.notices as rma_notices
from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.users.models import Substitution, User
from iom.services.helping import release, replace_rma_on_route
from motor.models import Case, Checklist, Status
from motor.moves import MoveRefused, hold, move, same_due, touch
from motor.services.consultations import Meeting, hold_consultation
from motor.services.independence import works_in
from motor.services.limits import rma_answer_limit
from motor.services.review import (
    ANSWERED,
    ask_or_queue,
    go_without_rma,
    hold_both,
    involve,
    never_asked,
    open_request,
    refuse_assessor,
    replace_rma,
)
from rma.models import Member, MemberQuerySet, Request
from rma.origins import Need
from rma.services.matching import members_for

Kind = Request.Kind
HELP_KINDS = (Kind.IOM_HELP, Kind.CONSULTATION)
OFFERED = 10  # members in a list to choose from: on a phone more are a wall, and the picker has them all
TOPIC = 300  # characters of a meeting's topic


def may_name(case: Case, user: User) -> bool:
    """Whoever answers for the case, the municipal service, the admin; nobody names his own assessor."""
    if case.person_id == user.pk:
        return False
    serves = "admin" in user.roles or case.organization.municipality_id in user.own_municipalities
    return case.responsible_id == user.pk or serves


def may_ask(case: Case, user: User, kind: str) -> bool:
    """Is this the moment, and this the person, for such a request?"""
    if kind == Kind.ASSESSMENT:
        return case.status == Status.RMA_REQUESTED and may_name(case, user) and open_request(case) is None
    leads = case.responsible_id == user.pk and case.person_id != user.pk
    return kind in HELP_KINDS and leads and case.status in Case.UNDER_WAY


def reason_of(case: Case) -> str:
    """Why РМА is needed, as the school's checklist has it (E)."""
    given = case.checklists.in_force().filter(version=case.version, assessor_kind=Checklist.AssessorKind.SCHOOL)
    return given.values_list("rma_reason", flat=True).last() or ""


def need_of(case: Case, kind: str) -> Need:
    """What the case asks for, as the picker has to know it."""
    return Need(
        kind=kind,
        organization=case.organization,
        person=case.person,
        source=case,
        subject=case.completion.subject,
        reason=reason_of(case),
        never=never_asked(case, kind),
    )


def askable_members(case: Case, asker: User | None = None) -> MemberQuerySet:
    """Who may be asked to assess: with places left first, then of the subject, of the place, the freest.

    One query for a page that has many already; the picker weighs more and says why.
    """
    members = members_for(person=case.person, organization_id=case.organization_id, assessment=True)
    away = Substitution.objects.active().values("person")
    # As `never_asked` has it, but inside the same query.
    assessors = case.checklists.in_force().filter(version=case.version).order_by().values("assessor")
    holders = [pk for pk in (case.responsible_id, case.on_behalf_of_id, asker and asker.pk) if pk]
    near = Q(user__organization__municipality=case.organization.municipality_id)
    subject = case.completion.subject_id or 0
    taught = Member.subjects.through.objects.filter(member=OuterRef("pk"), subject=subject)
    ranked = members.annotate(
        is_full=If(When(case_limit__lte=F("load"), then=1), default=0),
        is_of_subject=If(When(Exists(taught) | Q(user__subject=subject), then=1), default=0),
        is_near=If(When(near, then=1), default=0),
    )
    return (
        ranked.filter(user__email__isnull=False)  # type: ignore[misc]  # `load` comes from with_load()
        .exclude(user__in=holders)
        .exclude(user__in=assessors)
        .exclude(user__in=away)
        .select_related("user__organization__municipality")
        .order_by("is_full", "-is_of_subject", "-is_near", "load", "user__last_name", "pk")
    )


def best_members(case: Case, asker: User | None = None) -> list[Member]:
    return list(askable_members(case, asker)[:OFFERED])


def ask_help(case: Case, kind: str, member: Member | None, *, author: User, reason: str, **wishes: object) -> Request:
    """Help with the ИОМ or a consultation: the case stays where it is, its history says who was asked."""
    if kind not in HELP_KINDS or case.status not in Case.UNDER_WAY:
        raise MoveRefused("Попросить помощи можно, пока идёт работа по карте. Обновите страницу.")
    with transaction.atomic():
        whom = member.user.full_name if member else "методист пока не назван"
        words = f"{Kind(kind).label}, {whom}"
        move(case, "ask_help", actor=author, due=same_due(case), comment=words)
        return ask_or_queue(case, member, kind, author, reason, **wishes)


def want_member(case: Case, *, author: User, reason: str, **wishes: object) -> Request:
    """РМА is to take part, whoever it will be: the request stands in the queue until one is named."""
    with transaction.atomic():
        hold(case)
        request = ask_or_queue(case, None, Kind.ASSESSMENT, author, reason, **wishes)
        touch(case)
    return request


def name_helper(case: Case, request: Request, member: Member, *, actor: User) -> None:
    """Somebody from the queue gets his member; who takes part in an assessment is named by `name_rma`."""
    with transaction.atomic():
        hold(case)
        refuse_assessor(case, member, request.kind)
        if not rma_services.name_member(request, member, actor=actor):
            raise MoveRefused("Методиста уже назвали. Обновите страницу.")
        touch(case)
        rma_notices.asked(request, actor=actor)


def propose_day(case: Case, request: Request, on: date, *, actor: User, comment: str) -> None:
    """Ready to take part, but on another day: whoever asked has the same days to answer."""
    with transaction.atomic():
        hold(case)
        if not rma_services.propose_date(request, on, comment):
            raise MoveRefused(ANSWERED)
        if request.kind == Kind.ASSESSMENT:
            words = f"{long_date(on)}. {comment}".strip()
            move(case, "propose_rma", actor=actor, due=rma_answer_limit(today()), comment=words)
        else:
            touch(case)
        rma_notices.proposed(request, actor=actor)


def pass_on(case: Case, request: Request, to: Member, *, actor: User, reason: str) -> Request:
    """The member gives the request to another, who is asked at once; an assessment he had begun waits for that one."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему передаёте запрос: это прочитает тот, кого просят.")
    with transaction.atomic():
        hold(case)
        refuse_assessor(case, to, request.kind)
        former = request.member.user.short_name if request.member else ""
        passed = rma_services.hand_over(request, to, actor=actor, reason=reason.strip())
        words = f"{request.get_kind_display()}: {former} → {to.user.short_name}. {reason.strip()}"
        if request.kind == Kind.ASSESSMENT:
            due, target = rma_answer_limit(today()), Status.RMA_REQUESTED
            move(case, "hand_over_rma", actor=actor, due=due, comment=words, target=target, rma_member=None)
        else:
            move(case, "hand_over_rma", actor=actor, due=same_due(case), comment=words)
        rma_notices.asked(passed, actor=actor)
        rma_notices.handed_over(request, passed, actor=actor)
    return passed


def finish_help(case: Case, request: Request, *, on: date, result: str, actor: User) -> None:
    """Help given; a consultation ends the step «работа с методистом РМА / наставником» as any other does."""
    if request.kind == Kind.ASSESSMENT:
        raise MoveRefused("Заполните чек-лист: запрос об участии в оценке закроется вместе с ним.")
    with transaction.atomic():
        hold_both(case, request)
        # First: the last step may close the case, and a closed case settles whatever is still open.
        if request.member is None or not rma_services.finish(request, result):
            raise MoveRefused(ANSWERED)
        if request.kind == Kind.CONSULTATION and case.status == Status.FOLLOW_UP:
            topic = (request.topic or " ".join(request.reason.split()))[:TOPIC]
            meeting = Meeting(on, topic, request.member, note=result, is_group=False)
            _, left = hold_consultation(meeting, [case], author=actor, request=request)
            if left:
                raise MoveRefused("Карта тем временем изменилась. Написанное осталось в форме: сверьте его с картой.")
        else:
            touch(case)
        release(request, actor=actor)
        rma_notices.done(request, actor=actor)


def withdraw_request(case: Case, request: Request, *, actor: User, reason: str) -> None:
    """Taken back by whoever asked: the assessment goes to another, or goes on without РМА; help is simply let go."""
    if request.kind == Kind.ASSESSMENT:
        _withdraw_assessment(case, request, actor, reason)
        return
    with transaction.atomic():
        hold_both(case, request)
        was_accepted = request.status == Request.Status.ACCEPTED
        if not rma_services.withdraw(request, reason):
            raise MoveRefused(ANSWERED)
        if was_accepted and request.kind == Kind.IOM_HELP and case.rma_member_id == request.member_id:
            involve(case, _assessor(case))
        touch(case)
        rma_notices.withdrawn(request, actor=actor)
        release(request, actor=actor)


def _withdraw_assessment(case: Case, request: Request, actor: User, reason: str) -> None:
    if not request.is_live:
        raise MoveRefused(ANSWERED)
    if request.status != Request.Status.WANTED:
        replace_rma(case, actor=actor, reason=reason)
    elif case.responsible_id == actor.pk:
        go_without_rma(case, actor=actor, reason=reason)
    else:
        raise MoveRefused("Карта ждёт методиста РМА. Назовите его или попросите методиста ОО продолжить без РМА.")


def _assessor(case: Case) -> Member | None:
    """The regional methodist whose opinion stands in the case, without regard to any help."""
    given = case.checklists.in_force().filter(version=case.version, assessor_kind=Checklist.AssessorKind.RMA)
    return Member.objects.filter(user__in=given.values("assessor")).first()


def lend_request(case: Case, request: Request, to: Member, *, actor: User | None) -> None:
    """Into another member's name without asking him: a deputy's for the time of a leave, or back."""
    with transaction.atomic():
        hold_both(case, request)
        _refuse_deputy(case, request, to)
        former = request.member
        standing = Request.objects.filter(pk=request.pk, status__in=Request.OPEN, member=former)
        if former is None or not standing.update(member=to):
            raise MoveRefused(ANSWERED)
        request.member = to
        words = f"{request.get_kind_display()}: {former.user.short_name} → {to.user.short_name}"
        holder = to if _holds_case(case, request, former) else case.rma_member
        if case.status in Case.UNDER_WAY:
            move(case, "lend_rma", actor=actor, due=same_due(case), comment=words, rma_member=holder)
        else:
            touch(case)
        if request.kind == Kind.IOM_HELP and request.status == Request.Status.ACCEPTED:
            replace_rma_on_route(case.person, former, to, actor=actor)


def _holds_case(case: Case, request: Request, member: Member) -> bool:
    """Does the case itself stand in his name by this request?"""
    if case.rma_member_id != member.pk:
        return False
    state = Status.RMA_REVIEW if request.kind == Kind.ASSESSMENT else Status.FOLLOW_UP
    return request.status == Request.Status.ACCEPTED and case.status == state


def _refuse_deputy(case: Case, request: Request, to: Member) -> None:
    name = to.user.short_name
    if to.user_id == case.person_id:
        raise MoveRefused(f"{name} — сам педагог этой карты.")
    if why := never_asked(case, request.kind).get(to.user_id):
        raise MoveRefused(f"{name} {why}.")
    if request.kind == Kind.ASSESSMENT and works_in(to.user, case.organization_id):
        raise MoveRefused(f"{name} работает в той же организации, что и педагог.")
