"""What is attached to an event: materials of the library, files, and who may fetch them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cabinet.library.models import Material, MaterialVersion
from cabinet.planner.models import Event
from cabinet.planner.services import event_materials as services
from cabinet.users.models import Role, User
from tests.factories import OrganizationFactory, person_with
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


def published(title: str, **fields: Any) -> Material:
    from django.utils import timezone

    material = Material.objects.create(title=title, **fields)
    version = MaterialVersion.objects.create(material=material, number=1, form="text", body="Текст")
    Material.objects.filter(pk=material.pk).update(state="published", current=version, published_at=timezone.now())
    return Material.objects.get(pk=material.pk)


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


@pytest.fixture
def event(methodist: User) -> Event:
    made: Event = EventFactory(author=methodist, organization=methodist.organization)
    return made


def page(event: Event, name: str) -> str:
    return reverse(f"planner:{name}", args=[event.pk])


def test_material_found_attached_and_taken_off(client: Client, methodist: User, event: Event) -> None:
    sheets = published("Листы самооценки <b>")
    draft = Material.objects.create(title="Листы самооценки, черновик", owner=methodist)
    client.force_login(methodist)
    found = client.get(event.get_absolute_url(), {"material": "лист самооценки"})
    assert found.context["found_materials"] == [sheets]
    for _ in range(2):
        assert client.post(page(event, "event_material"), {"add": sheets.pk}).status_code == 302
    assert client.post(page(event, "event_material"), {"add": draft.pk}).status_code == 404
    assert list(event.materials.all()) == [sheets]
    assert client.get(event.get_absolute_url(), {"material": "листы"}).context["found_materials"] == []
    client.force_login(person_with("teacher", organization=methodist.organization))
    assert "Листы самооценки &lt;b&gt;" in client.get(event.get_absolute_url()).content.decode()
    client.force_login(methodist)
    client.post(page(event, "event_material"), {"remove": sheets.pk})
    assert list(event.materials.all()) == []
    assert client.post(page(event, "event_material"), {"remove": sheets.pk}).status_code == 404


def test_archived_material_is_not_shown(methodist: User, event: Event) -> None:
    material = published("Листы")
    services.attach(event, material, actor=methodist)
    Material.objects.update(state="archived")
    assert list(services.attached(event, methodist)) == []


def test_file_is_for_whoever_sees_the_event(client: Client, methodist: User, event: Event) -> None:
    client.force_login(methodist)
    upload = SimpleUploadedFile("План <b>.txt", "Повестка".encode())
    assert client.post(page(event, "event_file"), {"file": upload}).status_code == 302
    stored = services.files_of(event).get()
    for user, code in (
        (person_with("teacher", organization=methodist.organization), 200),
        (person_with("teacher"), 404),
    ):
        client.force_login(user)
        assert client.get(stored.get_absolute_url()).status_code == code
        assert client.post(page(event, "event_file"), {"remove": stored.public_id}).status_code == 404
    client.force_login(methodist)
    assert client.post(page(event, "event_file"), {"remove": "nothing"}).status_code == 404
    assert client.post(page(event, "event_file"), {"remove": stored.public_id}).status_code == 302
    assert services.files_of(event).count() == 0


@pytest.mark.parametrize(("name", "content"), [("a.exe", b"MZ\x90\x00"), ("пусто.txt", b"")])
def test_wrong_file_is_refused(client: Client, methodist: User, event: Event, name: str, content: bytes) -> None:
    client.force_login(methodist)
    answer = client.post(page(event, "event_file"), {"file": SimpleUploadedFile(name, content)}, follow=True)
    assert answer.status_code == 200
    assert services.files_of(event).count() == 0


def test_wrong_method_and_visitor(client: Client, event: Event) -> None:
    for name in ("event_material", "event_file"):
        assert client.post(page(event, name))["Location"].startswith("/accounts/login/")
    client.force_login(event.author)
    for name in ("event_material", "event_file"):
        assert client.get(page(event, name)).status_code == 405
