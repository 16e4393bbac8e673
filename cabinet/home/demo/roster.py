"""The roster of РМА as the institute sends it: 296 invented members who act, with exactly the source's five shares.

The figures are rma.reference.SOURCE_INDICATORS; a test counts them anew (tests/home/test_seed_demo.py).
"""

from datetime import date, datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any, NamedTuple

from cabinet.core.clock import add_months, today
from cabinet.core.search import fold, key
from cabinet.courses.models import ImportBatch
from cabinet.home.demo.cast import ADMIN, PEOPLE_HOST, SUBJECTS, Cast, latin
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.home.demo.names import Name, invent_name
from cabinet.home.demo.places import PERM
from cabinet.home.demo.settling import Region, bring_list
from cabinet.structure.models import Municipality, Organization
from cabinet.users.models import User
from rma.models import Indicator, Member
from rma.reference import DIRECTIONS, FUNCTIONS, ROLES, SOURCE_INDICATORS, SOURCE_TOTAL
from rma.services.roster import add_indicator, change_status, show_card

Grade, Kind, Status = Indicator.Grade, Indicator.Kind, Member.Status
FILE_NAME = "Состав РМА.xlsx"
HEADERS = (
    "ФИО", "Муниципальное образование", "Образовательная организация", "Должность", "Предметы", "E-mail",
    "Образование", "Работает по специальности с", "Квалификационная категория", "Дата присвоения категории",
    "Оценка компетенций", "Дата оценки компетенций", "Роли в РМА", "Функции", "Направления", "Состояние", "Состояние с",
    "Приказ", "Предел запросов", "Согласие показывать карточку",
)  # fmt: skip
BROUGHT = 75  # days ago the list came
LATER = 12  # of those who act had their assessment, or their order, after that
COUNTS = {code: persons for code, _label, _percent, persons in SOURCE_INDICATORS}

# Beside the 296: what became of some others.
CANDIDATES, GONE, PAUSED = 2, 1, 1
LATE_ORDERS = 3  # came in as candidates and act by now
EXPIRED = 6  # had the highest category until it ran out
FIRST_SHARE, SHOWN_SHARE = 0.45, 0.85
PERM_MEMBERS, CROWDED, CROWDED_MEMBERS = (
    38,
    frozenset({"Березниковский", "Соликамский", "Кунгурский", "Чайковский"}),
    12,
)
USUAL_MEMBERS = (7, 4, 8, 6, 3)
LOW_RESULTS = 5  # every fifth of the new schools


class Place(NamedTuple):
    municipality: Municipality
    name: str
    kind: str


class Card(NamedTuple):
    """One row of the list; `met` are the requirements met today, `late` those of them written down after the list."""

    name: Name
    place: Place
    position: str
    subjects: str
    email: str
    met: frozenset[str]
    status: str = Status.ACTIVE
    late: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        return " ".join(self.name)


def make_roster(random: Random, region: Region, cast: Cast) -> None:
    """Through the import and the roster's own services: what changed after the list is written as the admin would."""
    places = _make_places(region)
    moment = on_day(recent_working_day(BROUGHT), 15, 40)
    cards = _cards(random, region, cast, places)
    rows = [_row(random, card, moment) for card in cards]
    admin = region.user(ADMIN)
    with at(moment):
        bring_list(ImportBatch.Kind.MEMBERS, FILE_NAME, HEADERS, rows, admin)
        for person in cast.members[:-2]:
            user = region.user(person)
            show_card(Member.objects.get(user=user), is_shown=True, actor=user)
    _live_on(cards, admin)


# --- Where they work -----------------------------------------------------------------------------------------


def _make_places(region: Region) -> list[Place]:
    """One or two organizations of its own in every municipality: the demo's schools stay what they were."""
    places = []
    for number, one in enumerate(region.municipalities.values()):
        centre = (one.name, str(one.kind)) == PERM
        suffix = " г. Перми" if centre else ""
        for turn in range(6 if centre else 1 + number % 2):
            count = 310 + 6 * number + turn
            is_nursery = turn % 2 == 1
            name = f"МБДОУ «Детский сад № {count}»" if is_nursery else f"МБОУ «СОШ № {count}»"
            kind = Organization.Kind.KINDERGARTEN if is_nursery else Organization.Kind.SCHOOL
            Organization.objects.get_or_create(
                municipality=one,
                name_key=key(name + suffix),
                defaults={
                    "name": name + suffix,
                    "kind": kind,
                    "low_results": not is_nursery and count % LOW_RESULTS == 0,
                },
            )
            places.append(Place(one, name + suffix, kind))
    return places


def _wanted(places: list[Place], count: int) -> list[Place]:
    """A place for each of `count` people, municipality after municipality."""
    by_municipality: dict[int, list[Place]] = {}
    for place in places:
        by_municipality.setdefault(place.municipality.pk, []).append(place)
    shares = cycle(USUAL_MEMBERS)
    found: list[Place] = []
    for own in by_municipality.values():
        one = own[0].municipality
        many = PERM_MEMBERS if (one.name, str(one.kind)) == PERM else next(shares)
        many = CROWDED_MEMBERS if one.name in CROWDED else many
        found += [own[number % len(own)] for number in range(many)]
    rest = cycle(places)
    found += [next(rest) for _ in range(count - len(found))]
    return found[:count]


# --- Who they are --------------------------------------------------------------------------------------------


def _cards(random: Random, region: Region, cast: Cast, places: list[Place]) -> list[Card]:
    met = _requirements(random, SOURCE_TOTAL)
    late = _late(met)
    cards = []
    for number, person in enumerate(cast.members):
        if person.place is None:
            raise ValueError(f"{person.full_name}: works nowhere")
        place = Place(region.municipality_of(person), person.place.name, person.place.kind)
        cards.append(
            Card(person.name, place, person.position, person.subject, person.email, met[number], late=late[number])
        )
    beside = CANDIDATES + GONE + PAUSED
    invented = SOURCE_TOTAL - len(cards) + beside
    names = _Names(random)
    for number, place in enumerate(_spread(random, _wanted(places, invented))):
        is_beside = number >= invented - beside
        position, subjects = _post(random, place)
        name = names.invent(place)
        at_work = len(cards)
        cards.append(
            Card(
                name,
                place,
                position,
                subjects,
                f"{latin(name)}.rma{number + 1}@{PEOPLE_HOST}",
                frozenset({Kind.EDUCATION, Kind.EXPERIENCE}) if is_beside else met[at_work],
                Status.CANDIDATE if number >= invented - CANDIDATES or number < LATE_ORDERS else Status.ACTIVE,
                frozenset() if is_beside else late[at_work],
            )
        )
    return cards


def _spread(random: Random, places: list[Place]) -> list[Place]:
    random.shuffle(places)
    return places


def _requirements(random: Random, count: int) -> list[frozenset[str]]:
    """What each of the 296 meets: education and experience all of them; category and assessment cross in eleven."""
    both, category = COUNTS["all"], COUNTS[Kind.CATEGORY]
    assessment = COUNTS[Kind.ASSESSMENT]
    always = {code for code in (Kind.EDUCATION, Kind.EXPERIENCE) if COUNTS[code] == count}
    found = [always | {Kind.CATEGORY, Kind.ASSESSMENT}] * both
    found += [always | {Kind.CATEGORY}] * (category - both)
    found += [always | {Kind.ASSESSMENT}] * (assessment - both)
    found += [always] * (count - len(found))
    random.shuffle(found)
    # The one behind the demo's login lacks the category, as most do: his card says «3 из 4».
    mine = next(number for number, one in enumerate(found) if one == always | {Kind.ASSESSMENT})
    found[0], found[mine] = found[mine], found[0]
    return [frozenset(str(kind) for kind in one) for one in found]


def _late(met: list[frozenset[str]]) -> list[frozenset[str]]:
    """The last of those assessed, and two of the categories, were written down after the list came."""
    left = {str(Kind.ASSESSMENT): LATER, str(Kind.CATEGORY): 2}
    found = []
    for one in reversed(met):
        kind = next((kind for kind in left if kind in one and left[kind]), "")
        if kind:
            left[kind] -= 1
        found.append(frozenset({kind} if kind else ()))
    return found[::-1]


class _Names:
    """Names that nobody takes for somebody else: no namesakes, no two alike surnames and initials in one place."""

    def __init__(self, random: Random) -> None:
        self.random = random
        people = User.objects.values_list("last_name", "first_name", "patronymic", "organization__municipality")
        self.full = {fold(" ".join(one[:3])) for one in people}
        self.near = {(one[3], fold(one[0]), fold(one[1])[:1]) for one in people}
        self.given = {(one[3], fold(one[1]), fold(one[2])) for one in people}

    def invent(self, place: Place) -> Name:
        while True:
            name = invent_name(self.random)
            last, first, patronymic = map(fold, name)
            near, given = (place.municipality.pk, last, first[:1]), (place.municipality.pk, first, patronymic)
            if fold(" ".join(name)) in self.full or near in self.near or given in self.given:
                continue
            self.full.add(fold(" ".join(name)))
            self.near.add(near)
            self.given.add(given)
            return name


def _post(random: Random, place: Place) -> tuple[str, str]:
    if place.kind == Organization.Kind.KINDERGARTEN:
        return random.choice(("Воспитатель", "Воспитатель", "Старший воспитатель")), "Дошкольное образование"
    if random.random() < 0.12:
        return "Заместитель директора", random.choice(SUBJECTS)
    own = random.sample(SUBJECTS, 2)
    return "Учитель", ", ".join(own if random.random() < 0.2 else own[:1])


# --- What the list says of them ------------------------------------------------------------------------------


def _row(random: Random, card: Card, moment: datetime) -> tuple[Any, ...]:
    day = moment.date()
    category, awarded = _category(random, card, day)
    passed, passed_on = _assessment(random, card, day)
    since = day - timedelta(days=random.randint(60, 1250))
    return (
        card.full_name,
        str(card.place.municipality),
        card.place.name,
        card.position,
        card.subjects,
        card.email,
        Grade.HIGHER.label,
        _works_since(random),
        category,
        awarded,
        passed,
        passed_on,
        "; ".join(one.short for one in random.sample(ROLES, random.randint(1, 3))),
        "; ".join(one.short for one in random.sample(FUNCTIONS, random.randint(1, 4))),
        "; ".join(one.short for one in random.sample(DIRECTIONS, random.randint(1, 3))),
        Status(card.status).label,
        since,
        "" if card.status == Status.CANDIDATE else f"№ {random.randint(20, 480)} от {since:%d.%m.%Y}",
        random.choice((3, 4, 5, 5, 5, 6, 8)),
        "да" if random.random() < SHOWN_SHARE else "",
    )


def _works_since(random: Random) -> date:
    """Five years at least by today; of a few, not yet a year ago."""
    if random.random() < 0.03:
        return add_months(today(), -60) - timedelta(days=random.randint(90, 300))
    return date(today().year - random.randint(7, 33), 9, 1)


def _category(random: Random, card: Card, day: date) -> tuple[str, date | None]:
    """Those awarded since September 2023 have no end; who met the requirement once may have lost it since."""
    if Kind.CATEGORY in card.met and Kind.CATEGORY not in card.late:
        grade = random.choice((Grade.TOP, Grade.TOP, Grade.TOP, Grade.METHODIST, Grade.MENTOR))
        return grade.label, day - timedelta(days=random.randint(100, 700))
    if Kind.CATEGORY not in card.met and random.random() < EXPIRED / SOURCE_TOTAL:
        return Grade.TOP.label, date(2018, 10, 1) + timedelta(days=random.randint(0, 900))
    if random.random() < FIRST_SHARE:
        return Grade.FIRST.label, day - timedelta(days=random.randint(100, 1000))
    return random.choice((Grade.NO_CATEGORY.label, "")), None


def _assessment(random: Random, card: Card, day: date) -> tuple[str, date | None]:
    if Kind.ASSESSMENT in card.late:
        return "", None
    if Kind.ASSESSMENT in card.met:
        return Grade.PASSED.label, day - timedelta(days=random.randint(10, 800))
    return (Grade.FAILED.label, day - timedelta(days=random.randint(10, 300))) if random.random() < 0.05 else ("", None)


# --- What happened since -------------------------------------------------------------------------------------


def _live_on(cards: list[Card], admin: User) -> None:
    """Orders and assessments of the weeks after the list."""
    members = {one.user.full_name: one for one in Member.objects.select_related("user")}
    days = cycle((60, 51, 43, 36, 29, 22, 15, 8))
    beside = [members[card.full_name] for card in cards[-(CANDIDATES + GONE + PAUSED) :]]
    _order(beside[0], Status.EXCLUDED, 40, "Переезд в другой регион.", admin)
    _order(beside[1], Status.SUSPENDED, 26, "Длительный отпуск.", admin)
    for card in cards:
        member = members[card.full_name]
        if card.status == Status.CANDIDATE and member not in beside:
            _order(member, Status.ACTIVE, 34, "", admin)
        for kind in card.late:
            grade = Grade.PASSED if kind == Kind.ASSESSMENT else Grade.TOP
            proof = "протокол ЦНППМПР" if kind == Kind.ASSESSMENT else "приказ об аттестации"
            with at(on_day(recent_working_day(next(days)), 11, 15)):
                add_indicator(member, kind, grade, since=today(), proof=proof, actor=admin)


def _order(member: Member, status: str, days: int, reason: str, admin: User) -> None:
    with at(on_day(recent_working_day(days), 16)):
        order = f"№ {200 + days} от {today():%d.%m.%Y}"
        change_status(member, status, on=today(), order=order, reason=reason, actor=admin)
