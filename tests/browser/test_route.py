"""A route from an empty page to its end: built, returned, agreed, carried out, revised, completed."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, expect

from cabinet.users.models import Role
from iom.models import Assignment, Goal, Route, RouteItem, RouteRevision, Status
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor
from tests.factories import OrganizationFactory, UserFactory, person_with


def test_teacher_and_methodist_take_a_route_from_an_empty_page_to_its_end(
    new_context: Callable[..., BrowserContext],
) -> None:
    school = OrganizationFactory()
    teacher = UserFactory(organization=school, email="teacher@example.org")
    methodist = person_with(Role.METHODIST, school)
    at_phone = Visitor(new_context(PHONE), "педагог")
    at_desk = Visitor(new_context(DESKTOP), "методист ОО")
    at_phone.logs_in(teacher.email)  # type: ignore[arg-type]
    at_desk.logs_in(methodist.email)  # type: ignore[arg-type]

    route = begins(at_phone)
    builds(at_phone, route)
    sends(at_phone, route)
    returns(at_desk, route)
    corrects(at_phone, route)
    sends(at_phone, route)
    agrees(at_desk, route, "1")
    gives(at_desk, route)
    answers(at_phone)
    accepts(at_desk)
    shows(at_phone, route)
    confirms(at_desk, route)
    revises(at_phone, route)
    sends(at_phone, route)
    agrees(at_desk, route, "2")
    excludes(at_desk, route)
    completes(at_phone, route)

    route.refresh_from_db()
    assert (route.status, route.agreed_version, route.reflection) == (Status.COMPLETED, 2, "Дети стали спрашивать")
    assert set(route.items.values_list("status", flat=True)) == {"confirmed", "removed"}
    assert RouteRevision.objects.filter(route=route).count() == 2
    assert at_phone.complaints == at_desk.complaints == []


def press(visitor: Visitor, name: str, inside: Locator | None = None) -> None:
    """A button or a link, and the page that follows."""
    where = inside or visitor.page.locator("main")
    found = where.get_by_role("button", name=name).or_(where.get_by_role("link", name=name))
    with visitor.page.expect_navigation():
        found.first.click()


def begins(teacher: Visitor) -> Route:
    teacher.opens("/iom/new/")
    press(teacher, "Создать черновик")
    teacher.fits_a_phone()
    return Route.objects.get()


def builds(teacher: Visitor, route: Route) -> None:
    for label, words in (
        ("Новый дефицит", "Оценивание и обратная связь"),
        ("Новая цель", "Каждый ученик знает, что у него получилось"),
        ("Новое мероприятие", "Стажировка у коллеги"),
        ("Новое мероприятие", "Семинар по оцениванию"),
    ):
        teacher.fills(label, words)
        teacher.page.get_by_label(label, exact=True).press("Enter")
        expect(teacher.page.get_by_label(label, exact=True)).to_have_value("")
    teacher.should_read("Готовность", "Цель не связана с дефицитом")
    assert Goal.objects.filter(route=route).count() == 1
    assert route.items.count() == 2


def sends(teacher: Visitor, route: Route) -> None:
    teacher.opens(f"/iom/{route.pk}/design/")
    press(teacher, "Отправить на согласование")
    press(teacher, "Отправить на согласование")
    teacher.page.wait_for_url(f"**/iom/{route.pk}/")
    teacher.should_read("На согласовании")


def returns(methodist: Visitor, route: Route) -> None:
    methodist.opens(f"/iom/{route.pk}/agree/")
    methodist.page.locator("#return textarea").fill("Назовите продукт стажировки")
    press(methodist, "Вернуть маршрут")
    route.refresh_from_db()
    assert route.status == Status.RETURNED


def corrects(teacher: Visitor, route: Route) -> None:
    item = route.items.order_by("place")[0]
    teacher.opens(f"/iom/{route.pk}/design/#item-{item.pk}")
    teacher.should_read("Назовите продукт стажировки")
    line = teacher.page.locator(f"#item-{item.pk}")
    line.get_by_label("Ожидаемый продукт").fill("Дневник стажировки")
    line.locator("[data-saved]", has_text="Сохранено в").wait_for()
    assert RouteItem.objects.get(pk=item.pk).product == "Дневник стажировки"


def agrees(methodist: Visitor, route: Route, version: str) -> None:
    methodist.opens(f"/iom/{route.pk}/agree/")
    press(methodist, "Согласовать", methodist.page.locator("#agree-rest"))
    route.refresh_from_db()
    assert route.status in (Status.AGREED, Status.ACTIVE)
    assert str(route.agreed_version) == version


def gives(methodist: Visitor, route: Route) -> None:
    item = route.items.order_by("place")[0]
    methodist.opens(f"/assignments/give/?route={route.pk}&item={item.pk}")
    methodist.page.locator("[name=title]").fill("Опишите один день стажировки")
    press(methodist, "Выдать задание")


def answers(teacher: Visitor) -> None:
    teacher.opens(Assignment.objects.get().get_absolute_url())
    teacher.page.locator("[name=text]").fill("Видела, как коллега ведёт лист самооценки")
    press(teacher, "Отправить на проверку")


def accepts(methodist: Visitor) -> None:
    methodist.opens(Assignment.objects.get().get_absolute_url())
    press(methodist, "Принять", methodist.page.locator("#check"))
    assert Assignment.objects.get().status == "accepted"


def shows(teacher: Visitor, route: Route) -> None:
    item = route.items.order_by("place")[0]
    teacher.opens(f"/iom/{route.pk}/")
    card = teacher.page.locator(f"#item-{item.pk}")
    card.locator("summary", has_text="Сделано").click()
    card.locator("[name=text]").fill("Стажировка пройдена, дневник заполнен")
    press(teacher, "Передать на проверку", card)


def confirms(methodist: Visitor, route: Route) -> None:
    item = route.items.order_by("place")[0]
    methodist.opens(f"/iom/{route.pk}/")
    press(methodist, "Подтвердить", methodist.page.locator(f"#item-{item.pk}"))
    methodist.should_read("Выполнен 1 из 2")


def revises(teacher: Visitor, route: Route) -> None:
    teacher.opens(f"/iom/{route.pk}/revise/")
    teacher.page.locator("[name=reason]").fill("Появился запрос родителей")
    press(teacher, "Открыть новую версию")
    route.refresh_from_db()
    assert (route.status, route.version) == (Status.REVISION, 2)
    goal = route.goals.get()
    teacher.opens(f"/iom/{route.pk}/design/")
    line = teacher.page.locator(f"#goal-{goal.pk}")
    line.get_by_label("Какой дефицит закрывает").select_option(label="Оценивание и обратная связь")
    line.locator("[data-saved]", has_text="Сохранено в").wait_for()


def excludes(methodist: Visitor, route: Route) -> None:
    item = route.items.order_by("place")[1]
    methodist.opens(f"/iom/items/{item.pk}/act/remove/")
    methodist.page.locator("[name=reason]").fill("Семинар отменили")
    with methodist.page.expect_navigation():
        methodist.page.locator("main form button.btn-lg").click()


def completes(teacher: Visitor, route: Route) -> None:
    teacher.opens(f"/iom/{route.pk}/complete/")
    teacher.page.locator("[name=results]").fill("Открытый урок для школы")
    teacher.page.locator("[name=reflection]").fill("Дети стали спрашивать")
    with teacher.page.expect_navigation():
        teacher.page.locator("main form button.btn-lg").click()
    teacher.should_read("Завершён")
