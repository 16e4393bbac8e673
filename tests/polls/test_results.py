"""What is shown of results and to whom: under five nothing, near-unanimous words, the base beside every share."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.core.suppression import is_small
from cabinet.polls.models import Participant, Poll
from cabinet.polls.reference import load_example
from cabinet.polls.services.breakdown import FEWER, HIDDEN, breakdown_of
from cabinet.polls.services.results import ALL, NOBODY, NOT_OVER, NOT_YET, TOO_FEW, results_of
from cabinet.users.models import LogEntry, Role
from tests.factories import MunicipalityFactory, OrganizationFactory, UserFactory, person_with
from tests.polls.polls import PollFactory, asked_in, named, nameless, option, question_of

pytestmark = pytest.mark.django_db


def closed(**fields: object) -> Poll:
    return PollFactory(**({"state": "closed", "closes_on": today() - timedelta(days=1)} | fields))


def counts(poll: Poll, reader: object = None) -> list[list[int | str | None]]:
    results = results_of(poll, reader or poll.author)  # type: ignore[arg-type]
    assert results.why_not == ""
    return [[row.words or row.count for row in one.rows] for one in results.questions]


def test_under_five_answers_there_are_no_shares_for_anybody() -> None:
    for answered, why in ((4, TOO_FEW), (5, "")):
        poll = closed()
        question_of(poll)
        nameless(poll, (answered - 2, 2))
        assert results_of(poll, poll.author).why_not == why
        assert bool(results_of(poll, poll.author).questions) is not bool(why)


def test_under_five_with_names_neither() -> None:
    poll = closed(is_anonymous=False)
    question = question_of(poll)
    for one in asked_in(poll, 4):
        named(poll, one, option(question))
    assert results_of(poll, poll.author).why_not == TOO_FEW
    assert results_of(poll, person_with(Role.ADMIN)).why_not == TOO_FEW


def test_a_question_answered_by_fewer_than_five_is_left_out() -> None:
    poll = closed()
    question_of(poll)
    question_of(poll, "one", ("а", "б"), is_required=False)
    nameless(poll, (6, 6), (3, 1))
    first, second = results_of(poll, poll.author).questions
    assert [(row.count, row.share) for row in first.rows] == [(6, "50\u00a0%"), (6, "50\u00a0%")]
    assert (second.rows, second.base) == ([], None)
    assert "меньше 5" in second.why_not


def test_without_names_nothing_is_shown_before_the_end() -> None:
    poll = PollFactory()
    question_of(poll)
    nameless(poll, (10, 10))
    for reader in (poll.author, person_with(Role.ADMIN), Participant.objects.all()[0].person):
        results = results_of(poll, reader)
        assert (results.why_not, results.questions) == (NOT_YET, [])
        assert (results.asked, results.answered) == (20, 20)  # how many, never who


def test_with_names_the_author_looks_on_and_the_others_wait() -> None:
    poll = PollFactory(is_anonymous=False)
    question = question_of(poll)
    people = asked_in(poll, 6)
    for one in people[:5]:
        named(poll, one, option(question))
    assert counts(poll) == [[5, 0]]
    assert results_of(poll, people[0]).why_not == NOT_OVER
    assert results_of(poll, person_with(Role.ADMIN)).why_not == NOT_OVER


@pytest.mark.parametrize(
    ("tallies", "shown"),
    [
        ((5, 0), [ALL, NOBODY]),
        ((4, 1), [ALL, NOBODY]),  # the same words: «all» would tell everybody's answer
        ((0, 19), [NOBODY, ALL]),
        ((3, 2), [3, 2]),
        ((20, 0), [20, 0]),
        ((17, 2), [17, 2]),
    ],
)
def test_near_unanimous_answers_of_a_few_are_said_in_words(tallies: tuple[int, int], shown: list[int | str]) -> None:
    poll = closed()
    question_of(poll)
    nameless(poll, tallies)
    assert counts(poll) == [shown]


def test_of_three_options_the_words_do_not_give_the_lonely_one_away() -> None:
    poll = closed()
    question_of(poll, "one", ("а", "б", "в"))
    nameless(poll, (7, 1, 0))
    assert counts(poll) == [[ALL, NOBODY, NOBODY]]


def test_of_several_answers_each_option_is_looked_at_apart() -> None:
    poll = closed()
    question_of(poll, "many", ("а", "б", "в", "г"))
    nameless(poll, (8, 7, 4, 1), answered=8)
    assert counts(poll) == [[ALL, ALL, 4, NOBODY]]
    assert results_of(poll, poll.author).questions[0].base == 8


def test_the_page_has_the_base_the_bar_and_the_share(client: Client) -> None:
    poll = closed()
    question_of(poll)
    nameless(poll, (18, 6))
    asked_in(poll, 6)
    client.force_login(poll.author)

    text = client.get(reverse("polls:results", args=[poll.pk])).content.decode()

    assert "Ответили 24 из 30, 80\u00a0%" in text
    assert "n = 24" in text
    assert '<progress value="75.0" max="100"' in text
    assert "25\u00a0%" in text


def test_of_a_link_it_is_said_that_it_is_common(client: Client) -> None:
    poll = closed(is_by_link=True)
    question_of(poll)
    nameless(poll, (18, 6))
    client.force_login(poll.author)
    text = client.get(reverse("polls:results", args=[poll.pk])).content.decode()
    assert "24\u00a0ответа по общей ссылке" in text
    assert "не отвечал ли кто-то дважды" in text


def test_who_may_open_the_results(client: Client) -> None:
    poll = closed()
    question_of(poll)
    nameless(poll, (6, 6))
    stranger = person_with(Role.HEAD, OrganizationFactory())
    colleague = person_with(Role.METHODIST, poll.organization)
    for name in ("polls:results", "polls:excel"):
        address = reverse(name, args=[poll.pk])
        assert client.get(address).status_code == 302
        for reader, status in (
            (poll.author, 200),
            (person_with(Role.ADMIN), 200),
            (Participant.objects.all()[0].person, 200),
            (stranger, 404),
            (colleague, 404),
            (person_with(Role.OBSERVER), 404),
        ):
            client.force_login(reader)
            assert client.get(address).status_code == status, reader
            assert client.post(address).status_code == 405
        client.logout()


def test_the_observer_sees_closed_polls_of_the_region_without_people(client: Client) -> None:
    observer = person_with(Role.OBSERVER)
    region = closed(scope="region", author=person_with(Role.ADMIN, last_name="Авторова"))
    question_of(region)
    nameless(region, (6, 6))
    hidden = [PollFactory(scope="region"), closed(), closed(municipality=MunicipalityFactory())]
    hidden += [PollFactory(scope="region", state="draft")]
    assert set(Poll.objects.visible_to(observer)) == {region}
    client.force_login(observer)
    for address in (reverse("polls:polls"), region.get_absolute_url(), reverse("polls:results", args=[region.pk])):
        response = client.get(address)
        assert response.status_code == 200
        assert "Авторова" not in response.content.decode()
    for poll in hidden:
        assert client.get(poll.get_absolute_url()).status_code == 404


# --- Excel -------------------------------------------------------------------------------------------------------


def sheet(client: Client, poll: Poll) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(BytesIO(client.get(reverse("polls:excel", args=[poll.pk])).content))
    return {one.title: list(one.iter_rows(values_only=True)) for one in book}


def test_the_workbook_says_what_the_page_says(client: Client) -> None:
    poll = closed(title="=1+1")
    question_of(poll, "one", ("=HYPERLINK(1)", "б", "в"))
    nameless(poll, (11, 6, 7))
    client.force_login(poll.author)

    found = sheet(client, poll)

    assert found["Результаты"][1] == (1, "Вопрос 1?", "=HYPERLINK(1)", 11, 45.8, 24)
    assert set(found) == {"Результаты", "Об опросе"}
    assert LogEntry.objects.filter(action="exported", actor=poll.author, about_id=poll.pk).count() == 1
    book = load_workbook(BytesIO(client.get(reverse("polls:excel", args=[poll.pk])).content))
    assert book["Результаты"]["C2"].data_type == "s"


def test_names_are_in_the_authors_workbook_only(client: Client) -> None:
    poll = closed(is_anonymous=False)
    question = question_of(poll)
    people = asked_in(poll, 6)
    for one in people:
        named(poll, one, option(question))
    client.force_login(poll.author)
    assert [row[0] for row in sheet(client, poll)["Ответы"][1:]] == [one.full_name for one in people]
    client.force_login(person_with(Role.ADMIN))
    assert "Ответы" not in sheet(client, poll)


# --- By places ---------------------------------------------------------------------------------------------------


def regional(sizes: dict[str, tuple[int, int]]) -> Poll:
    """With names, in the region: place → how many said yes and no."""
    poll = closed(scope="region", is_anonymous=False)
    question = question_of(poll)
    for name, (yes, no) in sizes.items():
        school = OrganizationFactory(municipality=MunicipalityFactory(name=name))
        for number, one in enumerate(asked_in(poll, yes + no, organization=school)):
            named(poll, one, option(question, 1 if number < yes else 2))
    return poll


def test_groups_under_five_are_hidden_and_what_gives_them_away() -> None:
    poll = regional({"Альфа": (10, 9), "Бета": (2, 1), "Вега": (8, 7)})
    found = breakdown_of(results_of(poll, person_with(Role.ADMIN)))
    assert found is not None
    rows = {row.name.split()[0]: (row.base, [said for said, _ in row.cells]) for row in found.tables[0].rows}
    assert rows["Бета"][0] in (FEWER, HIDDEN)
    assert all(said in (FEWER, HIDDEN) for said in rows["Бета"][1])
    # The total is known: with one group hidden it would be the difference.
    assert [name for name, (base, _) in rows.items() if base in (FEWER, HIDDEN)] != ["Бета"]
    shown = [int(said) for base, cells in rows.values() for said in (base, *cells) if said.isdigit()]
    assert not [value for value in shown if is_small(value)]
    assert found.has_hidden


def test_large_groups_are_shown_with_their_base() -> None:
    poll = regional({"Альфа": (10, 10), "Бета": (15, 5)})
    found = breakdown_of(results_of(poll, person_with(Role.ADMIN)))
    assert found is not None
    rows = {row.name.split()[0]: (row.base, row.cells) for row in found.tables[0].rows}
    assert rows["Бета"] == ("20", [("15", "75\u00a0%"), ("5", "25\u00a0%")])


def test_there_is_no_division_without_names_nor_of_few() -> None:
    few = regional({"Альфа": (6, 3), "Бета": (5, 5)})
    assert breakdown_of(results_of(few, few.author)) is None
    poll = closed(scope="region", author=few.author)
    question_of(poll)
    nameless(poll, (20, 20))
    assert breakdown_of(results_of(poll, few.author)) is None


def test_results_take_the_same_queries_whatever_the_rows(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    small = regional({"Альфа": (20, 5), "Бета": (20, 9)})
    large = regional({"Вега": (9, 9), "Гамма": (5, 6), "Дельта": (9, 9)})
    question_of(large, "many", ("а", "б", "в"), is_required=False)
    client.force_login(person_with(Role.ADMIN))
    client.get(reverse("polls:polls"))
    for poll in (small, large):
        with django_assert_num_queries(13):
            client.get(reverse("polls:results", args=[poll.pk]))


# --- The shipped example -----------------------------------------------------------------------------------------


def test_the_example_says_its_source_and_what_the_source_does_not_say(client: Client) -> None:
    assert (load_example(), load_example()) == (1, 0)
    poll = Poll.objects.get()
    client.force_login(UserFactory(email="t@example.org"))

    text = client.get(reverse("polls:results", args=[poll.pk])).content.decode()

    assert text.count("95,8\u00a0%") == text.count("4,2\u00a0%") == 2
    assert "«Первичные результаты опроса», презентация ИРО ПК" in text
    assert "размер выборки в источнике не указан" in text
    assert "23 и 1 из 24" in text
    assert "n =" not in text
    assert client.get(poll.get_absolute_url()).status_code == 200
    assert "Провести такой же" not in text


def test_the_example_is_read_only_and_may_be_copied(client: Client) -> None:
    load_example()
    example = Poll.objects.get()
    admin, head = person_with(Role.ADMIN), person_with(Role.HEAD, OrganizationFactory())
    client.force_login(admin)
    for name in ("edit", "open", "close", "end", "remove", "preview"):
        assert client.get(reverse(f"polls:{name}", args=[example.pk])).status_code == 404, name
    client.force_login(head)
    assert "Провести такой же опрос" in client.get(example.get_absolute_url()).content.decode()
    client.post(reverse("polls:copy", args=[example.pk]))
    copy = Poll.objects.get(is_example=False)
    assert (copy.author, copy.state, copy.organization, copy.source) == (head, "draft", head.organization, "")
    assert [one.text for one in copy.questions.all()] == [one.text for one in example.questions.all()]
    assert not copy.questions.exclude(options__source_percent=None).exists()
    client.force_login(UserFactory(email="t@example.org"))
    assert client.post(reverse("polls:copy", args=[example.pk])).status_code == 404
