"""Hours as people say them."""

from decimal import Decimal

from cabinet.core.words import NBSP, grouped, plural

WHOLE = Decimal(1)


def hours_number(hours: Decimal | None) -> str:
    """«1 204» or «23,5»."""
    value = hours or Decimal(0)
    tenths = int(value * 10) % 10
    return f"{grouped(int(value))},{tenths}" if tenths else grouped(int(value))


def hours_words(hours: Decimal | None) -> str:
    """«23 часа», «1,5 часа»."""
    value = hours or Decimal(0)
    word = plural(int(value), "час", "часа", "часов") if value % WHOLE == 0 else "часа"
    return f"{hours_number(value)}{NBSP}{word}"
