"""Diagnoses: written down with their blocks, read by those who help, and never by anybody else."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, User
from iom.models import Diagnosis, Ground
from tests.factories import (
    DeficitFactory,
    DiagnosisBlockFactory,
    DiagnosisFactory,
    OrganizationFactory,
    RouteFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Any:
    return OrganizationFactory()


@pytest.fixture
def teacher(school: Any) -> User:
    return person_with("teacher", school)


@pytest.fixture
def diagnosis(teacher: User) -> Diagnosis:
    found = DiagnosisFactory(person=teacher, note="Начать с оценивания")
    DiagnosisBlockFactory(diagnosis=found, topic="Оценивание", score=Decimal("3.5"), top=10, level="deficit")
    return found


def typed(*rows: tuple[str, str, str, str], ids: tuple[int, ...] = (), **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "instrument": "Карта наблюдения",
        "on": today().isoformat(),
        "note": "",
        "blocks-TOTAL_FORMS": len(rows),
        "blocks-INITIAL_FORMS": len(ids),
    }
    for number, row in enumerate(rows):
        found |= {
            f"blocks-{number}-{name}": value
            for name, value in zip(("topic", "score", "top", "level"), row, strict=True)
        }
        found[f"blocks-{number}-id"] = ids[number] if number < len(ids) else ""
    return found | fields


def written(client: Client, person: User, data: dict[str, Any]) -> Any:
    return client.post(f"{reverse('iom:diagnosis_new')}?person={person.pk}", data)


def test_methodist_writes_down_what_was_measured(client: Client, school: Any, teacher: User) -> None:
    client.force_login(person_with("methodist", school))

    written(client, teacher, typed(("Оценивание", "3,5", "10", "deficit"), ("", "", "", ""), ("Текст", "", "", "")))

    diagnosis = Diagnosis.objects.get(person=teacher)
    assert list(diagnosis.blocks.values_list("topic", "score", "top", "level")) == [
        ("Оценивание", Decimal("3.5"), Decimal("10.0"), "deficit"),
        ("Текст", None, None, ""),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (typed(("Оценивание", "12", "10", "")), "Балл больше наибольшего (10)"),
        (typed(("", "5", "10", "")), "Назовите блок"),
        (typed(("Оценивание", "пять", "10", "")), "Запишите число"),
        (typed(("", "", "", "")), "Впишите хотя бы один блок"),
        (typed(("Оценивание", "", "", ""), on=(today() + timedelta(days=1)).isoformat()), "ещё не наступил"),
        (typed(("Оценивание", "", "", ""), instrument=""), "чем проводилась"),
    ],
)
def test_bad_input_gets_a_sentence_and_stays(client: Client, teacher: User, data: dict[str, Any], words: str) -> None:
    client.force_login(teacher)

    answer = written(client, teacher, data | {"note": "Мой вывод"})

    page = answer.content.decode()
    assert (answer.status_code, Diagnosis.objects.count()) == (422, 0)
    assert words in page
    assert "Мой вывод" in page


def test_file_of_a_wrong_kind_is_refused_and_words_stay(client: Client, teacher: User) -> None:
    client.force_login(teacher)
    upload = SimpleUploadedFile("results.exe", b"MZ\x90")

    answer = written(client, teacher, typed(("Оценивание", "4", "10", ""), uploads=upload))

    assert (answer.status_code, Diagnosis.objects.count()) == (422, 0)
    assert "results.exe" in answer.content.decode()
    assert "Оценивание" in answer.content.decode()


def test_more_rows_without_javascript_keep_what_was_typed(client: Client, teacher: User) -> None:
    client.force_login(teacher)

    page = written(client, teacher, typed(("Оценивание", "4", "10", ""), more="yes")).content.decode()

    assert 'name="blocks-3-topic"' in page
    assert 'value="Оценивание"' in page


def test_corrected_block_stays_the_one_a_deficit_came_from(client: Client, teacher: User, diagnosis: Diagnosis) -> None:
    block = diagnosis.blocks.get()
    deficit = DeficitFactory(route=RouteFactory(person=teacher), block=block)
    client.force_login(teacher)

    client.post(
        reverse("iom:diagnosis_edit", args=[diagnosis.pk]), typed(("Оценивание", "6", "10", "middle"), ids=(block.pk,))
    )

    deficit.refresh_from_db()
    assert (deficit.block, deficit.block.score) == (block, 6)


@pytest.mark.parametrize("role", ["methodist", "teacher"])
def test_scores_are_for_the_teacher_and_those_who_help(
    client: Client, school: Any, diagnosis: Diagnosis, role: str
) -> None:
    reader = diagnosis.person if role == "teacher" else person_with(role, school)
    client.force_login(reader)

    page = client.get(diagnosis.get_absolute_url()).content.decode()

    assert "3,5 из 10" in page
    assert "Начать с оценивания" in page


def test_head_reads_topics_only(client: Client, school: Any, diagnosis: Diagnosis) -> None:
    client.force_login(person_with("head", school))

    page = client.get(diagnosis.get_absolute_url()).content.decode()

    assert "Оценивание" in page
    for secret in ("3,5", "дефицит", "Начать с оценивания", "Начать маршрут"):
        assert secret not in page.split("<main")[1]


@pytest.mark.parametrize("role", ["admin", "municipal", "curator", "observer"])
def test_others_find_no_such_page(client: Client, school: Any, diagnosis: Diagnosis, role: str) -> None:
    scope = {"municipal": school.municipality}.get(role)
    client.force_login(person_with(role, scope) if scope else person_with(role))

    assert client.get(diagnosis.get_absolute_url()).status_code == 404
    assert "Оценивание" not in client.get(reverse("iom:diagnoses")).content.decode()


def test_colleague_learns_nothing_of_another_teacher(client: Client, school: Any, diagnosis: Diagnosis) -> None:
    client.force_login(person_with("teacher", school))

    assert client.get(diagnosis.get_absolute_url()).status_code == 404
    assert written(client, diagnosis.person, typed(("Оценивание", "", "", ""))).status_code == 404


def test_reading_is_written_in_the_log(client: Client, school: Any, diagnosis: Diagnosis) -> None:
    client.force_login(person_with("methodist", school))

    client.get(diagnosis.get_absolute_url())

    assert LogEntry.objects.filter(action=LogEntry.Action.VIEWED, person=diagnosis.person).count() == 1


def test_former_score_stands_beside_the_new_one(client: Client, teacher: User, diagnosis: Diagnosis) -> None:
    former = DiagnosisFactory(person=teacher, on=today() - timedelta(days=300))
    DiagnosisBlockFactory(diagnosis=former, topic="Оценивание", score=2)
    client.force_login(teacher)

    assert "было 2" in client.get(diagnosis.get_absolute_url()).content.decode()


def test_route_begins_from_the_diagnosis(client: Client, teacher: User, diagnosis: Diagnosis) -> None:
    client.force_login(teacher)
    page = client.get(diagnosis.get_absolute_url()).content.decode()
    assert f"diagnosis={diagnosis.pk}" in page

    begin = client.get(f"{reverse('iom:new')}?person={teacher.pk}&diagnosis={diagnosis.pk}")

    assert begin.context["form"]["diagnoses"].value() == [str(diagnosis.pk)]


def test_diagnosis_under_a_route_is_kept(client: Client, teacher: User, diagnosis: Diagnosis) -> None:
    route = RouteFactory(person=teacher)
    Ground.objects.create(route=route, kind=Ground.Kind.DIAGNOSIS, diagnosis=diagnosis, text="Карта")
    client.force_login(teacher)

    answer = client.post(reverse("iom:diagnosis_remove", args=[diagnosis.pk]), follow=True)

    assert route.title in answer.content.decode()
    assert Diagnosis.objects.filter(pk=diagnosis.pk).exists()


def test_mistaken_diagnosis_is_removed_after_asking(client: Client, teacher: User, diagnosis: Diagnosis) -> None:
    client.force_login(teacher)
    address = reverse("iom:diagnosis_remove", args=[diagnosis.pk])

    assert "без возврата" in client.get(address).content.decode()
    client.post(address)

    assert not Diagnosis.objects.exists()
