"""Who answers for a case: the organization's methodist, else the municipal specialist, else the admin."""

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.users.models import Membership, Role, User
from motor.models import Case
from motor.moves import touch
from motor.services import notices

STEP_PREFIX = "motor.v"  # kinds of follow-up tasks: motor.v<version>.<step>


def _least_loaded(memberships: list[Membership]) -> User | None:
    """Of several, the one with the fewest cases under way."""
    people = (
        User.objects.filter(pk__in=[membership.user_id for membership in memberships])
        .annotate(load=Count("led_cases", filter=Q(led_cases__status__in=Case.UNDER_WAY)))
        .order_by("load", "pk")
    )
    return people.first() if memberships else None


def find_responsible(case: Case) -> User | None:
    """The person to assess the case. Nobody assesses himself: a methodist's or head's case goes a level up."""
    active = Membership.objects.active().filter(user__is_active=True)
    own_roles = set(active.filter(user=case.person_id).values_list("role", "organization_id", "municipality_id"))
    others = active.exclude(user=case.person_id)
    at_home = {(Role.HEAD, case.organization_id, None), (Role.METHODIST, case.organization_id, None)}
    if not own_roles & at_home:
        methodists = list(
            others.filter(role=Role.METHODIST, organization=case.organization_id).prefetch_related("subjects")
        )
        subject = case.completion.subject_id
        named = [one for one in methodists if subject in {item.pk for item in one.subjects.all()}]
        general = [one for one in methodists if not one.subjects.all()]
        if found := _least_loaded(named or general):
            return found
    municipality = case.organization.municipality_id
    if (Role.MUNICIPAL, None, municipality) not in own_roles:
        specialists = list(others.filter(role=Role.MUNICIPAL, municipality=municipality))
        if found := _least_loaded(specialists):
            return found
    return _least_loaded(list(others.filter(role=Role.ADMIN)))


def without_responsible() -> list[int]:
    """Ids of cases under way whose responsible person is missing or no longer holds a role there."""
    day = today()
    in_force = Membership.objects.filter(user=OuterRef("responsible"), user__is_active=True).filter(
        Q(starts_on=None) | Q(starts_on__lte=day), Q(ends_on=None) | Q(ends_on__gte=day)
    )
    holds = in_force.filter(
        Q(role=Role.METHODIST, organization=OuterRef("organization"))
        | Q(role=Role.MUNICIPAL, municipality=OuterRef("organization__municipality"))
        | Q(role=Role.ADMIN)
    )
    cases = Case.objects.filter(status__in=Case.UNDER_WAY).exclude(Exists(holds))
    return list(cases.values_list("pk", flat=True)[:200])


def assign_responsible(case: Case) -> bool:
    """Give the case to whoever should answer for it now; says whether that changed."""
    found = find_responsible(case)
    if (found.pk if found else None) == case.responsible_id:
        return False
    with transaction.atomic():
        now_his = Case.objects.filter(pk=case.pk, responsible=case.responsible_id).update(responsible=found)
        if not now_his:
            return False  # somebody else has just named another person
        case.responsible = found
        touch(case)
        if found is not None:
            Task.objects.of(case).open().filter(kind__startswith=STEP_PREFIX).update(assignee=found)
            notices.handed_over(case)
    return True


def reassign_orphans() -> int:
    """Cases whose responsible person left fall to the next one; returns how many moved."""
    cases = Case.objects.filter(pk__in=without_responsible()).select_related(
        "organization", "person", "responsible", "completion__course__programme"
    )
    return sum(assign_responsible(case) for case in cases)
