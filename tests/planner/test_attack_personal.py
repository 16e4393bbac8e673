"""What a personal event is about is nobody else's business, the administrator's neither: letters, the log."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.planner.models import Event
from cabinet.planner.services.invitations import invite
from cabinet.users.models import LogEntry, Role, User
from tests.factories import UserFactory, person_with
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db
TITLE = "Разговор о переводе"


@pytest.fixture
def event() -> Event:
    author = UserFactory(email="author@example.org")
    event = EventFactory(author=author, scope=Event.Scope.PERSONAL, title=TITLE)
    invite(event, [UserFactory(email="guest@example.org", contact_email="guest@example.org")], actor=author)
    return event


@pytest.mark.parametrize("page", ["mail:letters", "admin:mail_letter_changelist"])
def test_letters_about_it_in_the_outbox(page: str, event: Event, client: Client) -> None:
    User.objects.filter(pk=event.author_id).update(is_staff=False)
    client.force_login(person_with(Role.ADMIN, is_staff=True, is_superuser=True))
    assert TITLE not in client.get(reverse(page)).content.decode()


def test_the_log_after_taking_the_guests_away(event: Event, client: Client) -> None:
    client.force_login(event.author)
    assert client.get(reverse("planner:event_sheet_excel", args=[event.pk])).status_code == 200
    assert not LogEntry.objects.filter(note__contains=TITLE).exists()
