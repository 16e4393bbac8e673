"""Who may be asked, who fits best and why, and why somebody is not offered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from heapq import nsmallest
from itertools import chain
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count

from cabinet.core.clock import today
from cabinet.core.search import fold
from cabinet.core.words import counted, long_date
from cabinet.structure.models import Subject
from cabinet.users.models import Membership, Substitution, User
from cabinet.users.models.role import ORGANIZATION_ROLES
from rma.models import Member, MemberQuerySet, Request
from rma.services.chains import DECLINED_THIS, former_members
from rma.services.needs import Need

# What each thing is worth; the sum puts members in order.
SUBJECT = 40
DIRECTION = 25
MUNICIPALITY = 20
TERRITORY = 10
FREE = 15  # all places free; a part of them, a part of it
KNOWS_ORGANIZATION, TIMES_COUNTED = 4, 3
KNOWS_PERSON = 8
DECLINED, DECLINES_COUNTED = -6, 2
FULL = -60  # still offered, but after everybody who has a place
OVER = -5  # for each request over the limit

SHOWN = 10
NOT_SHOWN = "карточка не открыта для педагогов"
STATUS_WORDS = {"candidate": "ещё кандидат", "suspended": "приостановлен", "excluded": "исключён"}
NO_LOGIN = "нет входа в кабинет"
HIMSELF = "это сам педагог"
HIMSELF_STUDIED = "сам прошёл курс"
SAME_PLACE = "работает в той же организации"


class Row(NamedTuple):
    """A member as matching reads him: no name, it is loaded for those shown."""

    pk: int
    user: int
    status: str
    is_active: bool
    email: str | None
    limit: int
    shown_at: object
    organization: int | None
    municipality: int | None
    territory: int | None
    subject: int | None
    name: str


COLUMNS = (
    "pk",
    "user",
    "status",
    "user__is_active",
    "user__email",
    "case_limit",
    "shown_at",
    "user__organization",
    "user__organization__municipality",
    "user__organization__municipality__territory",
    "user__subject",
    "user__name_key",
)


@dataclass(frozen=True)
class Offer:
    """One member, why he fits, how busy he is; or `refusal`, why he is not offered."""

    member_id: int
    score: int
    reasons: tuple[str, ...]
    load: int
    limit: int
    warning: str = ""
    refusal: str = ""
    member: Member | None = field(default=None, compare=False)

    @property
    def bar(self) -> int:
        """What is taken, never longer than the bar."""
        return min(self.load, self.limit)


@dataclass(frozen=True)
class Match:
    """`refused_by_reason`: in words → how many, the most frequent first."""

    offers: list[Offer]
    refused_by_reason: dict[str, int]
    offered_count: int


def members_for(*, person: User | None, organization_id: int, assessment: bool) -> MemberQuerySet:
    """Members who may be asked about a person: never himself, for an assessment never of the same organization."""
    members = Member.objects.available()
    if person is not None:
        members = members.exclude(user=person)
    if assessment:
        roles = Membership.objects.active().filter(organization=organization_id, role__in=ORGANIZATION_ROLES)
        members = members.exclude(user__organization=organization_id).exclude(user__in=roles.values("user"))
    return members.with_load()


class Pool:
    """All members and what tells them apart for some needs: the queries do not grow with either."""

    def __init__(
        self,
        needs: Sequence[Need],
        formers: Sequence[Request] = (),
        *,
        only_shown: bool = False,
        day: date | None = None,
        only: int | None = None,
    ) -> None:
        """`only`: one member is enough, for what is said of him before he is asked."""
        self.needs, self.only_shown, self.day = needs, only_shown, day or today()
        members = Member.objects.order_by("user__name_key", "pk").values_list(*COLUMNS)
        members = members if only is None else members.filter(pk=only)
        self.rows = [Row(*values) for values in members]
        self.loads = dict(
            Request.objects.filter(status__in=Request.OPEN).order_by().values_list("member").annotate(Count("pk"))
        )
        self.away = dict(Substitution.objects.active(self.day).order_by("ends_on").values_list("person", "ends_on"))
        self.chains = former_members(formers)
        self._sort_out()
        self._load_places()
        self._load_words()
        self._load_history()

    def match(self, need: Need, former: Request | None = None, *, limit: int = SHOWN) -> Match:
        refusals = self._refusals(need, former)
        bonus = self._bonus(need)
        free = [
            (-bonus.get(row.pk, 0) - self._base[row.pk], place)
            for place, row in enumerate(self.rows)
            if row.pk not in refusals
        ]
        ranked = nsmallest(limit, free)
        offers = [self._offer(self.rows[place], need, -score) for score, place in ranked]
        counts = Counter(refusals.values())
        return Match(offers, dict(counts.most_common()), len(free))

    def search(self, need: Need, text: str, former: Request | None = None, *, limit: int = SHOWN) -> list[Offer]:
        """Everybody whose name begins with these words, with reasons, or why he is not offered."""
        words = fold(text).split()
        if not words:
            return []
        refusals = self._refusals(need, former)
        found = [row for row in self.rows if _is_named(row.name, words) and refusals.get(row.pk) != NOT_SHOWN]
        bonus = self._bonus(need)
        return [
            self._offer(row, need, bonus.get(row.pk, 0) + self._base[row.pk], refusals.get(row.pk, ""))
            for row in found[:limit]
        ]

    def offer(self, need: Need, member_id: int, former: Request | None = None) -> Offer | None:
        """What is said of one member; None when there is none or this reader may not see him."""
        row = next((one for one in self.rows if one.pk == member_id), None)
        refusal = self._refusals(need, former).get(member_id, "")
        if row is None or refusal == NOT_SHOWN:
            return None
        score = self._bonus(need).get(row.pk, 0) + self._base[row.pk]
        return self._offer(row, need, score, refusal)

    # --- What is read once ---------------------------------------------------------------------------------------

    def _sort_out(self) -> None:
        self._of_user = {row.user: row.pk for row in self.rows}
        self._by_organization: dict[int | None, list[int]] = defaultdict(list)
        self._by_municipality: dict[int | None, list[int]] = defaultdict(list)
        self._by_territory: dict[int | None, list[int]] = defaultdict(list)
        for row in self.rows:
            self._by_organization[row.organization].append(row.pk)
            self._by_municipality[row.municipality].append(row.pk)
            if row.territory is not None:
                self._by_territory[row.territory].append(row.pk)

    def _load_places(self) -> None:
        assessed = {one.organization.pk for one in self.needs if one.kind == Request.Kind.ASSESSMENT}
        self.colleagues: dict[int, set[int]] = defaultdict(set)
        if assessed:
            roles = Membership.objects.active(self.day).filter(organization__in=assessed, role__in=ORGANIZATION_ROLES)
            for organization, user in roles.order_by().values_list("organization", "user"):
                self.colleagues[organization].add(user)

    def _load_words(self) -> None:
        subjects = {subject.pk for one in self.needs if (subject := subject_of(one))}
        directions = {one.direction.pk for one in self.needs if one.direction}
        self.by_subject: dict[int, set[int]] = defaultdict(set)
        self.by_direction: dict[int, set[int]] = defaultdict(set)
        if subjects:
            pairs = Member.subjects.through.objects.filter(subject__in=subjects).values_list("subject", "member")
            for number, member in pairs:
                self.by_subject[number].add(member)
            for row in self.rows:
                if row.subject is not None and row.subject in subjects:
                    self.by_subject[row.subject].add(row.pk)
        if directions:
            rows = Member.directions.through.objects.filter(direction__in=directions)
            for direction, member in rows.values_list("direction", "member"):
                self.by_direction[direction].add(member)

    def _load_history(self) -> None:
        """Organization → member → how many times he helped, and declined; the same for people."""
        self.helped: dict[int, Counter[int]] = defaultdict(Counter)
        self.declined: dict[int, Counter[int]] = defaultdict(Counter)
        self.helped_person: dict[int, Counter[int]] = defaultdict(Counter)
        self.declined_source: dict[tuple[str, int | None, int | None], set[int]] = defaultdict(set)
        past = Request.objects.filter(
            organization__in={one.organization.pk for one in self.needs},
            status__in=(Request.Status.DONE, Request.Status.DECLINED),
        ).order_by()
        columns = ("organization", "member", "person", "status", "kind", "source_type", "source_id")
        for organization, member, person, status, *source in past.values_list(*columns):
            if status == Request.Status.DECLINED:
                self.declined[organization][member] += 1
                self.declined_source[source[0], source[1], source[2]].add(member)
                continue
            self.helped[organization][member] += 1
            if person is not None:
                self.helped_person[person][member] += 1

    @cached_property
    def _base(self) -> dict[int, int]:
        """What does not depend on the need: how busy a member is."""
        found = {}
        for row in self.rows:
            load = self.loads.get(row.pk, 0)
            over = load - row.limit
            found[row.pk] = FULL + OVER * over if over >= 0 else round(FREE * -over / row.limit)
        return found

    # --- What is said of a need ----------------------------------------------------------------------------------

    def _bonus(self, need: Need) -> dict[int, int]:
        found: dict[int, int] = defaultdict(int)
        if subject := subject_of(need):
            for pk in self.by_subject[subject.pk]:
                found[pk] += SUBJECT
        if need.direction:
            for pk in self.by_direction[need.direction.pk]:
                found[pk] += DIRECTION
        near = set(self._by_municipality[need.organization.municipality_id])
        for pk in near:
            found[pk] += MUNICIPALITY
        for pk in self._by_territory[need.organization.municipality.territory_id]:
            found[pk] += 0 if pk in near else TERRITORY
        for pk, times in self.helped[need.organization.pk].items():
            found[pk] += KNOWS_ORGANIZATION * min(times, TIMES_COUNTED)
        for pk, times in self.declined[need.organization.pk].items():
            found[pk] += DECLINED * min(times, DECLINES_COUNTED)
        if need.person:
            for pk in self.helped_person[need.person.pk]:
                found[pk] += KNOWS_PERSON
        return found

    def _offer(self, row: Row, need: Need, score: int, refusal: str = "") -> Offer:
        load = self.loads.get(row.pk, 0)
        reasons = () if refusal else tuple(self._reasons(row, need, load))
        return Offer(row.pk, score, reasons, load, row.limit, warning_of(load, row.limit), refusal)

    def _reasons(self, row: Row, need: Need, load: int) -> Iterable[str]:
        subject, direction = subject_of(need), need.direction
        if subject and row.pk in self.by_subject[subject.pk]:
            yield f"тот же предмет: {subject.name}"
        if direction and row.pk in self.by_direction[direction.pk]:
            yield f"то же направление: {direction.short}"
        place = need.organization.municipality
        if row.municipality == place.pk:
            yield "тот же муниципалитет"
        elif row.territory is not None and row.territory == place.territory_id:
            yield f"та же территория: {place.territory}"
        if load < row.limit:
            yield f"свободно {row.limit - load} из {row.limit}"
        if times := self.helped[need.organization.pk].get(row.pk):
            yield f"уже помогал(а) этой организации: {counted(times, 'раз', 'раза', 'раз')}"
        if need.person and (times := self.helped_person[need.person.pk].get(row.pk)):
            yield f"уже работал(а) с этим педагогом: {counted(times, 'раз', 'раза', 'раз')}"
        if times := self.declined[need.organization.pk].get(row.pk):
            yield f"отказывался(лась) по запросам этой организации: {counted(times, 'раз', 'раза', 'раз')}"

    def _refusals(self, need: Need, former: Request | None) -> dict[int, str]:
        """Member → why he is not offered, the weightiest reason only: the later ones below outweigh."""
        is_assessment = need.kind == Request.Kind.ASSESSMENT
        found = self._away()
        if is_assessment:
            colleagues = (
                self._of_user[user] for user in self.colleagues[need.organization.pk] if user in self._of_user
            )
            found |= dict.fromkeys(chain(colleagues, self._by_organization[need.organization.pk]), SAME_PLACE)
        found |= {self._of_user[user]: why for user, why in need.never.items() if user in self._of_user}
        found |= self.chains.get(former.pk, {}) if former else {}
        if about := _source_of(need, former):
            found |= dict.fromkeys(self.declined_source[need.kind, *about], DECLINED_THIS)
        people = [need.person] if need.person else need.people
        own = (self._of_user[one.pk] for one in people if one.pk in self._of_user)
        found |= dict.fromkeys(own, HIMSELF_STUDIED if is_assessment else HIMSELF)
        return found | self._closed

    def _away(self) -> dict[int, str]:
        rows = ((self._of_user.get(user), until) for user, until in self.away.items())
        return {pk: f"в отпуске, его замещают до {long_date(until)}" for pk, until in rows if pk is not None}

    @cached_property
    def _closed(self) -> dict[int, str]:
        """Who is not to be asked at all, whatever the need."""
        found: dict[int, str] = {}
        for row in self.rows:
            if self.only_shown and (row.shown_at is None or row.status != Member.Status.ACTIVE):
                found[row.pk] = NOT_SHOWN
            elif row.status != Member.Status.ACTIVE:
                found[row.pk] = STATUS_WORDS[row.status]
            elif not row.is_active or not row.email:
                found[row.pk] = NO_LOGIN
        return found


def subject_of(need: Need) -> Subject | None:
    return need.subject or (need.person.subject if need.person else None)


def _source_of(need: Need, former: Request | None) -> tuple[int, int] | None:
    """What it was born of, by type and number: of a request that is there without loading it."""
    if former is not None and former.source_type_id is not None and former.source_id is not None:
        return former.source_type_id, former.source_id
    return (ContentType.objects.get_for_model(need.source).pk, need.source.pk) if need.source is not None else None


def warning_of(load: int, limit: int) -> str:
    if load > limit:
        return f"сверх предела: {load} из {limit}"
    return f"свободных мест нет: {load} из {limit}" if load == limit else ""


def with_cards(lists: Sequence[Sequence[Offer]]) -> list[list[Offer]]:
    """The offers with their cards, as much as a picker shows of them; several lists by the same two queries."""
    pks = {one.member_id for one in chain.from_iterable(lists)}
    if not pks:
        return [list(offers) for offers in lists]
    cards = Member.objects.select_related("user__organization__municipality", "user__subject")
    found = cards.prefetch_related("subjects").in_bulk(pks)
    return [[replace(one, member=found.get(one.member_id)) for one in offers] for offers in lists]


def _is_named(name: str, words: Sequence[str]) -> bool:
    """Every typed word begins some part of the name, as in a search of people."""
    padded = f" {name}"
    return all(f" {word}" in padded for word in words)
