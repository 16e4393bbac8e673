"""An assignment from giving to acceptance, and those who come too late."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role
from iom.models import Assignment
from iom.moves import Refused
from iom.services import assigning
from tests.factories import AssignmentFactory, RouteFactory, RouteItemFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


def school() -> tuple[Client, Client, Assignment]:
    teacher = UserFactory(email="teacher@example.org")
    methodist = person_with(Role.METHODIST, teacher.organization)
    assignment = AssignmentFactory(route=RouteFactory(person=teacher, status="active"), author=methodist)
    his, hers = Client(), Client()
    his.force_login(teacher)
    hers.force_login(methodist)
    return his, hers, assignment


def test_given_answered_returned_and_accepted() -> None:
    teacher, methodist, assignment = school()
    address = f"/assignments/{assignment.pk}/"

    assert teacher.post(f"{address}answer/", {"text": "Готово"}).status_code == 302
    refused = methodist.post(f"{address}check/", {"act": "return", "comment": ""})
    assert refused.status_code == 422
    assert "Напишите, что доработать" in refused.text
    assert methodist.post(f"{address}check/", {"act": "return", "comment": "Добавьте цель"}).status_code == 302
    assert teacher.post(f"{address}answer/", {"text": "С целью"}).status_code == 302
    assert methodist.post(f"{address}check/", {"act": "next"}).status_code == 302

    assignment.refresh_from_db()
    assert assignment.status == "accepted"
    assert list(assignment.answers.values_list("is_accepted", "comment")) == [(False, "Добавьте цель"), (True, "")]
    assert "Добавьте цель" in teacher.get(address).text


def test_empty_answer_is_refused_in_words() -> None:
    teacher, _, assignment = school()

    page = teacher.post(f"/assignments/{assignment.pk}/answer/", {"text": " "})

    assert page.status_code == 422
    assert "Напишите ответ, дайте ссылку или приложите файл." in page.text


def test_given_to_two_in_one_batch() -> None:
    _, methodist, assignment = school()
    other = RouteFactory(person__organization=assignment.route.organization, status="active")
    data = {"routes": [assignment.route_id, other.pk], "title": "Карта урока", "due_on": f"{today():%Y-%m-%d}"}

    assert methodist.post("/assignments/give/", data).status_code == 302

    made = Assignment.objects.filter(title="Карта урока")
    assert made.count() == 2
    assert made.values("batch").distinct().count() == 1
    assert Letter.objects.filter(kind="iom.assignment_given").count() == 2


@pytest.mark.parametrize("day", ["2020-01-01", "2999-01-01"])
def test_due_date_outside_keeps_what_was_typed(day: str) -> None:
    _, methodist, assignment = school()

    page = methodist.post("/assignments/give/", {"routes": [assignment.route_id], "title": "Карта", "due_on": day})

    assert page.status_code == 422
    assert 'value="Карта"' in page.text


def test_second_checker_and_answer_to_withdrawn_are_refused() -> None:
    _, _, assignment = school()
    teacher, author = assignment.route.person, assignment.author
    stale = Assignment.objects.get(pk=assignment.pk)
    assigning.withdraw(assignment, actor=author, reason="Не нужно")
    with pytest.raises(Refused, match="Отозвано"):
        assigning.answer(stale, actor=teacher, text="Готово")

    second = AssignmentFactory(route=assignment.route, author=author)
    assigning.answer(second, actor=teacher, text="Готово")
    late = Assignment.objects.get(pk=second.pk)
    assigning.accept(second, actor=author)
    with pytest.raises(Refused, match="Ответ уже принят"):
        assigning.send_back(late, actor=author, comment="Ещё")


@pytest.mark.parametrize("count", [1, 5])
def test_list_has_constant_queries(count: int, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    teacher, _, assignment = school()
    AssignmentFactory.create_batch(count - 1, route=assignment.route)
    with django_assert_max_num_queries(15):
        assert teacher.get("/assignments/").status_code == 200
    with django_assert_max_num_queries(15):
        assert teacher.get(f"/assignments/{assignment.pk}/").status_code == 200


def test_item_is_offered_to_be_confirmed_when_its_assignments_are_accepted() -> None:
    teacher, methodist, assignment = school()
    item = RouteItemFactory(route=assignment.route)
    Assignment.objects.filter(pk=assignment.pk).update(status="accepted", item=item)
    address, offer = f"/assignments/{assignment.pk}/", reverse("iom:item_act", args=[item.pk, "confirm"])

    assert offer in methodist.get(address).text
    assert offer not in teacher.get(address).text
    AssignmentFactory(route=assignment.route, item=item)
    assert offer not in methodist.get(address).text
