"""The search of the cabinet: who finds what, by which words, and how found words are shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cabinet.core.clock import today
from cabinet.home.services.highlighting import as_russian, marked
from cabinet.home.services.search_sources import SOURCES
from cabinet.home.services.searching import find
from cabinet.library.models import Collection
from cabinet.users.models import Role, User
from iom.models import Status as RouteStatus
from iom.services.indexing import index
from motor.models import Case
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    CourseFactory,
    MembershipFactory,
    OrganizationFactory,
    ProgrammeFactory,
    RouteFactory,
    TaskFactory,
    UserFactory,
    person_with,
)
from tests.home.communities import CommunityFactory, CommunityMemberFactory
from tests.library.shelves import published
from tests.planner.events import EventFactory
from tests.polls.polls import PollFactory

pytestmark = pytest.mark.django_db
PAGE, OFFERED = "/search/", "/search/offered/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def titles(user: User, text: str) -> dict[str, list[str]]:
    """Group → what its lines say, without the marks."""
    plain = str.maketrans({"\u00a0": " "})
    return {
        group.code: [str(hit.title).replace("<mark>", "").replace("</mark>", "").translate(plain) for hit in group.hits]
        for group in find(user, text).groups
    }


def case_of(person: User, title: str = "Смысловое чтение") -> Case:
    course = CourseFactory(programme=ProgrammeFactory(title=f"{title} {person.pk}"))
    case: Case = CaseFactory(completion=CompletionFactory(person=person, course=course), responsible=None)
    return case


# --- Who finds whom ------------------------------------------------------------------------------------------------


def test_people_cases_and_routes_by_role() -> None:
    school = OrganizationFactory()
    near, far = OrganizationFactory(municipality=school.municipality), OrganizationFactory()
    people = [
        UserFactory(last_name="Королёва", first_name=name, patronymic="", organization=place)
        for name, place in (("Анна", school), ("Белла", near), ("Вера", far))
    ]
    UserFactory(last_name="Королёва", first_name="Уволена", organization=school, is_active=False)
    UserFactory(last_name="Пескова", organization=school)
    cases = [case_of(person) for person in people]
    for person in people:
        index(RouteFactory(person=person, title=f"Маршрут {person.first_name}"))
        RouteFactory(person=person, title="Прежний", status=RouteStatus.ARCHIVED)

    def found(user: User) -> dict[str, list[str]]:
        return titles(user, "королева")

    def of(*names: str) -> dict[str, list[str]]:
        """What is told of these people, newest first where numbers stand."""
        mine = [(one, case) for one, case in zip(people, cases, strict=True) if one.first_name in names]
        return {
            "people": [one.full_name for one, _ in mine],
            "cases": [f"Карта № {case.pk}: {one.full_name}" for one, case in reversed(mine)],
            "routes": [f"Маршрут {one.first_name}" for one, _ in reversed(mine)],
        }

    assert found(person_with(Role.ADMIN)) == of("Анна", "Белла", "Вера")
    assert found(person_with(Role.METHODIST, school)) == of("Анна")
    assert found(person_with(Role.HEAD, school)) == of("Анна")
    assert found(person_with(Role.MUNICIPAL, school.municipality, organization=None)) == of("Анна", "Белла")
    assert found(person_with(Role.MENTOR, people[2])) == of("Вера")
    assert found(person_with(Role.CURATOR)) == {}
    assert found(person_with(Role.REGIONAL)) == {}
    assert found(people[0]) == of("Анна")
    assert found(UserFactory(organization=school)) == {}
    assert found(person_with(Role.OBSERVER, organization=school)) == {}


def test_observer_finds_no_person_not_even_himself() -> None:
    observer = person_with(Role.OBSERVER, last_name="Королёва")
    case_of(observer)
    index(RouteFactory(person=observer, title="Королёва: маршрут"))
    community = CommunityFactory(name="Наставники")
    CommunityMemberFactory(community=community, person=UserFactory(last_name="Королёва"), role="head")
    assert titles(observer, "королёва") == {}
    assert titles(observer, "наставник") == {"communities": ["Наставники"]}
    # With a second role he is somebody who works with people.
    MembershipFactory(user=observer, role=Role.METHODIST)
    again = User.objects.get(pk=observer.pk)
    assert set(titles(again, "королёва")) == {"people", "cases", "routes"}


def test_events_materials_communities_collections_by_who_may_see_them() -> None:
    school, admin = OrganizationFactory(), person_with(Role.ADMIN)
    EventFactory(title="Диагностика: общая встреча", author=admin)
    EventFactory(title="Диагностика школы", organization=school, author=admin)
    EventFactory(title="Диагностика прошлая", on=today() - timedelta(days=5), author=admin)
    EventFactory(title="Диагностика личная", scope="personal", author=admin)
    published(admin, title="Диагностика дефицитов")
    draft = published(admin, title="Диагностика в черновике")
    type(draft).objects.filter(pk=draft.pk).update(state="archived")
    CommunityFactory(name="Мастерская диагностики")
    CommunityFactory(name="Диагностика чужой школы", organization=OrganizationFactory())
    CommunityFactory(name="Диагностика закрытая", is_active=False)
    Collection.objects.create(title="К диагностике", is_public=True, owner=admin)
    Collection.objects.create(title="Моя диагностика", owner=admin)
    colleague = UserFactory(organization=school)
    assert titles(colleague, "диагностикой") == {
        "pages": ["Диагностика"],
        "materials": ["Диагностика дефицитов"],
        "events": ["Диагностика: общая встреча", "Диагностика школы"],
        "past": ["Диагностика прошлая"],
        "communities": ["Мастерская диагностики"],
        "collections": ["К диагностике"],
    }
    stranger = titles(UserFactory(), "диагностики")
    assert stranger["events"] == ["Диагностика: общая встреча"]
    own = titles(admin, "диагностику")
    assert sorted(own["collections"]) == ["К диагностике", "Моя диагностика"]
    assert "Диагностика личная" in own["events"]
    assert own["communities"] == ["Диагностика чужой школы", "Мастерская диагностики"]
    observer = titles(person_with(Role.OBSERVER, organization=school), "диагностика")
    assert "events" not in observer  # they name who runs them


def test_pages_are_those_of_own_menu() -> None:
    assert titles(person_with(Role.ADMIN), "загрузку списков") == {"pages": ["Загрузка списков"]}
    assert titles(UserFactory(), "загрузку списков") == {}


# --- By which words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["карта {}", "карту №{}", "Карта № {}", "№ {}", "№{}", "{}", "карты {}"])
def test_case_by_number(text: str) -> None:
    person = UserFactory(last_name="Пескова")
    case, other = case_of(person), case_of(UserFactory(last_name="Зимина"))
    found = titles(person_with(Role.ADMIN), text.format(case.pk))
    assert found["cases"][0].startswith(f"Карта № {case.pk}:")
    assert titles(UserFactory(), text.format(other.pk)).get("cases") is None


def test_case_by_programme_and_name_in_any_form() -> None:
    person = UserFactory(last_name="Пескова")
    case_of(person, "Формирующее оценивание на уроке")
    case_of(UserFactory(last_name="Зимина"), "Робототехника")
    admin = person_with(Role.ADMIN)
    for text in ("формирующего оценивания", "песк оценивание", "карта песковой", "УРОКИ формирующие"):
        assert len(titles(admin, text).get("cases", [])) == 1, text
    assert titles(admin, "карта песк")["cases"] == titles(admin, "Пескова")["cases"]
    assert titles(admin, "песк робототехника") == {}


def test_route_by_its_words_and_the_name() -> None:
    route = RouteFactory(person=UserFactory(last_name="Пескова"), title="Листы самооценки")
    index(route)
    admin = person_with(Role.ADMIN)
    for text in ("листами самооценок", "песк листы"):
        assert titles(admin, text) == {"routes": ["Листы самооценки"]}
    assert titles(admin, "зимина листы") == {}


def test_surnames_in_any_form() -> None:
    UserFactory(last_name="Пескова", first_name="Анна", patronymic="Ильинична")
    UserFactory(last_name="Белинский", first_name="Лев", patronymic="")
    admin = person_with(Role.ADMIN)
    for text in ("песковой анна", "Пескову", "песковым"):
        assert titles(admin, text)["people"] == ["Пескова Анна Ильинична"]
    for text in ("белинскому", "белинским лев"):
        assert titles(admin, text)["people"] == ["Белинский Лев"]
    assert titles(admin, "песковой лев") == {}


def test_own_tasks_and_those_one_gave() -> None:
    me, other = UserFactory(), UserFactory()
    mine = TaskFactory(title="Сдать анкеты", assignee=me, author=other)
    TaskFactory(title="Проверить анкеты", assignee=other, author=me)
    TaskFactory(title="Чужие анкеты", assignee=other, author=other)
    done = TaskFactory(title="Прежние анкеты", assignee=me)
    type(done).objects.filter(pk=done.pk).update(status="done", done_at=done.created_at)
    assert titles(me, "анкету") == {"tasks": ["Сдать анкеты"], "given": ["Проверить анкеты"]}
    client = signed_in(me)
    for group in find(me, "анкета").groups:
        assert client.get(group.everything).context["page"].paginator.count == 1
    assert find(me, "сдать").groups[0].hits[0].address == mine.get_absolute_url()


def test_polls_by_title_for_whom_they_are() -> None:
    author = UserFactory()
    PollFactory(title="Опрос о нагрузке", author=author)
    assert titles(author, "нагрузка") == {"polls": ["Опрос о нагрузке"]}
    assert titles(UserFactory(), "нагрузка") == {}


def test_curator_finds_his_listeners() -> None:
    curator = person_with(Role.CURATOR)
    listener = UserFactory(last_name="Пескова", first_name="Анна", patronymic="")
    UserFactory(last_name="Пескова", first_name="Белла", patronymic="")
    CompletionFactory(person=listener, course=CourseFactory(curator=curator))
    assert titles(curator, "пескова") == {"people": ["Пескова Анна"]}


def test_beyond_a_hundred_nobody_counts() -> None:
    author, school = person_with(Role.ADMIN), OrganizationFactory()
    User.objects.bulk_create(
        User(last_name="Мартова", first_name=f"Ян{one}", name_key=f"мартова ян{one}", organization=school)
        for one in range(103)
    )
    [group] = find(author, "мартова").groups
    assert (group.told, group.is_cut) == ("больше 100", True)
    html = signed_in(author).get(PAGE, {"q": "мартова"}).content.decode()
    assert "Больше 100\xa0находок" in html


def test_yo_and_ye_are_one_letter() -> None:
    UserFactory(last_name="Фёдорова", first_name="Алёна")
    admin = person_with(Role.ADMIN)
    for text in ("федорова алена", "Фёдорова", "ФЁД АЛЕН"):
        assert len(titles(admin, text)["people"]) == 1


def test_wrong_keyboard_layout() -> None:
    UserFactory(last_name="Соболева", first_name="Юлия", patronymic="")
    admin = person_with(Role.ADMIN)
    found = find(admin, "cj,jktdf .kbz")
    assert (found.text, found.is_swapped, found.total) == ("соболева юлия", True, 1)
    assert find(admin, "Pbvby").groups == []
    # What is found as it was typed stays as it was typed.
    published(title="Excel для методиста")
    assert find(admin, "excel").is_swapped is False
    assert as_russian("Gtnhjd") == "Петров"
    assert [as_russian(one) for one in ("Петров", "125", "Пётр x")] == ["", "", ""]


@pytest.mark.parametrize("text", ["", " ", "и", "«»", "%", "_", "\0", "x", "!!", "' OR 1=1 --", "%%%", "\\", "<b>"])
def test_too_little_or_hostile_finds_nothing_and_breaks_nothing(text: str) -> None:
    case_of(UserFactory())
    EventFactory()
    CommunityFactory()
    published()
    index(RouteFactory())
    admin = person_with(Role.ADMIN)
    assert find(admin, text).groups == []
    client = signed_in(admin)
    for address in (PAGE, OFFERED):
        assert client.get(address, {"q": text}).status_code == 200


@pytest.mark.parametrize("text", ["а б", "в и на", "слово " * 60, "1" * 99, "№ 999999999", "я" * 5000])
def test_odd_words_do_not_find_everything(text: str) -> None:
    case_of(UserFactory(last_name="Зимина", first_name="Ольга", patronymic="Юрьевна"))
    EventFactory(title="Семинар")
    index(RouteFactory(title="План"))
    assert find(person_with(Role.ADMIN), text).groups == []


# --- How it is shown -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("МО учителей", "учитель", "МО <mark>учителей</mark>"),
        ("Фёдорова Алёна", "федор", "<mark>Фёдорова</mark> Алёна"),
        ("Соболева Анна", "анне", "Соболева <mark>Анна</mark>"),
        ("<b>урок</b> & «план»", "уроки", "&lt;b&gt;<mark>урок</mark>&lt;/b&gt; &amp; «план»"),
        ("a <mark>b</mark>", "mark", "a &lt;<mark>mark</mark>&gt;b&lt;/<mark>mark</mark>&gt;"),
        ('" onclick="x', "onclick", "&quot; <mark>onclick</mark>=&quot;x"),
        ("Анализ. Автор: Соболева Анна", "Соболева А.", "Анализ. Автор: <mark>Соболева</mark> <mark>Анна</mark>"),
        ("Урок в 9 классе", "9", "Урок в <mark>9</mark> классе"),
        ("Карта № 125", "№ 125", "Карта № <mark>125</mark>"),
        ("Урок", "", "Урок"),
        ("Урок", "!", "Урок"),
    ],
)
def test_marks_are_made_of_escaped_text(text: str, typed: str, shown: str) -> None:
    assert marked(text, typed) == shown


def test_page_shows_hostile_names_as_text_and_keeps_the_words() -> None:
    UserFactory(last_name="<script>alert(1)</script>", first_name="Злая")
    CommunityFactory(name="Злая <img src=x onerror=alert(1)> {ссылка}")
    client = signed_in(person_with(Role.ADMIN))
    for address in (PAGE, OFFERED):
        html = client.get(address, {"q": "злая"}).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<mark>Злая</mark>" in html
    typed = client.get(PAGE, {"q": '"><script>x</script>'}).content.decode()
    assert "<script>x" not in typed


def test_page_groups_count_and_lead_to_the_whole_list() -> None:
    school = OrganizationFactory()
    for number in range(7):
        UserFactory(last_name="Королёва", first_name=f"Анна{number}", organization=school)
    client = signed_in(person_with(Role.METHODIST, school))
    answer = client.get(PAGE, {"q": "королева анна"})
    [group] = answer.context["found"].groups
    assert (group.count, len(group.hits), group.is_cut) == (7, 5, True)
    assert group.everything in answer.content.decode().replace("&amp;", "&")
    whole = client.get(group.everything)
    assert whole.status_code == 200
    assert "Анна6" in whole.content.decode()
    assert len(find(person_with(Role.METHODIST, school), "королева", 3).groups[0].hits) == 3


def test_whole_lists_hold_as_many_as_was_said() -> None:
    admin = person_with(Role.ADMIN)
    for number in range(6):
        person = UserFactory(last_name="Мартова", first_name=f"Ян{number}")
        case_of(person, "Мартовские чтения")
        index(RouteFactory(person=person, title="Маршрут мартовский"))
        EventFactory(title="Мартовская встреча", author=admin)
        EventFactory(title="Мартовская встреча", author=admin, on=today() - timedelta(days=3))
        CommunityFactory(name=f"Мартовское {number}")
        published(admin, title="Мартовский материал")
    client = signed_in(admin)
    groups = client.get(PAGE, {"q": "март"}).context["found"].groups
    asked = {group.code: group for group in groups}
    assert set(asked) >= {"people", "cases", "routes", "events", "past", "communities", "materials"}
    for group in groups:
        if group.everything:
            page = client.get(group.everything).context["page"]
            assert page.paginator.count == group.count, group.code


def test_letter_says_what_to_do_and_visitors_log_in(client: Client) -> None:
    admin = signed_in(person_with(Role.ADMIN))
    assert "Одной буквы мало" in admin.get(PAGE, {"q": "и"}).content.decode()
    assert "ещё хотя бы одну букву" in admin.get(OFFERED, {"q": "и"}).content.decode()
    assert "Ничего не нашлось" in admin.get(PAGE, {"q": "щщщщ"}).content.decode()
    for address in (PAGE, OFFERED):
        assert client.get(address, {"q": "иван"}).status_code == 302
        assert admin.post(address, {"q": "иван"}).status_code == 405


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("address", [PAGE, OFFERED])
def test_same_number_of_questions(rows: int, address: str, django_assert_num_queries: Callable[..., Any]) -> None:
    admin = person_with(Role.ADMIN)
    for number in range(rows):
        person = UserFactory(last_name="Мартова", first_name=f"Ян{number}")
        case_of(person, "Мартовские чтения")
        index(RouteFactory(person=person, title="Маршрут мартовский"))
        EventFactory(title="Мартовская встреча", author=admin)
        EventFactory(title="Мартовская встреча", author=admin, on=today() - timedelta(days=3))
        CommunityFactory(name=f"Мартовское {number}", organization=OrganizationFactory())
        published(admin, title="Мартовский материал")
        Collection.objects.create(title="Мартовская", is_public=True, owner=admin)
        TaskFactory(title="Мартовский отчёт", assignee=admin)
        TaskFactory(title="Мартовский список", author=admin)
    client = signed_in(admin)
    groups = client.get(address, {"q": "март"}).context["found"].groups
    assert {one.code for one in groups} >= {one.code for one in SOURCES}
    with django_assert_num_queries(15):
        client.get(address, {"q": "март"})
    with django_assert_num_queries(15):
        client.get(address, {"q": "vfhn"})  # the other layout, when nothing is found at first, costs no more
    with django_assert_num_queries(6):
        client.get(address, {"q": "щщщщ"})


def test_field_is_on_pages_of_the_cabinet_and_asks_nothing(django_assert_num_queries: Callable[..., Any]) -> None:
    client = signed_in(UserFactory(email="t@example.org"))
    html = client.get("/people/communities/").content.decode()
    assert 'id="search-field"' in html
    assert "css/search.css" in html
    case = CaseFactory()
    survey = Client().get(f"/s/{case.link}/").content.decode()
    assert "search" not in survey
    login = Client().get("/accounts/login/").content.decode()
    assert 'id="search-field"' not in login
