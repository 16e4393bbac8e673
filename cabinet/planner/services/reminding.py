"""Reminders of tasks: one letter a day, whatever their number."""

from datetime import date


def run_due(day: date | None = None) -> dict[str, int]:
    """Letters written, by kind; a repeat on the same day writes none."""
    return {}
