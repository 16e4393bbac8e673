"""Diagnoses: written down with their blocks, read by those who help, and never by anybody else."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, Membership, User
from iom.models import Diagnosis, Ground, Route
from iom.services.creating import content_to_reuse
from iom.services.snapshot import snapshot
from tests.factories import (
    DeficitFactory,
    DiagnosisBlockFactory,
    DiagnosisFactory,
    MemberFactory,
    OrganizationFactory,
    RouteFactory,
    StoredFileFactory,
    SubjectFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
LIST_QUERIES = 7


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
        (typed(("Оценивание", "", "", ""), on="1026-09-01"), "Проверьте год"),
        (typed(("Оценивание", "", "", ""), on="31.02.2026"), "ДД.ММ.ГГГГ"),
        (typed(("Оценивание", "", "", ""), instrument=""), "чем проводилась"),
        (typed(("Оценивание", "-1", "10", "")), "не бывает меньше нуля"),
        (typed(("Оценивание", "3,55", "10", "")), "один знак после запятой"),
        (typed(("Оценивание", "NaN", "10", "")), "Запишите число"),
        (typed(("", "", "10", "")), "Назовите блок"),
        (typed(*[("Оценивание", "4", "10", "")] * 60), "Блоков 60, а хранится не больше 40"),
        (typed(*[("Оценивание", "4", "10", "")] * 101), "не больше 40 блоков"),
        ({"instrument": "Карта", "on": today().isoformat()}, "Страница пришла не полностью"),
    ],
)
def test_bad_input_gets_a_sentence_and_stays(client: Client, teacher: User, data: dict[str, Any], words: str) -> None:
    client.force_login(teacher)

    answer = written(client, teacher, data | {"note": "Мой вывод"})

    page = answer.content.decode()
    assert (answer.status_code, Diagnosis.objects.count()) == (422, 0)
    assert words in page.split("error-summary")[-1].split("</ul>")[0]
    assert "Мой вывод" in page


def test_every_one_of_too_many_rows_stays(client: Client, teacher: User) -> None:
    client.force_login(teacher)

    page = written(client, teacher, typed(*[(f"Блок {n}", "4,5", "10", "") for n in range(60)])).content.decode()

    assert page.count('value="4,5"') == 60
    assert 'value="Блок 59"' in page


def test_mistake_in_a_row_is_named_on_top_with_its_place(client: Client, teacher: User) -> None:
    client.force_login(teacher)

    page = written(client, teacher, typed(("Текст", "1", "10", ""), ("Оценивание", "12", "10", ""))).content.decode()

    assert '<a href="#id_blocks-1-score">Блок 2. Балл больше наибольшего (10)' in page


def test_empty_rows_do_not_count(client: Client, teacher: User) -> None:
    client.force_login(teacher)

    written(client, teacher, typed(*[(f"Блок {n}", "", "", "") for n in range(40)], *[("", "", "", "")] * 5))

    assert Diagnosis.objects.get().blocks.count() == 40


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
    assert "error-summary" not in page


def test_more_rows_complain_of_nothing_yet(client: Client, teacher: User) -> None:
    client.force_login(teacher)
    upload = SimpleUploadedFile("бланк.txt", "ответы".encode())

    data = typed(("Оценивание", "пять", "", ""), instrument="", note="Вывод", more="yes", uploads=upload)
    answer = written(client, teacher, data)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "error-summary" not in page
    assert 'value="пять"' in page
    assert "Вывод</textarea>" in page
    assert "бланк.txt" in page.split("Приложите файлы ещё раз")[1]


def test_there_are_never_more_rows_than_are_kept(client: Client, teacher: User) -> None:
    client.force_login(teacher)

    page = written(client, teacher, typed(*[("Блок", "", "", "")] * 39, more="yes")).content.decode()

    assert 'name="blocks-39-topic"' in page
    assert 'name="blocks-40-topic"' not in page
    assert "<p hidden><button" in page


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


def addresses_of(diagnosis: Diagnosis) -> dict[str, str]:
    return {
        "page": diagnosis.get_absolute_url(),
        "file": StoredFileFactory(owner=diagnosis).get_absolute_url(),
        "edit": reverse("iom:diagnosis_edit", args=[diagnosis.pk]),
        "remove": reverse("iom:diagnosis_remove", args=[diagnosis.pk]),
        "new": f"{reverse('iom:diagnosis_new')}?person={diagnosis.person_id}",
    }


def opened(client: Client, reader: User, diagnosis: Diagnosis) -> set[str]:
    """Which addresses of the diagnosis answer this reader; the others say 404."""
    client.force_login(reader)
    found = {name: client.get(address).status_code for name, address in addresses_of(diagnosis).items()}
    assert set(found.values()) <= {200, 404}
    return {name for name, code in found.items() if code == 200}


@pytest.mark.parametrize("role", ["admin", "municipal", "curator", "observer", "regional", "methodist", "head"])
def test_others_find_nothing_by_address(client: Client, school: Any, diagnosis: Diagnosis, role: str) -> None:
    """The methodist and the head are of another school; the regional methodist is not on the route."""
    elsewhere = {"municipal": school.municipality, "methodist": OrganizationFactory(), "head": OrganizationFactory()}
    RouteFactory(person=diagnosis.person)
    reader = person_with(role, elsewhere[role]) if role in elsewhere else person_with(role)

    assert opened(client, reader, diagnosis) == set()
    assert "Оценивание" not in client.get(reverse("iom:diagnoses")).content.decode()


def test_head_opens_the_page_and_nothing_else(client: Client, school: Any, diagnosis: Diagnosis) -> None:
    assert opened(client, person_with("head", school), diagnosis) == {"page"}


def test_methodist_reads_within_his_subjects(client: Client, school: Any) -> None:
    physics, history = SubjectFactory(), SubjectFactory()
    diagnosis = DiagnosisFactory(person=person_with("teacher", school, subject=physics))

    assert opened(client, person_with("methodist", school, subjects=[physics]), diagnosis) == {"page", "file", "new"}
    assert opened(client, person_with("methodist", school, subjects=[history]), diagnosis) == set()


@pytest.mark.parametrize("role", ["methodist", "mentor"])
def test_who_helped_once_reads_no_longer(client: Client, school: Any, diagnosis: Diagnosis, role: str) -> None:
    """Even what he wrote down himself."""
    helper = person_with(role, school if role == "methodist" else diagnosis.person)
    Diagnosis.objects.filter(pk=diagnosis.pk).update(author=helper)
    assert opened(client, helper, diagnosis) == {"page", "file", "edit", "remove", "new"}

    Membership.objects.filter(user=helper).update(ends_on=today() - timedelta(days=1))

    assert opened(client, User.objects.get(pk=helper.pk), diagnosis) == set()


def test_methodist_of_the_former_school_reads_no_longer(client: Client, school: Any, diagnosis: Diagnosis) -> None:
    User.objects.filter(pk=diagnosis.person_id).update(organization=OrganizationFactory())

    assert opened(client, person_with("methodist", school), diagnosis) == set()


@pytest.mark.parametrize("change", [{"rma_member": None}, {"status": "archived"}])
def test_regional_methodist_reads_while_he_is_on_the_route(
    client: Client, diagnosis: Diagnosis, change: dict[str, Any]
) -> None:
    member = MemberFactory()
    route = RouteFactory(person=diagnosis.person, rma_member=member)
    assert opened(client, member.user, diagnosis) == {"page", "file", "new"}

    Route.objects.filter(pk=route.pk).update(**change)

    assert opened(client, member.user, diagnosis) == set()


def test_scores_are_not_kept_by_the_browser(client: Client, diagnosis: Diagnosis) -> None:
    client.force_login(diagnosis.person)
    for name, address in addresses_of(diagnosis).items():
        assert "no-store" in client.get(address)["Cache-Control"], name


def test_deficit_carries_the_topic_alone(client: Client, school: Any, diagnosis: Diagnosis) -> None:
    """Into the route, its paper, its versions, a template made of it, the log: no score, no level, no words."""
    route = RouteFactory(person=diagnosis.person)
    Ground.objects.create(route=route, kind=Ground.Kind.DIAGNOSIS, diagnosis=diagnosis, text=str(diagnosis))
    client.force_login(diagnosis.person)
    client.post(reverse("iom:design_add", args=[route.pk, "deficit"]), {"block": diagnosis.blocks.get().pk})
    assert route.deficits.get().text == "Оценивание"
    kept = json.dumps([snapshot(route), content_to_reuse(route)], ensure_ascii=False)
    kept += " ".join(LogEntry.objects.values_list("note", flat=True))

    client.force_login(person_with("head", school))
    names = ("route", "print", "report", "sheet", "versions")
    pages = [client.get(reverse(f"iom:{name}", args=[route.pk])).content.decode() for name in names]

    assert "Оценивание" in pages[0]
    for secret in ("3.5", "3,5", "Начать с оценивания"):
        assert secret not in kept
    for page in pages:
        for secret in ("3,5", "из 10", "ниже среднего", "Начать с оценивания"):
            assert secret not in page.split("<main")[1]


def test_head_is_not_offered_what_he_cannot_do(client: Client, school: Any, diagnosis: Diagnosis) -> None:
    client.force_login(person_with("head", school))
    page = client.get(reverse("iom:diagnoses")).content.decode()
    assert "чтобы внести" not in page
    assert f"?person={diagnosis.person_id}" not in page


def test_mentor_finds_his_teacher_at_once(client: Client, diagnosis: Diagnosis) -> None:
    client.force_login(person_with("mentor", diagnosis.person))
    assert f"?person={diagnosis.person_id}" in client.get(reverse("iom:diagnoses")).content.decode()


@pytest.mark.parametrize("more", [0, 4])
def test_queries_of_the_list_do_not_grow(
    more: int, client: Client, school: Any, diagnosis: Diagnosis, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(more):
        DiagnosisBlockFactory(diagnosis__person=person_with("teacher", school))
    client.force_login(person_with("methodist", school))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("iom:diagnoses"))


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

    assert "(было 2)" in client.get(diagnosis.get_absolute_url()).content.decode()


def test_former_score_of_another_scale_says_so(client: Client, teacher: User, diagnosis: Diagnosis) -> None:
    former = DiagnosisFactory(person=teacher, on=today() - timedelta(days=300))
    DiagnosisBlockFactory(diagnosis=former, topic="Оценивание", score=2, top=5)
    client.force_login(teacher)

    assert "(было 2 из 5)" in client.get(diagnosis.get_absolute_url()).content.decode()


def test_route_begins_from_the_diagnosis(client: Client, teacher: User, diagnosis: Diagnosis) -> None:
    client.force_login(teacher)
    page = client.get(diagnosis.get_absolute_url()).content.decode()
    assert f"diagnosis={diagnosis.pk}" in page

    begin = client.get(f"{reverse('iom:new')}?person={teacher.pk}&diagnosis={diagnosis.pk}")

    assert begin.context["form"]["diagnoses"].value() == [str(diagnosis.pk)]


@pytest.mark.parametrize(
    ("status", "name", "words"),
    [("draft", "iom:design", "Взять в дефициты маршрута"), ("active", "iom:revise", "Начать актуализацию")],
)
def test_weak_blocks_have_a_way_into_the_route(
    client: Client, teacher: User, diagnosis: Diagnosis, status: str, name: str, words: str
) -> None:
    route = RouteFactory(person=teacher, status=status)
    client.force_login(teacher)
    page = client.get(diagnosis.get_absolute_url()).content.decode()
    assert words in page
    assert reverse(name, args=[route.pk]) in page

    DeficitFactory(route=route, text="Оценивание")

    page = client.get(diagnosis.get_absolute_url()).content.decode()
    assert words not in page
    assert "в маршруте" in page
    assert "Открыть маршрут" in page


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
