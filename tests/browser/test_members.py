"""From a request to an agreed month, by links and buttons alone: one consultation, seen by everybody it concerns."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.users.models import Role, User
from rma.models import Activity, AgreedMonth, Direction, Function, Request
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor
from tests.factories import (
    MemberFactory,
    MunicipalityFactory,
    OrganizationFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)

TOPIC = "Критерии оценивания"
REASON = "Дети не понимают, за что отметка: помогите составить критерии"
RESULT = "Составили лист критериев для седьмого класса"


@pytest.fixture
def people() -> dict[str, User]:
    """A school with a teacher of physics and two members: one near and of the same subject, one far."""
    physics, school = SubjectFactory(name="Физика"), OrganizationFactory(name="МБОУ «СОШ № 8»")
    neighbours = OrganizationFactory(name="МАОУ «Гимназия № 2»", municipality=school.municipality)
    UserFactory(organization=school, subject=physics, last_name="Соколова", first_name="Анна", patronymic="Викторовна")
    near = person_with(
        Role.REGIONAL, organization=neighbours, last_name="Кузнецов", first_name="Пётр", patronymic="Ильич"
    )
    card = MemberFactory(user=near)
    card.subjects.add(physics)
    far = OrganizationFactory(municipality=MunicipalityFactory())
    MemberFactory(user=person_with(Role.REGIONAL, organization=far, last_name="Дальний"))
    Function.objects.create(code="consulting", name="Консультативная помощь", short="консультации")
    Direction.objects.create(code="technologies", name="Технологии преподавания", short="технологии")
    Direction.objects.create(code="experience", name="Демонстрация опыта", short="показ опыта")
    return {
        "methodist": person_with(Role.METHODIST, school, last_name="Орлова", first_name="Ирина", patronymic="Львовна"),
        "member": near,
        "admin": person_with(Role.ADMIN),
    }


def test_request_becomes_an_agreed_month(people: dict[str, User], new_context: Callable[..., BrowserContext]) -> None:
    methodist = comes(new_context(DESKTOP), people["methodist"], "методист ОО")
    asks(methodist)
    request = Request.objects.get()
    assert (request.status, request.member.user) == ("sent", people["member"])  # type: ignore[union-attr]

    member = comes(new_context(PHONE), people["member"], "методист РМА")
    proposes_today(member)
    agrees_to_the_day(methodist)
    request.refresh_from_db()
    assert (request.status, request.agreed_on) == ("accepted", today())

    finishes(member)
    agrees_the_month(member)
    line = Activity.objects.get()
    assert (line.state, line.key, float(line.hours)) == ("agreed", f"request.{request.pk}", 1.5)
    assert AgreedMonth.objects.get().month == today().replace(day=1)

    reads_the_result(methodist)
    reads_statistics(comes(new_context(DESKTOP), people["admin"], "администратор"))
    assert list(Letter.objects.order_by("pk").values_list("kind", flat=True)) == [
        "rma.asked",
        "rma.proposed",
        "rma.agreed",
        "rma.done",
    ]
    assert methodist.complaints == member.complaints == []


def comes(context: BrowserContext, user: User, name: str) -> Visitor:
    visitor = Visitor(context, name)
    visitor.logs_in(user.email)  # type: ignore[arg-type]
    return visitor


def goes(visitor: Visitor, name: str, words: str) -> None:
    """A link or a button of the page by its first words, and the page that follows."""
    with visitor.page.expect_navigation():
        visitor.page.locator("main").get_by_role(name, name=re.compile(rf"^\s*{re.escape(words)}")).first.click()  # type: ignore[arg-type]
    visitor.fits_a_phone()


def by_menu(visitor: Visitor, *labels: str) -> None:
    """Through the menu: beside the page, on a phone folded away."""
    for label in labels:
        fold = visitor.page.locator("summary", has_text="Меню")
        if fold.is_visible():
            fold.click()
        link = visitor.page.get_by_role("navigation").get_by_role("link", name=label, exact=True)
        with visitor.page.expect_navigation():
            link.filter(visible=True).click()
    visitor.fits_a_phone()


def asks(methodist: Visitor) -> None:
    by_menu(methodist, "РМА")
    goes(methodist, "link", "Новый запрос")
    methodist.page.get_by_label("Консультация").check()
    methodist.page.get_by_label("Соколова Анна Викторовна").check()
    methodist.page.get_by_label("Тема").fill(TOPIC)
    methodist.page.get_by_label("О чём просите").fill(REASON)
    methodist.page.get_by_label("Желаемый день").fill((today() + timedelta(days=9)).isoformat())
    goes(methodist, "button", "Дальше: кого попросить")

    methodist.should_read("пока ничего не отправлено")
    offers = methodist.page.locator("main li.line")
    # The near one of the same subject comes first, and the page says why.
    first = " ".join(offers.first.inner_text().split())
    assert all(words in first for words in ("Кузнецов Пётр Ильич", "тот же предмет: Физика", "тот же муниципалитет"))
    assert "Дальний" in offers.nth(1).inner_text()
    goes(methodist, "button", "Выбрать")
    methodist.should_read("Что произойдёт", "получит письмо")
    assert not Request.objects.exists()
    goes(methodist, "button", "Отправить запрос")
    methodist.should_read("Запрос отправлен: Кузнецов Пётр Ильич", REASON, "Ход за: Кузнецов П. И.")


def proposes_today(member: Visitor) -> None:
    """The first page after the login names the request."""
    member.should_read("Соколова Анна Викторовна")
    goes(member, "link", "Ответить")
    member.should_read("Ответьте на запрос", REASON)
    goes(member, "link", "Предложить другой день")
    member.page.get_by_label("В какой день сможете").fill(today().isoformat())
    member.page.get_by_label("Почему так").fill("Сегодня буду у вас")
    goes(member, "button", "Предложить этот день")
    member.should_read("День предложен")


def agrees_to_the_day(methodist: Visitor) -> None:
    methodist.page.get_by_role("banner").get_by_role("link").first.click()
    methodist.should_read("Соколова Анна Викторовна")
    goes(methodist, "link", "Посмотреть")
    methodist.should_read("Методист РМА предлагает другой день", "Сегодня буду у вас")
    goes(methodist, "button", "Согласиться")
    methodist.should_read("День согласован")


def finishes(member: Visitor) -> None:
    by_menu(member, "РМА", "Моя работа")
    member.should_read("Провести и отметить")
    goes(member, "link", "Открыть")
    goes(member, "link", "Отметить выполненным")
    member.page.get_by_label("Что получилось").fill(RESULT)
    member.page.get_by_label("Сколько часов заняло").fill("1.5")
    goes(member, "button", "Отметить выполненным")
    member.should_read("Отмечено", RESULT)


def agrees_the_month(member: Visitor) -> None:
    """The line is there already; only the direction is for the member to say."""
    by_menu(member, "Работа за месяц")
    member.should_read(
        f"Консультация: {TOPIC}", "1,5 ч", "1 человек", "Функция: консультации", "Не хватает направления"
    )
    member.page.get_by_label("Направление").select_option(label="технологии")
    goes(member, "button", "Сохранить")
    goes(member, "button", "Согласовать")
    member.should_read("Месяц согласован", "1 строка, 1,5 часа")


def reads_the_result(methodist: Visitor) -> None:
    by_menu(methodist, "РМА")
    goes(methodist, "link", "Завершённые")
    goes(methodist, "link", "Соколова Анна Викторовна")
    methodist.should_read("Выполнен", "Чем закончилось", RESULT)


def reads_statistics(admin: Visitor) -> None:
    by_menu(admin, "РМА", "Статистика работы")
    line = admin.page.get_by_role("row").filter(has=admin.page.get_by_role("rowheader", name="технологии"))
    assert line.get_by_role("cell").all_inner_texts() == ["1,5", "1", "1", "1"]
    assert admin.complaints == []
