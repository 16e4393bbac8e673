"""Russian words around numbers and dates."""

from datetime import date

NBSP = "\u00a0"
MONTHS = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()  # noqa: SIM905
)

MONTH_NAMES = (
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()  # noqa: SIM905
)


def plural(count: int, one: str, few: str, many: str) -> str:
    """1 карта, 2 карты, 5 карт: only the word, without the number."""
    tens, units = abs(count) % 100, abs(count) % 10
    if 10 < tens < 20 or units == 0 or units > 4:
        return many
    return one if units == 1 else few


def counted(count: int, one: str, few: str, many: str) -> str:
    """The number and the word, kept together on a line: «1 204 карты»."""
    return f"{grouped(count)}{NBSP}{plural(count, one, few, many)}"


def grouped(number: int) -> str:
    """Thousands apart by a space that does not break."""
    return f"{number:,}".replace(",", NBSP)


def long_date(day: date, this_year: int | None = None) -> str:
    """«12 марта 2026»; the year is left out when it is this one."""
    year = "" if day.year == this_year else f"{NBSP}{day.year}"
    return f"{day.day}{NBSP}{MONTHS[day.month - 1]}{year}"


def month_words(day: date) -> str:
    """«ноябрь 2026»."""
    return f"{MONTH_NAMES[day.month - 1]}{NBSP}{day.year}"


def days_until(day: date, now: date) -> str:
    """How far a time limit is, as people say it."""
    days = (day - now).days
    if days < 0:
        return f"просрочено на {counted(-days, 'день', 'дня', 'дней')}"
    if days < 2:
        return ("сегодня", "завтра")[days]
    left = plural(days, "остался", "осталось", "осталось")
    return f"{left} {counted(days, 'день', 'дня', 'дней')}"
