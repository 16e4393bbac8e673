"""A leave as a whole: cases, requests to РМА, routes; what is said before is what happens, and it comes back."""

from datetime import timedelta
from typing import Any

import pytest

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Substitution, User
from iom.models import Route
from iom.models import Status as RouteStatus
from motor.models import Case, Status
from motor.services import handing_over, lending, responsible, substitution
from motor.services.leave_lines import Line
from rma.models import Loan, Member, Request
from rma.services import lending as rma_lending
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    MemberFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganizationFactory,
    RouteFactory,
    SubjectFactory,
    TaskFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Kind, Asked = Request.Kind, Request.Status


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with("methodist", school)


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with("municipal", school.municipality)


@pytest.fixture
def member() -> Member:
    return MemberFactory()


@pytest.fixture
def deputy() -> Member:
    return MemberFactory()


def case_in(school: Organization, responsible: User, **fields: Any) -> Case:
    person = fields.pop("person", None) or UserFactory(organization=school)
    completion = CompletionFactory(person=person, organization=school, subject=SubjectFactory())
    return CaseFactory(completion=completion, responsible=responsible, **fields)


def direct(member: Member, author: User, **fields: Any) -> Request:
    """A consultation asked for straight."""
    organization = fields.pop("organization", None) or OrganizationFactory()
    terms = {"kind": Kind.CONSULTATION, "organization": organization, "person": UserFactory()} | fields
    return Request.objects.create(member=member, author=author, reason="Нужен совет", due_on=today() + 7 * DAY, **terms)


def agree(person: User, first: int = 0, last: int = 7, **deputies: Any) -> Substitution:
    return substitution.substitute(person, actor=person, **terms(first, last), **({"deputy": None} | deputies))


def terms(first: int = 0, last: int = 7) -> dict[str, Any]:
    return {"starts_on": today() + first * DAY, "ends_on": today() + last * DAY, "reason": "отпуск"}


def said(lines: list[Line]) -> set[tuple[str, int, str]]:
    return {(one.kind, one.thing.pk, one.to.full_name if one.to else one.why) for one in lines}


def member_of(request: Request) -> Member | None:
    return Request.objects.select_related("member").get(pk=request.pk).member


# --- There and back --------------------------------------------------------------------------------------------


def test_member_hands_over_requests_the_case_and_routes(
    school: Organization, methodist: User, member: Member, deputy: Member
) -> None:
    case = case_in(school, methodist, status=Status.RMA_REVIEW, rma_member=member)
    accepted = Request.objects.get(source_id=case.pk)
    sent, done = direct(member, methodist), direct(member, methodist, status=Asked.DONE)
    proposed = direct(member, methodist, status=Asked.PROPOSED, proposed_on=today() + DAY)
    route, ended = RouteFactory(rma_member=member), RouteFactory(rma_member=member, status=RouteStatus.COMPLETED)

    row = agree(member.user, rma_deputy=deputy.user)

    assert [member_of(one) for one in (accepted, sent, proposed)] == [deputy] * 3
    assert member_of(done) == member
    case.refresh_from_db()
    route.refresh_from_db()
    ended.refresh_from_db()
    assert (case.rma_member, case.status, route.rma_member, ended.rma_member) == (
        deputy,
        Status.RMA_REVIEW,
        deputy,
        member,
    )
    assert Loan.objects.filter(substitution=row, returned_at=None).count() == 4
    assert [one.kind for one in Letter.objects.filter(to=deputy.user)] == ["motor.substitution"]
    assert [one.kind for one in Letter.objects.filter(to=member.user)] == ["motor.substitution"]

    handing_over.settle_leaves(today() + 8 * DAY)

    assert [member_of(one) for one in (accepted, sent, proposed)] == [member] * 3
    case.refresh_from_db()
    route.refresh_from_db()
    assert (case.rma_member, route.rma_member) == (member, member)
    assert not Loan.objects.filter(returned_at=None).exists()
    told = Letter.objects.filter(to=member.user).order_by("pk")
    assert [one.kind for one in told] == ["motor.substitution", "motor.came_back"]


def test_methodist_who_is_a_member_has_two_deputies_and_one_letter_each(
    school: Organization, specialist: User, deputy: Member
) -> None:
    both = MemberFactory(user=person_with("methodist", school, organization=school))
    MembershipFactory(user=both.user, role="regional")
    case, request = case_in(school, both.user), direct(both, specialist)

    row = agree(both.user, deputy=specialist, rma_deputy=deputy.user)

    case.refresh_from_db()
    assert (case.responsible, member_of(request)) == (specialist, deputy)
    assert list(row.together.values_list("deputy", flat=True)) == [deputy.user_id, specialist.pk]
    told = Letter.objects.filter(kind="motor.substitution").values_list("to", flat=True)
    assert sorted(told) == sorted([both.user_id, specialist.pk, deputy.user_id])
    handing_over.settle_leaves()
    handing_over.settle_leaves(today() + 8 * DAY)
    handing_over.settle_leaves(today() + 8 * DAY)
    case.refresh_from_db()
    assert (case.responsible, case.on_behalf_of, member_of(request)) == (both.user, None, both)
    assert Letter.objects.filter(kind="motor.came_back").count() == 1
    body = Letter.objects.get(kind="motor.came_back").body
    assert case.person.full_name in body
    assert request.about in body


def test_of_a_pair_each_deputy_has_his_side_only(school: Organization, specialist: User) -> None:
    """Both could do both: the school's one gets no requests, the other no cases."""
    both = MemberFactory(user=person_with("methodist", school, organization=school))
    first = MemberFactory(user=person_with("methodist", school))
    second = MemberFactory(user=person_with("methodist", school))
    case, request = case_in(school, both.user), direct(both, specialist)

    agree(both.user, deputy=first.user, rma_deputy=second.user)

    case.refresh_from_db()
    assert (case.responsible, member_of(request)) == (first.user, second)


def test_what_the_deputy_finished_or_handed_on_stays(member: Member, deputy: Member, methodist: User) -> None:
    done, passed, still = (direct(member, methodist) for _ in range(3))
    route = RouteFactory(rma_member=member)
    agree(member.user, rma_deputy=deputy.user)
    other = MemberFactory()
    Request.objects.filter(pk=done.pk).update(status=Asked.DONE)
    passed.refresh_from_db()
    rma_lending.origin_of(passed).hand_over(passed, other, actor=deputy.user, reason="Он ближе")
    Route.objects.filter(pk=route.pk).update(rma_member=other)

    handing_over.settle_leaves(today() + 8 * DAY)

    assert [member_of(one) for one in (done, passed, still)] == [deputy, deputy, member]
    assert Request.objects.get(former=passed).member == other
    route.refresh_from_db()
    assert route.rma_member == other
    letter = Letter.objects.get(kind="motor.came_back")
    assert "С возвращением! Снова у вас: 1\u00a0запрос к РМА" in letter.subject
    assert other.user.short_name in letter.body


def test_cancelling_returns_at_once_with_one_letter(member: Member, deputy: Member, methodist: User) -> None:
    request, route = direct(member, methodist), RouteFactory(rma_member=member)
    row = agree(member.user, rma_deputy=deputy.user)

    substitution.cancel_substitution(row, actor=member.user)

    route.refresh_from_db()
    assert (member_of(request), route.rma_member) == (member, member)
    letters = Letter.objects.exclude(kind="motor.substitution").values_list("kind", "to")
    assert sorted(letters) == sorted([("motor.came_back", member.user_id), ("motor.substitution_over", deputy.user_id)])
    handing_over.settle_leaves(today() + 9 * DAY)
    assert Letter.objects.count() == 4
    with pytest.raises(substitution.SubstitutionRefused, match="уже"):
        substitution.cancel_substitution(row, actor=member.user)


def test_who_is_no_longer_a_member_gets_nothing_back(member: Member, deputy: Member, methodist: User) -> None:
    request = direct(member, methodist)
    agree(member.user, rma_deputy=deputy.user)
    Member.objects.filter(pk=member.pk).update(status=Member.Status.EXCLUDED)
    handing_over.settle_leaves(today() + 8 * DAY)
    assert member_of(request) == deputy
    assert not Loan.objects.filter(returned_at=None).exists()


# --- What stays ------------------------------------------------------------------------------------------------


def test_what_the_deputy_may_not_take_stays_and_the_asker_is_told_once(
    school: Organization, methodist: User, member: Member
) -> None:
    deputy = MemberFactory(user=person_with("regional", organization=school))
    case = case_in(school, methodist, status=Status.RMA_REVIEW, rma_member=member)
    at_home = Request.objects.get(source_id=case.pk)
    about_him = direct(member, methodist, person=deputy.user)
    group = direct(member, methodist, person=None, topic="Вместе")
    group.people.add(deputy.user)
    own_route, free = RouteFactory(rma_member=member, person=deputy.user), direct(member, methodist)

    outlook = substitution.what_happens(member.user, None, actor=member.user, rma_deputy=deputy.user, **terms())
    agree(member.user, rma_deputy=deputy.user)

    assert said(outlook.goes) == {("request", free.pk, deputy.user.full_name)}
    assert said(outlook.stays) == {
        ("request", at_home.pk, "замещающий работает в этой же организации"),
        ("request", about_him.pk, "запрос о самом замещающем"),
        ("request", group.pk, "запрос о самом замещающем"),
        ("route", own_route.pk, "это маршрут самого замещающего"),
    }
    assert {member_of(one) for one in (at_home, about_him, group)} == {member}
    for _ in range(2):
        handing_over.settle_leaves()
    letters = Letter.objects.filter(kind="motor.substitution_stays")
    assert [one.to for one in letters] == [methodist]
    assert "ответит после" in letters[0].subject


def test_what_comes_later_and_stays_is_told_of_too(school: Organization, methodist: User, member: Member) -> None:
    deputy = MemberFactory(user=person_with("regional", organization=school))
    first, second = (direct(member, methodist, person=deputy.user) for _ in range(2))
    agree(member.user, rma_deputy=deputy.user)
    for _ in range(2):
        handing_over.settle_leaves()
    later = direct(member, methodist, person=deputy.user)
    for day in (1, 2):
        handing_over.settle_leaves(today() + day * DAY)
    letters = Letter.objects.filter(kind="motor.substitution_stays", to=methodist).order_by("pk")
    told = [{one.about_id, *one.mentions.values_list("about_id", flat=True)} for one in letters]
    assert told == [{first.pk, second.pk}, {later.pk}]


def test_tasks_given_to_him_and_own_questions_are_named_as_staying(member: Member, deputy: Member) -> None:
    task, asked = TaskFactory(assignee=member.user), direct(MemberFactory(), member.user)
    outlook = substitution.what_happens(member.user, None, actor=member.user, rma_deputy=deputy.user, **terms())
    assert {(one.kind, one.thing.pk) for one in outlook.stays} == {("task", task.pk), ("asked", asked.pk)}


def test_request_that_comes_meanwhile_goes_to_the_deputy_with_a_letter(
    member: Member, deputy: Member, methodist: User
) -> None:
    agree(member.user, rma_deputy=deputy.user)
    request = direct(member, methodist)
    for _ in range(2):
        handing_over.settle_leaves(today() + DAY)
    assert member_of(request) == deputy
    assert Letter.objects.filter(kind="motor.substitution_more", to=deputy.user).count() == 1


# --- The preview is the deed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 3])
@pytest.mark.parametrize("seed", range(4))
def test_preview_says_exactly_what_happens(
    school: Organization, specialist: User, first: int, seed: int, random_world: Any
) -> None:
    both, deputy = random_world(seed)
    who = {"deputy": specialist, "rma_deputy": deputy.user}

    outlook = substitution.what_happens(both.user, actor=both.user, **who, **terms(first))

    assert (Substitution.objects.count(), Loan.objects.count(), Letter.objects.count()) == (0, 0, 0)
    before = _held_by(both.user)
    agree(both.user, first, **who)
    if first:
        assert _held_by(both.user) == before
        handing_over.settle_leaves(today() + first * DAY)
    moving = ("case", "request", "route")
    gone = {(one.kind, one.thing.pk) for one in outlook.goes if one.kind in moving}
    assert before - _held_by(both.user) == gone
    assert _held_by(both.user) == {(one.kind, one.thing.pk) for one in outlook.stays if one.kind in moving}
    for one in outlook.goes:
        if one.kind in moving:
            assert one.to is not None
            assert (one.kind, one.thing.pk) in _held_by(one.to)


def _held_by(person: User) -> set[tuple[str, int]]:
    cases = Case.objects.filter(responsible=person).exclude(status__in=Case.ENDED)
    requests = Request.objects.filter(member__user=person, status__in=Request.OPEN)
    routes = Route.objects.running().filter(rma_member__user=person)
    return {
        (kind, pk)
        for kind, rows in (("case", cases), ("request", requests), ("route", routes))
        for pk in rows.values_list("pk", flat=True)
    }


@pytest.fixture
def random_world(school: Organization, specialist: User) -> Any:
    """Some work of each kind, some of which the deputies may not take."""
    import random

    def build(seed: int) -> tuple[Member, Member]:
        dice = random.Random(seed)
        both = MemberFactory(user=person_with("methodist", school, organization=school))
        deputy = MemberFactory(user=person_with("regional", organization=OrganizationFactory()))
        person_with("admin")  # answers for the specialist's own case
        places = [OrganizationFactory(), deputy.user.organization]
        for _ in range(dice.randint(1, 4)):
            person = specialist if dice.random() < 0.3 else None
            case_in(school, both.user, person=person, status=dice.choice([Status.SCHOOL_REVIEW, Status.SURVEY_OPEN]))
        for _ in range(dice.randint(1, 3)):
            place = dice.choice(places)
            methodist = person_with("methodist", place)
            case_in(place, methodist, status=Status.RMA_REVIEW, rma_member=both)
        for _ in range(dice.randint(1, 4)):
            person = deputy.user if dice.random() < 0.3 else UserFactory()
            direct(both, specialist, person=person, status=dice.choice([Asked.SENT, Asked.DONE, Asked.ACCEPTED]))
        for person in (UserFactory(), deputy.user):
            if dice.random() < 0.7:
                RouteFactory(person=person, rma_member=both)
        return both, deputy

    return build


# --- The sweep -------------------------------------------------------------------------------------------------


def test_sweep_twice_moves_once(member: Member, deputy: Member, methodist: User) -> None:
    direct(member, methodist)
    RouteFactory(rma_member=member)
    agree(member.user, 1, rma_deputy=deputy.user)
    assert handing_over.settle_leaves()["lent"] == 0
    assert [handing_over.settle_leaves(today() + DAY)["lent"] for _ in range(2)] == [2, 0]
    assert [handing_over.settle_leaves(today() + 8 * DAY)["lent"] for _ in range(2)] == [2, 0]
    assert Letter.objects.filter(kind="motor.came_back").count() == 1
    assert Letter.objects.filter(to=deputy.user).count() == 1


def test_death_between_two_things_is_made_up_for_by_the_next_run(
    member: Member, deputy: Member, methodist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [direct(member, methodist) for _ in range(3)]
    agree(member.user, 1, rma_deputy=deputy.user)
    passed = rma_lending.pass_to

    def die_on_the_second(request: Request, *args: Any, **kwargs: Any) -> bool:
        has_gone = passed(request, *args, **kwargs)
        if request.pk == asked[1].pk:
            raise SystemExit  # after the change of hands, before the loan is committed
        return has_gone

    for day, holder in ((today() + DAY, deputy), (today() + 8 * DAY, member)):
        monkeypatch.setattr(rma_lending, "pass_to", die_on_the_second)
        with pytest.raises(SystemExit):
            handing_over.settle_leaves(day)
        assert [member_of(one) == holder for one in asked] == [True, False, False]
        assert Letter.objects.filter(kind="motor.came_back").count() == 0
        monkeypatch.undo()
        handing_over.settle_leaves(day)
        assert [member_of(one) for one in asked] == [holder] * 3
    assert Letter.objects.filter(kind="motor.came_back").count() == 1


def test_second_beat_finds_the_thing_lent(member: Member, deputy: Member, methodist: User) -> None:
    """Both have read the list before either writes: the second one's loan is refused, and nothing happens twice."""
    request = direct(member, methodist)
    row = agree(member.user, rma_deputy=deputy.user)
    assert rma_lending.lend(request, row, lambda: pytest.fail("lent twice")) is None
    loan = Loan.objects.get()
    assert rma_lending.close(loan)
    assert not rma_lending.close(loan, lambda: pytest.fail("returned twice"))


def test_request_moved_on_between_reading_and_lending_is_left_alone(
    member: Member, deputy: Member, methodist: User
) -> None:
    request = direct(member, methodist)
    row = Substitution.objects.create(person=member.user, deputy=deputy.user, starts_on=today(), ends_on=today())
    Request.objects.filter(pk=request.pk).update(status=Asked.DECLINED, answer="Не смогу")
    hand = lambda: rma_lending.pass_to(request, member, deputy, actor=None)  # noqa: E731
    assert rma_lending.lend(request, row, hand) is None
    assert member_of(request) == member
    assert not Loan.objects.exists()


def test_case_closed_by_the_deputy_ends_its_loan(school: Organization, methodist: User, specialist: User) -> None:
    case = case_in(school, methodist)
    agree(methodist, deputy=specialist)
    Case.objects.filter(pk=case.pk).update(status=Status.CLOSED)
    handing_over.settle_leaves(today() + 8 * DAY)
    case.refresh_from_db()
    assert case.responsible == specialist
    assert not Loan.objects.filter(returned_at=None).exists()
    assert specialist.short_name in Letter.objects.get(kind="motor.came_back").body


def test_cases_lent_before_loans_were_written_are_in_the_letter(
    school: Organization, methodist: User, specialist: User
) -> None:
    case = case_in(school, methodist)
    Substitution.objects.create(person=methodist, deputy=specialist, starts_on=today() - 5 * DAY, ends_on=today() - DAY)
    Case.objects.update(responsible=specialist, on_behalf_of=methodist)
    handing_over.settle_leaves()
    assert case.person.full_name in Letter.objects.get(kind="motor.came_back").body


# --- Refusals --------------------------------------------------------------------------------------------------


def test_deputys_deputy_and_those_away_are_refused(member: Member, deputy: Member) -> None:
    third = MemberFactory()
    agree(member.user, rma_deputy=deputy.user)
    with pytest.raises(substitution.SubstitutionRefused, match="сам"):
        agree(deputy.user, 1, 2, rma_deputy=third.user)
    with pytest.raises(substitution.SubstitutionRefused, match="тоже отсутствует"):
        agree(third.user, rma_deputy=member.user)
    with pytest.raises(substitution.SubstitutionRefused, match="уже есть"):
        agree(member.user, 7, 9, rma_deputy=third.user)
    assert agree(deputy.user, 8, 9, rma_deputy=third.user).pk


def test_deputy_at_rma_is_an_acting_member(member: Member, methodist: User) -> None:
    suspended = MemberFactory(status=Member.Status.SUSPENDED)
    for who in (methodist, suspended.user):
        with pytest.raises(substitution.SubstitutionRefused, match="не действует"):
            agree(member.user, rma_deputy=who)
    with pytest.raises(substitution.SubstitutionRefused, match="в РМА"):
        agree(member.user)
    assert not Substitution.objects.exists()


def test_who_hands_over_a_members_work(school: Organization, specialist: User) -> None:
    member = MemberFactory(user=person_with("regional", organization=school))
    both = MemberFactory(user=person_with("methodist", school, organization=school))
    head, admin, far = (
        person_with("head", school),
        person_with("admin"),
        person_with("municipal", MunicipalityFactory()),
    )
    suspended = MemberFactory(user=person_with("regional", organization=school), status=Member.Status.SUSPENDED)

    def pks(user: User) -> set[int]:
        return set(substitution.replaceable_by(user).values_list("pk", flat=True))

    assert pks(member.user) == {member.user_id}
    assert pks(both.user) == {both.user_id}
    assert pks(head) == set()
    assert pks(specialist) == {member.user_id, both.user_id, specialist.pk}
    assert pks(admin) == {member.user_id, both.user_id, specialist.pk, admin.pk, far.pk}
    assert pks(far) == {far.pk}
    assert pks(suspended.user) == set()


def test_specialist_does_not_hand_over_an_admin_who_is_a_member(school: Organization, specialist: User) -> None:
    admin = person_with("admin", organization=school)
    MemberFactory(user=admin)
    assert admin not in substitution.replaceable_by(specialist)


def test_module_of_cases_still_writes_its_own_letter(school: Organization, methodist: User, specialist: User) -> None:
    """What is called by itself tells by itself."""
    case_in(school, methodist)
    agree(methodist, deputy=specialist)
    responsible.hand_over_absent(today() + 8 * DAY)
    assert Letter.objects.filter(kind="motor.came_back").count() == 1
    assert lending.loans_of(Case).filter(returned_at=None).count() == 0
