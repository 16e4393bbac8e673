"""A task through its life by links and buttons only: given, taken, ticked, done, opened again, its limit moved."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext

from cabinet.core.clock import today
from cabinet.planner.models import Task
from cabinet.users.models import Role
from tests import factories
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor

LATER = today() + timedelta(days=20)


def test_task_lives_through_its_life(new_context: Callable[..., BrowserContext]) -> None:
    methodist = factories.person_with(Role.METHODIST, factories.OrganizationFactory())
    teacher = factories.person_with("teacher", organization=methodist.organization, last_name="Соболева")
    giver, doer = Visitor(new_context(DESKTOP), "методист"), Visitor(new_context(PHONE), "педагог")
    giver.logs_in(methodist.email)
    doer.logs_in(teacher.email)

    _give(giver)
    _do(doer)
    _open_again(giver)
    _move_limit(giver)

    assert Task.objects.get().due_on == LATER
    doer.opens("/tasks/")
    doer.should_read("Провести открытый урок", "осталось 20 дней")
    assert giver.complaints == doer.complaints == []


def _give(giver: Visitor) -> None:
    """With a checklist and a file, to somebody found while typing."""
    giver.opens("/")
    giver.page.get_by_role("link", name="Задачи", exact=True).first.click()
    giver.presses("Поставить задачу")
    giver.page.fill("[name=title]", "Провести открытый урок")
    giver.page.fill("[name=due_on]", (today() + timedelta(days=6)).isoformat())
    giver.page.fill("[name=points]", "Тема\nКласс")
    giver.page.locator("#who").press_sequentially("собо")
    giver.page.get_by_label("Соболева").check()
    giver.page.locator("summary", has_text="Приложить файлы").click()
    giver.page.set_input_files(
        "[name=uploads]", {"name": "план.txt", "mimeType": "text/plain", "buffer": "План урока".encode()}
    )
    giver.fits_a_phone()
    giver.presses("Поставить задачу")
    giver.should_read("Задача поставлена.", "0 из 2", "план.txt", "осталось 6 дней")


def _do(doer: Visitor) -> None:
    doer.opens("/tasks/")
    doer.presses("Провести открытый урок")
    doer.fits_a_phone()
    doer.presses("Взять в работу")
    doer.should_read("В работе")
    for name in ("Тема", "Класс"):
        doer.page.get_by_role("checkbox", name=name).click()
        doer.page.locator(f".point.is-done:has-text('{name}')").wait_for()
    # The place is kept for those who work by keyboard.
    assert doer.page.evaluate("document.activeElement.textContent").strip() == "Класс"
    doer.page.get_by_role("link", name="Завершить задачу").click()
    doer.page.fill("[name=outcome]", "Урок прошёл, коллеги пришли")
    doer.presses("Отметить выполнение")
    doer.should_read("Задача выполнена.", "Урок прошёл, коллеги пришли")


def _open_again(giver: Visitor) -> None:
    giver.opens("/tasks/?whose=given&state=ended")
    giver.presses("Провести открытый урок")
    giver.should_read("2 из 2", "Урок прошёл, коллеги пришли", "Взята в работу")
    giver.presses("Открыть снова")
    giver.should_read("Задача снова открыта.")


def _move_limit(giver: Visitor) -> None:
    """For the ticked ones, after a page that says what will be; given back and moved again."""
    giver.opens("/tasks/?whose=given")
    giver.page.get_by_label("Отметить: Провести открытый урок").check()
    giver.page.select_option("#do", "move")
    giver.presses("Дальше: проверить")
    giver.page.fill("[name=due_on]", LATER.isoformat())
    giver.presses("Дальше: проверить")
    giver.should_read("Пока ничего не изменилось", "Изменятся: 1", "→")
    giver.fits_a_phone()
    giver.presses("Перенести срок")
    giver.should_read("Готово", "изменено 1 задача")
    giver.presses("Вернуть прежние сроки")
    giver.should_read("Прежние сроки возвращены")
    assert Task.objects.get().due_on == today() + timedelta(days=6)
    giver.opens("/tasks/?whose=given")
    giver.page.get_by_label("Отметить: Провести открытый урок").check()
    giver.page.select_option("#do", "move")
    giver.presses("Дальше: проверить")
    giver.page.fill("[name=due_on]", LATER.isoformat())
    giver.presses("Дальше: проверить")
    giver.presses("Перенести срок")
    giver.should_read("Готово")


def test_card_is_moved_by_buttons_and_by_hand(new_context: Callable[..., BrowserContext]) -> None:
    person = factories.person_with("teacher")
    task: Task = factories.TaskFactory(assignee=person, author=person, title="Прочитать статью")
    visitor = Visitor(new_context(DESKTOP), "педагог")
    visitor.logs_in(person.email)
    visitor.opens("/tasks/?look=board")

    visitor.page.get_by_role("button", name="Взять в работу").click()
    visitor.page.locator("[data-column=work] .board-card").wait_for()
    visitor.page.locator("[data-column=work] .board-card .turn").hover()
    visitor.page.mouse.down()
    target = visitor.page.locator("[data-column=done]").bounding_box()
    assert target is not None
    for step in (0.2, 0.4, 0.6):
        visitor.page.mouse.move(target["x"] + target["width"] * step, target["y"] + 5, steps=8)
    visitor.page.mouse.up()
    visitor.page.locator("[data-column=done] .board-card").wait_for()
    visitor.should_read("Задача выполнена.")

    task.refresh_from_db()
    assert task.status == "done"
    visitor.fits_a_phone()
    assert visitor.complaints == []


def test_without_scripts_people_are_found_and_points_ticked(new_context: Callable[..., BrowserContext]) -> None:
    head = factories.person_with(Role.HEAD, factories.OrganizationFactory())
    teacher = factories.person_with("teacher", organization=head.organization, last_name="Соболева")
    visitor = Visitor(new_context(PHONE, java_script_enabled=False), "руководитель")
    visitor.logs_in(head.email)
    visitor.opens("/tasks/add/")
    visitor.page.fill("[name=title]", "Провести открытый урок")
    visitor.page.fill("[name=points]", "Тема\nКласс")
    visitor.page.fill("#who", "собо")
    visitor.page.locator("#who").press("Enter")  # looks for people and gives nothing out
    visitor.page.get_by_label("Соболева").check()
    visitor.presses("Поставить задачу")
    visitor.should_read("Задача поставлена.", "0 из 2")
    visitor.page.get_by_role("checkbox", name="Класс").click()
    visitor.should_read("1 из 2")

    assert Task.objects.get().assignee == teacher
    assert visitor.complaints == []
