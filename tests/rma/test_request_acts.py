"""Acts with a request: who may, what changes, once only, whom a letter tells."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role, Substitution, User
from rma import origins
from rma.models import Activity, Member, Request
from rma.origins import Origin
from rma.services import acting, asking
from rma.services.asking import RequestRefused
from rma.views import answering
from tests.factories import MemberFactory, OrganizationFactory, RequestFactory, UserFactory, person_with
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

    if name in ("agree", "withdraw"):  # nothing typed, or done already: the page of the request says how it stands
        assert (answer.status_code, answer.url) == (302, request.get_absolute_url())
    else:
        assert (answer.status_code, asking.ALREADY in answer.content.decode()) == (422, True)
        assert all(value in answer.content.decode() for value in data.values())
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
    ("done", "accepted", DONE | {"on": "0026-11-15"}, "за последние двенадцать месяцев"),
    ("done", "accepted", DONE | {"hours": "1,25"}, "Достаточно одного знака"),
    ("propose", "sent", {"on": "5026-01-10", "comment": "Мои слова"}, "слишком далеко"),
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
    page = client.post(address, {"reason": "Отпуск"})
    assert page.status_code == 422
    assert "Карта тем временем закрыта." in page.content.decode()
    assert "Отпуск</textarea>" in page.content.decode()
    request.refresh_from_db()
    assert request.status == "sent"


def test_nothing_of_an_act_stays_when_a_part_of_it_fails(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    request = made("accepted")

    def fail(*args: object, **more: object) -> None:
        raise RequestRefused("Строку предложить не получилось.")

    monkeypatch.setattr(acting, "offer", fail)
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


# --- Days and members that are gone ----------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", ["1,5", "1.5"])
def test_hours_are_written_as_people_write_them(client: Client, hours: str) -> None:
    request = made("accepted")
    page = act(client, around(request)["member"], request, "done")
    assert 'value="1"' in page.content.decode()
    act(client, around(request)["member"], request, "done", DONE | {"hours": hours})
    assert float(Activity.objects.get().hours) == 1.5


def test_wished_day_gone_by_is_agreed_by_nobody() -> None:
    request = direct(wanted_on=today() - timedelta(days=1))
    assert asking.accept(request)
    assert (request.agreed_on, request.due_on, request.is_overdue) == (None, asking.work_limit(), False)


def test_proposed_day_gone_by_is_agreed_only_without_a_day(client: Client) -> None:
    request = direct(status="proposed", proposed_on=today() - timedelta(days=1))

    refused = act(client, request.author, request, "agree", {})
    assert refused.status_code == 422
    assert "Предложенный день уже прошёл" in refused.content.decode()
    request.refresh_from_db()
    assert request.status == "proposed"

    act(client, request.author, request, "agree", {"without_day": "on"})
    request.refresh_from_db()
    assert (request.status, request.agreed_on, request.due_on) == ("accepted", None, asking.work_limit())
    assert "Когда: день не назначен" in Letter.objects.get(kind="rma.agreed").body


def test_member_proposes_anew_when_his_day_has_gone_by(client: Client) -> None:
    request = direct()
    member = around(request)["member"]
    act(client, member, request, "propose", {"on": TOMORROW.isoformat()})
    assert act(client, member, request, "propose", {}).status_code == 302  # while it may still suit
    Request.objects.update(proposed_on=today() - timedelta(days=1))

    act(client, member, request, "propose", {"on": TOMORROW.isoformat()})
    act(client, member, request, "propose", {"on": today().isoformat()})

    request.refresh_from_db()
    assert request.proposed_on == TOMORROW
    assert letters() == [("rma.proposed", request.author_id)]  # about the same day once


@pytest.mark.parametrize("state", ["suspended", "excluded", "candidate"])
def test_who_acts_no_more_accepts_nothing_but_finishes_what_he_has_begun(client: Client, state: str) -> None:
    asked, begun = direct(), made("accepted")
    Member.objects.update(status=state)
    for name, data in (("accept", {}), ("propose", {"on": TOMORROW.isoformat()})):
        act(client, around(asked)["member"], asked, name, data)
    asked.refresh_from_db()
    assert (asked.status, asking.accept(asked)) == ("sent", False)

    act(client, around(begun)["member"], begun, "done", DONE)
    begun.refresh_from_db()
    assert begun.status == "done"


# --- Taken back with what it was born of -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["sent", "proposed", "accepted"])
def test_member_is_told_once_that_the_source_needs_him_no_more(status: str) -> None:
    request = RequestFactory(status=status, proposed_on=TOMORROW)
    assert asking.withdraw_open(request.source, request.kind) == [request]
    assert asking.withdraw_open(request.source, request.kind) == []
    assert letters() == [("rma.withdrawn", request.member.user_id)]
    assert "Кабинет снимает запрос" in Letter.objects.get().body


@pytest.mark.parametrize(("status", "after", "count"), [("sent", "withdrawn", 1), ("accepted", "done", 0)])
def test_end_of_the_source_is_told_to_who_has_not_answered(status: str, after: str, count: int) -> None:
    request = RequestFactory(status=status)
    for _ in range(2):
        asking.settle(request.source)
    request.refresh_from_db()
    assert (request.status, len(letters())) == (after, count)


def test_taking_back_what_waits_in_the_queue_tells_nobody() -> None:
    request = RequestFactory(status="wanted", member=None)
    assert asking.withdraw_open(request.source, request.kind) == [request]
    assert letters() == []


# --- Who may be asked ------------------------------------------------------------------------------------------------


def test_who_the_picker_refuses_is_not_asked_by_any_way() -> None:
    school = OrganizationFactory()
    author = person_with(Role.METHODIST, school)
    of_group, away, asker = MemberFactory(), MemberFactory(), MemberFactory(user=author)
    no_login, former = MemberFactory(user=UserFactory(email=None)), MemberFactory()
    leave = {"starts_on": today(), "ends_on": TOMORROW}
    Substitution.objects.create(person=away.user, deputy=UserFactory(), **leave)
    declined = direct(author=author, member=former, status="declined", answer="Отпуск")
    wanted = direct(author=author, status="wanted", person=None, people=[of_group.user], former=declined)

    for member, why in (
        (of_group, "это сам педагог"),
        (away, "в отпуске"),
        (asker, "это тот, кто просит"),
        (no_login, "нет входа"),
        (former, "уже отказался"),
        (MemberFactory(status="suspended"), "приостановлен"),
    ):
        with pytest.raises(RequestRefused, match=why):
            asking.name_member(wanted, member, actor=author)
    assert asking.name_member(wanted, MemberFactory(), actor=author)
