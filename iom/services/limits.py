"""The time limits of a route: a date and why it is that date."""

from datetime import date

from django.conf import settings

from cabinet.core.clock import Deadline, add_working_days, today
from cabinet.core.words import counted
from iom.models import Route


def _working_days(count: int, what: str, since: date | None = None) -> Deadline:
    days = counted(count, "рабочий день", "рабочих дня", "рабочих дней")
    return Deadline(add_working_days(since or today(), count), f"{days} {what}")


def to_agree() -> Deadline:
    return _working_days(settings.IOM_AGREEMENT_WORKING_DAYS, "на согласование")


def to_correct() -> Deadline:
    """For the author: a return answered, a new version finished."""
    return _working_days(settings.IOM_RETURN_WORKING_DAYS, "на доработку маршрута")


def to_the_end(route: Route) -> Deadline:
    return Deadline(route.ends_on, "окончание маршрута")


def to_check(since: date) -> Deadline:
    """For whoever checks an item or an answer, from the day it came."""
    return _working_days(settings.IOM_CHECK_WORKING_DAYS, "на проверку", since)
