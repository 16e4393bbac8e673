"""Follow-up by variant: directions, steps handed over, the pool of experience, what is refused in its place."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.planner.services import complete_task, take_back
from cabinet.users.models import LogEntry, Role, User
from motor import services
from motor.models import Case, MunicipalRecord, Status
from motor.moves import MoveRefused
from motor.services.errands import hand_over_step, people_for_step, take_back_step
from motor.services.follow_up import code_of, directions_of, start_follow_up
from tests import factories

pytestmark = pytest.mark.django_db
CAN = services.RecordAnswer(True, ["mo"])


def reload(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def case_of(variant: int, **checklist: Any) -> Case:
    """A case whose follow-up has just begun with this variant."""
    found = {1: {"practice": "absent"}, 2: {"practice": "absent", "other_topic_found": True}, 3: {}}[variant]
    case = factories.CaseFactory(status=Status.FOLLOW_UP, bare=True)
    factories.SurveyFactory(case=case)
    factories.ChecklistFactory(case=case, **(found | checklist))
    start_follow_up(case)
    return reload(case)


def step_of(case: Case, code: str) -> Task:
    return next(step for step in services.steps_of(case) if code_of(step) == code)


def specialist_of(case: Case) -> User:
    return factories.person_with(Role.MUNICIPAL, case.organization.municipality)


# --- Directions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variant", "checklist", "offered"),
    [
        (2, {}, ["другая тематика"]),
        (3, {}, ["тема курса"]),
        (3, {"other_topic_found": True}, ["тема курса", "другая тематика"]),
    ],
)
def test_directions_are_those_where_changes_were_found(
    variant: int, checklist: dict[str, Any], offered: list[str]
) -> None:
    case = case_of(variant, **checklist)
    case.completion.course.programme.topic.name = "тема курса"
    assert directions_of(case, list(case.checklists.all())) == offered


def test_chosen_directions_are_kept_as_data(client: Client) -> None:
    case = case_of(3, other_topic_found=True)
    topic = case.completion.course.programme.topic.name
    step = step_of(case, "directions")
    client.force_login(case.responsible)
    page = client.get(case.get_absolute_url()).content.decode()
    assert f'value="{topic}"' in page
    assert 'value="другая тематика"' in page
    answer = {"chosen": ["другая тематика"], "note": " проектные  задачи \n\nдругая тематика"}
    assert client.post(reverse("motor:step", args=[case.pk, step.pk]), answer).status_code == 302
    step.refresh_from_db()
    assert (step.status, step.chosen) == ("done", ["другая тематика", "проектные задачи"])
    assert step.outcome == "другая тематика; проектные задачи"


def test_direction_that_was_not_offered_is_refused(client: Client) -> None:
    case = case_of(3)
    step = step_of(case, "directions")
    client.force_login(case.responsible)
    refused = client.post(reverse("motor:step", args=[case.pk, step.pk]), {"chosen": ["чужая"], "note": "x"})
    assert refused.status_code == 422
    assert step_of(case, "directions").is_open


# --- Refused in its place ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"note": " "}, "Напишите коротко, что сделано"),
        ({"note": "", "waive": "1"}, "Напишите, почему шаг не нужен."),
        ({"note": "я" * 2001}, "я" * 2001),  # too long, and still there
    ],
)
def test_empty_step_stays_open_in_its_place(client: Client, answer: dict[str, str], text: str) -> None:
    case = case_of(1)
    step = step_of(case, "talk")
    client.force_login(case.responsible)
    refused = client.post(reverse("motor:step", args=[case.pk, step.pk]), answer)
    assert refused.status_code == 422
    assert text in refused.content.decode()
    assert step_of(case, "talk").is_open


def test_closing_early_asks_for_a_reason_in_its_place(client: Client) -> None:
    case = case_of(1)
    client.force_login(case.responsible)
    refused = client.post(reverse("motor:close", args=[case.pk]), {"reason": " "})
    assert refused.status_code == 422
    assert "почему работа завершается раньше" in refused.content.decode()
    assert reload(case).status == Status.FOLLOW_UP
    client.post(reverse("motor:close", args=[case.pk]), {"reason": "Уехал"})
    assert reload(case).status == Status.CLOSED
    assert step_of(case, "talk").outcome == "Уехал"


def test_waived_step_keeps_its_reason(client: Client) -> None:
    case = case_of(1)
    client.force_login(case.responsible)
    client.post(reverse("motor:step", args=[case.pk, step_of(case, "talk").pk]), {"note": "Уже было", "waive": "1"})
    assert (step_of(case, "talk").status, step_of(case, "talk").outcome) == ("waived", "Уже было")


# --- «Поручить» ----------------------------------------------------------------------------------------------


@pytest.fixture
def mentor_and_case() -> tuple[User, Case]:
    case = case_of(2)
    return factories.person_with(Role.MENTOR, case.person), reload(case)


def test_people_for_a_step_are_those_around_the_teacher() -> None:
    case = case_of(2)
    User.objects.filter(pk=case.person_id).update(email="teacher@example.org")
    mentor = factories.person_with(Role.MENTOR, case.person)
    colleague = factories.person_with(Role.METHODIST, case.organization)
    helper, refuser = factories.MemberFactory(), factories.MemberFactory()
    factories.RequestFactory(source=case, kind="iom_help", member=helper, status="accepted")
    factories.RequestFactory(source=case, member=refuser, status="declined", answer="Не могу")
    factories.person_with(Role.METHODIST, factories.OrganizationFactory())
    gone = factories.person_with(Role.MENTOR, case.person)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    found = {(one.pk, who) for one, who in people_for_step(reload(case))}
    assert found == {
        (case.person_id, "сам педагог"),
        (mentor.pk, "наставник"),
        (colleague.pk, "методист ОО"),
        (helper.user_id, "методист РМА"),
    }


def test_teacher_without_a_login_is_not_asked() -> None:
    assert people_for_step(case_of(2)) == []


def test_errand_done_in_the_tasks_ends_the_step(client: Client, mentor_and_case: tuple[User, Case]) -> None:
    mentor, case = mentor_and_case
    step = step_of(case, "mentor")
    address = reverse("motor:hand_over", args=[case.pk, step.pk])
    client.force_login(case.responsible)
    assert mentor.full_name in client.get(address).content.decode()
    due_on = today() + timedelta(days=5)
    answer = {"to": mentor.pk, "due_on": due_on.isoformat(), "text": "Помогите с ИОМ"}
    assert client.post(address, answer).status_code == 302
    errand = Task.objects.get(step=step)
    assert (errand.assignee, errand.due_on, errand.text) == (mentor, due_on, "Помогите с ИОМ")
    assert Letter.objects.filter(kind="task.given", to=mentor).count() == 1
    page = client.get(case.get_absolute_url()).content.decode()
    assert f"Поручено: <strong>{mentor.full_name}</strong>" in page

    client.force_login(mentor)
    client.post(reverse("planner:complete", args=[errand.pk]), {"outcome": "Встретились дважды"})
    step.refresh_from_db()
    assert (step.status, step.outcome, step.done_by) == ("done", "Встретились дважды", mentor)
    assert Letter.objects.filter(kind="task.errand", to=case.responsible).count() == 1
    assert client.post(reverse("planner:reopen", args=[errand.pk])).status_code == 404


def test_last_errand_closes_the_case_by_the_sweep(mentor_and_case: tuple[User, Case]) -> None:
    mentor, case = mentor_and_case
    for code in ("directions", "route"):
        services.finish_step(case, step_of(case, code), actor=case.responsible, note="Сделано")
    services.record_result(reload(case), services.RecordAnswer(False), specialist=specialist_of(case))
    hand_over_step(case, step_of(case, "mentor"), to=mentor, actor=case.responsible, due_on=today())
    complete_task(Task.objects.get(step__isnull=False), mentor, "Готово")
    assert services.close_finished() == 1
    assert services.close_finished() == 0
    assert reload(case).status == Status.CLOSED


def test_step_is_handed_over_once(mentor_and_case: tuple[User, Case]) -> None:
    mentor, case = mentor_and_case
    step = step_of(case, "mentor")
    hand_over_step(case, step, to=mentor, actor=case.responsible, due_on=today())
    with pytest.raises(MoveRefused, match="уже отмечен или поручен"):
        hand_over_step(case, step, to=mentor, actor=case.responsible, due_on=today())
    assert Task.objects.filter(step=step).count() == 1


def test_errand_is_taken_back(mentor_and_case: tuple[User, Case]) -> None:
    mentor, case = mentor_and_case
    step = step_of(case, "mentor")
    hand_over_step(case, step, to=mentor, actor=case.responsible, due_on=today())
    take_back_step(case, step, actor=case.responsible)
    with pytest.raises(MoveRefused, match="никому не поручен"):
        take_back_step(case, step, actor=case.responsible)
    assert Task.objects.get(step=step).status == "waived"
    assert step_of(case, "mentor").is_open
    hand_over_step(case, step, to=mentor, actor=case.responsible, due_on=today())


def test_step_ended_by_its_owner_ends_the_errand(mentor_and_case: tuple[User, Case]) -> None:
    mentor, case = mentor_and_case
    step = step_of(case, "mentor")
    hand_over_step(case, step, to=mentor, actor=case.responsible, due_on=today())
    errand = Task.objects.get(step=step)
    services.finish_step(case, step, actor=case.responsible, note="Договорились сами")
    errand.refresh_from_db()
    assert (errand.status, errand.outcome) == ("waived", "Договорились сами")
    assert not complete_task(errand, mentor, "Поздно")
    assert not take_back(step, mentor)
    step.refresh_from_db()
    assert step.outcome == "Договорились сами"


def test_bad_errands_are_refused(client: Client, mentor_and_case: tuple[User, Case]) -> None:
    mentor, case = mentor_and_case
    stranger = factories.person_with(Role.METHODIST, factories.OrganizationFactory())
    step = step_of(case, "mentor")
    with pytest.raises(MoveRefused, match="поручить нельзя"):
        hand_over_step(case, step, to=stranger, actor=case.responsible, due_on=today())
    with pytest.raises(MoveRefused, match="день уже прошёл"):
        hand_over_step(case, step, to=mentor, actor=case.responsible, due_on=today() - timedelta(days=1))
    client.force_login(case.responsible)
    address = reverse("motor:hand_over", args=[case.pk, step.pk])
    for wrong in (
        {"to": stranger.pk, "due_on": today().isoformat()},
        {"to": mentor.pk, "due_on": "завтра"},
        {"to": mentor.pk, "due_on": (today() - timedelta(days=1)).isoformat(), "text": "Не потерять"},
    ):
        refused = client.post(address, wrong)
        assert refused.status_code == 422
    assert "Не потерять" in refused.content.decode()
    assert not Task.objects.filter(step__isnull=False).exists()


def test_only_the_leader_hands_over(client: Client, mentor_and_case: tuple[User, Case]) -> None:
    mentor, case = mentor_and_case
    step = step_of(case, "mentor")
    hand, back = (reverse(f"motor:{name}", args=[case.pk, step.pk]) for name in ("hand_over", "take_back"))
    colleague = factories.person_with(Role.METHODIST, case.organization)
    for other in (mentor, colleague, factories.person_with(Role.ADMIN)):
        client.force_login(other)
        assert client.get(hand).status_code == 404
        assert client.post(back).status_code == 404
    client.force_login(case.responsible)
    assert client.get(back).status_code == 405
    errand = factories.TaskFactory(about=case, step=step)
    assert client.get(reverse("motor:hand_over", args=[case.pk, errand.pk])).status_code == 404


# --- The record and the pool ---------------------------------------------------------------------------------


def test_pool_is_offered_with_may_and_done_by_the_mark() -> None:
    case, specialist = case_of(3), None
    specialist = specialist_of(case)
    assert "pool" not in {code_of(step) for step in services.steps_of(case)}
    services.record_result(case, CAN, specialist=specialist)
    assert (step_of(case, "pool").status, step_of(case, "pool").is_required) == ("open", False)
    in_pool = services.RecordAnswer(True, ["mo"], in_pool=True, theme="Квест по физике")
    services.record_result(reload(case), in_pool, specialist=specialist)
    step = step_of(case, "pool")
    assert (step.status, step.outcome, step.done_by) == ("done", "Опыт в банке: Квест по физике", specialist)
    services.record_result(reload(case), CAN, specialist=specialist)
    assert step_of(case, "pool").is_open
    services.record_result(reload(case), services.RecordAnswer(False), specialist=specialist)
    assert step_of(case, "pool").status == "waived"
    record = case.records.get()
    assert (record.can_present, record.in_pool, record.theme, record.event_kinds) == (False, False, "", [])


@pytest.mark.parametrize("variant", [1, 2])
def test_no_pool_step_without_a_result_on_the_topic(variant: int) -> None:
    case = case_of(variant)
    services.record_result(case, CAN, specialist=specialist_of(case))
    assert "pool" not in {code_of(step) for step in services.steps_of(case)}


def test_same_record_again_changes_nothing() -> None:
    case = case_of(1)
    first, second = specialist_of(case), specialist_of(case)
    services.record_result(case, CAN, specialist=first)
    revision = reload(case).revision
    again = services.record_result(reload(case), CAN, specialist=second)
    assert (again.specialist, LogEntry.objects.filter(note__startswith="Учёт").count()) == (first, 1)
    services.record_result(reload(case), services.RecordAnswer(False), specialist=second)
    assert LogEntry.objects.filter(note="Учёт в ММС: не может; было: может: заседание МО").count() == 1
    assert reload(case).revision > revision
    with pytest.raises(MoveRefused, match="уже сделан"):
        services.record_result(reload(case), CAN, specialist=first, replace=False)
    assert MunicipalRecord.objects.get().can_present is False


def test_record_of_a_case_reopened_meanwhile_is_refused() -> None:
    case = case_of(3)
    stale = reload(case)
    Case.objects.filter(pk=case.pk).update(status=Status.SCHOOL_REVIEW, version=2)
    with pytest.raises(MoveRefused, match="открыта заново"):
        services.record_result(stale, CAN, specialist=specialist_of(case))
    assert not MunicipalRecord.objects.exists()


def test_nothing_to_record_without_a_result() -> None:
    case = factories.CaseFactory(status=Status.CLOSED, bare=True)
    specialist = specialist_of(case)
    with pytest.raises(MoveRefused, match="ещё не определён"):
        services.record_result(case, CAN, specialist=specialist)
    assert list(Case.objects.recordable_by(specialist)) == []


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (services.RecordAnswer(True), "event_kinds"),
        (services.RecordAnswer(None), "note"),
        (services.RecordAnswer(True, ["mo"], in_pool=True), "theme"),
    ],
)
def test_half_an_answer_is_refused(answer: services.RecordAnswer, field: str) -> None:
    case = case_of(3)
    assert set(answer.problems()) == {field}
    with pytest.raises(MoveRefused):
        services.record_result(case, answer, specialist=specialist_of(case))
    assert not MunicipalRecord.objects.exists()


def test_case_page_shows_the_record_and_its_flags(client: Client) -> None:
    case = case_of(1)
    specialist = specialist_of(case)
    in_pool = services.RecordAnswer(True, ["mo"], in_pool=True, theme="Листы самооценки")
    services.record_result(case, in_pool, specialist=specialist)
    client.force_login(specialist)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Листы самооценки" in page
    assert "Проверьте: вариант 1" in page
    assert specialist.full_name in page
    client.force_login(case.person)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Листы самооценки" in page
    assert "Проверьте" not in page


def test_former_record_is_where_a_new_one_begins(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP, version=2, bare=True)
    old = factories.ChecklistFactory(case=case)
    factories.OutcomeFactory(case=case, basis=old)
    factories.MunicipalRecordFactory(case=case, event_kinds=["seminar"], in_pool=True, theme="Квест")
    factories.ChecklistFactory(case=case, version=2, recommends_experience=False)
    start_follow_up(case)
    client.force_login(specialist_of(case))
    form = client.get(case.get_absolute_url()).context["record_form"]
    assert form.initial == {
        "can_present": "yes",
        "event_kinds": ["seminar"],
        "in_pool": True,
        "theme": "Квест",
        "note": "",
    }
