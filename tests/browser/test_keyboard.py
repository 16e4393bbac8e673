"""The checklist and the survey with nothing but a keyboard."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from motor.models import Case, Checklist, Status
from tests import factories
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor

PRESSES = 120  # more than any page has places to stop at


def tab_to(visitor: Visitor, selector: str) -> None:
    """Tab until the element has the focus; somebody must be able to see where it is."""
    target = visitor.page.locator(selector).first
    for _ in range(PRESSES):
        visitor.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            outline = target.evaluate("e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).boxShadow]")
            assert outline != ["none", "none"], f"{selector} has the focus and does not show it"
            return
    raise AssertionError(f"Tab never came to {selector} at {visitor.page.url}")


def choose(visitor: Visitor, name: str, number: int) -> None:
    """The `number`-th of a group of radios: Tab leads into the group, arrows go on within it."""
    group = visitor.page.locator(f"[name={name}]")
    for _ in range(PRESSES):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.name || ''") == name:
            break
    visitor.page.keyboard.press("Space")
    while not group.nth(number).is_checked():
        visitor.page.keyboard.press("ArrowDown")


def test_checklist_needs_no_mouse(new_context: Callable[..., BrowserContext]) -> None:
    case: Case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    methodist = Visitor(new_context(DESKTOP), "методист ОО")
    methodist.logs_in(case.responsible.email)  # type: ignore[union-attr,arg-type]
    keyboard = methodist.page.keyboard
    tab_to(methodist, ".next a")
    keyboard.press("Enter")
    methodist.page.wait_for_url("**/checklist/")

    tab_to(methodist, "#id_study_talk")
    keyboard.press("Space")
    choose(methodist, "significant", 0)
    choose(methodist, "practice", 1)
    choose(methodist, "other_found", 0)
    tab_to(methodist, "#id_other_topic")
    keyboard.type("Робототехника")
    tab_to(methodist, "main .btn-primary")
    keyboard.press("Enter")
    methodist.page.wait_for_url(f"**{case.get_absolute_url()}")

    checklist = Checklist.objects.get(case=case)
    assert (checklist.is_significant, checklist.practice, checklist.other_topic) == (True, "partial", "Робототехника")
    assert [study.kind for study in checklist.studies.all()] == ["talk"]
    methodist.should_read("Вариант 3, частично")
    assert methodist.complaints == []


def test_survey_needs_no_mouse(new_context: Callable[..., BrowserContext]) -> None:
    case: Case = factories.CaseFactory(status=Status.SURVEY_OPEN)
    teacher = Visitor(new_context(PHONE, java_script_enabled=False), "педагог")
    teacher.opens(f"/s/{case.link}/")
    keyboard = teacher.page.keyboard
    tab_to(teacher, "#important")
    keyboard.type("Листы самооценки")
    choose(teacher, "in_route", 2)  # ИОМ не разработан: the third question answers itself
    tab_to(teacher, "#nothing_yet_box")
    keyboard.press("Space")
    tab_to(teacher, "main .btn-primary")
    keyboard.press("Enter")
    teacher.page.get_by_role("heading", name="Спасибо, ответы приняты").wait_for()

    survey = case.surveys.get()
    assert (survey.important, survey.has_started, survey.reason) == ("Листы самооценки", False, "no_route")
    assert teacher.complaints == []
