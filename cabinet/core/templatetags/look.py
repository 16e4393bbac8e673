"""Tags that every page may use: icons, states, time limits, Russian plurals, sortable headings, terms."""

from datetime import date, datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cabinet.core import badges, icons, words
from cabinet.core.terms import TERMS

register = template.Library()

SOON_DAYS = 3


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """`{% icon "house" %}`: silent beside a word; with `label` it speaks for itself."""
    voice = (
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true" focusable="false"')
    )
    return format_html(
        '<svg class="icon{}" viewBox="0 0 16 16" width="16" height="16" {}>{}</svg>',
        f" {css}" if css else "",
        voice,
        mark_safe(icons.paths(name)),
    )


@register.simple_tag
def status(code: str, label: str, tone: str = "", picture: str = "") -> SafeString:
    """`{% status case.status case.get_status_display %}`: word, icon and colour by the code."""
    look = badges.look(str(code))
    return format_html(
        '<span class="badge-state tone-{}">{}<span>{}</span></span>',
        tone or look.tone,
        icon(picture or look.icon),
        label,
    )


@register.simple_tag
def due(day: date | None, prefix: str = "до") -> SafeString:
    """`{% due case.due_on %}` → «до 12 марта, осталось 3 дня», louder as it nears."""
    if day is None:
        return mark_safe("")
    now = timezone.localdate()
    left = (day - now).days
    css = "due-late" if left < 0 else "due-soon" if left <= SOON_DAYS else ""
    return format_html(
        '<span class="due {}">{}<span>{}\u00a0<time datetime="{}">{}</time>, {}</span></span>',
        css,
        icon("exclamation-triangle-fill" if left < 0 else "clock"),
        prefix,
        day.isoformat(),
        words.long_date(day, now.year),
        words.days_until(day, now),
    )


@register.filter
def ru_date(value: date | datetime | None) -> str:
    """«12 марта 2026»."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    return words.long_date(value)


@register.filter
def ru_moment(value: datetime | None) -> str:
    """«12 марта 2026, 14:05» in the region's time."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{words.long_date(local)}, {local:%H:%M}"


@register.filter
def short_date(value: date | datetime | None) -> str:
    """«12.03.2026», for tables."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value:%d.%m.%Y}" if value else ""


@register.filter
def number(value: int | str | None) -> str:
    """«12 480»; nothing stays nothing."""
    return "" if value in (None, "") else words.grouped(int(value))


@register.filter
def plural(value: int, forms: str) -> str:
    """`{{ n|plural:"карта,карты,карт" }}` → «5 карт»."""
    one, few, many = forms.split(",")
    return words.counted(int(value), one, few, many)


@register.filter
def plural_word(value: int, forms: str) -> str:
    """Only the word: `{{ n }} {{ n|plural_word:"карта,карты,карт" }}` with markup between."""
    one, few, many = forms.split(",")
    return words.plural(int(value), one, few, many)


@register.filter
def percent(part: int | None, whole: int | None) -> str:
    """«37 %»; a dash when there is nothing to take a share of."""
    return f"{round(100 * part / whole)}{words.NBSP}%" if part is not None and whole else "—"


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Context, field: str, label: str, css: str = "", param: str = "sort") -> dict[str, Any]:
    """A <th> that sorts by `field`; the direction turns at the second click and filters stay in the address."""
    query = context["request"].GET.copy()
    now = query.get(param, "")
    query.pop("page", None)
    query[param] = f"-{field}" if now == field else field
    direction = "ascending" if now == field else "descending" if now == f"-{field}" else ""
    return {"address": f"?{query.urlencode()}", "label": label, "direction": direction, "css": css}


@register.inclusion_tag("components/term.html")
def term(code: str) -> dict[str, str]:
    """`{% term "rma" %}`: «Что такое РМА?» that opens where it stands, by mouse, finger or key."""
    name, meaning = TERMS[code]
    return {"name": name, "meaning": meaning}


@register.filter
def error_links(form: Any) -> list[tuple[str, str]]:
    """(id of the field, message) for every error of a form; the id is empty for errors of the form as a whole."""
    links = [("", str(message)) for message in form.non_field_errors()]
    for field in form:
        target = field.id_for_label or f"div_{field.auto_id}"
        # A label that is a question needs no colon after it.
        name = field.label if str(field.label).endswith(("?", ".", "…", ":")) else f"{field.label}:"
        # Django's own sentences do not say which field they are about; ours do.
        kinds = type(field.field).__mro__
        plain = {str(text) for kind in kinds for text in vars(kind).get("default_error_messages", {}).values()}
        links += [(target, f"{name} {message}" if message in plain else message) for message in field.errors]
    return links


@register.filter
def changed_filters(form: Any) -> int:
    """How many fields of a filter form are in use, for the heading of a folded panel."""
    return sum(1 for field in form if field.value() not in (None, "", [], ["", ""]))


@register.filter
def near_pages(page: Any) -> list[int | None]:
    """Page numbers worth a link: the ends and the neighbours; None stands for a gap."""
    return [
        number if isinstance(number, int) else None
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
