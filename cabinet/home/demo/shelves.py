"""The library of the demo put to use: collections for everybody, materials in routes, a link that does not open."""

from datetime import timedelta

from django.utils import timezone

from cabinet.home.demo.cast import ADMIN, METHODIST
from cabinet.home.demo.moment import at
from cabinet.home.demo.settling import Region
from cabinet.library.models import Material
from cabinet.library.services import collections, links
from cabinet.library.services.offering import make_material, publish
from cabinet.library.services.visiting import Answer, Visit
from cabinet.users.models import User
from iom.models import Route
from iom.services.library import attach_material

MOST = 6
# Title, what it is for, words its materials are found by, a word on the first of them.
SHELVES = (
    (
        "С чего начать методисту",
        "Документы, на которых стоит работа методиста, и кто в крае за что отвечает.",
        ("концепция", "методический актив", "методическая работа"),
        "Начните с неё: остальное на неё опирается.",
    ),
    (
        "Оценивание, которое помогает учиться",
        "К методическому дню: листы самооценки, выходные билеты, критерии вместе с учениками.",
        ("оценивание", "самооценка", "обратная связь"),
        "Годится для первого урока: ничего не нужно готовить заранее.",
    ),
    (
        "Молодому коллеге в первый год",
        "Короткое и готовое к уроку: что попробовать сразу, а что обсудить с наставником.",
        ("наставник", "урок", "чтение"),
        "Посмотрите вместе с наставником.",
    ),
)
BROKEN = {
    "title": "Банк заданий по функциональной грамотности",
    "summary": "Задания с контекстом из жизни края: бюджет похода, расписание электричек, упаковка и мусор.",
    "kind": Material.Kind.TASKS,
    "licence": Material.Licence.LINK,
    "deficits": "Формирование функциональной грамотности",
}
ADDRESS = "https://example.org/bank-zadaniy/funkcionalnaya-gramotnost"


def make_shelves(region: Region) -> None:
    """After the materials of the library and the routes."""
    admin = region.user(ADMIN)
    _break_a_link(region.user(METHODIST), admin)
    used: list[Material] = []
    for title, text, words, note in SHELVES:
        found = _found(words)
        shelf = collections.make_collection(admin, {"title": title, "text": text, "is_public": True})
        for number, material in enumerate(found):
            collections.put(shelf, material, "" if number else note)
        used += [one for one in found if not one.is_normative]
    _use_in_routes(used)


def _found(words: tuple[str, ...]) -> list[Material]:
    """Up to MOST, those of the first words first."""
    found: dict[int, Material] = {}
    for one in words:
        rows = Material.objects.published().search(one).select_related("current").order_by("pk")
        found |= {row.pk: row for row in rows[:MOST] if row.pk not in found}
    return list(found.values())[:MOST]


def _break_a_link(owner: User, admin: User) -> None:
    """Published a month ago; it has not opened for four days, so readers are warned and its author has a letter."""
    with at(timezone.now() - timedelta(days=30)):
        material = make_material(owner, BROKEN, {"form": "link", "link": ADDRESS})
        publish(material, actor=admin)
        links.note_visit(material, Visit(Answer.OPENS))
    for hours in (96, 72, 6):
        with at(timezone.now() - timedelta(hours=hours)):
            fresh = Material.objects.select_related("current").get(pk=material.pk)
            links.note_visit(fresh, Visit(Answer.FAILS, "Такой страницы на сайте нет (ответ 404)."))


def _use_in_routes(materials: list[Material]) -> None:
    """Two routes that are still built."""
    routes = Route.objects.filter(status__in=Route.OPEN_TO_CHANGE, is_outside=False).order_by("pk")
    for route, material in zip(routes.select_related("person")[:2], materials, strict=False):
        item = route.items.unfinished().first()
        if item is not None:
            attach_material(item, material, actor=route.person)
