"""Materials in each state, as the services bring them there."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services import offering, versions
from cabinet.users.models import Role, User
from tests.factories import UserFactory, person_with

State = Material.State
TEXT = {"form": "text", "body": "Начните с вопроса."}


def a_file(name: str = "конспект.txt", content: str = "Ход урока") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode())


def material_in(
    state: str = State.PUBLISHED,
    *,
    owner: User | None = None,
    content: dict[str, Any] | None = None,
    upload: Any = None,
    keeper: User | None = None,
    **values: Any,
) -> Material:
    """With a text; with `content=` or `upload=`, another one."""
    owner = owner or UserFactory(email=f"author{User.objects.count()}@example.org")
    described = {"title": "Листы самооценки", "summary": "Ученик видит, чему научился."} | values
    held = content or ({"form": "file"} if upload else TEXT)
    material = offering.make_material(owner, described, held, upload)
    if state == State.DRAFT:
        return material
    keeper = keeper or person_with(Role.ADMIN)
    assert offering.offer(material, actor=owner)
    if state == State.RETURNED:
        assert offering.return_(material, "Добавьте класс", actor=keeper)
    elif state != State.OFFERED:
        assert offering.publish(material, actor=keeper)
    if state == State.ARCHIVED:
        assert offering.archive(material, "Устарел", actor=keeper)
    return material


def next_version(material: Material, state: str = "draft", **content: Any) -> MaterialVersion:
    owner = material.owner
    assert owner is not None
    held = {"form": "text", "body": "Новый текст", "note": "Дописано"} | content
    version = versions.start_version(material, held, actor=owner)
    if state != "draft":
        assert versions.offer_version(version, actor=owner)
    if state == "returned":
        assert versions.return_version(version, "Проверьте даты", actor=person_with(Role.ADMIN))
    if state == "published":
        assert versions.take_version(version, actor=person_with(Role.ADMIN))
    return version
