"""The machine's own floor: pages without a database and with one SELECT, one INSERT with its commit."""

import statistics
import time

from bench.client import Session, load, rounds
from bench.place import Place


async def pages(place: Place, seconds: float) -> dict[str, float]:
    """Requests a second of the bare application, eight clients."""
    found = {}
    for name, paths in (("plain", ["/plain"]), ("select", [f"/select/k{number}" for number in range(500)])):
        sessions = [Session(place.bare_port) for _ in range(8)]

        async def show(path: object, sessions: list[Session] = sessions) -> None:
            session = sessions.pop()
            try:
                if (await session.get(str(path))).status != 200:
                    raise ValueError(str(path))
            finally:
                sessions.append(session)

        found[name] = (await load(show, rounds(paths), clients=8, seconds=seconds)).per_second
        for session in sessions:
            session.close()
    return found


def insert(place: Place, count: int = 500) -> float:
    """Milliseconds of one INSERT and its commit, the median."""
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_sink (id bigserial PRIMARY KEY, link int, answer jsonb)")
        times = []
        for number in range(count):
            began = time.perf_counter()
            cursor.execute("INSERT INTO bare_sink (link, answer) VALUES (%s, %s)", [number, '{"q1": 3}'])
            times.append(time.perf_counter() - began)
        cursor.execute("DROP TABLE bare_sink")
    return statistics.median(times) * 1e3
