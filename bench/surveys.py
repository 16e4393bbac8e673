"""The survey by personal link beside the bare form: alternating, each operation the median of its rounds."""

import asyncio
import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.client import Load, Session, load, rounds
from bench.place import Place

CLIENTS = 8
LINKS = 1000  # of the bare application
SHOWN = 100
TOKEN = re.compile(r'csrfmiddlewaretoken" value="([^"]+)')
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
OURS = {
    "important": "Приёмы смыслового чтения и то, как читать вместе с классом таблицы и схемы.",
    "in_route": "outside",
    "route_note": "Веду маршрут в таблице методического объединения.",
    "has_started": "yes",
    "change_0": "На каждом втором уроке даю одно задание из жизни.",
    "change_0_on": "course",
    "ev_plan": "on",
    "ev_plan_text": "Конспект урока, 7 класс",
    "ev_plan_link": "https://materials.example.org/konspekt",
}
BARE = {f"q{number}": "3" for number in range(1, 26)} | {"t": "Текст ответа учителя"}
NAMES = ("GET", "submit", "journey")


@dataclass
class Contest:
    """Loads of each operation, round by round; `ours` and `bare` of one round ran one after the other."""

    ours: dict[str, list[Load]] = field(default_factory=lambda: {name: [] for name in NAMES})
    bare: dict[str, list[Load]] = field(default_factory=lambda: {name: [] for name in NAMES})
    warm: list[Load] = field(default_factory=list)  # answers sent before the measuring began

    def rate(self, side: str, name: str) -> float:
        return statistics.median(one.per_second for one in getattr(self, side)[name])

    def cpu(self, side: str, name: str) -> float:
        """Milliseconds of the application's processor for one operation; a busy machine does not change it."""
        loads = getattr(self, side)[name]
        return statistics.median(one.cpu / max(1, len(one.times)) for one in loads) * 1e3

    def errors(self) -> list[str]:
        every = [one for side in (self.ours, self.bare) for loads in side.values() for one in loads]
        return [f"{one.errors} errors, the first: {one.first_error}" for one in every if one.errors]


class Side:
    """One application under load: its addresses, its form, and which surveys are left to answer."""

    def __init__(self, port: int, paths: list[str], answers: dict[str, str], *, reusable: bool) -> None:
        self.port = port
        self.answers = answers
        # Surveys that are only looked at must stay open, so they are never the ones that are answered.
        self.shown = paths[:SHOWN]
        self.fresh: Iterator[str] = rounds(paths) if reusable else iter(paths[SHOWN:])
        self.pool: asyncio.Queue[Session] = asyncio.Queue()
        for _ in range(CLIENTS):
            self.pool.put_nowait(Session(port))

    async def show(self, path: object) -> None:
        session = await self.pool.get()
        try:
            response = await session.get(str(path))
            if response.status != 200 or "<form" not in response.text:
                raise ValueError(f"GET {response.status}")
        finally:
            self.pool.put_nowait(session)

    async def submit(self, path: object) -> None:
        """The session is open and has its token; only the answer is sent."""
        session = await self.pool.get()
        try:
            if "csrftoken" not in session.cookies:
                await session.get(str(path))
            await self._send(session, str(path), session.cookies["csrftoken"])
        finally:
            self.pool.put_nowait(session)

    async def journey(self, path: object) -> None:
        """A person never seen before: link, form, answer, in a new connection and session."""
        session = Session(self.port)
        try:
            page = await session.get(str(path))
            found = TOKEN.search(page.text)
            if page.status != 200 or found is None:
                raise ValueError(f"GET {page.status}")
            await self._send(session, str(path), found.group(1))
        finally:
            session.close()

    async def _send(self, session: Session, path: str, token: str) -> None:
        response = await session.post(path, self.answers | {"csrfmiddlewaretoken": token})
        if response.status != 302:
            raise ValueError(f"POST {response.status}")


async def contest(place: Place, links: list[str], seconds: float, repeats: int) -> Contest:
    """Ours, bare, ours, bare …: the machine's speed drifts, neighbours in time are comparable."""
    result = Contest()
    ours = Side(place.port, [f"/s/{link}/" for link in links], OURS, reusable=False)
    bare = Side(place.bare_port, [f"/f/k{number}" for number in range(LINKS)], BARE, reusable=True)
    for side, warm in ((ours, result.warm), (bare, [])):  # templates compiled, connections open, modules imported
        await load(side.show, rounds(side.shown, 60), clients=CLIENTS)
        warm.append(await load(side.submit, side.fresh, clients=CLIENTS, limit=60))
    for _ in range(repeats):
        for name in NAMES:
            for side, loads in ((ours, result.ours), (bare, result.bare)):
                before = place.cpu(side.port)
                loads[name].append(await _run(side, name, seconds))
                loads[name][-1].cpu = place.cpu(side.port) - before
                if not loads[name][-1].times:
                    raise SystemExit(f"{name}: nothing was done; open surveys ran out, take more --cases")
    return result


async def _run(side: Side, name: str, seconds: float) -> Load:
    if name == "GET":
        return await load(side.show, rounds(side.shown), clients=CLIENTS, seconds=seconds)
    operation = side.submit if name == "submit" else side.journey
    return await load(operation, side.fresh, clients=CLIENTS, seconds=seconds)


async def first_view(port: int, link: str) -> tuple[int, int]:
    """Requests and bytes over the wire of a phone that opens the link for the first time."""
    session = Session(port)
    page = await session.get(f"/s/{link}/")
    assets = dict.fromkeys(ASSET.findall(page.text))
    wire = page.wire
    for path in assets:
        wire += (await session.get(path)).wire
    session.close()
    return 1 + len(assets), wire
