"""Events of the demo around today: of every level, with invitations, registration, a waiting list, attendance."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from cabinet.core.clock import next_working_day, today
from cabinet.home.demo.cast import ADMIN, HEAD, MENTOR, METHODIST, MUNICIPAL, NOVICE, REGIONAL, TEACHER
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.home.demo.settling import Region
from cabinet.planner.models import Event
from cabinet.planner.services import attendance, invitations, registration
from cabinet.planner.services.events import plan_event
from cabinet.planner.services.series import Repeats
from cabinet.users.models import User

Kind = Event.Kind
SEATS = 4


def make_calendar_events(region: Region) -> None:
    """Known by their titles: made once."""
    if Event.objects.filter(title="Заседание МО: как читаем задачи").exists():
        return
    _school(region)
    _municipality(region)
    _region(region)
    _personal(region)


def _ahead(days: int) -> date:
    return next_working_day(today() + timedelta(days=days))


def _plan(
    author: User, kind: str, title: str, on: date, hour: int, repeats: Repeats | None = None, **more: Any
) -> Event:
    values = {"place": "", "link": "", "text": "", "scope": "region", "organization_id": None, "municipality_id": None}
    times = {"starts_at": time(hour, 0), "ends_at": time(hour + 1, 30)}
    return plan_event(author, values | times | {"kind": kind, "title": title, "on": on} | more, repeats)


def _colleagues(of: User, region: Region, count: int) -> list[User]:
    """Of the demo's own school, those without a login among them; not the people of the logins."""
    named = [region.user(one).pk for one in (TEACHER, MENTOR, NOVICE, METHODIST, HEAD)]
    people = User.objects.filter(organization=of.organization, is_active=True).exclude(pk__in=named)
    return list(people.order_by("pk")[:count])


def _answer(event: Event, coming: Iterable[User], declining: Iterable[User] = ()) -> None:
    for person in coming:
        registration.come(event, person)
    for person in declining:
        registration.decline(event, person)


def _school(region: Region) -> None:
    """A repeated МО, held twice already, and a lesson to visit with few seats."""
    methodist, head = region.user(METHODIST), region.user(HEAD)
    own: dict[str, Any] = {"scope": "organization", "organization_id": methodist.organization_id}
    teacher, novice, mentor = (region.user(one) for one in (TEACHER, NOVICE, MENTOR))
    others = _colleagues(methodist, region, 5)
    # Asked before the past begins: inside it «today» is another day.
    first, until, visited, council = recent_working_day(27), today() + timedelta(days=100), _ahead(6), _ahead(12)
    with at(on_day(recent_working_day(34), 12)):
        title = "Заседание МО: как читаем задачи"
        every = Repeats("two_weeks", until)
        meeting = _plan(methodist, Kind.MO, title, first, 14, every, place="Кабинет 21", **own)
        times = list(Event.objects.filter(series=meeting.series).order_by("on"))
        for event in times[:4]:
            invitations.invite(event, [teacher, novice, mentor, *others], actor=methodist)
            _answer(event, [teacher, mentor, *others[:3]], others[4:])
    for event in [one for one in times if one.on < today()]:
        with at(on_day(event.on, 17)):
            rows = list(event.participations.order_by("pk"))
            came = [row.pk for row in rows if row.person_id != others[-1].pk]
            attendance.mark(event, [row.pk for row in rows], came, actor=methodist)
    with at(on_day(recent_working_day(5), 13)):
        text = "Смотрим, как дети сами проверяют решения. После урока полчаса на разговор."
        lesson = _plan(
            head, Kind.OPEN_LESSON, "Открытый урок: листы самооценки в 6 классе", visited, 11,
            place="Кабинет 34", text=text, has_registration=True, seats=SEATS,
            registers_until=visited - timedelta(days=1),
            **own,
        )  # fmt: skip
        lesson.leaders.add(teacher)
        _answer(lesson, [*others, novice])
        _plan(head, Kind.OTHER, "Педагогический совет", council, 15, place="Актовый зал", **own)


def _municipality(region: Region) -> None:
    specialist = region.user(MUNICIPAL)
    own: dict[str, Any] = {"scope": "municipality", "municipality_id": region.municipality_of(MUNICIPAL).pk}
    seminar, talk = recent_working_day(1), _ahead(3)
    with at(on_day(recent_working_day(8), 10)):
        title = "Семинар для методистов: разбор опросных листов"
        held = _plan(specialist, Kind.SEMINAR, title, seminar, 10, place="Дом учителя", **own)
        people = User.objects.filter(organization__municipality=own["municipality_id"], memberships__role="methodist")
        invited = list(people.distinct().order_by("pk")[:12])
        invitations.invite(held, invited, actor=specialist)
        _answer(held, invited[:8], invited[10:])
        coming = _plan(
            specialist, Kind.CONSULTATION, "Консультация: как подготовить мастер-класс", talk, 16,
            link="https://example.org/konsultaciya", has_registration=True, **own,
        )  # fmt: skip
        invitations.invite(coming, [region.user(METHODIST), region.user(TEACHER)], actor=specialist)
        _answer(coming, [region.user(METHODIST)])


def _region(region: Region) -> None:
    admin = region.user(ADMIN)
    opens = _ahead(20)
    with at(on_day(recent_working_day(10), 11)):
        text = "Два дня докладов и мастерских. Записывайтесь сами, командировка не нужна: всё дистанционно."
        forum = _plan(
            admin, Kind.CONFERENCE, "Зимняя конференция методистов края", opens, 10,
            link="https://example.org/konferenciya", text=text, has_registration=True,
            registers_until=opens - timedelta(days=2),
        )  # fmt: skip
        forum.leaders.add(region.user(REGIONAL))
        _answer(forum, [region.user(one) for one in (METHODIST, REGIONAL, MUNICIPAL)])


def _personal(region: Region) -> None:
    own: dict[str, Any] = {"scope": "personal"}
    folder, lunch = _ahead(2), _ahead(1)
    with at(on_day(recent_working_day(2), 18)):
        _plan(region.user(TEACHER), Kind.OTHER, "Собрать работы для портфолио", folder, 17, **own)
        talk = _plan(region.user(METHODIST), Kind.OTHER, "Поговорить о первом открытом уроке", lunch, 13, **own)
        invitations.invite(talk, [region.user(NOVICE)], actor=region.user(METHODIST))
