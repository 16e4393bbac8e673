"""Communities: who sees, governs and edits which; the list and the page; making, changing, closing."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cabinet.core.clock import today
from cabinet.home.services import communities as services
from cabinet.structure.models import Community
from cabinet.structure.reference_communities import RUMO, load_communities
from cabinet.users.models import CommunityMember, LogEntry, Role, User
from tests.factories import MunicipalityFactory, OrganizationFactory, SubjectFactory, UserFactory, person_with
from tests.home.communities import CommunityFactory, CommunityMemberFactory, head_of
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db
LIST, NEW = "/people/communities/", "/people/communities/new/"
Counter = Callable[..., Any]


def page(community: Community, name: str = "community") -> str:
    return reverse(f"home:{name}", args=[community.pk])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(**values: Any) -> dict[str, Any]:
    return {"kind": "mo", "name": "МО учителей химии", "text": "Раз в четверть", "subject": ""} | values


# --- Who sees, governs, edits --------------------------------------------------------------------------------------


def test_exact_lists() -> None:
    school = OrganizationFactory()
    near, beside = OrganizationFactory(municipality=school.municipality), OrganizationFactory()
    regional = CommunityFactory()
    municipal = CommunityFactory(municipality=school.municipality)
    own = CommunityFactory(organization=school)
    neighbours = CommunityFactory(organization=near)
    foreign = CommunityFactory(organization=beside)
    far = CommunityFactory(municipality=beside.municipality)
    everything = [regional, municipal, own, neighbours, foreign, far]

    def lists(user: Any) -> list[list[Community]]:
        rows = Community.objects.order_by("pk")
        return [list(rows.visible_to(user)), list(rows.governed_by(user)), list(rows.editable_by(user))]

    assert lists(AnonymousUser()) == [[], [], []]
    assert lists(UserFactory(organization=school)) == [[regional, municipal, own], [], []]
    assert lists(UserFactory(organization=None)) == [[regional], [], []]
    for role in (Role.METHODIST, Role.HEAD):
        assert lists(person_with(role, school)) == [[regional, municipal, own], [own], [own]]
    served = [municipal, own, neighbours]
    specialist = person_with(Role.MUNICIPAL, school.municipality, organization=None)
    assert lists(specialist) == [[regional, *served], served, served]
    assert lists(person_with(Role.OBSERVER, organization=None)) == [[regional], [], []]
    assert lists(person_with(Role.CURATOR, organization=None)) == [[regional], [], []]
    assert lists(person_with(Role.ADMIN)) == [everything, everything, everything]
    # Whoever is in one sees it wherever it is; its head edits it and governs nothing.
    guest = CommunityMemberFactory(community=far, person=UserFactory(organization=school)).person
    assert lists(guest) == [[regional, municipal, own, far], [], []]
    assert lists(head_of(foreign, organization=school)) == [[regional, municipal, own, foreign], [], [foreign]]
    past = UserFactory(organization=school)
    CommunityMemberFactory(community=foreign, person=past, role="head", ends_on=today() - timedelta(days=1))
    assert lists(past) == [[regional, municipal, own], [], []]


def test_member_rows_exact_lists() -> None:
    school, beside = OrganizationFactory(), OrganizationFactory()
    own, foreign = CommunityFactory(organization=school), CommunityFactory(organization=beside)
    colleague, stranger = UserFactory(organization=school), UserFactory(organization=beside)
    regional = CommunityFactory()
    inside = CommunityMemberFactory(community=own, person=colleague)
    moved = CommunityMemberFactory(community=own, person=stranger)
    outside = CommunityMemberFactory(community=foreign, person=stranger)
    leading = CommunityMemberFactory(community=regional, person=stranger, role="head")

    def seen(user: Any) -> list[CommunityMember]:
        return list(CommunityMember.objects.visible_to(user).order_by("pk"))

    assert seen(AnonymousUser()) == []
    assert seen(colleague) == [inside, moved]  # they are in one community
    assert seen(UserFactory(organization=school)) == []
    assert seen(person_with(Role.METHODIST, school)) == [inside, moved]  # keeps the list
    assert seen(person_with(Role.METHODIST, beside)) == [moved, outside, leading]
    assert seen(person_with(Role.ADMIN)) == [inside, moved, outside, leading]
    observer = person_with(Role.OBSERVER, organization=school)
    assert seen(observer) == []
    row = CommunityMemberFactory(community=own, person=observer)
    assert seen(observer) == [row]
    # The names of heads are told to everybody who sees the community.
    assert list(CommunityMember.objects.named_to(UserFactory(organization=school))) == [leading]
    assert list(CommunityMember.objects.named_to(observer)) == []


# --- The list ------------------------------------------------------------------------------------------------------


def test_list_filters_by_everything() -> None:
    school, subject = OrganizationFactory(), SubjectFactory(name="Химия")
    admin = person_with(Role.ADMIN)
    chemists = CommunityFactory(name="Объединение учителей химии", organization=school, subject=subject)
    city = CommunityFactory(name="Служба района", kind="mms", municipality=MunicipalityFactory())
    CommunityFactory(name="Наставники", kind="professional", subject=SubjectFactory())
    closed = CommunityFactory(name="Прежнее", is_active=False)
    CommunityMemberFactory(community=city, person=admin)
    client = signed_in(admin)

    def found(query: str) -> list[Community]:
        return [one for one, _ in client.get(f"{LIST}?{query}").context["rows"]]

    assert found("q=химию") == [chemists]  # whatever the form
    assert found("kind=mms") == [city]
    assert found(f"municipality={school.municipality_id}") == [chemists]
    assert found(f"subject={subject.pk}") == [chemists]
    assert found("mine=yes") == [city]
    assert found("state=closed") == [closed]
    assert len(found("")) == 3
    assert found("kind=nonsense") == []


def test_list_counts_people_and_names_heads_but_not_to_the_observer() -> None:
    community = CommunityFactory(name="Наставники края")
    head_of(community, last_name="Головина")
    CommunityMemberFactory(community=community, ends_on=today())
    CommunityMemberFactory(community=community, ends_on=today() - timedelta(days=1))
    CommunityMemberFactory(community=community, starts_on=today() + timedelta(days=1))
    for user, told in ((UserFactory(email="t@example.org"), True), (person_with(Role.OBSERVER), False)):
        answer = signed_in(user).get(LIST)
        assert [one.size for one, _ in answer.context["rows"]] == [2]
        assert ("Головина" in answer.content.decode()) is told


@pytest.mark.parametrize("rows", [1, 5])
def test_list_asks_the_same_number_of_questions(rows: int, django_assert_num_queries: Counter) -> None:
    for _ in range(rows):
        head_of(CommunityFactory(organization=OrganizationFactory(), subject=SubjectFactory()))
        CommunityFactory(subject=SubjectFactory(), municipality=MunicipalityFactory())
    client = signed_in(person_with(Role.ADMIN))
    with django_assert_num_queries(8):
        assert client.get(LIST).status_code == 200


# --- The page ------------------------------------------------------------------------------------------------------


def test_page_shows_members_to_members_and_a_number_to_others() -> None:
    community = CommunityFactory(text="Пишите на <b>доску</b>")
    member = CommunityMemberFactory(community=community, person=UserFactory(email="m@example.org", last_name="Членова"))
    head_of(community, last_name="Головина")
    events = {"community": community, "title": "Встреча объединения"}
    EventFactory(**events)
    EventFactory(title="Прошедшая встреча", community=community, on=today() - timedelta(days=9))
    EventFactory(title="Чужая встреча", community=community, organization=OrganizationFactory())

    inside = signed_in(member.person).get(page(community)).content.decode()
    assert "Членова" in inside
    assert "Головина" in inside
    assert "Выйти из сообщества" in inside
    assert "&lt;b&gt;доску" in inside
    assert "<b>доску" not in inside
    outside = signed_in(UserFactory(email="o@example.org")).get(page(community)).content.decode()
    assert "Членова" not in outside
    assert "Головина" in outside
    assert "2 человека" in outside.replace("\u00a0", " ")
    assert "Встреча объединения" in outside
    assert "Прошедшая встреча" in outside
    assert "Чужая встреча" not in outside
    observer = signed_in(person_with(Role.OBSERVER)).get(page(community)).content.decode()
    assert "Членова" not in observer
    assert "Головина" not in observer
    assert "2 человека" in observer.replace("\u00a0", " ")


@pytest.mark.parametrize("rows", [1, 5])
def test_page_asks_the_same_number_of_questions(rows: int, django_assert_num_queries: Counter) -> None:
    school = OrganizationFactory()
    community = CommunityFactory(organization=school, subject=SubjectFactory())
    for _ in range(rows):
        CommunityMemberFactory(community=community, person=UserFactory(organization=school))
        EventFactory(community=community)
    client = signed_in(person_with(Role.METHODIST, school))
    with django_assert_num_queries(14):
        assert client.get(page(community)).status_code == 200


def test_foreign_page_is_missing_and_a_visitor_logs_in(client: Client) -> None:
    community = CommunityFactory(organization=OrganizationFactory())
    stranger = signed_in(UserFactory(email="s@example.org"))
    names = ("community_edit", "community_close", "community_print", "community_excel", "community_add")
    for name in ("community", *names):
        assert stranger.get(page(community, name)).status_code == 404
        assert client.get(page(community, name)).status_code == 302
    colleague = signed_in(UserFactory(email="c@example.org", organization=community.organization))
    assert colleague.get(page(community)).status_code == 200
    assert colleague.post(page(community)).status_code == 405
    for name in names:
        assert colleague.get(page(community, name)).status_code == 404
    assert colleague.post(page(community, "community_reopen")).status_code == 404
    assert colleague.get(page(community, "community_reopen")).status_code == 405
    assert colleague.get(NEW).status_code == 404


def test_former_members_are_for_the_keeper() -> None:
    community = CommunityFactory()
    person = UserFactory(last_name="Прежнева", email="p@example.org")
    CommunityMemberFactory(community=community, person=person, ends_on=today() - timedelta(days=1))
    assert "Прежнева" in signed_in(person_with(Role.ADMIN)).get(f"{page(community)}?who=past").content.decode()
    answer = signed_in(UserFactory(email="q@example.org")).get(f"{page(community)}?who=past")
    assert answer.context["past"] is False


# --- Making, changing, closing -------------------------------------------------------------------------------------


def test_methodist_makes_one_of_own_school() -> None:
    school = OrganizationFactory()
    client = signed_in(person_with(Role.METHODIST, school))
    answer = client.post(NEW, typed(place=f"organization-{school.pk}"))
    community = Community.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == community.get_absolute_url()
    assert (community.organization, community.municipality, community.name) == (school, None, "МО учителей химии")
    assert LogEntry.objects.filter(about_id=community.pk, note__contains="Заведено").count() == 1
    # The same one twice: told at the field, nothing made.
    again = client.post(NEW, typed(name="«МО» учителей  химии", place=f"organization-{school.pk}"))
    assert again.status_code == 422
    assert "уже есть" in again.content.decode()
    assert Community.objects.count() == 1
    # Not of a place one does not serve.
    for place in ("region", f"municipality-{school.municipality_id}", f"organization-{OrganizationFactory().pk}", "x"):
        assert client.post(NEW, typed(name="Другое", place=place)).status_code == 422


def test_specialist_names_an_organization_by_words() -> None:
    school = OrganizationFactory(name="МБОУ «Рябиновская СОШ»")
    OrganizationFactory(name="МБОУ «Дальняя СОШ»")
    other = OrganizationFactory(name="МАДОУ «Рябинка»", municipality=school.municipality)
    client = signed_in(person_with(Role.MUNICIPAL, school.municipality, organization=None))
    place = f"municipality-{school.municipality_id}"
    several = client.post(NEW, typed(place=place, school="рябин"))
    assert several.status_code == 422
    assert "Рябинка" in several.content.decode()
    assert client.post(NEW, typed(place=place, school="дальняя")).status_code == 422  # another municipality's
    assert client.post(NEW, typed(place=place, school="рябинка")).status_code == 302
    assert Community.objects.get().organization == other


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "«»"), ("kind", "x"), ("text", "а" * 5001)])
def test_form_says_what_is_wrong(field: str, value: str) -> None:
    school = OrganizationFactory()
    client = signed_in(person_with(Role.HEAD, school))
    answer = client.post(NEW, typed(place=f"organization-{school.pk}", **{field: value}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Community.objects.exists()


def test_head_of_a_community_edits_the_text_alone() -> None:
    community = CommunityFactory(name="МО физиков", text="Прежде")
    client = signed_in(head_of(community))
    values = {"text": "Теперь", "name": "Чужое", "place": "region", "seen": services.stamp(community)}
    assert client.post(page(community, "community_edit"), values).status_code == 302
    community.refresh_from_db()
    assert (community.name, community.text) == ("МО физиков", "Теперь")
    assert client.get(page(community, "community_close")).status_code == 404


def test_second_editor_is_asked_again() -> None:
    community = CommunityFactory(name="МО физиков")
    client = signed_in(person_with(Role.ADMIN))
    seen = services.stamp(community)
    for name in ("МО физиков края", "МО астрономов"):
        answer = client.post(page(community, "community_edit"), typed(name=name, place="region", seen=seen))
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "МО физиков края" in told
    assert 'value="МО астрономов"' in told
    community.refresh_from_db()
    assert community.name == "МО физиков края"
    seen = answer.context["form"].data["seen"]
    assert (
        client.post(
            page(community, "community_edit"), typed(name="МО астрономов", place="region", seen=seen)
        ).status_code
        == 302
    )
    assert Community.objects.get().name_key == "мо астрономов"


def test_closing_asks_and_ends_the_terms_and_nothing_is_lost() -> None:
    community = CommunityFactory()
    admin, day = person_with(Role.ADMIN), today()
    old = CommunityMemberFactory(community=community, starts_on=date(2025, 9, 1))
    before = CommunityMemberFactory(community=community, ends_on=date(2025, 9, 1))
    coming = CommunityMemberFactory(community=community, starts_on=day + timedelta(days=9))
    client = signed_in(admin)
    assert "Закрыть" in client.get(page(community, "community_close")).content.decode()
    assert Community.objects.get().is_active
    for _ in range(2):  # a double click
        assert client.post(page(community, "community_close")).status_code == 302
    for row in (old, before, coming, community):
        row.refresh_from_db()
    assert not community.is_active
    assert (old.ends_on, before.ends_on) == (day - timedelta(days=1), date(2025, 9, 1))
    assert coming.ends_on == coming.starts_on
    assert LogEntry.objects.filter(about_id=community.pk, action="moved").count() == 1
    assert client.get(page(community, "community_add")).status_code == 404
    for _ in range(2):
        assert client.post(page(community, "community_reopen")).status_code == 302
    community.refresh_from_db()
    assert community.is_active
    assert LogEntry.objects.filter(about_id=community.pk, action="moved").count() == 2


# --- Paper, workbook, reference ------------------------------------------------------------------------------------


def test_print_and_workbook_are_for_the_keeper() -> None:
    community = CommunityFactory(name="Наставники")
    CommunityMemberFactory(community=community, person=UserFactory(last_name="=1+1", first_name="<b>Мария</b>"))
    client = signed_in(person_with(Role.ADMIN))
    paper = client.get(page(community, "community_print")).content.decode()
    assert "&lt;b&gt;Мария" in paper
    assert "<b>Мария" not in paper
    answer = client.get(page(community, "community_excel"))
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert len(rows) == 2
    assert rows[1][0].startswith("=1+1")
    assert LogEntry.objects.filter(action="exported", about_id=community.pk).count() == 1


def test_reference_is_loaded_once() -> None:
    assert [load_communities(), load_communities()] == [1, 0]
    community = Community.objects.get()
    assert (community.name, community.kind, community.place) == (RUMO, "rumo", "весь край")
    Community.objects.update(text="Написано людьми")
    load_communities()
    assert Community.objects.get().text == "Написано людьми"
