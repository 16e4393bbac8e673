"""Assessment: the school's checklist, the regional methodist's, and the requests between them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery

import rma.services as rma_services
from cabinet.core.clock import add_working_days, today
from cabinet.users.models import User
from iom.services.helping import put_rma_on_route
from motor.models import Case, CaseQuerySet, Checklist, Status, Study, Transition
from motor.moves import MoveRefused, hold, move, touch
from motor.services import irregular_notices, notices
from motor.services.follow_up import start_follow_up
from motor.services.independence import refuse_dependent
from motor.services.limits import follow_up_limit, rma_answer_limit, rma_review_limit
from rma.models import Member, Request


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

    `member` is the regional methodist asked; without one, he is named later on the case's page.
    """
    refuse_dependent(case, assessor, Checklist.AssessorKind.SCHOOL)
    if case.status != Status.SCHOOL_REVIEW:
        raise MoveRefused("Чек-лист уже заполнен или карта ещё не дошла до оценки. Обновите страницу.")
    with transaction.atomic():
        checklist = _write_checklist(case, answers, Checklist.AssessorKind.SCHOOL, assessor)
        if answers.rma_help == Checklist.RmaHelp.ASSESSMENT:
            move(case, "ask_rma", actor=assessor, due=rma_answer_limit(today()), comment=answers.rma_reason)
            if member is not None:
                _ask(case, member, Request.Kind.ASSESSMENT, assessor, answers.rma_reason)
            else:
                notices.rma_wanted(case)
        else:
            move(case, "assess", actor=assessor, due=follow_up_limit(today()))
            if answers.rma_help and member is not None:
                _ask(case, member, Request.Kind.IOM_HELP, assessor, answers.rma_reason)
            start_follow_up(case)
    return checklist


def _ask(case: Case, member: Member, kind: str, author: User, reason: str) -> None:
    if case.checklists.in_force().filter(version=case.version, assessor=member.user_id).exists():
        raise MoveRefused("Этот человек уже заполнил чек-лист методиста ОО: второе мнение даёт другой.")
    if kind == Request.Kind.ASSESSMENT and member.user_id in (case.responsible_id, case.on_behalf_of_id):
        raise MoveRefused("Этот человек отвечает за карту: второе мнение даёт другой.")
    try:
        request = rma_services.create_request(
            source=case,
            kind=kind,
            member=member,
            author=author,
            person=case.person,
            organization_id=case.organization_id,
            reason=reason,
        )
    except rma_services.RequestRefused as error:
        raise MoveRefused(str(error)) from error
    notices.rma_asked(case, request)


def open_request(case: Case) -> Request | None:
    """The request about participation in the assessment that is sent or accepted now."""
    return (
        Request.objects.of(case)
        .filter(kind=Request.Kind.ASSESSMENT, status__in=Request.OPEN)
        .select_related("member__user", "author")
        .first()
    )


def name_rma(case: Case, member: Member, *, actor: User, reason: str) -> None:
    """Name the member to ask when nobody is asked at the moment (none yet, or the former one declined)."""
    if open_request(case) is not None:
        raise MoveRefused("Запрос уже отправлен: дождитесь ответа или его срока.")
    with transaction.atomic():
        move(case, "name_rma", actor=actor, due=rma_answer_limit(today()), comment=member.user.full_name)
        _ask(case, member, Request.Kind.ASSESSMENT, actor, reason)


def accept_request(case: Case, request: Request, *, actor: User) -> None:
    """The member takes part: from now on the case is his to assess."""
    with transaction.atomic():
        hold(case)
        if not rma_services.accept(request):
            raise MoveRefused("На этот запрос уже ответили.")
        if request.kind == Request.Kind.ASSESSMENT:
            move(case, "accept_rma", actor=actor, due=rma_review_limit(today()), rma_member=request.member)
        else:
            Case.objects.filter(pk=case.pk).update(rma_member=request.member)
            touch(case)
            put_rma_on_route(case.person, request.member, actor=actor)
        notices.rma_answered(case, request)


def decline_request(case: Case, request: Request, *, actor: User, reason: str) -> None:
    """A refusal with a reason; another member is to be named."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему не можете участвовать: это поможет найти другого методиста.")
    with transaction.atomic():
        hold(case)
        if not rma_services.decline(request, reason):
            raise MoveRefused("На этот запрос уже ответили.")
        if request.kind == Request.Kind.ASSESSMENT:
            move(case, "decline_rma", actor=actor, due=rma_answer_limit(today()), comment=reason)
        else:
            touch(case)
        notices.rma_answered(case, request)


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
        rma_services.withdraw_open(case, Request.Kind.ASSESSMENT)
        start_follow_up(case)


def replace_rma(case: Case, *, actor: User, reason: str) -> None:
    """The member asked cannot be waited for: his request is taken back, another is to be named."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему нужен другой методист РМА.")
    request = open_request(case)
    with transaction.atomic():
        move(case, "lose_rma", actor=actor, due=rma_answer_limit(today()), comment=reason, rma_member=None)
        rma_services.withdraw_open(case, Request.Kind.ASSESSMENT)
        if request is not None:
            irregular_notices.request_withdrawn(case, request.member.user)


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
    return checklist


BEGIN_SEARCH = ("ask_rma", "lose_rma", "restore", "resume")  # the ten days count from the last of them


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
