"""Another organization, another name, leaving and coming back: shown first, then done as shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, Substitution, User
from iom.models import Status as RouteStatus
from motor.models import Case, Status
from rma.models import Request
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    MemberFactory,
    RequestFactory,
    RouteFactory,
    TaskFactory,
    UserFactory,
    person_with,
)
from tests.home.people import Town, confirmed, make_town
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def at(name: str, person: User) -> str:
    return reverse(f"home:{name}", args=[person.pk])


def case_of(person: User, **fields: Any) -> Case:
    case: Case = CaseFactory(completion=CompletionFactory(person=person), **fields)
    return case


# --- Another organization ----------------------------------------------------------------------------------------


def test_move_is_shown_first_and_then_done(client: Client, town: Town) -> None:
    new = person_with(Role.METHODIST, town.other_school, last_name="Новая")
    own = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    done = case_of(town.teacher, status=Status.CLOSED, responsible=town.methodist)
    route = RouteFactory(person=town.teacher, status="active")
    task = TaskFactory(assignee=town.teacher, title="Показать урок")
    client.force_login(town.municipal)
    data = {"organization": town.other_school.pk}

    look = client.post(at("person_move", town.teacher), data | {"do": "check"})
    said = look.content.decode()
    own.refresh_from_db()
    assert own.organization == town.school
    assert all(words in said for words in ("Новая Мария", "Показать урок", route.title, "Письма получат"))
    assert Letter.objects.count() == 0

    answer = client.post(at("person_move", town.teacher), data | {"do": "write", "seen": look.context["seen"]})

    assert answer["Location"] == at("person", town.teacher)
    assert "письма отправлены" in client.get(answer["Location"]).content.decode()
    for row in (town.teacher, own, done, route, task):
        row.refresh_from_db()
    assert (town.teacher.organization, own.organization, own.responsible) == (
        town.other_school,
        town.other_school,
        new,
    )
    assert (done.organization, route.organization, task.assignee) == (town.school, town.other_school, town.teacher)
    assert Letter.objects.filter(to=new).exists()


def test_letters_are_not_spoken_of_where_nobody_is_written_to(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    answer = confirmed(client, at("person_move", town.teacher), {"organization": town.other_school.pk})

    said = client.get(answer["Location"]).content.decode()
    assert "Человек переведён." in said
    assert not Letter.objects.exists()


def test_move_of_a_methodist_gives_on_what_he_answered_for(client: Client, town: Town) -> None:
    case = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    role = Membership.objects.get(user=town.methodist)
    client.force_login(town.admin)

    confirmed(client, at("person_move", town.methodist), {"organization": town.other_school.pk, "ending": [role.pk]})

    case.refresh_from_db()
    role.refresh_from_db()
    assert (case.responsible, role.ends_on) == (town.municipal, today() - timedelta(days=1))


def test_a_role_may_stay_in_the_former_place(client: Client, town: Town) -> None:
    case = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    client.force_login(town.admin)

    confirmed(client, at("person_move", town.methodist), {"organization": town.other_school.pk})

    case.refresh_from_db()
    assert case.responsible == town.methodist


def test_what_changed_meanwhile_is_shown_anew(client: Client, town: Town) -> None:
    case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    client.force_login(town.municipal)
    data = {"organization": town.other_school.pk}
    look = client.post(at("person_move", town.teacher), data | {"do": "check"})
    person_with(Role.METHODIST, town.other_school)

    page = client.post(at("person_move", town.teacher), data | {"do": "write", "seen": look.context["seen"]})

    assert page.status_code == 422
    assert "данные изменились" in page.content.decode()
    town.teacher.refresh_from_db()
    assert town.teacher.organization == town.school


def test_a_second_click_changes_nothing(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    data = {"organization": town.other_school.pk}
    look = client.post(at("person_move", town.teacher), data | {"do": "check"})
    write = data | {"do": "write", "seen": look.context["seen"]}
    client.post(at("person_move", town.teacher), write)
    lines = LogEntry.objects.filter(person=town.teacher, action="changed").count()

    assert client.post(at("person_move", town.teacher), write).status_code == 422
    assert LogEntry.objects.filter(person=town.teacher, action="changed").count() == lines


def test_move_out_of_the_municipality_names_nobody_there(client: Client, town: Town) -> None:
    far = person_with(Role.METHODIST, town.far_school, last_name="Тайная")
    case = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    client.force_login(town.municipal)

    look = client.post(at("person_move", town.teacher), {"organization": town.far_school.pk, "do": "check"})
    answer = confirmed(client, at("person_move", town.teacher), {"organization": town.far_school.pk})

    assert far.last_name not in look.content.decode()
    assert answer["Location"] == reverse("home:people")
    case.refresh_from_db()
    assert case.responsible == far


def test_a_route_in_review_is_asked_anew(client: Client, town: Town) -> None:
    RouteFactory(person=town.teacher, status=RouteStatus.IN_REVIEW, step="methodist")
    client.force_login(town.admin)
    page = client.post(at("person_move", town.teacher), {"organization": town.other_school.pk, "do": "check"})
    assert "согласуют заново" in page.content.decode()


# --- Another name ------------------------------------------------------------------------------------------------


def test_another_surname_leaves_the_former_one_findable(client: Client, town: Town) -> None:
    route = RouteFactory(person=town.teacher)
    client.force_login(town.municipal)

    confirmed(
        client,
        at("person_rename", town.teacher),
        {"last_name": "Соснина", "first_name": "Анна", "patronymic": "Петровна"},
    )

    town.teacher.refresh_from_db()
    assert (town.teacher.last_name, town.teacher.former_names) == ("Соснина", "Ёлкина")
    assert list(User.objects.search("елкина")) == list(User.objects.search("соснина анна")) == [town.teacher]
    assert list(type(route).objects.search("Соснина")) == [route]
    page = client.get(at("person", town.teacher)).content.decode()
    assert "Раньше: Ёлкина" in page


def test_title_that_was_agreed_keeps_the_former_surname(client: Client, town: Town) -> None:
    RouteFactory(person=town.teacher, title="ИОМ Ёлкина А., 2025", status=RouteStatus.COMPLETED)
    RouteFactory(person=town.teacher, title="ИОМ Ёлкина А., 2026", status=RouteStatus.DRAFT)
    RouteFactory(person=town.teacher, title="Читаем задачи", status=RouteStatus.COMPLETED)
    client.force_login(town.municipal)
    names = {"last_name": "Соснина", "first_name": "Анна", "patronymic": "Петровна", "do": "check"}

    look = client.post(at("person_rename", town.teacher), names).content.decode()

    assert look.count("название останется прежним: его можно изменить в самом маршруте") == 1
    assert look.count("название останется прежним") == 2


def test_a_slip_is_not_kept(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    names = {"last_name": "Елькина", "first_name": "Анна", "patronymic": "Петровна", "is_slip": "on"}

    confirmed(client, at("person_rename", town.teacher), names)

    town.teacher.refresh_from_db()
    assert (town.teacher.last_name, town.teacher.former_names) == ("Елькина", "")


def test_a_namesake_in_the_same_place_is_pointed_out(client: Client, town: Town) -> None:
    twin = UserFactory(organization=town.school, last_name="Соснина", first_name="Анна")
    client.force_login(town.municipal)
    names = {"last_name": "Соснина", "first_name": "Анна", "patronymic": "Петровна", "do": "check"}

    assert client.post(at("person_rename", town.teacher), names).context["twins"] == [twin]


# --- Leaving and coming back -------------------------------------------------------------------------------------


def test_leaving_is_shown_and_then_done(client: Client, town: Town) -> None:
    own = case_of(town.methodist, status=Status.SURVEY_OPEN, responsible=town.municipal)
    led = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    community = Community.objects.create(name="МО физиков", organization=town.school)
    CommunityMember.objects.create(community=community, person=town.methodist, role="head")
    task = TaskFactory(assignee=town.methodist, title="Собрать отчёты")
    client.force_login(town.municipal)

    look = client.post(at("person_leave", town.methodist), {"do": "check"})
    said = look.content.decode()
    assert all(words in said for words in ("МО физиков", "Собрать отчёты", "уволился", town.municipal.full_name))
    client.post(at("person_leave", town.methodist), {"do": "write", "seen": look.context["seen"]})

    for row in (own, led, task, town.methodist):
        row.refresh_from_db()
    assert (own.status, own.stop_reason, led.responsible) == (Status.STOPPED, "left", town.municipal)
    assert (town.methodist.is_active, task.is_open) == (False, True)
    assert Membership.objects.active().filter(user=town.methodist).count() == 0
    assert CommunityMember.objects.get(person=town.methodist).ends_on == today()
    assert LogEntry.objects.filter(person=town.methodist, note="больше не работает").count() == 1


def test_who_left_does_not_enter(client: Client, town: Town) -> None:
    his = Client()
    his.force_login(town.methodist)
    client.force_login(town.admin)

    confirmed(client, at("person_leave", town.methodist), {})

    assert his.get("/people/")["Location"].startswith(reverse("account_login"))


def test_what_is_in_the_way_is_settled_first(client: Client, town: Town) -> None:
    member = MemberFactory(user=person_with(Role.REGIONAL, organization=town.school))
    case = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    asked = RequestFactory(source=case, member=member, kind=Request.Kind.CONSULTATION)
    Substitution.objects.create(
        person=town.methodist, deputy=member.user, starts_on=today(), ends_on=today() + timedelta(days=5)
    )
    client.force_login(town.admin)

    look = client.post(at("person_leave", member.user), {"do": "check"})
    assert [group.title for group in look.context["outlook"].first] == ["Запросы к РМА, которые он ведёт", "Замещения"]
    client.post(at("person_leave", member.user), {"do": "write", "seen": look.context["seen"]})
    member.user.refresh_from_db()
    assert member.user.is_active

    Request.objects.filter(pk=asked.pk).update(status=Request.Status.DECLINED, answer="занят")
    Substitution.objects.update(cancelled_at=timezone.now())
    confirmed(client, at("person_leave", member.user), {})
    member.user.refresh_from_db()
    assert not member.user.is_active


def test_coming_back(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    confirmed(client, at("person_leave", town.teacher), {})

    for _ in range(2):
        client.post(at("person_return", town.teacher))

    town.teacher.refresh_from_db()
    assert town.teacher.is_active
    assert LogEntry.objects.filter(person=town.teacher, note="снова работает").count() == 1
    assert client.get(at("person_return", town.teacher)).status_code == 404


def test_a_merged_card_does_not_come_back(client: Client, town: Town) -> None:
    closed = UserFactory(organization=town.school, is_active=False, merged_into=town.teacher)
    client.force_login(town.admin)

    assert client.post(at("person_return", closed)).status_code == 404
    closed.refresh_from_db()
    assert not closed.is_active


# --- What he belonged to -----------------------------------------------------------------------------------------


def test_seats_and_mentors_of_who_leaves(client: Client, town: Town) -> None:
    event = EventFactory(municipality=town.school.municipality, has_registration=True, seats=1)
    seat = ParticipationFactory(event=event, person=town.teacher, state="coming")
    waiting = ParticipationFactory(event=event, state="waiting", invited_by=None)
    mentor = person_with(Role.MENTOR, town.teacher, last_name="Наставница")
    shared = TaskFactory(title="Общая выставка", assignee=town.methodist, organization=town.school)
    shared.participants.add(town.teacher)
    client.force_login(town.municipal)

    look = client.post(at("person_leave", town.teacher), {"do": "check"})
    said = look.content.decode()
    assert "место достанется ожидающим" in said
    assert "Наставница" in said
    assert "Общая выставка" in said
    confirmed(client, at("person_leave", town.teacher), {})

    seat.refresh_from_db()
    waiting.refresh_from_db()
    assert (seat.state, waiting.state) == ("declined", "coming")
    assert not Membership.objects.active(today() + timedelta(days=1)).filter(user=mentor).exists()


@pytest.mark.parametrize("leaves", [True, False])
def test_communities_of_the_former_organization(client: Client, town: Town, *, leaves: bool) -> None:
    own = CommunityMember.objects.create(
        community=Community.objects.create(name="МО физиков", organization=town.school), person=town.teacher
    )
    town_wide = Community.objects.create(name="Кружок", municipality=town.school.municipality)
    wide = CommunityMember.objects.create(community=town_wide, person=town.teacher)
    client.force_login(town.municipal)
    data: dict[str, Any] = {"organization": town.other_school.pk, "quitting": [own.pk] if leaves else []}

    look = client.post(at("person_move", town.teacher), data | {"do": "check"})
    said = [
        (one.title, one.things[0].result) for one in (*look.context["outlook"].goes, *look.context["outlook"].stays)
    ]
    assert ("Сообщества прежней организации", "→ выйдет" if leaves else "остаётся") in said
    confirmed(client, at("person_move", town.teacher), data)

    assert set(CommunityMember.objects.lasting()) == ({wide} if leaves else {own, wide})
