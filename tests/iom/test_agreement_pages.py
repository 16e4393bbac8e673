"""The pages of agreement: who opens them, what they show, what stays after an error."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Role, User
from iom.models import AgreementRule, LineComment, LineDecision, Route, RouteItem, RouteRevision, Status
from iom.services.agreeing import agree, open_revision, send_back, submit
from iom.services.commenting import comment_on
from iom.services.lines import save_line
from iom.services.reviewing import decide_line, mark_of, reviews_of
from iom.services.snapshot import snapshot
from tests.factories import (
    MembershipFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


@pytest.fixture
def teacher(school: Organization) -> User:
    return UserFactory(organization=school)


@pytest.fixture
def route(teacher: User, methodist: User) -> Route:
    """Agreed once, changed in one of its items, sent again."""
    route = RouteFactory(person=teacher)
    for number in range(12):
        RouteItemFactory(route=route, activity=f"Семинар о чтении {number}")
    submit(route, actor=teacher)
    agree(route, actor=methodist)
    open_revision(route, actor=teacher, reason="Новая параллель")
    item = route.items.all()[3]
    save_line(item, {"activity": "Семинар о письме 3"}, item.revision, actor=teacher)
    submit(route, actor=teacher)
    return route


def changed(route: Route) -> RouteItem:
    return RouteItem.objects.get(route=route, activity="Семинар о письме 3")


def page(client: Client, route: Route, name: str = "agree") -> str:
    return client.get(reverse(f"iom:{name}", args=[route.pk])).content.decode()


def read(route: Route, line: str) -> str:
    """The line as the page shows it now."""
    return next((one.digest for one in reviews_of(route, snapshot(route)) if one.change.line == line), "")


def decide(client: Client, route: Route, line: str, **data: Any) -> Any:
    data = {"digest": read(route, line)} | data
    return client.post(reverse("iom:decide", args=[route.pk, line]), data)


def test_only_the_change_is_shown_in_old_and_new_words(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    html = page(client, route)
    assert "Изменено с версии 1: 1\xa0строка" in html
    assert "<del>чтении</del>" in html
    assert "<ins>письме</ins>" in html
    assert "Без изменений: 12" in html


def test_page_asks_the_database_little(
    client: Client, route: Route, methodist: User, teacher: User, django_assert_num_queries: Any
) -> None:
    for item in route.items.all():
        comment_on(route, item.line, "Почему?", actor=teacher)
    client.force_login(methodist)
    page(client, route)
    for name, count in {"agree": 14, "compare": 10, "versions": 6}.items():
        with django_assert_num_queries(count):
            page(client, route, name)
    for item in route.items.all():
        save_line(item, {"product": "Видео урока"}, item.revision, actor=teacher)
        decide_line(route, item.line, "clarify", actor=methodist, comment="Какое видео?")
    for name, count in {"agree": 14, "compare": 10, "versions": 6}.items():
        with django_assert_num_queries(count):
            page(client, route, name)
    with django_assert_num_queries(6):
        client.get(reverse("iom:version", args=[route.pk, 1]))


def test_author_reads_and_does_not_decide(client: Client, route: Route, teacher: User) -> None:
    client.force_login(teacher)
    address = reverse("iom:agree", args=[route.pk])
    assert client.post(address, {"act": "agree", "seen": mark_of(snapshot(route))}).status_code == 302
    assert decide(client, route, "header", verdict="accept").status_code == 404
    route.refresh_from_db()
    assert (route.status, LineDecision.objects.count()) == (Status.IN_REVIEW, 0)


def test_stranger_gets_404(client: Client, route: Route) -> None:
    client.force_login(person_with(Role.METHODIST, OrganizationFactory()))
    for name in ("agree", "compare", "versions", "submit", "revise"):
        assert client.get(reverse(f"iom:{name}", args=[route.pk])).status_code == 404


def test_word_needs_a_comment_and_the_choice_stays(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    answer = decide(client, route, changed(route).line, verdict="clarify", comment=" ")
    assert answer.status_code == 422
    assert "Напишите, что уточнить" in answer.content.decode()
    assert 'value="clarify"' in answer.content.decode()
    assert not LineDecision.objects.exists()


def test_line_changed_meanwhile_is_shown_anew_with_what_was_typed(
    client: Client, route: Route, methodist: User, teacher: User
) -> None:
    client.force_login(methodist)
    item = changed(route)
    answer = decide(client, route, item.line, verdict="clarify", comment="Какое письмо?", digest="before")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "строку изменили" in html
    assert "Какое письмо?" in html


def test_rest_is_accepted_by_one_button(client: Client, route: Route, methodist: User, teacher: User) -> None:
    Route.objects.filter(pk=route.pk).update(aim="Другая цель")
    client.force_login(methodist)
    decide(client, route, changed(route).line, verdict="remove", comment="Уже было")
    assert "Принять всё остальное" in page(client, route)
    route.refresh_from_db()

    client.post(reverse("iom:agree", args=[route.pk]), {"act": "rest", "seen": mark_of(snapshot(route))})

    assert dict(LineDecision.objects.values_list("line", "verdict")) == {
        changed(route).line: "remove",
        "header": "accept",
    }
    assert "Вернуть с замечаниями" in page(client, route)


def test_agreeing_without_having_read_is_refused(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    answer = client.post(reverse("iom:agree", args=[route.pk]), {"act": "agree", "seen": "before"}, follow=True)
    assert "Пока вы читали, маршрут изменили" in answer.content.decode()
    route.refresh_from_db()
    assert route.status == Status.IN_REVIEW


def test_remarks_at_the_lines_are_enough_to_return(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    address = reverse("iom:agree", args=[route.pk])
    empty = client.post(address, {"act": "return", "comment": ""})
    assert empty.status_code == 422
    assert "Напишите, что изменить" in empty.content.decode()

    decide(client, route, changed(route).line, verdict="clarify", comment="Какое письмо?")
    client.post(address, {"act": "return", "comment": ""})

    route.refresh_from_db()
    assert route.status == Status.RETURNED
    assert "Какое письмо?" in route.return_comment


def test_late_answer_says_so_and_gives_the_words_back(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    agree(route, actor=methodist)
    answer = client.post(
        reverse("iom:agree", args=[route.pk]), {"act": "return", "comment": "Добавьте сроки"}, follow=True
    )
    assert "не ждёт вашего решения" in answer.content.decode()
    assert "Добавьте сроки" in answer.content.decode()
    late = decide(client, route, changed(route).line, verdict="clarify", comment="Какое письмо?")
    assert late.status_code == 302


def test_author_finds_the_words_at_their_lines(client: Client, route: Route, methodist: User, teacher: User) -> None:
    item = changed(route)
    decide_line(route, item.line, "remove", actor=methodist, comment="Уже было в прошлом году")
    send_back(route, actor=methodist, comment="Смотрите у строк")
    client.force_login(teacher)
    html = page(client, route, "design")
    assert "Уже было в прошлом году" in html
    assert "Убрать этот пункт" in html
    assert "Оставить и объяснить" in html

    client.post(reverse("iom:accept_removal", args=[item.pk]))

    item.refresh_from_db()
    assert (item.status, item.removed_reason) == ("removed", "Уже было в прошлом году")


def test_explanation_reaches_the_approver(client: Client, route: Route, methodist: User, teacher: User) -> None:
    client.force_login(teacher)
    data = {"line": changed(route).line, "text": "Это другой семинар", "back": "design"}
    client.post(reverse("iom:comment", args=[route.pk]), data)
    client.force_login(methodist)
    assert "Это другой семинар" in page(client, route)

    client.post(reverse("iom:settle_comment", args=[LineComment.objects.get().pk]), {"back": "agree"})

    assert LineComment.objects.get().settled_by == methodist


def test_head_who_agrees_settles_remarks(client: Client, route: Route, school: Organization, teacher: User) -> None:
    head = person_with(Role.HEAD, school)
    remark = comment_on(route, "header", "Почему?", actor=teacher)
    client.force_login(head)
    address = reverse("iom:settle_comment", args=[remark.pk])
    assert client.post(address).status_code == 404
    Route.objects.filter(pk=route.pk).update(step="head")
    assert client.post(address).status_code == 302


def test_remark_on_a_line_that_is_gone_is_refused_in_words(client: Client, route: Route, teacher: User) -> None:
    client.force_login(teacher)
    data = {"line": "item:0", "text": "Где строка?"}
    answer = client.post(reverse("iom:comment", args=[route.pk]), data, follow=True)
    assert "Этой строки в маршруте уже нет" in answer.content.decode()
    assert "Где строка?" in answer.content.decode()


def test_former_version_stays_readable(client: Client, route: Route, teacher: User) -> None:
    client.force_login(teacher)
    html = client.get(reverse("iom:version", args=[route.pk, 1])).content.decode()
    assert "Семинар о чтении 3" in html
    assert "Новая параллель" in html
    assert RouteRevision.objects.count() == 1


def test_submit_page_names_who_agrees(client: Client, school: Organization, teacher: User) -> None:
    head = person_with(Role.HEAD, school)
    MembershipFactory(user=head, role=Role.METHODIST, organization=school)
    AgreementRule.objects.create(organization=school, steps="both")
    route = RouteFactory(person=teacher)
    client.force_login(teacher)
    html = page(client, route, "submit")
    assert head.full_name in html
    assert "согласует один раз" in html


def test_revision_needs_a_reason(client: Client, teacher: User) -> None:
    route = RouteFactory(person=teacher, status="agreed")
    client.force_login(teacher)
    answer = client.post(reverse("iom:revise", args=[route.pk]), {"reason": ""})
    assert answer.status_code == 422
    assert "Напишите, почему маршрут меняется" in answer.content.decode()


def test_rules_say_what_holds_without_a_choice(client: Client, school: Organization) -> None:
    head = person_with(Role.HEAD, school)
    client.force_login(head)
    assert "методист ОО, по общему правилу" in client.get(reverse("iom:rules")).content.decode()

    client.post(reverse("iom:rule", args=[school.pk]), {"steps": "none"})

    assert AgreementRule.objects.get(organization=school).steps == "none"
    assert "без согласования" in client.get(reverse("iom:rules")).content.decode()
    assert client.get(reverse("iom:rule", args=[OrganizationFactory().pk])).status_code == 404


def test_line_that_is_gone_is_said_and_the_page_comes_anew(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    address = reverse("iom:decide", args=[route.pk, "item:0"])
    data = {"verdict": "clarify", "comment": "Какой семинар?"}
    answer = client.post(address, data, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("iom:agree", args=[route.pk])
    html = page(client, route)
    assert "среди изменённых уже нет" in html
    assert "Какой семинар?" in html


def test_answer_comes_back_as_a_line_with_its_counters(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    address = reverse("iom:decide", args=[route.pk, changed(route).line])
    seen = mark_of(snapshot(route))
    Route.objects.filter(pk=route.pk).update(aim="Другая цель")
    route.refresh_from_db()
    data = {"verdict": "accept", "seen": seen, "digest": read(route, changed(route).line)}
    html = client.post(address, data, headers={"HX-Request": "true"}).content.decode()
    assert "Принято 1 из 2" in html
    assert f'value="{seen}"' in html  # what others change meanwhile is not read by answering a line
    assert "<html" not in html


def test_answer_without_having_read_the_line_is_refused(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    answer = client.post(reverse("iom:decide", args=[route.pk, changed(route).line]), {"verdict": "accept"})
    assert answer.status_code == 422
    assert "строку изменили" in answer.content.decode()
    client.post(reverse("iom:agree", args=[route.pk]), {"act": "agree"})
    route.refresh_from_db()
    assert (route.status, LineDecision.objects.count()) == (Status.IN_REVIEW, 0)


def test_approver_sees_which_lines_were_changed_while_he_read(
    client: Client, route: Route, methodist: User, teacher: User
) -> None:
    client.force_login(methodist)
    seen = mark_of(snapshot(route))
    item = route.items.all()[0]
    save_line(item, {"activity": "Практикум"}, item.revision, actor=teacher)

    answer = client.post(reverse("iom:agree", args=[route.pk]), {"act": "agree", "seen": seen})

    html = answer.content.decode()
    assert "Пока вы читали, педагог изменил маршрут" in html
    assert html.count("Изменено, пока вы читали") == 1
    assert html.index("Практикум</h3>") > html.index("Изменено, пока вы читали") > html.index(f'id="item-{item.pk}"')
    assert page(client, route).count("Изменено после отправки") == 1  # and when he comes back tomorrow


def test_second_round_shows_what_was_asked_before(client: Client, route: Route, methodist: User, teacher: User) -> None:
    send_back(route, actor=methodist, comment="Добавьте сроки")
    submit(route, actor=teacher)
    client.force_login(methodist)
    html = page(client, route)
    assert "Просьба доработать: Добавьте сроки" in html
    assert "Почему открыта версия 2: Новая параллель" in html


def test_second_click_says_that_the_decision_is_kept(client: Client, route: Route, methodist: User) -> None:
    client.force_login(methodist)
    data = {"act": "agree", "seen": mark_of(snapshot(route))}
    address = reverse("iom:agree", args=[route.pk])
    assert "Маршрут согласован." in client.post(address, data, follow=True).content.decode()
    assert "Ваше решение уже записано" in client.post(address, data, follow=True).content.decode()
    assert RouteRevision.objects.filter(version=2).count() == 1


def test_author_waits_sees_for_whom_and_takes_it_back(
    client: Client, route: Route, methodist: User, teacher: User
) -> None:
    client.force_login(teacher)
    html = page(client, route, "submit")
    assert methodist.full_name in html
    assert "Отозвать с согласования" in html
    address = reverse("iom:recall", args=[route.pk])
    for _ in range(2):
        assert client.post(address).url == reverse("iom:design", args=[route.pk])  # type: ignore[attr-defined]
    route.refresh_from_db()
    assert route.status == Status.REVISION


def test_stale_pages_of_the_author_are_answered_in_words(
    client: Client, route: Route, methodist: User, teacher: User
) -> None:
    agree(route, actor=methodist)
    client.force_login(teacher)
    answer = client.post(reverse("iom:recall", args=[route.pk]), follow=True)
    assert "этого сделать нельзя: сейчас он в состоянии «Согласован»" in answer.content.decode()
    assert client.post(reverse("iom:submit", args=[route.pk])).status_code == 302
    answer = client.post(reverse("iom:accept_removal", args=[changed(route).pk]), follow=True)
    assert "Убрать этот пункт никто не просит" in answer.content.decode()
    for _ in range(2):
        answer = client.post(reverse("iom:revise", args=[route.pk]), {"reason": "Ещё класс"})
        assert answer.url == reverse("iom:design", args=[route.pk])  # type: ignore[attr-defined]
    route.refresh_from_db()
    assert (route.status, route.version) == (Status.REVISION, 3)


def test_any_two_versions_are_compared_older_first(
    client: Client, route: Route, methodist: User, teacher: User
) -> None:
    agree(route, actor=methodist)
    open_revision(route, actor=teacher, reason="Ещё класс")
    client.force_login(teacher)
    address = reverse("iom:compare", args=[route.pk])
    for query in ({"a": 1, "b": 2}, {"a": 2, "b": 1}):
        html = client.get(address, query).content.decode()
        assert "<del>чтении</del>" in html
        assert "<ins>письме</ins>" in html
    assert "Различий нет" in client.get(address).content.decode()
    assert client.get(address, {"a": "²", "b": "99999999"}).status_code == 200
    versions = page(client, route, "versions")
    assert "Почему открыта следующая: Новая параллель" in versions
    assert "?a=1&amp;b=2" in versions


def test_change_of_the_rule_is_logged(client: Client, school: Organization) -> None:
    client.force_login(person_with(Role.HEAD, school))
    for _ in range(2):
        client.post(reverse("iom:rule", args=[school.pk]), {"steps": "both"})
    assert LogEntry.objects.filter(note__startswith="порядок согласования").count() == 1
