"""Routes for a group from one template: who gets one, who is passed over and why, and a worker that makes them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from cabinet.jobs.models import Job
from cabinet.jobs.services import JobFailed, Run, handler, order_job
from cabinet.users.models import User, UserQuerySet
from iom.models import Route, RouteTemplate, TemplateVersion
from iom.moves import Refused
from iom.services.creating import create_route
from iom.services.helping import people_helped_by
from iom.services.overview import without_route

JOB = "iom.mass"
AT_ONCE = 2000
CHUNK = 25
RUNNING = "уже есть действующий маршрут"
OUTSIDE = "маршрут ведётся вне кабинета"
NOWHERE = "в карточке нет организации"
GONE = "больше не в вашей ответственности"


@dataclass
class Plan:
    will: list[User] = field(default_factory=list)
    stay: list[tuple[User, str]] = field(default_factory=list)
    gone: int = 0

    @property
    def reasons(self) -> list[tuple[str, list[User]]]:
        found: dict[str, list[User]] = {}
        for person, why in self.stay:
            found.setdefault(why, []).append(person)
        return sorted(found.items(), key=lambda pair: -len(pair[1]))


def may_mass(user: User) -> bool:
    return bool(user.roles & {"methodist", "admin"})


def free_people(user: User) -> UserQuerySet:
    """Those this person helps who have no route, here or elsewhere."""
    return without_route(people_helped_by(user)).exclude(pk=user.pk)


def busy_people(user: User) -> UserQuerySet:
    """Those this person helps who have one."""
    current = Route.objects.current().filter(person=OuterRef("pk")).order_by()
    return people_helped_by(user).filter(Exists(current)).exclude(pk=user.pk)


def usable_by(user: User, pk: int | None) -> TemplateVersion | None:
    """A version of a template in use that this person sees."""
    seen = RouteTemplate.objects.visible_to(user).in_use().order_by().values("pk")
    return TemplateVersion.objects.filter(pk=pk or 0, template__in=seen).select_related("template").first()


def plan_mass(pks: Iterable[int], actor: User) -> Plan:
    """Look at everybody anew: somebody may have got a route while the list stood open."""
    asked = set(pks)
    people = people_helped_by(actor).filter(pk__in=asked).select_related("organization", "position", "subject")
    current = (
        Route.objects.current().filter(person__in=asked).order_by("is_outside").values_list("person", "is_outside")
    )
    outside: dict[int, bool] = {}
    for pk, is_outside in current:
        outside.setdefault(pk, is_outside)  # of the two the one in the cabinet
    plan = Plan()
    for person in people.order_by("name_key", "pk"):
        if person.pk in outside:
            plan.stay.append((person, OUTSIDE if outside[person.pk] else RUNNING))
        elif person.organization_id is None:
            plan.stay.append((person, NOWHERE))
        else:
            plan.will.append(person)
    plan.gone = len(asked) - len(plan.will) - len(plan.stay)
    return plan


def order_mass(version: TemplateVersion, pks: list[int], actor: User, token: str) -> Job:
    """Leave it to a worker; the same confirmation sent twice is one order."""
    params = {"template": version.pk, "people": pks, "token": token}
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=actor.pk).values_list("pk"))
        former = Job.objects.filter(kind=JOB, owner=actor, params__token=token).first()
        return former or order_job(JOB, f"Маршруты по шаблону «{version.template}»", actor, params)


@handler(JOB)
def make_routes(run: Run) -> None:
    """Part by part, each with its place in one transaction: another attempt goes on from there, nobody gets two."""
    params, owner = run.job.params, run.job.owner
    version = usable_by(owner, params["template"]) if owner is not None and owner.is_active else None
    if owner is None or version is None:
        raise JobFailed("Шаблон больше не предлагается, или заказавший не работает в кабинете.")
    state: dict[str, Any] = {"at": 0, "done": 0, "left": {}, "names": {}} | run.job.result
    pks: list[int] = params["people"]
    while part := pks[state["at"] : state["at"] + CHUNK]:
        with transaction.atomic():
            plan = plan_mass(part, owner)
            for person in plan.will:
                _make(person, version, owner, state)
            for why, people in plan.reasons:
                _pass_over(state, why, people)
            if plan.gone:  # not his any more: neither are their names
                _count(state, GONE, plan.gone)
            state["at"] += len(part)
            run.write(result=state)
        run.progress(state["at"], len(pks))
    run.finish(state | {"page": reverse("iom:mass_result", args=[run.job.pk])})


def _make(person: User, version: TemplateVersion, owner: User, state: dict[str, Any]) -> None:
    try:
        create_route(person, author=owner, template=version)
    except Refused:
        _pass_over(state, RUNNING, [person])
    else:
        state["done"] += 1


def _pass_over(state: dict[str, Any], why: str, people: list[User]) -> None:
    _count(state, why, len(people))
    state["names"].setdefault(why, []).extend(one.full_name for one in people)


def _count(state: dict[str, Any], why: str, count: int) -> None:
    state["left"][why] = state["left"].get(why, 0) + count
