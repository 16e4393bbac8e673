"""Two made one: memberships of communities, seats at events, mailings to the place that is closed."""

from datetime import date, timedelta

import pytest

from cabinet.core.clock import today
from cabinet.home.services.merging_organizations import merge_organizations, plan_organizations
from cabinet.home.services.merging_people import plan_people
from cabinet.mail.models import Mailing
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, Role, User
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.home.merging import merge
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


@pytest.fixture
def keep() -> User:
    user: User = UserFactory()
    return user


@pytest.fixture
def drop() -> User:
    user: User = UserFactory()
    return user


def test_one_membership_stays_of_two_that_share_days(keep: User, drop: User, admin: User) -> None:
    community, day = Community.objects.create(name="МО физиков"), today()
    rows = CommunityMember.objects
    rows.create(community=community, person=keep, starts_on=day, ends_on=day + timedelta(days=30))
    rows.create(community=community, person=drop, starts_on=day - timedelta(days=9))
    ended = rows.create(community=community, person=drop, starts_on=date(2020, 9, 1), ends_on=date(2021, 5, 31))

    plan = plan_people(keep, drop, actor=admin)
    merge(keep, drop, admin)

    assert [one.what for one in plan.clashes] == ["Обе карточки в сообществе «МО физиков»"]
    assert set(rows.values_list("person", "starts_on", "ends_on")) == {
        (keep.pk, ended.starts_on, ended.ends_on),
        (keep.pk, day - timedelta(days=9), None),
    }


def test_head_for_a_term_is_not_made_one_for_ever(keep: User, drop: User, admin: User) -> None:
    community, day = Community.objects.create(name="МО физиков"), today()
    head = CommunityMember.Role.HEAD
    CommunityMember.objects.create(community=community, person=keep)
    CommunityMember.objects.create(community=community, person=drop, role=head, ends_on=day)
    merge(keep, drop, admin)
    assert set(CommunityMember.objects.values_list("person", "role", "ends_on")) == {
        (keep.pk, "member", None),
        (keep.pk, "head", day),
    }


def test_one_seat_at_an_event_both_cards_were_at(keep: User, drop: User, admin: User) -> None:
    event = EventFactory(has_registration=True, seats=1)
    ParticipationFactory(event=event, person=keep)
    ParticipationFactory(event=event, person=drop, state="coming")
    plan = plan_people(keep, drop, actor=admin)
    merge(keep, drop, admin)
    assert "Обе карточки в одном событии" in [one.what for one in plan.clashes]
    assert list(event.participations.values_list("person", "state")) == [(keep.pk, "coming")]


def test_mailings_follow_the_organization_and_its_community(admin: User) -> None:
    keep, drop = OrganizationFactory(), OrganizationFactory()
    own = Community.objects.create(name="МО физиков", organization=keep)
    other = Community.objects.create(name="МО физиков", organization=drop)
    day, person = today(), UserFactory()
    CommunityMember.objects.create(community=own, person=person, ends_on=day)
    CommunityMember.objects.create(community=other, person=person, starts_on=day, ends_on=day + timedelta(days=5))
    for scope, pk in (("organization", drop.pk), ("community", other.pk)):
        Mailing.objects.create(subject="С", body="Т", author=admin, audience={"scope": scope, "pk": pk, "roles": []})

    seen = plan_organizations(keep, drop, actor=admin).fingerprint
    merge_organizations(keep, drop, {}, actor=admin, seen=seen)

    assert {(one.audience["scope"], one.audience["pk"]) for one in Mailing.objects.all()} == {
        ("organization", keep.pk),
        ("community", own.pk),
    }
    assert list(CommunityMember.objects.values_list("community", "ends_on")) == [(own.pk, day + timedelta(days=5))]
