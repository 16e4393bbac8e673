"""In what order rows are locked: the case, its teacher's route, the request; users before all of them or not at all."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cabinet.core.clock import today
from motor import services
from motor.models import Case, Status
from motor.services import rma_requests, substitution
from rma.models import Request
from rma.origins import Done, origin_of
from tests.factories import CaseFactory, MemberFactory, RequestFactory, RouteFactory, person_with

pytestmark = [pytest.mark.django_db, pytest.mark.services]
LOCK = re.compile(r'FROM "(\w+)".* FOR (?:NO KEY )?UPDATE|^UPDATE "(\w+)"')
TABLES = {Case._meta.db_table: "case", "iom_route": "route", Request._meta.db_table: "request", "users_user": "user"}


def assert_locks(act: Callable[[], object], *expected: str) -> None:
    """Kinds of rows, in the order in which each is first taken. SQLite locks no rows: there the act is only done."""
    with CaptureQueriesContext(connection) as seen:
        act()
    found = [match for query in seen.captured_queries if (match := LOCK.search(query["sql"]))]
    taken = list(dict.fromkeys(TABLES[name] for one in found if (name := one[1] or one[2]) in TABLES))
    assert taken == list(expected) or connection.vendor == "sqlite"


@pytest.fixture
def case() -> Case:
    found = Case.objects.with_names().get(pk=CaseFactory(status=Status.FOLLOW_UP).pk)
    services.follow_up.start_follow_up(found)
    RouteFactory(person=found.person)
    return Case.objects.with_names().get(pk=found.pk)


def asked(case: Case, kind: str, status: str) -> Request:
    pk = RequestFactory(source=case, kind=kind, status=status).pk
    return Request.objects.select_related("member__user", "author", "person").get(pk=pk)


class TestOrder:
    @pytest.mark.parametrize("what", ["accept", "decline", "withdraw", "lend", "finish"])
    def test_of_help_with_the_route(self, case: Case, what: str) -> None:
        request = asked(case, "iom_help", "accepted" if what in ("lend", "finish") else "sent")
        origin, user = origin_of(request), request.member.user  # type: ignore[union-attr]
        acts: dict[str, Callable[[], Any]] = {
            "accept": lambda: origin.accept(request, actor=user),
            "decline": lambda: origin.decline(request, actor=user, reason="Болею"),
            "withdraw": lambda: origin.withdraw(request, actor=case.responsible, reason="Не нужно"),
            "lend": lambda: origin.lend(request, MemberFactory(), actor=user),
            "finish": lambda: origin.finish(request, Done(today(), "Всё", 1), actor=user),
        }
        assert_locks(acts[what], "case", "route", "request")

    def test_services_called_by_the_page_do_the_same(self, case: Case) -> None:
        request = asked(case, "iom_help", "sent")
        user = request.member.user  # type: ignore[union-attr]
        act = lambda: services.accept_request(case, request, actor=user)  # noqa: E731
        assert_locks(act, "case", "route", "request")

    def test_consultation_ended_by_its_request_takes_no_user_after_the_case(self, case: Case) -> None:
        request = asked(case, "consultation", "accepted")
        user = request.member.user  # type: ignore[union-attr]
        act = lambda: rma_requests.finish_help(case, request, on=today(), result="Всё", actor=user)  # noqa: E731
        assert_locks(act, "case", "request")

    def test_preview_of_a_leave_stops_nobody_who_points_at_its_people(self) -> None:
        member, deputy = MemberFactory(), MemberFactory()
        terms = {
            "starts_on": today(),
            "ends_on": today() + timedelta(days=3),
            "reason": "",
            "actor": person_with("admin"),
        }
        with CaptureQueriesContext(connection) as seen:
            substitution.what_happens(member.user, None, rma_deputy=deputy.user, **terms)
        assert not [query["sql"] for query in seen.captured_queries if " FOR UPDATE" in query["sql"]]
