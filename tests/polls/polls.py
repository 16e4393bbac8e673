"""Polls with their questions and those who are asked; a small true row of each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cabinet.core.clock import today
from cabinet.polls.models import Answer, Option, Participant, Poll, Question
from cabinet.users.models import Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with


class PollFactory(DjangoModelFactory):
    """Open, without names, of an organization; with `municipality=` or `scope="region"`, of these."""

    class Meta:
        model = Poll

    title = factory.Sequence(lambda n: f"Когда собраться, раз {n}")
    municipality = None
    scope = factory.LazyAttribute(lambda one: "municipality" if one.municipality else "organization")
    organization = factory.LazyAttribute(lambda one: OrganizationFactory() if one.scope == "organization" else None)
    author = factory.LazyAttribute(
        lambda one: person_with(Role.METHODIST, one.organization) if one.organization else person_with(Role.ADMIN)
    )
    state = Poll.State.OPEN
    closes_on = factory.LazyFunction(lambda: today() + timedelta(days=10))
    opened_at = factory.LazyAttribute(lambda one: None if one.state == "draft" else timezone.now())


def question_of(
    poll: Poll, kind: str = "yes_no", options: Sequence[str] = ("Да", "Нет"), *, is_required: bool = True
) -> Question:
    place = poll.questions.count() + 1
    question = Question.objects.create(
        poll=poll, place=place, kind=kind, text=f"Вопрос {place}?", is_required=is_required
    )
    for number, text in enumerate(options, 1):
        Option.objects.create(question=question, place=number, text=text)
    return question


def asked_in(poll: Poll, count: int = 1, **fields: Any) -> list[User]:
    """People with a login who are asked."""
    people = []
    for number in range(count):
        own = {"email": f"asked{poll.pk}-{User.objects.count()}@example.org"} | fields
        own.setdefault("organization", poll.organization or OrganizationFactory())
        own.setdefault("last_name", f"Отвечаев-{number:02}")
        people.append(UserFactory(**own))
    Participant.objects.bulk_create(Participant(poll=poll, person=one) for one in people)
    return people


def option(question: Question, number: int = 1) -> Option:
    return question.options.get(place=number)


def nameless(poll: Poll, *tallies: Sequence[int], answered: int | None = None) -> None:
    """Sums as the answers would have left them, one tuple for each question, and as many marks of participants."""
    for question, counts in zip(poll.questions.all(), tallies, strict=True):
        for number, count in enumerate(counts, 1):
            Option.objects.filter(question=question, place=number).update(tally=count)
        base = answered if question.kind == "many" and answered is not None else sum(counts)
        Question.objects.filter(pk=question.pk).update(base=base)
    total = answered if answered is not None else sum(tallies[0])
    if poll.is_by_link:
        Poll.objects.filter(pk=poll.pk).update(by_link=total)
        return
    people = asked_in(poll, total)
    Participant.objects.filter(poll=poll, person__in=people).update(has_answered=True)


def named(poll: Poll, person: User, *options: Option) -> Participant:
    row, _ = Participant.objects.update_or_create(poll=poll, person=person, defaults={"has_answered": True})
    Answer.objects.bulk_create(Answer(participant=row, option=one) for one in options)
    return row


def typed(**more: Any) -> dict[str, Any]:
    """A filled form of a draft with one question; `more` are further fields."""
    return {
        "title": "Когда собраться",
        "text": "Выберем день",
        "way": "nameless",
        "closes_on": (today() + timedelta(days=10)).isoformat(),
        "count": "1",
        "q1-text": "Удобна ли среда?",
        "q1-kind": "yes_no",
        "q1-options": "",
        "q1-is_required": "on",
        "act": "save",
    } | more
