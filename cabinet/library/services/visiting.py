"""One look at an address of another site: does it open, and if not, why in words.

The address was typed by a person, so it may lead anywhere: into our own network, to a server that never ends its
answer, round in a circle. The host is resolved here and the connection goes to the very address that was looked at:
asked a second time, a name could answer with another one.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from time import monotonic
from urllib.parse import quote, urljoin, urlsplit

Address = IPv4Address | IPv6Address
MayVisit = Callable[[Address], bool]

CONNECTING = 5.0  # seconds
ANSWERING = 10.0  # of the whole answer, however slowly it drips
REDIRECTS = 5
LONGEST = 45.0  # seconds of one visit with all its redirects; none is followed after them
MOST_READ = 64 * 1024  # bytes of a page: that it comes is enough
# Names set aside for examples (RFC 2606): nobody keeps a page there, and the demo's links lead nowhere else.
RESERVED: tuple[str, ...] = ("example", "example.org", "example.com", "example.net", "test", "invalid")
USER_AGENT = "Mozilla/5.0 (compatible; CabinetLinkCheck/1.0)"
HEADERS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Language": "ru,en;q=0.5", "Connection": "close"}
SHY = (401, 402, 403, 407, 418, 429, 451)  # of sites that let people in and programs not
NO_HEAD = (400, 404, 405, 406, 410, 500, 501, 502, 503)  # a site may answer so to HEAD alone

# Of IPv6: with an address of IPv4 inside, which a gateway takes out, and those of one site.
INNER = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "fec0::/10")))

LATE = "Сайт не ответил за отведённое время."


class Answer(Enum):
    OPENS = "opens"
    UNSURE = "unsure"  # a person may well open it
    FAILS = "fails"
    NO_NETWORK = "no_network"  # as well the site's fault as ours


@dataclass(frozen=True)
class Visit:
    answer: Answer
    error: str = ""


class _Refused(Exception):
    """What stops a visit before the site has said anything."""

    def __init__(self, error: str, answer: Answer = Answer.FAILS) -> None:
        super().__init__(error)
        self.visit = Visit(answer, error)


def is_public(address: Address) -> bool:
    """Neither loopback nor private nor link-local: where sites for everybody are."""
    if any(address in one for one in INNER):
        return False
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (mapped is None or is_public(mapped))


def is_example(url: str) -> bool:
    """A link that is there to be shown, not to be opened."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return any(host == one or host.endswith(f".{one}") for one in RESERVED)


def visit(url: str, may_visit: MayVisit = is_public) -> Visit:
    """Look whether `url` opens, through redirects. Never raises and takes about a minute at the most."""
    started = monotonic()
    try:
        for _ in range(REDIRECTS + 1):
            if monotonic() - started > LONGEST:
                return Visit(Answer.NO_NETWORK, LATE)
            status, location = _ask(url, may_visit)
            if not (300 <= status < 400 and location):
                return _read(status)
            url = urljoin(url, location)
    except _Refused as refusal:
        return refusal.visit
    except ssl.SSLCertVerificationError as error:
        return _certificate(error)
    except ssl.SSLError:
        return Visit(Answer.FAILS, "Не удалось установить защищённое соединение с сайтом.")
    except TimeoutError:
        return Visit(Answer.NO_NETWORK, LATE)
    except ConnectionRefusedError:
        return Visit(Answer.FAILS, "Сайт не принимает соединение.")
    except (OSError, EOFError):
        return Visit(Answer.NO_NETWORK, "Соединение с сайтом прервалось.")
    except (http.client.HTTPException, ValueError):  # ValueError: a redirect to something that is no address
        return Visit(Answer.FAILS, "Сайт отвечает непонятно.")
    return Visit(Answer.FAILS, "Сайт пересылает с адреса на адрес по кругу.")


def _read(status: int) -> Visit:
    if status < 400:
        return Visit(Answer.OPENS)
    if status in (404, 410):
        return Visit(Answer.FAILS, f"Такой страницы на сайте нет (ответ {status}).")
    if status in SHY:
        return Visit(Answer.UNSURE, f"Сайт не показывает страницу программам (ответ {status}): откройте ссылку сами.")
    if status >= 500:
        return Visit(Answer.FAILS, f"Сайт отвечает ошибкой ({status}).")
    return Visit(Answer.FAILS, f"Сайт не открывает страницу (ответ {status}).")


def _certificate(error: ssl.SSLCertVerificationError) -> Visit:
    told = error.verify_message.lower()
    if "expired" in told:
        return Visit(Answer.FAILS, "У сайта просрочен сертификат: браузер предупредит и может не открыть.")
    if "mismatch" in told or "not valid for" in told:
        return Visit(Answer.FAILS, "Сертификат выдан другому сайту: браузер предупредит и может не открыть.")
    # Many official sites have certificates of the national centre, which this machine need not know.
    return Visit(Answer.UNSURE, "Сертификат сайта выдан центром, которого кабинет не знает: откройте ссылку сами.")


def _ask(url: str, may_visit: MayVisit) -> tuple[int, str]:
    """Status and where it is sent on to: by HEAD, and by GET where HEAD was not liked."""
    status, location = _request("HEAD", url, may_visit)
    return _request("GET", url, may_visit) if status in NO_HEAD else (status, location)


def _request(method: str, url: str, may_visit: MayVisit) -> tuple[int, str]:
    scheme, host, port, target = _parts(url)
    address = _resolve(host, port, may_visit)
    with _connection(scheme, host, port, address) as connection:
        shown = f"[{host}]" if ":" in host else host
        is_usual = port == (443 if scheme == "https" else 80)
        connection.request(method, target, headers=HEADERS | {"Host": shown if is_usual else f"{shown}:{port}"})
        answer = connection.getresponse()
        if method == "GET":
            answer.read(MOST_READ)
        return answer.status, answer.getheader("Location") or ""


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host as the network knows it («школа.рф» → «xn--…»), port, path with the query."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise _Refused("Это не похоже на адрес страницы.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _Refused("Это не похоже на адрес страницы.")
    safe = "/%:@!$&'()*+,;=~-._"
    target = quote(parts.path or "/", safe) + (f"?{quote(parts.query, safe + '/?[]')}" if parts.query else "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), target


def _resolve(host: str, port: int, may_visit: MayVisit) -> str:
    """The first of the host's addresses; all of them must be public, or a name could lead us into our own network."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise _Refused("Сайта с таким именем не нашлось.", Answer.NO_NETWORK) from None
    found = [str(row[4][0]) for row in rows]
    if not found or not all(may_visit(ip_address(one.partition("%")[0])) for one in found):
        raise _Refused("Адрес ведёт во внутреннюю сеть: снаружи он не откроется.")
    return found[0]


@contextmanager
def _connection(scheme: str, host: str, port: int, address: str) -> Iterator[http.client.HTTPConnection]:
    """To this very address, and no longer than ANSWERING seconds: a server that drips a letter a minute is left."""
    plain = socket.create_connection((address, port), timeout=CONNECTING)
    watched = plain.dup()  # the same connection: to be shut from beside, whatever is read just then

    def shut() -> None:
        with suppress(OSError):
            watched.shutdown(socket.SHUT_RDWR)

    clock = Timer(ANSWERING, shut)
    clock.daemon = True
    clock.start()
    try:
        plain.settimeout(ANSWERING)
        connection = http.client.HTTPConnection(host, port)
        is_safe = scheme == "https"
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_safe else plain
        try:
            yield connection
        finally:
            connection.close()
    finally:
        clock.cancel()
        plain.close()
        watched.close()
