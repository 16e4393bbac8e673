"""Acts with a request: who may, what changes, once only, whom a letter tells."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import User
from rma import origins
from rma.models import Activity, Request
from rma.origins import Origin
from rma.services import asking
from rma.services.asking import RequestRefused
from rma.views import answering
from tests.factories import OrganizationFactory, UserFactory
from tests.rma.asked import around, direct

pytestmark = pytest.mark.django_db
TOMORROW = today() + timedelta(days=1)
DONE = {"on": today().isoformat(), "result": "Разобрали", "hours": "1.5", "people_count": "1"}
# act → (state it begins in, who does it, what is posted, state after, letter, to whom)
ACTS: dict[str, tuple[str, str, dict[str, str], str, str, str]] = {
    "accept": ("sent", "member", {"comment": "Смогу"}, "accepted", "rma.accepted", "author"),
    "propose": ("sent", "member", {"on": TOMORROW.isoformat()}, "proposed", "rma.proposed", "author"),
    "decline": ("sent", "member", {"reason": "Отпуск"}, "declined", "rma.declined", "author"),
    "agree": ("proposed", "author", {}, "accepted", "rma.agreed", "member"),
    "withdraw": ("accepted", "author", {"reason": "Уже не нужно"}, "withdrawn", "rma.withdrawn", "member"),
    "done": ("accepted", "member", DONE, "done", "rma.done", "author"),
}


def act(client: Client, user: User, request: Request, name: str, data: dict[str, str] | None = None) -> Any:
    client.force_login(user)
    address = reverse("rma:request_act", args=[request.pk, name])
    return client.get(address) if data is None else client.post(address, data)


def letters() -> list[tuple[str, int | None]]:
    return sorted(Letter.objects.values_list("kind", "to"))


def made(status: str, **fields: Any) -> Request:
    return direct(status=status, proposed_on=TOMORROW, **fields)


@pytest.mark.parametrize("name", ACTS)
def test_act_moves_the_request_and_tells_the_other_side_once(client: Client, name: str) -> None:
    status, who, data, after, letter, to = ACTS[name]
    request = made(status)
    people = around(request)

    for _ in range(2):
        answer = act(client, people[who], request, name, data)
        assert (answer.status_code, answer.url) == (302, request.get_absolute_url())

    request.refresh_from_db()
    assert request.status == after
    assert letters() == [(letter, people[to].pk)]


@pytest.mark.parametrize("name", ACTS)
def test_act_belongs_to_its_side(client: Client, name: str) -> None:
    status, who, data, *_ = ACTS[name]
    request = made(status)
    people = around(request)
    others = set(people) - {who} - ({"municipal", "admin"} if who == "author" else set())

    answers = {one: act(client, people[one], request, name, data).status_code for one in others}

    request.refresh_from_db()
    assert request.status == status
    # The sides are told that it is not theirs to do; for the others there is nothing.
    told = {"author", "municipal", "admin", "member"} - {who}
    assert {one for one, code in answers.items() if code != 404} == told & others
    assert letters() == []


@pytest.mark.parametrize("name", ACTS)
def test_act_shows_a_page_first(client: Client, name: str) -> None:
    status, who, *_ = ACTS[name]
    request = made(status)
    page = act(client, around(request)[who], request, name)
    assert page.status_code == 200
    assert answering.ACTS[name].button in page.content.decode()


@pytest.mark.parametrize("name", ACTS)
def test_act_that_came_too_late_changes_nothing(client: Client, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    status, who, data, *_ = ACTS[name]
    request = made(status)
    user = around(request)[who]
    seen = answering.visible

    def slow(reader: User, pk: int) -> Request:
        found = seen(reader, pk)
        Request.objects.filter(pk=pk).update(status="withdrawn")  # somebody else, a moment before
        return found

    monkeypatch.setattr(answering, "visible", slow)
    answer = act(client, user, request, name, data)

    assert answer.status_code == 302
    request.refresh_from_db()
    assert (request.status, letters()) == ("withdrawn", [])
    assert Activity.objects.count() == 0


REFUSED = [
    ("propose", "sent", {"on": "2020-01-10", "comment": "Мои слова"}, "Этот день уже прошёл"),
    ("propose", "sent", {"on": "вчера", "comment": "Мои слова"}, "Такой даты нет"),
    ("decline", "sent", {"reason": " "}, "Напишите причину"),
    ("done", "accepted", DONE | {"result": "", "hours": "30"}, "Не больше суток"),
    ("done", "accepted", DONE | {"on": TOMORROW.isoformat()}, "Этот день ещё не наступил"),
    ("done", "accepted", DONE | {"people_count": "0"}, "Хотя бы один человек"),
]


@pytest.mark.parametrize(("name", "status", "data", "said"), REFUSED)
def test_refused_form_keeps_the_words(client: Client, name: str, status: str, data: dict[str, str], said: str) -> None:
    request = made(status)
    answer = act(client, around(request)["member"], request, name, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert all(value in page for value in data.values() if value.strip())


def test_unknown_act_is_not_there(client: Client) -> None:
    request = direct()
    assert act(client, request.author, request, "burn", {}).status_code == 404


def test_anonymous_is_sent_to_the_login(client: Client) -> None:
    request = direct()
    answer = client.post(reverse("rma:request_act", args=[request.pk, "accept"]))
    assert answer.url.startswith(reverse("account_login"))  # type: ignore[attr-defined]


def test_agreed_day_is_the_proposed_one(client: Client) -> None:
    request = made("proposed")
    act(client, request.author, request, "agree", {})
    request.refresh_from_db()
    assert (request.agreed_on, request.due_on) == (TOMORROW, TOMORROW)


# --- The offered line ------------------------------------------------------------------------------------------------


def line() -> tuple[Any, ...]:
    one = Activity.objects.get()
    people = sorted(one.people.values_list("pk", flat=True))
    return one.kind, one.on, one.title, float(one.hours), one.people_count, people, one.state


def test_work_done_offers_its_line(client: Client) -> None:
    request = made("accepted", topic="Критерии")
    act(client, around(request)["member"], request, "done", DONE)
    expected = ("consultation", today(), "Консультация: Критерии", 1.5, 1, [request.person_id], "offered")
    assert line() == expected
    assert Activity.objects.get().key == f"request.{request.pk}"
    assert list(Activity.objects.get().organizations.all()) == [request.organization]


def test_group_is_counted_with_its_people(client: Client) -> None:
    school = OrganizationFactory()
    people = UserFactory.create_batch(2, organization=school)
    request = made("accepted", organization=school, person=None, people=people)
    page = act(client, around(request)["member"], request, "done")
    assert page.context["form"].initial == {"on": today(), "hours": 2, "people_count": 2}

    act(client, around(request)["member"], request, "done", DONE | {"people_count": "12"})

    kind, _, title, _, count, listed, _ = line()
    assert (kind, title, count) == ("group", "Консультация: группа, 2\u00a0человека", 12)
    assert listed == sorted(one.pk for one in people)


def test_help_with_a_route_is_a_line_of_its_kind(client: Client) -> None:
    request = made("accepted", kind="iom_help")
    act(client, around(request)["member"], request, "done", DONE)
    assert line()[0] == "route"


# --- The origin ------------------------------------------------------------------------------------------------------


class Fake(Origin):
    """What it was born of: writes down what it is told, and writes its own letter of acceptance."""

    own_letters = frozenset({"accepted"})

    def __init__(self) -> None:
        self.told: list[Any] = []

    def accept(self, request: Request, *, actor: User, comment: str = "", on: date | None = None) -> None:
        super().accept(request, actor=actor, comment=comment, on=on)
        self.told.append(("accept", actor, comment))

    def decline(self, request: Request, *, actor: User, reason: str) -> None:
        raise RequestRefused("Карта тем временем закрыта.")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    origin = Fake()
    monkeypatch.setitem(origins._BY_KIND, "consultation", origin)
    return origin


def test_origin_acts_and_writes_the_letters_it_claims(client: Client, fake: Fake) -> None:
    request = direct()
    member = around(request)["member"]
    act(client, member, request, "accept", {"comment": "Смогу"})
    assert fake.told == [("accept", member, "Смогу")]
    assert letters() == []


def test_refusal_of_the_origin_is_said(client: Client, fake: Fake) -> None:
    request = direct()
    client.force_login(around(request)["member"])
    address = reverse("rma:request_act", args=[request.pk, "decline"])
    page = client.post(address, {"reason": "Отпуск"}, follow=True)
    assert "Карта тем временем закрыта." in page.content.decode()
    request.refresh_from_db()
    assert request.status == "sent"


def test_nothing_of_an_act_stays_when_a_part_of_it_fails(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    request = made("accepted")

    def fail(*args: object, **more: object) -> None:
        raise RequestRefused("Строку предложить не получилось.")

    monkeypatch.setattr(answering, "offer", fail)
    act(client, around(request)["member"], request, "done", DONE)
    request.refresh_from_db()
    assert (request.status, letters()) == ("accepted", [])


def test_own_letter_is_written_to_nobody(client: Client) -> None:
    """The member asked for himself… who acts gets no letter about it."""
    request = direct()
    asking.accept(request)
    Request.objects.filter(pk=request.pk).update(author=request.member.user)  # type: ignore[union-attr]
    act(client, request.member.user, request, "done", DONE)  # type: ignore[union-attr]
    assert letters() == []
