"""One person's browser, which remembers everything its console complained about and knows how pages are read."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Response

from tests.browser.conftest import PHONE
from tests.factories import PASSWORD

PATIENCE = 60.0  # seconds for what a worker does: the machine may be busy with something else
LOAD_FAILED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class Visitor:
    """`complaints` gathers console errors, broken scripts, CSP violations and unexpected statuses of any page."""

    def __init__(self, context: BrowserContext, name: str) -> None:
        self.context, self.name = context, name
        self.complaints: list[str] = []
        self._expected: set[int] = set()
        self.page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._complain(f"script: {error}"))
        self.page.on("response", self._received)

    def _complain(self, text: str) -> None:
        self.complaints.append(f"{self.name}: {self.page.url}: {text}")

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused page is reported by its response; the console repeats it without saying which page it was.
        if message.type in {"error", "warning"} and not LOAD_FAILED.match(message.text):
            self._complain(f"console: {message.text}")

    def _received(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self._complain(f"{response.status} for {response.url}")

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """Inside, pages may answer with this status: a form with mistakes, a page that is not for this person."""
        self._expected.add(status)
        try:
            yield
        finally:
            self._expected.discard(status)

    # --- Reading ---------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The words of the page's main part, spaces evened out; what scripts and style sheets hide is not read."""
        self.page.wait_for_load_state()
        return " ".join(self.page.locator("main").inner_text().replace("\u00a0", " ").split())

    def heading(self) -> str:
        return self.page.locator("h1").inner_text().strip()

    def should_read(self, *words: str) -> None:
        text = self.text.lower()  # style sheets may show capitals
        for one in words:
            assert one.lower() in text, f"{self.name} does not read «{one}» at {self.page.url}:\n{text}"

    def should_not_read(self, *words: str) -> None:
        text = self.text.lower()
        for one in words:
            assert one.lower() not in text, f"{self.name} reads «{one}» at {self.page.url}"

    def fits_a_phone(self) -> None:
        """Nothing of the page stands out at 360 px, whatever size this browser has."""
        self.page.wait_for_load_state()
        usual = self.page.viewport_size
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        wide = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1] <= PHONE["width"], f"{self.page.url} is {wide[0]} px wide on a phone"
        if usual:
            self.page.set_viewport_size(usual)

    # --- Acting ----------------------------------------------------------------------------------------------

    def opens(self, address: str) -> Response:
        response = self.page.goto(address)
        assert response is not None
        return response

    def is_refused(self, address: str) -> None:
        """Foreign equals missing."""
        with self.expecting(404):
            assert self.opens(address).status == 404

    def presses(self, name: str, within: Locator | None = None) -> None:
        """A button or a link by its exact words, the hidden ones for readers of screens aside."""
        place = within or self.page.locator("main")
        pattern = re.compile(rf"^\s*{re.escape(name)}(\s*:.*)?\s*$")
        button, link = place.get_by_role("button", name=pattern), place.get_by_role("link", name=pattern)
        button.or_(link).first.click()

    def fills(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=True).fill(value)

    def marks(self, selector: str) -> None:
        self.page.locator(selector).check()

    def logs_in(self, email: str) -> None:
        """By the page of the login and a password."""
        self.opens("/accounts/login/")
        form = self.page.locator("main form").first
        form.locator("[name=login]").fill(email)
        form.locator("[name=password]").fill(PASSWORD)
        self.presses("Войти", form)
        self.page.wait_for_url("**/")

    def waits_for(self, condition: Callable[[], bool], what: str, *, reload: bool = False) -> float:
        """Ask until it is so; says how many seconds that took. With `reload`, as a person who presses F5."""
        began = time.monotonic()
        while not condition():
            spent = time.monotonic() - began
            assert spent < PATIENCE, f"{self.name} did not see within {spent:.0f} s: {what}\n{self.text}"
            self.page.wait_for_timeout(200)
            if reload:
                self.page.reload()
        return time.monotonic() - began
