"""Who left his post does not run what he began there, and files of a personal event stay with its people."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.planner.models import Event
from cabinet.planner.services.registration import come
from cabinet.users.models import Membership, Role
from tests.factories import OrganizationFactory, UserFactory, person_with
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


def test_a_former_head_does_not_read_who_comes_to_his_former_school(client: Client) -> None:
    school = OrganizationFactory()
    head = person_with(Role.HEAD, school)
    event = EventFactory(author=head, organization=school, has_registration=True)
    Membership.objects.filter(user=head).update(ends_on=today() - timedelta(days=1))
    head.organization = OrganizationFactory()
    head.save()
    guest = UserFactory(last_name="Тайникова", email="g@example.org", organization=school)
    assert come(event, guest)
    client.force_login(head)
    answer = client.get(reverse("planner:event_guests", args=[event.pk]))
    assert "Тайникова" not in answer.content.decode()


def test_a_former_head_does_not_change_events_of_his_former_school(client: Client) -> None:
    school = OrganizationFactory()
    head = person_with(Role.HEAD, school)
    event = EventFactory(author=head, organization=school)
    Membership.objects.filter(user=head).update(ends_on=today() - timedelta(days=1))
    head.organization = OrganizationFactory()
    head.save()
    client.force_login(head)
    client.post(reverse("planner:event_cancel", args=[event.pk]))
    event.refresh_from_db()
    assert not event.is_cancelled


def test_an_event_made_personal_is_no_more_open_to_its_leaders(client: Client) -> None:
    """A personal event has no leaders: whoever was named before must be asked anew."""
    author = person_with(Role.HEAD, OrganizationFactory())
    leader = UserFactory(email="l@example.org")
    event = EventFactory(author=author, organization=author.organization, leaders=[leader])
    client.force_login(author)
    data = {"kind": "other", "title": "Отпуск", "on": event.on.isoformat(), "audience": "personal"}
    data["version"] = str(event.version)
    assert client.post(reverse("planner:event_edit", args=[event.pk]), data).status_code in (302, 422)
    event.refresh_from_db()
    if event.scope == Event.Scope.PERSONAL:
        assert not Event.objects.visible_to(leader).filter(pk=event.pk).exists()
