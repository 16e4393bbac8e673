"""What events ask of a person on the first page: only what he can still do, and only where he has to be."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.works import Asked
from cabinet.planner.models import Event
from cabinet.planner.services import desk
from cabinet.users.models import Membership, Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db
YESTERDAY = today() - timedelta(days=1)


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


def event_of(author: User, **fields: object) -> Event:
    made: Event = EventFactory(author=author, organization=author.organization, **fields)
    return made


def asked(user: User, code: str) -> list[tuple[int, int | None]]:
    first, *rest = desk.asked(User.objects.get(pk=user.pk))
    return [(row.pk, row.number) for row in map(Asked._make, first.union(*rest, all=True)) if row.code == code]


def test_second_cards_are_not_counted_among_those_to_mark(methodist: User) -> None:
    event = event_of(methodist, on=YESTERDAY)
    ParticipationFactory(event=event, state="coming")
    merged = UserFactory(is_active=False, merged_into=UserFactory())
    ParticipationFactory(event=event, state="coming", person=merged)
    assert asked(methodist, "attendance") == [(event.pk, 1)]


def test_who_left_his_post_marks_nothing_there(methodist: User) -> None:
    ParticipationFactory(event=event_of(methodist, on=YESTERDAY), state="coming")
    Membership.objects.filter(user=methodist).update(ends_on=YESTERDAY)
    assert asked(methodist, "attendance") == []


def test_coming_are_those_one_leads_or_goes_to(methodist: User) -> None:
    own, led, met = event_of(methodist), EventFactory(leaders=[methodist]), EventFactory()
    event_of(methodist, leaders=[UserFactory()])
    ParticipationFactory(event=met, person=methodist, state="coming")
    assert sorted(pk for pk, _ in asked(methodist, desk.COMING)) == sorted([own.pk, led.pk, met.pk])


def test_invitation_is_answered_until_the_event_begins(methodist: User, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = timezone.localtime().replace(hour=12, minute=0)
    monkeypatch.setattr(timezone, "localtime", lambda *args: noon)
    for hour in (11, 13, None):
        event = EventFactory(on=today(), starts_at=time(hour) if hour else None)
        ParticipationFactory(event=event, person=methodist)
    open_now = Event.objects.exclude(starts_at=time(11)).order_by("pk")
    assert sorted(pk for pk, _ in asked(methodist, "invitation")) == [one.pk for one in open_now]
