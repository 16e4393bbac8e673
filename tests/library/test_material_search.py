"""Finding materials: word forms, filters, orders, what suits a person."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services import hooks, searching
from cabinet.library.services.hooks import Matching
from cabinet.users.models import Role, User
from tests.factories import SubjectFactory, TopicFactory, UserFactory, person_with
from tests.library.materials import material_in

pytestmark = pytest.mark.django_db
PAGE = "/library/"


@pytest.fixture
def reader(client: Client) -> User:
    user = UserFactory(email="reader@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def unhooked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Nobody above the library says anything; a test may register its own."""
    for name, empty in (("_usages", {}), ("_matchings", []), ("_actions", {}), ("_places", {})):
        monkeypatch.setattr(hooks, name, empty)

    def hook(used: dict[int, int] | None = None, matching: Matching | None = None) -> None:
        if used is not None:
            hooks.register_usage("routes", "маршруте,маршрутах,маршрутах", lambda pks: used)
        hooks.register_matching(lambda user: matching)

    return hook


def titles(client: Client, **query: Any) -> list[str]:
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return [card["material"].title for card in response.context["cards"]]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Диагностика профессиональных дефицитов", "диагностику"),
        ("Диагностика профессиональных дефицитов", "дефицит"),
        ("Диагностика профессиональных дефицитов", "ПРОФЕССИОНАЛЬНЫЕ ДЕФИЦИТЫ"),
        ("Учёт достижений", "учет"),
        ("Учет достижений", "учёт достижения"),
        ("Работа с детьми", "дети"),
        ("Игры на уроках", "игра урок"),
        ("ФГОС 2021: что изменилось", "фгос 2021"),
        ("ФГОС 2021: что изменилось", "2021"),
        ("Приказ № 287", "287"),
        ("Приказ № 287", "№ 287"),
        ("Формирующее оценивание", "оценивания"),
        ("Формирующее оценивание", "формирующего оценивания"),
        ("Чтение «с остановками»", "чтения остановка"),
        ("Люди и города", "человек"),
        ("Самооценка", "самооцен"),
    ],
)
def test_word_forms_are_found(written: str, typed: str) -> None:
    found = material_in(title=written, summary="Текст")
    material_in(title="Совсем о другом", summary="Текст")
    assert list(Material.objects.search(typed)) == [found]


@pytest.mark.parametrize("typed", ["оценивание бассейн", "2022", "ценивание", "''; drop"])
def test_other_words_are_not_found(typed: str) -> None:
    material_in(title="Оценивание, ФГОС 2021")
    assert list(Material.objects.search(typed)) == []


@pytest.mark.parametrize("typed", ["", "  ", "%", "_", "<b>", "—"])
def test_signs_are_no_words(client: Client, reader: User, typed: str) -> None:
    material_in(title="Оценивание")
    assert titles(client, q=typed) == ["Оценивание"]


def test_zero_byte_is_told_and_harmless(client: Client, reader: User) -> None:
    assert "Так отобрать не получится" in client.get(PAGE, {"q": "\0"}).content.decode()


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("затруднения", "в затруднениях"),
        ("физикой", "в предметах"),
        ("грамотностью", "в тематике"),
        ("Сидорова", "у автора"),
        ("презентации", "в виде материала"),
    ],
)
def test_page_says_where_words_stand(client: Client, reader: User, typed: str, place: str) -> None:
    material_in(
        title="Листы",
        kind="presentation",
        deficits="Затруднение с критериями",
        topic=TopicFactory(name="Функциональная грамотность"),
        subjects=[SubjectFactory(name="Физика")],
        authors="Сидоров П. П.",
    )
    card = client.get(PAGE, {"q": typed}).context["cards"][0]
    assert card["found_in"] == [place]


def test_hits_are_marked_and_text_escaped(client: Client, reader: User) -> None:
    material_in(title="<b>Оценка</b> урока", summary="Как <script>alert(1)</script> оценить урок и не обидеть.")
    page = client.get(PAGE, {"q": "оценки"}).content.decode()
    assert "&lt;b&gt;<mark>Оценка</mark>&lt;/b&gt; урока" in page
    assert "<script>alert" not in page


def test_pieces_and_excerpt() -> None:
    assert searching.pieces("Об уроках и играх", ["урок"]) == [("Об ", False), ("уроках", True), (" и играх", False)]
    long = "слово " * 60 + "оценка детей " + "слово " * 60
    found = searching.excerpt(long, searching.typed_lemmas("оценки"))
    assert [one.text for one in found if one.is_hit] == ["оценка"]
    assert found[0].text.startswith("…")
    assert len("".join(one.text for one in found)) < 320
    assert searching.excerpt("ничего такого", ["урок"]) == []


def test_filters_narrow(client: Client, reader: User) -> None:
    topic, subject = TopicFactory(), SubjectFactory()
    first = material_in(title="Первый", topic=topic, subjects=[subject], kind="lesson", level="regional")
    material_in(title="Второй", licence="open")
    norm = material_in(title="Приказ", kind="normative", licence="official")
    material_in("draft", title="Черновик", topic=topic, subjects=[subject], owner=reader)
    assert titles(client) == ["Второй", "Первый"]  # norms have a page of their own
    assert titles(client, kind="normative") == titles(client, q="приказ") == ["Приказ"]
    assert titles(client, topic=topic.pk) == ["Первый"]
    assert titles(client, subject=subject.pk) == ["Первый"]
    assert titles(client, kind="lesson") == ["Первый"]
    assert titles(client, level="regional") == ["Первый"]
    assert titles(client, licence="open") == ["Второй"]
    assert titles(client, show="normative") == ["Приказ"]
    assert titles(client, topic=topic.pk, licence="open") == []
    assert titles(client, topic="987654") == []  # not among those offered
    assert titles(client, show="нечто", sort="нечто", page="ноль") == ["Второй", "Первый"]
    assert first.current
    assert norm.current


def test_orders(client: Client, reader: User, unhooked: Callable[..., None]) -> None:
    often, never = material_in(title="Часто"), material_in(title="Азбука")
    unhooked(used={often.pk: 14, 10**6: 2})
    assert titles(client) == ["Азбука", "Часто"]
    assert titles(client, sort="title") == ["Азбука", "Часто"]
    assert titles(client, sort="use") == ["Часто", "Азбука"]
    page = client.get(PAGE).content.decode()
    assert "в 14\u00a0маршрутах" in page
    assert searching.sorted_rows(Material.objects.filter(pk=never.pk), "use") == [never.pk]


def test_what_suits_the_reader(client: Client, reader: User, unhooked: Callable[..., None]) -> None:
    topic, subject = TopicFactory(), SubjectFactory()
    material_in(title="По предмету", subjects=[subject])
    material_in(title="По теме и словам: критерии", topic=topic)
    material_in(title="Ни о чём таком")
    unhooked(matching=None)
    assert titles(client, show="fits") == []
    assert "Пока не с чем сопоставить" in client.get(PAGE, {"show": "fits"}).content.decode()
    unhooked(
        matching=Matching(
            {topic.pk: "тематика вашего курса"}, {subject.pk: "ваш предмет"}, {"критер": "дефицит: критерии"}
        )
    )
    assert titles(client, show="fits") == ["По теме и словам: критерии", "По предмету"]
    page = client.get(PAGE, {"show": "fits"}).content.decode()
    assert "Тематика вашего курса" in page
    assert "Ваш предмет" in page
    assert "Дефицит: критерии" in page
    assert titles(client, show="fits", sort="title") == ["По предмету", "По теме и словам: критерии"]


def test_empty_library_says_how_to_fill_it(client: Client, reader: User) -> None:
    assert "Предложить материал" in client.get(PAGE).content.decode()
    assert "Ничего не нашли" in client.get(PAGE, {"q": "слово"}).content.decode()


def test_observer_reads_and_does_not_offer(client: Client) -> None:
    material_in(title="Открытый")
    client.force_login(person_with(Role.OBSERVER))
    page = client.get(PAGE)
    assert [one["material"].title for one in page.context["cards"]] == ["Открытый"]
    assert "/library/new/" not in page.content.decode()


def test_one_word_and_a_subject_make_nothing_similar(reader: User) -> None:
    subject = SubjectFactory()
    this = material_in(title="Оценивание на уроке", subjects=[subject])
    material_in(title="Оценивание проектов", subjects=[subject])
    near = material_in(title="Оценивание: разбор урока")

    assert searching.similar(this, Material.objects.published()) == [near]


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("query", [{}, {"sort": "use"}, {"q": "листы урока"}])
def test_queries_do_not_grow(
    number: int,
    query: dict[str, str],
    client: Client,
    reader: User,
    unhooked: Callable[..., None],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    unhooked(used={})
    for _ in range(number):
        material_in(title="Листы к уроку", topic=TopicFactory(), subjects=[SubjectFactory(), SubjectFactory()])
    client.get(PAGE)
    with django_assert_num_queries(9 if query.get("sort") == "use" else 10):
        client.get(PAGE, query)


def test_five_thousand_materials(
    client: Client, reader: User, unhooked: Callable[..., None], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    unhooked(used={})
    now = timezone.now()
    rows = [
        Material(title=f"Материал {number}", words=f" материал {number}", published_at=now) for number in range(5000)
    ]
    Material.objects.bulk_create(rows, batch_size=500)
    held = [MaterialVersion(material=one, number=1, form="text", body="Текст", state="published") for one in rows]
    MaterialVersion.objects.bulk_create(held, batch_size=500)
    for one, version in zip(rows, held, strict=True):
        one.state, one.current = "published", version
    Material.objects.bulk_update(rows, ["state", "current"], batch_size=300)
    client.get(PAGE)
    with django_assert_num_queries(10):
        assert client.get(PAGE, {"page": 7}).context["page"].paginator.count == 5000
    with django_assert_num_queries(9):
        client.get(PAGE, {"sort": "use", "page": 250})
    assert titles(client, q="материалы 4321") == ["Материал 4321"]


def test_wrong_method_and_anonymous(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(UserFactory(email="any@example.org"))
    assert client.post(PAGE).status_code == 405
