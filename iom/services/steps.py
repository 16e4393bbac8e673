"""Who agrees a route, in what order: the organization's rule, and who stands in where a person would agree his own."""

from dataclasses import dataclass, replace

from django.conf import settings

from cabinet.users.models import Membership, Role, User
from iom.models import AgreementRule, Route, Step

STEPS = {
    AgreementRule.Steps.NONE: (),
    AgreementRule.Steps.METHODIST: (Step.METHODIST,),
    AgreementRule.Steps.HEAD: (Step.HEAD,),
    AgreementRule.Steps.BOTH: (Step.METHODIST, Step.HEAD),
}
HIGHER = {Step.METHODIST: Step.HEAD, Step.HEAD: Step.MUNICIPAL}
ORDER = [Step.METHODIST, Step.HEAD, Step.MUNICIPAL]


@dataclass(frozen=True)
class Stage:
    """One step of the agreement: who may take it, and why it is theirs where the rule says otherwise."""

    step: Step
    people: list[User]
    why: str = ""
    is_merged: bool = False  # whoever holds this step holds the former one as well


def rule_of(route: Route) -> AgreementRule.Steps:
    rule = AgreementRule.objects.filter(organization=route.organization_id).values_list("steps", flat=True).first()
    return AgreementRule.Steps(rule or settings.IOM_AGREEMENT)


def stages_of(route: Route) -> list[Stage]:
    """Two queries. A step nobody may take goes one higher; steps of the same people are one."""
    holders = _holders(route)
    stages: list[Stage] = []
    for wanted in STEPS[rule_of(route)]:
        step, why = wanted, ""
        while not holders[step] and step in HIGHER:
            own = "свой маршрут никто не согласует сам" if step in _posts(route) else "никто не назначен"
            why = why or f"{step.label}: {own}"
            step = HIGHER[step]
        # Everybody who could take the former step may take this one.
        is_merged = False
        if stages and {one.pk for one in stages[-1].people} <= {one.pk for one in holders[step]}:
            former = stages.pop()
            why, is_merged = why or former.why, former.step != step
        stages.append(Stage(step, holders[step], why, is_merged))
    return [_by_admin(stage, route) if not stage.people else stage for stage in stages]


def later(stages: list[Stage], step: Step) -> list[Stage]:
    """What still follows, also where the organization has changed its rule meanwhile."""
    return [stage for stage in stages if ORDER.index(stage.step) > ORDER.index(step)]


def _by_admin(stage: Stage, route: Route) -> Stage:
    """A municipality without a specialist: the admin agrees."""
    admins = User.objects.filter(pk__in=Membership.objects.active().filter(role=Role.ADMIN).values("user"))
    people = list(admins.filter(is_active=True).exclude(pk=route.person_id).order_by("pk"))
    why = "специалист ММС не назначен, согласует администратор"
    return replace(stage, people=people, why=f"{stage.why}; {why}" if stage.why else why)


def steps_of(route: Route) -> list[Step]:
    return [stage.step for stage in stages_of(route)]


def _posts(route: Route) -> set[str]:
    """The steps the teacher himself would take at his organization."""
    return {one.role for one in route.person.active_memberships if one.organization_id == route.organization_id}


def _holders(route: Route) -> dict[Step, list[User]]:
    posts = Membership.objects.active().filter(organization=route.organization_id, role__in=(Role.METHODIST, Role.HEAD))
    posts = posts | Membership.objects.active().filter(
        municipality=route.organization.municipality_id, role=Role.MUNICIPAL
    )
    found: dict[Step, list[User]] = {step: [] for step in Step}
    rows = posts.exclude(user=route.person_id).filter(user__is_active=True)
    for one in rows.select_related("user").prefetch_related("subjects").order_by("pk"):
        if one.role == Role.METHODIST and one.subject_ids and route.subject_id not in one.subject_ids:
            continue
        if one.user not in found[Step(one.role)]:
            found[Step(one.role)].append(one.user)
    return found
