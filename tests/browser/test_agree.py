"""A methodist agrees a revision with nothing but a keyboard."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from cabinet.users.models import Role
from iom.models import LineDecision, RouteItem, Status
from iom.services.agreeing import agree, open_revision, submit
from iom.services.lines import save_line
from tests.browser.conftest import DESKTOP
from tests.browser.visitor import Visitor
from tests.factories import OrganizationFactory, RouteFactory, RouteItemFactory, UserFactory, person_with


def test_revision_of_twelve_items_needs_no_mouse(new_context: Callable[..., BrowserContext]) -> None:
    school = OrganizationFactory()
    methodist = person_with(Role.METHODIST, school)
    route = RouteFactory(person=UserFactory(organization=school))
    items = [RouteItemFactory(route=route, activity=f"Семинар {number}") for number in range(12)]
    submit(route, actor=route.person)
    agree(route, actor=methodist)
    open_revision(route, actor=route.person, reason="Новая параллель")
    for item in items:
        save_line(item, {"product": "Видео урока"}, item.revision, actor=route.person)
    submit(route, actor=route.person)
    visitor = Visitor(new_context(DESKTOP), "методист ОО")
    visitor.logs_in(methodist.email)  # type: ignore[arg-type]
    keyboard = visitor.page.keyboard
    visitor.opens(f"/iom/{route.pk}/agree/")

    def waits(state: str, count: int) -> None:
        visitor.page.wait_for_function(
            "([s, n]) => document.querySelectorAll(`[data-review][data-state='${s}']`).length === n", arg=[state, count]
        )

    keyboard.press("1")
    waits("accept", 1)
    keyboard.press("2")  # the next line is the present one by now
    keyboard.type("1 или 2 урока?")  # digits are text here
    keyboard.press("Control+Enter")
    waits("clarify", 1)
    assert LineDecision.objects.get(verdict="clarify").comment == "1 или 2 урока?"
    visitor.should_read("Вернуть с замечаниями")

    keyboard.press("ArrowUp")  # back from the third line: the words were needless
    keyboard.press("1")
    waits("clarify", 0)
    for number in range(3, 13):
        keyboard.press("1")
        waits("accept", number)
    visitor.page.locator("#agree-rest .btn:focus").wait_for()
    keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/iom/{route.pk}/")

    visitor.should_read("Маршрут согласован")
    route.refresh_from_db()
    assert (route.status, route.agreed_version) == (Status.AGREED, 2)
    assert set(LineDecision.objects.values_list("line", flat=True)) == {one.line for one in RouteItem.objects.all()}
    assert visitor.complaints == []
