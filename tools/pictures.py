"""Pictures of the main pages with demo data, into docs/pictures: `make pictures`.

The site runs on a database of its own that is thrown away; needs Chromium.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from cabinet.home.demo.logins import DEMO_PASSWORD
from tests.browser.chromium import SWITCHES, find_chromium

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}

# name of the picture, who looks, address, size, colours
PICTURES = [
    ("first-page", "methodist", "/", DESKTOP, "light"),
    ("first-page-phone", "rma", "/", PHONE, "light"),
    ("cases", "methodist", "/motor/", DESKTOP, "light"),
    ("import", "admin", "/courses/import/", DESKTOP, "light"),
    ("registry", "admin", "/registry/", DESKTOP, "light"),
    ("summary", "admin", "/registry/summary/", DESKTOP, "light"),
    ("summary-dark", "observer", "/registry/summary/", DESKTOP, "dark"),
    ("letters", "admin", "/letters/", DESKTOP, "light"),
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
        kept_out = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
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
                    take(browser, site, *picture)
                browser.close()
        finally:
            server.terminate()
            server.wait(20)
    print(f"pictures are in {OUT.relative_to(ROOT)}")
    return 0


def take(browser: Browser, site: str, name: str, who: str, address: str, size: dict[str, int], colours: str) -> None:
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=colours,  # type: ignore[arg-type]
        locale="ru-RU",
        base_url=site,
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", f"{who}@demo.example.org")
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(site + "/")
    page.goto(address)
    page.screenshot(path=OUT / f"{name}.png")
    context.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


if __name__ == "__main__":
    sys.exit(main())
