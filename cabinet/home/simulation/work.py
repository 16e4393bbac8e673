"""What members of РМА are asked directly, and what they did: requests in every state, lines of work, agreed months."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from cabinet.core.clock import add_months, today
from cabinet.home.demo import texts
from cabinet.home.simulation.bulk import write
from cabinet.home.simulation.people import Population
from rma.models import Activity, AgreedMonth, Direction, Function, Member, Request
from rma.reference import FUNCTION_OF, USUAL_HOURS

REQUESTS_PER_MEMBER = 3
LINES_PER_CASE = 1
MONTHS = 24
CHUNK = 5000
State = Activity.State
STATES: tuple[tuple[str, float], ...] = (
    (Request.Status.DONE, 0.62),
    (Request.Status.ACCEPTED, 0.12),
    (Request.Status.SENT, 0.08),
    (Request.Status.DECLINED, 0.06),
    (Request.Status.WITHDRAWN, 0.05),
    (Request.Status.WANTED, 0.03),
    (Request.Status.PROPOSED, 0.02),
    (Request.Status.HANDED, 0.02),
)
KINDS: tuple[tuple[str, float], ...] = (
    (Activity.Kind.CHECKLIST, 0.3),
    (Activity.Kind.CONSULTATION, 0.3),
    (Activity.Kind.ROUTE, 0.15),
    (Activity.Kind.GROUP, 0.1),
    (Activity.Kind.EVENT, 0.08),
    (Activity.Kind.TRAINING, 0.05),
    (Activity.Kind.OTHER, 0.02),
)
TITLES = {
    Activity.Kind.CHECKLIST: "Чек-лист по запросу школы",
    Activity.Kind.CONSULTATION: "Консультация: приёмы смыслового чтения",
    Activity.Kind.GROUP: "Групповая консультация: оценивание на уроке",
    Activity.Kind.ROUTE: "Помощь в составлении ИОМ",
    Activity.Kind.EVENT: "Мастер-класс для коллег",
    Activity.Kind.TRAINING: "Практическое занятие на курсах",
    Activity.Kind.OTHER: "Подготовка материалов",
}
MANY = frozenset({Activity.Kind.GROUP, Activity.Kind.EVENT, Activity.Kind.TRAINING})


def make_requests(random: Random, population: Population) -> list[Request]:
    """Direct ones, of no case and no route."""
    authors = list(population.methodists.items())
    if not authors:
        return []
    statuses, shares = zip(*STATES, strict=True)
    count = REQUESTS_PER_MEMBER * len(population.members)
    return write(
        Request,
        [
            _request(random, population, *random.choice(authors), status)
            for status in random.choices(statuses, shares, k=count)
        ],
    )


def _request(random: Random, population: Population, organization_id: int, author_id: int, status: str) -> Request:
    has_member = status != Request.Status.WANTED
    is_live = status in Request.LIVE
    made = timezone.now() - timedelta(days=random.randint(1, 12) if is_live else random.randint(20, 600))
    ended = made + timedelta(days=random.randint(2, 15))
    return Request(
        kind=random.choice((Request.Kind.CONSULTATION, Request.Kind.CONSULTATION, Request.Kind.IOM_HELP)),
        status=status,
        member=random.choice(population.members) if has_member else None,
        author_id=author_id,
        organization_id=organization_id,
        topic="Оценивание на уроке",
        reason=random.choice(texts.RMA_REASONS),
        proposed_on=ended.date() if status == Request.Status.PROPOSED else None,
        due_on=made.date() + timedelta(days=random.randint(5, 20)),
        answer="" if status in (Request.Status.SENT, Request.Status.WANTED) else random.choice(texts.RMA_ANSWERS),
        answered_at=None if status in (Request.Status.SENT, Request.Status.WANTED) else made + timedelta(days=1),
        result="Консультация проведена, материалы отправлены." if status == Request.Status.DONE else "",
        done_at=ended if status == Request.Status.DONE else None,
        created_at=made,
    )


def make_work(random: Random, population: Population, requests: list[Request], cases: int) -> int:
    """Lines over two years: earlier months agreed by nearly everybody, the last one by some, this one by nobody."""
    count = cases * LINES_PER_CASE
    late = set(random.sample([one.pk for one in population.members], len(population.members) // 5))
    words = _Words(requests)
    lines = _lines(random, population, words, late, count)
    made, agreed = 0, set()
    while chunk := [line for _, line in zip(range(CHUNK), lines, strict=False)]:
        write(Activity, chunk)
        write(Activity.organizations.through, _places(random, population, chunk))
        agreed |= {(line.member_id, line.month) for line in chunk if line.state == State.AGREED}
        made += len(chunk)
    write(AgreedMonth, [AgreedMonth(member_id=pk, month=month) for pk, month in sorted(agreed)])
    return made


class _Words:
    """What the lines point at, read once."""

    def __init__(self, requests: list[Request]) -> None:
        self.directions = list(Direction.objects.values_list("pk", flat=True))
        self.functions = dict(Function.objects.values_list("code", "pk"))
        self.source = ContentType.objects.get_for_model(Request)
        self.done: dict[int, list[Request]] = {}
        for request in requests:
            if request.status == Request.Status.DONE and request.member_id is not None:
                self.done.setdefault(request.member_id, []).append(request)


def _lines(random: Random, population: Population, words: _Words, late: set[int], count: int) -> Iterator[Activity]:
    kinds, shares = zip(*KINDS, strict=True)
    this = today().replace(day=1)
    last = add_months(this, -1)
    for number in range(count):
        member = random.choice(population.members)
        on = today() - timedelta(days=random.randint(0, MONTHS * 30))
        month = on.replace(day=1)
        kind = random.choices(kinds, shares)[0]
        yield _line(random, words, member, on, kind, number, _state(random, member, month, last, late))


def _state(random: Random, member: Member, month: date, last: date, late: set[int]) -> str:
    if random.random() < 0.03:
        return State.DISMISSED
    is_agreed = month < last or (month == last and member.pk not in late)
    return State.AGREED if is_agreed else State.OFFERED


def _line(random: Random, words: _Words, member: Member, on: date, kind: str, number: int, state: str) -> Activity:
    done = words.done.get(member.pk) if kind == Activity.Kind.CONSULTATION else None
    source = random.choice(done) if done else None
    is_complete = state == State.AGREED or random.random() < 0.8
    fields: dict[str, Any] = {} if source is None else {"source_type": words.source, "source_id": source.pk}
    return Activity(
        member=member,
        on=on,
        month=on.replace(day=1),
        kind=kind,
        title=TITLES[Activity.Kind(kind)],
        direction_id=random.choice(words.directions) if is_complete else None,
        function_id=words.functions[FUNCTION_OF[kind]],
        people_count=random.randint(5, 40) if kind in MANY else 1,
        hours=Decimal(str(USUAL_HOURS[kind])) + Decimal(random.choice(("0", "0", "0.5", "1"))),
        key=f"simulated:{number}",
        state=state,
        created_at=timezone.make_aware(datetime.combine(on, time(18))),
        **fields,
    )


def _places(random: Random, population: Population, lines: list[Activity]) -> Iterator[Any]:
    organizations = list(population.methodists) or [
        one.organization_id for one in population.people[:50] if one.organization_id
    ]
    for line in lines:
        for pk in random.sample(organizations, min(len(organizations), 2 if line.kind in MANY else 1)):
            yield Activity.organizations.through(activity_id=line.pk, organization_id=pk)
