"""Materials in the library as they come there, collections of them, and a small web site to look at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cabinet.library.models import Collection, Material
from cabinet.library.services.collections import make_collection, put
from cabinet.library.services.offering import make_material, publish
from cabinet.users.models import Role, User
from tests.factories import UserFactory, person_with


def published(owner: User | None = None, link: str = "", body: str = "Текст", **fields: Any) -> Material:
    """By the services: offered by `owner`, taken by an admin. With `link`, a material of the web."""
    values = {"title": "Листы самооценки", "summary": "Как ученик видит, чему научился."} | fields
    version = {"form": "link", "link": link} if link else {"form": "text", "body": body}
    material = make_material(owner or UserFactory(), values, version)
    if not publish(material, actor=person_with(Role.ADMIN)):
        raise AssertionError(material.state)
    return Material.objects.select_related("current").get(pk=material.pk)


def shelf(owner: User, *materials: Material, is_public: bool = False, title: str = "К методическому дню") -> Collection:
    made = make_collection(owner, {"title": title, "text": "", "is_public": is_public})
    for one in materials:
        put(made, one)
    return made


@contextmanager
def site(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A web site on loopback whose every request `answer` serves; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(status: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer
