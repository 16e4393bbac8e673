"""What a task may be about: rows of packages above, named «app.model-pk» and shown to whoever may see them."""

from django.apps import apps
from django.db import models

from cabinet.planner.models import Task
from cabinet.users.models import User

# By names: the packages stand above and are never imported here.
KINDS = {
    "motor.case": "карты МОТОР",
    "iom.route": "маршруты ИОМ",
    "planner.event": "события",
    "library.material": "материалы библиотеки",
    "rma.request": "запросы к РМА",
}


def seen(code: str, user: User) -> models.Model | None:
    """The row of a code from an address, if there is one and the person may see it."""
    kind, _, number = code.partition("-")
    if kind not in KINDS or not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    rows = apps.get_model(kind)._default_manager.all()
    found: models.Model | None = rows.visible_to(user).filter(pk=int(number)).first()
    return found


def code_of(row: models.Model | None) -> str:
    return f"{row._meta.label_lower}-{row.pk}" if row is not None else ""


def may_see(task: Task, user: User) -> bool:
    """Does the reader see what the task is about? To others its name says too much of people."""
    about = task.about
    if about is None:
        return False
    manager = type(about)._default_manager.all()
    if not hasattr(manager, "visible_to"):
        return False
    return bool(manager.visible_to(user).filter(pk=about.pk).exists())
