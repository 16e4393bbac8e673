"""One action for many cases: first said what it will and will not change, then done, at once or by a worker."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction

from cabinet.core.clock import add_months, today
from cabinet.jobs.models import Job
from cabinet.jobs.services import JobFailed, Run, handler, order_job
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Status
from motor.moves import MoveRefused
from motor.services import halting, link, reminders

AT_ONCE = 2000  # cases of one action
DIRECTLY = 50  # more than that are left to a worker
JOB = "motor.bulk"


@dataclass(frozen=True)
class Action:
    """`asks`: a day and a reason are needed; `wills` and `dones` say what will be and what has been done."""

    code: str
    label: str
    icon: str
    question: str
    wills: str
    dones: str
    asks: bool = False


ACTIONS = {
    one.code: one
    for one in (
        Action("remind", "Напомнить", "bell", "Напомнить об опросном листе", "Письмо получат", "Напомнили"),
        Action(
            "extend", "Продлить срок", "calendar-plus", "Продлить срок ответа", "Срок продлится", "Продлён срок", True
        ),
        Action("slips", "Листки", "printer", "Напечатать листки", "Листки будут для", "Листки"),
        Action("pause", "Пауза", "pause-circle", "Поставить на паузу", "На паузу встанут", "На паузе", True),
    )
}


@dataclass
class Plan:
    """Those whom the action reaches, and those it leaves out with the reason; `gone`: not the actor's any more."""

    action: Action
    will: list[Case] = field(default_factory=list)
    stay: list[tuple[Case, str]] = field(default_factory=list)
    gone: int = 0

    @property
    def reasons(self) -> list[tuple[str, list[Case]]]:
        """Reason → whom it leaves out, the commonest first."""
        found: dict[str, list[Case]] = {}
        for case, why in self.stay:
            found.setdefault(why, []).append(case)
        return sorted(found.items(), key=lambda pair: -len(pair[1]))

    @property
    def left(self) -> int:
        return len(self.stay) + self.gone


@dataclass(frozen=True)
class Wish:
    """What was asked for: the action, and where it needs them, the day and the reason."""

    code: str
    until: date | None = None
    reason: str = ""


def changeable(user: User) -> CaseQuerySet:
    """Whose cases this person may act on: the one who answers, the municipal service, the admin; never his own."""
    return Case.objects.stoppable_by(user)


ACTORS = frozenset({"head", "methodist", "municipal", "admin"})  # who may act on which case is asked row by row


def ticked(user: User, cases: Iterable[Case]) -> set[int]:
    """Of the cases of a page, those that get a tick: one query, and none for who acts on nobody's."""
    if not user.roles & ACTORS:
        return set()
    return set(changeable(user).filter(pk__in=[case.pk for case in cases]).order_by().values_list("pk", flat=True))


def plan_bulk(wish: Wish, pks: Iterable[int], actor: User, agreed: Collection[int] | None = None) -> Plan:
    """Look at every case anew: its state may have changed while the list stood open, and the actor's rights too.

    With `agreed`, nobody is reached whom the reader was told of as left out.
    """
    asked = set(pks)
    plan = Plan(ACTIONS[wish.code])
    mine = changeable(actor).filter(pk__in=asked)
    cases = list(
        mine.select_related("person", "organization__municipality", "completion__course__programme").order_by(
            "person__last_name", "person__first_name", "person", "due_on", "pk"
        )
    )
    plan.gone = len(asked) - len(cases)
    refusals = _refusals(wish, cases)
    for case in cases:
        is_new = agreed is not None and case.pk not in agreed
        if why := refusals.get(case.pk, "") or ("изменилось, пока вы смотрели" if is_new else ""):
            plan.stay.append((case, why))
        else:
            plan.will.append(case)
    return plan


def _refusals(wish: Wish, cases: list[Case]) -> dict[int, str]:
    if wish.code == "remind":
        return {one.case.pk: one.why_not for one in reminders.recipients(cases)}
    check = {"extend": _why_not_extend, "slips": _why_not_waiting, "pause": _why_not_pause}[wish.code]
    return {case.pk: check(case, wish) for case in cases}


def _why_not_waiting(case: Case, wish: Wish) -> str:
    if case.paused_until is not None:
        return f"пауза до {case.paused_until:%d.%m.%Y}"
    if case.status == Status.SCHEDULED:
        return "ещё не открыта"
    return "" if case.status in (Status.SURVEY_OPEN, Status.NO_RESPONSE) else "опросный лист уже не нужен"


def _why_not_extend(case: Case, wish: Wish) -> str:
    if why := _why_not_waiting(case, wish):
        return why
    if wish.until and case.due_on and case.due_on >= wish.until:
        return "срок и так не раньше"
    return ""


def _why_not_pause(case: Case, wish: Wish) -> str:
    if case.paused_until is not None:
        return f"уже на паузе до {case.paused_until:%d.%m.%Y}"
    return "" if case.status in (Status.SCHEDULED, *Case.UNDER_WAY) else "отслеживание уже закончено"


def act_on(wish: Wish, cases: list[Case], actor: User) -> int:
    """Do it for those the plan named; returns how many changed. What has moved on meanwhile stays as it is."""
    if wish.code == "remind":
        return reminders.remind_now(cases, actor=actor)
    done = 0
    for case in cases:
        try:
            _act(wish, case, actor)
            done += 1
        except MoveRefused:
            continue
    return done


def _act(wish: Wish, case: Case, actor: User) -> None:
    if wish.until is None:
        raise MoveRefused("Выберите день.")
    if wish.code == "extend":
        link.extend_time(case, actor=actor, until=wish.until, reason=wish.reason)
    else:
        halting.pause_case(case, actor=actor, until=wish.until, reason=wish.reason)


def order_bulk(wish: Wish, pks: list[int], actor: User, token: str) -> Job:
    """Leave it to a worker; the same confirmation sent twice is one order."""
    params = {
        "code": wish.code,
        "until": wish.until.isoformat() if wish.until else "",
        "reason": wish.reason,
        "cases": pks,
        "token": token,
    }
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=actor.pk).values_list("pk"))
        former = Job.objects.filter(kind=JOB, owner=actor, params__token=token).first()
        return former or order_job(JOB, f"{ACTIONS[wish.code].question}: {len(pks)}", actor, params)


@handler(JOB)
def do_bulk(run: Run) -> None:
    """Person by person; each part with its place in one transaction, so a second attempt goes on from there."""
    params, owner = run.job.params, run.job.owner
    if owner is None or not owner.is_active or params["code"] not in ACTIONS:
        raise JobFailed("Действие больше некому выполнить: заказавший не работает в кабинете.")
    until = date.fromisoformat(params["until"]) if params["until"] else None
    wish = Wish(params["code"], until, params["reason"])
    state: dict[str, Any] = {"at": 0, "done": 0, "left": {}} | run.job.result
    pks: list[int] = params["cases"]
    for part in _parts(pks, state["at"]):
        with transaction.atomic():
            plan = plan_bulk(wish, part, owner)
            done = act_on(wish, plan.will, owner)
            state["done"] += done
            state["at"] += len(part)
            _count_left(state["left"], plan, len(plan.will) - done)
            run.write(result=state)
        run.progress(state["at"], len(pks))
    run.finish(state | {"page": f"/motor/bulk/{run.job.pk}/"})


def _count_left(left: dict[str, int], plan: Plan, moved: int) -> None:
    for why, cases in plan.reasons:
        left[why] = left.get(why, 0) + len(cases)
    for why, count in (("изменились за это время", moved), ("больше не в вашей ответственности", plan.gone)):
        if count:
            left[why] = left.get(why, 0) + count


def _parts(pks: list[int], start: int) -> Iterable[list[int]]:
    """Twenty at a time, all cases of one person together, as the plan lists them: he gets one letter about them."""
    rest = pks[start:]
    person_of = dict(Case.objects.filter(pk__in=rest).values_list("pk", "person"))
    part: list[int] = []
    for _, found in groupby(rest, key=lambda pk: person_of.get(pk)):
        part += found
        if len(part) >= 20:
            yield part
            part = []
    if part:
        yield part


def latest(code: str) -> date:
    """The furthest day that may be named."""
    return link.latest_extension() if code == "extend" else add_months(today(), settings.MOTOR_PAUSE_MONTHS)
