"""Taking a whole list back: what it made goes, what it changed returns, what others rely on by now stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from cabinet.core.relations import pointers_to
from cabinet.courses.models import Completion, Course, ImportBatch, Programme
from cabinet.courses.services.kinds import UndoRefused, kind_of
from cabinet.courses.services.writing import slices
from cabinet.structure.models import Organization, OrganizationAlias, Position, Subject, Topic
from cabinet.users.models import LogEntry, Membership, Pair, User
from cabinet.users.services import record

State = ImportBatch.State


def undo_list(
    batch: ImportBatch, *, actor: User | None, withdraw: Callable[[models.QuerySet[Completion]], None]
) -> None:
    """Take the list back in one transaction. `withdraw` takes back what higher floors built upon its completions,
    or raises UndoRefused."""
    with transaction.atomic():
        if not ImportBatch.objects.filter(pk=batch.pk, state=State.DONE).update(state=State.UNDONE):
            raise UndoRefused("Эта загрузка уже отменена.")
        made = batch.created_rows
        completions = Completion.objects.filter(batch=batch)
        withdraw(completions)
        try:
            completions.delete()
        except models.ProtectedError as error:
            raise UndoRefused(
                "На курсах из этого списка уже основаны маршруты педагогов: отменить загрузку целиком нельзя."
            ) from error
        kind_of(batch.kind).take_back(made)
        empty_filled(made.get("filled", []))
        Membership.objects.filter(pk__in=made.get("membership", [])).delete()
        OrganizationAlias.objects.filter(pk__in=made.get("organizationalias", [])).delete()
        for model in (User, Course, Programme, Organization, Position, Subject, Topic):
            delete_unused(model, made.get(str(model._meta.model_name), []))
        batch.refresh_from_db(fields=["state"])
        record(LogEntry.Action.CHANGED, actor=actor, about=batch, note=f"Отменена загрузка: {batch.file_name}")


def restore_completions(changed: Iterable[list[Any]]) -> None:
    for pk, former, written in changed:
        names = {"course": "course_id"}
        now = {names.get(name, name): value for name, value in written.items()}
        # Corrected by hand since: the correction is worth more than the order of things.
        found = Completion.objects.filter(pk=pk, **now)
        found.update(
            **{names.get(name, name): as_date(value) for name, value in former.items()}, updated_at=timezone.now()
        )


def as_date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def empty_filled(filled: list[list[Any]]) -> None:
    """Fields of known people that the list had filled in and nobody has changed since."""
    for part in slices(filled):
        people = User.objects.in_bulk([pk for pk, _values in part])
        for pk, values in part:
            person = people.get(pk)
            if person is None:
                continue
            for name, value in values.items():
                attribute = f"{name}_id" if name in ("organization", "position", "subject") else name
                if getattr(person, attribute) == value:
                    setattr(person, attribute, "" if name in ("phone", "contact_note") else None)
            person.save()


def delete_unused(model: type[models.Model], pks: list[int]) -> None:
    """Delete those of the rows that nothing points at any more, whatever table it is in."""
    for part in slices(pks):
        used: set[int] = set()
        for one in pointers_to(model):
            # Being like somebody else is no use: the pair goes with the row.
            if not one.type_field and not issubclass(one.model, Pair):
                used |= set(one.rows(*part).values_list(one.field, flat=True))
        unused = set(part) - used
        if model is User:
            unused -= set(User.objects.filter(pk__in=unused, last_login__isnull=False).values_list("pk", flat=True))
        model._base_manager.filter(pk__in=unused).delete()
