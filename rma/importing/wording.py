"""What a list changes in a card the cabinet has, in words for the preview."""

from __future__ import annotations

from typing import Any

from cabinet.core.words import long_date
from rma.importing.columns import Column
from rma.importing.planning import MemberPlan, MemberRef
from rma.models import Indicator, Member
from rma.services.editing import LINKS

FILLED = {
    "email": "вход по адресу из списка",
    "contact_email": "адрес почты",
    "contact_note": "заметка об адресе",
    "phone": "телефон",
    "organization": "организация",
    "position": "должность",
    "subject": "предмет",
}


def changes(plan: MemberPlan) -> list[dict[str, Any]]:
    """Card by card; new ones are only counted."""
    return [
        {"row": ref.row, "name": ref.person.full_name, "what": "; ".join(changes_of(ref, plan))} for ref in plan.updated
    ]


def changes_of(ref: MemberRef, plan: MemberPlan) -> list[str]:
    return [*sets_of(ref, plan), *indicators_of(ref), *rest_of(ref)]


def sets_of(ref: MemberRef, plan: MemberPlan) -> list[str]:
    said = []
    for name, label in LINKS.items():
        added, removed = (names_of(found.get(name, set()), name, plan) for found in (ref.added, ref.removed))
        signs = [*(f"+ {one}" for one in added), *(f"− {one}" for one in removed)]
        if signs:
            said.append(f"{label}: {', '.join(signs)}")
    return said


def names_of(found: set[Any], name: str, plan: MemberPlan) -> list[str]:
    if name == "subjects":
        return sorted(plan.subjects.by_name[one].name for one in found)
    return plan.vocabularies[Column(name)].names_of(found)


def indicators_of(ref: MemberRef) -> list[str]:
    labels = {"education": "образование", "experience": "стаж", "category": "категория", "assessment": "оценка"}
    said = []
    for kind, what, _until in ref.indicators:
        grade = "" if kind == Indicator.Kind.EXPERIENCE else f" «{Indicator.Grade(what.grade).label}»"
        since = f" с {long_date(what.since)}" if what.since else ""
        said.append(f"новая запись: {labels[kind]}{grade}{since}")
    return said


def rest_of(ref: MemberRef) -> list[str]:
    said = [FILLED[name] for name in ref.person.changes if name in FILLED]
    if ref.new_status:
        status, on, _order = ref.new_status
        said.append(f"состояние «{Member.Status(status).label}» с {long_date(on)}")
    if ref.new_limit:
        said.append(f"предел запросов: {ref.case_limit} → {ref.new_limit}")
    if ref.gets_role:
        said.append("роль методиста РМА в кабинете")
    if ref.loses_role_on:
        said.append(f"без роли методиста РМА в кабинете с {long_date(ref.loses_role_on)}")
    return said
