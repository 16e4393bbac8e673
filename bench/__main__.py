"""`python -m bench [--quick]`: runs the measurements and prints them as a table in Markdown."""

import argparse
import asyncio
import json
import os
import sys
import time
from datetime import datetime

from bench import floor, phone, sheets, start, surveys
from bench.pages import Page, measure, pages
from bench.place import Place
from bench.surveys import Contest

SERVER = "postgres://root@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/11"
LIMITS = {"GET": 0.55, "submit": 0.4, "journey": 0.4}
LABELS = {
    "GET": "показ опросного листа (GET)",
    "submit": "отправка ответа (POST)",
    "journey": "весь путь: ссылка → лист → ответ, новый сеанс",
}
Row = tuple[str, str, str, str]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small region and short loops: does it run at all")
    parser.add_argument("--people", type=int, help="30000 unless --quick")
    parser.add_argument("--cases", type=int, help="100000 unless --quick")
    parser.add_argument("--seconds", type=float, help="of each load loop: 6 unless --quick")
    parser.add_argument("--no-start", action="store_true", help="without `make run` on a clean clone")
    parser.add_argument("--only", choices=["surveys", "pages", "sheets"], help="one part alone")
    chosen = parser.parse_args()
    chosen.people = chosen.people or (2_000 if chosen.quick else 30_000)
    chosen.cases = chosen.cases or (6_000 if chosen.quick else 100_000)
    chosen.seconds = chosen.seconds or (1.5 if chosen.quick else 6.0)
    chosen.repeats = 1 if chosen.quick else 3
    return chosen


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def main() -> None:
    chosen = options()
    rows: list[Row] = []
    place = Place(os.environ.get("DATABASE_URL", SERVER), os.environ.get("REDIS_URL", REDIS))
    try:
        say("a scratch database")
        place.open()
        say(f"a region of {chosen.people} people and {chosen.cases} cases")
        region = json.loads(place.run("-m", "bench.inside", "prepare", str(chosen.people), str(chosen.cases)))
        rows.append(
            ("наполнение и реестр с нуля, с", f"{region['simulate_s']:.0f} + {region['rebuild_s']:.0f}", "", "")
        )
        place.serve()
        if chosen.only in (None, "pages"):
            say("pages")
            rows += asyncio.run(page_rows(place, region, 40 if chosen.quick else 200))
        if chosen.only in (None, "surveys"):
            say("surveys beside the bare form")
            rows += asyncio.run(survey_rows(place, region, chosen))
        place.stop()
        if chosen.only in (None, "sheets"):
            say("Excel")
            rows += sheet_rows(place, min(chosen.people, 30_000))
            rows.append(mass_row(place, 50 if chosen.quick else 500))
    finally:
        place.close()
    if not (chosen.only or chosen.no_start or chosen.quick):
        say("make run on a clean clone")
        first, second = start.measure()
        rows.append(("`make run` на чистой копии, с", f"{first:.0f}", "180", mark(first <= 180)))
        rows.append(("`make run` второй раз, с", f"{second:.1f}", "10", mark(second <= 10)))
    report(chosen, rows)


def mark(is_met: bool) -> str:
    return "да" if is_met else "**нет**"


async def page_rows(place: Place, region: dict[str, object], repeat: int) -> list[Row]:
    every = pages(region["case_pks"], region["routes"], region["rma"])  # type: ignore[arg-type]
    missing = await measure(place, region["cookies"], every, repeat)  # type: ignore[arg-type]
    for line in missing:
        say(f"not measured: {line}")
    if missing:
        say(place.log_tail())
    return [page_row(page) for page in every if page.load is not None]


def page_row(page: Page) -> Row:
    name = f"{page.name}: запросов / медиана / p95 / процессор, мс"
    load = page.load
    if load is None or load.errors:
        return name, f"не отвечает: {load.first_error if load else ''}", "", mark(False)
    slowest = load.percentile(0.95)
    found = f"{page.queries} / {load.percentile(0.5):.0f} / {slowest:.0f} / {load.cpu / len(load.times) * 1e3:.0f}"
    return name, found, "15 / – / 100 / –", mark(page.queries <= 15 and slowest <= 100)


async def survey_rows(place: Place, region: dict[str, object], chosen: argparse.Namespace) -> list[Row]:
    links: list[str] = region["links"]  # type: ignore[assignment]
    ground = await floor.pages(place, chosen.seconds / 2)
    requests, wire = await surveys.first_view(place.port, links[0])
    seen = await phone.first_paint(f"http://127.0.0.1:{place.port}/s/{links[0]}/")
    found = await surveys.contest(place, links[1:], chosen.seconds, chosen.repeats)
    for line in found.errors():
        say(line)
    check_stored(place, found)
    rows = [contest_row(found, name) for name in surveys.NAMES]
    rows += [cpu_row(found, name) for name in surveys.NAMES]
    journeys = [one.per_second for one in found.ours["journey"]]
    rows.append(("весь путь по кругам, 1/с", " · ".join(f"{rate:.0f}" for rate in journeys), "ровно", ""))
    is_light = wire <= 60 * 1024 and requests <= 5
    rows.append(("первый показ листа, КБ и запросов", f"{wire / 1024:.1f} и {requests}", "60 и 5", mark(is_light)))
    rows.append(phone.row(seen))
    bare = f"{ground['plain']:.0f} / {ground['select']:.0f}"
    rows.append(("голая страница без базы / с одним SELECT, 1/с", bare, "", ""))
    rows.append(("один INSERT с фиксацией, мс", f"{floor.insert(place):.2f}", "", ""))
    return rows


def contest_row(found: Contest, name: str) -> Row:
    ours, bare = found.rate("ours", name), found.rate("bare", name)
    share, limit = ours / bare, LIMITS[name]
    return f"{LABELS[name]}, 1/с", f"{ours:.0f} из {bare:.0f} = {share:.2f}", str(limit), mark(share >= limit)


def cpu_row(found: Contest, name: str) -> Row:
    ours, bare = found.cpu("ours", name), found.cpu("bare", name)
    return f"то же, процессор приложения, мс: {name}", f"{ours:.1f} и {bare:.1f} = {bare / ours:.2f}", "", ""


def check_stored(place: Place, found: Contest) -> None:
    """What the client counted must stand in the database."""
    sent = sum(len(one.times) for one in (*found.warm, *found.ours["submit"], *found.ours["journey"]))
    with place.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM motor_survey WHERE route_note = %s), "
            "(SELECT count(*) FROM mail_letter WHERE kind = 'motor.review')",
            [surveys.OURS["route_note"]],
        )
        stored, letters = cursor.fetchone()
    if stored != sent:
        raise SystemExit(f"{sent} answers were sent, {stored} are stored")
    say(f"{stored} answers stored, {letters} letters owed")


def sheet_rows(place: Place, roster: int) -> list[Row]:
    exported, copy = sheets.export(place)
    rows: list[Row] = [
        (f"выгрузка реестра, {exported.rows} строк: с / прирост памяти, МБ",
         f"{exported.seconds:.1f} / {exported.growth:.0f}", "6 / 20",
         mark(exported.seconds <= 6 and exported.growth <= 20)),
        ("COPY тех же строк, с", f"{copy:.2f}", "", ""),
    ]  # fmt: skip
    for name, sheet in zip(("загрузка", "повторная загрузка"), sheets.bring(place, roster), strict=True):
        found = f"{sheet.seconds:.1f} / {sheet.megabytes:.0f}"
        is_met = sheet.seconds <= 60 and sheet.megabytes <= 400
        rows.append((f"{name} списка, {sheet.rows} строк: с / память, МБ", found, "60 / 400", mark(is_met)))
    return rows


def mass_row(place: Place, count: int) -> Row:
    done = json.loads(place.run("-m", "bench.inside", "routes", str(count)))
    if done["made"] != count:
        raise SystemExit(f"{done['made']} routes were made of {count}")
    return f"{count} маршрутов по шаблону из 12 пунктов, с", f"{done['seconds']:.1f}", "", ""


def report(chosen: argparse.Namespace, rows: list[Row]) -> None:
    print(f"Замер {datetime.now().astimezone():%d.%m.%Y %H:%M}: {chosen.people} человек, {chosen.cases} карт, "
          f"ядер {os.cpu_count()}, gunicorn × 3, медиана из {chosen.repeats}.\n")  # fmt: skip
    print("| что | сколько | предел | в пределе |")
    print("|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
