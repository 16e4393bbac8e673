"""Group consultations: what they end, who writes them down, who reads them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from motor import services
from motor.models import Case, Consultation, Status
from motor.services.consultations import Meeting, consultable_by, hold_consultation, plan_consultation
from motor.services.follow_up import code_of, start_follow_up
from tests import factories

pytestmark = pytest.mark.django_db
NEW = "/motor/consultations/new/"


def case_of(variant: int, methodist: User) -> Case:
    found = {1: {"practice": "absent"}, 2: {"practice": "absent", "other_topic_found": True}, 3: {}}[variant]
    person = factories.UserFactory(organization=methodist.organization)
    case = factories.CaseFactory(status=Status.FOLLOW_UP, bare=True, completion__person=person, responsible=methodist)
    factories.ChecklistFactory(case=case, assessor=methodist, **found)
    start_follow_up(case)
    return Case.objects.with_names().get(pk=case.pk)


@pytest.fixture
def methodist() -> User:
    return factories.person_with(Role.METHODIST, factories.OrganizationFactory())


def step_of(case: Case, code: str) -> Any:
    return next(step for step in services.steps_of(case) if code_of(step) == code)


def meeting(**values: Any) -> Meeting:
    return Meeting(**({"on": today(), "topic": "Самооценка", "leader": "Наставник"} | values))


def test_choice_is_of_own_cases_that_ask_for_help(methodist: User) -> None:
    case_of(1, methodist)
    second, third = case_of(2, methodist), case_of(3, methodist)
    case_of(2, factories.person_with(Role.METHODIST, methodist.organization))
    Case.objects.filter(pk=case_of(3, methodist).pk).update(status=Status.CLOSED)
    assert sorted(consultable_by(methodist).values_list("pk", flat=True)) == [second.pk, third.pk]


def test_meeting_ends_the_step_of_each_case(methodist: User) -> None:
    second, third = case_of(2, methodist), case_of(3, methodist)
    consultation, left = hold_consultation(meeting(), [second, third], author=methodist)
    assert left == []
    assert sorted(consultation.cases.values_list("pk", flat=True)) == [second.pk, third.pk]
    for case, code in ((second, "mentor"), (third, "rma")):
        step = step_of(case, code)
        assert (step.status, step.done_by) == ("done", methodist)
        assert "Групповая консультация" in step.outcome
        assert case.transitions.filter(move="consult", actor=methodist).count() == 1


def test_meeting_twice_is_one_and_others_may_be_added(methodist: User) -> None:
    second, third = case_of(2, methodist), case_of(3, methodist)
    first, _ = hold_consultation(meeting(), [second], author=methodist)
    revision = Case.objects.get(pk=second.pk).revision
    again, left = hold_consultation(meeting(), [second, third], author=methodist)
    assert (again, left, again.cases.count()) == (first, [], 2)
    assert Case.objects.get(pk=second.pk).revision == revision
    assert second.transitions.filter(move="consult").count() == 1
    assert Consultation.objects.count() == 1


def test_case_that_moved_on_is_left(methodist: User) -> None:
    second, third = case_of(2, methodist), case_of(3, methodist)
    services.close_case(Case.objects.with_names().get(pk=third.pk), actor=methodist, reason="Уехал")
    consultation, left = hold_consultation(meeting(), [second, third], author=methodist)
    assert left == [third]
    assert list(consultation.cases.all()) == [second]


def test_plan_says_what_will_not_change(methodist: User) -> None:
    second, third = case_of(2, methodist), case_of(3, methodist)
    services.finish_step(third, step_of(third, "rma"), actor=methodist, note="Встретились")
    plan = plan_consultation([second, third])
    assert plan.ends == [second]
    assert plan.notes == [(third, "шаг уже отмечен: выполнена")]


def test_last_step_closes_a_recorded_case(methodist: User) -> None:
    case = case_of(2, methodist)
    for code in ("directions", "route"):
        services.finish_step(case, step_of(case, code), actor=methodist, note="Сделано")
    specialist = factories.person_with(Role.MUNICIPAL, case.organization.municipality)
    services.record_result(case, services.RecordAnswer(False), specialist=specialist)
    hold_consultation(meeting(), [Case.objects.with_names().get(pk=case.pk)], author=methodist)
    assert Case.objects.get(pk=case.pk).status == Status.CLOSED


def test_visible_to_exact_lists(methodist: User) -> None:
    member = factories.MemberFactory()
    case = case_of(2, methodist)
    with_case = factories.ConsultationFactory(author=methodist, cases=[case])
    led = factories.ConsultationFactory(member=member, leader="", cases=[factories.CaseFactory()])
    foreign = factories.ConsultationFactory(cases=[factories.CaseFactory(), factories.CaseFactory()])

    def seen(user: Any) -> list[Consultation]:
        return list(Consultation.objects.visible_to(user).order_by("pk"))

    assert seen(AnonymousUser()) == []
    assert seen(methodist) == [with_case]
    assert seen(case.person) == [with_case]
    assert seen(factories.UserFactory(organization=methodist.organization)) == []
    assert seen(factories.person_with(Role.HEAD, methodist.organization)) == [with_case]
    assert seen(member.user) == [led]
    assert seen(factories.person_with(Role.OBSERVER)) == []
    assert seen(factories.person_with(Role.ADMIN)) == [with_case, led, foreign]


# --- Pages ---------------------------------------------------------------------------------------------------


def answer(*cases: Case, **values: str) -> dict[str, Any]:
    return {
        "on": today().isoformat(),
        "topic": "Самооценка",
        "leader": "Наставник школы",
        "note": "Составили план",
        "cases": [case.pk for case in cases],
    } | values


def test_preview_first_then_the_meeting(client: Client, methodist: User) -> None:
    case = case_of(2, methodist)
    client.force_login(methodist)
    assert case.person.full_name in client.get(NEW).content.decode()
    preview = client.post(NEW, answer(case, do="preview"))
    assert "Ещё ничего не записано" in preview.content.decode()
    assert not Consultation.objects.exists()
    back = client.post(NEW, answer(case, do="edit"))
    assert (back.status_code, "Составили план" in back.content.decode()) == (200, True)
    for _ in range(2):
        saved = client.post(NEW, answer(case, do="write"))
    consultation = Consultation.objects.get()
    assert saved["Location"] == reverse("motor:consultation", args=[consultation.pk])
    page = client.get(saved["Location"]).content.decode()
    assert case.person.full_name in page
    assert "Составили план" in page
    assert "Групповая консультация" in client.get(case.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"cases": []}, "хотя бы одного педагога"),
        ({"topic": " "}, "о чём была консультация"),
        ({"leader": ""}, "кто проводил консультацию"),
        ({"on": (today() + timedelta(days=1)).isoformat()}, "ещё не наступил"),
        ({"on": "вчера"}, "ДД.ММ.ГГГГ"),
        ({"cases": ["999999"]}, "отметьте участников ещё раз"),
        ({"member": "999999"}, "вариант"),
    ],
)
def test_bad_input_stays_in_the_form(client: Client, methodist: User, wrong: dict[str, Any], text: str) -> None:
    case = case_of(2, methodist)
    client.force_login(methodist)
    refused = client.post(NEW, answer(case, do="write") | wrong)
    assert refused.status_code == 422
    assert text in refused.content.decode()
    assert "Составили план" in refused.content.decode()
    assert not Consultation.objects.exists()


def test_case_of_a_colleague_is_not_taken(client: Client, methodist: User) -> None:
    case_of(2, methodist)
    foreign = case_of(2, factories.person_with(Role.METHODIST, methodist.organization))
    client.force_login(methodist)
    assert foreign.person.full_name not in client.get(NEW).content.decode()
    assert client.post(NEW, answer(foreign, do="write")).status_code == 422


def test_filter_by_programme_keeps_the_ticked(client: Client, methodist: User) -> None:
    one, other = case_of(2, methodist), case_of(3, methodist)
    client.force_login(methodist)
    programme = one.completion.course.programme
    page = client.get(NEW, {"programme": programme.pk})
    assert [case for case, _ in page.context["rows"]] == [one]
    page = client.get(NEW, {"topic": other.completion.course.programme.topic_id})
    assert [case for case, _ in page.context["rows"]] == [other]
    page = client.post(f"{NEW}?programme={programme.pk}", answer(other, topic="", do="preview"))
    assert {case for case, _ in page.context["rows"]} == {one, other}


def test_participant_reads_no_note_and_no_colleagues(client: Client, methodist: User) -> None:
    mine, other = case_of(2, methodist), case_of(2, methodist)
    consultation, _ = hold_consultation(meeting(note="Внутреннее"), [mine, other], author=methodist)
    client.force_login(mine.person)
    page = client.get(reverse("motor:consultation", args=[consultation.pk])).content.decode()
    assert "Внутреннее" not in page
    assert other.person.full_name not in page
    assert "И ещё 1" in page
    client.force_login(factories.UserFactory(email="stranger@example.org"))
    assert client.get(reverse("motor:consultation", args=[consultation.pk])).status_code == 404


@pytest.mark.parametrize("role", ["teacher", Role.HEAD, Role.REGIONAL])
def test_writing_down_is_for_those_who_lead(client: Client, methodist: User, role: str) -> None:
    scope = methodist.organization if role == Role.HEAD else None
    client.force_login(factories.person_with(role, scope))
    assert client.get(NEW).status_code == 404


@pytest.mark.parametrize("count", [1, 5])
def test_pages_cost_the_same_for_any_number(
    client: Client, methodist: User, count: int, django_assert_num_queries: Any
) -> None:
    cases = [case_of(2, methodist) for _ in range(count)]
    for _ in range(count):
        consultation = factories.ConsultationFactory(author=methodist, cases=cases)
    client.force_login(methodist)
    client.get("/motor/consultations/")
    with django_assert_num_queries(5):
        client.get("/motor/consultations/")
    with django_assert_num_queries(7):
        client.get(reverse("motor:consultation", args=[consultation.pk]))
    with django_assert_num_queries(6):
        client.get(NEW)
    with django_assert_num_queries(5):
        client.post(NEW, answer(*cases, do="preview"))
