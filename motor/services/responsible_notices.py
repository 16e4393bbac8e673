"""Letters about who answers: one for all the cases a person gets, not one per case."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db.models import Model
from django.urls import reverse

from cabinet.core.words import counted, long_date
from cabinet.mail.models import Letter, Mention
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import Value, compose
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, Substitution, User
from motor.models import Case
from motor.services import notices
from motor.services.leave_lines import KINDS, Line, Outlook
from rma.models import Request

NAMED = 10  # cases named in one letter; the rest are in the list


def _cards(count: int) -> str:
    return counted(count, "карта", "карты", "карт")


def _write(
    key: str, kind: str, to: User, values: Mapping[str, Value], *, text: str = "", about: Sequence[Model] = ()
) -> None:
    if to.is_active:
        own_cases = f"{settings.SITE_URL}{reverse('motor:cases')}"
        said = {"имя": to.polite_name, "адрес": own_cases, **values}
        subject, body = compose(text or kind, said)
        first, also = (about[0], about[1:]) if about else (None, ())
        queue_letter(key=key, kind=kind, to=to, subject=subject, body=body, about=first, also=also)


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


# --- Leaves ----------------------------------------------------------------------------------------------------


def _period(row: Substitution) -> str:
    return f"с {long_date(row.starts_on)} по {long_date(row.ends_on)}"


def _listed(lines: Sequence[Line], empty: str) -> str:
    """Kind by kind, the first names of each."""
    parts = []
    for kind, words in KINDS.items():
        found = [one for one in lines if one.kind == kind]
        if found:
            names = "; ".join(one.name for one in found[:NAMED])
            more = f" и ещё {len(found) - NAMED}" if len(found) > NAMED else ""
            parts.append(f"— {counted(len(found), *words)}: {names}{more}")
    return "\n".join(parts) or empty


def _page(row: Substitution) -> str:
    return f"{settings.SITE_URL}{reverse('motor:substitution', args=[row.pk])}"


def substitution_named(rows: Sequence[Substitution], outlook: Outlook) -> None:
    """One letter to each deputy and one to the person, whatever there is to hand over."""
    person, kind = rows[0].person, "motor.substitution"
    for row in rows:
        lines = outlook.of(row.deputy)
        cards = _cards(sum(one.kind == "case" for one in lines))
        said = {"период": _period(row), "карт": cards, "адрес": _page(row), "коллега": person.full_name}
        said["список"] = _listed(lines, "Сейчас ничего открытого нет.")
        _write(f"{kind}.{row.pk}.deputy", kind, row.deputy, said, text=f"{kind}.deputy")
    cards = _cards(sum(one.kind == "case" for one in outlook.goes))
    said = {"период": _period(rows[-1]), "карт": cards, "адрес": _page(rows[-1])}
    said["коллега"] = " и ".join(dict.fromkeys(row.deputy.full_name for row in reversed(rows)))
    gone = _listed(outlook.goes, "Сейчас передавать нечего.")
    stays = f"\n\nОстаётся за Вами:\n{_listed(outlook.stays, '')}" if outlook.stays else ""
    said["список"] = gone + stays
    _write(f"{kind}.{rows[-1].pk}.person", kind, person, said, text=f"{kind}.person")


def one_more(row: Substitution, request: Request) -> None:
    """Asked while the member was away already: his deputy has it."""
    values = {"коллега": row.person.full_name, "список": f"— {request.about}: {request.get_kind_display()}"}
    values["адрес"] = f"{settings.SITE_URL}{request.get_absolute_url()}"
    kind = "motor.substitution_more"
    _write(f"{kind}.{row.pk}.{request.pk}", kind, row.deputy, values)


STAYS = "motor.substitution_stays"


def told_of_staying(row: Substitution) -> set[int | None]:
    """Requests whose askers have been told already, alone or in one letter with others."""
    written = {"kind": STAYS, "key__startswith": f"{STAYS}.{row.pk}."}
    first = Letter.objects.filter(**written).values_list("about_id", flat=True)
    others = Mention.objects.filter(**{f"letter__{name}": value for name, value in written.items()})
    return {*first, *others.values_list("about_id", flat=True)}


def stays(row: Substitution, to: User, requests: Sequence[Request]) -> None:
    """To whoever asked: nobody else may have these, so the answer comes after the leave."""
    names = "\n".join(f"— {one.about}: {one.get_kind_display()}" for one in requests[:NAMED])
    values = {"коллега": row.person.full_name, "период": _period(row), "до": long_date(row.ends_on), "список": names}
    values["адрес"] = f"{settings.SITE_URL}{reverse('rma:requests')}"
    _write(f"{STAYS}.{row.pk}.{to.pk}.{requests[0].pk}", STAYS, to, values, about=requests)


def return_key(row: Substitution) -> str:
    """The same for both rows of a pair: the person gets one letter."""
    return f"motor.came_back.{row.person_id}.{row.created_at:%Y%m%d%H%M%S%f}.{row.starts_on:%Y%m%d}"


def everything_came_back(row: Substitution, mine: Sequence[Line], others: Sequence[Line]) -> None:
    """The leave is over: what is his again, and what is not, with whom it is."""
    rest = "\n".join(f"— {one.name}: {one.to.short_name if one.to else one.note}" for one in others[:NAMED])
    more = f"\nи ещё {len(others) - NAMED}" if len(others) > NAMED else ""
    values = {
        "карт": _things(mine),
        "список": _listed(mine, "Ничего открытого не вернулось.")
        + (f"\n\nЗавершено или осталось у коллег:\n{rest}{more}" if others else ""),
        "адрес": _page(row),
    }
    _write(return_key(row), "motor.came_back", row.person, values)


def _things(lines: Sequence[Line]) -> str:
    counts = [(words, sum(one.kind == kind for one in lines)) for kind, words in KINDS.items()]
    return ", ".join(counted(count, *words) for words, count in counts if count) or "всё остальное"


def substitution_cancelled(rows: Sequence[Substitution], *, is_person_told: bool) -> None:
    """The person, too, unless the letter about what came back tells him."""
    for to in dict.fromkeys([*(row.deputy for row in rows), *([] if is_person_told else [rows[0].person])]):
        key = f"motor.substitution_over.{rows[0].pk}.{to.pk}"
        _write(key, "motor.substitution_over", to, {"коллега": rows[0].person.full_name})
