"""A plan written to the database: in bulk, in the order in which rows point at one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils import timezone

from cabinet.courses.models import Completion, Course, ImportBatch, Programme
from cabinet.courses.services.dictionaries import CourseRef, Dictionary, ProgrammeRef
from cabinet.courses.services.organizations import Organizations, guess_kind, saved
from cabinet.courses.services.people import Person
from cabinet.courses.services.planning import CompletionPlan, CompletionRef
from cabinet.structure.models import Organization, OrganizationAlias
from cabinet.users.models import User

SLICE = 1_000
T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


def slices(items: Sequence[T]) -> Iterable[list[T]]:
    source = iter(items)
    while part := list(islice(source, SLICE)):
        yield part


def write_completions(plan: CompletionPlan, batch: ImportBatch) -> None:
    """Call inside a transaction. The ids of what was made go to the batch, for an undo."""
    made: dict[str, Any] = {}
    batch.created_rows = made
    write_dictionaries(made, plan.positions, plan.subjects, plan.topics)
    write_organizations(made, plan.organizations)
    write_programmes(made, plan.programmes.created)
    write_courses(made, plan.programmes.created_courses)
    write_people(made, plan.people.created)
    fill_people(made, plan.people.by_pk.values())
    write_new(plan.created, batch)
    write_changed(made, plan.updated)


def write_dictionaries(made: dict[str, Any], *dictionaries: Dictionary[Any]) -> None:
    for dictionary in dictionaries:
        rows = dictionary.model.objects.bulk_create(dictionary.created)
        made[dictionary.model._meta.model_name] = [row.pk for row in rows]


def write_organizations(made: dict[str, Any], organizations: Organizations) -> None:
    now = timezone.now()
    rows = Organization.objects.bulk_create(
        [
            Organization(
                name=ref.name,
                name_key=ref.name_key,
                municipality_id=ref.municipality_id,
                kind=guess_kind(ref.name),
                updated_at=now,
                **ref.extra,
            )
            for ref in organizations.created
        ],
        batch_size=SLICE,
    )
    for ref, row in zip(organizations.created, rows, strict=True):
        ref.pk = row.pk
    aliases = [
        OrganizationAlias(
            organization_id=ref.saved,
            municipality_id=municipality,
            name=(name or name_key)[:300],
            name_key=name_key[:300],
        )
        for (municipality, name_key), (ref, name) in organizations.aliases.items()
    ]
    made["organization"] = [row.pk for row in rows]
    made["organizationalias"] = [row.pk for row in OrganizationAlias.objects.bulk_create(aliases)]


def write_programmes(made: dict[str, Any], refs: list[ProgrammeRef]) -> None:
    rows = Programme.objects.bulk_create(
        [
            Programme(title=ref.title, title_key=ref.title_key, topic=ref.topic, is_tracked=ref.is_tracked)
            for ref in refs
        ]
    )
    for ref, row in zip(refs, rows, strict=True):
        ref.pk = row.pk
    made["programme"] = [row.pk for row in rows]


def write_courses(made: dict[str, Any], refs: list[CourseRef]) -> None:
    rows = Course.objects.bulk_create(
        [
            Course(programme_id=ref.programme.saved, ends_on=ref.ends_on, starts_on=ref.starts_on, **ref.rule.fields())
            for ref in refs
        ],
        batch_size=SLICE,
    )
    for ref, row in zip(refs, rows, strict=True):
        ref.pk = row.pk
    made["course"] = [row.pk for row in rows]


def write_people(made: dict[str, Any], people: list[Person]) -> None:
    made["user"] = []
    for part in slices(people):
        rows = User.objects.bulk_create([new_user(person) for person in part])
        for person, row in zip(part, rows, strict=True):
            person.pk = row.pk
        made["user"] += [row.pk for row in rows]


def new_user(person: Person) -> User:
    return User(
        last_name=person.last_name,
        first_name=person.first_name,
        patronymic=person.patronymic,
        name_key=person.name_key,
        organization_id=person.organization_ref.pk if person.organization_ref else None,
        email=person.email,
        contact_email=person.contact_email,
        contact_note=person.contact_note,
        phone=person.phone,
        position=person.position,
        subject=person.subject,
        password=make_password(None),
    )


def fill_people(made: dict[str, Any], people: Iterable[Person]) -> None:
    """Fields that stood empty and that the list knows; everything else about known people stays."""
    changed = [person for person in people if person.changes]
    made["filled"] = []
    rows = []
    for person in changed:
        values = {name: value.pk if hasattr(value, "pk") else value for name, value in person.changes.items()}
        made["filled"].append([person.pk, values])
        row = User(pk=person.pk)
        for name, value in values.items():
            attribute = f"{name}_id" if name in ("organization", "position", "subject") else name
            setattr(row, attribute, value)
        rows.append((row, frozenset(values)))
    now = timezone.now()
    for names in {names for _row, names in rows}:
        same = [row for row, own in rows if own == names]
        for row in same:
            row.updated_at = now
        User.objects.bulk_update(same, [*names, "updated_at"], batch_size=SLICE)


def write_new(refs: list[CompletionRef], batch: ImportBatch) -> None:
    now = timezone.now()
    for part in slices(refs):
        Completion.objects.bulk_create(
            [
                Completion(
                    person_id=ref.person.saved,
                    course_id=ref.course.saved,
                    organization_id=saved(ref.organization.pk if ref.organization else None),
                    position=ref.position,
                    subject=ref.subject,
                    hours=ref.hours,
                    starts_on=ref.starts_on,
                    listed_hours=ref.listed_hours,
                    listed_starts_on=ref.listed_starts_on,
                    is_selected=ref.is_selected,
                    selection_why=ref.selection_why,
                    batch=batch,
                    created_at=now,
                )
                for ref in part
            ]
        )


def write_changed(made: dict[str, Any], refs: list[CompletionRef]) -> None:
    made["changed"] = []
    fields = ("hours", "starts_on", "listed_hours", "listed_starts_on")
    for part in slices(refs):
        rows = Completion.objects.in_bulk([ref.pk for ref in part if ref.pk])
        for ref in part:
            row = rows[saved(ref.pk)]
            now_written = {}
            for name, value in ref.changes.items():
                attribute, plain = ("course_id", value.pk) if name == "course" else (name, value)
                setattr(row, attribute, plain)
                now_written[name] = plain
            row.updated_at = timezone.now()
            made["changed"].append([ref.pk, jsonable(ref.former), jsonable(now_written)])
        Completion.objects.bulk_update(rows.values(), [*fields, "course", "updated_at"])


def jsonable(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
