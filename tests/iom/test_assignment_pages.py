"""Pages of assignments: who may, what stays after a mistake, the queue, the list's address, finding teachers."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from cabinet.core.clock import add_working_days, special_days, today
from cabinet.files.services import store_upload
from cabinet.mail.models import Letter
from cabinet.users.models import Role, User
from iom.models import Answer, Assignment, Route, Status
from iom.services import assigning
from iom.services.indexing import index
from tests.factories import (
    AssignmentFactory,
    DeficitFactory,
    RouteFactory,
    RouteItemFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db

QUERIES = 15


@pytest.fixture
def route() -> Route:
    return RouteFactory(person=UserFactory(email="teacher@example.org"), status=Status.ACTIVE)


@pytest.fixture
def methodist(route: Route) -> User:
    return person_with(Role.METHODIST, route.organization)


@pytest.fixture
def assignment(route: Route, methodist: User) -> Assignment:
    return AssignmentFactory(route=route, author=methodist, title="Карта урока")


def enter(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def answered(route: Route, methodist: User, count: int) -> list[Assignment]:
    made = []
    for number in range(count):
        one = AssignmentFactory(route=route, author=methodist, due_on=today() + timedelta(days=number))
        assigning.answer(one, actor=route.person, text=f"Ответ {number}")
        made.append(one)
    return made


# --- Who may --------------------------------------------------------------------------------------------------


def test_colleague_and_stranger_get_404(assignment: Assignment) -> None:
    address = assignment.get_absolute_url()
    for user in (UserFactory(organization=assignment.route.organization), person_with(Role.METHODIST)):
        client = enter(user)
        assert client.get(address).status_code == 404
        for act in ("answer", "check", "change", "withdraw"):
            assert client.post(f"{address}{act}/", {"text": "Я", "act": "accept"}).status_code == 404


def test_head_reads_and_cannot_check(assignment: Assignment) -> None:
    head = enter(person_with(Role.HEAD, assignment.route.organization))

    page = head.get(assignment.get_absolute_url())
    assert page.status_code == 200
    assert "Проверка" not in page.text
    assert head.post(f"{assignment.get_absolute_url()}check/", {"act": "accept"}).status_code == 404


def test_teacher_neither_checks_nor_gives(assignment: Assignment) -> None:
    teacher = enter(assignment.route.person)

    assert teacher.post(f"{assignment.get_absolute_url()}check/", {"act": "accept"}).status_code == 404
    assert teacher.get("/assignments/give/").status_code == 404


# --- The answer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [{"text": "Готово"}, {"link": "https://example.org/urok"}, {"files": "karta.txt"}])
def test_any_one_of_three_is_an_answer(assignment: Assignment, data: dict[str, object]) -> None:
    if "files" in data:
        data = {"files": SimpleUploadedFile("karta.txt", "Карта".encode())}

    enter(assignment.route.person).post(f"{assignment.get_absolute_url()}answer/", data)

    assignment.refresh_from_db()
    assert assignment.status == "submitted"


def test_wrong_file_is_named_and_the_text_stays(assignment: Assignment) -> None:
    data = {"text": "Мой разбор урока", "files": SimpleUploadedFile("urok.exe", b"MZ\x90\x00" + bytes(200))}

    page = enter(assignment.route.person).post(f"{assignment.get_absolute_url()}answer/", data)

    assert page.status_code == 422
    assert "«urok.exe»" in page.text
    assert "Мой разбор урока" in page.text
    assert "выбрать ещё раз" in page.text
    assert not assignment.answers.exists()


def test_answer_tells_the_methodist_when_the_giver_has_left(assignment: Assignment, methodist: User) -> None:
    left = UserFactory(email="left@example.org")
    Assignment.objects.update(author=left)
    assignment.refresh_from_db()

    assigning.answer(assignment, actor=assignment.route.person, text="Готово")

    assert [one.to for one in Letter.objects.filter(kind="iom.assignment_answered")] == [methodist]


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.ARCHIVED])
def test_assignment_closes_with_its_route(assignment: Assignment, methodist: User, status: str) -> None:
    teacher, address = enter(assignment.route.person), assignment.get_absolute_url()
    Route.objects.update(status=status, completed_at=timezone.now())

    page = teacher.post(f"{address}answer/", {"text": "Готово"})
    assert page.status_code == 422
    assert "задание закрыто вместе с ним" in page.text
    assert "Задание закрыто вместе с маршрутом" in teacher.get(address).text
    assert "Карта урока" not in teacher.get("/assignments/?tab=do").text


def test_answer_of_a_completed_route_is_not_accepted(route: Route, methodist: User) -> None:
    (one,) = answered(route, methodist, 1)
    Route.objects.update(status=Status.COMPLETED, completed_at=timezone.now())

    page = enter(methodist).post(f"{one.get_absolute_url()}check/", {"act": "accept", "comment": "Хорошо"})

    one.refresh_from_db()
    assert (page.status_code, one.status) == (422, "submitted")
    assert "Хорошо" in page.text


def test_second_click_on_an_answer_is_no_mistake(assignment: Assignment) -> None:
    teacher, address = enter(assignment.route.person), f"{assignment.get_absolute_url()}answer/"

    assert [teacher.post(address, {"text": "Готово"}).status_code for _ in range(2)] == [302, 302]
    assert Answer.objects.count() == 1


def test_answer_that_comes_too_late_is_shown_to_be_copied(assignment: Assignment, methodist: User) -> None:
    assigning.withdraw(assignment, actor=methodist, reason="Не нужно")

    page = enter(assignment.route.person).post(f"{assignment.get_absolute_url()}answer/", {"text": "Мой разбор"})

    assert page.status_code == 422
    assert "Этот ответ не отправлен" in page.text
    assert "Мой разбор" in page.text
    assert "Отправить на проверку" not in page.text


def test_whose_turn_and_until_when_stands_on_the_page(assignment: Assignment, methodist: User) -> None:
    teacher = enter(assignment.route.person)
    given = teacher.get(assignment.get_absolute_url()).text
    assert f"Ход за: <strong>{assignment.route.person.short_name}</strong>" in given
    assert f'<time datetime="{assignment.due_on}">' in given

    assigning.answer(assignment, actor=assignment.route.person, text="Готово")

    sent = teacher.get(assignment.get_absolute_url()).text
    assert f"Ход за: <strong>{methodist.short_name}</strong>" in sent
    assert f'<time datetime="{add_working_days(today(), 5)}">' in sent


def test_colleague_fetches_neither_the_material_nor_the_answer(assignment: Assignment, methodist: User) -> None:
    teacher = assignment.route.person
    answer = assigning.answer(assignment, actor=teacher, text="Готово")
    upload = SimpleUploadedFile("karta.txt", "Карта".encode())
    addresses = [store_upload(upload, one, teacher).get_absolute_url() for one in (assignment, answer)]
    colleague = UserFactory(organization=assignment.route.organization)

    codes = [[enter(user).get(one).status_code for one in addresses] for user in (teacher, methodist, colleague)]

    assert codes == [[200, 200], [200, 200], [404, 404]]


# --- The check ------------------------------------------------------------------------------------------------


def test_second_checker_learns_who_was_first_and_keeps_his_words(route: Route, methodist: User) -> None:
    (one,) = answered(route, methodist, 1)
    other = person_with(Role.METHODIST, route.organization)
    revision = one.revision
    assigning.accept(one, actor=methodist)

    data = {"act": "return", "comment": "Добавьте цель", "revision": revision}
    page = enter(other).post(f"{one.get_absolute_url()}check/", data)

    assert page.status_code == 422
    assert f"Ответ уже принят: {methodist.full_name}" in page.text
    assert "Добавьте цель" in page.text


def test_new_answer_must_be_seen_before_it_is_accepted(route: Route, methodist: User) -> None:
    (one,) = answered(route, methodist, 1)
    seen = one.revision
    assigning.send_back(one, actor=methodist, comment="Ещё раз")
    assigning.answer(one, actor=route.person, text="Другой ответ")

    page = enter(methodist).post(f"{one.get_absolute_url()}check/", {"act": "accept", "revision": seen})

    one.refresh_from_db()
    assert (page.status_code, one.status) == (422, "submitted")


def test_accept_and_go_on_leads_through_the_queue(route: Route, methodist: User) -> None:
    first, second, third = answered(route, methodist, 3)
    client = enter(methodist)
    assert "2 из 3" in client.get(second.get_absolute_url()).text

    assert client.post(f"{second.get_absolute_url()}check/", {"act": "next"}).url == third.get_absolute_url()
    assert client.post(f"{third.get_absolute_url()}check/", {"act": "next"}).url == first.get_absolute_url()
    assert client.post(f"{first.get_absolute_url()}check/", {"act": "next"}).url == "/assignments/?tab=check"


def test_second_click_on_accept_goes_on(route: Route, methodist: User) -> None:
    first, second = answered(route, methodist, 2)
    data = {"act": "next", "revision": first.revision}
    client = enter(methodist)

    found = [client.post(f"{first.get_absolute_url()}check/", data) for _ in range(2)]

    assert [one.status_code for one in found] == [302, 302]
    assert found[1].url == second.get_absolute_url()
    assert Letter.objects.filter(kind="iom.assignment_accepted").count() == 1


def test_accepted_by_mistake_is_returned_with_a_comment(route: Route, methodist: User) -> None:
    (one,) = answered(route, methodist, 1)
    assigning.accept(one, actor=methodist)
    client, address = enter(methodist), one.get_absolute_url()
    assert "Вернуть принятый ответ" in client.get(address).text
    assert "Вернуть принятый ответ" not in enter(route.person).get(address).text

    assert client.post(f"{address}check/", {"act": "return", "revision": one.revision}).status_code == 422
    data = {"act": "return", "comment": "Добавьте цель", "revision": one.revision}
    assert client.post(f"{address}check/", data).status_code == 302

    one.refresh_from_db()
    assert (one.status, one.answers.get().is_accepted) == ("returned", False)


def test_word_that_is_neither_accepts_nothing(route: Route, methodist: User) -> None:
    (one,) = answered(route, methodist, 1)

    page = enter(methodist).post(f"{one.get_absolute_url()}check/", {"comment": "Хорошо"})

    one.refresh_from_db()
    assert (page.status_code, one.status) == (422, "submitted")
    assert "Хорошо" in page.text


def test_thirty_answers_are_accepted_one_after_another(route: Route, methodist: User) -> None:
    first, *_ = answered(route, methodist, 30)
    client, address, steps = enter(methodist), first.get_absolute_url(), 0
    while "check" not in address:
        address = client.post(f"{address}check/", {"act": "next"}).url
        steps += 1

    assert (steps, address) == (30, "/assignments/?tab=check")
    assert not Assignment.objects.exclude(status="accepted").exists()


# --- The change -----------------------------------------------------------------------------------------------


def test_teacher_is_told_what_changed(assignment: Assignment, methodist: User) -> None:
    due_on = today() + timedelta(days=30)
    data = {"title": assignment.title, "text": "", "due_on": f"{due_on}", "revision": assignment.revision}

    enter(methodist).post(f"{assignment.get_absolute_url()}change/", data)

    assignment.refresh_from_db()
    assert assignment.due_on == due_on
    letter = Letter.objects.get(kind="iom.assignment_changed")
    assert letter.to == assignment.route.person
    assert "Новый срок" in letter.body
    assert "Что сделать" not in letter.body


def test_nothing_changed_tells_nobody(assignment: Assignment, methodist: User) -> None:
    data = {"title": assignment.title, "text": "", "due_on": f"{assignment.due_on}"}

    assert enter(methodist).post(f"{assignment.get_absolute_url()}change/", data).status_code == 302
    assert not Letter.objects.filter(kind="iom.assignment_changed").exists()


def test_date_after_the_route_is_refused_and_stays(assignment: Assignment, methodist: User) -> None:
    data = {"title": "Другое", "due_on": "2999-01-01"}

    page = enter(methodist).post(f"{assignment.get_absolute_url()}change/", data)

    assert page.status_code == 422
    assert "Маршрут заканчивается" in page.text
    assert 'value="2999-01-01"' in page.text
    assert 'value="Другое"' in page.text


def test_answered_is_not_changed_under_the_checker(route: Route, methodist: User) -> None:
    (one,) = answered(route, methodist, 1)

    page = enter(methodist).post(f"{one.get_absolute_url()}change/", {"title": "Другое", "due_on": ""})

    assert page.status_code == 422
    assert "Ответ уже на проверке" in page.text


def test_second_click_on_a_change_and_a_withdrawal_is_no_mistake(assignment: Assignment, methodist: User) -> None:
    client, address = enter(methodist), assignment.get_absolute_url()
    change = {"title": "Другое", "due_on": "", "revision": assignment.revision}

    codes = [client.post(f"{address}change/", change).status_code for _ in range(2)]
    codes += [client.post(f"{address}withdraw/", {"reason": "Не нужно"}).status_code for _ in range(2)]

    assert codes == [302] * 4
    kinds = Letter.objects.filter(to=assignment.route.person).order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["iom.assignment_changed", "iom.assignment_withdrawn"]


# --- Giving ---------------------------------------------------------------------------------------------------


def test_search_keeps_what_is_typed_and_ticked(route: Route, methodist: User) -> None:
    other = RouteFactory(person__organization=route.organization, person__last_name="Лядова", status=Status.ACTIVE)
    data = {"find": "some", "find_name": "Лядова", "title": "Карта", "text": "Сделать", "routes": [route.pk]}

    text = enter(methodist).post("/assignments/give/", data).text

    assert 'value="Карта"' in text
    assert "Получат: 1\u00a0педагог" in text
    assert f'value="{route.pk}" id="id_routes_{route.pk}" checked' in text
    assert f'value="{other.pk}" id="id_routes_{other.pk}">' in text
    assert "error-summary" not in text
    assert not Assignment.objects.exists()


def test_all_found_are_ticked_by_one_button(route: Route, methodist: User) -> None:
    math, music = SubjectFactory(), SubjectFactory()
    found = [RouteFactory(person__organization=route.organization, subject=math, status=Status.ACTIVE) for _ in "12"]
    RouteFactory(person__organization=route.organization, subject=music, status=Status.ACTIVE)

    text = enter(methodist).post("/assignments/give/", {"find": "all", "find_subject": math.pk}).text

    assert text.count(" checked>") == 2
    assert all(f'id="id_routes_{one.pk}" checked' in text for one in found)


def test_teachers_are_found_by_the_words_of_a_deficit(route: Route, methodist: User) -> None:
    DeficitFactory(route=route, text="Читательская грамотность")
    index(route)
    other = RouteFactory(person__organization=route.organization, status=Status.ACTIVE)

    text = enter(methodist).post("/assignments/give/", {"find": "some", "find_words": "грамотности"}).text

    assert route.title in text
    assert other.title not in text


def test_date_outside_some_routes_is_a_warning(route: Route, methodist: User) -> None:
    short = RouteFactory(
        person__organization=route.organization, ends_on=today() + timedelta(days=5), status=Status.ACTIVE
    )
    due_on = today() + timedelta(days=20)
    data = {"routes": [route.pk, short.pk], "title": "Карта", "due_on": f"{due_on}"}

    page = enter(methodist).post("/assignments/give/", data, follow=True)

    assert Assignment.objects.count() == 2
    assert "Срок задания вне периода маршрута" in page.text
    assert short.person.short_name in page.text


def test_others_route_cannot_be_slipped_in(methodist: User) -> None:
    foreign = RouteFactory(status=Status.ACTIVE)

    page = enter(methodist).post("/assignments/give/", {"routes": [foreign.pk], "title": "Карта"})

    assert page.status_code in (200, 422)
    assert not Assignment.objects.exists()
    assert foreign.title not in page.text


def test_same_page_sent_twice_gives_once(route: Route, methodist: User) -> None:
    client = enter(methodist)
    mark = client.get("/assignments/give/").text.split('name="batch" value="')[1].split('"')[0]
    data = {"routes": [route.pk], "title": "Карта", "batch": mark}

    for _ in range(2):
        assert client.post("/assignments/give/", data).status_code == 302
    assert Assignment.objects.count() == 1
    assert Letter.objects.filter(kind="iom.assignment_given").count() == 1
    # Come back to by the browser's arrow, the page gives something else.
    client.post("/assignments/give/", data | {"title": "Видео"})
    assert set(Assignment.objects.values_list("title", flat=True)) == {"Карта", "Видео"}


def test_helper_without_routes_is_shown_the_way(methodist: User) -> None:
    Route.objects.all().delete()
    client = enter(methodist)

    assert 'href="/iom/new/"' in client.get("/assignments/give/").text
    assert "Вы ещё не давали заданий" in client.get("/assignments/").text


def test_files_for_very_many_are_refused_in_a_sentence(
    route: Route, methodist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iom.forms.assignments.MOST_COPIED", 10)
    files = SimpleUploadedFile("karta.txt", "Карта урока".encode())

    page = enter(methodist).post("/assignments/give/", {"routes": [route.pk], "title": "Карта", "files": files})

    assert page.status_code == 422
    assert "Дайте ссылку на материал" in page.text
    assert 'value="Карта"' in page.text


# --- The list -------------------------------------------------------------------------------------------------


def test_list_is_found_by_its_address(route: Route, methodist: User) -> None:
    AssignmentFactory(route=route, author=methodist, title="Видео урока")
    AssignmentFactory(route=route, author=methodist, title="Самоанализ", status="accepted")
    late = AssignmentFactory(route=route, author=methodist, title="Отзыв", due_on=today() - timedelta(days=1))
    client = enter(methodist)

    assert "Видео урока" not in client.get("/assignments/?tab=given&q=Самоанализ").text
    assert "Самоанализ" in client.get("/assignments/?tab=given&q=самоАНАЛИЗ").text
    assert client.get("/assignments/?tab=given&q=(урок[").status_code == 200
    assert "Видео урока" not in client.get("/assignments/?tab=given&status=accepted").text
    text = client.get("/assignments/?tab=given&late=yes").text
    assert late.title in text
    assert "Самоанализ" not in text
    assert client.get("/assignments/?tab=given&status=nothing&late=x&sort=y").status_code == 200


def test_empty_tabs_are_hidden(assignment: Assignment) -> None:
    text = enter(assignment.route.person).get("/assignments/").text

    assert "Мне выполнить" in text
    assert "Мне проверить" not in text
    assert "Ближайший срок" in text


def test_what_waits_longest_is_checked_first(route: Route, methodist: User) -> None:
    second, first = answered(route, methodist, 2)
    Assignment.objects.filter(pk=first.pk).update(status_since=timezone.now() - timedelta(days=20))

    text = enter(methodist).get("/assignments/?late=yes").text

    assert f'href="{first.get_absolute_url()}">Проверить' in text
    assert second.title in text
    assert "проверить до" in text
    assert "due-late" in text


def test_closed_with_its_route_is_not_called_late(route: Route, methodist: User) -> None:
    AssignmentFactory(route=route, author=methodist, title="Отзыв", due_on=today() - timedelta(days=1))
    Route.objects.update(status=Status.COMPLETED, completed_at=timezone.now())
    client = enter(methodist)

    assert "закрыто вместе с маршрутом" in client.get("/assignments/?tab=given").text
    assert "Отзыв" not in client.get("/assignments/?tab=given&late=yes").text


@pytest.mark.parametrize("count", [1, 30])
def test_thirty_assignments_cost_no_more_queries(  # type: ignore[no-untyped-def]
    route: Route, methodist: User, count: int, django_assert_max_num_queries
) -> None:
    item = RouteItemFactory(route=route)
    made = AssignmentFactory.create_batch(count, route=route, author=methodist, item=item, status="submitted")
    for number in range(count):
        word = {"is_accepted": True, "checked_at": timezone.now()}
        answer = Answer.objects.create(assignment=made[0], text=f"Ответ {number}", **word)
        store_upload(SimpleUploadedFile("karta.txt", "Карта".encode()), answer, route.person)
    client = enter(methodist)
    special_days()  # every process keeps the calendar for a minute
    for address in ("/assignments/", "/assignments/?tab=given", made[0].get_absolute_url(), "/assignments/give/"):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(address).status_code == 200
