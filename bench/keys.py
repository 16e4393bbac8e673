"""`python -m bench.keys`: clicks and keys for one checklist and for a queue of thirty, in a browser, on a scratch site.

Counted is what a person does: a click, a key pressed (Ctrl and Enter are two), letters typed into text. Every
checklist says the same: one thing studied, A «определил», B «частично», D «нет», E «нет».
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.place import HOST, ROOT, free_port, wait_for

QUEUE = 30
ALL = QUEUE + 3  # and one for each of the three ways
PROGRAMMES = 3
CHOICES = ("#id_study_plan", "#id_significant_0", "#id_practice_1", "#id_other_found_1")


def prepare() -> dict[str, str]:
    """A methodist with teachers of one school who answered; how to log in as him."""
    import django

    django.setup()
    from django.conf import settings

    from bench.inside import log_in
    from cabinet.core.clock import today
    from motor.models import Case, Status
    from tests import factories

    organization = factories.OrganizationFactory()
    methodist = factories.person_with("methodist", organization)
    courses = [factories.CourseFactory() for _ in range(PROGRAMMES)]
    for number in range(ALL):
        completion = factories.CompletionFactory(person__organization=organization, course=courses[number % PROGRAMMES])
        due = today() + timedelta(days=number)
        case = factories.CaseFactory(
            completion=completion, responsible=methodist, status=Status.SCHOOL_REVIEW, due_on=due
        )
        factories.EvidenceFactory(case=case, kind="plan")
    assert Case.objects.assessable_by(methodist).count() == ALL
    return {"cookie": settings.SESSION_COOKIE_NAME, "session": log_in(methodist)}


def saved() -> int:
    import django

    django.setup()
    from motor.models import Checklist

    return Checklist.objects.count()


class Hand:
    """A person at the page: does a thing and counts it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = self.keys = 0

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()

    def press(self, chord: str) -> None:
        self.keys += chord.count("+") + 1
        self.page.keyboard.press(chord)

    def taken(self) -> tuple[int, int]:
        taken = (self.clicks, self.keys)
        self.clicks = self.keys = 0
        return taken


def by_mouse(hand: Hand) -> None:
    for choice in CHOICES:
        hand.click(f"label[for={choice[1:]}]")
    hand.click(".checklist-end .btn-primary")


def by_letters(hand: Hand) -> None:
    """What was studied: 1; on to the next question; A: 1, B: 2, D: 2; saved, the next one opens."""
    for key in ("Digit1", "KeyJ", "Digit1", "Digit2", "Digit2"):
        hand.press(key)
    hand.press("Control+Enter")


def by_tab(hand: Hand) -> None:
    """Without the letters: Tab from one thing to the next, Space to tick, arrows within a group."""
    page = hand.page
    for choice in CHOICES:
        name = page.locator(choice).get_attribute("name")
        for _ in range(120):
            hand.press("Tab")
            if page.evaluate("document.activeElement.name || ''") == name:
                break
        hand.press("Space")
        while not page.locator(choice).is_checked():
            hand.press("ArrowDown")
    hand.press("Control+Enter")


WAYS = {"мышью": by_mouse, "Tab, пробел и стрелки": by_tab, "цифры и буквы": by_letters}


def through(hand: Hand, way: Any, times: int) -> tuple[int, int, float]:
    """So many checklists one after another: clicks, keys, seconds of the pages and the browser, without thinking."""
    began = time.monotonic()
    for _ in range(times):
        before = hand.page.url
        way(hand)
        hand.page.wait_for_url(lambda url, before=before: url != before)
        hand.page.wait_for_load_state()
    return (*hand.taken(), time.monotonic() - began)


def measure(site: str, access: dict[str, str]) -> list[tuple[str, int, int, int, float]]:
    from playwright.sync_api import sync_playwright

    from tests.browser.chromium import SWITCHES, find_chromium

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=SWITCHES)
        context = chromium.new_context(base_url=site, viewport={"width": 1280, "height": 800}, locale="ru-RU")
        context.add_cookies([{"name": access["cookie"], "value": access["session"], "url": site}])
        hand = Hand(context.new_page())
        hand.page.goto("/motor/queue/")
        hand.page.get_by_role("link", name="Начать с первого").click()
        rows = [(f"один чек-лист: {label}", 1, *through(hand, way, 1)) for label, way in WAYS.items()]
        hand.page.goto("/motor/queue/")
        hand.press("KeyJ")
        hand.press("Enter")
        hand.page.wait_for_url("**/checklist/**")
        rows.append(("тридцать подряд из очереди: цифры и буквы", QUEUE, *through(hand, by_letters, QUEUE)))
        hand.page.get_by_text("Всё сделано").wait_for()
        chromium.close()
    return rows


def main() -> None:
    if sys.argv[1:] == ["prepare"]:
        print(json.dumps(prepare()))
        return
    if sys.argv[1:] == ["saved"]:
        print(saved())
        return
    folder, port = Path(tempfile.mkdtemp(prefix="cabinet-keys-")), free_port()
    site = f"http://{HOST}:{port}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cabinet.settings",
        "DATABASE_URL": f"sqlite:///{folder}/keys.sqlite3",
        "VAR_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "SITE_URL": site,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "LINK_PEPPER": secrets.token_urlsafe(48),
        "DEBUG": "1",
        "PYTHONWARNINGS": "ignore",
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    server = None
    try:
        run("manage.py", "migrate", "--verbosity=0")
        access = json.loads(run("-m", "bench.keys", "prepare"))
        serve = [sys.executable, "manage.py", "runserver", f"{HOST}:{port}", "--noreload"]
        server = subprocess.Popen(
            serve, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(port)
        rows = measure(site, access)
        assert int(run("-m", "bench.keys", "saved")) == ALL
    finally:
        if server is not None:
            server.terminate()
            server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
    print("| что | чек-листов | щелчков | клавиш | секунд |\n|---|---|---|---|---|")
    for label, times, clicks, keys, seconds in rows:
        print(f"| {label} | {times} | {clicks} | {keys} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
