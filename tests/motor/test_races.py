"""Two people, or two clicks, at the same moment: one effect, one line of history, one letter to each reader."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.planner.services import complete_task
from cabinet.users.models import Role, User
from motor import services
from motor.models import Case, Objection, Status, StopReason
from motor.moves import MoveRefused
from motor.services import agreement, errands, halting, objections, returns, review, transfer
from motor.services.follow_up import start_follow_up
from rma.models import Request
from tests.factories import (
    CaseFactory,
    MemberFactory,
    OrganizationFactory,
    person_with,
)

pytestmark = pytest.mark.django_db(transaction=True)

Do = Callable[[Case], object]
CHECKED = services.ChecklistAnswers(is_significant=True, practice="full", other_topic_found=False)
DIFFERS = services.ChecklistAnswers(is_significant=True, practice="absent", other_topic_found=False)
ANSWERS = services.SurveyAnswers(
    important="Приёмы оценивания",
    in_route="no",
    has_started=True,
    changes=[services.ChangeAnswer("Ввела листы самооценки")],
    evidence=[services.EvidenceAnswer("plan", link="https://example.org/plan")],
)
LATER = timedelta(days=30)
ROUNDS = 3


def fresh(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def at_once(case: Case, *acts: Do) -> list[str]:
    """Each act in a thread of its own with the case as a page read it before; what each was refused with, or ""."""
    start = Barrier(len(acts))
    answers = ["never answered"] * len(acts)

    def run(number: int, act: Do, seen: Case) -> None:
        try:
            start.wait()
            act(seen)
            answers[number] = ""
        except MoveRefused as refusal:
            answers[number] = str(refusal)
        except Exception as error:
            answers[number] = f"broken: {error!r}"
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number, act, fresh(case))) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [answer for answer in answers if answer.startswith(("broken", "never"))], answers
    return answers


def one_effect(case: Case, answers: list[str]) -> None:
    """One got through, the others read one clear sentence or two; no letter came twice."""
    refused = [answer for answer in answers if answer]
    assert len(refused) == len(answers) - 1, answers
    assert all(answer[0].isupper() and answer.endswith((".", "!")) for answer in refused), refused
    letters = list(Letter.objects.filter(about_id=case.pk).values_list("kind", "to"))
    assert len(letters) == len(set(letters)), letters


def moves_of(case: Case) -> list[str]:
    """What happened after the factory's own line."""
    return list(case.transitions.order_by("pk").values_list("move", flat=True))[1:]


def admin() -> User:
    return person_with(Role.ADMIN)


def leader(case: Case) -> User:
    assert case.responsible is not None
    return case.responsible


def member_of(case: Case) -> User:
    assert case.rma_member is not None
    return case.rma_member.user


def asked(case: Case) -> Request:
    """The request the member's page showed, whatever has become of it since."""
    return Request.objects.of(case).select_related("member__user", "author").latest("pk")


def ask_name(case: Case) -> None:
    services.name_rma(case, NAMED[0], actor=leader(case), reason="Нужен взгляд со стороны")


NAMED: list[Any] = []  # the member of the test under way

CLICKED_TWICE: dict[str, tuple[Status, Do]] = {
    "submit": (Status.SURVEY_OPEN, lambda case: services.submit_survey(case, ANSWERS, author=None, channel="link")),
    "without_survey": (
        Status.SURVEY_OPEN,
        lambda case: returns.go_without_survey(case, actor=leader(case), reason="Поговорили"),
    ),
    "return": (
        Status.SCHOOL_REVIEW,
        lambda case: returns.return_to_teacher(case, actor=leader(case), comment="Приложите конспект"),
    ),
    "postpone": (
        Status.SCHOOL_REVIEW,
        lambda case: returns.postpone(case, actor=leader(case), until=today() + LATER, reason="Урок в мае"),
    ),
    "not_assessed": (
        Status.SCHOOL_REVIEW,
        lambda case: returns.leave_not_assessed(case, actor=leader(case), reason="Материалов нет"),
    ),
    "assess": (
        Status.SCHOOL_REVIEW,
        lambda case: services.save_school_checklist(case, CHECKED, assessor=leader(case)),
    ),
    "name_rma": (Status.RMA_REQUESTED, ask_name),
    "lose_rma": (
        Status.RMA_REVIEW,
        lambda case: review.replace_rma(case, actor=leader(case), reason="Долго нет ответа"),
    ),
    "accept_rma": (
        Status.RMA_REQUESTED,
        lambda case: services.accept_request(case, asked(case), actor=member_of(case)),
    ),
    "decline_rma": (
        Status.RMA_REQUESTED,
        lambda case: services.decline_request(case, asked(case), actor=member_of(case), reason="Болею"),
    ),
    "without_rma": (
        Status.RMA_REQUESTED,
        lambda case: services.go_without_rma(case, actor=leader(case), reason="Никого нет"),
    ),
    "assess_rma": (
        Status.RMA_REVIEW,
        lambda case: services.save_rma_checklist(case, DIFFERS, assessor=member_of(case)),
    ),
    "return_school": (
        Status.RMA_REVIEW,
        lambda case: returns.return_to_school(case, actor=member_of(case), comment="Нужен конспект"),
    ),
    "close": (Status.FOLLOW_UP, lambda case: services.close_case(case, actor=leader(case), reason="Педагог занят")),
    "object": (Status.FOLLOW_UP, lambda case: objections.object_to(case, text="Урок был показан", actor=None)),
    "reopen": (Status.CLOSED, lambda case: objections.reopen_case(case, actor=leader(case), reason="Ошибка")),
    "stop": (
        Status.SCHOOL_REVIEW,
        lambda case: halting.stop_case(case, actor=leader(case), reason=StopReason.LEFT),
    ),
    "restore": (Status.STOPPED, lambda case: halting.restore_case(case, actor=leader(case), reason="Ошиблись")),
    "pause": (
        Status.SCHOOL_REVIEW,
        lambda case: halting.pause_case(case, actor=leader(case), until=today() + LATER, reason="Отпуск"),
    ),
}


# Emptying every table after a test costs more than a race: all races of a kind share one test.


def test_the_same_move_twice_at_once_is_made_once() -> None:
    for name, (status, act) in CLICKED_TWICE.items():
        case = CaseFactory(status=status)
        if name == "name_rma":
            review.replace_rma(fresh(case), actor=leader(case), reason="Долго нет ответа")
            NAMED[:] = [MemberFactory()]
        one_effect(case, at_once(case, act, act))
        assert moves_of(case).count(name) == 1, name


CLASHES = [
    (Status.SURVEY_OPEN, "submit", "stop"),
    (Status.SURVEY_OPEN, "submit", "without_survey"),
    (Status.SCHOOL_REVIEW, "assess", "return"),
    (Status.SCHOOL_REVIEW, "assess", "postpone"),
    (Status.SCHOOL_REVIEW, "assess", "stop"),
    (Status.SCHOOL_REVIEW, "not_assessed", "assess"),
    (Status.SCHOOL_REVIEW, "pause", "postpone"),
    (Status.RMA_REQUESTED, "accept_rma", "without_rma"),
    (Status.RMA_REQUESTED, "accept_rma", "decline_rma"),
    (Status.RMA_REQUESTED, "decline_rma", "stop"),
    (Status.RMA_REVIEW, "assess_rma", "lose_rma"),
    (Status.RMA_REVIEW, "assess_rma", "return_school"),
    (Status.RMA_REVIEW, "assess_rma", "stop"),
    (Status.FOLLOW_UP, "close", "reopen"),
    (Status.FOLLOW_UP, "close", "stop"),
    (Status.FOLLOW_UP, "object", "reopen"),
]


def test_of_two_moves_at_once_one_is_made() -> None:
    for status, first, second in CLASHES * ROUNDS:
        case = CaseFactory(status=status)
        one_effect(case, at_once(case, CLICKED_TWICE[first][1], CLICKED_TWICE[second][1]))
        assert len({first, second} & set(moves_of(case))) == 1, (first, second)


def test_transfer_and_checklist_at_once() -> None:
    """A transfer waits for the checklist, or the checklist finds that the case has moved."""
    for _ in range(ROUNDS):
        case, there, by = CaseFactory(status=Status.SCHOOL_REVIEW), OrganizationFactory(), admin()
        methodist = person_with(Role.METHODIST, there)
        answers = at_once(
            case,
            CLICKED_TWICE["assess"][1],
            lambda seen, there=there, by=by: transfer.transfer_person(seen.person, there, actor=by),
        )
        case = fresh(case)
        assert "" in answers, answers
        assert (case.status == Status.FOLLOW_UP) == (answers[0] == "")
        if not answers[1]:
            assert (case.organization, case.responsible, case.person.organization) == (there, methodist, there)
            assert {task.assignee for task in Task.objects.of(case).open()} <= {methodist}
        else:
            assert there not in (case.organization, case.person.organization)


def test_two_decisions_on_an_objection_at_once() -> None:
    for _ in range(ROUNDS):
        case = CaseFactory(status=Status.CLOSED)
        specialist, another = person_with(Role.MUNICIPAL, case.organization.municipality), admin()
        objections.object_to(fresh(case), text="Урок был показан", actor=None)
        answers = at_once(
            case,
            lambda seen, by=specialist: objections.decline_objection(seen, actor=by, answer="Материалов не было"),
            lambda seen, by=another: objections.uphold_objection(seen, actor=by, answer="Урок был"),
        )
        one_effect(case, answers)
        is_declined = answers[0] == ""
        assert moves_of(case) == ["object", "decline_objection" if is_declined else "reopen"]
        assert Objection.objects.get(case=case).decision == ("declined" if is_declined else "upheld")


def result_with_steps() -> tuple[Case, Task]:
    case = CaseFactory(status=Status.FOLLOW_UP)
    start_follow_up(fresh(case))
    return case, services.steps_of(fresh(case))[0]


def test_a_step_is_finished_while_the_case_ends() -> None:
    """Either the step counts and the case goes after it, or the case was quicker and says so."""
    for end in ("close", "stop", "reopen") * ROUNDS:
        case, step = result_with_steps()
        answers = at_once(
            case,
            lambda seen, step=step: services.finish_step(seen, step, actor=leader(seen), note="Поговорили"),
            CLICKED_TWICE[end][1],
        )
        assert "" in answers, answers
        step.refresh_from_db()
        assert (step.status == Task.Status.DONE) == (answers[0] == "")
        is_over = fresh(case).status != Status.FOLLOW_UP
        assert is_over == (answers[1] == "")
        assert Task.objects.of(case).open().exists() != is_over


def test_a_step_is_handed_over_while_the_case_stops() -> None:
    for _ in range(ROUNDS):
        case, step = result_with_steps()
        colleague, due_on = person_with(Role.METHODIST, case.organization), today() + LATER
        answers = at_once(
            case,
            lambda seen, step=step, to=colleague, due_on=due_on: errands.hand_over_step(
                seen, step, to=to, actor=leader(seen), due_on=due_on
            ),
            CLICKED_TWICE["stop"][1],
        )
        assert "" in answers, answers
        assert Task.objects.of(case).open().exists() == (fresh(case).status != Status.STOPPED)


def test_an_errand_is_done_while_the_case_stops() -> None:
    for _ in range(ROUNDS):
        case, step = result_with_steps()
        colleague = person_with(Role.METHODIST, case.organization)
        errands.hand_over_step(fresh(case), step, to=colleague, actor=leader(case), due_on=today() + LATER)
        errand = Task.objects.get(step=step)
        at_once(
            case,
            lambda seen, errand=errand, by=colleague: complete_task(errand, by, "Договорились"),
            CLICKED_TWICE["stop"][1],
        )
        step.refresh_from_db()
        errand.refresh_from_db()
        assert step.status == errand.status
        assert not Task.objects.of(case).open().exists() or fresh(case).status != Status.STOPPED


def test_both_assessors_propose_and_confirm_at_once() -> None:
    case = CaseFactory(status=Status.RMA_REVIEW)
    school, member = leader(case), member_of(case)
    services.save_rma_checklist(fresh(case), DIFFERS, assessor=member)
    conclusion = agreement.Conclusion(True, "partial", False, comment="Посмотрели урок вместе")

    def propose(by: User) -> Do:
        return lambda seen: agreement.propose_agreement(seen, conclusion, actor=by)

    assert at_once(case, propose(school), propose(member)) == ["", ""]
    proposed_by = case.agreements.get().proposed_by
    other = member if proposed_by == school else school

    def confirm(seen: Case) -> None:
        agreement.confirm_agreement(seen, actor=other)

    answers = at_once(case, confirm, confirm)
    assert sorted(map(bool, answers)) == [False, True]
    assert moves_of(case).count("agree") == 1
    assert case.checklists.filter(assessor_kind="agreed").count() == 1
    confirmed = Letter.objects.filter(kind="motor.agreement_confirmed", about_id=case.pk)
    assert [letter.to for letter in confirmed] == [proposed_by]


def test_the_same_record_twice_at_once_is_one_record() -> None:
    case = CaseFactory(status=Status.FOLLOW_UP)
    specialist = person_with(Role.MUNICIPAL, case.organization.municipality)

    def record(seen: Case) -> None:
        services.record_result(seen, services.RecordAnswer(True, ["mo"]), specialist=specialist)

    assert at_once(case, record, record) == ["", ""]
    assert case.records.count() == 1


def test_two_sweeps_at_once_open_and_end_pauses_once() -> None:
    case = CaseFactory(status=Status.SCHEDULED, opens_on=today())
    paused = CaseFactory(status=Status.SURVEY_OPEN)
    halting.pause_case(fresh(paused), actor=leader(paused), until=today() + LATER, reason="Отпуск")
    day = today() + LATER
    assert at_once(case, lambda seen: services.run_due(day), lambda seen: services.run_due(day)) == ["", ""]
    # The factory's own line stands only where the case was opened.
    assert list(case.transitions.values_list("move", flat=True)) == ["open"]
    assert moves_of(paused) == ["pause", "resume"]
    assert Letter.objects.filter(kind="motor.invite", to=case.person).count() == 1
    assert Letter.objects.filter(kind="motor.resumed_teacher", about_id=paused.pk).count() == 1
