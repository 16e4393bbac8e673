"""Pictures of the main pages with demo data, into docs/pictures: `make pictures`.

The site runs on a database of its own that is thrown away; needs Chromium. What is shown follows the day it is run
on; names and sizes stay the same, so README.md needs no change.
"""

import io
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from cabinet.home.demo.logins import DEMO_PASSWORD
from tests.browser.chromium import SWITCHES, find_chromium

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
WIDE, TALL = {"width": 1536, "height": 960}, {"width": 1280, "height": 1200}
MAX_BYTES = 150_000
PERSONAL = r"/s/[^/]+/$"


class Picture(NamedTuple):
    """`follow`: links to go on by, each a pattern of an address or of words; `alone`: the last one without a login."""

    name: str
    who: str
    address: str
    follow: tuple[str, ...] = ()
    size: dict[str, int] = DESKTOP
    colours: str = "light"
    alone: bool = False
    scroll_to: str = ""


PICTURES = [
    Picture("first-page", "methodist", "/"),
    Picture(
        "survey-phone",
        "admin",
        "/letters/?q=Соболева",
        ("опрос", PERSONAL),
        PHONE,
        alone=True,
        scroll_to="section.card:has(#important)",
    ),
    Picture("first-page-phone", "teacher", "/", size=PHONE),
    Picture("checklist", "methodist", "/motor/queue/", (r"/motor/\d+/checklist/",)),
    Picture("case", "head", "/motor/?status=follow_up", (r"/motor/\d+/$",)),
    Picture("response", "municipal", "/motor/response/"),
    Picture("slips", "methodist", "/motor/slips/"),
    Picture("registry", "admin", "/registry/?sort=-result_on", size=WIDE),
    Picture("summary", "admin", "/registry/summary/", size=TALL),
    Picture("summary-dark", "observer", "/registry/summary/", size=TALL, colours="dark"),
    Picture("first-page-phone-dark", "methodist", "/", size=PHONE, colours="dark"),
    Picture("import", "admin", "/courses/import/"),
    Picture("route-design", "methodist", "/iom/?status=revision", (r"/iom/\d+/$", r"/iom/\d+/design/$"), TALL),
    Picture("route-agree", "methodist", "/iom/?turn=methodist&q=Бачурин", (r"/iom/\d+/$", r"/iom/\d+/agree/$"), TALL),
    Picture("route-phone", "teacher", "/iom/", (r"/iom/\d+/$",), PHONE),
    Picture("routes", "methodist", "/iom/", size=TALL),
    Picture("rma-queue", "municipal", "/rma/requests/queue/", size=TALL),
    Picture("rma-month", "rma", "/rma/activity/", size=TALL),
    Picture("rma-roster", "admin", "/rma/"),
    Picture("rma-phone", "rma", "/rma/mine/", size=PHONE),
    Picture("calendar", "methodist", "/calendar/", size=TALL),
    Picture("tasks", "methodist", "/tasks/?whose=given&look=board"),
    Picture("library", "teacher", "/library/", size=TALL),
    Picture("calendar-phone", "teacher", "/calendar/?view=agenda", size=PHONE),
]


def main() -> int:
    chromium = find_chromium()
    if chromium is None:
        print("make pictures needs Chromium: install the package `chromium`")
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="cabinet-pictures-") as folder:
        kept_out = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEBUG", "MEDIA_ROOT")
        environment = {key: value for key, value in os.environ.items() if key not in kept_out}
        environment |= {"VAR_DIR": folder, "SITE_URL": site}
        subprocess.run([sys.executable, "-m", "tools.prepare"], env=environment, check=True)
        command = [sys.executable, "-m", "gunicorn", "cabinet.wsgi:application", "--bind", f"127.0.0.1:{port}"]
        server = subprocess.Popen(command, env=environment)
        try:
            wait_for(site + "/livez")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
                for picture in PICTURES:
                    take(browser, site, picture)
                browser.close()
        finally:
            server.terminate()
            server.wait(20)
    print(f"{len(PICTURES)} pictures are in {OUT.relative_to(ROOT)}")
    return 0


def take(browser: Browser, site: str, picture: Picture) -> None:
    context = new_context(browser, site, picture)
    page = context.new_page()
    log_in(page, site, picture.who)
    page.goto(picture.address)
    for pattern in picture.follow[: -1 if picture.alone else None]:
        page.goto(link_by(page, pattern))
    if picture.alone:
        address = link_by(page, picture.follow[-1])
        context.close()
        context = new_context(browser, site, picture)
        page = context.new_page()
        page.goto(address)
    page.wait_for_load_state("networkidle")
    if picture.scroll_to:
        page.locator(picture.scroll_to).evaluate("element => { element.scrollIntoView(); window.scrollBy(0, -16); }")
    small(page.screenshot(), OUT / f"{picture.name}.png")
    context.close()


def new_context(browser: Browser, site: str, picture: Picture) -> BrowserContext:
    return browser.new_context(
        viewport=picture.size,  # type: ignore[arg-type]
        color_scheme=picture.colours,  # type: ignore[arg-type]
        locale="ru-RU",
        timezone_id="Asia/Yekaterinburg",
        reduced_motion="reduce",
        base_url=site,
    )


def log_in(page: Page, site: str, who: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", f"{who}@demo.example.org")
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(site + "/")


def link_by(page: Page, pattern: str) -> str:
    """The first link of the page whose address or words match."""
    links = page.eval_on_selector_all("main a[href]", "links => links.map(link => [link.href, link.textContent])")
    return next(address for address, words in links if re.search(pattern, address) or re.search(pattern, words))


def small(picture: bytes, path: Path) -> None:
    """A palette is enough for pages; fewer colours until the file is small."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (192, 96, 48, 24):
        image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MAX_BYTES:
            return
    raise ValueError(f"{path.name} is larger than {MAX_BYTES} bytes")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


if __name__ == "__main__":
    sys.exit(main())
