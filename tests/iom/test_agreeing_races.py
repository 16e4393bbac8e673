"""Two approvers, two tabs, an author who writes on: one effect, and the other reads why not his."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from cabinet.users.models import Role, User
from iom.models import LineDecision, Route, RouteRevision, Status, Transition
from iom.moves import Refused
from iom.services.agreeing import agree, send_back, submit
from iom.services.reviewing import accept_rest, decide_line, mark_of
from iom.services.snapshot import snapshot
from tests.factories import OrganizationFactory, RouteFactory, RouteItemFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db(transaction=True)

Do = Callable[[Route, User], object]


def at_once(route: Route, *acts: tuple[User, Do]) -> list[str]:
    """Each act in a thread of its own with the route as a page read it before; what each was refused with, or ""."""
    start = Barrier(len(acts))
    answers = ["never answered"] * len(acts)

    def run(number: int, user: User, act: Do, seen: Route) -> None:
        try:
            start.wait()
            act(seen, user)
            answers[number] = ""
        except Refused as refusal:
            answers[number] = str(refusal)
        except Exception as error:
            answers[number] = f"broken: {error!r}"
        finally:
            connection.close()

    threads = [
        Thread(
            target=run, args=(number, User.objects.get(pk=user.pk), act, Route.objects.with_names().get(pk=route.pk))
        )
        for number, (user, act) in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def pair() -> tuple[User, User]:
    school = OrganizationFactory()
    return person_with(Role.METHODIST, school), person_with(Role.METHODIST, school)


@pytest.fixture
def route(pair: tuple[User, User]) -> Route:
    school = pair[0].memberships.get().organization
    route = RouteFactory(person=UserFactory(organization=school))
    RouteItemFactory.create_batch(3, route=route)
    submit(route, actor=route.person)
    return route


def test_one_agrees_and_the_other_reads_why_not(route: Route, pair: tuple[User, User]) -> None:
    answers = at_once(
        route,
        (pair[0], lambda seen, user: agree(seen, actor=user)),
        (pair[1], lambda seen, user: send_back(seen, actor=user, comment="Добавьте сроки")),
    )

    assert sorted(bool(one) for one in answers) == [False, True]
    assert "уже не за вами" in max(answers)
    assert Transition.objects.filter(route=route, move__in=("agree", "return")).count() == 1


def test_two_tabs_agree_once(route: Route, pair: tuple[User, User]) -> None:
    answers = at_once(route, *[(pair[0], lambda seen, user: agree(seen, actor=user))] * 2)

    assert sorted(bool(one) for one in answers) == [False, True]
    assert RouteRevision.objects.filter(route=route).count() == 1
    assert Route.objects.get(pk=route.pk).status == Status.AGREED


def test_words_of_two_on_one_line_are_one(route: Route, pair: tuple[User, User]) -> None:
    line = route.items.all()[0].line
    seen_mark = mark_of(snapshot(route))
    answers = at_once(
        route,
        (pair[0], lambda seen, user: decide_line(seen, line, "accept", actor=user)),
        (pair[1], lambda seen, user: accept_rest(seen, actor=user, seen=seen_mark)),
    )

    assert answers == ["", ""]
    assert LineDecision.objects.filter(route=route, line=line).count() == 1
    assert LineDecision.objects.filter(route=route).count() == 4
