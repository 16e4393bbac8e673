"""Previews: ordered with the file, drawn once by a worker, shown to whoever may read the owner."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cabinet.files import services
from cabinet.files.drawing import Drawn, parent
from cabinet.files.models import Preview, PreviewPage, StoredFile
from cabinet.files.services import previewing
from cabinet.files.tasks import make_previews
from cabinet.users.models import LogEntry, User
from motor.models import Evidence, Status
from motor.services.evidence import share_evidence
from tests import factories
from tests.files.pictures import bomb, pdf, picture

pytestmark = pytest.mark.django_db

PDF = "application/pdf"


@pytest.fixture(autouse=True)
def var_dir(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def keep(content: bytes, content_type: str, owner: Any = None) -> StoredFile:
    return services.store_bytes("план.pdf", content, owner=owner, content_type=content_type)


def preview_of(stored: StoredFile) -> Preview:
    return Preview.objects.get(stored=stored)


def page_address(stored: StoredFile, number: int = 1, query: str = "") -> str:
    return reverse("files:preview", args=[stored.public_id, number]) + query


def body(response: Any) -> bytes:
    content = b"".join(response)
    for close in response._resource_closers:
        close()
    return content


# --- The order and the worker --------------------------------------------------------------------------------


def test_only_what_can_be_drawn_is_ordered() -> None:
    keep(b"%PDF-1.7", PDF)
    keep(picture("PNG"), "image/png")
    keep(b"words", "text/plain; charset=utf-8")
    services.store_bytes("список.xlsx", b"x", owner=None)
    assert sorted(Preview.objects.values_list("stored__content_type", flat=True)) == [PDF, "image/png"]


def test_sweep_draws_what_is_owed_and_a_second_one_nothing() -> None:
    document, photo = keep(pdf(7), PDF), keep(picture("JPEG"), "image/jpeg")

    assert make_previews() == 2
    assert make_previews() == 0

    assert (preview_of(document).pages_total, preview_of(document).pages.count()) == (7, 5)
    assert list(preview_of(document).numbers) == [1, 2, 3, 4, 5]
    assert list(preview_of(photo).numbers) == [1]
    assert preview_of(photo).finished_at is not None


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(bomb(60_000, 60_000), "image/png"), (b"%PDF-1.7 broken", PDF), (pdf(10_000), PDF)],
    ids=["bomb", "broken", "many pages"],
)
def test_bomb_ends_without_preview_and_is_not_tried_again(content: bytes, content_type: str) -> None:
    stored = keep(content, content_type)
    assert make_previews() == 1
    assert make_previews() == 0
    assert preview_of(stored).has_failed
    assert preview_of(stored).attempts == 1
    with stored.file.open() as file:
        assert file.read() == content


def test_killed_child_is_tried_again_later_and_not_for_ever(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dead = tmp_path / "dead.py"
    dead.write_text("import os\nos.kill(os.getpid(), 9)\n")
    monkeypatch.setattr(parent, "CHILD", dead)
    stored = keep(pdf(), PDF)

    assert make_previews() == 0
    assert preview_of(stored).due_at > timezone.now()
    assert preview_of(stored).last_error == "Stopped"
    for _ in range(previewing.ATTEMPTS):
        Preview.objects.update(due_at=timezone.now())
        make_previews()

    assert preview_of(stored).has_failed
    assert preview_of(stored).attempts == previewing.ATTEMPTS


def test_killed_child_that_recovers_leaves_a_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = keep(pdf(), PDF)
    with monkeypatch.context() as patch:
        patch.setattr(parent, "CHILD", Path("/nowhere/child.py"))
        make_previews()
    Preview.objects.update(due_at=timezone.now())
    make_previews()
    assert (preview_of(stored).pages_total, preview_of(stored).last_error) == (1, "")


def test_while_one_is_drawn_others_wait_and_a_dead_workers_lease_ends() -> None:
    stored, other = keep(pdf(), PDF), keep(pdf(), PDF)
    assert Preview.objects.claim(preview_of(stored).pk, previewing.LEASE) is not None

    assert make_previews() == 0
    assert not services.make_owed(preview_of(stored).pk)

    Preview.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert make_previews() == 2
    assert preview_of(stored).attempts == 2
    assert preview_of(other).pages_total == 1


def test_worker_that_outlived_its_lease_adds_no_second_set(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = keep(pdf(), PDF)
    pk = preview_of(stored).pk
    draw = previewing.draw

    def overtaken(*args: Any) -> Drawn:
        monkeypatch.setattr(previewing, "draw", draw)
        Preview.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert services.make_owed(pk)
        return draw(*args)

    monkeypatch.setattr(previewing, "draw", overtaken)
    assert not services.make_owed(pk)
    assert PreviewPage.objects.count() == 1
    assert preview_of(stored).attempts == 2


def test_file_that_takes_the_worker_down_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = keep(pdf(), PDF)
    Preview.objects.update(attempts=previewing.ATTEMPTS, leased_until=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(previewing, "draw", lambda *args: pytest.fail("it was drawn again"))
    make_previews()
    assert preview_of(stored).has_failed


def test_file_lost_from_the_disk_ends_without_preview() -> None:
    stored = keep(pdf(), PDF)
    stored.file.storage.delete(str(stored.file.name))
    make_previews()
    assert preview_of(stored).has_failed


def test_orphans_are_removed_and_pages_stay(media_root: Path) -> None:
    kept, gone = keep(pdf(), PDF), keep(pdf(), PDF)
    make_previews()
    gone.delete()
    for path in media_root.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 200_000,) * 2)

    assert services.remove_orphans() == 3  # the file, its page, its small picture
    page = preview_of(kept).pages.get()
    assert Path(page.file.path).exists()
    assert Path(page.small.path).exists()


# --- The page of a preview -----------------------------------------------------------------------------------


@pytest.fixture
def evidence() -> Evidence:
    piece = factories.EvidenceFactory(case=factories.CaseFactory(status=Status.SCHOOL_REVIEW))
    piece.file = keep(pdf(2), PDF, owner=piece)
    piece.save()
    make_previews()
    return piece


def test_preview_goes_to_whoever_may_fetch_the_file(client: Client, evidence: Evidence) -> None:
    case = evidence.case
    readers = {
        "teacher": case.person,
        "methodist": case.responsible,
        "municipal": factories.person_with("municipal", case.organization.municipality),
        "colleague": factories.UserFactory(email="colleague@example.org", organization=case.organization),
        "stranger": factories.person_with("methodist", factories.OrganizationFactory()),
        "observer": factories.person_with("observer"),
    }
    answers = {}
    for who, user in readers.items():
        client.force_login(user)
        response = client.get(page_address(evidence.file))
        answers[who] = response.status_code
        if response.status_code == 200:
            body(response)
    assert answers == {
        "teacher": 200,
        "methodist": 200,
        "municipal": 200,
        "colleague": 404,
        "stranger": 404,
        "observer": 404,
    }


def test_preview_is_a_picture_shown_in_place_and_kept_nowhere(client: Client, evidence: Evidence) -> None:
    client.force_login(evidence.case.responsible)
    response = client.get(page_address(evidence.file, 2))
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"].startswith("inline")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert body(response).startswith(b"\xff\xd8\xff")
    assert Image.MAX_IMAGE_PIXELS is not None  # the limits of the child are its own


def test_anonymous_missing_and_wrong_method(client: Client, evidence: Evidence) -> None:
    assert client.get(page_address(evidence.file)).status_code == 302
    client.force_login(evidence.case.responsible)
    assert client.get(page_address(evidence.file, 3)).status_code == 404
    assert client.get(page_address(evidence.file, 10**12)).status_code == 404
    assert client.get("/files/no/preview/1/").status_code == 404
    assert client.post(page_address(evidence.file)).status_code == 405


def test_right_is_asked_at_every_fetch(client: Client, evidence: Evidence) -> None:
    methodist = evidence.case.responsible
    client.force_login(methodist)
    body(client.get(page_address(evidence.file)))
    methodist.memberships.update(starts_on="2020-01-01", ends_on="2020-12-31")
    type(evidence.case).objects.update(responsible=None)
    assert client.get(page_address(evidence.file)).status_code == 404


def test_one_reading_is_one_line_of_the_log(client: Client, evidence: Evidence) -> None:
    client.force_login(evidence.case.responsible)
    for query, number in (("?small", 1), ("", 1), ("", 2), ("", 1)):
        body(client.get(page_address(evidence.file, number, query)))
    entry = LogEntry.objects.get(action="viewed")
    assert (entry.actor, entry.about, entry.note) == (evidence.case.responsible, evidence, "предпросмотр: план.pdf")


def test_who_reads_a_case_sees_what_it_borrowed_and_nobody_else(client: Client, evidence: Evidence) -> None:
    completion = factories.CompletionFactory(person=evidence.case.person, organization=factories.OrganizationFactory())
    case = factories.CaseFactory(completion=completion, bare=True)
    here = factories.person_with("methodist", case.organization)
    client.force_login(here)
    assert client.get(page_address(evidence.file)).status_code == 404

    share_evidence(evidence, case)

    client.force_login(User.objects.get(pk=here.pk))
    response = client.get(page_address(evidence.file))
    assert response.status_code == 200
    body(response)


def test_behind_nginx_the_picture_is_handed_out_by_it(client: Client, settings: Any, evidence: Evidence) -> None:
    settings.FILES_ACCEL_PREFIX = "/protected-files/"
    client.force_login(evidence.case.responsible)
    response = client.get(page_address(evidence.file, 1, "?small"))
    page = PreviewPage.objects.get(number=1)
    assert response["X-Accel-Redirect"] == f"/protected-files/{page.small.name}"
    assert response["Content-Disposition"].startswith("inline")
    assert response.content == b""
