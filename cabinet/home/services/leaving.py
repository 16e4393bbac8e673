"""A person works no more: what he holds, where each thing goes, what must be settled before; and coming back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from cabinet.core.clock import today
from cabinet.courses.models import Course
from cabinet.home.services.moving import ending_words, finish_role
from cabinet.home.services.rehearsing import (
    CHANGED,
    ActRefused,
    Group,
    Outlook,
    Thing,
    group,
    handed_over,
    last_letter,
    letters_after,
    named,
    rehearse,
)
from cabinet.mail.models import Mailing
from cabinet.planner.models import Event, Participation, Task
from cabinet.planner.services.registration import decline
from cabinet.polls.models import Poll
from cabinet.users.models import CommunityMember, Membership, Role, Substitution, User
from cabinet.users.services import end_role, set_active
from iom.models import Route
from motor.models import Case, StopReason
from motor.moves import ALIVE, ANSWERED_FOR, MoveRefused
from motor.services.appointing import AppointingRefused
from motor.services.halting import stop_case
from motor.services.responsible import reassign_orphans
from rma.models import Request

LEFT = "Больше не работает в организации."


def leave(person: User, *, actor: User, why: str, seen: str) -> None:
    """Do it, if nothing is in the way and it still is what was shown. Raises ActRefused."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not person.is_active:
            raise ActRefused("Уже отмечено, что человек больше не работает.")
        outlook = look_at_leaving(person, actor=actor)
        if outlook.first:
            raise ActRefused("Сначала решите то, что стоит первым на странице.")
        if outlook.fingerprint(person.pk) != seen:
            raise ActRefused(CHANGED)
        _leave(person.pk, actor, why)


def _leave(pk: int, actor: User, why: str) -> None:
    person = User.objects.get(pk=pk)
    try:
        for case in Case.objects.filter(person=person, status__in=ALIVE).with_names():
            stop_case(case, actor=actor, reason=StopReason.LEFT, comment=LEFT)
        for membership in [*_roles(person), *_mentors(person)]:
            if membership.role == Role.REGIONAL:
                end_role(membership, since=today(), actor=actor)
            else:
                finish_role(membership, since=today(), actor=actor)
    except (MoveRefused, AppointingRefused) as refusal:
        raise ActRefused(str(refusal)) from refusal
    own = CommunityMember.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today()), person=person)
    own.filter(starts_on__gt=today()).delete()
    own.update(ends_on=today())
    for event in _expected_at(person):
        decline(event, person)
    set_active(person, is_active=False, actor=actor, why=why)
    reassign_orphans(Case.objects.filter(responsible=pk), actor=actor)


def come_back(person: User, *, actor: User) -> bool:
    """Open the card again; roles and cases that ended do not come back by themselves. Says whether it changed."""
    return set_active(person, is_active=True, actor=actor)


def _roles(person: User) -> list[Membership]:
    lasting = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today()), user=person)
    return list(lasting.select_related("organization", "municipality", "person", "user").order_by("pk"))


def _mentors(person: User) -> list[Membership]:
    """Roles of those named to help him."""
    lasting = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today()), person=person)
    return list(lasting.select_related("user", "person").order_by("pk"))


def _expected_at(person: User) -> list[Event]:
    """Coming events where he is asked or has a seat; by number, for each is held in turn."""
    own = Participation.objects.filter(person=person).exclude(state=Participation.State.DECLINED)
    rows = Event.objects.ahead().filter(pk__in=own.order_by().values("event"), is_cancelled=False).order_by("pk")
    return [one for one in rows if one.is_open]


def look_at_leaving(person: User, *, actor: User) -> Outlook:
    """The act itself, taken back; where something is in the way, only what that is and what he holds."""
    found = Outlook(first=_in_the_way(person, actor))
    own = list(Case.objects.filter(person=person, status__in=ALIVE).with_names().order_by("due_on", "pk"))
    led = dict(Case.objects.filter(responsible=person, status__in=ANSWERED_FOR).values_list("pk", "responsible"))
    programmes = [
        Thing(f"{one.completion.course.programme}, {one.get_status_display()}", "→ отслеживание прекратится: уволился",
              one.get_absolute_url())
        for one in own
    ]  # fmt: skip
    found.goes += group("Его карты МОТОР", programmes)
    roles = [Thing(str(one), ending_words(one, today())) for one in _roles(person)]
    mentors = [Thing(one.user.full_name, ending_words(one, today())) for one in _mentors(person)]
    found.stays += _left_alone(person, actor)
    ended = group("Роли", roles) + group("Его наставники", mentors) + _communities(person) + _seats(person, actor)
    if found.first:
        found.goes += ended
        return found
    last = last_letter()

    def read() -> tuple[list[Thing], int, list[str], int]:
        return (*handed_over(led, actor), *letters_after(last, sees_names=True))

    things, hidden, found.letters, found.hidden_letters = rehearse(lambda: _leave(person.pk, actor, ""), read)
    found.goes += group("Карты, за которые человек отвечал", things, hidden) + ended
    return found


def _in_the_way(person: User, actor: User) -> list[Group]:
    """What no rule gives to anybody: somebody has to decide."""
    asked = Request.objects.filter(member__user=person, status__in=Request.OPEN).with_names().order_by("due_on", "pk")
    things, hidden = named(
        asked,
        actor,
        lambda one: Thing(one.about, "передайте другому методисту РМА или снимите", one.get_absolute_url()),
    )
    found = group("Запросы к РМА, которые он ведёт", things, hidden)
    leaves = Substitution.objects.filter(Q(person=person) | Q(deputy=person), cancelled_at=None, ends_on__gte=today())
    rows = leaves.select_related("person", "deputy").order_by("starts_on", "pk")
    things, hidden = named(rows, actor, lambda one: Thing(str(one), "отмените замещение", _link("motor:substitutions")))
    return found + group("Замещения", things, hidden)


def _left_alone(person: User, actor: User) -> list[Group]:
    """What stays as it is, for somebody to look after: each with its page."""
    found: list[Group] = []

    def add(title: str, rows: Any, result: str) -> None:
        nonlocal found
        things, hidden = named(rows, actor, lambda one: Thing(str(one), result, one.get_absolute_url()))
        found += group(title, things, hidden)

    add("Его маршрут", Route.objects.running().filter(person=person), "уберите в архив или завершите")
    mentored = Route.objects.running().filter(mentor=person).select_related("person")
    things, hidden = named(
        mentored, actor, lambda one: Thing(one.person.full_name, "выберите другого наставника", one.get_absolute_url())
    )
    found += group("Маршруты, где он наставник", things, hidden)
    tasks = Task.objects.open().filter(assignee=person, kind="").order_by("due_on", "pk")
    add("Задачи", tasks, "останется открытой: передайте или снимите")
    shared = Task.objects.open().filter(participants=person).exclude(assignee=person).order_by("due_on", "pk")
    add("Задачи, где он соисполнитель", shared, "остальные выполнят без него")
    events = Event.objects.ahead().filter(Q(author=person) | Q(leaders=person), is_cancelled=False).distinct()
    add("Предстоящие события", events.order_by("on", "pk"), "назовите, кто проведёт")
    asked = Request.objects.live().filter(author=person).with_names().order_by("pk")
    add("Запросы к РМА, которые он отправил", asked, "останется без того, кто просил")
    add(
        "Опросы, которые он проводит",
        Poll.objects.open_now().filter(author=person).order_by("pk"),
        "идут дальше без него",
    )
    ordered = Mailing.objects.filter(author=person, state=Mailing.State.ORDERED).order_by("pk")
    add("Рассылки, которые он отправил", ordered, "письма уйдут от его имени")
    courses = Course.objects.filter(curator=person).select_related("programme").order_by("-ends_on", "pk")
    things, hidden = named(
        courses,
        actor,
        lambda one: Thing(str(one), "назначьте другого куратора", reverse("courses:course", args=[one.pk])),
    )
    return found + group("Курсы, где он куратор", things, hidden)


def _communities(person: User) -> list[Group]:
    rows = CommunityMember.objects.active().filter(person=person).select_related("community").order_by("role", "pk")
    things = [
        Thing(
            one.community.name,
            "→ останется без него: назначьте руководителя" if one.role == CommunityMember.Role.HEAD else "→ выйдет",
            _link("home:community", one.community_id),
        )
        for one in rows
    ]
    return group("Сообщества", things)


def _seats(person: User, actor: User) -> list[Group]:
    rows = Event.objects.filter(pk__in=[one.pk for one in _expected_at(person)]).order_by("on", "pk")
    things, hidden = named(
        rows, actor, lambda one: Thing(str(one), "→ не придёт, место достанется ожидающим", one.get_absolute_url())
    )
    return group("События, где его ждут", things, hidden)


def _link(name: str, *args: int) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:  # a part of the cabinet that is not there yet
        return ""
