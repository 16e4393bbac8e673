"""Random walks over all moves: whatever people do, in whatever order, no case comes to an illegal state.

`WALK_EXAMPLES=500` walks farther, each time elsewhere; without it the walk is short and always the same.
"""

import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from cabinet.core.clock import today
from cabinet.users.models import Membership, Substitution
from motor import services
from motor.models import Case, Status
from motor.moves import MOVES, MoveRefused
from registry.models import Entry
from registry.services import differences, rebuild, sweep
from rma.models import Member
from tests.motor.walk.acts import ACTS, Draw, Walker, regular
from tests.motor.walk.picture import Picture, check, check_change, check_conclusions
from tests.motor.walk.world import Clock, World, make_world

EXAMPLES = int(os.environ.get("WALK_EXAMPLES", "0"))
STEPS = 60
NUMBER = st.sampled_from([0, 0, 0, 1, 2])  # one case goes far, the others get in its way
# Mostly as it should go, so that walks go deep; then what fits the state; now and then anything at all.
WHAT = [
    *["regular"] * 8,
    *["fitting"] * 7,
    *["anything", "stale", "page"] * 2,
    *["time", "people"] * 2,
    "registry",
]
# Moves without which the walks would prove little; which of the rare ones are made is left to chance.
WELL_TRODDEN = {"open", "submit", "assess", "ask_rma", "accept_rma", "assess_rma", "reopen", "stop", "restore", "agree"}


class Walk(RuleBasedStateMachine):
    """One walk in a savepoint of its own, with a clock of its own."""

    def __init__(self, world: World, made: Counter[str]) -> None:
        super().__init__()
        self.world, self.made, self.clock = world, made, Clock()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.time = self.clock.running()
        self.time.__enter__()
        self.before = Picture()
        self.remembered: dict[int, Case] = {}
        self.is_sound = True

    def case(self, number: int) -> Case:
        return Case.objects.with_names().get(pk=self.world.cases[number])

    def attempt(self, case: Case, name: str, draw: Any) -> None:
        """Do it: either it is done and everything holds, or it is refused and nothing has changed."""
        act, status = ACTS[name], Case.objects.values_list("status", flat=True).get(pk=case.pk)
        self.is_sound = False
        try:
            act.run(Walker(self.world, self.clock, case, draw))
        except MoveRefused as refusal:
            note(f"{name} of {case.pk} in {status}: refused, {refusal}")
            assert Picture() == self.before, f"{name} was refused and changed something"
            self.is_sound = True
            return
        note(f"{name} of {case.pk} in {status}")
        assert status in act.states, f"{name} must be refused in {status}"
        self.look()

    def look(self) -> Picture:
        after = Picture()
        check_change(self.before, after)
        check(after)
        self.before, self.is_sound = after, True
        return after

    @rule(number=NUMBER, what=st.sampled_from(WHAT), data=st.data())
    def step(self, number: int, what: str, data: st.DataObject) -> None:
        # One rule for everything: of several, Hypothesis leaves some out for a whole walk, and most would end early.
        case = self.case(number)
        if what == "registry":
            self.registry_looks()
        elif what == "people":
            self.people_change(data.draw)
        elif what == "time" or (what == "regular" and case.status == Status.SCHEDULED):
            self.time_passes(case, data.draw)
        elif what == "page":
            self.remembered[number] = case
        else:
            self.somebody_acts(self.remembered.get(number, case) if what == "stale" else case, what, data.draw)

    def somebody_acts(self, case: Case, what: str, draw: Draw) -> None:
        if what == "regular":
            name = regular(Walker(self.world, self.clock, case, draw))
        else:
            name = draw(st.sampled_from(fitting(case.status) if what == "fitting" else sorted(ACTS)))
        self.attempt(case, name, draw)

    def time_passes(self, case: Case, draw: Draw) -> None:
        if case.status == Status.SCHEDULED:
            self.clock.wait_until(case.opens_on)
        else:
            self.clock.days += draw(st.sampled_from([1, 6, 16, 35, 100]))
        self.is_sound = False
        open_before = self.under_way()
        note(f"{today()}: {services.run_due()}")
        for person, count in self.under_way().items():
            assert count <= max(open_before[person], 1), "a second case was opened beside the first"
        check_conclusions(self.look())
        # What one sweep ends may let the next one open something; then there is nothing left to do.
        assert any(not any(services.run_due().values()) for _ in range(3)), "sweeps never come to rest"
        self.look()

    def under_way(self) -> Counter[int]:
        return Counter(Case.objects.filter(status__in=Case.UNDER_WAY).values_list("person", flat=True))

    def people_change(self, draw: Draw) -> None:
        """Roles end and begin, members are suspended, somebody goes on leave."""
        self.is_sound = False
        what, number = (
            draw(st.sampled_from(["leaves", "comes", "suspended", "active", "leave"])),
            draw(st.integers(0, 3)),
        )
        role = Membership.objects.filter(pk=self.world.memberships[number])
        if what in ("leaves", "comes"):
            role.update(ends_on=today() - timedelta(days=1) if what == "leaves" else None)
        elif what in ("suspended", "active"):
            Member.objects.filter(pk=self.world.members[number % 3]).update(status=what)
        else:
            away, deputy = role.get().user, self.world.user(draw(st.sampled_from(self.world.deputies)))
            if away != deputy and not Substitution.objects.active().filter(person=away).exists():
                until = today() + timedelta(days=draw(st.sampled_from([5, 30])))
                Substitution.objects.create(person=away, deputy=deputy, starts_on=today(), ends_on=until)
        services.reassign_orphans()
        note(f"{what} {number}")
        self.look()

    def registry_looks(self) -> None:
        sweep()
        assert list(differences()) == []

    def teardown(self) -> None:
        """The registry says the same as a recount, and as one built from nothing."""
        try:
            if self.is_sound:
                self.registry_looks()
                swept = list(Entry.objects.order_by("pk").values())
                Entry.objects.all().delete()
                rebuild()
                assert list(Entry.objects.order_by("pk").values()) == swept
                self.made.update(move for line in self.before.rows.values() for move in moves_in(line))
        finally:
            self.time.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)


def moves_in(rows: dict[int, dict[str, Any]]) -> list[str]:
    return [row["move"] for row in rows.values() if "move" in row]


def fitting(status: str) -> list[str]:
    return [name for name, act in sorted(ACTS.items()) if status in act.states]


@pytest.mark.once
@pytest.mark.django_db
def test_no_walk_comes_to_an_illegal_state() -> None:
    clock = Clock()
    with clock.running():
        world = make_world()
    made: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: Walk(world, made),
        settings=settings(
            max_examples=EXAMPLES or 10,
            stateful_step_count=STEPS,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    assert set(made) <= set(MOVES)
    assert set(made) >= WELL_TRODDEN, "the walks no longer go deep"
