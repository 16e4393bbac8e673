"""The calendar as it is asked for in the address: a month, a week or what is ahead, and what of it to show."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import QueryDict

from cabinet.core.clock import add_months, today
from cabinet.core.words import MONTH_NAMES, long_date
from cabinet.home.services.agenda import LIMITS, SCOPES, SHORT, WEEKDAYS, Day, Shown, days_between, quiet_words
from cabinet.users.models import User

VIEWS = {"month": "Месяц", "week": "Неделя", "agenda": "По дням"}
FIRST, LAST = date(2020, 1, 1), date(2100, 11, 30)
AGENDA = 28  # days of the list: four weeks
CAPS = {"month": 3, "week": 8, "agenda": 8}  # lines of a day
FEW = {"month": 1, "week": 3, "agenda": 3}  # of them limits of one kind: a cell says «3 чек-листа»
OPENED = 40  # lines of the day that is opened


@dataclass(frozen=True)
class Asked:
    """`since` and `until` are the days that are shown; of a month, its whole weeks."""

    view: str
    on: date
    shown: Shown

    @property
    def since(self) -> date:
        if self.view == "agenda":
            return self.on
        first = self.on.replace(day=1) if self.view == "month" else self.on
        return first - timedelta(days=first.weekday())

    @property
    def until(self) -> date:
        if self.view == "agenda":
            return self.on + timedelta(days=AGENDA - 1)
        last = add_months(self.on.replace(day=1), 1) - timedelta(days=1) if self.view == "month" else self.on
        return last + timedelta(days=6 - last.weekday())

    @property
    def title(self) -> str:
        """«Ноябрь 2026», «23–29 ноября 2026», «с 29 ноября по 26 декабря 2026»."""
        if self.view == "month":
            return f"{MONTH_NAMES[self.on.month - 1].capitalize()} {self.on.year}"
        since = f"{self.since.day}" if self.since.month == self.until.month else long_date(self.since, self.until.year)
        return f"{since} – {long_date(self.until)}"

    def moved(self, steps: int) -> date:
        if self.view == "month":
            day = add_months(self.on, steps)
        else:
            day = self.on + steps * timedelta(days=7 if self.view == "week" else AGENDA)
        return min(max(day, FIRST), LAST)

    def query(self, *, view: str = "", on: date | None = None) -> str:
        """The address of the same calendar, of another day or in another view."""
        query = QueryDict(mutable=True)
        query["view"], query["on"] = view or self.view, (on or self.on).isoformat()
        if self.is_narrowed:
            query.setlist(
                "show", [code for code in (*SCOPES, *LIMITS) if code in self.shown.scopes | self.shown.limits]
            )
        if self.shown.only_mine:
            query["mine"] = "1"
        return f"?{query.urlencode()}"

    @property
    def is_narrowed(self) -> bool:
        return len(self.shown.scopes) + len(self.shown.limits) < len(SCOPES) + len(LIMITS)

    @property
    def is_filtered(self) -> bool:
        return self.is_narrowed or self.shown.only_mine


def read(query: QueryDict) -> Asked:
    """What is not understood is as if it were not said: an address typed by hand opens the calendar of today."""
    view = query.get("view", "month")
    codes = set(query.getlist("show"))
    scopes, limits = codes & set(SCOPES), codes & set(LIMITS)
    shown = Shown(frozenset(scopes), frozenset(limits)) if scopes | limits else Shown()
    shown = replace(shown, only_mine=query.get("mine") == "1")
    return Asked(view if view in VIEWS else "month", _day(query.get("on", "")), shown)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today()
    return min(max(day, FIRST), LAST)


@dataclass
class Page:
    asked: Asked
    days: list[Day]
    chosen: Day | None
    quiet: list[str]

    @property
    def printed_on(self) -> date:
        return today()

    @property
    def weekdays(self) -> list[tuple[str, str]]:
        return list(zip(SHORT, WEEKDAYS, strict=True))

    @property
    def weeks(self) -> list[list[Day]]:
        return [self.days[at : at + 7] for at in range(0, len(self.days), 7)]

    @property
    def filled(self) -> list[Day]:
        """Days of the list with anything on them, and today."""
        return [day for day in self.days if day.day == today() or not day.is_empty]

    @property
    def is_empty(self) -> bool:
        return all(day.is_empty for day in self.days)

    @property
    def views(self) -> list[tuple[str, str, bool]]:
        return [(label, self.asked.query(view=code), code == self.asked.view) for code, label in VIEWS.items()]

    @property
    def previous(self) -> str:
        return self.asked.query(on=self.asked.moved(-1))

    @property
    def next(self) -> str:
        return self.asked.query(on=self.asked.moved(1))

    @property
    def today(self) -> str:
        return self.asked.query(on=today())

    @property
    def choices(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """(heading, [(code, words, is it shown)])."""
        shown = self.asked.shown
        return [
            ("События", [(code, words, code in shown.scopes) for code, words in SCOPES.items()]),
            ("Сроки", [(code, words, code in shown.limits) for code, words in LIMITS.items()]),
        ]


def calendar_page(user: User, asked: Asked) -> Page:
    """A constant number of queries, whatever the days hold."""
    is_month = asked.view == "month"
    opened = asked.on if is_month else None
    days = days_between(
        user, asked.since, asked.until, asked.shown, cap=CAPS[asked.view], few=FEW[asked.view], full=opened
    )
    for day in days:
        day.is_outside = is_month and day.day.month != asked.on.month
        day.address = asked.query(view="month", on=day.day)
    chosen = next((replace(day, cap=OPENED) for day in days if day.day == opened), None)
    return Page(asked, days, chosen, quiet_words(user, asked.since, asked.until))
