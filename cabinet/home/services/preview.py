"""What a checked list shows before it is written: counts, problems, what to decide, how many cases open and when."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from cabinet.courses.services import CompletionPlan, ListPlan, kind_of
from cabinet.courses.services.organizations import choice_key, nearest
from motor.services import forecast_openings

SHOWN_PROBLEMS = 500
FEW = 12  # as many lie open on the page
TICKED = 300  # listeners that can be ticked one by one; for more there is a column of the list
SHOWN_ORGANIZATIONS = 200
SHOWN_COURSES = 50
SHOWN_CHANGES = 300


def preview_of(plan: ListPlan, kind: str) -> dict[str, Any]:
    answer = plan.as_json()
    preview = answer | {
        "errors": answer["errors"][:SHOWN_PROBLEMS],
        "warnings": plain_warnings(answer["warnings"])[:SHOWN_PROBLEMS],
        "failed": len(plan.failed),
        "error_count": len(answer["errors"]),
        "few_errors": len(answer["errors"]) <= FEW,
        "warning_count": len(plain_warnings(answer["warnings"])),
        "municipalities": list(plan.unknown_municipalities.values()),
        "new_organizations": len(plan.organizations.created),
    }
    preview |= organizations_of(plan)
    changes = kind_of(kind).changes(plan)
    preview |= {"changes": changes[:SHOWN_CHANGES], "change_count": len(changes), "few_changes": len(changes) <= FEW}
    if isinstance(plan, CompletionPlan):
        preview |= {
            "near": plan.near,
            "programmes": programmes_of(plan),
            "selection": selection_of(plan),
            "forecast": forecast_of(plan),
        }
    return preview


def plain_warnings(warnings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """New organizations have a part of the page of their own."""
    return [one for one in warnings if not one["message"].startswith("новая организация")]


def organizations_of(plan: ListPlan) -> dict[str, Any]:
    """Unknown organizations: those that resemble known ones ask for a decision, the others are only named."""
    unknown = plan.organizations.unknown
    offers = nearest(unknown)
    places = plan.municipalities.by_pk
    ask: list[dict[str, Any]] = []
    plain: list[dict[str, Any]] = []
    for wanted, entry in unknown.items():
        line = {
            "key": choice_key(*wanted),
            "name": entry.name,
            "municipality": str(places[entry.municipality_id]),
            "row": entry.row,
            "rows": entry.rows,
            "nearest": offers[wanted],
        }
        (ask if offers[wanted] else plain).append(line)
    return {
        "organizations": ask[:SHOWN_ORGANIZATIONS],
        "plain_organizations": [f"{line['name']}, {line['municipality']}" for line in plain][:SHOWN_ORGANIZATIONS],
    }


def programmes_of(plan: CompletionPlan) -> list[dict[str, Any]]:
    counts = Counter(one.course.programme for one in plan.created)
    chosen = Counter(one.course.programme for one in plan.created if one.is_selected)
    return [
        {
            "key": programme.title_key,
            "title": programme.title,
            "rows": rows,
            "chosen": chosen[programme],
            "is_new": programme.pk is None,
            "is_tracked": programme.is_tracked,
        }
        for programme, rows in counts.most_common()
    ]


def selection_of(plan: CompletionPlan) -> dict[str, Any]:
    """Whom to follow: the rule the list was checked with, how many it takes, and ticks where they are few enough."""
    rule = plan.choices.rule
    kept = {one.course for one in plan.created if one.course.pk and one.course.rule != rule}
    rows = [
        [one.row, one.person.full_name, one.organization.name if one.organization else "", one.is_selected]
        for one in plan.created
    ]
    return {
        "rule": rule.as_json(),
        "words": rule.words,
        "chosen": sum(one.is_selected for one in plan.created),
        "total": len(plan.created),
        "rows": rows if len(rows) <= TICKED else [],
        "kept": [
            {"title": course.programme.title, "ends_on": course.ends_on.isoformat(), "words": course.rule.words}
            for course in sorted(kept, key=lambda course: (course.programme.title, course.ends_on))[:SHOWN_COURSES]
        ],
    }


def forecast_of(plan: CompletionPlan) -> dict[str, Any]:
    rows = [
        (one.organization.token, one.course.ends_on)
        for one in sorted(plan.created, key=lambda one: one.course.ends_on)
        if one.organization and one.is_selected and one.course.is_tracked and one.course.programme.is_tracked
    ]
    forecast = forecast_openings(rows)
    months: list[tuple[date, int]] = forecast["months"]  # type: ignore[assignment]
    return forecast | {"months": [[month.isoformat(), count] for month, count in months]}
