"""Words for the lines of a route: what kind they are, what became of them."""

from django import template

from iom.services.snapshot import LineChange, title_of

register = template.Library()

KINDS = {"header": "Заголовок", "deficit": "Дефицит", "goal": "Цель", "item": "Мероприятие"}
WHATS = {"added": "добавлено", "changed": "изменено", "removed": "убрано", "same": "без изменений"}


@register.filter
def kind_word(change: LineChange) -> str:
    return KINDS[change.kind]


@register.filter
def what_word(change: LineChange) -> str:
    return WHATS[change.what]


@register.filter
def line_title(line: dict[str, str]) -> str:
    return title_of(line)


@register.filter
def anchor(line: str) -> str:
    """«item:12» as an id of the page."""
    return line.replace(":", "-")
