"""A new request: who asks for whom, the steps, sent once, born of something else."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from rma import origins
from rma.models import Member, Request
from rma.origins import Need, Origin
from rma.services import sending
from rma.services.asking import RequestRefused, answer_limit
from rma.services.needs import need_of
from rma.services.scope import organizations_for, people_for
from tests.factories import CaseFactory, MemberFactory, OrganizationFactory, UserFactory, person_with
from tests.rma.asked import direct, member_at

pytestmark = pytest.mark.django_db
NEW = reverse("rma:request_new")
SHOWN = "2026-01-01T00:00:00Z"
WORDS = {"kind": "consultation", "reason": "Посмотреть критерии", "topic": "Критерии"}


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


def post(client: Client, user: User, address: str = NEW, **data: Any) -> Any:
    client.force_login(user)
    return client.post(address, WORDS | data)


def sent() -> list[tuple[Any, ...]]:
    rows = Request.objects.order_by("pk")
    return [(one.status, one.member, one.author, one.person, one.organization) for one in rows]


def test_card_brings_the_name_of_its_member_along(client: Client, methodist: User) -> None:
    MemberFactory(user=person_with(Role.REGIONAL, last_name="Кузнецов", first_name="Пётр", patronymic="Ильич"))
    MemberFactory()
    address = NEW + "?name=Кузнецов Пётр Ильич"
    client.force_login(methodist)
    assert "первым в списке будет Кузнецов Пётр Ильич" in client.get(address).content.decode()

    page = post(client, methodist, address)
    assert [one.member.user.last_name for one in page.context["found"]] == ["Кузнецов"]
    page = post(client, methodist, address, name="")  # looked for somebody else
    assert page.context["found"] == []


def test_who_asks_for_himself_reads_of_himself(client: Client, school: Organization) -> None:
    client.force_login(person_with("teacher", organization=school))
    page = client.get(NEW).content.decode()
    assert "Консультация — разобрать вопрос вместе" in page
    assert "для педагога, группы или организации" not in page


# --- Who asks for whom -----------------------------------------------------------------------------------------------


def test_everybody_asks_within_his_scope(school: Organization) -> None:
    teacher = person_with("teacher", organization=school)
    head, municipal = person_with(Role.HEAD, school), person_with(Role.MUNICIPAL, school.municipality)
    near = OrganizationFactory(municipality=school.municipality)
    neighbour, stranger = UserFactory(organization=near), UserFactory()
    UserFactory(organization=school, is_active=False)

    def people(user: User) -> set[int]:
        return set(people_for(user).values_list("pk", flat=True))

    assert people(teacher) == {teacher.pk}
    assert people(head) == {teacher.pk, head.pk}
    assert people(municipal) == {teacher.pk, head.pk, neighbour.pk, municipal.pk}
    assert stranger.pk in people(person_with(Role.ADMIN))
    assert list(organizations_for(teacher)) == []
    assert list(organizations_for(head)) == [school]
    assert set(organizations_for(municipal)) == {school, near}


def test_observer_and_people_of_nowhere_do_not_ask(client: Client) -> None:
    for user in (person_with(Role.OBSERVER), person_with("teacher", organization=None)):
        client.force_login(user)
        assert client.get(NEW).status_code == 404


def test_anonymous_and_wrong_method(client: Client, methodist: User) -> None:
    assert client.get(NEW).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    client.force_login(methodist)
    assert client.put(NEW).status_code == 405


def test_stranger_is_no_choice(client: Client, methodist: User) -> None:
    stranger, elsewhere = UserFactory(), OrganizationFactory()
    for data in ({"people": [stranger.pk]}, {"organization": elsewhere.pk}, {"people": ["9" * 30]}):
        page = post(client, methodist, **data)
        assert page.status_code == 422
        assert "среди ваших нет" in page.content.decode()


# --- The steps -------------------------------------------------------------------------------------------------------


def test_teacher_asks_for_himself_and_it_is_sent(client: Client, school: Organization) -> None:
    teacher, member = person_with("teacher", organization=school), MemberFactory(shown_at=SHOWN)
    MemberFactory()  # has not agreed to be shown

    picked = post(client, teacher, do="pick")
    assert [one.member_id for one in picked.context["offers"]] == [member.pk]
    asked = post(client, teacher, member=member.pk)
    assert "Что произойдёт" in asked.content.decode()
    assert sent() == []
    answer = post(client, teacher, member=member.pk, do="send")

    assert sent() == [("sent", member, teacher, teacher, school)]
    assert answer.url == Request.objects.get().get_absolute_url()
    assert list(Letter.objects.values_list("kind", "to")) == [("rma.asked", member.user_id)]


def test_methodist_asks_for_a_group(client: Client, methodist: User, school: Organization) -> None:
    people, member = UserFactory.create_batch(2, organization=school), MemberFactory()
    post(client, methodist, people=[one.pk for one in people], member=member.pk, do="send")
    assert sent() == [("sent", member, methodist, None, school)]
    assert set(Request.objects.get().people.all()) == set(people)


def test_nobody_ticked_is_the_whole_school(client: Client, methodist: User, school: Organization) -> None:
    post(client, methodist, member="queue", do="send")
    assert sent() == [("wanted", None, methodist, None, school)]
    assert Letter.objects.count() == 0


def test_municipal_service_asks_for_an_organization(client: Client, school: Organization) -> None:
    OrganizationFactory(municipality=school.municipality)
    municipal = person_with(Role.MUNICIPAL, school.municipality)
    assert post(client, municipal).status_code == 422  # which of the two?
    post(client, municipal, organization=school.pk, member="queue", do="send")
    assert sent() == [("wanted", None, municipal, None, school)]


def test_group_of_two_schools_needs_a_place(client: Client, school: Organization) -> None:
    near = OrganizationFactory(municipality=school.municipality)
    municipal = person_with(Role.MUNICIPAL, school.municipality)
    people = [UserFactory(organization=one).pk for one in (school, near)]
    page = post(client, municipal, people=people)
    assert (page.status_code, "из разных организаций" in page.content.decode()) == (422, True)
    assert post(client, municipal, people=people, organization=near.pk).status_code == 200


def test_route_is_of_one_teacher(client: Client, methodist: User) -> None:
    page = post(client, methodist, kind="iom_help")
    assert (page.status_code, "ИОМ у каждого свой" in page.content.decode()) == (422, True)


def test_refused_form_keeps_the_words(client: Client, methodist: User, school: Organization) -> None:
    teacher = UserFactory(organization=school)
    page = post(client, methodist, people=[teacher.pk], reason="", topic="Моя тема", wanted_on="2020-01-01")
    text = page.content.decode()
    assert page.status_code == 422
    assert "Напишите, о чём просите" in text
    assert "Этот день уже прошёл" in text
    assert 'value="Моя тема"' in text
    assert page.context["form"]["people"].value() == [str(teacher.pk)]


@pytest.mark.parametrize("do", ["find", "edit"])
def test_finding_and_going_back_lose_nothing_and_check_nothing(
    client: Client, methodist: User, school: Organization, do: str
) -> None:
    ticked = UserFactory(organization=school, last_name="Яковлева")
    found = UserFactory(organization=school, last_name="Бортникова")
    page = post(client, methodist, do=do, find="бортн", people=[ticked.pk], reason="", topic="Моя тема")
    assert page.status_code == 200
    assert [one.pk for one in page.context["form"].choice.people] == [ticked.pk, found.pk]
    assert 'value="Моя тема"' in page.content.decode()
    assert "Проверьте форму" not in page.content.decode()


def test_every_step_carries_what_was_typed(client: Client, methodist: User, school: Organization) -> None:
    teacher, member = UserFactory(organization=school), MemberFactory()
    data = {"people": [teacher.pk], "wanted_on": today().isoformat()}
    for more in ({"do": "pick"}, {"name": "иван"}, {"member": member.pk}):
        hidden = dict(post(client, methodist, **data, **more).context["hidden"])
        assert hidden == WORDS | {"people": str(teacher.pk), "wanted_on": today().isoformat()}


def test_search_by_name_says_why_not(client: Client, methodist: User) -> None:
    member_at(user_last_name="Пермякова", status="excluded")
    assert [one.refusal for one in post(client, methodist, name="перм").context["found"]] == ["исключён"]


def test_link_fills_in_the_person(client: Client, methodist: User, school: Organization) -> None:
    teacher = UserFactory(organization=school)
    client.force_login(methodist)
    page = client.get(NEW, {"people": teacher.pk, "kind": "iom_help"})
    assert page.context["form"]["people"].value() == [str(teacher.pk)]
    assert page.context["form"]["kind"].value() == "iom_help"


def test_who_cannot_be_asked_is_said(client: Client, methodist: User) -> None:
    candidate = MemberFactory(status="candidate")
    for number in (candidate.pk, "9" * 30, "x"):
        page = post(client, methodist, member=number, do="send")
        assert (page.status_code, "выбрать не получится" in page.content.decode()) == (422, True)
    assert sent() == []


# --- Once ------------------------------------------------------------------------------------------------------------


def test_second_press_leads_to_the_first_request(client: Client, methodist: User) -> None:
    member = MemberFactory()
    answers = [post(client, methodist, member=member.pk, do="send").url for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(sent()) == 1
    assert Letter.objects.count() == 1


def test_other_words_are_another_request(client: Client, methodist: User) -> None:
    member = MemberFactory()
    for reason in ("Первая просьба", "Вторая просьба"):
        post(client, methodist, member=member.pk, do="send", reason=reason)
    assert len(sent()) == 2


def test_same_words_of_last_week_are_no_second_press(methodist: User) -> None:
    old = direct(author=methodist, reason="Посмотреть")
    said = replace(need_of(old), reason=" Посмотреть ")
    assert sending.twin_of(methodist, said, None) == old
    Request.objects.update(created_at="2026-01-01T00:00:00Z")
    assert sending.twin_of(methodist, said, None) is None


def test_same_words_for_others_are_other_requests(client: Client, methodist: User, school: Organization) -> None:
    one, two = UserFactory.create_batch(2, organization=school)
    first, second = MemberFactory.create_batch(2)
    asked: list[dict[str, Any]] = [
        {"people": one.pk, "member": "queue"},
        {"people": two.pk, "member": "queue"},
        {"people": [one.pk, two.pk], "member": "queue"},
        {"member": "queue"},
        {"people": one.pk, "member": first.pk},
        {"people": one.pk, "member": second.pk},
    ]
    for data in asked:
        for _ in range(2):
            post(client, methodist, do="send", **data)
    assert Request.objects.count() == len(asked)


def test_refusal_of_the_send_keeps_the_words(client: Client, methodist: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise RequestRefused("Такой запрос уже открыт.")

    monkeypatch.setattr(Origin, "ask", refuse)
    page = post(client, methodist, do="send", member="queue", topic="Моя тема")
    text = page.content.decode()
    assert page.status_code == 422
    assert "Такой запрос уже открыт." in text
    assert 'value="Моя тема"' in text
    assert "Посмотреть критерии</textarea>" in text


def test_search_of_any_length_is_cut(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    assert client.get(NEW, {"find": "а " * 3000}).status_code == 200
    assert post(client, methodist, find="а " * 3000, do="find").status_code == 200


# --- Of a case or a route --------------------------------------------------------------------------------------------


class Fake(Origin):
    """A page of which one person may ask once."""

    def __init__(self, user: User, source: Organization) -> None:
        self.user, self.source = user, source

    def need(self, user: User, pk: int, kind: str) -> Need | None:
        is_there = (user, pk, kind) == (self.user, self.source.pk, "assessment")
        if not is_there or Request.objects.exists():
            return None
        return Need(kind, self.source, person=UserFactory(organization=self.source), source=self.source)


@pytest.fixture
def of_source(monkeypatch: pytest.MonkeyPatch, methodist: User, school: Organization) -> str:
    fake = Fake(methodist, school)
    monkeypatch.setitem(origins._BY_CODE, "fake", fake)
    monkeypatch.setitem(origins._BY_SOURCE, Organization, fake)
    return f"{NEW}?from=fake&id={school.pk}&kind=assessment"


def test_request_of_a_page_goes_through_its_origin_once(client: Client, methodist: User, of_source: str) -> None:
    member = MemberFactory()
    client.force_login(methodist)
    assert client.get(of_source).context["need"].kind == "assessment"
    answers = [post(client, methodist, of_source, member=member.pk, do="send") for _ in range(2)]
    assert {one.url for one in answers} == {Request.objects.get().get_absolute_url()}
    made = Request.objects.get()
    assert (made.kind, made.source, made.member, made.topic) == ("assessment", made.organization, member, "Критерии")


def test_form_says_what_is_asked_and_leads_back_to_the_case(client: Client) -> None:
    case = CaseFactory(status="school_review")
    client.force_login(case.responsible)
    page = client.get(f"{NEW}?from=case&id={case.pk}&kind=iom_help")
    assert page.context["back"] == case.get_absolute_url()
    assert f"Помощь по ИОМ: {case.person.full_name}" in page.content.decode()


def test_what_the_origin_does_not_allow_is_not_there(client: Client, methodist: User, of_source: str) -> None:
    client.force_login(methodist)
    wrong = (of_source.replace("assessment", "burn"), of_source.replace("fake", "other"), f"{NEW}?from=fake&id=x")
    assert [client.get(one).status_code for one in wrong] == [404, 404, 404]
    assert post(client, person_with(Role.ADMIN), of_source, do="send").status_code == 404


def test_refusal_of_the_origin_is_said(client: Client, methodist: User, of_source: str, school: Organization) -> None:
    same_place: Member = member_at(school)
    page = post(client, methodist, of_source, member=same_place.pk, do="send")
    assert page.status_code == 422


def test_queries_do_not_grow(
    client: Client, methodist: User, school: Organization, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(methodist)
    answer_limit()  # the calendar is read once a minute
    for count in (1, 5):
        UserFactory.create_batch(count, organization=school)
        MemberFactory.create_batch(count)
        with django_assert_num_queries(7):
            client.get(NEW)
        with django_assert_num_queries(11):
            client.post(NEW, WORDS)
