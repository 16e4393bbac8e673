"""Assessment: the school's checklist, the regional methodist's, and the requests between them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

import rma.services as rma_services
import rma.services.notices as rma_notices
from cabinet.core.clock import Deadline, add_working_days, today
from cabinet.core.words import long_date
from cabinet.users.models import User
from iom.services.helping import hold_route_of, put_rma_on_route, release
from motor.models import Case, CaseQuerySet, Checklist, Status, Study, Transition
from motor.moves import MoveRefused, hold, move, touch
from motor.services import notices, offering
from motor.services.follow_up import start_follow_up
from motor.services.independence import refuse_dependent
from motor.services.limits import follow_up_limit, rma_answer_limit, rma_review_limit
from rma.models import Member, Request

ANSWERED = "На этот запрос уже ответили."
REASON = "Участие в оценке"  # of a request whose words are not known any more


@dataclass(frozen=True)
class StudyAnswer:
    kind: str
    on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class ChecklistAnswers:
    """A, B, D and E of domain.md section 5.3, already checked by the form."""

    is_significant: bool
    practice: str
    other_topic_found: bool
    other_topic: str = ""
    rma_help: str = ""
    rma_reason: str = ""
    recommends_experience: bool | None = None
    recommendations: str = ""
    comment: str = ""
    studies: list[StudyAnswer] = field(default_factory=list)


def _write_checklist(case: Case, answers: ChecklistAnswers, kind: str, assessor: User) -> Checklist:
    checklist = Checklist(
        case=case,
        version=case.version,
        assessor_kind=kind,
        assessor=assessor,
        is_significant=answers.is_significant,
        practice=answers.practice,
        other_topic_found=answers.other_topic_found,
        other_topic=answers.other_topic,
        rma_help=answers.rma_help,
        rma_reason=answers.rma_reason,
        recommends_experience=answers.recommends_experience,
        recommendations=answers.recommendations,
        comment=answers.comment,
        from_conversation=not case.surveys.submitted().exists(),
    )
    try:
        with transaction.atomic():
            checklist.save(force_insert=True)
    except IntegrityError as error:
        raise MoveRefused("Чек-лист уже сохранён. Обновите страницу, чтобы увидеть его.") from error
    Study.objects.bulk_create(
        Study(checklist=checklist, kind=item.kind, on=item.on, note=item.note) for item in answers.studies
    )
    return checklist


def save_school_checklist(
    case: Case, answers: ChecklistAnswers, *, assessor: User, member: Member | None = None
) -> Checklist:
    """The school's opinion. E=участие в оценке asks РМА, otherwise the result is computed at once.

    `member` is the regional methodist asked; without one the request waits in the queue until somebody is named.
    """
    refuse_dependent(case, assessor, Checklist.AssessorKind.SCHOOL)
    if case.status != Status.SCHOOL_REVIEW:
        raise MoveRefused("Чек-лист уже заполнен или карта ещё не дошла до оценки. Обновите страницу.")
    with transaction.atomic():
        checklist = _write_checklist(case, answers, Checklist.AssessorKind.SCHOOL, assessor)
        if answers.rma_help == Checklist.RmaHelp.ASSESSMENT:
            move(case, "ask_rma", actor=assessor, due=rma_answer_limit(today()), comment=answers.rma_reason)
            ask_or_queue(case, member, Request.Kind.ASSESSMENT, assessor, answers.rma_reason)
        else:
            move(case, "assess", actor=assessor, due=follow_up_limit(today()))
            if answers.rma_help:
                ask_or_queue(case, member, Request.Kind.IOM_HELP, assessor, answers.rma_reason)
            start_follow_up(case)
    return checklist


def ask_or_queue(case: Case, member: Member | None, kind: str, author: User, reason: str, **wishes: Any) -> Request:
    """Ask the member; without one the request waits in the queue of the municipal service."""
    if member is not None:
        return ask(case, member, kind, author, reason, **wishes)
    if kind == Request.Kind.ASSESSMENT:
        notices.rma_wanted(case, actor=author)  # the case waits; of help the queue's own letter tells
    return _create(case, kind, author, reason, **wishes)


def want_rma(
    case: Case,
    *,
    author: User,
    actor: User | None,
    former: Request | None = None,
    tell: Callable[..., None] = notices.rma_wanted,
) -> None:
    """Nobody is asked to take part at the moment: the request stands in the queue until another is named."""
    tell(case, actor=actor)
    if former is not None:
        rma_services.want_again(former)
        return
    said = case.checklists.in_force().filter(version=case.version, assessor_kind=Checklist.AssessorKind.SCHOOL).last()
    _create(case, Request.Kind.ASSESSMENT, author, (said.rma_reason if said else "") or REASON)


def ask(case: Case, member: Member, kind: str, author: User, reason: str, **wishes: Any) -> Request:
    """Ask this member; what waits in the queue for somebody to be named gets him."""
    refuse_assessor(case, member, kind)
    waiting = Request.objects.of(case).filter(kind=kind, status=Request.Status.WANTED).first()
    if waiting is None:
        request = _create(case, kind, author, reason, member=member, **wishes)
    else:
        request = _name(waiting, member, author, reason, wishes)
    rma_notices.asked(request, actor=author)
    return request


def _create(case: Case, kind: str, author: User, reason: str, **wishes: Any) -> Request:
    subject = wishes.pop("subject", None) or case.completion.subject
    try:
        return rma_services.create_request(
            source=case,
            kind=kind,
            author=author,
            person=case.person,
            organization_id=case.organization_id,
            reason=reason,
            subject=subject,
            **wishes,
        )
    except rma_services.RequestRefused as error:
        raise MoveRefused(str(error)) from error


def _name(waiting: Request, member: Member, author: User, reason: str, wishes: dict[str, Any]) -> Request:
    said = {name: value for name, value in wishes.items() if value}
    Request.objects.filter(pk=waiting.pk).update(author=author, reason=reason.strip(), **said)
    try:
        if not rma_services.name_member(waiting, member, actor=author):
            raise MoveRefused("Запрос уже отправлен: дождитесь ответа или его срока.")
    except rma_services.RequestRefused as error:
        raise MoveRefused(str(error)) from error
    return waiting


def never_asked(case: Case, kind: str) -> dict[int, str]:
    """User id → why this person takes no part in this very case, besides what holds for every request."""
    return never_asked_of([(case, kind)])[0]


def never_asked_of(wanted: Sequence[tuple[Case, str]]) -> list[dict[int, str]]:
    """The same for many cases, each with the kind of its request: one query."""
    assessed = [case for case, kind in wanted if kind == Request.Kind.ASSESSMENT]
    assessors: dict[tuple[int, int], list[int]] = defaultdict(list)
    if assessed:
        given = Checklist.objects.in_force().filter(case__in=[case.pk for case in assessed])
        for pk, version, assessor in given.values_list("case", "version", "assessor"):
            assessors[pk, version].append(assessor)
    found = []
    for case, kind in wanted:
        whys = {pk: "отвечает за эту карту" for pk in (case.responsible_id, case.on_behalf_of_id) if pk}
        if kind == Request.Kind.ASSESSMENT:
            whys |= dict.fromkeys(assessors[case.pk, case.version], "уже заполнил(а) чек-лист по этой карте")
        found.append(whys)
    return found


def refuse_assessor(case: Case, member: Member, kind: str) -> None:
    why = never_asked(case, kind).get(member.user_id)
    if why is None:
        return
    if kind == Request.Kind.ASSESSMENT:
        raise MoveRefused(f"Этот человек {why}: второе мнение даёт другой.")
    raise MoveRefused(f"Этот человек {why}: попросите другого.")


def open_request(case: Case) -> Request | None:
    """The request about participation in the assessment that is sent or accepted now."""
    return (
        Request.objects.of(case)
        .filter(kind=Request.Kind.ASSESSMENT, status__in=Request.OPEN)
        .select_related("member__user", "author")
        .first()
    )


def name_rma(
    case: Case, member: Member, *, actor: User, reason: str, author: User | None = None, **wishes: Any
) -> Request:
    """Name the member to ask when nobody is asked at the moment; the answer goes to `author`, else to whoever names."""
    if open_request(case) is not None:
        raise MoveRefused("Запрос уже отправлен: дождитесь ответа или его срока.")
    with transaction.atomic():
        move(case, "name_rma", actor=actor, due=rma_answer_limit(today()), comment=member.user.full_name)
        return ask(case, member, Request.Kind.ASSESSMENT, author or actor, reason, **wishes)


def hold_both(case: Case, request: Request) -> None:
    """The case, then the route this answer changes; the request comes after them."""
    hold(case)
    hold_route_of(request)


def accept_request(case: Case, request: Request, *, actor: User, comment: str = "", on: date | None = None) -> None:
    """The member takes part: from now on the case is his to assess; `on` is the day agreed upon."""
    with transaction.atomic():
        hold_both(case, request)
        if not rma_services.accept(request, comment, on=on):
            raise MoveRefused(ANSWERED)
        _begin(case, request, actor)
        rma_notices.accepted(request, actor=actor)


def agree_day(case: Case, request: Request, *, actor: User) -> None:
    """The day the member proposed suits whoever asked: that makes the request accepted."""
    with transaction.atomic():
        hold_both(case, request)
        if not rma_services.agree_date(request):
            raise MoveRefused(ANSWERED)
        _begin(case, request, actor)
        rma_notices.day_agreed(request, actor=actor)


def _begin(case: Case, request: Request, actor: User) -> None:
    if request.member is None:
        raise MoveRefused(ANSWERED)
    if request.kind == Request.Kind.ASSESSMENT:
        move(case, "accept_rma", actor=actor, due=_agreed_limit(request), rma_member=request.member)
    elif request.kind == Request.Kind.IOM_HELP:
        involve(case, request.member)
        touch(case)
        put_rma_on_route(case.person, request.member, actor=actor)
    else:
        touch(case)
    notices.rma_answered(case, request)


def involve(case: Case, member: Member | None) -> None:
    """Who helps stands in the case once there is a result; before it only who assesses does."""
    if case.status == Status.FOLLOW_UP:
        Case.objects.filter(pk=case.pk).update(rma_member=member)
        case.rma_member = member


def _agreed_limit(request: Request) -> Deadline:
    if request.agreed_on is not None and request.agreed_on >= today():
        return Deadline(request.agreed_on, f"договорились с методистом РМА на {long_date(request.agreed_on)}")
    return rma_review_limit(today())


def decline_request(case: Case, request: Request, *, actor: User, reason: str) -> None:
    """A refusal with a reason; another member is to be named."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему не можете участвовать: это поможет найти другого методиста.")
    with transaction.atomic():
        hold_both(case, request)
        if not rma_services.decline(request, reason):
            raise MoveRefused(ANSWERED)
        if request.kind == Request.Kind.ASSESSMENT:
            move(case, "decline_rma", actor=actor, due=rma_answer_limit(today()), comment=reason)
        else:
            touch(case)
            release(request, actor=actor)
        rma_services.want_again(request)
        _tell_declined(case, request, actor)


def _tell_declined(case: Case, request: Request, actor: User) -> None:
    """Whoever asked and whoever answers for the case read that another is to be named; without them who names one."""
    notices.rma_answered(case, request)
    rma_notices.declined(request, actor=actor)
    told = {case.responsible_id, request.author_id}
    if request.kind == Request.Kind.ASSESSMENT and not any(one.pk in told for one in notices.namers(case, actor)):
        notices.rma_wanted(case, actor=actor)


def go_without_rma(case: Case, *, actor: User | None, reason: str) -> None:
    """By the methodist's word, or when nobody was found in time: the school's checklist stands alone."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему продолжаете без РМА.")
    with transaction.atomic():
        move(
            case,
            "without_rma",
            actor=actor,
            due=follow_up_limit(today()),
            comment=reason,
            without_rma=True,
        )
        rma_services.withdraw_open(case, Request.Kind.ASSESSMENT, actor=actor, reason=reason.strip())
        start_follow_up(case)


def replace_rma(case: Case, *, actor: User, reason: str) -> None:
    """The member asked cannot be waited for: his request is taken back, another is to be named."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему нужен другой методист РМА.")
    request = open_request(case)
    with transaction.atomic():
        move(case, "lose_rma", actor=actor, due=rma_answer_limit(today()), comment=reason, rma_member=None)
        rma_services.withdraw_open(case, Request.Kind.ASSESSMENT, actor=actor, reason=reason.strip())
        want_rma(case, author=actor, actor=actor, former=request)


def save_rma_checklist(case: Case, answers: ChecklistAnswers, *, assessor: User) -> Checklist:
    """The regional methodist's opinion; his whole checklist counts for the outcome."""
    refuse_dependent(case, assessor, Checklist.AssessorKind.RMA)
    if case.status != Status.RMA_REVIEW:
        raise MoveRefused("Чек-лист уже заполнен или запрос ещё не принят. Обновите страницу.")
    with transaction.atomic():
        request = open_request(case)
        checklist = _write_checklist(case, answers, Checklist.AssessorKind.RMA, assessor)
        move(case, "assess_rma", actor=assessor, due=follow_up_limit(today()))
        if request is not None:
            rma_services.finish(request)
        start_follow_up(case)
        offering.offer_checklist(case, checklist)
    return checklist


BEGIN_SEARCH = ("ask_rma", "lose_rma", "hand_over_rma", "restore", "resume")  # the ten days count from the last of them


def give_up_search(day: date | None = None) -> int:
    """Nobody found at РМА in ten working days: the case goes on without, marked so."""
    moved = 0
    for case in _searched_in_vain(day or today()).with_names():
        try:
            go_without_rma(case, actor=None, reason="Методист РМА не нашёлся за отведённое время.")
            moved += 1
        except MoveRefused:
            continue
    return moved


def _searched_in_vain(day: date) -> CaseQuerySet:
    last_start = day
    while add_working_days(last_start, settings.MOTOR_RMA_SEARCH_WORKING_DAYS) >= day:
        last_start -= timedelta(days=1)
    began = Transition.objects.filter(case=OuterRef("pk"), version=OuterRef("version"), move__in=BEGIN_SEARCH)
    return (
        Case.objects.filter(status=Status.RMA_REQUESTED, paused_until=None)
        .annotate(search_began=Subquery(began.order_by("-at", "-pk").values("at")[:1]))
        .filter(search_began__date__lte=last_start)
    )
