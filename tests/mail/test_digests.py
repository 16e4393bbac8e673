"""What a person asked to have in one letter a day; what comes at once all the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cabinet.mail import digests
from cabinet.mail.choices import choices_of, choose, next_daily
from cabinet.mail.digests import write_digests
from cabinet.mail.models import Letter, LetterChoice
from cabinet.mail.services import queue_letter, send_all_owed
from cabinet.mail.texts import compose
from cabinet.users.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
DAILY = {"tasks": "daily"}


@pytest.fixture
def person() -> User:
    return UserFactory(email="teacher@example.org")


def write(person: User, kind: str = "task.given", number: int = 1, **fields: Any) -> Letter:
    values = {"subject": f"Новая задача: план {number}", "body": "Текст.\n\nhttp://127.0.0.1:8000/tasks/5/"} | fields
    queue_letter(key=f"{kind}.{person.pk}.{number}", kind=kind, to=person, **values)
    return Letter.objects.get(key=f"{kind}.{person.pk}.{number}")


def state(letter: Letter) -> str:
    return Letter.objects.get(pk=letter.pk).state


def tomorrow() -> None:
    """The hour of the daily letter has come."""
    Letter.objects.filter(state="held").update(due_at=timezone.now() - timedelta(minutes=1))


def test_by_default_everything_comes_at_once(person: User) -> None:
    letter = write(person)
    send_all_owed()
    assert state(letter) == "kept"
    assert set(choices_of(person).values()) == {"at_once"}


def test_several_become_one_letter_in_the_morning(person: User) -> None:
    choose(person, DAILY)
    letters = [write(person, number=number) for number in (1, 2)]
    other = write(UserFactory(email="other@example.org"))
    send_all_owed()
    assert [state(one) for one in (*letters, other)] == ["held", "held", "kept"]
    assert send_all_owed() == 0, "what is held is not owed"
    assert write_digests() == 0, "not before its hour"
    assert Letter.objects.get(pk=letters[0].pk).due_at == next_daily()
    tomorrow()
    assert (write_digests(), write_digests()) == (1, 0)
    daily = Letter.objects.get(kind="digest.daily")
    assert daily.subject == "За день в кабинете: 2\xa0новости"
    assert daily.body.count("— Новая задача: план") == 2
    assert daily.body.count("http://127.0.0.1:8000/tasks/5/") == 2
    assert [Letter.objects.get(pk=one.pk).digest for one in letters] == [daily, daily]
    assert [state(one) for one in letters] == ["digested", "digested"]
    send_all_owed()
    assert state(daily) == "kept", "the daily letter itself is not kept for a daily letter"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("account.code", "Код 123456"),
        ("motor.outcome_teacher", "Ваш результат: {ссылка}"),
        ("motor.remind.several", "Ждут ответа: {дела}"),
        ("digest.daily", "Новости"),
        ("somebody.else", "О чём-то ещё"),
    ],
)
def test_some_come_at_once_whatever_was_chosen(person: User, kind: str, body: str) -> None:
    choose(person, dict.fromkeys(choices_of(person), "daily"))
    letter = write(person, kind, body=body)
    send_all_owed()
    assert state(letter) != "held"


def test_who_changes_his_mind_gets_what_was_kept_at_once(person: User) -> None:
    choose(person, DAILY | {"events": "daily"})
    letter, event = write(person), write(person, "event.invited")
    send_all_owed()
    choose(person, {"tasks": "at_once"})
    send_all_owed()
    assert (state(letter), state(event)) == ("kept", "held")


def test_person_who_left_gets_no_daily_letter(person: User) -> None:
    choose(person, DAILY)
    letter = write(person)
    send_all_owed()
    User.objects.filter(pk=person.pk).update(is_active=False)
    tomorrow()
    assert write_digests() == 0
    assert state(letter) == "cancelled"


def test_braces_in_somebodys_words_stay_words(person: User) -> None:
    choose(person, DAILY)
    write(person, subject="Новая задача: {ссылка} <b>")
    send_all_owed()
    tomorrow()
    write_digests()
    send_all_owed()
    daily = Letter.objects.get(kind="digest.daily")
    assert "{{ссылка}} <b>" in daily.body
    assert daily.state == "kept"


def test_page_keeps_the_choice_and_shows_what_is_kept(client: Client, person: User) -> None:
    client.force_login(person)
    chosen = dict.fromkeys(choices_of(person), "at_once") | DAILY
    assert client.post("/letters/mine/", chosen).status_code == 302
    assert LetterChoice.objects.get(person=person, group="tasks").how == "daily"
    write(person, subject="Новая задача: <b>темы</b>")
    send_all_owed()
    content = client.get("/letters/mine/").content.decode()
    assert "Новая задача: &lt;b&gt;темы&lt;/b&gt;" in content
    assert client.post("/letters/mine/", chosen | {"tasks": "never"}).status_code == 422
    client.logout()
    assert client.get("/letters/mine/").status_code == 302


def test_one_letter_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [UserFactory(email=f"p{n}@example.org", first_name=name) for n, name in enumerate(("Яна", "Ия", "Ева"))]
    for one in people:
        choose(one, DAILY)
        write(one)
    send_all_owed()
    tomorrow()

    def compose_but_one(code: str, values: dict[str, str]) -> tuple[str, str]:
        if values["имя"] == people[1].polite_name:
            raise KeyError(code)
        return compose(code, values)

    monkeypatch.setattr(digests, "compose", compose_but_one)
    assert write_digests() == 2
    monkeypatch.undo()
    assert write_digests() == 1, "the next sweep tries again"


@pytest.mark.parametrize("fails", [False, True])
def test_rest_follows_at_once(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(digests, "BATCH", 2)
    monkeypatch.setattr(digests, "hurry", asked.append)
    for number in range(3):
        person = UserFactory(email=f"p{number}@example.org")
        choose(person, DAILY)
        write(person)
    send_all_owed()
    tomorrow()
    if fails:
        monkeypatch.setattr(digests, "compose", lambda code, values: {}[code])
    assert [write_digests(), write_digests()] == ([0, 0] if fails else [2, 1])
    assert asked == ([] if fails else ["mail.write_digests"])
