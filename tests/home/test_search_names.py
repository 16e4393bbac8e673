"""People found the way their names stand in papers and on pages; what is one's own and not in the library yet."""

import pytest
from django.test import Client

from cabinet.core.search import called
from cabinet.home.services.searching import find
from cabinet.users.models import Role, User
from tests.factories import CaseFactory, CompletionFactory, TaskFactory, UserFactory, person_with
from tests.library.materials import State, material_in
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


def found(user: User, text: str) -> dict[str, list[str]]:
    """Group → what its lines say, without the marks."""
    return {
        group.code: [str(hit.title).replace("<mark>", "").replace("</mark>", "") for hit in group.hits]
        for group in find(user, text).groups
    }


@pytest.mark.parametrize("text", ["Соболева А. И.", "Соболева А.И.", "соболева а.", "А. И. Соболева", "Соболева, Анна"])
def test_person_and_her_case_by_the_name_as_pages_write_it(text: str) -> None:
    anna = UserFactory(last_name="Соболева", first_name="Анна", patronymic="Игоревна")
    UserFactory(last_name="Соболева", first_name="Юлия", patronymic="Олеговна")
    CaseFactory(completion=CompletionFactory(person=anna), responsible=None)
    groups = found(person_with(Role.ADMIN, last_name="Зимина"), text)
    assert groups["people"] == ["Соболева Анна Игоревна"]
    assert len(groups["cases"]) == 1


@pytest.mark.parametrize(
    "text", ["Соболевой Анне Игоревне", "анну соболеву", "Шевчуку Виктору", "Виктором Олеговичем", "шевчука льва"]
)
def test_given_names_in_any_form(text: str) -> None:
    UserFactory(last_name="Соболева", first_name="Анна", patronymic="Игоревна")
    UserFactory(last_name="Шевчук", first_name="Виктор", patronymic="Олегович")
    UserFactory(last_name="Шевчук", first_name="Лев", patronymic="Ильич")
    assert len(found(person_with(Role.ADMIN, last_name="Зимина"), text)["people"]) == 1


def test_name_that_is_a_form_of_another_stays_itself() -> None:
    assert called("александра") == called("соболева") == called("урок") == called("собол") == frozenset()
    assert called("юлии") >= {"юлия"}
    assert called("алене") >= {"алена"}


def test_own_material_is_found_before_it_is_in_the_library() -> None:
    author = UserFactory()
    for number, state in enumerate((State.DRAFT, State.OFFERED, State.RETURNED, State.ARCHIVED)):
        material_in(state, owner=author, title=f"Вечерние чтения {number}")
    material_in(owner=author, title="Вечерние чтения для всех")
    groups = found(author, "чтением")
    assert groups == {
        "materials": ["Вечерние чтения для всех"],
        "drafts": [f"Вечерние чтения {number}" for number in range(4)],
    }
    for stranger in (UserFactory(), person_with(Role.METHODIST), person_with(Role.ADMIN)):
        assert found(stranger, "чтением") == {"materials": ["Вечерние чтения для всех"]}


def test_task_given_to_oneself_is_shown_once() -> None:
    me = UserFactory()
    TaskFactory(title="Сдать анкеты", assignee=me, author=me)
    assert found(me, "анкету") == {"tasks": ["Сдать анкеты"]}


def test_many_finds_of_many_kinds_begin_with_the_kinds() -> None:
    admin = person_with(Role.ADMIN)
    client = Client()
    client.force_login(admin)
    for number in range(9):
        UserFactory(last_name="Мартова", first_name=f"Ян{number}")
        EventFactory(title="Мартовская встреча", author=admin)
    assert "search-kinds" not in client.get("/search/", {"q": "март"}).content.decode()
    material_in(owner=admin, title="Мартовский материал", keeper=admin)
    page = client.get("/search/", {"q": "март"}).content.decode()
    for code in ("people", "events", "materials"):
        assert f'href="#group-{code}"' in page
        assert f'id="group-{code}"' in page
