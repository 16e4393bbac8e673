"""Who is told what when it becomes his turn. The texts are in iom/letter_texts, an admin may change them."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.words import days_until, long_date
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import Value, compose
from cabinet.users.models import User
from iom.models import Route


def write(
    route: Route,
    what: str,
    to: User | None,
    more: Mapping[str, Value] | None = None,
    *,
    actor: User | None = None,
    about: models.Model | None = None,
    event: str = "",
    page: str = "route",
) -> None:
    """Queue one letter, never to the one who has just acted. `about` is the page it opens, the route by default.

    `page` names another page of the route: where one acts, not the route in general.
    `event` tells two letters of one kind about one revision of the route apart: the item's or answer's own mark.
    """
    if to is None or not to.is_active or (actor is not None and to.pk == actor.pk):
        return
    address = about.get_absolute_url() if about else reverse(f"iom:{page}", args=[route.pk])  # type: ignore[attr-defined]
    values: dict[str, Value] = {
        "имя": to.polite_name,
        "педагог": lambda: route.person.full_name,
        "фамилия": lambda: route.person.short_name,
        "маршрут": route.title,
        "организация": lambda: str(route.organization),
        "состояние": route.get_status_display,
        "когда": lambda: _until(route),
        "кто": actor.full_name if actor else "Кабинет",
        "адрес": settings.SITE_URL + address,
    }
    subject, body = compose(f"iom.{what}", values | dict(more or {}))
    queue_letter(
        key=f"iom.{what}.{route.pk}.{event or route.revision}.{to.pk}",
        kind=f"iom.{what}",
        to=to,
        subject=subject,
        body=body,
        about=about or route,
    )


def _until(route: Route) -> str:
    if route.due_on is None:
        return ""
    return f"Срок — {long_date(route.due_on)}, {days_until(route.due_on, today())}."
