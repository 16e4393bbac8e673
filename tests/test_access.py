"""Every route declares who may use it (tests/access_matrix.py), and that is how it is."""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from http.cookies import SimpleCookie

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from cabinet import urls
from cabinet.users.models import User
from tests.access_matrix import MATRIX, Line
from tests.access_world import World, make_world
from tests.factories import UserFactory

REFUSED = (403, 404)
Sessions = dict[User, SimpleCookie]


def routes(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """The full names of all routes; an unnamed one appears by its pattern, so that it is noticed."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from routes(one, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield f"{space}{one.name}" if one.name else f"{space}without a name: {one.pattern}"


@pytest.mark.django_db  # pytest-django makes the database only where some test says that it needs one
def test_every_route_has_a_line_and_every_line_a_route() -> None:
    known = {name for name in routes(get_resolver()) if not name.startswith(("admin:", "djdt:"))}

    # The Django admin has tests of its own below.
    assert {name for name in known if name.startswith("without a name")} == set()
    assert known == {line.name for line in MATRIX}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once for all tests of this file, in a transaction that is rolled back; so is every request."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def sessions(world: World) -> Sessions:
    """The cookies of everybody in the world, logged in once."""
    made = {}
    for user in (*world.near.values(), *world.far.values()):
        client = Client()
        client.force_login(user)
        made[user] = client.cookies
    return made


@pytest.fixture(autouse=True)
def plain_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal here is a status; how its page looks is tested elsewhere, and thousands of them would be drawn."""
    for status in REFUSED:
        monkeypatch.setattr(urls, f"handler{status}", partial(refuse, status), raising=False)


def refuse(status: int, request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=status)


def status_for(cookies: SimpleCookie | None, line: Line, world: World) -> int | str:
    """The answer's status, or «login» when it sends to the login page; whatever the request did is undone."""
    if not default_storage.exists(str(world.file.file.name)):  # every test has a media folder of its own
        default_storage.save(str(world.file.file.name), ContentFile(b"%PDF-1.7"))
    client = Client()
    if cookies is not None:
        client.cookies = deepcopy(cookies)
    address = reverse(line.name, args=line.args(world) if line.args else [])
    with transaction.atomic():
        response = getattr(client, line.method)(address, line.data(world))
        if getattr(response, "streaming", False):
            b"".join(response)
            for close in response._resource_closers:
                close()
        transaction.set_rollback(True)
    if response.status_code == 302 and response["Location"].startswith(f"{reverse('account_login')}?next="):
        return "login"
    return int(response.status_code)


@pytest.mark.parametrize("line", MATRIX, ids=lambda line: f"{line.name}-{line.method}")
def test_route_is_open_to_its_roles_and_to_nobody_else(line: Line, world: World, sessions: Sessions) -> None:
    answers = {role: status_for(sessions[user], line, world) for role, user in world.near.items()}

    refused = {role for role, status in answers.items() if status in REFUSED}
    assert not {status for status in answers.values() if status in (405, "login") or int(status) >= 500} - {503}
    if not line.may_be_missing:
        assert set(answers) - refused == line.roles, answers
    assert refused >= set(answers) - line.roles, answers


@pytest.mark.parametrize("line", MATRIX, ids=lambda line: f"{line.name}-{line.method}")
def test_anonymous_is_sent_to_the_login(line: Line, world: World) -> None:
    answer = status_for(None, line, world)

    if line.is_public:
        assert answer not in (*REFUSED, 405)
    else:
        assert answer == "login"


@pytest.mark.parametrize(
    "line", [one for one in MATRIX if one.args and one.has_scope], ids=lambda line: f"{line.name}-{line.method}"
)
def test_same_roles_with_another_scope_get_404(line: Line, world: World, sessions: Sessions) -> None:
    elsewhere = {role: user for role, user in world.far.items() if role != "admin"}  # the region is his scope

    answers = {role: status_for(sessions[user], line, world) for role, user in elsewhere.items()}

    assert set(answers.values()) == {404}, answers


def test_django_admin_is_for_staff_only(world: World) -> None:
    client = Client()
    assert client.get(reverse("admin:index"), follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))

    clerk = UserFactory(email="clerk@example.org", is_staff=True)  # staff, but without the admin's role
    for user in (*world.near.values(), clerk):
        client.force_login(user)
        for model in admin.site._registry:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            assert client.get(address, follow=True).status_code == 403, (user, address)
