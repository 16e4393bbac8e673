"""Every page of the cabinet at a phone's and a desk's width: nothing sticks out, everything has a name.

The pages are those of the access matrix: each once, by the first role of ORDER that may open it, and the common
ones by everybody, the public ones by a visitor.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Error

from tests.access_matrix import MATRIX, Line
from tests.access_world import World, make_world
from tests.browser.chromium import SWITCHES, find_chromium
from tests.browser.conftest import DESKTOP
from tests.browser.visitor import Visitor
from tests.factories import UserFactory

LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")
ORDER = ("admin", "methodist", "municipal", "regional", "head", "teacher", "curator", "mentor", "observer")
COMMON = {"home:home", "motor:cases", "planner:tasks", "registry:summary"}
# A redirect, pictures, a file for staff, answers to machines (no worker here), letters as mail programs show them.
NO_PAGES = {
    "account_logout",
    "files:preview",
    "home:admin_excel",
    "home:livez",
    "home:search_offered",  # a part of every page
    "home:readyz",
    "mail:look",
    "mail:text_look",
}
# The narrowest phone speaks for the others; letters twice as large are hard on the most usual one.
DESK, NARROW, PHONE, LARGE_LETTERS = (1280, 900), (320, 640), (360, 740), "--blink-settings=defaultFontSize=32"


@pytest.fixture(autouse=True)
def long_surnames() -> None:
    """As long as people's are, whatever tests ran before."""
    UserFactory.reset_sequence(10_000_000, force=True)


def pages_of(role: str) -> list[Line]:
    lines = [line for line in MATRIX if line.method == "get" and not line.may_be_missing and line.name not in NO_PAGES]
    mine = [line for line in lines if role in line.roles and not line.is_public]
    return [line for line in mine if line.name in COMMON or role == next(one for one in ORDER if one in line.roles)]


def address_of(line: Line, world: World) -> str:
    return reverse(line.name, args=line.args(world) if line.args else [])


def let_in(context: BrowserContext, world: World, role: str) -> Visitor:
    """Past the login page, which has tests of its own."""
    client = Client()
    client.force_login(world.near[role])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    visitor = Visitor(context, role)
    visitor.opens("/livez")  # a cookie belongs to a site that is open
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": visitor.page.url}])
    return visitor


def is_page(visitor: Visitor, address: str) -> bool:
    """Opens it, unless it is a file or an answer to a machine; a row in another state is a missing page."""
    try:
        with visitor.expecting(404):
            return "text/html" in visitor.opens(address).headers["content-type"]
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise


def faults(visitor: Visitor, *sizes: tuple[int, int]) -> list[str]:
    """What look.js says of the open page at these sizes."""
    found = []
    for width, height in sizes:
        visitor.page.set_viewport_size({"width": width, "height": height})
        found += [f"{width}: {fault}" for fault in visitor.page.evaluate(LOOK)]
    return found


@pytest.mark.parametrize("role", ORDER)
def test_pages_fit_and_have_names(new_context: Callable[..., BrowserContext], role: str) -> None:
    world = make_world()
    visitor = let_in(new_context(DESKTOP, reduced_motion="reduce"), world, role)
    found = {}
    for line in pages_of(role):
        address = address_of(line, world)
        if is_page(visitor, address):
            found[f"{line.name} {address}"] = faults(visitor, DESK, NARROW)
    assert {page: said for page, said in found.items() if said} == {}
    assert visitor.complaints == []


def test_public_pages_fit_and_have_names(new_context: Callable[..., BrowserContext]) -> None:
    world = make_world()
    visitor = Visitor(new_context(DESKTOP, reduced_motion="reduce"), "посетитель")
    lines = [line for line in MATRIX if line.is_public and line.method == "get" and line.name not in NO_PAGES]
    found = {}
    for address in [*(address_of(line, world) for line in lines), "/s/no-such-link/", "/no-such-page/"]:
        if is_page(visitor, address):
            found[address] = faults(visitor, DESK, NARROW)
    assert {page: said for page, said in found.items() if said} == {}
    assert visitor.complaints == []


@pytest.fixture
def large_letters(browser: Browser, live_server: object) -> Iterator[BrowserContext]:
    """A browser whose reader has set letters twice as large."""
    large = browser.browser_type.launch(executable_path=find_chromium(), args=[*SWITCHES, LARGE_LETTERS])
    context = large.new_context(base_url=str(live_server), locale="ru-RU", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context
    large.close()


@pytest.mark.parametrize("role", ["admin", "methodist", "teacher"])
def test_letters_twice_as_large_fit(large_letters: BrowserContext, role: str) -> None:
    world = make_world()
    visitor = let_in(large_letters, world, role)
    found = {}
    for line in pages_of(role):
        if is_page(visitor, address_of(line, world)):
            said = faults(visitor, PHONE)
            found[line.name] = [fault for fault in said if "wider than" in fault]
    assert {page: said for page, said in found.items() if said} == {}
