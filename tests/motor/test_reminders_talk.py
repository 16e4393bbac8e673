"""After the last letter: a task to talk, given once, ended by itself, never in the way of the case."""

from datetime import timedelta
from typing import Any

import pytest

from cabinet.core.clock import add_working_days, today
from cabinet.mail.models import Letter
from cabinet.mail.services import send_all_owed
from cabinet.planner.models import Task
from cabinet.users.models import Role
from motor import services
from motor.models import Case, Status, StopReason
from motor.moves import MoveRefused
from motor.services.consent import refuse_consent
from motor.services.halting import pause_case, resume_case, stop_case
from motor.services.link import extend_time
from motor.services.returns import go_without_survey, return_to_teacher
from motor.services.talking import TALK, end_talks, give_talks, note_talk, talk_of
from motor.services.transfer import transfer_person
from tests import factories

pytestmark = pytest.mark.django_db

ANSWERS = services.SurveyAnswers(important="Приёмы", in_route="no", has_started=False, reason="time")


def whole(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def silent(**fields: Any) -> Case:
    """The third reminder has gone without an answer."""
    case = factories.CaseFactory(due_on=today() - timedelta(days=1), **fields)
    services.remind_waiting()
    send_all_owed()
    return whole(case)


@pytest.fixture
def talked_about() -> Case:
    case = silent()
    assert give_talks() == 1
    return case


def test_task_comes_when_the_last_letter_has_gone() -> None:
    case = factories.CaseFactory(due_on=today() - timedelta(days=1))
    services.remind_waiting()
    assert give_talks() == 0  # the letter still waits to be sent
    send_all_owed()
    assert give_talks() == 1
    task = Task.objects.get(kind=TALK)
    assert (task.assignee, task.about, task.is_required) == (case.responsible, case, False)
    assert task.due_on == add_working_days(today(), 5)
    assert "/link/" in task.text
    assert Letter.objects.get(kind="task.given").to == case.responsible


def test_task_is_given_once(talked_about: Case) -> None:
    assert give_talks() == 0
    assert give_talks(today() + timedelta(days=3)) == 0
    assert Task.objects.filter(kind=TALK).count() == 1


def test_no_task_before_the_last_reminder_or_the_asked_day() -> None:
    factories.CaseFactory(reminders=2)
    factories.CaseFactory(reminders=3, remind_on=today() + timedelta(days=4))
    factories.CaseFactory(reminders=3, responsible=None)
    factories.CaseFactory(reminders=3, status=Status.NO_RESPONSE)
    assert give_talks() == 0


def test_run_due_gives_the_task_and_runs_twice() -> None:
    case = silent()
    assert services.run_due()["talks"] == 1
    assert services.run_due()["talks"] == 0
    assert talk_of(case) is not None


def test_answer_ends_the_talk_at_once(talked_about: Case) -> None:
    services.submit_survey(talked_about, ANSWERS, author=None, channel="link")
    task = Task.objects.get(kind=TALK)
    assert (task.status, task.outcome) == (Task.Status.WAIVED, "Педагог ответил: разговор не понадобился.")


def test_going_on_without_the_survey_ends_it(talked_about: Case) -> None:
    go_without_survey(talked_about, actor=talked_about.responsible, reason="Поговорили")
    assert end_talks() == 1
    assert end_talks() == 0
    assert Task.objects.get(kind=TALK).outcome == "Работа идёт без опросного листа."


def test_stop_ends_it(talked_about: Case) -> None:
    stop_case(talked_about, actor=talked_about.responsible, reason=StopReason.LEFT)
    assert end_talks() == 1
    assert Task.objects.get(kind=TALK).outcome == "Отслеживание прекращено."


def test_pause_ends_it_and_after_the_pause_it_comes_again(talked_about: Case) -> None:
    pause_case(talked_about, actor=talked_about.responsible, until=today() + timedelta(days=9), reason="отпуск")
    assert (end_talks(), give_talks()) == (1, 0)
    resume_case(whole(talked_about), actor=talked_about.responsible)
    assert (give_talks(), give_talks(), end_talks()) == (1, 0, 0)
    task = Task.objects.get(kind=TALK)
    assert (task.is_open, task.outcome) == (True, "")
    assert Letter.objects.filter(kind="motor.talk", to=talked_about.responsible).count() == 1


def test_time_that_ran_out_leaves_the_talk_open(talked_about: Case) -> None:
    assert services.expire_unanswered(today() + timedelta(days=40)) == 1
    assert end_talks() == 0
    assert talk_of(talked_about) is not None


def test_talk_that_took_place_does_not_come_back(talked_about: Case) -> None:
    note_talk(talked_about, actor=talked_about.responsible, said="Ответит до пятницы")
    extend_time(whole(talked_about), actor=talked_about.responsible, until=today() + timedelta(days=7), reason="просит")
    assert give_talks(today() + timedelta(days=9)) == 0
    with pytest.raises(MoveRefused):
        note_talk(talked_about, actor=talked_about.responsible, said="ещё раз")


def test_returned_answer_that_is_not_completed_brings_a_second_round(talked_about: Case) -> None:
    services.submit_survey(talked_about, ANSWERS, author=None, channel="link")
    return_to_teacher(whole(talked_about), actor=talked_about.responsible, comment="Дополните")
    assert give_talks() == 0
    Case.objects.filter(pk=talked_about.pk).update(reminders=3)
    assert (give_talks(), give_talks()) == (1, 0)
    assert Task.objects.filter(kind=TALK).count() == 1


def test_refusal_of_consent_leaves_a_talk_too() -> None:
    case = factories.CaseFactory()
    refuse_consent(case.person)
    refuse_consent(case.person)
    assert give_talks() == 0
    assert "Согласия" in Task.objects.get(kind=TALK).text


def test_talk_follows_the_case_to_another_school(talked_about: Case) -> None:
    new = factories.OrganizationFactory(municipality=talked_about.organization.municipality)
    methodist = factories.person_with(Role.METHODIST, new)
    transfer_person(talked_about.person, new, actor=talked_about.responsible)
    assert Task.objects.get(kind=TALK).assignee == methodist


def test_talk_follows_the_case_to_another_person(talked_about: Case) -> None:
    other = factories.person_with(Role.METHODIST, talked_about.organization)
    talked_about.responsible.memberships.all().delete()
    assert services.reassign_orphans() == 1
    assert Task.objects.get(kind=TALK).assignee == other


def test_talk_is_no_step_and_does_not_hold_the_case_open() -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    factories.MunicipalRecordFactory(case=case)
    factories.TaskFactory(about=case, kind=TALK, assignee=case.responsible, is_required=False)
    assert services.steps_of(case) == []
    assert services.close_finished() == 1


def test_who_has_no_address_is_told_of_as_such() -> None:
    person = factories.UserFactory(contact_email="")
    case = silent(completion=factories.CompletionFactory(person=person))
    assert give_talks() == 1
    assert "нет адреса" in Task.objects.get(kind=TALK).text
    assert case.reminders == 3
