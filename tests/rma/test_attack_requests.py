"""Attacks on requests: by the wrong people, with the wrong numbers, twice, and by those who may know too much."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from motor.models import Case, Status
from rma.models import Activity, Member, Request
from rma.services import asking
from tests.factories import (
    CaseFactory,
    MemberFactory,
    MembershipFactory,
    OrganizationFactory,
    RequestFactory,
    RouteFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)
from tests.rma.asked import around, direct, member_at

pytestmark = pytest.mark.django_db
NEW = reverse("rma:request_new")
WORDS = {"kind": "consultation", "reason": "Посмотреть критерии", "topic": "Критерии"}
ALL_ACTS = ("accept", "propose", "decline", "agree", "withdraw", "done")
TYPED = {
    "comment": "да",
    "reason": "нет",
    "on": today().isoformat(),
    "result": "Разобрали",
    "hours": "1",
    "people_count": "1",
    "sure": "yes",
}
BAD = ["²", "9" * 18, "9" * 30, "-1", "0", "0x1", "", "١٢", "1 OR 1=1"]


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


def at(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def act(client: Client, user: User, request: Request, name: str, **data: Any) -> Any:
    return at(client, user).post(reverse("rma:request_act", args=[request.pk, name]), TYPED | data)


def excluded(**fields: Any) -> Member:
    """Left the group by an order; his role is still there, as the page of orders leaves it."""
    return MemberFactory(status="excluded", **fields)


# --- Wrong people ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL_ACTS)
@pytest.mark.parametrize("status", ["sent", "proposed", "accepted", "declined", "handed", "done", "withdrawn"])
def test_nobody_but_the_two_sides_moves_a_request(client: Client, name: str, status: str) -> None:
    request = direct(status=status, answer="слово", proposed_on=today())
    people = around(request)

    for who in ("colleague", "head", "stranger", "teacher", "person", "other_member", "other_municipal"):
        assert act(client, people[who], request, name).status_code == 404, who

    request.refresh_from_db()
    assert request.status == status
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("status", ["sent", "proposed", "accepted"])
def test_member_does_not_answer_for_the_asker_nor_the_asker_for_him(client: Client, status: str) -> None:
    request = direct(status=status, proposed_on=today())
    people = around(request)
    for name in ("agree", "withdraw"):
        act(client, people["member"], request, name)
    for who in ("author", "municipal", "admin"):
        for name in ("accept", "propose", "decline", "done"):
            act(client, people[who], request, name)
    request.refresh_from_db()
    assert request.status == status


def test_specialist_who_is_the_member_does_not_agree_to_his_own_day(client: Client) -> None:
    request = direct(status="proposed", proposed_on=today())
    MembershipFactory(user=request.member.user, role=Role.MUNICIPAL, municipality=request.organization.municipality)
    act(client, request.member.user, request, "agree")
    request.refresh_from_db()
    assert request.status == "proposed"


@pytest.mark.parametrize("state", ["suspended", "excluded", "candidate"])
def test_member_who_no_longer_acts_accepts_nothing(client: Client, state: str) -> None:
    """His role outlives the order that put him out: what he may do is said by the order."""
    request = direct()
    Member.objects.filter(pk=request.member_id).update(status=state)
    act(client, request.member.user, request, "accept")
    request.refresh_from_db()
    assert request.status == "sent"


def test_member_who_was_excluded_does_not_come_into_a_case_by_accepting(client: Client) -> None:
    case = CaseFactory(status=Status.RMA_REQUESTED)
    request = Request.objects.of(case).get(status="sent")
    Member.objects.filter(pk=request.member_id).update(status="excluded")
    act(client, request.member.user, request, "accept")
    case.refresh_from_db()
    assert case.status == Status.RMA_REQUESTED


def test_excluded_member_reads_no_cases_even_where_his_role_was_left(client: Client) -> None:
    member = excluded()
    request = RequestFactory(member=member, status="done")
    user = User.objects.get(pk=member.user_id)
    assert list(Case.objects.visible_to(user)) == []
    assert at(client, user).get(request.source.get_absolute_url()).status_code == 404


def test_teacher_of_a_request_reads_it_by_no_role_of_his(client: Client, school: Organization) -> None:
    person = person_with(Role.METHODIST, school)
    MembershipFactory(user=person, role=Role.HEAD, organization=school)
    MembershipFactory(user=person, role=Role.MUNICIPAL, municipality=school.municipality)
    request = direct(organization=school, person=person)
    assert at(client, person).get(request.get_absolute_url()).status_code == 404
    assert client.get(reverse("rma:request_pick", args=[request.pk])).status_code == 404
    listed = client.get(reverse("rma:requests"), {"view": "all", "status": "any"})
    assert listed.context["page"].paginator.count == 0


def test_methodist_of_some_subjects_does_not_read_of_teachers_of_others(school: Organization) -> None:
    """As with cases and routes: named for mathematics, he answers for mathematics."""
    maths, physics = SubjectFactory(), SubjectFactory()
    colleague = person_with(Role.METHODIST, school, subjects=[maths])
    author = person_with(Role.METHODIST, school, subjects=[physics])
    theirs = direct(author=author, person=UserFactory(organization=school, subject=physics))
    ours = direct(author=author, person=UserFactory(organization=school, subject=maths))
    assert list(Request.objects.visible_to(User.objects.get(pk=colleague.pk))) == [ours]
    assert set(Request.objects.visible_to(author)) == {theirs, ours}


def test_group_of_several_schools_names_nobody_to_a_foreign_head(client: Client, school: Organization) -> None:
    """The meeting is at one school; whoever answers for it does not read who comes from another municipality."""
    guest, own = UserFactory(last_name="Заозёрная"), UserFactory(organization=school, last_name="Здешняя")
    request = direct(author=person_with(Role.ADMIN), organization=school, person=None, people=[guest, own])
    for role, scope in ((Role.HEAD, school), (Role.METHODIST, school), (Role.MUNICIPAL, school.municipality)):
        page = at(client, person_with(role, scope)).get(request.get_absolute_url())
        assert "Здешняя" in page.content.decode()
        assert "Заозёрная" not in page.content.decode(), role


def test_one_of_the_group_does_not_read_the_reasons_by_his_role(client: Client, school: Organization) -> None:
    one = person_with(Role.METHODIST, school)
    author = person_with(Role.HEAD, school)
    request = direct(author=author, organization=school, person=None, people=[one, UserFactory(organization=school)])
    assert at(client, one).get(request.get_absolute_url()).status_code == 404


def test_reason_of_a_refusal_is_for_the_asker_only(client: Client) -> None:
    """«Тот, кто просил, прочтёт причину»: so says the page of the refusal to whoever writes it."""
    declined = direct(status="declined", answer="Лежу в больнице с ребёнком")
    next_one = direct(author=declined.author, organization=declined.organization, former=declined)
    page = at(client, next_one.member.user).get(next_one.get_absolute_url()).content.decode()
    assert "Лежу в больнице" not in page


# --- Wrong numbers and addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", BAD)
def test_strange_numbers_of_a_new_request(client: Client, methodist: User, bad: str) -> None:
    at(client, methodist)
    for code in ("case", "route", "nothing", bad):
        answer = client.get(NEW, {"from": code, "id": bad, "kind": "consultation"})
        assert answer.status_code in (200, 404)
    data = WORDS | {"do": "send", "people": bad, "organization": bad, "subject": bad, "direction": bad, "member": bad}
    assert client.post(NEW, data).status_code == 422
    assert Request.objects.count() == 0


@pytest.mark.parametrize("bad", BAD)
def test_strange_filters_of_the_list(client: Client, methodist: User, bad: str) -> None:
    at(client, methodist)
    for name in ("view", "page", "kind", "status", "municipality", "overdue", "low_results", "q", "member"):
        assert client.get(reverse("rma:requests"), {name: bad}).status_code == 200, name


@pytest.mark.parametrize("kind", ["assessment", "iom_help", "consultation", "", "nonsense"])
def test_foreign_case_and_route_are_missing_in_the_address(client: Client, kind: str) -> None:
    case, route = CaseFactory(status=Status.FOLLOW_UP), RouteFactory()
    strangers = [
        person_with(Role.METHODIST, OrganizationFactory()),
        person_with(Role.MUNICIPAL, OrganizationFactory().municipality),
        person_with(Role.HEAD, case.organization),
        person_with("teacher", organization=case.organization),
        person_with(Role.OBSERVER),
        MemberFactory().user,
        case.person,
    ]
    for user in strangers:
        at(client, user)
        for code, pk in (("case", case.pk), ("route", route.pk)):
            address = f"{NEW}?from={code}&id={pk}&kind={kind}"
            assert client.get(address).status_code == 404
            assert client.post(address, WORDS | {"do": "send", "member": "queue"}).status_code == 404
    assert Request.objects.filter(author__in=strangers).count() == 0


def test_assessment_is_not_asked_for_straight(client: Client, methodist: User) -> None:
    one = UserFactory(organization=methodist.organization)
    data = WORDS | {"kind": "assessment", "people": one.pk, "do": "send", "member": "queue"}
    assert at(client, methodist).post(NEW, data).status_code == 422
    assert Request.objects.count() == 0


def test_foreign_people_and_schools_are_not_asked_for(client: Client, methodist: User) -> None:
    stranger = UserFactory(last_name="Чужая")
    data = WORDS | {"people": stranger.pk, "organization": stranger.organization_id, "do": "send", "member": "queue"}
    page = at(client, methodist).post(NEW, data)
    assert page.status_code == 422
    assert "Чужая" not in page.content.decode()
    assert str(stranger.organization) not in page.content.decode()
    assert Request.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_search_of_a_thousand_words_is_no_error(client: Client, methodist: User, method: str) -> None:
    """The field says a hundred characters; what is longer is refused, not given to the database."""
    answer = getattr(at(client, methodist), method)(NEW, WORDS | {"find": "а " * 1500, "do": "find"})
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize("far", ["9999-12-31", "5026-01-01"])
def test_day_in_thousands_of_years_is_refused(client: Client, methodist: User, far: str) -> None:
    one = UserFactory(organization=methodist.organization)
    data = WORDS | {"people": one.pk, "wanted_on": far, "do": "send", "member": "queue"}
    assert at(client, methodist).post(NEW, data).status_code == 422
    request = direct()
    assert act(client, request.member.user, request, "propose", on=far).status_code == 422


# --- Days ------------------------------------------------------------------------------------------------------------


def test_wished_day_gone_by_meanwhile_is_no_limit_of_the_work() -> None:
    """Accepted a day after the wished one: the work is not overdue from its first minute."""
    request = direct(wanted_on=today() - timedelta(days=1))
    assert asking.accept(request)
    request.refresh_from_db()
    assert request.due_on >= today()


def test_proposed_day_gone_by_meanwhile_is_not_agreed_upon() -> None:
    request = direct(status="proposed", proposed_on=today() - timedelta(days=3))
    assert asking.agree_date(request)
    request.refresh_from_db()
    assert request.due_on >= today()


@pytest.mark.parametrize("on", ["0026-11-15", "1900-01-01", "2001-01-01"])
def test_work_is_not_done_centuries_before_it_was_asked_for(client: Client, on: str) -> None:
    """A year typed short («0026») makes a line in a month no page can show: it would wait to be agreed for ever."""
    request = direct(status="accepted")
    answer = act(client, request.member.user, request, "done", on=on)
    assert answer.status_code == 422
    assert Activity.objects.count() == 0


@pytest.mark.parametrize("hours", ["NaN", "Infinity", "-1", "0", "1e9", "25", "0.25", "½", ""])
@pytest.mark.parametrize("people", ["1"])
def test_strange_hours_are_refused(client: Client, hours: str, people: str) -> None:
    request = direct(status="accepted")
    assert act(client, request.member.user, request, "done", hours=hours, people_count=people).status_code == 422
    assert Activity.objects.count() == 0


@pytest.mark.parametrize("people", ["-1", "0", "1001", "9" * 30, "²", "1.5"])
def test_strange_numbers_of_people_are_refused(client: Client, people: str) -> None:
    request = direct(status="accepted")
    assert act(client, request.member.user, request, "done", people_count=people).status_code == 422


# --- Twice -----------------------------------------------------------------------------------------------------------


def test_same_words_for_another_teacher_are_another_request(client: Client, methodist: User) -> None:
    """A methodist asks the same for two teachers in a row: the second request is not the first pressed twice."""
    one, two = (UserFactory(organization=methodist.organization) for _ in range(2))
    for person in (one, two):
        at(client, methodist).post(NEW, WORDS | {"people": person.pk, "do": "send", "member": "queue"})
    assert list(Request.objects.order_by("pk").values_list("person", flat=True)) == [one.pk, two.pk]


def test_consultation_of_a_case_offers_one_line_of_work(client: Client) -> None:
    """Counted once: neither the meeting and its request, nor the button pressed twice, make two."""
    case = CaseFactory(status=Status.FOLLOW_UP)
    member = MemberFactory()
    request = RequestFactory(source=case, kind="consultation", member=member, status="accepted")
    for _ in range(2):
        act(client, member.user, request, "done")
    assert Activity.objects.filter(member=member).count() == 1


def test_done_after_the_member_lost_it_moves_nothing(client: Client) -> None:
    request = direct(status="accepted")
    former = request.member.user
    Request.objects.filter(pk=request.pk).update(member=MemberFactory())
    assert act(client, former, request, "done").status_code == 404
    request.refresh_from_db()
    assert (request.status, Activity.objects.count()) == ("accepted", 0)


def test_looking_changes_nothing(client: Client) -> None:
    request = direct(status="sent")
    people = around(request)
    before = Request.objects.values().get(pk=request.pk)
    for who in ("author", "member", "admin", "municipal"):
        at(client, people[who])
        for name in ALL_ACTS:
            client.get(reverse("rma:request_act", args=[request.pk, name]), TYPED)
        client.get(reverse("rma:request_pick", args=[request.pk]), {"do": "send", "member": MemberFactory().pk})
    assert Request.objects.values().get(pk=request.pk) == before
    assert Request.objects.count() == 1


# --- Independence ----------------------------------------------------------------------------------------------------


def test_assessment_is_not_handed_to_the_same_school(client: Client) -> None:
    case = CaseFactory(status=Status.RMA_REQUESTED)
    request = Request.objects.of(case).get(status="sent")
    ours = member_at(case.organization)
    by_role = MemberFactory()
    MembershipFactory(user=by_role.user, role=Role.HEAD, organization=case.organization)
    at(client, request.member.user)
    for to in (ours, by_role, MemberFactory(user=case.person), MemberFactory(user=case.responsible)):
        data = {"member": to.pk, "do": "send", "reason": "Не мой предмет"}
        assert client.post(reverse("rma:request_pick", args=[request.pk]), data).status_code == 422
    request.refresh_from_db()
    assert (request.status, Request.objects.of(case).count()) == ("sent", 1)


def test_teacher_finds_no_member_who_did_not_agree_to_be_shown(client: Client, school: Organization) -> None:
    teacher = person_with("teacher", organization=school)
    member_at(user_last_name="Скрытная")
    member_at(user_last_name="Скрытая", status="excluded", shown_at=timezone.now())
    at(client, teacher)
    for data in ({"name": "Скры"}, {"member": str(Member.objects.first().pk)}):
        page = client.post(NEW, WORDS | data)
        assert "Скрытная" not in page.content.decode()
        assert "Скрытая" not in page.content.decode()
    assert client.post(NEW, WORDS | {"do": "send", "member": Member.objects.first().pk}).status_code == 422
    assert Request.objects.count() == 0


# --- Words -----------------------------------------------------------------------------------------------------------


def test_words_of_people_are_no_markup_and_no_header(client: Client) -> None:
    bad = "<script>alert(1)</script>"
    request = direct(status="sent", topic=f"{bad}\r\nBcc: evil@example.org", reason=bad)
    act(client, request.member.user, request, "accept", comment=bad)
    act(client, request.member.user, request, "done", result=bad)
    for user in (request.author, request.member.user):
        for address in (request.get_absolute_url(), reverse("rma:requests") + "?view=all&status=any", "/rma/activity/"):
            assert bad not in at(client, user).get(address).content.decode()
    assert not any("\n" in one for one in Letter.objects.values_list("subject", flat=True))


def test_post_without_its_token_is_refused() -> None:
    request = direct()
    client = Client(enforce_csrf_checks=True)
    client.force_login(request.member.user)
    for name in ALL_ACTS:
        assert client.post(reverse("rma:request_act", args=[request.pk, name]), TYPED).status_code == 403
    assert Request.objects.get(pk=request.pk).status == "sent"
