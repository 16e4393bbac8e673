"""Answering: once without names, until the end with names, by a link without a login; kindly refused afterwards."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.links import make_link, new_public_id
from cabinet.polls.models import Answer, Option, Participant, Poll, Question
from cabinet.polls.services.answering import Outcome, answer_by_link, answer_without_name, form_token
from cabinet.polls.services.ending import reissue_link
from cabinet.users.models import LogEntry, Role, User
from tests.factories import UserFactory, person_with
from tests.polls.polls import PollFactory, asked_in, option, question_of

pytestmark = pytest.mark.django_db


def page(poll: Poll) -> str:
    return reverse("polls:answer", args=[poll.pk])


def by_link(poll: Poll) -> str:
    return reverse("polls:answer_link", args=[poll.link])


def tallies(question: Question) -> list[int]:
    return list(question.options.values_list("tally", flat=True))


# --- In the cabinet ----------------------------------------------------------------------------------------------


def test_it_is_said_first_what_is_kept_and_who_sees_it(client: Client) -> None:
    for fields, words in (
        ({}, ["Ответ без имени", "Изменить ответ потом нельзя", "сколько человек ответили"]),
        ({"is_anonymous": False}, ["Ответ с именем", "Изменить ответы можно"]),
    ):
        poll = PollFactory(**fields)
        question_of(poll)
        (person,) = asked_in(poll)
        client.force_login(person)
        text = client.get(page(poll)).content.decode()
        assert not [one for one in words if one not in text]
        assert text.index(words[0]) < text.index("Вопрос 1?")
        assert (poll.author.full_name in text.split('id="promise"')[1]) is not poll.is_anonymous


def test_only_those_asked_get_in(client: Client) -> None:
    poll = PollFactory()
    question_of(poll)
    assert client.get(page(poll)).status_code == 302
    for stranger in (poll.author, UserFactory(email="a@example.org", organization=poll.organization)):
        client.force_login(stranger)
        assert client.get(page(poll)).status_code == 404
        assert client.post(page(poll)).status_code == 404
    assert client.put(page(poll)).status_code == 405


def test_a_second_answer_adds_nothing(client: Client) -> None:
    poll = PollFactory()
    question = question_of(poll)
    (person,) = asked_in(poll)
    client.force_login(person)

    first = client.post(page(poll), {f"q{question.pk}": option(question).pk}, follow=True)
    second = client.post(page(poll), {f"q{question.pk}": option(question, 2).pk}, follow=True)

    assert "Спасибо! Ваш ответ учтён" in first.content.decode()
    assert "второй раз ничего не прибавилось" in second.content.decode()
    assert tallies(question) == [1, 0]
    assert answer_without_name(poll, person, {question.pk: [option(question, 2).pk]}) is Outcome.ALREADY
    assert Question.objects.get().base == 1
    assert "изменить" in client.get(page(poll)).content.decode().lower()


def test_what_is_required_is_asked_for_and_nothing_is_kept(client: Client) -> None:
    poll = PollFactory()
    one, many = question_of(poll), question_of(poll, "many", ("а", "б"))
    (person,) = asked_in(poll)
    client.force_login(person)

    response = client.post(page(poll), {f"q{one.pk}": option(one).pk})

    assert response.status_code == 422
    assert f'href="#id_q{many.pk}"' in response.content.decode()
    assert "checked" in response.content.decode()  # what was chosen stays
    assert not Participant.objects.get().has_answered
    assert tallies(one) == [0, 0]


def test_a_question_may_be_passed_over(client: Client) -> None:
    poll = PollFactory()
    one, free = question_of(poll), question_of(poll, "one", ("а", "б"), is_required=False)
    (person,) = asked_in(poll)
    client.force_login(person)

    assert "Без ответа" in client.get(page(poll)).content.decode()
    client.post(page(poll), {f"q{one.pk}": option(one).pk, f"q{free.pk}": ""})

    assert list(poll.questions.values_list("base", flat=True)) == [1, 0]
    assert tallies(free) == [0, 0]


@pytest.mark.parametrize("value", ["", "x", "99999999999999999999", "<b>"])
def test_an_option_of_another_question_is_refused(client: Client, value: str) -> None:
    poll, other = PollFactory(), PollFactory()
    question, foreign = question_of(poll), question_of(other)
    (person,) = asked_in(poll)
    client.force_login(person)

    response = client.post(page(poll), {f"q{question.pk}": value or option(foreign).pk})

    assert response.status_code == 422
    assert not Option.objects.exclude(tally=0).exists()


def test_with_names_answers_may_be_changed(client: Client) -> None:
    poll = PollFactory(is_anonymous=False)
    question = question_of(poll, "many", ("а", "б", "в"))
    (person,) = asked_in(poll)
    client.force_login(person)

    client.post(page(poll), {f"q{question.pk}": [option(question).pk, option(question, 2).pk]})
    assert client.get(page(poll)).content.decode().count("checked") == 2
    client.post(page(poll), {f"q{question.pk}": [option(question, 2).pk, option(question, 3).pk]})
    again = client.post(page(poll), {f"q{question.pk}": [option(question, 2).pk, option(question, 3).pk]}, follow=True)

    assert "ничего не изменилось" in again.content.decode()
    assert sorted(Answer.objects.values_list("option__text", flat=True)) == ["б", "в"]
    assert LogEntry.objects.filter(action="answered", actor=person, about_id=poll.pk).count() == 2
    assert tallies(question) == [0, 0, 0]  # sums are of answers without a name
    assert not Question.objects.exclude(base=0).exists()


def test_a_late_answer_is_refused_kindly(client: Client) -> None:
    poll = PollFactory()
    question = question_of(poll)
    (person,) = asked_in(poll)
    client.force_login(person)
    Poll.objects.update(closes_on=today() - timedelta(days=1))  # past midnight, and nobody has closed it yet

    assert client.get(page(poll)).status_code == 200
    response = client.post(page(poll), {f"q{question.pk}": option(question).pk})

    assert response.status_code == 409
    assert "уже не учтён" in response.content.decode()
    assert answer_without_name(poll, person, {question.pk: [option(question).pk]}) is Outcome.OVER
    assert not Participant.objects.get().has_answered
    assert tallies(question) == [0, 0]


def test_hostile_words_are_words(client: Client) -> None:
    poll = PollFactory(title="<b>Сбор</b> {ссылка}", text="<script>1</script>\n{дела}")
    question = question_of(poll, "one", ("<i>а</i>", "=1+1"))
    Question.objects.update(text="<img src=x>")
    (person,) = asked_in(poll)
    client.force_login(person)

    for address in (page(poll), poll.get_absolute_url(), reverse("polls:polls")):
        text = client.get(address).content.decode()
        assert not [one for one in ("<b>Сбор", "<script>1", "<i>а", "<img src=x") if one in text]
    client.post(page(poll), {f"q{question.pk}": option(question, 2).pk})
    assert tallies(question) == [0, 1]


# --- By the common link ------------------------------------------------------------------------------------------


def token_on(text: str) -> str:
    return text.split('name="token" value="')[1].split('"')[0]


@pytest.fixture
def linked() -> Poll:
    poll = PollFactory(is_by_link=True)
    question_of(poll)
    return poll


def test_by_link_nobody_logs_in_and_opening_counts_nothing(client: Client, linked: Poll) -> None:
    question = linked.questions.get()
    response = client.get(by_link(linked))
    client.head(by_link(linked))

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.cookies.keys() - {"csrftoken"}
    assert "останется отметка" in response.content.decode()
    assert tallies(question) == [0, 0]

    token = token_on(response.content.decode())
    sent = client.post(by_link(linked), {"token": token, f"q{question.pk}": option(question).pk}, follow=True)

    assert "Спасибо, ответ учтён" in sent.content.decode()
    assert tallies(question) == [1, 0]
    linked.refresh_from_db()
    assert (linked.by_link, linked.participants.count()) == (1, 0)
    assert not LogEntry.objects.exists()


def test_the_same_form_twice_counts_once(client: Client, linked: Poll) -> None:
    question = linked.questions.get()
    token = token_on(client.get(by_link(linked)).content.decode())
    answer = {"token": token, f"q{question.pk}": option(question).pk}

    client.post(by_link(linked), answer)
    client.cookies.clear()  # even a browser that keeps nothing
    client.post(by_link(linked), answer, follow=True)

    assert tallies(question) == [1, 0]
    assert Poll.objects.get().by_link == 1


def test_a_second_visit_finds_the_mark_and_a_colleague_the_way_past_it(client: Client, linked: Poll) -> None:
    question = linked.questions.get()
    for number in (1, 2):
        text = client.get(by_link(linked) + ("?again=1" if number == 2 else "")).content.decode()
        client.post(by_link(linked), {"token": token_on(text), f"q{question.pk}": option(question, number).pk})
        assert "С этого браузера на опрос уже ответили" in client.get(by_link(linked)).content.decode()
    assert tallies(question) == [1, 1]
    mark = next(value for name, value in client.cookies.items() if name.startswith("poll-"))
    assert mark["httponly"]
    assert mark.value.startswith("1:")  # that he answered, not what


def test_a_made_up_form_counts_nothing(client: Client, linked: Poll) -> None:
    question = linked.questions.get()
    other = PollFactory(is_by_link=True)
    for token in ("", "x", form_token(other)):
        response = client.post(by_link(linked), {"token": token, f"q{question.pk}": option(question).pk})
        assert response.status_code == 422
        assert "Страница устарела" in response.content.decode()
        assert token_on(response.content.decode()) not in ("", "x", form_token(other))
    assert tallies(question) == [0, 0]


def test_a_failure_leaves_the_form_good(linked: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    from cabinet.polls.services import answering

    question, token = linked.questions.get(), form_token(linked)
    with monkeypatch.context() as patch:
        patch.setattr(answering, "_add", lambda *args: int("x"))
        with pytest.raises(ValueError):
            answer_by_link(linked, {question.pk: [option(question).pk]}, token)

    assert answer_by_link(linked, {question.pk: [option(question).pk]}, token) is Outcome.TAKEN
    assert (Poll.objects.get().by_link, tallies(question)) == (1, [1, 0])


def test_guessed_links_and_those_of_other_polls_do_not_exist(client: Client, linked: Poll) -> None:
    draft, inside = PollFactory(is_by_link=True, state="draft"), PollFactory()
    guessed = [make_link(new_public_id(), 1), linked.public_id + "x" * 22, "x", draft.link, inside.link]
    guessed += [make_link(linked.public_id, linked.link_version + 1)]
    for link in guessed:
        assert client.get(reverse("polls:answer_link", args=[link])).status_code == 404, link
        assert client.post(reverse("polls:answer_link", args=[link])).status_code == 404, link


def test_a_former_link_is_over_and_tells_nothing(client: Client, linked: Poll) -> None:
    former, question = by_link(linked), linked.questions.get()
    token = form_token(linked)
    assert reissue_link(linked, actor=linked.author, version=1)
    assert not reissue_link(linked, actor=linked.author, version=1)  # the second click

    response = client.get(former)
    assert response.status_code == 200
    assert "Опрос завершён" in response.content.decode()
    assert linked.title not in response.content.decode()
    assert client.post(former, {"token": token, f"q{question.pk}": option(question).pk}).status_code == 409
    assert tallies(question) == [0, 0]
    assert client.get(by_link(linked)).status_code == 200


def test_after_the_end_a_link_says_so(client: Client, linked: Poll) -> None:
    question, token = linked.questions.get(), form_token(linked)
    Poll.objects.update(closes_on=today() - timedelta(days=1))
    assert "Опрос завершён" in client.get(by_link(linked)).content.decode()
    response = client.post(by_link(linked), {"token": token, f"q{question.pk}": option(question).pk})
    assert response.status_code == 409
    assert "уже не учтён" in response.content.decode()
    assert tallies(question) == [0, 0]


def test_a_logged_in_person_stays_unknown_by_the_link(client: Client, linked: Poll) -> None:
    person: User = person_with(Role.METHODIST, linked.organization)
    client.force_login(person)
    text = client.get(by_link(linked)).content.decode()
    question = linked.questions.get()
    client.post(by_link(linked), {"token": token_on(text), f"q{question.pk}": option(question).pk})
    assert person.last_name not in text
    assert not LogEntry.objects.exists()
    assert not Participant.objects.exists()
