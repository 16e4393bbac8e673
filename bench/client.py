"""A small HTTP/1.1 client with bounded load loops; standard library only.

A session is one browser: its cookies and one kept connection. Every loop ends by itself, after `limit`
operations or `seconds`, whichever comes first.
"""

import asyncio
import gzip
import http.cookies
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

HOST = "127.0.0.1"


@dataclass(slots=True)
class Response:
    status: int
    headers: dict[str, str]
    raw: bytes
    wire: int  # bytes received, head included

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.raw) if packed else self.raw).decode("utf-8", "replace")


class Session:
    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies = dict(cookies or {})
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def get(self, path: str) -> Response:
        return await self.request("GET", path)

    async def post(self, path: str, data: dict[str, str]) -> Response:
        return await self.request("POST", path, urlencode(data).encode())

    async def request(self, method: str, path: str, body: bytes = b"") -> Response:
        head = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", "Accept-Encoding: gzip"]
        if self.cookies:
            head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            head += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
                f"Referer: http://{HOST}:{self.port}{path}",
            ]
        payload = ("\r\n".join(head) + "\r\n\r\n").encode() + body
        for last in (False, True):
            is_fresh = self.writer is None
            if self.writer is None or self.reader is None:
                self.reader, self.writer = await asyncio.open_connection(HOST, self.port, limit=1 << 24)
            try:
                self.writer.write(payload)
                return await self._read(self.reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.close()
                if is_fresh or last:  # only a kept connection may have been dropped in between
                    raise
        raise AssertionError("unreachable")

    async def _read(self, reader: asyncio.StreamReader) -> Response:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        status = int(first.split(" ", 2)[1])
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                for morsel in http.cookies.SimpleCookie(value).values():
                    self.cookies[morsel.key] = morsel.value
            headers[name.lower()] = value.strip()
        body, wire = await self._body(reader, status, headers)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Response(status, headers, body, len(head) + wire)

    async def _body(self, reader: asyncio.StreamReader, status: int, headers: dict[str, str]) -> tuple[bytes, int]:
        if status in (204, 304):
            return b"", 0
        if headers.get("transfer-encoding", "").lower() == "chunked":
            parts, wire = [], 0
            while True:
                line = await reader.readline()
                size = int(line.split(b";")[0], 16)
                parts.append((await reader.readexactly(size + 2))[:-2])
                wire += len(line) + size + 2
                if not size:
                    return b"".join(parts), wire
        if "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"]))
        else:
            body = await reader.read()
            headers["connection"] = "close"
        return body, len(body)


@dataclass
class Load:
    """What a loop did: seconds of every operation, the first error if any."""

    wall: float = 0.0
    cpu: float = 0.0  # seconds of the server's processes, where the caller measures them
    times: list[float] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""

    @property
    def per_second(self) -> float:
        return len(self.times) / self.wall if self.wall else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        values = sorted(self.times)
        return values[min(len(values) - 1, round(share * (len(values) - 1)))] * 1e3 if values else float("nan")


Operation = Callable[[object], Awaitable[None]]


async def load(
    operation: Operation, items: Iterable[object], *, clients: int = 8, seconds: float = 5.0, limit: int = 20_000
) -> Load:
    """Let `clients` workers take one item after another."""
    done, source = Load(), iter(items)
    started = time.perf_counter()

    async def worker() -> None:
        for item in source:
            if len(done.times) + done.errors >= limit or time.perf_counter() - started > seconds:
                return
            began = time.perf_counter()
            try:
                await operation(item)
            except Exception as error:  # counted, and the first one is shown
                done.errors += 1
                done.first_error = done.first_error or repr(error)[:300]
            else:
                done.times.append(time.perf_counter() - began)

    await asyncio.gather(*(worker() for _ in range(clients)))
    done.wall = time.perf_counter() - started
    return done


def rounds(items: list[str], limit: int = 1_000_000) -> Iterator[str]:
    """The items over and over, at most `limit` of them."""
    for number in range(limit):
        yield items[number % len(items)]
