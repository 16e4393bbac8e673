"""Choosing a member for a request: named from the queue, handed over, asked instead, asked again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import User
from rma.models import Member, Request
from rma.services import asking
from rma.services.asking import RequestRefused
from rma.views import picking
from tests.factories import MemberFactory, UserFactory, person_with
from tests.rma.asked import around, direct, member_at

pytestmark = pytest.mark.django_db


def pick(client: Client, user: User, request: Request, member: Member | None = None, **data: Any) -> Any:
    client.force_login(user)
    address = reverse("rma:request_pick", args=[request.pk])
    if member is None and not data:
        return client.get(address)
    return client.post(address, {"member": member.pk if member else "", **data})


def letters() -> list[tuple[str, int | None]]:
    return sorted(Letter.objects.values_list("kind", "to"))


def test_picker_is_for_the_two_sides(client: Client) -> None:
    request = direct(status="wanted")
    answers = {who: pick(client, user, request).status_code for who, user in around(request).items()}
    assert sorted(who for who, code in answers.items() if code == 200) == ["admin", "author", "municipal"]
    assert {code for code in answers.values() if code != 200} == {404}


def test_button_asks_first_and_names_then(client: Client) -> None:
    request, member = direct(status="wanted"), MemberFactory()

    asked = pick(client, request.author, request, member)
    assert asked.status_code == 200
    assert "получит письмо и ответит" in asked.content.decode()
    request.refresh_from_db()
    assert request.status == "wanted"

    for _ in range(2):
        assert pick(client, request.author, request, member, do="send").status_code == 302
    request.refresh_from_db()
    assert (request.status, request.member) == ("sent", member)
    assert letters() == [("rma.asked", member.user_id)]


def test_two_specialists_name_only_one(client: Client) -> None:
    request, first, second = direct(status="wanted"), MemberFactory(), MemberFactory()
    people = around(request)
    pick(client, people["municipal"], request, first, do="send")
    pick(client, people["admin"], request, second, do="send")
    request.refresh_from_db()
    assert request.member == first
    assert letters() == [("rma.asked", first.user_id)]


def test_member_hands_over_with_a_reason(client: Client) -> None:
    request, to = direct(status="accepted"), MemberFactory()
    member = around(request)["member"]

    refused = pick(client, member, request, to, do="send", reason="")
    assert refused.status_code == 422
    assert "Напишите, почему" in refused.content.decode()

    for _ in range(2):
        pick(client, member, request, to, do="send", reason="Еду на сессию")
    request.refresh_from_db()
    new = Request.objects.exclude(pk=request.pk).get()
    assert (request.status, request.answer) == ("handed", "Еду на сессию")
    assert (new.status, new.member, new.former, new.author) == ("sent", to, request, request.author)
    assert letters() == [("rma.asked", to.user_id), ("rma.handed", request.author_id)]


def test_asker_replaces_the_one_whose_day_does_not_suit(client: Client) -> None:
    request, to = direct(status="proposed", proposed_on=today()), MemberFactory()
    first = around(request)["member"]

    page = pick(client, request.author, request, to)
    assert page.context["form"].initial == {"reason": "Предложенный день не подошёл."}
    pick(client, request.author, request, to, do="send", reason="Предложенный день не подошёл.")

    assert letters() == [("rma.asked", to.user_id), ("rma.taken", first.pk)]


def test_silent_one_is_replaced_by_the_municipal_service(client: Client) -> None:
    request, to = direct(due_on=today() - timedelta(days=1)), MemberFactory()
    people = around(request)
    pick(client, people["municipal"], request, to, do="send", reason="Ответа не было до срока.")
    assert letters() == [
        ("rma.asked", to.user_id),
        ("rma.handed", request.author_id),
        ("rma.taken", people["member"].pk),
    ]


def test_declined_one_is_asked_again_once(client: Client) -> None:
    request, to, third = direct(status="declined", answer="Отпуск"), MemberFactory(), MemberFactory()
    for member in (to, third):
        pick(client, request.author, request, member, do="send")
    assert list(Request.objects.exclude(pk=request.pk).values_list("member", "former")) == [(to.pk, request.pk)]
    assert letters() == [("rma.asked", to.user_id)]


def test_second_press_at_once_is_refused() -> None:
    request = direct(status="declined", answer="Отпуск")
    asking.ask_again(request, MemberFactory())
    with pytest.raises(RequestRefused):
        asking.ask_again(request, MemberFactory())


@pytest.mark.parametrize("number", ["", "x", "9" * 30, "0"])
def test_who_cannot_be_asked_is_refused_with_a_sentence(client: Client, number: str) -> None:
    request = direct(status="wanted")
    client.force_login(request.author)
    page = client.post(reverse("rma:request_pick", args=[request.pk]), {"member": number, "do": "send"})
    assert page.status_code == 422
    assert "выбрать не получится" in page.content.decode()


def test_refused_member_cannot_be_sent_to(client: Client) -> None:
    request, candidate = direct(status="wanted"), MemberFactory(status="candidate")
    assert pick(client, request.author, request, candidate, do="send").status_code == 422
    request.refresh_from_db()
    assert request.status == "wanted"


def test_search_finds_everybody_and_says_why_not(client: Client) -> None:
    request = direct(status="wanted")
    member_at(user_last_name="Пермякова", status="suspended")
    client.force_login(request.author)
    page = client.get(reverse("rma:request_pick", args=[request.pk]), {"q": "перм"})
    assert [one.refusal for one in page.context["found"]] == ["приостановлен"]
    assert "Почему нет остальных" in page.content.decode()


def test_whoever_asks_is_not_offered_himself(client: Client) -> None:
    member = MemberFactory()
    request = direct(author=member.user, person=None, status="wanted")
    assert pick(client, member.user, request).context["offers"] == []


def test_teacher_chooses_among_those_shown(client: Client) -> None:
    teacher = person_with("teacher")
    request = direct(author=teacher, person=teacher, status="wanted")
    MemberFactory()
    shown = MemberFactory(shown_at="2026-01-01T00:00:00Z")
    assert [one.member_id for one in pick(client, teacher, request).context["offers"]] == [shown.pk]


def test_answered_request_needs_nobody(client: Client) -> None:
    request = direct(status="accepted")
    answer = pick(client, request.author, request)
    assert (answer.status_code, answer.url) == (302, request.get_absolute_url())


def test_anonymous_and_wrong_method(client: Client) -> None:
    request = direct(status="wanted")
    address = reverse("rma:request_pick", args=[request.pk])
    assert client.get(address).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    client.force_login(request.author)
    assert client.put(address).status_code == 405


def test_queries_do_not_grow(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = direct(status="wanted")
    client.force_login(request.author)
    for count in (1, 5):
        for _ in range(count):
            direct(organization=request.organization, status="done")
            request.people.add(UserFactory())
        with django_assert_num_queries(12):
            client.get(reverse("rma:request_pick", args=[request.pk]))


def test_refusal_of_the_act_keeps_the_reason(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    request, to = direct(status="accepted"), MemberFactory()

    def refuse(*args: object, **more: object) -> None:
        raise RequestRefused("Карта тем временем закрыта.")

    monkeypatch.setattr(picking, "give", refuse)
    page = pick(client, around(request)["member"], request, to, do="send", reason="Еду на сессию")
    assert page.status_code == 422
    assert "Карта тем временем закрыта." in page.content.decode()
    assert "Еду на сессию</textarea>" in page.content.decode()

    wanted = direct(status="wanted")
    page = pick(client, wanted.author, wanted, to, do="send")
    assert (page.status_code, "Карта тем временем закрыта." in page.content.decode()) == (422, True)


def test_reason_typed_too_late_is_given_back(client: Client) -> None:
    request, to = direct(status="accepted"), MemberFactory()
    Request.objects.update(status="withdrawn")
    client.force_login(around(request)["member"])
    data = {"member": to.pk, "do": "send", "reason": "Еду на сессию"}
    page = client.post(reverse("rma:request_pick", args=[request.pk]), data, follow=True)
    assert "Ваши слова не отправлены: «Еду на сессию»" in page.content.decode()
