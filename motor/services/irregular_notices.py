"""Who is told what when a case leaves the regular path: everyone concerned, each in words of his own."""

from collections.abc import Collection

from cabinet.core.words import long_date
from cabinet.users.models import User
from motor.models import Agreement, Case, Objection
from motor.services.notices import admins, by, municipal_specialists, namers, write


def _others(case: Case, actor: User | None) -> list[User]:
    """Those who work on the case, without the one who has just acted."""
    member = case.rma_member.user if case.rma_member else None
    people = {one.pk: one for one in (case.responsible, member) if one is not None}
    if actor is not None:
        people.pop(actor.pk, None)
    return list(people.values())


def returned_to_teacher(case: Case, comment: str) -> None:
    write(case, "returned", case.person, {"комментарий": comment})


def went_without_survey(case: Case) -> None:
    write(case, "without_survey", case.person)


def postponed(case: Case) -> None:
    write(case, "postponed", case.person, {"до": long_date(case.postponed_until) if case.postponed_until else ""})


def not_assessed(case: Case) -> None:
    write(case, "not_assessed", case.person)


def returned_to_school(case: Case, comment: str) -> None:
    write(case, "returned_school", case.responsible, {"комментарий": comment})


def stopped(case: Case, actor: User | None, was_opened: bool, told: Collection[int] = ()) -> None:
    """`told`: members of РМА who have read already that nothing is asked of them any more."""
    for reader in [one for one in _others(case, actor) if one.pk not in told]:
        write(case, "stopped", reader, {"причина": case.get_stop_reason_display()})
    if was_opened:
        write(case, "stopped_teacher", case.person)


def restored(case: Case, actor: User | None) -> None:
    """The teacher gets the link again when it is his turn, the others what they answer for."""
    for reader in _others(case, actor):
        write(case, "restored", reader)
    if case.status == case.UNDER_WAY[0]:
        write(case, "restored_teacher", case.person)


def paused(case: Case, actor: User | None) -> None:
    more = {"до": long_date(case.paused_until) if case.paused_until else ""}
    for reader in _others(case, actor):
        write(case, "paused", reader, more)
    if case.opened_at:
        write(case, "paused_teacher", case.person, more)


def resumed(case: Case, actor: User | None) -> None:
    for reader in _others(case, actor):
        write(case, "resumed", reader)
    if case.status == case.UNDER_WAY[0]:
        write(case, "resumed_teacher", case.person)


def transferred(case: Case, former: User | None, from_organization: str) -> None:
    """The new responsible person takes over; the former one and the teacher learn who that is."""
    now = case.responsible.full_name if case.responsible else "ответственный пока не назначен"
    if case.responsible is not None and case.responsible != former:
        write(case, "transferred", case.responsible)
    if former is not None and former != case.responsible:
        more = {"откуда": from_organization, "куда": str(case.organization), "коллега": now}
        write(case, "transferred_away", former, more)
    if case.opened_at and case.status not in case.ENDED:
        write(case, "transferred_teacher", case.person, {"коллега": now})


def objected(case: Case, objection: Objection) -> None:
    """The municipal service decides; the admin where it has nobody. The assessor learns of it."""
    assessors = set(case.checklists.values_list("assessor", flat=True))
    deciders = [one for one in municipal_specialists(case) if one.pk not in assessors] or admins(case)
    more = {"комментарий": objection.text, **by(objection.due_on)}
    for decider in deciders:
        write(case, "objection", decider, more)
    for reader in _others(case, None):
        if reader not in deciders:
            write(case, "objection_known", reader, more)


def objection_declined(case: Case, objection: Objection, actor: User) -> None:
    more = {"комментарий": objection.answer}
    write(case, "objection_declined", case.person, more)
    for reader in _others(case, actor):
        write(case, "objection_declined_known", reader, more)


def reopened(case: Case, actor: User, reason: str, former_member: User | None) -> None:
    write(case, "reopened", case.responsible, {"причина": reason})
    write(case, "reopened_teacher", case.person)
    if former_member is not None and former_member != actor:
        write(case, "reopened_member", former_member)


def agreement_proposed(case: Case, agreement: Agreement, to: User | None) -> None:
    more = {"коллега": agreement.proposed_by.full_name, "комментарий": agreement.comment}
    write(case, "agreement", to, more)


def agreement_confirmed(case: Case, agreement: Agreement) -> None:
    write(case, "agreement_confirmed", agreement.proposed_by)


def member_lost(case: Case, *, actor: User | None) -> None:
    """The regional methodist can no longer take part: somebody else is to be named."""
    for reader in namers(case, actor):
        write(case, "member_lost", reader)
