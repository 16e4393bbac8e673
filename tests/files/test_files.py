"""Uploads are known by content, results are kept, and one view hands everything out."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.urls import reverse

from cabinet.files import content as file_content
from cabinet.files import services
from cabinet.files.models import StoredFile
from cabinet.users.models import LogEntry
from motor.models import Status
from tests.factories import CaseFactory, EvidenceFactory, JobFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db

MAIN = {
    "docx": "wordprocessingml.document",
    "pptx": "presentationml.presentation",
    "xlsx": "spreadsheetml.sheet",
}


def office(kind: str, *, macros: bool = False, extra: tuple[str, ...] = ()) -> bytes:
    """The least an office document needs to be known as one."""
    content_type = f"application/vnd.openxmlformats-officedocument.{MAIN[kind]}.main+xml"
    if macros:
        content_type = "application/vnd.ms-word.document.macroEnabled.main+xml"
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{content_type}"/></Types>')
        for name in extra:
            archive.writestr(name, b"x")
    return buffer.getvalue()


def odt(mimetype: str = "application/vnd.oasis.opendocument.text") -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", mimetype)
    return buffer.getvalue()


GOOD = {
    "план.pdf": (b"%PDF-1.7 ...", "application/pdf"),
    "фото.jpeg": (b"\xff\xd8\xff\xe0....", "image/jpeg"),
    "фото.png": (b"\x89PNG\r\n\x1a\n....", "image/png"),
    "фото.webp": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    "фото.heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic"),
    "урок.docx": (office("docx"), services.XLSX.replace("spreadsheetml.sheet", MAIN["docx"])),
    "урок.pptx": (office("pptx"), services.XLSX.replace("spreadsheetml.sheet", MAIN["pptx"])),
    "список.xlsx": (office("xlsx"), services.XLSX),
    "урок.odt": (odt(), "application/vnd.oasis.opendocument.text"),
    "урок.txt": ("Тема: дроби\n".encode(), "text/plain; charset=utf-8"),
}
BAD = {
    "программа.pdf": b"MZ\x90\x00\x03",
    "макрос.docx": office("docx", macros=True),
    "макрос2.docx": office("docx", extra=("word/vbaProject.bin",)),
    "архив.docx": odt("application/zip"),
    "просто.zip": b"PK\x03\x04 broken",
    "страница.txt": b"<html><script>alert(1)</script></html>",
    "рисунок.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "двоичный.txt": b"\x00\x01\x02",
    "старый.txt": "Тема".encode("cp1251"),
    "видео.mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00",
    "пробелы.txt": b"   \n",
}


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    # The browser's claim about the type is never believed.
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def body(response: Any) -> bytes:
    content = b"".join(response)
    for close in response._resource_closers:  # the response's own close() would end the test's transaction too
        close()
    return content


@pytest.mark.parametrize("name", GOOD)
def test_allowed_content_is_stored_with_its_true_type(name: str) -> None:
    content, content_type = GOOD[name]

    stored = services.store_upload(upload(name, content), CaseFactory(), None)

    stored.refresh_from_db()
    assert (stored.name, stored.content_type, stored.size) == (name, content_type, len(content))
    with stored.file.open() as file:
        assert file.read() == content


@pytest.mark.parametrize("name", BAD)
def test_other_content_is_refused_whatever_its_name(name: str) -> None:
    with pytest.raises(ValidationError, match="Такой файл принять нельзя"):
        services.store_upload(upload(name, BAD[name]), CaseFactory(), None)

    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("method", [ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
@pytest.mark.parametrize("at", range(30, 70, 8))
def test_damaged_archive_is_refused_in_words(method: int, at: int) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", method) as archive:
        archive.writestr("[Content_Types].xml", "wordprocessingml" * 200)
    content = bytearray(packed.getvalue())
    content[at : at + 12] = b"\xff" * 12

    with pytest.raises(ValidationError, match="Такой файл принять нельзя"):
        services.check_upload(upload("урок.docx", bytes(content)))


def test_archive_of_countless_parts_is_not_even_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    many = office("docx", extra=tuple(f"word/{number}.xml" for number in range(20)))
    services.check_upload(upload("урок.docx", many))
    monkeypatch.setattr(file_content, "MAX_ENTRIES", 10)
    with pytest.raises(ValidationError, match="Такой файл принять нельзя"):
        services.check_upload(upload("урок.docx", many))


def test_empty_and_huge_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="пустой"):
        services.check_upload(upload("a.pdf", b""))
    monkeypatch.setattr(services.storing, "MAX_SIZE", 4)
    with pytest.raises(ValidationError, match="больше"):
        services.check_upload(upload("a.pdf", b"%PDF-1.7"))


def test_upload_kept_on_disk_by_django_is_stored_too() -> None:
    with TemporaryUploadedFile("урок.docx", "", 0, None) as big:
        big.write(office("docx"))
        big.size = big.tell()

        stored = services.store_upload(big, CaseFactory(), None)

    assert stored.size == len(office("docx"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\Анна\\урок.PDF", "урок.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("отчёт\u202efdp.exe", "отчётfdp.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("  ", "файл.pdf"),
        ("и" * 300 + ".pdf", "и" * 116 + ".pdf"),
    ],
)
def test_names_are_made_safe(given: str, kept: str) -> None:
    assert services.clean_name(given, (".pdf",)) == kept


def test_name_on_disk_tells_nothing(media_root: Path) -> None:
    stored = services.store_bytes("Иванова Мария.xlsx", b"content", owner=CaseFactory())

    assert "Иванова" not in stored.file.name
    assert (media_root / stored.file.name).read_bytes() == b"content"


def test_result_on_disk_is_stored(tmp_path: Path) -> None:
    (tmp_path / "result.xlsx").write_bytes(b"big result")

    stored = services.store_path("Реестр.xlsx", tmp_path / "result.xlsx", owner=JobFactory())

    assert stored.size == 10
    with stored.file.open() as file:
        assert file.read() == b"big result"


# --- The download view ---------------------------------------------------------------------------------------


def test_file_goes_to_whoever_may_read_its_owner(client: Client) -> None:
    evidence = EvidenceFactory(case=CaseFactory(status=Status.SCHOOL_REVIEW))
    stored = services.store_bytes("конспект.pdf", b"%PDF-1.7", owner=evidence, content_type="application/pdf")
    case = evidence.case
    colleague = UserFactory(email="colleague@example.org", organization=case.organization)
    answers = {}

    for who, user in {
        "methodist": case.responsible,
        "head": person_with("head", case.organization),
        "municipal": person_with("municipal", case.organization.municipality),
        "admin": person_with("admin"),
        "colleague": colleague,
        "stranger": person_with("methodist", UserFactory().organization),
        "observer": person_with("observer"),
    }.items():
        client.force_login(user)
        response = client.get(stored.get_absolute_url())
        answers[who] = response.status_code
        if response.status_code == 200:
            body(response)

    assert answers == {
        "methodist": 200,
        "head": 200,
        "municipal": 200,
        "admin": 200,
        "colleague": 404,
        "stranger": 404,
        "observer": 404,
    }


def test_foreign_and_missing_look_the_same(client: Client) -> None:
    foreign = services.store_bytes("a.xlsx", b"x", owner=JobFactory())
    orphan = services.store_bytes("b.xlsx", b"x", owner=None)
    client.force_login(UserFactory(email="me@example.org"))

    answers = {
        re.sub(rb'name="(csrfmiddlewaretoken|next)" value="[^"]*"', b"", client.get(address).content)
        for address in (foreign.get_absolute_url(), orphan.get_absolute_url(), reverse("files:download", args=["no"]))
    }

    assert len(answers) == 1
    assert not LogEntry.objects.exists()


def test_download_is_an_attachment_and_is_logged(client: Client) -> None:
    job = JobFactory(owner=UserFactory(email="me@example.org"))
    stored = services.store_bytes("Сводка за март.xlsx", b"content", owner=job)
    client.force_login(job.owner)

    response = client.get(stored.get_absolute_url())

    assert body(response) == b"content"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%A1")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == services.XLSX
    entry = LogEntry.objects.get()
    assert (entry.action, entry.actor, entry.about, entry.note) == (
        "downloaded",
        job.owner,
        job,
        "Сводка за март.xlsx",
    )


def test_right_is_asked_again_at_every_fetch(client: Client) -> None:
    job = JobFactory(owner=UserFactory(email="me@example.org"))
    stored = services.store_bytes("a.xlsx", b"x", owner=job)
    client.force_login(job.owner)
    body(client.get(stored.get_absolute_url()))

    job.owner = None
    job.save()

    assert client.get(stored.get_absolute_url()).status_code == 404


def test_file_lost_from_the_disk_is_not_an_error_page(client: Client) -> None:
    job = JobFactory(owner=UserFactory(email="me@example.org"))
    stored = services.store_bytes("a.xlsx", b"x", owner=job)
    stored.file.storage.delete(stored.file.name)
    client.force_login(job.owner)

    assert client.get(stored.get_absolute_url()).status_code == 404


def test_behind_nginx_the_file_is_handed_out_by_it(client: Client, settings: Any) -> None:
    settings.FILES_ACCEL_PREFIX = "/protected-files/"
    job = JobFactory(owner=UserFactory(email="me@example.org"))
    stored = services.store_bytes("Сводка.xlsx", b"x", owner=job)
    client.force_login(job.owner)

    response = client.get(stored.get_absolute_url())

    assert response["X-Accel-Redirect"] == f"/protected-files/{stored.file.name}"
    assert "attachment" in response["Content-Disposition"]
    assert response.content == b""


def test_anonymous_is_sent_to_the_login_and_post_is_refused(client: Client) -> None:
    stored = services.store_bytes("a.xlsx", b"x", owner=JobFactory())
    assert client.get(stored.get_absolute_url()).status_code == 302

    client.force_login(person_with("admin"))
    assert client.post(stored.get_absolute_url()).status_code == 405
