"""Who answers for a case: the organization's methodist, else the municipal specialist, else the admin."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, Role, Substitution, User
from motor.models import Case, CaseQuerySet, Status, Transition
from motor.moves import ANSWERED_FOR, MoveRefused, move, same_due
from motor.services import responsible_notices as letters
from motor.services.lending import note_lent, note_returned
from motor.services.staff import Answer, Staff

STEP_PREFIX = "motor.v"  # kinds of follow-up tasks: motor.v<version>.<step>
AT_ONCE = 500  # orphans looked at in one sweep


def find_responsible(case: Case, staff: Staff | None = None) -> User | None:
    """Who should answer for the case. For many cases at once, read their `staff` first: no queries then.

    Somebody away may be found: the sweep hands what is his to his deputy.
    """
    staff = staff or Staff([case])
    found = staff.choose(case)
    staff.give(Answer(found))
    return found


def assign_responsible(case: Case) -> bool:
    """Give the case to whoever should answer for it now; says whether that changed."""
    staff = Staff([case])
    return settle([(case, staff.answer(case, staff.choose(case)))]) > 0


def settle(
    answers: Iterable[tuple[Case, Answer]],
    name: str = "reassign",
    *,
    actor: User | None = None,
    why: str = "",
    tell: Callable[[list[Case]], None] = letters.handed_over,
) -> int:
    """Give cases to those who answer for them from now on, each once; returns how many changed hands.

    What one person gets is one transaction with one letter. A case that changed meanwhile is left as it is.
    """
    by_holder: dict[int | None, list[tuple[Case, Answer]]] = defaultdict(list)
    for case, answer in answers:
        by_holder[answer.user.pk if answer.user else None].append((case, answer))
    moved = 0
    for given in by_holder.values():
        with transaction.atomic():
            now_his = [case for case, answer in given if _give(case, answer, name, actor, why)]
            if now_his:
                tell(now_his)
        moved += len(now_his)
    return moved


def _give(case: Case, answer: Answer, name: str, actor: User | None, why: str) -> bool:
    if (answer.user, answer.on_behalf_of) == (case.responsible, case.on_behalf_of):
        return False
    comment = f"{_short(case.responsible)} → {_short(answer.user)}" + (f". {why}" if why else "")
    try:
        move(
            case,
            name,
            actor=actor,
            due=same_due(case),
            comment=comment,
            responsible=answer.user,
            on_behalf_of=answer.on_behalf_of,
        )
    except MoveRefused:
        return False  # it moved on, or somebody has just named another person
    if answer.user is not None:
        # The process's own: what a person gave to a person stays where it is.
        Task.objects.of(case).open().exclude(kind="").update(assignee=answer.user)
    return True


def _short(user: User | None) -> str:
    return user.short_name if user is not None else "не назначен"


def with_people(cases: CaseQuerySet) -> CaseQuerySet:
    """What `Staff` and a letter about a case read."""
    return cases.select_related(
        "organization__municipality", "person", "responsible", "on_behalf_of", "completion__course__programme"
    )


def _role(*roles: str, **scope: object) -> Exists:
    """Does somebody active hold one of the roles there today? For use inside a query over cases."""
    return Exists(Membership.objects.active().filter(role__in=roles, user__is_active=True, **scope))


def _own_role(*roles: str, **scope: object) -> Exists:
    """Does the teacher himself hold one of the roles? Active or not: without the join it costs a tenth."""
    return Exists(Membership.objects.active().filter(role__in=roles, user=OuterRef("person"), **scope))


def _is_chief() -> Exists:
    """The teacher is himself the head or a methodist there: his case is assessed a level up."""
    return _own_role(Role.HEAD, Role.METHODIST, organization=OuterRef("organization"))


def _is_specialist() -> Exists:
    return _own_role(Role.MUNICIPAL, municipality=OuterRef("organization__municipality"))


def without_responsible(cases: CaseQuerySet | None = None) -> list[int]:
    """Ids of cases under way whose responsible person is missing, holds no role there or is not independent."""
    his = {"user": OuterRef("responsible")}
    at_home = _role(Role.METHODIST, organization=OuterRef("organization"), **his)
    beside = _role(Role.MUNICIPAL, municipality=OuterRef("organization__municipality"), **his)
    holds = (
        (Q(at_home) & ~Q(_is_chief()) & ~Q(_is_specialist()))
        | (Q(beside) & ~Q(_is_specialist()))
        | Q(_role(Role.ADMIN, **his))
    )
    cases = Case.objects.all() if cases is None else cases
    orphans = cases.filter(status__in=Case.UNDER_WAY).exclude(holds, ~Q(responsible=F("person")))
    # Those nobody at all may answer for stay on the list: they must not keep the others out.
    ordered = orphans.order_by(F("responsible").desc(nulls_last=True), "pk")
    return list(ordered.values_list("pk", flat=True)[:AT_ONCE])


def reassign_orphans(cases: CaseQuerySet | None = None, *, actor: User | None = None) -> int:
    """Cases whose responsible person left fall to the next one; returns how many moved."""
    pks = without_responsible(cases)
    orphans = list(with_people(Case.objects.filter(pk__in=pks))) if pks else []
    return settle(_answers_now(orphans), actor=actor, why="Прежний ответственный больше не отвечает за эту организацию")


def _answers_now(cases: list[Case], day: date | None = None) -> list[tuple[Case, Answer]]:
    staff = Staff(cases, day) if cases else None
    answers = []
    for case in cases:
        if staff is not None:
            answers.append((case, answer := staff.answer_now(case)))
            staff.give(answer)
    return answers


def could_come_home(cases: CaseQuerySet) -> CaseQuerySet:
    """Cases that went a level up only for want of a methodist, and the organization has one now.

    Not those of methodists and heads, which stay up for independence, nor those somebody was named for by hand.
    """
    home = {"organization": OuterRef("organization")}
    # Only what the next level holds can come back: most cases never meet the conditions below.
    upper = Membership.objects.active().filter(role__in=(Role.MUNICIPAL, Role.ADMIN)).values("user")
    cases = cases.filter(Q(responsible__in=upper) | Q(on_behalf_of__in=upper))
    fits = Q(subjects=None) | Q(subjects=OuterRef("completion__subject"))
    in_force = Membership.objects.active().filter(fits, role=Role.METHODIST, user__is_active=True, **home)
    return cases.annotate(owner=Coalesce("on_behalf_of", "responsible")).filter(
        ~_role(Role.METHODIST, user=OuterRef("owner"), **home),
        Exists(in_force.exclude(user=OuterRef("person"))),
        ~_is_chief(),
        ~_is_specialist(),
        ~Exists(_standing_namings().filter(case=OuterRef("pk"))),
        status__in=Case.UNDER_WAY,
        responsible__isnull=False,
    )


def _standing_namings() -> QuerySet[Transition]:
    """Namings by hand that nothing has replaced since."""
    later = Transition.objects.filter(case=OuterRef("case"), move="reassign", pk__gt=OuterRef("pk"))
    return Transition.objects.order_by().filter(move="name_responsible").exclude(Exists(later))


def has_methodist() -> Exists:
    """Inside a query over organizations: does anybody there answer for МОТОР today?"""
    return _role(Role.METHODIST, organization=OuterRef("pk"))


def unassigned(cases: CaseQuerySet, organizations: QuerySet[Organization] | None = None) -> CaseQuerySet:
    """«Ответственный не назначен»: nobody answers, or a level up for want of a methodist and not by naming.

    Of these organizations, all by default.
    """
    # Short lists read one after another: put as one condition, the database would look at every case there is.
    asked = Organization.objects.all() if organizations is None else organizations
    bare = list(asked.order_by().exclude(has_methodist()).values_list("pk", flat=True))
    up = cases.filter(~_is_chief(), ~_is_specialist(), organization__in=bare, status__in=Case.UNDER_WAY)
    wanting = set(up.order_by().values_list("pk", flat=True))
    named = _standing_namings().filter(case__in=wanting).values_list("case", flat=True)
    return cases.filter(Q(responsible=None) | Q(pk__in=wanting - set(named)), status__in=Case.UNDER_WAY)


def bring_home(cases: CaseQuerySet | None = None, *, actor: User | None = None, untold: User | None = None) -> int:
    """Give such cases to the organization's methodist; returns how many moved.

    `untold` is a person whose letter says already that they are his.
    """
    up = could_come_home(Case.objects.all() if cases is None else cases)
    found = list(with_people(Case.objects.filter(pk__in=list(up.values_list("pk", flat=True)))))
    if not found:
        return 0
    staff = Staff(found)
    answers = []
    for case in found:
        answers.append((case, answer := staff.answer(case, staff.choose(case))))
        staff.give(answer)
    told = [one for one in answers if one[1].user != untold]
    quiet = [one for one in answers if one[1].user == untold]
    why = "В организации есть методист"
    return settle(told, actor=actor, why=why) + settle(quiet, actor=actor, why=why, tell=letters.nobody)


def hand_over_absent(
    day: date | None = None,
    *,
    cases: CaseQuerySet | None = None,
    actor: User | None = None,
    tell_back: Callable[[list[Case]], None] | None = None,
) -> int:
    """Cases of people away go to their deputies, and come back on the day after; returns how many moved.

    What should be follows from the substitutions alone: a run twice, or half of one, harms nothing.
    """
    day = day or today()
    away = Substitution.objects.active(day).for_school()
    settled = away.filter(person=OuterRef("on_behalf_of"), deputy=OuterRef("responsible"))
    cases = (Case.objects.all() if cases is None else cases).filter(status__in=ANSWERED_FOR)
    leaving = cases.filter(responsible__in=away.values("person"))
    lent = cases.filter(on_behalf_of__isnull=False).exclude(Exists(settled))
    pks = {*leaving.values_list("pk", flat=True), *lent.values_list("pk", flat=True)}
    if not pks:
        return 0
    answers = _answers_now(list(with_people(Case.objects.filter(pk__in=pks))), day)
    back = [(case, one) for case, one in answers if one.on_behalf_of is None and one.user == case.on_behalf_of]
    lent_now = [(case, one) for case, one in answers if one.on_behalf_of is not None]
    gone = [(case, one) for case, one in answers if one.on_behalf_of is None and one.user != case.on_behalf_of]
    # The deputy's letter of the first day told him of the cases he got then; what comes later is told apart.
    first_day = away.filter(Q(starts_on=day) | Q(created_at__date=day)).values_list("person", "deputy")
    told = set(first_day)

    def tell_of_his_turn(moved: list[Case]) -> None:
        note_lent(moved, day)
        waiting = (Status.SURVEY_OPEN, Status.NO_RESPONSE)
        fresh = [one for one in moved if (one.on_behalf_of_id, one.responsible_id) not in told]
        letters.handed_over([one for one in fresh if one.status not in waiting])

    def tell_of_return(moved: list[Case]) -> None:
        note_returned(moved)
        (tell_back or letters.came_back)(moved)

    return (
        settle(back, "hand_over", actor=actor, why="Возвращена после замещения", tell=tell_of_return)
        + settle(lent_now, "hand_over", actor=actor, why="На время отсутствия", tell=tell_of_his_turn)
        + settle(gone, actor=actor)
    )


def what_would_change(cases: CaseQuerySet, act: Callable[[], object]) -> list[Case]:
    """Do it and take it back: those of the cases that would change hands, each with its new holder.

    So a preview says exactly what the service does. What `act` refuses is raised here already.
    """
    before = dict(cases.values_list("pk", "responsible"))
    with transaction.atomic():
        act()
        after = list(with_people(Case.objects.filter(pk__in=before)).order_by("due_on", "pk"))
        transaction.set_rollback(True)
    return [case for case in after if case.responsible_id != before[case.pk]]
