"""The list of cases and the case's page: who sees what, whose turn, and the actions on it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.courses.models import Course
from cabinet.users.models import LogEntry, User
from motor import services
from motor.models import Case, Status
from tests import factories

pytestmark = pytest.mark.django_db


def without_token(page: bytes) -> bytes:
    """Without what differs at every answer: the token of the exit form and the address that was asked for."""
    return re.sub(rb'csrfmiddlewaretoken" value="[^"]+"|/motor/\d+/', b"", page)


def names(cases: Any) -> list[int]:
    return sorted(cases.values_list("pk", flat=True))


def test_who_sees_which_cases() -> None:
    here = factories.OrganizationFactory()
    near = factories.OrganizationFactory(municipality=here.municipality)
    far = factories.OrganizationFactory()
    mine, neighbour, stranger = (
        factories.CaseFactory(completion__person__organization=place, responsible=None, status=Status.FOLLOW_UP)
        for place in (here, near, far)
    )
    maths = mine.completion.subject
    seen = {
        "teacher": (mine.person, [mine]),
        "head": (factories.person_with("head", here), [mine]),
        "methodist": (factories.person_with("methodist", here), [mine]),
        "of the subject": (factories.person_with("methodist", here, subjects=[maths]), [mine]),
        "of another subject": (
            factories.person_with("methodist", here, subjects=[factories.SubjectFactory()]),
            [],
        ),
        "mentor": (factories.person_with("mentor", stranger.person), [stranger]),
        "municipal": (factories.person_with("municipal", here.municipality), [mine, neighbour]),
        "curator": (factories.person_with("curator"), []),
        "observer": (factories.person_with("observer"), []),
        "regional": (factories.person_with("regional"), []),
        "admin": (factories.person_with("admin"), [mine, neighbour, stranger]),
        "nobody": (factories.UserFactory(email="n@example.org"), []),
    }
    for who, (user, cases) in seen.items():
        assert names(Case.objects.visible_to(user)) == sorted(case.pk for case in cases), who


def test_curator_sees_his_own_courses() -> None:
    curator = factories.person_with("curator")
    mine = factories.CaseFactory(completion__course__curator=curator)
    factories.CaseFactory()
    assert names(Case.objects.visible_to(curator)) == [mine.pk]


def test_ended_membership_sees_nothing() -> None:
    case = factories.CaseFactory()
    former = factories.person_with("methodist", case.organization)
    former.memberships.update(starts_on="2020-01-01", ends_on="2020-12-31")
    assert names(Case.objects.visible_to(User.objects.get(pk=former.pk))) == []


def test_member_sees_a_case_while_asked_and_not_after_declining() -> None:
    case = factories.CaseFactory(status=Status.RMA_REQUESTED)
    member = case.rma_member
    assert names(Case.objects.visible_to(member.user)) == [case.pk]
    request = services.open_request(case)
    assert request is not None
    services.decline_request(case, request, actor=member.user, reason="Не могу")
    assert names(Case.objects.visible_to(User.objects.get(pk=member.user_id))) == []


def test_foreign_case_equals_a_missing_one(client: Client) -> None:
    case = factories.CaseFactory()
    client.force_login(factories.UserFactory(email="curious@example.org"))
    foreign = client.get(case.get_absolute_url())
    missing = client.get(reverse("motor:case", args=[case.pk + 1000]))
    assert foreign.status_code == missing.status_code == 404
    assert without_token(foreign.content) == without_token(missing.content)


def test_teacher_reads_the_next_step_and_no_inner_notes(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    case.checklists.update(comment="Внутренняя заметка")
    client.force_login(case.person)
    text = client.get(case.get_absolute_url()).content.decode()
    assert "Внутренняя заметка" not in text
    assert "История" not in text
    assert text.index("Что дальше") < text.index(case.outcome.get_variant_display())


def test_curator_reads_conclusions_and_no_inner_notes(client: Client) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    case.checklists.update(comment="Внутренняя заметка")
    case.transitions.update(comment="Почему нужен методист РМА")
    curator = factories.person_with("curator")
    Course.objects.filter(pk=case.completion.course_id).update(curator=curator)
    client.force_login(curator)
    text = client.get(case.get_absolute_url()).content.decode()
    assert case.outcome.get_variant_display() in text
    assert "Внутренняя заметка" not in text
    assert "Почему нужен методист РМА" not in text
    client.force_login(case.responsible)
    assert "Внутренняя заметка" in client.get(case.get_absolute_url()).content.decode()


def test_view_of_anothers_card_is_logged(client: Client) -> None:
    case = factories.CaseFactory()
    client.force_login(case.person)
    client.get(case.get_absolute_url())
    assert not LogEntry.objects.filter(action="viewed").exists()
    client.force_login(case.responsible)
    client.get(case.get_absolute_url())
    entry = LogEntry.objects.get(action="viewed")
    assert (entry.actor, entry.person) == (case.responsible, case.person)


@pytest.mark.parametrize("count", [1, 5])
def test_list_costs_the_same_for_any_number(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.CaseFactory.create_batch(count, status=Status.RMA_REQUESTED)
    client.force_login(factories.person_with("admin"))
    client.get(reverse("motor:cases"))
    with django_assert_num_queries(7):
        client.get(reverse("motor:cases"))


@pytest.mark.parametrize("count", [1, 5])
def test_case_page_stays_under_fifteen_queries(client: Client, count: int, django_assert_max_num_queries: Any) -> None:
    case = factories.CaseFactory(status=Status.FOLLOW_UP)
    for _ in range(count):
        factories.EvidenceFactory(case=case)
        factories.StudyFactory(checklist=case.checklists.get())
    client.force_login(case.responsible)
    client.get(case.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(case.get_absolute_url())


@pytest.mark.parametrize("role", ["admin", "municipal", "methodist"])
@pytest.mark.parametrize("status", [Status.SCHOOL_REVIEW, Status.RMA_REQUESTED, Status.RMA_REVIEW, Status.CLOSED])
def test_case_page_stays_under_fifteen_queries_in_costly_states(
    client: Client, role: str, status: str, django_assert_max_num_queries: Any
) -> None:
    case = factories.CaseFactory(status=status)
    factories.VisitFactory(cases=[case])
    factories.MemberFactory()
    scope = {"municipal": case.organization.municipality, "methodist": case.organization}.get(role)
    client.force_login(factories.person_with(role, scope))
    client.get(case.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(case.get_absolute_url())


def test_filters_narrow_the_list(client: Client) -> None:
    waiting = factories.CaseFactory(person__last_name="Ёлкина", completion__person__last_name="Ёлкина")
    other = factories.CaseFactory(status=Status.FOLLOW_UP)
    client.force_login(factories.person_with("admin"))

    def found(**query: str) -> list[int]:
        page = client.get(reverse("motor:cases"), query)
        return sorted(case.pk for case, _ in page.context["rows"])

    assert found() == sorted([waiting.pk, other.pk])
    assert found(status="follow_up") == [other.pk]
    assert found(q="елкин") == [waiting.pk]
    assert found(view="ended") == []
    assert found(page="999") == sorted([waiting.pk, other.pk])


def test_fragment_has_no_page_around_it(client: Client) -> None:
    factories.CaseFactory()
    client.force_login(factories.person_with("admin"))
    text = client.get(reverse("motor:cases"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert 'id="results"' in text


def test_accepting_and_declining_a_request(client: Client) -> None:
    case = factories.CaseFactory(status=Status.RMA_REQUESTED)
    request = services.open_request(case)
    assert request is not None
    accept = reverse("motor:accept_rma", args=[case.pk])
    decline = reverse("motor:decline_rma", args=[case.pk])
    client.force_login(case.responsible)
    assert client.post(accept, {"request": request.pk}).status_code == 404
    client.force_login(case.rma_member.user)
    assert client.get(accept).status_code == 405
    client.post(decline, {"request": request.pk, "reason": " "})
    assert Case.objects.get(pk=case.pk).status == Status.RMA_REQUESTED
    assert client.post(accept, {"request": request.pk}).status_code == 302
    assert Case.objects.get(pk=case.pk).status == Status.RMA_REVIEW
    assert client.post(accept, {"request": request.pk}).status_code == 404  # answered already
    assert client.post(decline, {"request": "чужой", "reason": "x"}).status_code == 404


def test_steps_record_and_closing_from_the_page(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    services.save_school_checklist(
        Case.objects.with_names().get(pk=case.pk),
        services.ChecklistAnswers(True, "full", False, studies=[services.StudyAnswer("talk")]),
        assessor=case.responsible,
    )
    client.force_login(case.responsible)
    steps = [step for step in services.steps_of(case) if step.is_required]
    for step in steps:
        address = reverse("motor:step", args=[case.pk, step.pk])
        client.post(address, {"note": ""})
        assert services.steps_of(case)[0].status in ("open", "done")
        client.post(address, {"note": "Сделано"})
    record = reverse("motor:record", args=[case.pk])
    assert client.post(record, {"can_present": "no"}).status_code == 404  # the school does not record
    client.force_login(factories.person_with("municipal", factories.MunicipalityFactory()))
    assert client.post(record, {"can_present": "no"}).status_code == 404
    client.force_login(factories.person_with("municipal", case.organization.municipality))
    refused = client.post(record, {"can_present": "yes", "note": "Не потерять"})  # no kind of event
    assert refused.status_code == 422
    assert "Не потерять" in refused.content.decode()
    assert not case.records.exists()
    client.post(record, {"can_present": "yes", "event_kinds": ["mo", "seminar"]})
    case.refresh_from_db()
    assert (case.records.get().event_kinds, case.status) == (["mo", "seminar"], Status.CLOSED)


def test_admin_gives_the_word_for_late_lists(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHEDULED, waits_for_word=True)
    address = reverse("motor:held")
    client.force_login(case.responsible)
    assert client.get(address).status_code == 404
    client.force_login(factories.person_with("admin"))
    assert "1" in client.get(address).content.decode()
    client.post(address, {})
    assert Case.objects.get().waits_for_word
    client.post(address, {"course": case.completion.course_id})
    assert not Case.objects.get().waits_for_word
