"""What a phone with a poor connection sees of a page: requests, bytes over the wire, first contentful paint.

`python -m bench.phone ADDRESS` prints it as a row of a table; nothing of the page is in the browser's cache.
"""

import asyncio
import shutil
import statistics
import sys
from dataclasses import dataclass

from playwright.async_api import Browser, async_playwright

PHONE = {"width": 360, "height": 740}
KBITS, LATENCY = 400, 400  # a second, and ms: what browsers' developers call slow 3G
RUNS = 3
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@dataclass(frozen=True)
class View:
    requests: int
    wire: int  # bytes, heads of the answers included
    paint: float  # seconds until the first words are seen


async def first_paint(address: str) -> View | None:
    """The median of several first views; None on a machine without Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        return None
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        views = [await _look(browser, address) for _ in range(RUNS)]
        await browser.close()
    return View(views[0].requests, views[0].wire, statistics.median(view.paint for view in views))


async def _look(browser: Browser, address: str) -> View:
    context = await browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    # A picture written into a style is loaded too, with no byte over the wire.
    sizes: dict[str, int] = {}
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    await session.send("Network.enable")
    speed = KBITS * 1000 / 8
    limits = {"offline": False, "latency": LATENCY, "downloadThroughput": speed, "uploadThroughput": speed}
    await session.send("Network.emulateNetworkConditions", limits)
    await page.goto(address, wait_until="networkidle")
    paint = float(await page.evaluate(PAINT)) / 1000
    await context.close()
    wire = [int(size) for size in sizes.values() if size]
    return View(len(wire), sum(wire), paint)


def row(view: View | None) -> tuple[str, str, str, str]:
    name = f"первый показ листа в браузере, 360 px, {KBITS} кбит/с и {LATENCY} мс: запросов / КБ / первые слова, с"
    if view is None:
        return name, "нет Chromium", "5 / 60 / –", ""
    is_light = view.requests <= 5 and view.wire <= 60 * 1024
    found = f"{view.requests} / {view.wire / 1024:.1f} / {view.paint:.1f}"
    return name, found, "5 / 60 / –", "да" if is_light else "**нет**"


if __name__ == "__main__":
    print("| " + " | ".join(row(asyncio.run(first_paint(sys.argv[1])))) + " |")
