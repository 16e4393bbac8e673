"""The synthetic region keeps every rule the services keep."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from cabinet.core.clock import today
from cabinet.courses.models import Completion
from cabinet.home.simulation import SimulationRefused, simulate
from cabinet.library.models import Material
from cabinet.planner.models import Event, Participation, Task
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, Membership, Role, User
from iom.models import Route
from motor.decision import decide
from motor.models import Case, Checklist, Outcome, Status
from registry.models import Entry
from registry.services import differences, rebuild
from rma.models import Activity, AgreedMonth, Indicator, Member, Request, StatusChange

pytestmark = pytest.mark.django_db


def test_region_is_whole_and_consistent() -> None:
    simulate(300, 1000)
    assert Case.objects.count() == Completion.objects.count() == 1000
    assert set(Case.objects.values_list("status", flat=True)) == set(Status.values)
    assert set(Outcome.objects.values_list("variant", flat=True)) == {1, 2, 3}

    under_way = Count("cases", filter=Q(cases__status__in=Case.UNDER_WAY))
    assert not User.objects.annotate(n=under_way).filter(n__gt=1).exists()
    assert not Case.objects.filter(responsible=F("person")).exists()
    assert not Case.objects.filter(status__in=Case.UNDER_WAY, responsible=None).exists()
    assert not Case.objects.filter(outcome=None, outcomes__isnull=False).exists()
    assert not Case.objects.filter(opened_at__date__gte=today() + timedelta(days=1)).exists()
    for case in Case.objects.prefetch_related("transitions")[:300]:
        places = [Status.SCHEDULED, *(step.to_status for step in case.transitions.all())]
        assert [step.from_status for step in case.transitions.all()] == places[:-1]
        assert places[-1] == case.status
    for outcome in Outcome.objects.select_related("basis"):
        basis = outcome.basis
        decision = decide(basis.is_significant, basis.practice, basis.other_topic_found)
        assert (outcome.variant, outcome.completeness) == (decision.variant, decision.completeness)
    own = Membership.objects.filter(role__in=[Role.METHODIST, Role.MUNICIPAL]).values("user")
    assert not Checklist.objects.filter(assessor_kind="school").exclude(assessor__in=own).exists()

    assert set(Route.objects.annotate(n=Count("items")).values_list("n", flat=True)) == {12}
    assert Route.objects.running().search("вебинары").exists()

    rebuild()
    assert Entry.objects.count() == 1000
    assert not list(differences())


class Undone(Exception):
    """Takes a region back."""


def test_same_numbers_give_the_same_region() -> None:
    shapes: list[list[Any]] = []
    for _ in range(2):
        with contextlib.suppress(Undone), transaction.atomic():
            simulate(60, 100)
            cases = Case.objects.order_by("pk")
            shapes.append(list(cases.values_list("status", "person__last_name", "opens_on", "outcome__variant")))
            raise Undone
    assert len(shapes[0]) == 100
    assert shapes[0] == shapes[1]


def test_a_second_region_is_refused() -> None:
    simulate(60, 100)
    with pytest.raises(SimulationRefused):
        simulate(60, 100)
    assert Case.objects.count() == 100


def test_only_a_demo_is_filled(settings: Any) -> None:
    settings.IS_DEMO = False
    with pytest.raises(CommandError):
        call_command("simulate", people=60, cases=100)
    assert not User.objects.exists()


def test_members_have_cards_requests_and_agreed_work() -> None:
    simulate(300, 1000)
    members = Member.objects.all()
    assert members.count() == 30
    last = StatusChange.objects.filter(member=OuterRef("pk")).order_by("-on", "-pk").values("status")[:1]
    assert not members.annotate(last=Subquery(last)).exclude(status=F("last")).exists()
    assert not members.annotate(n=Count("roles")).filter(n=0).exists()
    assert Indicator.objects.filter(kind="education").count() == 30
    assert {"sent", "accepted", "done", "wanted"} <= set(Request.objects.values_list("status", flat=True))

    lines = Activity.objects.all()
    assert lines.count() == 1000
    assert set(lines.values_list("state", flat=True)) == set(Activity.State.values)
    months = AgreedMonth.objects.filter(member=OuterRef("member"), month=OuterRef("month"))
    assert not lines.agreed().filter(~Exists(months)).exists()
    assert not lines.agreed().filter(month=today().replace(day=1)).exists()
    assert not lines.filter(on__gt=today()).exists()
    assert all(line.month == line.on.replace(day=1) for line in lines)


def test_what_is_planned_and_read_is_there() -> None:
    simulate(300, 1000)
    assert (Event.objects.count(), Task.objects.filter(kind="").count()) == (200, 1000)
    assert Event.objects.search("читать смыслового").exists() is False
    assert Event.objects.search("смысловом чтении").exists()
    assert not Participation.objects.filter(event__on__gte=today(), attended__isnull=False).exists()
    assert Material.objects.filter(owner__isnull=False).count() == 50
    assert Material.objects.published().search("вовлечём ученика").exists()
    assert not Material.objects.published().filter(current=None).exists()
    assert CommunityMember.objects.heads().count() == Community.objects.exclude(organization=None).count() == 5
