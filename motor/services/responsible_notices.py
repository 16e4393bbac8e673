"""Letters about who answers: one for all the cases a person gets, not one per case."""

from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.urls import reverse

from cabinet.core.words import counted, long_date
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import Value, compose
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, Substitution, User
from motor.models import Case
from motor.services import notices

NAMED = 10  # cases named in one letter; the rest are in the list


def _cards(count: int) -> str:
    return counted(count, "карта", "карты", "карт")


def _write(key: str, kind: str, to: User, values: Mapping[str, Value], *, text: str = "") -> None:
    if to.is_active:
        own_cases = f"{settings.SITE_URL}{reverse('motor:cases')}"
        said = {"имя": to.polite_name, "адрес": own_cases, **values}
        subject, body = compose(text or kind, said)
        queue_letter(key=key, kind=kind, to=to, subject=subject, body=body)


def nobody(cases: list[Case]) -> None:
    """For those whom another letter tells."""


def _list(cases: list[Case]) -> str:
    lines = [f"— {case.person.full_name}: {case.get_status_display()}" for case in cases[:NAMED]]
    if len(cases) > NAMED:
        lines.append(f"и ещё {_cards(len(cases) - NAMED)}")
    return "\n".join(lines)


def _key(cases: list[Case], what: str) -> str:
    """The first case's revision makes each time another event."""
    first = min(cases, key=lambda case: case.pk)
    return f"motor.{what}.{first.pk}.{first.version}.{first.revision}.{first.responsible_id}"


def handed_over(cases: list[Case]) -> None:
    """Cases of one holder fell to him, because the former one left or never was."""
    if len(cases) == 1:
        notices.handed_over(cases[0])
        return
    to = cases[0].responsible if cases else None
    if to is not None:
        values = {"карт": _cards(len(cases)), "список": _list(cases)}
        _write(_key(cases, "handed_over"), "motor.handed_over", to, values, text="motor.handed_over.several")


def came_back(cases: list[Case]) -> None:
    """The substitution is over."""
    to = cases[0].responsible
    if to is not None:
        values = {"карт": _cards(len(cases)), "список": _list(cases)}
        _write(_key(cases, "came_back"), "motor.came_back", to, values)


def appointed(membership: Membership, organization: Organization, waiting: int) -> None:
    """What the new methodist answers for, how many cases there are, and the way in."""
    subjects = ", ".join(subject.name for subject in membership.subjects.all())
    since = f" с {long_date(membership.starts_on)}" if membership.starts_on else ""
    until = f" по {long_date(membership.ends_on)}" if membership.ends_on else ""
    terms = [
        f"Назначение действует{since}{until}." if since or until else "",
        f"Предметы: {subjects}." if subjects else "",
    ]
    cards = (
        f"Сейчас у вас {_cards(waiting)} — по каждой видно, чей ход и до какого дня."
        if waiting
        else "Пока карт у вас нет: когда они откроются, вы увидите их на первой странице."
    )
    _write(
        f"motor.appointed.{membership.pk}",
        "motor.appointed",
        membership.user,
        {"организация": str(organization), "условия": " ".join(terms), "сейчас": cards},
    )


def released(user: User, organization: Organization, since: date) -> None:
    _write(
        f"motor.released.{user.pk}.{organization.pk}.{since:%Y%m%d}",
        "motor.released",
        user,
        {"организация": str(organization), "до": long_date(since)},
    )


def substitution_named(substitution: Substitution, count: int) -> None:
    """One letter to the deputy and one to the person, whatever the number of cases."""
    person, deputy = substitution.person, substitution.deputy
    period = f"с {long_date(substitution.starts_on)} по {long_date(substitution.ends_on)}"
    values = {"период": period, "карт": _cards(count)}
    key, kind = f"motor.substitution.{substitution.pk}", "motor.substitution"
    _write(f"{key}.deputy", kind, deputy, {**values, "коллега": person.full_name}, text=f"{kind}.deputy")
    address = f"{settings.SITE_URL}{reverse('motor:substitution', args=[substitution.pk])}"
    _write(
        f"{key}.person", kind, person, {**values, "коллега": deputy.full_name, "адрес": address}, text=f"{kind}.person"
    )


def substitution_cancelled(row: Substitution, *, is_person_told: bool) -> None:
    """The person, too, unless the letter about his cases coming back tells him."""
    for to in (row.deputy,) if is_person_told else (row.deputy, row.person):
        key = f"motor.substitution_over.{row.pk}.{to.pk}"
        _write(key, "motor.substitution_over", to, {"коллега": row.person.full_name})
