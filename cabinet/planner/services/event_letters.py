"""What people read of events: invited, changed, called off, tomorrow, a seat is free."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from cabinet.jobs.services import Run, handler, order_job
from cabinet.mail.services import Draft, cancel_letters, queue_letters
from cabinet.mail.texts import compose
from cabinet.planner.models import Event, Participation
from cabinet.users.models import User

JOB = "planner.tell"
AT_ONCE = 200  # to more a worker writes
States = Participation.State
NO_LOGIN = "Входа в кабинет у вас пока нет: скажите, пожалуйста, тому, кто вас пригласил, придёте ли вы."
AWAITED = (States.INVITED, States.COMING, States.WAITING)  # they hold a letter or a seat, and plan their day by it


# A letter stands in the outbox, which others read: what a personal event is about is said on its page only.
UNSAID = {"название": "личное событие", "когда": "день и время смотрите на его странице", "где": ""}


def where(event: Event) -> str:
    told = [f"Где: {event.place}."] if event.place else []
    told += [f"Ссылка: {event.link}"] if event.link else []
    return "\n".join(told)


def draft(
    kind: str,
    events: Sequence[Event],
    person: User,
    key: str,
    *,
    by: User | None = None,
    what: str = "",
    due_at: datetime | None = None,
) -> Draft:
    """A letter about the first of `events`; `key` is what tells it from others of its kind, event and person."""
    event = events[0]
    values = {
        "имя": person.polite_name,
        "название": event.title,
        "событие": event.log_name,
        "когда": event.when if len(events) == 1 else "\n".join(f"— {one.when}" for one in events),
        "где": where(event),
        "адрес": settings.SITE_URL + event.get_absolute_url(),
        "кто": by.full_name if by else "",
        "что": what,
        "вход": "" if person.email else NO_LOGIN,
    }
    if event.scope == Event.Scope.PERSONAL:
        values |= UNSAID
    subject, body = compose(kind, values)
    return Draft(f"{kind}.{event.pk}.{key}.{person.pk}", kind, person, subject, body, event, due_at)


def tell_invited(event: Event, rows: Iterable[Participation], by: User) -> None:
    """Once for each row: whoever was taken out and is invited again has a new one."""
    queue_letters(draft("event.invited", [event], row.person, str(row.pk), by=by) for row in rows)


def tell_changed(events: Sequence[Event], actor: User, *, is_back: bool = False) -> None:
    """One letter to each person, however many of the series have moved; a reminder of the former day is taken back."""
    for event in events:
        cancel_letters(event, "event.reminder")
    what = "Отменённое событие всё-таки состоится" if is_back else "Изменились день, время или место"
    _tell("event.changed", events, actor, what)


def tell_cancelled(events: Sequence[Event], actor: User) -> None:
    for event in events:
        for kind in ("event.reminder", "event.moved_up"):
            cancel_letters(event, kind)
    _tell("event.cancelled", events, actor)


def _tell(kind: str, events: Sequence[Event], actor: User, what: str = "") -> None:
    """At once when they are few; else by a worker, so that nobody waits at the page."""
    if Participation.objects.filter(event__in=events, state__in=AWAITED).count() <= AT_ONCE:
        queue_letters(_to_awaited(kind, events, actor, what))
        return
    params = {"kind": kind, "events": [one.pk for one in events], "what": what}
    order_job(JOB, f"Письма о событии: {events[0].log_name}", actor, params)


@handler(JOB)
def tell_by_job(run: Run) -> None:
    """Of what still holds: an event called off or back meanwhile has letters of its own. Twice, it writes once."""
    params, actor = run.job.params, run.job.owner
    is_cancelled = params["kind"] == "event.cancelled"
    events = list(Event.objects.filter(pk__in=params["events"], is_cancelled=is_cancelled))
    if events and actor is not None:
        queue_letters(_to_awaited(params["kind"], events, actor, params["what"]))
    run.finish({"page": reverse("planner:event", args=[params["events"][0]])})


def tell_moved_up(event: Event, rows: Iterable[Participation]) -> None:
    """Once for each time a person has stood in the waiting list."""
    queue_letters(
        draft("event.moved_up", [event], row.person, f"{(row.answered_at or row.created_at).timestamp():.0f}")
        for row in rows
    )


def _to_awaited(kind: str, events: Sequence[Event], actor: User, what: str = "") -> list[Draft]:
    by_pk = {one.pk: one for one in sorted(events, key=lambda one: (one.on, one.pk))}
    awaited = Participation.objects.filter(event__in=by_pk, state__in=AWAITED)
    pairs = list(awaited.order_by().values_list("person", "event"))
    pairs += Event.leaders.through.objects.filter(event__in=by_pk).values_list("user", "event")
    pairs += [(one.author_id, one.pk) for one in events]
    meant: dict[int, set[int]] = defaultdict(set)
    for person, event in pairs:
        meant[person].add(event)
    meant.pop(actor.pk, None)
    people = User.objects.filter(is_active=True).in_bulk(list(meant))
    drafts = []
    for pk, person in people.items():
        own = [one for number, one in by_pk.items() if number in meant[pk]]
        drafts.append(draft(kind, own, person, str(own[0].version), what=what))
    return drafts
