"""Polls of the demo: one without names that waits for the teacher, one that is over, one with names."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from cabinet.core.clock import next_working_day, today
from cabinet.home.demo.cast import ADMIN, HEAD, METHODIST, MUNICIPAL, TEACHER
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.home.demo.settling import Region
from cabinet.polls.models import Participant, Poll, Question
from cabinet.polls.services.answering import answer_with_name, answer_without_name
from cabinet.polls.services.drafts import Asked, Draft, make_draft, questions_of
from cabinet.polls.services.ending import close_poll
from cabinet.polls.services.opening import open_poll
from cabinet.users.models import User

YES_NO, ONE, MANY = Question.Kind.YES_NO.value, Question.Kind.ONE.value, Question.Kind.MANY.value
WAITING_ANSWERS = 4
OVER_ANSWERS = 26
NAMED_ANSWERS = 6


class Script(NamedTuple):
    title: str
    text: str
    questions: Sequence[Asked]
    is_anonymous: bool = True


WAITING = Script(
    "Что мешает начать ИОМ",
    "По ответам составим план консультаций на декабрь и январь.",
    (
        Asked("Понятно ли, с чего начинается индивидуальный маршрут?", YES_NO, True),
        Asked(
            "Чего не хватает больше всего?",
            MANY,
            True,
            ("времени", "примеров готовых маршрутов", "разговора с методистом", "ничего, всё есть"),
        ),
    ),
)
OVER = Script(
    "Когда проводить методические дни",
    "День выберем один на всю четверть.",
    (
        Asked("Какой день недели удобнее?", ONE, True, ("вторник", "среда", "четверг", "суббота")),
        Asked("Нужна ли запись для тех, кто не сможет прийти?", YES_NO, True),
        Asked(
            "О чём рассказать в первую очередь?",
            MANY,
            False,
            ("формирующее оценивание", "функциональная грамотность", "цифровые инструменты", "работа с родителями"),
        ),
    ),
)
NAMED = Script(
    "Кто готов показать открытый урок",
    "Из ответов сложится график второй четверти.",
    (
        Asked("Готовы показать урок во второй четверти?", YES_NO, True),
        Asked("Какая неделя подходит?", ONE, False, ("первая", "вторая", "третья")),
    ),
    is_anonymous=False,
)


def make_polls(region: Region) -> None:
    """Once: what is there already stays as it is."""
    if Poll.objects.filter(title__in=[one.title for one in (WAITING, OVER, NAMED)], is_example=False).exists():
        return
    methodist, specialist, head = region.user(METHODIST), region.user(MUNICIPAL), region.user(HEAD)
    school = {"scope": "organization", "organization_id": methodist.organization_id}
    place = {"scope": "municipality", "municipality_id": region.municipality_of(MUNICIPAL).pk}
    teacher = region.user(TEACHER)
    waiting = _open(methodist, WAITING, school, recent_working_day(3), next_working_day(today() + timedelta(days=7)))
    _answer(waiting, recent_working_day(1), WAITING_ANSWERS, passed_over=teacher)
    over = _open(specialist, OVER, place, recent_working_day(24), today() - timedelta(days=3))
    _answer(over, recent_working_day(20), OVER_ANSWERS)
    with at(on_day(recent_working_day(2), 9)):
        close_poll(over)
    named = _open(head, NAMED, school, recent_working_day(2), next_working_day(today() + timedelta(days=12)))
    _answer(named, recent_working_day(1), NAMED_ANSWERS, passed_over=teacher)
    _draft_for_region(region.user(ADMIN))


def _draft_for_region(admin: User) -> None:
    """A draft of the institute, so that there is something to go on with."""
    questions = [Asked("Хватает ли материалов для подготовки к аттестации?", YES_NO, True)]
    columns = _columns(Script("Материалы к аттестации: чего не хватает", "", ()), {"scope": "region"}, None)
    make_draft(admin, Draft(columns, questions))


def _columns(script: Script, place: Mapping[str, object], until: date | None) -> dict[str, object]:
    nowhere: dict[str, object] = {"organization_id": None, "municipality_id": None, "community_id": None}
    said = {"title": script.title, "text": script.text, "is_anonymous": script.is_anonymous, "is_by_link": False}
    return {**nowhere, **said, "roles": [], "closes_on": until, **place}


def _open(author: User, script: Script, place: Mapping[str, object], day: date, until: date) -> Poll:
    with at(on_day(day, 10)):
        poll = make_draft(author, Draft(_columns(script, place, until), list(script.questions)))
        open_poll(poll, actor=author, version=poll.version)
    return poll


def _answer(poll: Poll, day: date, count: int, passed_over: User | None = None) -> None:
    """The first of those asked answer, each in a way of his own; nobody's answer follows from his name."""
    questions = questions_of(poll)
    rows = Participant.objects.filter(poll=poll).select_related("person").order_by("pk")
    asked = [one.person for one in rows if one.person != passed_over]
    act = answer_without_name if poll.is_anonymous else answer_with_name
    with at(on_day(day, 16)):
        for number, person in enumerate(asked[:count]):
            act(poll, person, {one.pk: _choice(one, number + at_) for at_, one in enumerate(questions)})


def _choice(question: Question, number: int) -> list[int]:
    options = [one.pk for one in question.options.all()]
    if question.kind == YES_NO:
        return [options[0 if number % 5 else 1]]
    if question.kind == ONE:
        return [options[(0, 2, 2, 1, 2, 3, 0)[number % 7] % len(options)]]
    return sorted({options[number % len(options)], options[number * 2 % len(options)]})
