"""Банк опыта: who can present what, put into an event, and how it went there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.search import fold, squeeze
from cabinet.planner.models import Event
from cabinet.planner.services import panels
from cabinet.users.models import LogEntry, User
from cabinet.users.scope import scope_q
from cabinet.users.services import record as log
from motor.models import Case, MunicipalRecord, Presentation, PresentationQuerySet
from motor.models.case import LEADERS
from motor.moves import CONCLUDED
from motor.services.experience_notices import DONE, take_back_thanks, tell
from motor.services.merging import touch_all

READERS = ("municipal", "admin", "methodist", "head", "regional")
PLACERS = ("municipal", "admin", "methodist", "head")
AT_ONCE = 50
States = Presentation.Status


# --- Who is in the pool -----------------------------------------------------------------------------------------


def pool_of(user: User) -> "QuerySet[MunicipalRecord]":
    """What municipal services have recorded as worth showing, of the cases this person may read.

    A reopened case leaves the pool until its new version is recorded.
    """
    rows = MunicipalRecord.objects.filter(
        in_pool=True,
        can_present=True,
        version=F("case__version"),
        case__status__in=CONCLUDED,
        case__person__is_active=True,
    )
    if "admin" in user.roles:
        return rows
    return rows.filter(case__in=Case.objects.visible_to(user).order_by().values("pk"))


def placeable_by(user: User) -> "QuerySet[MunicipalRecord]":
    """What this person may put into an event: of the scope he serves, not merely reads."""
    scope = scope_q(user, organization="case__organization", subject="case__completion__subject")
    if user.roles & LEADERS:
        scope |= Q(case__responsible=user)
    return pool_of(user).filter(scope)


def with_names(rows: "QuerySet[MunicipalRecord]") -> "QuerySet[MunicipalRecord]":
    """Everything a line of the pool shows: two queries, the second for where it was presented."""
    shown = Presentation.objects.in_force().select_related("event").order_by("event__on", "pk")
    return rows.select_related(
        "case__person",
        "case__organization__municipality",
        "case__completion__subject",
        "case__completion__course__programme__topic",
    ).prefetch_related(Prefetch("case__presentations", shown, to_attr="shown"))


def is_shown() -> Exists:
    """Of a record: was this experience presented already?"""
    return Exists(Presentation.objects.filter(case=OuterRef("case"), status=States.PRESENTED))


def by_words(rows: "QuerySet[MunicipalRecord]", text: str) -> "QuerySet[MunicipalRecord]":
    """Every word begins a word of the name or the theme; SQLite cannot fold Cyrillic, so here it is done by hand."""
    words = fold(text).split()
    if not words:
        return rows
    said = rows.order_by().values_list("pk", "theme", "case__person__name_key")
    texts = {pk: f" {fold(theme)} {name}".replace("«", " ") for pk, theme, name in said}
    return rows.filter(pk__in=[pk for pk, known in texts.items() if all(f" {word}" in known for word in words)])


# --- Put into an event ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A record that will be put in; `warning` does not forbid it."""

    record: MunicipalRecord
    warning: str = ""


@dataclass
class Plan:
    """What putting the chosen cases into the event does, and what stays as it is and why."""

    event: Event
    will: list[Line] = field(default_factory=list)
    stay: list[tuple[Case, str]] = field(default_factory=list)
    gone: int = 0  # of cases this person may not read


def plan_placing(event: Event, user: User, pks: Iterable[int]) -> Plan:
    """Said first, before anything is written; four queries whatever the number of cases."""
    chosen, plan = list(pks), Plan(event)
    records = {one.case_id: one for one in with_names(placeable_by(user)).filter(case__in=chosen)}
    known = dict(event.presentations.filter(case__in=chosen).values_list("case", "status"))
    cases = Case.objects.visible_to(user).select_related("person", "organization").filter(pk__in=chosen)
    for case in cases.order_by("person__name_key", "pk"):
        record = records.get(case.pk)
        if known.get(case.pk) in Presentation.IN_FORCE:
            plan.stay.append((case, "уже в программе этого события"))
        elif record is None:
            plan.stay.append((case, _why_not(case, user)))
        else:
            plan.will.append(Line(record, _warning(event, record)))
    plan.gone = len(chosen) - len(plan.will) - len(plan.stay)
    return plan


def _why_not(case: Case, user: User) -> str:
    if case.status not in CONCLUDED:
        return "карта открыта заново: результата пока нет"
    if pool_of(user).filter(case=case).exists():
        return "включить в событие может методист его организации или муниципальная служба"
    return "в банке опыта его больше нет"


def _warning(event: Event, record: MunicipalRecord) -> str:
    if event.kind in record.event_kinds or event.kind not in MunicipalRecord.EventKind.values:
        return ""
    return f"ММС называла другие формы: {', '.join(record.event_labels)}"


@transaction.atomic
def place(event: Event, titles: Mapping[int, str], *, user: User) -> int:
    """Put cases (number → what is presented, empty: the recorded theme) into an event; how many were put in now.

    The same choice twice puts in nothing the second time and writes no second letter.
    """
    pks = sorted(titles)
    _hold(pks)
    # Looked at again, now that nobody can move the cases; the event may have been called off since.
    here = Event.objects.fillable_by(user).select_for_update(no_key=True, of=("self",)).filter(pk=event.pk)
    if not list(here.order_by().values_list("pk")):
        return 0
    rows = []
    for line in plan_placing(event, user, pks).will:
        title = squeeze(titles[line.record.case_id])[:300] or line.record.theme
        now = timezone.now()
        columns = {"status": States.PLANNED, "title": title, "author": user, "told_at": now, "created_at": now}
        columns |= {"marked_by": None, "marked_at": None}
        row, _ = Presentation.objects.update_or_create(case=line.record.case, event=event, defaults=columns)
        rows.append(row)
    rows = _touched(rows, user, "Опыт включён в событие")
    tell(rows, "experience_planned", user)
    return len(rows)


def removable_by(user: User) -> PresentationQuerySet:
    """Whoever may put it in may take it out, and so may those who run the event."""
    cases = placeable_by(user).order_by().values("case") if user.roles & set(PLACERS) else Case.objects.none()
    events = Event.objects.run_by(user).order_by().values("pk")
    rows = Presentation.objects.filter(status=States.PLANNED)
    return rows if "admin" in user.roles else rows.filter(Q(case__in=cases) | Q(event__in=events))


@transaction.atomic
def remove(presentation: Presentation, *, user: User) -> bool:
    """Take it out of the programme; says whether it was still there."""
    _hold([presentation.case_id])
    marked = {"status": States.REMOVED, "marked_by": user, "marked_at": timezone.now()}
    if not Presentation.objects.filter(pk=presentation.pk, status=States.PLANNED).update(**marked):
        return False
    rows = _touched([presentation], user, "Опыт убран из события")
    if not presentation.event.is_past and not presentation.event.is_cancelled:
        tell(rows, "experience_removed", user)
    return True


# --- How it went ------------------------------------------------------------------------------------------------


@transaction.atomic
def mark(event: Event, pks: Iterable[int], status: Presentation.Status, *, user: User) -> int:
    """Say of planned rows that they were presented or not, from the event's day on; how many changed."""
    if status not in (States.PRESENTED, States.CANCELLED) or event.is_cancelled or not event.has_come:
        return 0
    rows = _held(Presentation.objects.markable_by(user).filter(event=event, pk__in=list(pks), status=States.PLANNED))
    changed = Presentation.objects.filter(pk__in=[row.pk for row in rows], status=States.PLANNED)
    changed.update(status=status, marked_by=user, marked_at=timezone.now())
    rows = _touched(rows, user, "Опыт представлен" if status == States.PRESENTED else "Опыт не представлен")
    if status == States.PRESENTED:
        tell(rows, DONE, user)
    return len(rows)


@transaction.atomic
def unmark(presentation: Presentation, *, user: User) -> bool:
    """Back to «запланировано»; says whether there was a mark."""
    marked = (States.PRESENTED, States.CANCELLED)
    rows = _held(Presentation.objects.markable_by(user).filter(pk=presentation.pk, status__in=marked))
    for row in rows:
        Presentation.objects.filter(pk=row.pk).update(status=States.PLANNED, marked_by=None, marked_at=None)
        take_back_thanks(row.case)
    _touched(rows, user, "Отметка о представлении опыта снята")
    return bool(rows)


def _hold(pks: Iterable[int]) -> None:
    """Cases first, by number, and their parts after: in two orders two acts would wait for each other for ever."""
    cases = Case.objects.select_for_update(no_key=True).filter(pk__in=list(pks)).order_by("pk")
    list(cases.values_list("pk"))


def _held(rows: PresentationQuerySet) -> list[Presentation]:
    """These rows with their cases held; those that another act changed meanwhile have fallen out."""
    _hold(rows.order_by().values_list("case", flat=True))
    return list(rows.order_by("pk"))


def _touched(rows: list[Presentation], user: User, note: str) -> list[Presentation]:
    """Raise the revision of the cases, so that the registry looks anew, and leave a line in the log of each."""
    touch_all(Case.objects.filter(pk__in=[row.case_id for row in rows]))
    cases = Case.objects.with_names().in_bulk([row.case_id for row in rows])
    for row in rows:
        row.case = cases[row.case_id]
        words = f"{note}: {row.event}, {row.event.when}"
        log(LogEntry.Action.CHANGED, actor=user, person=row.case.person, about=row.case, note=words)
    return rows


# --- What is owed -----------------------------------------------------------------------------------------------


def tell_of_changes() -> int:
    """Tell teachers whose event was moved, called off or brought back since they were told; how many letters.

    Run by the sweep. A row is claimed by the moment it was told last, so two runs at once write one letter.
    """
    stale = Presentation.objects.filter(status=States.PLANNED, told_at__lt=F("event__changed_at"))
    groups: dict[tuple[int, int], list[Presentation]] = {}
    for row in stale.select_related("event", "case").order_by("pk")[:500]:
        groups.setdefault((row.event_id, row.case.person_id), []).append(row)
    return sum(_tell_changed(rows) for rows in groups.values())


@transaction.atomic
def _tell_changed(rows: list[Presentation]) -> int:
    _hold([row.case_id for row in rows])
    now = timezone.now()
    own = [
        row
        for row in rows
        if Presentation.objects.filter(pk=row.pk, status=States.PLANNED, told_at=row.told_at).update(told_at=now)
    ]
    event = rows[0].event
    if not own or event.on < today():
        return 0
    pks = [row.case_id for row in own]
    touch_all(Case.objects.filter(pk__in=pks))
    cases = Case.objects.with_names().in_bulk(pks)
    for row in own:
        row.case = cases[row.case_id]
    return tell(own, "experience_called_off" if event.is_cancelled else "experience_moved")


def unmarked_by(user: User) -> PresentationQuerySet:
    """Presentations of past events that this person is to mark. The admin has those that nobody else can."""
    run = Event.objects.run_by(user).order_by().values("pk")
    rows = Presentation.objects.unmarked().exclude(case__person=user)
    if "admin" not in user.roles:
        return rows.filter(event__in=run)
    through = Event.leaders.through.objects
    leaders = through.filter(event=OuterRef("event"), user__is_active=True).exclude(user=OuterRef("case__person"))
    author = Event.objects.filter(pk=OuterRef("event"), author__is_active=True).exclude(author=OuterRef("case__person"))
    return rows.filter(Q(event__in=run) | (~Exists(leaders) & ~Exists(author)))


# --- On the event's page ----------------------------------------------------------------------------------------


def programme_of(event: Event, user: User) -> "tuple[str, dict[str, object]] | None":
    """Who presents experience in this event, as far as the reader may know, with what he may do about it."""
    rows = list(Presentation.objects.visible_to(user).filter(event=event).exclude(status=States.REMOVED).with_names())
    may_fill = bool(user.roles & set(PLACERS)) and Event.objects.fillable_by(user).filter(pk=event.pk).exists()
    if not rows and not may_fill:
        return None
    runs = "admin" in user.roles or event in Event.objects.run_by(user)
    removable = set(removable_by(user).filter(event=event).values_list("pk", flat=True))
    readable = set(Case.objects.visible_to(user).filter(presentations__in=rows).values_list("pk", flat=True))
    for row in rows:
        is_own = row.case.person_id == user.pk
        row.can_mark = runs and not is_own and event.has_come and not event.is_cancelled  # type: ignore[attr-defined]
        row.can_remove = row.pk in removable and not event.has_come  # type: ignore[attr-defined]
        row.can_read = row.case_id in readable  # type: ignore[attr-defined]
    waits = [row for row in rows if row.can_mark and row.status == States.PLANNED]  # type: ignore[attr-defined]
    # Those to be marked first: that is what the organizer came for.
    rows.sort(key=lambda row: (row.status != States.PLANNED, row.case.person.name_key, row.pk))
    context = {"rows": rows, "waits": waits, "may_fill": may_fill, "runs": runs}
    return "motor/experience/on_event.html", context


panels.register("experience", programme_of)
