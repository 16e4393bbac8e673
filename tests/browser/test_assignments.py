"""Answers checked one after another with nothing but a keyboard."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext

from cabinet.core.clock import today
from cabinet.users.models import Role
from iom.models import Assignment, Route
from iom.services import assigning
from tests import factories
from tests.browser.conftest import DESKTOP
from tests.browser.visitor import Visitor


def test_three_answers_are_accepted_by_keyboard(new_context: Callable[..., BrowserContext]) -> None:
    route: Route = factories.RouteFactory(status="active")
    methodist = factories.person_with(Role.METHODIST, route.organization)
    waiting = []
    for number in range(3):
        due_on = today() + timedelta(days=number)
        one: Assignment = factories.AssignmentFactory(route=route, author=methodist, due_on=due_on)
        assigning.answer(one, actor=route.person, text="Конспект готов")
        waiting.append(one)
    visitor = Visitor(new_context(DESKTOP), "методист ОО")
    visitor.logs_in(methodist.email)
    visitor.opens("/assignments/")
    visitor.page.click(".next a")
    visitor.page.wait_for_url(f"**{waiting[0].get_absolute_url()}")
    visitor.should_read("1 из 3")
    press = visitor.page.keyboard.press

    press("ArrowRight")
    visitor.page.wait_for_url(f"**{waiting[1].get_absolute_url()}")
    press("ArrowLeft")
    visitor.page.wait_for_url(f"**{waiting[0].get_absolute_url()}")
    # While a comment is written, letters are letters.
    press("r")
    visitor.page.keyboard.type("Good grades")
    assert visitor.page.input_value("#check [name=comment]") == "Good grades"
    press("Escape")
    for following in waiting[1:]:
        press("g")
        visitor.page.wait_for_url(f"**{following.get_absolute_url()}")
    press("g")  # the last of the queue stays open, accepted
    visitor.should_read("Ответ принят.")

    assert set(Assignment.objects.values_list("status", flat=True)) == {"accepted"}
    assert waiting[0].answers.get().comment == "Good grades"
    # One key too many is no loss: what is accepted may be returned.
    visitor.page.click("summary:has-text('Вернуть принятый ответ')")
    visitor.page.fill("[name=comment]", "Добавьте цель")
    visitor.page.click("button[value=return]")
    visitor.should_read("Возвращено с комментарием.")
    assert waiting[2].answers.get().is_accepted is False
    assert visitor.complaints == []
