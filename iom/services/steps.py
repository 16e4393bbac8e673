"""Who agrees a route, in what order: the organization's rule, and who stands in where a person would agree his own."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from cabinet.users.models import Membership, Role, Substitution, User
from cabinet.users.models.substitution import SubstitutionQuerySet
from iom.models import AgreementRule, Route, RouteQuerySet, Status, Step
from iom.services.limits import to_agree

STEPS = {
    AgreementRule.Steps.NONE: (),
    AgreementRule.Steps.METHODIST: (Step.METHODIST,),
    AgreementRule.Steps.HEAD: (Step.HEAD,),
    AgreementRule.Steps.BOTH: (Step.METHODIST, Step.HEAD),
}
HIGHER = {Step.METHODIST: Step.HEAD, Step.HEAD: Step.MUNICIPAL}
ORDER = [Step.METHODIST, Step.HEAD, Step.MUNICIPAL]
OWN = {
    Step.METHODIST: "это маршрут методиста, его согласует руководитель",
    Step.HEAD: "это маршрут руководителя, его согласует специалист ММС",
}


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
    """Three queries. A step nobody may take goes one higher; steps of the same people are one."""
    holders = _holders(route)
    post = _post(route)
    stages: list[Stage] = []
    for wanted in STEPS[rule_of(route)]:
        step, why = wanted, ""
        if post is not None and ORDER.index(step) <= ORDER.index(post):
            step, why = HIGHER[post], OWN[post]  # nor do those beside or below him agree it
        while not holders[step] and step in HIGHER:
            why = why or f"{step.label} не назначен или в отпуске"
            step = HIGHER[step]
        _add(stages, Stage(step, holders[step], why))
    return [_by_admin(stage, route) if not stage.people else stage for stage in stages]


def _add(stages: list[Stage], stage: Stage) -> None:
    """After the former step, unless everybody who takes that one holds this one as well."""
    former = stages[-1] if stages else None
    if former is None or not {one.pk for one in former.people} <= {one.pk for one in stage.people}:
        stages.append(stage)
    elif len(former.people) < len(stage.people):
        stages[-1] = replace(former, is_merged=True)  # others of this step could not take the former one
    else:
        is_merged = former.is_merged or former.step != stage.step
        stages[-1] = replace(stage, why=stage.why or former.why, is_merged=is_merged)


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


def _post(route: Route) -> Step | None:
    """The highest step the teacher himself would take at his organization."""
    roles = {one.role for one in route.person.active_memberships if one.organization_id == route.organization_id}
    return next((step for step in (Step.HEAD, Step.METHODIST) if step in roles), None)


def _holders(route: Route) -> dict[Step, list[User]]:
    posts = Membership.objects.active().filter(organization=route.organization_id, role__in=(Role.METHODIST, Role.HEAD))
    posts = posts | Membership.objects.active().filter(
        municipality=route.organization.municipality_id, role=Role.MUNICIPAL
    )
    found: dict[Step, list[User]] = {step: [] for step in Step}
    rows = posts.exclude(user=route.person_id).filter(user__is_active=True)
    away = Substitution.objects.active().filter(person=OuterRef("user"))
    rows = rows.annotate(is_away=Exists(away), is_long_away=Exists(_long(away)))
    is_anybody_away = False
    for one in rows.select_related("user").prefetch_related("subjects").order_by("pk"):
        subjects = {subject.pk for subject in one.subjects.all()}
        if one.role == Role.METHODIST and subjects and route.subject_id not in subjects:
            continue
        is_anybody_away |= one.is_away
        is_out = one.role == Role.METHODIST and one.is_long_away
        if not is_out and one.user not in found[Step(one.role)]:
            found[Step(one.role)].append(one.user)
    for step, deputy in deputies_at(route) if is_anybody_away else ():
        if deputy not in found[step]:
            found[step].append(deputy)
    return found


def deputies_at(route: Route) -> list[tuple[Step, User]]:
    """Who stands in for a methodist or a specialist of this place, and may do his work on this route."""
    here = Q(person__memberships__organization=route.organization_id) | Q(
        person__memberships__municipality=route.organization.municipality_id
    )
    rows = Substitution.objects.active().for_school().filter(here, deputy__is_active=True).order_by("pk").distinct()
    found = []
    for row in rows.exclude(deputy=route.person_id).select_related("deputy"):
        for one in row.deputy.deputized_memberships:
            fits = not one.subject_ids or route.subject_id in one.subject_ids
            if one.role == Role.METHODIST and one.organization_id == route.organization_id and fits:
                found.append((Step.METHODIST, row.deputy))
            elif one.role == Role.MUNICIPAL and one.municipality_id == route.organization.municipality_id:
                found.append((Step.MUNICIPAL, row.deputy))
    return found


def _long(away: SubstitutionQuerySet) -> SubstitutionQuerySet:
    """Absences that outlast the time one has to agree; the specialist above is then waited for."""
    return away.filter(ends_on__gte=to_agree().on)


def _is_long_away() -> Q:
    """A methodist away for long, and nobody who may agree stands in for him. Inside a query over posts in one of
    routes: the deputy never agrees his own."""
    away = Substitution.objects.active().filter(person=OuterRef("user"))
    able = Membership.objects.active().filter(
        Q(role=Role.METHODIST, organization=OuterRef(OuterRef("organization")))
        | Q(role=Role.MUNICIPAL, municipality=OuterRef(OuterRef("organization__municipality")))
        | Q(role=Role.ADMIN),
        user=OuterRef("deputy"),
    )
    stands_in = away.for_school().filter(Exists(able), deputy__is_active=True)
    stands_in = stands_in.exclude(deputy=OuterRef(OuterRef("person")))
    return Q(Exists(_long(away)), ~Q(Exists(stands_in)), role=Role.METHODIST)


def stand_in(route: Route) -> Stage:
    """The present step, or the next one that has somebody."""
    holders, step = _holders(route), Step(route.step)
    while not holders[step] and step in HIGHER:
        step = HIGHER[step]
    stage = Stage(step, holders[step])
    return stage if stage.people else _by_admin(stage, route)


def waiting_for_nobody() -> RouteQuerySet:
    """In review at a step its people have left, or none of whom is there; at the municipal one the admin takes over."""
    posts = Membership.objects.active().filter(user__is_active=True).exclude(user=OuterRef("person"))
    home = posts.filter(organization=OuterRef("organization"))
    subject = Q(subjects=None) | Q(subjects=OuterRef("subject"))
    methodists = home.filter(subject, role=Role.METHODIST).exclude(_is_long_away())
    heads = home.filter(role=Role.HEAD)
    specialists = posts.filter(role=Role.MUNICIPAL, municipality=OuterRef("organization__municipality"))
    return Route.objects.filter(
        Q(~Exists(methodists), step=Step.METHODIST)
        | Q(~Exists(heads), step=Step.HEAD)
        | Q(~Exists(specialists), step=Step.MUNICIPAL),
        status=Status.IN_REVIEW,
    )
