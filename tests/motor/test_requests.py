"""Requests to РМА born of a case: help with the ИОМ, who may not be asked, what the end of a case does to them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role, Substitution, User
from motor import services
from motor.models import Case, Status
from motor.moves import MoveRefused
from motor.services import halting
from motor.services.review import replace_rma
from motor.services.rma_requests import best_members
from motor.services.story import story_of
from motor.services.transfer import transfer_person
from rma.models import Request
from rma.origins import origin_of
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


# --- Who is told ----------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting() -> Case:
    """Waits for the answer of the member asked to take part."""
    return reload(factories.CaseFactory(status=Status.RMA_REQUESTED))


def asked_to(case: Case) -> Request:
    request = services.open_request(case)
    assert request is not None
    assert request.member is not None
    return request


def letters(kind: str) -> list[int]:
    return sorted(Letter.objects.filter(kind=kind).values_list("to", flat=True))


class TestNamingIsAskedFor:
    """Whoever names: the one who answers for the case, else the municipal service, else the admins; not the actor."""

    @pytest.fixture
    def specialist(self, waiting: Case) -> User:
        return factories.person_with(Role.MUNICIPAL, waiting.organization.municipality)

    @pytest.fixture
    def admin(self) -> User:
        return factories.person_with(Role.ADMIN)

    def test_nobody_serves_the_place_the_admins_are(self, admin: User) -> None:
        case = reload(factories.CaseFactory(status=Status.SCHOOL_REVIEW))
        services.save_school_checklist(case, checked("assessment"), assessor=case.responsible)
        assert letters("motor.rma_wanted") == [admin.pk]

    def test_replaced_by_the_methodist_the_service_is_told(self, waiting: Case, specialist: User, admin: User) -> None:
        member = asked_to(waiting).member
        replace_rma(waiting, actor=waiting.responsible, reason="Молчит")
        assert letters("motor.rma_wanted") == [specialist.pk]
        assert letters("rma.withdrawn") == [member.user_id]

    def test_replaced_by_the_service_the_methodist_is_told(self, waiting: Case, specialist: User) -> None:
        replace_rma(waiting, actor=specialist, reason="Молчит")
        assert letters("motor.rma_wanted") == [waiting.responsible.pk]

    def test_declined_tells_once(self, waiting: Case, specialist: User) -> None:
        request = asked_to(waiting)
        services.decline_request(waiting, request, actor=request.member.user, reason="Болею")
        told = Letter.objects.exclude(kind="motor.invite").values_list("kind", "to")
        assert list(told) == [("rma.declined", waiting.responsible.pk)]

    def test_declined_with_nobody_answering_goes_to_the_service(self, waiting: Case, specialist: User) -> None:
        request = asked_to(waiting)
        Case.objects.filter(pk=waiting.pk).update(responsible=None)
        User.objects.filter(pk=request.author_id).update(is_active=False)
        request.refresh_from_db()
        services.decline_request(reload(waiting), request, actor=request.member.user, reason="Болею")
        assert letters("motor.rma_wanted") == [specialist.pk]

    def test_restored_case_asks_for_a_name(self, waiting: Case, admin: User) -> None:
        halting.stop_case(waiting, actor=waiting.responsible, reason="left")
        halting.restore_case(reload(waiting), actor=admin, reason="Вернулась")
        assert letters("motor.rma_wanted") == [waiting.responsible.pk]

    def test_moved_into_the_members_school(self, waiting: Case, admin: User) -> None:
        member = asked_to(waiting).member
        there = member.user.organization or factories.OrganizationFactory()
        User.objects.filter(pk=member.user_id).update(organization=there)
        methodist = factories.person_with(Role.METHODIST, there)
        transfer_person(waiting.person, there, actor=admin)
        assert letters("motor.member_lost") == [methodist.pk]
        assert letters("rma.withdrawn") == [member.user_id]
        assert letters("motor.rma_wanted") == []


@pytest.mark.parametrize("how", ["without", "vain", "stopped"])
def test_member_is_told_that_nothing_is_asked_any_more(waiting: Case, how: str) -> None:
    request, methodist = asked_to(waiting), waiting.responsible
    if how == "without":
        services.go_without_rma(waiting, actor=methodist, reason="Не дождались")
    elif how == "vain":
        services.go_without_rma(waiting, actor=None, reason="Не нашёлся")
    else:
        halting.stop_case(waiting, actor=methodist, reason="left")
    request.refresh_from_db()
    assert request.status == "withdrawn"
    assert list(Letter.objects.filter(to=request.member.user).values_list("kind", flat=True)) == ["rma.withdrawn"]


# --- Who is offered -------------------------------------------------------------------------------------------------


def test_list_on_the_page_has_only_those_who_can_be_asked(waiting: Case, django_assert_num_queries: Any) -> None:
    request = asked_to(waiting)
    Request.objects.filter(pk=request.pk).delete()
    specialist = factories.person_with(Role.MUNICIPAL, waiting.organization.municipality)
    here, away, without_login = factories.MemberFactory(), factories.MemberFactory(), factories.MemberFactory()
    factories.MemberFactory(user=specialist)
    assessor = factories.MemberFactory()
    waiting.checklists.update(assessor=assessor.user)
    Substitution.objects.create(person=away.user, deputy=here.user, starts_on=today(), ends_on=today())
    User.objects.filter(pk=without_login.user_id).update(email=None)
    with django_assert_num_queries(1):
        found = best_members(waiting, specialist)
    assert {one.pk for one in found} == {here.pk, request.member_id}


def test_never_asked_costs_the_same_for_many(django_assert_num_queries: Any) -> None:
    origin = origin_of(asked_to(factories.CaseFactory(status=Status.RMA_REQUESTED)))
    for _ in range(4):
        factories.CaseFactory(status=Status.RMA_REQUESTED)
    requests = list(Request.objects.all())
    with django_assert_num_queries(2):
        found = origin.never_of(requests)
    cases = {one.pk: one for one in Case.objects.all()}
    assert {pk: set(whys) for pk, whys in found.items()} == {
        one.pk: {
            cases[one.source_id].responsible_id,
            *cases[one.source_id].checklists.values_list("assessor", flat=True),
        }
        for one in requests
    }


# --- On the case's page ---------------------------------------------------------------------------------------------


class TestWordsAreKept:
    def test_when_nobody_is_chosen(self, client: Client, waiting: Case) -> None:
        Request.objects.all().delete()
        client.force_login(waiting.responsible)
        answer = client.post(
            reverse("motor:name_rma", args=[waiting.pk]), {"member": "", "reason": "Взгляд со стороны"}
        )
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "Взгляд со стороны</textarea>" in text
        assert text.count("Выберите методиста РМА.") == 2  # on top and at the field

    def test_when_nothing_is_said_the_choice_stays(self, client: Client, waiting: Case) -> None:
        Request.objects.all().delete()
        member = factories.MemberFactory()
        client.force_login(waiting.responsible)
        answer = client.post(reverse("motor:name_rma", args=[waiting.pk]), {"member": member.pk, "reason": " "})
        assert answer.status_code == 422
        assert f'<option value="{member.pk}" selected>' in answer.content.decode()

    def test_when_somebody_was_quicker(self, client: Client, waiting: Case) -> None:
        member = factories.MemberFactory()
        client.force_login(waiting.responsible)
        words = {"member": member.pk, "reason": "Слова, которые жаль терять"}
        answer = client.post(reverse("motor:name_rma", args=[waiting.pk]), words)
        assert answer.status_code == 422
        assert "Запрос уже отправлен" in answer.content.decode()
        assert "Слова, которые жаль терять" in answer.content.decode()

    def test_when_named_it_is_sent_as_before(self, client: Client, waiting: Case) -> None:
        Request.objects.all().delete()
        member = factories.MemberFactory()
        client.force_login(waiting.responsible)
        words = {"member": member.pk, "reason": "Взгляд со стороны"}
        assert client.post(reverse("motor:name_rma", args=[waiting.pk]), words).status_code == 302
        assert asked_to(waiting).member == member

    def test_of_a_refusal_without_a_reason(self, client: Client, waiting: Case) -> None:
        request = asked_to(waiting)
        client.force_login(request.member.user)
        address = reverse("motor:decline_rma", args=[waiting.pk])
        answer = client.post(address, {"request": request.pk, "reason": " "})
        assert answer.status_code == 422
        assert answer.content.decode().count("Напишите, почему не можете участвовать") == 2
        assert client.post(address, {"request": request.pk, "reason": "Болею"}).status_code == 302
