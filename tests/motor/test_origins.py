"""Requests to РМА born of a case, answered on their own pages: what each answer does in the case."""

from datetime import timedelta
from typing import Any

import pytest

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.users.models import LogEntry, Role, User
from iom.models import Route
from motor import services
from motor.models import Case, Consultation, Status
from motor.services.story import turn_of
from rma.models import Activity, Member, Request
from rma.origins import Done, Need, origin_named, origin_of
from rma.services import RequestRefused
from tests import factories
from tests.factories import CaseFactory, MemberFactory, person_with

pytestmark = pytest.mark.django_db
ORIGIN: Any = origin_named("case")
HELP, TALK, ASSESS = Request.Kind.IOM_HELP, Request.Kind.CONSULTATION, Request.Kind.ASSESSMENT


def fresh(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def last(case: Case) -> Request:
    return Request.objects.of(case).select_related("member__user", "author", "person", "former").latest("pk")


def needed(case: Case, kind: str, user: User | None = None) -> Need:
    need: Need | None = ORIGIN.need(user or case.responsible, case.pk, kind)
    assert need is not None
    return need


@pytest.fixture
def asked() -> Case:
    """Waits for the answer of the member asked to take part."""
    return fresh(CaseFactory(status=Status.RMA_REQUESTED))


@pytest.fixture
def case() -> Case:
    """With a result; nobody of РМА is asked."""
    found = fresh(CaseFactory(status=Status.FOLLOW_UP))
    services.follow_up.start_follow_up(found)
    return fresh(found)


def helped(case: Case, kind: str = HELP) -> Request:
    """A request for help, accepted."""
    ORIGIN.ask(needed(case, kind), MemberFactory(), author=case.responsible)
    request = last(case)
    assert request.member is not None
    ORIGIN.accept(request, actor=request.member.user)
    return last(case)


class TestNeed:
    def test_names_the_case_its_subject_and_the_reason_of_the_checklist(self) -> None:
        case = CaseFactory(status=Status.RMA_REQUESTED)
        Request.objects.of(case).delete()

        need = needed(case, ASSESS)

        assert (need.person, need.organization, need.source) == (case.person, case.organization, case)
        assert (need.subject, need.direction, need.reason) == (case.completion.subject, None, "Нужен взгляд со стороны")
        assert set(need.never) == {case.responsible.pk}

    def test_is_there_for_the_municipal_service_too(self) -> None:
        case = CaseFactory(status=Status.RMA_REQUESTED)
        Request.objects.of(case).delete()
        specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
        assert needed(case, ASSESS, specialist).source == case
        assert ORIGIN.need(specialist, case.pk, HELP) is None

    def test_is_not_there_for_strangers_the_teacher_and_a_colleague(self, case: Case) -> None:
        login = person_with("teacher", case.organization)
        Case.objects.filter(pk=case.pk).update(person=login)
        colleague = person_with(Role.METHODIST, case.organization)
        for user in (
            login,
            colleague,
            person_with(Role.METHODIST, factories.OrganizationFactory()),
            MemberFactory().user,
        ):
            assert [ORIGIN.need(user, case.pk, kind) for kind in Request.Kind.values] == [None, None, None]

    def test_assessment_is_asked_once(self, asked: Case) -> None:
        assert ORIGIN.need(asked.responsible, asked.pk, ASSESS) is None

    def test_of_an_ended_case_nothing_is_asked(self) -> None:
        case = CaseFactory(status=Status.CLOSED)
        assert [ORIGIN.need(case.responsible, case.pk, kind) for kind in Request.Kind.values] == [None, None, None]


class TestAsk:
    def test_for_help_leaves_the_case_and_writes_its_history(self, case: Case) -> None:
        member = MemberFactory()
        before = fresh(case).revision

        request = ORIGIN.ask(needed(case, HELP), member, author=case.responsible)

        assert (request.status, request.member, request.source) == ("sent", member, case)
        after = fresh(case)
        assert (after.status, after.due_on, after.revision > before) == (Status.FOLLOW_UP, case.due_on, True)
        assert case.transitions.filter(move="ask_help").count() == 1

    def test_nobody_waits_in_the_queue(self, case: Case) -> None:
        request = ORIGIN.ask(needed(case, TALK), None, author=case.responsible)
        assert (request.status, request.member) == ("wanted", None)
        specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
        member = MemberFactory()
        assert list(Request.objects.nameable_by(specialist)) == [request]

        ORIGIN.name(request, member, actor=specialist)

        assert (last(case).status, last(case).member, last(case).author) == ("sent", member, case.responsible)

    def test_twice_is_refused_and_changes_nothing(self, case: Case) -> None:
        ORIGIN.ask(needed(case, HELP), MemberFactory(), author=case.responsible)
        before = fresh(case).revision
        with pytest.raises(RequestRefused, match="уже открыт"):
            ORIGIN.ask(needed(case, HELP), MemberFactory(), author=case.responsible)
        assert (fresh(case).revision, Request.objects.of(case).count()) == (before, 1)

    def test_whoever_answers_for_the_case_is_not_asked(self, case: Case) -> None:
        own = MemberFactory(user=case.responsible)
        with pytest.raises(RequestRefused, match="отвечает за эту карту"):
            ORIGIN.ask(needed(case, HELP), own, author=case.responsible)

    def test_assessment_named_from_the_queue_moves_the_case(self, asked: Case) -> None:
        first = last(asked)
        ORIGIN.decline(first, actor=first.member.user, reason="Болею")
        queued = last(asked)
        assert (queued.status, queued.former, queued.author) == ("wanted", first, first.author)
        member = MemberFactory()

        ORIGIN.name(queued, member, actor=person_with(Role.MUNICIPAL, asked.organization.municipality))

        assert (last(asked).pk, last(asked).status, last(asked).member) == (queued.pk, "sent", member)
        assert list(asked.transitions.order_by("pk").values_list("move", flat=True))[-2:] == ["decline_rma", "name_rma"]


class TestAnswer:
    def test_agreed_day_is_the_limit_of_the_case(self, asked: Case) -> None:
        day = today() + timedelta(days=9)
        ORIGIN.accept(last(asked), actor=asked.responsible, on=day)
        case = fresh(asked)
        assert (case.status, case.due_on, case.rma_member) == (Status.RMA_REVIEW, day, last(asked).member)
        assert "договорились" in case.due_why

    def test_another_day_gives_the_turn_to_whoever_asked(self, asked: Case) -> None:
        request, day = last(asked), today() + timedelta(days=30)

        ORIGIN.propose(request, day, actor=request.member.user, comment="После каникул")

        case = fresh(asked)
        assert (case.status, last(asked).status) == (Status.RMA_REQUESTED, "proposed")
        assert turn_of(case, last(asked)) == f"{case.responsible.short_name} — согласовать день с методистом РМА"
        ORIGIN.agree_date(last(asked), actor=case.responsible)
        case = fresh(asked)
        assert (case.status, case.due_on, last(asked).agreed_on) == (Status.RMA_REVIEW, day, day)

    def test_second_answer_is_refused(self, asked: Case) -> None:
        request = last(asked)
        ORIGIN.accept(request, actor=request.member.user)
        for act in (
            lambda: ORIGIN.accept(request, actor=request.member.user),
            lambda: ORIGIN.decline(request, actor=request.member.user, reason="Передумал"),
            lambda: ORIGIN.agree_date(request, actor=asked.responsible),
        ):
            with pytest.raises(RequestRefused):
                act()
        assert fresh(asked).status == Status.RMA_REVIEW

    def test_declined_help_waits_for_another(self, case: Case) -> None:
        ORIGIN.ask(needed(case, HELP), MemberFactory(), author=case.responsible)
        first = last(case)
        ORIGIN.decline(first, actor=first.member.user, reason="Нет времени")
        assert (last(case).status, last(case).former, last(case).kind) == ("wanted", first, HELP)

    def test_help_comes_to_the_route_and_stands_in_the_case(self, case: Case) -> None:
        route = factories.RouteFactory(person=case.person)
        request = helped(case)
        assert (fresh(case).rma_member, Route.objects.get(pk=route.pk).rma_member) == (request.member, request.member)

    def test_help_does_not_displace_who_assesses(self) -> None:
        case = fresh(CaseFactory(status=Status.RMA_REVIEW))
        helped(case)
        assert fresh(case).rma_member == case.rma_member


class TestHandOver:
    @pytest.mark.parametrize("status", [Status.RMA_REQUESTED, Status.RMA_REVIEW])
    def test_assessment_goes_to_the_new_member_at_once(self, status: str) -> None:
        case = fresh(CaseFactory(status=status))
        former, to = last(case), MemberFactory()

        passed = ORIGIN.hand_over(former, to, actor=former.member.user, reason="Другой предмет")

        after = fresh(case)
        assert (after.status, after.rma_member) == (Status.RMA_REQUESTED, None)
        assert (passed.status, passed.member, passed.former) == ("sent", to, former)
        assert services.open_request(after) == passed
        line = case.transitions.get(move="hand_over_rma")
        assert to.user.short_name in line.comment
        assert "Другой предмет" in line.comment
        assert not Case.objects.visible_to(User.objects.get(pk=former.member.user_id)).exists()

    def test_to_whoever_assessed_or_works_there_is_refused(self, asked: Case) -> None:
        own = MemberFactory(user=person_with(Role.REGIONAL, organization=asked.organization))
        for to in (MemberFactory(user=asked.responsible), own):
            with pytest.raises(RequestRefused):
                ORIGIN.hand_over(last(asked), to, actor=last(asked).member.user, reason="Занят")
        assert last(asked).status == "sent"

    def test_help_stays_with_the_former_until_the_new_one_accepts(self, case: Case) -> None:
        route = factories.RouteFactory(person=case.person)
        former, to = helped(case), MemberFactory()
        passed = ORIGIN.hand_over(former, to, actor=former.member.user, reason="Отпуск")
        assert Route.objects.get(pk=route.pk).rma_member == former.member
        ORIGIN.accept(passed, actor=to.user)
        assert (Route.objects.get(pk=route.pk).rma_member, fresh(case).rma_member) == (to, to)


class TestFinish:
    def test_assessment_is_ended_by_the_checklist_only(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        with pytest.raises(RequestRefused, match="чек-лист"):
            ORIGIN.finish(last(case), Done(today(), "Всё", 1), actor=case.rma_member.user)

    def test_consultation_ends_the_step_and_offers_no_second_line(self, case: Case) -> None:
        request = helped(case, TALK)

        ORIGIN.finish(request, Done(today(), "Разобрали критерии", 1.5), actor=request.member.user)

        step = Task.objects.of(case).get(kind__endswith=".rma")
        assert (step.status, last(case).status, last(case).result) == ("done", "done", "Разобрали критерии")
        assert "Консультация методиста РМА" in step.outcome
        assert list(Consultation.objects.get().cases.all()) == [case]
        assert not Activity.objects.exists()  # the page of the request offers the one line

    def test_consultation_that_closes_the_case_is_done_with_its_words(self, case: Case) -> None:
        factories.MunicipalRecordFactory(case=case)
        Task.objects.of(case).update(is_required=False)
        Task.objects.of(case).filter(kind__endswith=".rma").update(is_required=True)
        request = helped(case, TALK)
        ORIGIN.finish(request, Done(today(), "Разобрали", 1), actor=request.member.user)
        assert (fresh(case).status, last(case).status, last(case).result) == (Status.CLOSED, "done", "Разобрали")

    def test_help_leaves_the_route(self, case: Case) -> None:
        route = factories.RouteFactory(person=case.person)
        request = helped(case)
        ORIGIN.finish(request, Done(today(), "Маршрут составлен", 1), actor=request.member.user)
        assert Route.objects.get(pk=route.pk).rma_member is None
        assert fresh(case).rma_member == request.member  # he did take part
        note = LogEntry.objects.filter(note__contains="больше не помогает").get()
        assert note.person == case.person


class TestWithdraw:
    def test_accepted_assessment_goes_to_another(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        former = last(case)
        ORIGIN.withdraw(former, actor=case.responsible, reason="Нужен математик")
        assert (fresh(case).status, fresh(case).rma_member) == (Status.RMA_REQUESTED, None)
        assert (former.status, last(case).status, last(case).former) == ("withdrawn", "wanted", former)

    def test_wish_nobody_was_named_for_goes_on_without(self, asked: Case) -> None:
        ORIGIN.decline(last(asked), actor=last(asked).member.user, reason="Болею")
        with pytest.raises(RequestRefused, match="Карта ждёт"):
            ORIGIN.withdraw(last(asked), actor=person_with(Role.ADMIN), reason="Не нужно")
        ORIGIN.withdraw(last(asked), actor=asked.responsible, reason="Справимся сами")
        case = fresh(asked)
        assert (case.status, case.without_rma, last(asked).status) == (Status.FOLLOW_UP, True, "withdrawn")

    def test_help_leaves_the_case_and_the_route(self, case: Case) -> None:
        route = factories.RouteFactory(person=case.person)
        request = helped(case)
        ORIGIN.withdraw(request, actor=case.responsible, reason="Уже не нужно")
        assert (fresh(case).rma_member, Route.objects.get(pk=route.pk).rma_member) == (None, None)


class TestLend:
    def test_goes_to_the_deputy_and_back(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        request, deputy = last(case), MemberFactory()
        own: Member = request.member

        ORIGIN.lend(request, deputy, actor=None)
        assert (fresh(case).rma_member, last(case).member, last(case).status) == (deputy, deputy, "accepted")
        assert list(Case.objects.rma_assessable_by(deputy.user)) == [case]

        ORIGIN.lend(last(case), own, actor=None)
        assert (fresh(case).rma_member, last(case).member) == (own, own)
        assert case.transitions.filter(move="lend_rma").count() == 2

    def test_whoever_is_not_independent_does_not_take_it(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        colleague = MemberFactory(user=person_with(Role.REGIONAL, organization=case.organization))
        himself = MemberFactory(user=case.person)
        leads = MemberFactory(user=case.responsible)
        for to, why in ((colleague, "в той же организации"), (himself, "сам педагог"), (leads, "уже заполнил")):
            with pytest.raises(RequestRefused, match=why):
                ORIGIN.lend(last(case), to, actor=None)
        assert fresh(case).rma_member == case.rma_member

    def test_unanswered_goes_too_and_the_case_waits_as_before(self, asked: Case) -> None:
        deputy = MemberFactory()
        ORIGIN.lend(last(asked), deputy, actor=None)
        assert (fresh(asked).status, last(asked).status, last(asked).member) == (Status.RMA_REQUESTED, "sent", deputy)
        assert fresh(asked).rma_member != deputy

    def test_of_an_ended_request_is_refused(self, case: Case) -> None:
        request = helped(case)
        ORIGIN.finish(request, Done(today(), "Готово", 1), actor=request.member.user)
        with pytest.raises(RequestRefused):
            ORIGIN.lend(last(case), MemberFactory(), actor=None)


def test_origin_of_a_case_is_found_by_its_request(asked: Case) -> None:
    assert origin_of(last(asked)) is ORIGIN
    assert ORIGIN.address(last(asked)) == asked.get_absolute_url()
