"""Topics of programmes: suggested by words, set one by one and for many, never over somebody else's word."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.courses.models import Programme
from cabinet.courses.services.topics import Suggestions
from cabinet.structure.models import Topic
from cabinet.users.models import LogEntry, Role, User
from registry.models import Entry
from registry.services import sweep
from tests.factories import CaseFactory, CompletionFactory, CourseFactory, ProgrammeFactory, TopicFactory, person_with

pytestmark = pytest.mark.django_db

ADDRESS = "/courses/programmes/"


@pytest.fixture
def admin(client: Client) -> User:
    user: User = person_with(Role.ADMIN)
    client.force_login(user)
    return user


@pytest.fixture
def topics() -> list[Topic]:
    return [TopicFactory(name="Формирующее оценивание"), TopicFactory(name="Функциональная грамотность")]


def programme(title: str, topic: Topic | None = None) -> Programme:
    one: Programme = ProgrammeFactory(title=title, topic=topic)
    return one


def post(client: Client, *programmes: Programme, **fields: Any) -> Any:
    """What the page's form sends: a row each with what stood there, then what was chosen."""
    rows: dict[str, Any] = {"row": [one.pk for one in programmes]}
    rows |= {f"was_{one.pk}": one.topic_id or "" for one in programmes}
    rows |= {f"topic_{one.pk}": one.topic_id or "" for one in programmes}
    return client.post(ADDRESS, rows | fields)


def topic_of(one: Programme) -> Topic | None:
    return Programme.objects.get(pk=one.pk).topic


def test_topic_is_suggested_by_words_of_any_ending_and_by_other_programmes(topics: list[Topic]) -> None:
    assessment, literacy = topics
    programme("Читательский компас: грамотность на каждом уроке", literacy)
    suggestions = Suggestions()

    assert suggestions.of("Приёмы формирующего оценивания в начальной школе") == [assessment]
    assert suggestions.of("Читательские практики") == [literacy]
    assert suggestions.of("Современный урок педагога") == []


@pytest.mark.parametrize("rows", [1, 5])
def test_list_takes_the_same_number_of_queries(
    client: Client, admin: User, topics: list[Topic], rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        one = programme(f"Оценивание {number}")
        CompletionFactory(course=CourseFactory(programme=one))
        CompletionFactory(course=CourseFactory(programme=one, ends_on="2026-01-01"))

    with django_assert_num_queries(7):
        page = client.get(ADDRESS)

    assert [(one.runs, one.listeners) for one, _, _ in page.context["rows"]] == [(2, 2)] * rows


def test_only_those_without_a_topic_unless_asked(client: Client, admin: User, topics: list[Topic]) -> None:
    bare, named = programme("Оценка"), programme("Чтение", topics[1])

    def shown(**query: str) -> list[Programme]:
        return [one for one, _, _ in client.get(ADDRESS, query).context["rows"]]

    assert shown() == [bare]
    assert shown(topic="with") == [named]
    assert shown(topic="all") == [bare, named]
    assert shown(topic="all", q="ЧТЕНИЕ") == [named]


def test_row_is_saved_and_the_summary_follows(client: Client, admin: User, topics: list[Topic]) -> None:
    one = programme("Оценка")
    case = CaseFactory(completion=CompletionFactory(course=CourseFactory(programme=one)))
    sweep()

    answer = post(client, one, **{f"topic_{one.pk}": topics[0].pk, "do": "rows"})

    assert answer.status_code == 302
    assert topic_of(one) == topics[0]
    sweep()
    assert Entry.objects.get(case=case).topic == topics[0]
    line = LogEntry.objects.get(action="changed")
    assert (line.actor, line.about, line.note) == (admin, one, "тематика: Формирующее оценивание")


def test_one_topic_for_all_that_are_ticked(client: Client, admin: User, topics: list[Topic]) -> None:
    first, second, third = (programme(f"Программа {number}") for number in range(3))

    post(client, first, second, third, do="bulk", pick=[first.pk, third.pk], topic_all=topics[1].pk)

    assert [topic_of(one) for one in (first, second, third)] == [topics[1], None, topics[1]]


def test_each_its_own_suggestion(client: Client, admin: User, topics: list[Topic]) -> None:
    first, second, plain = programme("Оценивание"), programme("Грамотность"), programme("Урок")

    post(client, first, second, plain, do="suggested", pick=[first.pk, second.pk, plain.pk])

    assert [topic_of(one) for one in (first, second, plain)] == [*topics, None]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"do": "bulk", "topic_all": "1"}, "Отметьте программы"),
        ({"do": "suggested"}, "Отметьте программы"),
        ({"do": "bulk", "pick": "PICK"}, "Выберите тематику"),
        ({"do": "bulk", "pick": "PICK", "topic_all": "999999"}, "Выберите тематику"),
    ],
)
def test_what_is_missing_is_said_and_what_was_chosen_stays(
    client: Client, admin: User, topics: list[Topic], fields: dict[str, Any], sentence: str
) -> None:
    one = programme("Оценка")
    if fields.get("pick") == "PICK":
        fields = fields | {"pick": one.pk}

    answer = post(client, one, **{f"topic_{one.pk}": topics[1].pk}, **fields)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert [chosen for _, _, chosen in answer.context["rows"]] == [topics[1].pk]
    assert topic_of(one) is None


def test_somebody_elses_word_is_not_overwritten(client: Client, admin: User, topics: list[Topic]) -> None:
    one = programme("Оценка")
    Programme.objects.filter(pk=one.pk).update(topic=topics[0])

    answer = post(client, one, **{f"topic_{one.pk}": topics[1].pk, "do": "rows"})

    assert topic_of(one) == topics[0]
    assert "поправил кто-то другой: 1" in client.get(answer["Location"]).content.decode()


def test_nonsense_changes_nothing(client: Client, admin: User, topics: list[Topic]) -> None:
    one = programme("Оценка")

    client.post(ADDRESS, {"row": ["x", "99999999999999999999", one.pk], f"topic_{one.pk}": "<b>", "do": "rows"})
    client.post(ADDRESS, {"row": [one.pk], f"topic_{one.pk}": "999999", "do": "rows"})

    assert topic_of(one) is None


@pytest.mark.parametrize("role", [Role.CURATOR, Role.OBSERVER, "teacher"])
def test_for_others_the_page_does_not_exist(client: Client, role: str) -> None:
    client.force_login(person_with(role))

    assert client.get(reverse("courses:programmes")).status_code == 404
