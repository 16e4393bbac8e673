"""The same form sent twice by a double click is there once."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.library.models import Material
from cabinet.mail.models import Mailing
from cabinet.users.models import Role
from tests.factories import person_with

pytestmark = pytest.mark.django_db


def test_a_new_mailing_and_a_new_material(client: Client) -> None:
    client.force_login(person_with(Role.ADMIN))
    mailing = {"place": "region", "subject": "Сбор", "body": "Здравствуйте, {имя}!"}
    material = {"title": "Листы", "summary": "Польза", "kind": "method", "level": "regional", "licence": "cabinet"}
    for _ in range(2):
        assert client.post(reverse("mail:mailing_new"), mailing).status_code == 302
        assert client.post(reverse("library:new"), material | {"form": "text", "body": "Текст"}).status_code == 302
    assert (Mailing.objects.count(), Material.objects.count()) == (1, 1)
