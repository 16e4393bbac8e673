"""Letters about requests: what they say, the mark of a school with low results, never to who has acted."""

from datetime import date

import pytest

from cabinet.mail.models import Letter
from cabinet.mail.texts import all_kinds, preview, problems
from cabinet.users.models import Role
from rma.services import asking, notices
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.rma.asked import direct

pytestmark = pytest.mark.django_db
KINDS = [one for one in all_kinds() if one.group == "РМА: запросы"]


def test_kinds_of_letters() -> None:
    codes = "asked accepted declined proposed agreed handed taken withdrawn done queue due"
    assert [one.code for one in KINDS] == [f"rma.{code}" for code in codes.split()]


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.code)
def test_texts_fill_all_their_places(kind: object) -> None:
    subject, body = preview(kind, kind.subject, kind.body)  # type: ignore[attr-defined, arg-type]
    assert "{" not in subject + body
    assert not any(problems(kind, kind.subject, kind.body).values())  # type: ignore[attr-defined, arg-type]


def test_letter_to_the_member_says_who_asks_for_whom() -> None:
    school = OrganizationFactory(name="Школа № 1", low_results=True)
    request = direct(organization=school, due_on=date(2099, 3, 12))
    notices.asked(request)
    letter = Letter.objects.get()
    assert letter.to == request.member.user  # type: ignore[union-attr]
    assert f"{request.author.full_name} просит вас помочь: консультация, {request.person.full_name}" in letter.body  # type: ignore[union-attr]
    assert "Школа № 1 (ШНОР)" in letter.body
    assert "Посмотреть критерии" in letter.body
    assert "Срок — 12\u00a0марта\u00a02099" in letter.body


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"person": None, "topic": "Критерии"}, "«Критерии»"),
        ({"person": None}, "для всей организации"),
    ],
)
def test_about_says_whom_or_what(fields: dict[str, object], said: str) -> None:
    assert direct(**fields).whom == said


def test_about_counts_a_group() -> None:
    people = UserFactory.create_batch(5)
    assert direct(person=None, people=people).whom == "группа, 5\u00a0человек"


def test_who_acts_gets_no_letter_and_the_same_event_one() -> None:
    request = direct(answer="Смогу")
    notices.accepted(request, actor=request.author)
    assert Letter.objects.count() == 0
    for _ in range(2):
        notices.accepted(request, actor=request.member.user)  # type: ignore[union-attr]
    assert Letter.objects.get().to == request.author


def test_closed_person_gets_no_letter() -> None:
    request = direct()
    request.member.user.is_active = False  # type: ignore[union-attr]
    notices.asked(request)
    assert Letter.objects.count() == 0


def test_letters_to_an_asker_who_left_go_to_the_municipal_service_else_to_the_institute() -> None:
    request = direct(answer="Смогу", author=UserFactory(is_active=False), organization=OrganizationFactory())
    admin = person_with(Role.ADMIN)
    notices.accepted(request, actor=request.member.user)  # type: ignore[union-attr]
    assert Letter.objects.get().to == admin

    municipal = person_with(Role.MUNICIPAL, request.organization.municipality)
    notices.proposed(request, actor=request.member.user)  # type: ignore[union-attr]
    assert Letter.objects.get(kind="rma.proposed").to == municipal


def test_refusal_leads_to_the_request_that_waits_in_its_place() -> None:
    request = direct(status="declined", answer="Отпуск")
    waiting = asking.want_again(request)
    notices.declined(request, actor=request.member.user)  # type: ignore[union-attr]
    assert Letter.objects.get().body.count(waiting.get_absolute_url()) == 1
