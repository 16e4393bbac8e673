"""Requests to РМА beside those of cases: direct ones and one about a route, in every state, by all who may ask."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from cabinet.core.clock import next_working_day, today
from cabinet.home.demo import rma_words as words
from cabinet.home.demo.cast import METHODIST, MUNICIPAL, NOVICE, REGIONAL, TEACHER, Cast
from cabinet.home.demo.moment import at, on_day, recent_working_day, worked_by
from cabinet.home.demo.places import BEREZNIKI
from cabinet.home.demo.settling import Region
from cabinet.structure.models import Organization, Subject
from cabinet.users.models import Membership, Role, User
from iom.models import Route
from rma.models import Direction, Member, Request
from rma.origins import Done, Need, origin_for, origin_named, origin_of
from rma.services.asking import answer_limit, propose_date

UNDER_WAY = ("agreed", "active", "revision", "in_review")
CONSULTATION, IOM_HELP = Request.Kind.CONSULTATION, Request.Kind.IOM_HELP


class Asking:
    """People and schools of the script, and the verbs as the pages of requests use them."""

    def __init__(self, region: Region, cast: Cast) -> None:
        self.region = region
        self.regional = Member.objects.get(user=region.user(REGIONAL))
        others = [Member.objects.get(user=region.user(person)) for person in cast.members[1:]]
        self.home: Organization = self._home()
        self.others = [one for one in others if one.user.organization_id != self.home.pk]
        self.directions = {one.code: one for one in Direction.objects.all()}

    def _home(self) -> Organization:
        home = self.region.user(METHODIST).organization
        if home is None:
            raise LookupError("the demo's methodist works nowhere")
        return home

    def ask(self, author: User, reason: str, member: Member | None = None, **more: Any) -> Request:
        topic = more.pop("topic", "")
        code = more.pop("code", "teachers")
        need = Need(
            kind=CONSULTATION,
            organization=more.pop("organization", self.home),
            reason=reason,
            topic=topic,
            direction=self.directions[code],
            **more,
        )
        return origin_for(CONSULTATION).ask(need, member, author=author)

    def ask_about(self, route: Route, author: User, member: Member) -> Request:
        need = Need(
            kind=IOM_HELP,
            organization=route.organization,
            person=route.person,
            source=route,
            reason=words.ROUTE_REASON,
            direction=self.directions["teachers"],
        )
        origin = origin_named("route") or origin_for(IOM_HELP)
        return origin.ask(need, member, author=author)

    def accept(self, request: Request, on: date | None = None) -> None:
        origin_of(request).accept(request, actor=self._member(request), comment=words.ACCEPTED, on=on)

    def finish(self, request: Request, result: str, people: int = 1, hours: float = 1) -> None:
        done = Done(on=today(), result=result, hours=hours, people_count=people)
        origin_of(request).finish(request, done, actor=self._member(request))

    def _member(self, request: Request) -> User:
        if request.member is None:
            raise ValueError(f"{request}: nobody has it")
        return request.member.user


def make_requests(region: Region, cast: Cast) -> None:
    asking = Asking(region, cast)
    _past(asking)
    _under_way(asking)
    _waiting(asking)
    _queued(asking)
    _about_routes(asking)


def _past(asking: Asking) -> None:
    """Over by now: done, declined, taken back, handed to a colleague who has not answered yet."""
    methodist, municipal = asking.region.user(METHODIST), asking.region.user(MUNICIPAL)
    with at(on_day(recent_working_day(48), 10)):
        one = asking.ask(methodist, words.SUBJECT_REASON, asking.regional, topic="Первый год в профильном классе")
        group = asking.ask(
            municipal, words.MUNICIPAL_REASON, asking.regional, topic="Критерии вместо отметки", code="technologies"
        )
        declined = asking.ask(municipal, words.MUNICIPAL_REASON, asking.others[1], topic="Практикум для методдня")
        needless = asking.ask(methodist, words.SILENT_REASON, asking.others[2], topic="Задания на работу с текстом")
    with at(on_day(recent_working_day(45), 12)):
        asking.accept(one)
        asking.accept(group)
        origin_of(declined).decline(declined, actor=asking.others[1].user, reason=words.DECLINED)
        origin_of(needless).withdraw(needless, actor=methodist, reason=words.WITHDRAWN)
    with at(on_day(recent_working_day(33), 16)):
        asking.finish(one, words.DONE)
        asking.finish(group, words.DONE_GROUP, people=9, hours=2)
    with at(on_day(recent_working_day(4), 9)):
        handed = asking.ask(methodist, words.TEACHER_REASON, asking.regional, topic="Начало урока в первом классе")
    with at(on_day(recent_working_day(2), 11)):
        actor = asking.regional.user
        origin_of(handed).hand_over(handed, asking.others[3], actor=actor, reason=words.HANDED)


def _under_way(asking: Asking) -> None:
    """A group meets next week; another accepted one is late."""
    methodist, meeting_on = asking.region.user(METHODIST), _in(6)
    with at(on_day(recent_working_day(5), 13)):
        group = asking.ask(
            methodist,
            words.GROUP_REASON,
            asking.regional,
            topic="Одни критерии на всех",
            code="technologies",
            people=_colleagues(asking.home),
            wanted_on=meeting_on,
        )
    with at(on_day(recent_working_day(3), 17)):
        asking.accept(group)
    with at(on_day(worked_by(today() - timedelta(days=40)), 10)):
        late = asking.ask(methodist, words.SUBJECT_REASON, asking.others[0], topic="Лабораторная без кабинета")
        agreed_on = next_working_day(today() + timedelta(days=9))
    with at(on_day(worked_by(today() - timedelta(days=38)), 10)):
        asking.accept(late, on=agreed_on)


def _waiting(asking: Asking) -> None:
    """A teacher asks by herself; a municipal specialist is offered another day."""
    teacher, municipal = asking.region.user(TEACHER), asking.region.user(MUNICIPAL)
    wanted_on, possible_on = _in(2), _in(8)
    with at(on_day(recent_working_day(2), 19)):
        asking.ask(
            teacher,
            words.TEACHER_REASON,
            asking.regional,
            person=teacher,
            subject=Subject.objects.filter(name=TEACHER.subject).first(),
            topic="Опыт на аттестации",
        )
    with at(on_day(recent_working_day(4), 14)):
        other_day = asking.ask(
            municipal, words.MUNICIPAL_REASON, asking.regional, topic="Практикум «Лист критериев»", wanted_on=wanted_on
        )
    with at(on_day(recent_working_day(1), 16)):
        propose_date(other_day, possible_on, words.PROPOSED)


def _queued(asking: Asking) -> None:
    """Nobody named yet, schools with low results among them; and a member who keeps silent."""
    methodist, municipal = asking.region.user(METHODIST), asking.region.user(MUNICIPAL)
    weak = Organization.objects.filter(low_results=True).order_by("pk")
    own = weak.filter(municipality=asking.home.municipality_id).first()
    far = weak.filter(municipality=asking.region.municipalities[BEREZNIKI]).first()
    with at(on_day(recent_working_day(3), 10)):
        asking.ask(methodist, words.SILENT_REASON, topic="Смысловое чтение на истории", code="technologies")
        if own is not None:
            asking.ask(
                municipal, words.LOW_RESULTS_REASON, organization=own, topic="Типичные ошибки", code="low_results"
            )
        if far is not None and (author := _methodist_of(far)):
            asking.ask(author, words.LOW_RESULTS_REASON, organization=far, topic="Разбор ВПР", code="low_results")
    with at(on_day(_long_ago(), 12)):
        asking.ask(municipal, words.SILENT_REASON, asking.others[4], topic="Работа с текстом на уроке физики")


def _about_routes(asking: Asking) -> None:
    """Help with a route: one waits for the member's word, one is under way."""
    methodist = asking.region.user(METHODIST)
    routes = Route.objects.filter(organization=asking.home, rma_member=None).exclude(person=methodist)
    routes = routes.exclude(person=asking.region.user(NOVICE)).filter(status__in=UNDER_WAY).order_by("pk")
    for number, route in enumerate(routes[:2]):
        with at(on_day(recent_working_day(9 - 7 * number), 15)):
            request = asking.ask_about(route, methodist, asking.regional if number == 0 else asking.others[5])
        if number == 0:
            with at(on_day(recent_working_day(6), 18)):
                asking.accept(request)


def _in(days: int) -> date:
    return next_working_day(today() + timedelta(days=days))


def _long_ago() -> date:
    """The last working day on which the limit of an answer that has not come is over by now."""
    day = worked_by(today() - timedelta(days=8))
    while _limit_from(day) >= today():
        day = worked_by(day - timedelta(days=1))
    return day


def _limit_from(day: date) -> date:
    with at(on_day(day, 12)):
        return answer_limit()


def _colleagues(organization: Organization) -> tuple[User, ...]:
    people: Iterable[User] = User.objects.filter(
        organization=organization, position__name="Учитель", is_active=True
    ).order_by("pk")[:3]
    return tuple(people)


def _methodist_of(organization: Organization) -> User | None:
    post = Membership.objects.active().filter(role=Role.METHODIST, organization=organization).select_related("user")
    found = post.first()
    return found.user if found else None
