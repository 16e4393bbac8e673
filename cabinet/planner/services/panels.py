"""What other packages add to an event's page. They stand above and register themselves; this one never names them."""

from collections.abc import Callable
from typing import Any

from cabinet.planner.models import Event
from cabinet.users.models import User

# Of an event and its reader: a template and what it is shown with, or None when there is nothing for him.
Panel = Callable[[Event, User], tuple[str, dict[str, Any]] | None]
_panels: dict[str, Panel] = {}


def register(name: str, panel: Panel) -> None:
    _panels[name] = panel


def panels_of(event: Event, user: User) -> list[tuple[str, dict[str, Any]]]:
    """In the order of registration."""
    found = (panel(event, user) for panel in _panels.values())
    return [one for one in found if one is not None]
