"""An analytical note about one organization: the summary's own figures, and a short text made of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from cabinet.core.charts import share
from cabinet.core.words import counted
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from motor.models import Status
from registry.models import WITH_VARIANT, Entry, EntryQuerySet, Experience, Result
from registry.services.measures import BASE, BY_CODE, LABELS, MEASURES, WHY

SMALL = 5  # a share of fewer than five says nothing and tells too much
NOT_SAID = "не указано"


@dataclass(frozen=True)
class Row:
    """A figure with the share of its base; without one where the base is small."""

    label: str
    count: int
    share: str = ""


@dataclass(frozen=True)
class Table:
    """One measure of the summary: its base, the parts with shares, and what stands apart."""

    title: str
    about: str
    base_label: str
    base: int
    parts: list[Row]
    apart: list[Row]


@dataclass(frozen=True)
class Breakdown:
    """Results by programme or by subject: label, base, three variants, the rest."""

    title: str
    heading: str
    lines: list[tuple[str, int, list[int], int]]


@dataclass(frozen=True)
class Person:
    """A line of the list with names: only for the organization's own head and methodists, when asked for."""

    name: str
    programme: str
    status: str
    result: str


@dataclass
class Note:
    organization: Organization
    since: date
    until: date
    subjects: list[str]  # a methodist of some subjects counts those only
    cases: int = 0
    people: int = 0
    tables: list[Table] = field(default_factory=list)
    breakdowns: list[Breakdown] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)


# --- Who writes about what -----------------------------------------------------------------------------------


def describable_by(user: User) -> QuerySet[Organization]:
    """Own organization for the head and the methodist, own municipality for its specialist, all for the admin."""
    if "admin" in user.roles:
        return Organization.objects.all()
    own = [one.organization_id for one in user.active_memberships if one.role in (Role.HEAD, Role.METHODIST)]
    return Organization.objects.filter(Q(pk__in=own) | Q(municipality__in=user.own_municipalities))


def may_name(user: User, organization: Organization) -> bool:
    """Surnames are for those who work there: the head and the methodists."""
    return any(
        one.role in (Role.HEAD, Role.METHODIST) and one.organization_id == organization.pk
        for one in user.active_memberships
    )


def limited_to(user: User, organization: Organization) -> list[str]:
    """Names of the subjects a methodist is appointed for, when he sees no others of this organization."""
    if "admin" in user.roles:
        return []
    names: set[str] = set()
    for one in user.active_memberships:
        here = one.organization_id == organization.pk
        if one.role == Role.MUNICIPAL and one.municipality_id == organization.municipality_id:
            return []
        if here and one.role in (Role.HEAD, Role.METHODIST):
            subjects = [] if one.role == Role.HEAD else [str(subject) for subject in one.subjects.all()]
            if not subjects:
                return []
            names |= set(subjects)
    return sorted(names)


# --- Figures -------------------------------------------------------------------------------------------------


def write_note(user: User, organization: Organization, since: date, until: date, *, with_names: bool = False) -> Note:
    """Count in one query; every case falls where the summary puts it, as both ask the same expressions."""
    rows = Entry.objects.visible_to(user).filter(organization=organization, ends_on__range=(since, until))
    note = Note(organization, since, until, limited_to(user, organization))
    counts, by = _count(rows)
    note.cases, note.people = len(by["person"]), len(set(by["person"]))
    note.tables = [_table(code, counts[code]) for code in BY_CODE]
    note.breakdowns = [
        _breakdown("По программам", "Программа", by["programme"], by["result"]),
        _breakdown("По предметам", "Предмет", by["subject"], by["result"]),
    ]
    note.sentences = _sentences(note, counts)
    if with_names and may_name(user, organization):
        note.persons = _persons(rows)
    return note


def _count(rows: EntryQuerySet) -> tuple[dict[str, Counter[str]], dict[str, list[Any]]]:
    """Measure → column → number; and the values of the lines by which they are broken down."""
    places = {f"place_{one.code}": one.expression for one in MEASURES}
    counts: dict[str, Counter[str]] = {one.code: Counter() for one in MEASURES}
    by: dict[str, list[Any]] = defaultdict(list)
    names = ("person_id", "programme__title", "subject__name", "result")
    for person, programme, subject, result, *codes in rows.order_by().annotate(**places).values_list(*names, *places):
        by["person"].append(person)
        by["programme"].append(programme)
        by["subject"].append(subject)
        by["result"].append(result)
        for measure, code in zip(MEASURES, codes, strict=True):
            counts[measure.code].update(set(measure.places(code)))
    for measure in MEASURES:
        for whole, parts in measure.sums:
            counts[measure.code][whole] = sum(counts[measure.code][part] for part in parts)
    return counts, by


def _table(code: str, counts: Counter[str]) -> Table:
    measure = BY_CODE[code]
    base = counts[measure.base]
    return Table(
        measure.title,
        measure.about,
        LABELS[measure.base],
        base,
        [Row(LABELS[part], counts[part], share(counts[part], base) if base >= SMALL else "") for part in measure.parts],
        [Row(LABELS[part], counts[part]) for part in measure.apart],
    )


def _breakdown(title: str, heading: str, groups: Sequence[str | None], results: Sequence[str]) -> Breakdown:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for group, result in zip(groups, results, strict=True):
        found[group or NOT_SAID][result] += 1
    lines = []
    for label in sorted(found, key=lambda label: (label == NOT_SAID, -found[label].total(), label)):
        variants = [found[label][code] for code in WITH_VARIANT]
        lines.append((label, sum(variants), variants, found[label].total() - sum(variants)))
    return Breakdown(title, heading, lines)


def _persons(rows: EntryQuerySet) -> list[Person]:
    ordered = rows.select_related("person", "programme").order_by(
        "person__last_name", "person__first_name", "person__patronymic", "-ends_on", "pk"
    )
    return [
        Person(
            one.person.full_name,
            str(one.programme),
            Status(one.status).label,
            Result(one.result).label if one.result != Result.PENDING else "",
        )
        for one in ordered
    ]


# --- Words ---------------------------------------------------------------------------------------------------


def _of(part: int, base: int) -> str:
    """«12 из 15 (80 %)»; no share of a small base."""
    return f"{part} из {base}" + (f" ({share(part, base)})" if base >= SMALL else "")


def _sentences(note: Note, counts: dict[str, Counter[str]]) -> list[str]:
    if not note.cases:
        return ["По курсам, окончившимся в этот период, карт отслеживания в организации нет."]
    parts = (_on_response, _on_results, _on_reasons, _on_evidence, _on_rma, _on_experience, _on_programmes)
    cases = counted(note.cases, "карта отслеживания", "карты отслеживания", "карт отслеживания")
    people = counted(note.people, "педагог", "педагога", "педагогов")
    first = f"По курсам, окончившимся с {note.since:%d.%m.%Y} по {note.until:%d.%m.%Y}: {cases}, {people}."
    return [first, *(sentence for part in parts if (sentence := part(note, counts)))]


def _on_response(note: Note, counts: dict[str, Counter[str]]) -> str:
    found = counts["response"]
    if not found["asked"]:
        return "Опросные листы ещё не получены: срок ответа не наступил."
    said = f"Опросный лист заполнен: {_of(found['answered'], found['asked'])}."
    if found["without"]:
        said += f" Оценка продолжена без опросного листа: {found['without']}."
    if found[Result.NO_RESPONSE]:
        said += f" Ответ не получен: {found[Result.NO_RESPONSE]}."
    return said


def _on_results(note: Note, counts: dict[str, Counter[str]]) -> str:
    found = counts["variants"]
    base = found[BASE]
    if not base:
        return "Результат пока не определён ни по одной карте."
    said = (
        f"Отсроченный результат определён по {counted(base, 'карте', 'картам', 'картам')}. "
        f"Результаты по тематике курсов имеют место: {_of(found[Result.ON_TOPIC], base)}; "
        f"отсутствуют, но выявлены изменения по другой тематике: {_of(found[Result.OTHER_TOPIC], base)}; "
        f"отсутствуют: {_of(found[Result.NONE], base)}."
    )
    rest = [
        f"{label} — {found[code]}"
        for code, label in ((Result.PENDING, "ещё в работе"), (Result.NOT_ASSESSED, "не оценено"))
        if found[code]
    ]
    return f"{said} Кроме того: {', '.join(rest)}." if rest else said


def _most(table_code: str, counts: dict[str, Counter[str]], limit: int = 3) -> str:
    """«не было времени» — 4, «другое» — 1: the most frequent parts of a measure."""
    found = counts[table_code]
    parts = [part for part in BY_CODE[table_code].parts if found[part]]
    parts.sort(key=lambda part: -found[part])
    return ", ".join(f"«{_inside(str(LABELS[part]))}» — {found[part]}" for part in parts[:limit])


def _inside(label: str) -> str:
    """A label inside a sentence: «Не было времени» begins small, «ИОМ не разработан» does not."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _on_reasons(note: Note, counts: dict[str, Counter[str]]) -> str:
    found = counts["reasons"]
    if not found["said_no"]:
        return ""
    answered = found["said_no"] + found["started"]
    said = f"К реализации ИОМ ещё не приступили: {_of(found['said_no'], answered)} ответивших."
    said += f" Называют причины: {_most('reasons', counts)}."
    if found[f"{WHY}help"]:
        said += " Помощь методиста попросили прямо: с этого стоит начать."
    return said


def _on_evidence(note: Note, counts: dict[str, Counter[str]]) -> str:
    return f"Практику подтверждают: {_most('evidence', counts)}." if counts["evidence"]["said"] else ""


def _on_rma(note: Note, counts: dict[str, Counter[str]]) -> str:
    engaged, found = counts["rma"], counts["agreement"]
    if not engaged["rma_yes"]:
        return ""
    said = f"Методист РМА участвовал: {_of(engaged['rma_yes'], engaged[BASE])} карт с результатом."
    if found["both"]:
        said += f" Оценки школы и РМА совпали: {_of(found['agree'], found['both'])}."
    return said


def _on_experience(note: Note, counts: dict[str, Counter[str]]) -> str:
    found = counts["experience"]
    if not found["decided"]:
        return ""
    return f"Могут представить элементы собственного опыта: {_of(found[Experience.CAN], found['decided'])}."


def _on_programmes(note: Note, counts: dict[str, Counter[str]]) -> str:
    """Where nothing of the topic is seen yet: a fact about a programme, not a share."""
    without = [label for label, base, variants, _ in note.breakdowns[0].lines if base and not variants[2]]
    if not without:
        return ""
    return "Результатов по тематике пока не выявлено по программам: " + ", ".join(f"«{one}»" for one in without) + "."
