"""Requests to РМА born of a case: help with the ИОМ, who may not be asked, what the end of a case does to them."""

import pytest

from motor import services
from motor.models import Case, Status
from motor.moves import MoveRefused
from motor.services.story import story_of
from rma.models import Request
from tests import factories

pytestmark = pytest.mark.django_db


def reload(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


@pytest.fixture
def case() -> Case:
    return reload(factories.CaseFactory(status=Status.SCHOOL_REVIEW))


def checked(help_kind: str) -> services.ChecklistAnswers:
    return services.ChecklistAnswers(
        True, "full", False, rma_help=help_kind, rma_reason="Нужна помощь", studies=[services.StudyAnswer("talk")]
    )


def test_help_with_the_route_needs_no_second_assessment(case: Case) -> None:
    member = factories.MemberFactory()
    services.save_school_checklist(case, checked("iom_help"), assessor=case.responsible, member=member)
    case = reload(case)
    assert (case.status, case.outcome.variant) == (Status.FOLLOW_UP, 3)
    request = Request.objects.get()
    services.accept_request(case, request, actor=member.user)
    case = reload(case)
    assert (case.status, case.rma_member) == (Status.FOLLOW_UP, member)
    assert [(stage.label, stage.state) for stage in story_of(case).stages] == [
        ("Опросный лист", "done"),
        ("Оценка методистом ОО", "done"),
        ("Оценка методистом РМА", "skip"),
        ("Результат и работа с ним", "now"),
    ]


@pytest.mark.parametrize(("before", "after"), [("sent", "withdrawn"), ("accepted", "done"), ("declined", "declined")])
def test_end_of_the_case_settles_its_requests(case: Case, before: str, after: str) -> None:
    member = factories.MemberFactory()
    services.save_school_checklist(case, checked("iom_help"), assessor=case.responsible, member=member)
    request = Request.objects.get()
    if before == "accepted":
        services.accept_request(reload(case), request, actor=member.user)
    if before == "declined":
        services.decline_request(reload(case), request, actor=member.user, reason="Не могу")
    services.close_case(reload(case), actor=case.responsible, reason="Педагог уволился")
    request.refresh_from_db()
    assert (request.status, reload(case).status) == (after, Status.CLOSED)


def test_nobody_fills_in_both_checklists(case: Case) -> None:
    """A municipal specialist who assesses for the school and is a member himself."""
    both = factories.MemberFactory(user=case.responsible)
    both.user.organization = None
    both.user.save()
    with pytest.raises(MoveRefused, match="второе мнение"):
        services.save_school_checklist(case, checked("assessment"), assessor=case.responsible, member=both)
    assert reload(case).status == Status.SCHOOL_REVIEW


def test_request_answered_twice_moves_once() -> None:
    case = reload(factories.CaseFactory(status=Status.RMA_REQUESTED))
    request = services.open_request(case)
    assert request is not None
    stale = reload(case)
    services.accept_request(case, request, actor=case.rma_member.user)
    with pytest.raises(MoveRefused):
        services.decline_request(stale, request, actor=case.rma_member.user, reason="Передумал")
    assert reload(case).status == Status.RMA_REVIEW
    assert case.transitions.filter(move="accept_rma").count() == 1
