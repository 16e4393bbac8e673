"""Naming by hand who answers: for one case, or for many with what will and will not change said first."""

from collections import Counter
from dataclasses import dataclass, field

from cabinet.users.models import Role, User
from motor.models import Case
from motor.moves import MoveRefused
from motor.services.responsible import settle, with_people
from motor.services.staff import Staff

AT_ONCE = 200  # cases named for in one go


@dataclass(frozen=True)
class Candidate:
    """`fits` is for how many of the cases the person may answer, `load` how many he has now."""

    user: User
    post: str
    load: int
    fits: int
    deputy: User | None

    @property
    def label(self) -> str:
        away = f"; сейчас замещает {self.deputy.short_name}" if self.deputy else ""
        return f"{self.user.full_name} — {self.post}, карт в работе: {self.load}{away}"


def candidates(cases: list[Case]) -> list[Candidate]:
    """Who may answer for at least one of the cases: the school's people first, then the next levels."""
    staff = Staff(cases)
    fits: Counter[int] = Counter()
    found: dict[int, tuple[int, User, str]] = {}
    for case in cases:
        able = set()
        for number, level in enumerate(staff.levels(case)):
            for one in level:
                able.add(one.user_id)
                found.setdefault(one.user_id, (number, one.user, Role(one.role).label))
        fits.update(able)
    ordered = sorted(found.values(), key=lambda entry: (entry[0], entry[1].full_name))
    return [
        Candidate(user, post, staff.load[user.pk], fits[user.pk], staff.deputies.get(user.pk))
        for _, user, post in ordered
    ]


def why_not(staff: Staff, case: Case, person: User) -> str:
    """Why the person may not answer for the case; empty when he may."""
    if staff.may_answer(person, case):
        return ""
    if case.person_id == person.pk:
        return "это собственная карта этого человека, её оценивает другой"
    if person.pk in staff.second_opinions.get(case.pk, ()):
        return "от этого человека по ней ждут второго мнения как от методиста РМА"
    if any(one.user_id == person.pk for one in staff.methodists[case.organization_id]):
        return "карту методиста или руководителя оценивают на уровень выше"
    return "у этого человека нет роли в организации педагога"


def name_responsible(case: Case, person: User, actor: User, reason: str) -> None:
    """Name somebody for one case; he keeps it while he holds a role there. Raises MoveRefused with a sentence."""
    reason = reason.strip()
    if not reason:
        raise MoveRefused("Напишите, почему назначаете: эта запись останется в истории карты.")
    if case.person_id == actor.pk:
        raise MoveRefused("Это ваша собственная карта: ответственного по ней назначает другой человек.")
    staff = Staff([case])
    if refusal := why_not(staff, case, person):
        raise MoveRefused(f"{person.full_name} не может отвечать за эту карту: {refusal}.")
    answer = staff.answer(case, person)
    if (answer.user, answer.on_behalf_of) == (case.responsible, case.on_behalf_of):
        raise MoveRefused(f"{person.full_name} уже отвечает за эту карту.")
    if not settle([(case, answer)], "name_responsible", actor=actor, why=reason):
        raise MoveRefused("Карта изменилась, пока вы выбирали. Обновите страницу — ничего не потеряно.")


@dataclass
class Plan:
    """What naming one person for many cases will do: those that change, and those that stay with the reason."""

    person: User
    will: list[Case] = field(default_factory=list)
    stay: list[tuple[Case, str]] = field(default_factory=list)
    gone: int = 0
    done: int = 0


def plan_naming(chosen: dict[int, int], person: User, actor: User) -> Plan:
    """`chosen`: case → who answered when the list was shown (0 for nobody); a case named for since then stays."""
    plan = Plan(person)
    cases = list(with_people(Case.objects.nameable_by(actor).filter(pk__in=chosen)).order_by("due_on", "pk"))
    own = list(with_people(Case.objects.filter(pk__in=chosen, person=actor)))
    staff = Staff(cases)
    plan.stay = [(case, "это ваша собственная карта") for case in own]
    for case in cases:
        if case.responsible == person and case.on_behalf_of is None:
            plan.stay.append((case, "уже отвечает"))
        elif (case.responsible_id or 0) != chosen[case.pk]:
            holder = case.responsible.full_name if case.responsible else "никто"
            plan.stay.append((case, f"пока вы выбирали, ответственный сменился: {holder}"))
        elif refusal := why_not(staff, case, person):
            plan.stay.append((case, refusal))
        else:
            plan.will.append(case)
    plan.gone = len(chosen) - len(cases) - len(own)
    return plan


def name_many(chosen: dict[int, int], person: User, actor: User, reason: str) -> Plan:
    """Do what the plan says, with one letter to the person; `done` says how many changed hands."""
    if not reason.strip():
        raise MoveRefused("Напишите, почему назначаете: эта запись останется в истории карт.")
    plan = plan_naming(chosen, person, actor)
    staff = Staff(plan.will)
    plan.done = settle(
        [(case, staff.answer(case, person)) for case in plan.will],
        "name_responsible",
        actor=actor,
        why=reason.strip(),
    )
    return plan
