"""One look at an address: what a site's answer means, and where a look never goes."""

import time
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address

import pytest

from cabinet.library.services import visiting
from cabinet.library.services.visiting import Answer, Visit, is_public, visit
from tests.library.shelves import reply, site


def anywhere(address: visiting.Address) -> bool:
    return True


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (200, Answer.OPENS, ""),
        (204, Answer.OPENS, ""),
        (404, Answer.FAILS, "Такой страницы на сайте нет (ответ 404)."),
        (410, Answer.FAILS, "Такой страницы на сайте нет (ответ 410)."),
        (500, Answer.FAILS, "Сайт отвечает ошибкой (500)."),
        (403, Answer.UNSURE, "Сайт не показывает страницу программам (ответ 403): откройте ссылку сами."),
        (429, Answer.UNSURE, "Сайт не показывает страницу программам (ответ 429): откройте ссылку сами."),
        (422, Answer.FAILS, "Сайт не открывает страницу (ответ 422)."),
    ],
)
def test_answer_of_a_site_in_words(status: int, answer: Answer, words: str) -> None:
    with site(reply(status)) as address:
        assert visit(f"{address}/страница?класс=7", anywhere) == Visit(answer, words)


def test_site_that_dislikes_head_is_asked_by_get() -> None:
    asked: list[tuple[str, str | None]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.command, handler.headers["User-Agent"]))
        reply(405 if handler.command == "HEAD" else 200)(handler)

    with site(answer) as address:
        assert visit(address, anywhere).answer == Answer.OPENS

    assert asked == [("HEAD", visiting.USER_AGENT), ("GET", visiting.USER_AGENT)]


def test_redirect_is_followed_and_a_circle_is_left() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(200)(handler) if handler.path == "/new" else reply(301, Location="/new")(handler)

    with site(answer) as address:
        assert visit(f"{address}/old", anywhere).answer == Answer.OPENS
    with site(reply(302, Location="/again")) as address:
        assert visit(address, anywhere) == Visit(Answer.FAILS, "Сайт пересылает с адреса на адрес по кругу.")


def test_nobody_listens() -> None:
    with site(reply(200)) as address:
        pass

    assert visit(address, anywhere) == Visit(Answer.FAILS, "Сайт не принимает соединение.")


def test_dripping_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each letter comes in time, the whole never would."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            for _ in range(100):
                handler.wfile.write(b"H")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    monkeypatch.setattr(visiting, "ANSWERING", 0.3)
    started = time.monotonic()
    with site(answer) as address:
        assert visit(address, anywhere).answer != Answer.OPENS
    assert time.monotonic() - started < 4


def test_long_chain_of_slow_redirects_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visiting, "LONGEST", -1.0)
    with site(reply(200)) as address:
        assert visit(address, anywhere) == Visit(Answer.NO_NETWORK, visiting.LATE)


def test_endless_page_opens_and_is_not_read_to_the_end() -> None:
    sent = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        if handler.command == "HEAD":
            return reply(501)(handler)
        handler.send_response(200)
        handler.end_headers()
        try:
            while sent < 50_000_000:
                handler.wfile.write(b"x" * 65536)
                sent += 65536
        except OSError:
            return None

    with site(answer) as address:
        assert visit(address, anywhere).answer == Answer.OPENS
    assert sent < 50_000_000


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.5", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_public_addresses_are() -> None:
    assert is_public(ip_address("93.184.216.34"))
    assert is_public(ip_address("2a00:1450:4010:c05::64"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_our_own_network_is_not_looked_at(host: str) -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        reply(200)(handler)

    with site(answer) as address:
        port = address.rpartition(":")[2]
        found = visit(f"http://{host}:{port}/")

    assert found.answer in (Answer.FAILS, Answer.NO_NETWORK)
    assert asked == []


def test_redirect_into_our_own_network_is_refused() -> None:
    """The first site is outside, the second is not."""
    asked: list[str] = []

    def inner(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        reply(200)(handler)

    allowed = iter([True, False])
    with site(inner) as secret, site(reply(302, Location=f"{secret}/admin/")) as address:
        found = visit(address, lambda one: next(allowed))

    assert found == Visit(Answer.FAILS, "Адрес ведёт во внутреннюю сеть: снаружи он не откроется.")
    assert asked == []


@pytest.mark.parametrize("url", ["ftp://example.org/x", "file:///etc/passwd", "https://", "http://[", "javascript:1"])
def test_what_is_no_page_is_said_so(url: str) -> None:
    assert visit(url, anywhere) == Visit(Answer.FAILS, "Это не похоже на адрес страницы.")


def test_redirect_to_another_scheme_is_refused() -> None:
    with site(reply(302, Location="file:///etc/passwd")) as address:
        assert visit(address, anywhere) == Visit(Answer.FAILS, "Это не похоже на адрес страницы.")


def test_russian_domain_is_asked_by_its_network_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, may_visit: visiting.MayVisit) -> str:
        asked.append(host)
        return "127.0.0.1"

    monkeypatch.setattr(visiting, "_resolve", resolve)
    with site(reply(200)) as address:
        port = address.rpartition(":")[2]
        assert visit(f"http://школа.рф:{port}/", anywhere).answer == Answer.OPENS
    assert asked == ["xn--80aa3ac6b.xn--p1ai"] or asked[0].startswith("xn--")
