"""What falls due of polls."""

from datetime import date


def run_due(day: date | None = None) -> dict[str, int]:
    """Close what has ended by `day`, today by default."""
    return {}
