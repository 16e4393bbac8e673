"""The queue of checklists without a mouse: digits, letters in any layout, what is typed is not lost."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cabinet.core.clock import today
from cabinet.users.models import User
from motor.models import Case, Checklist, Status
from tests import factories
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor

CASE_PAGE = re.compile(r"/motor/\d+/$")


@pytest.fixture
def methodist(db: None) -> User:
    return factories.person_with("methodist", factories.OrganizationFactory())


@pytest.fixture
def cases(methodist: User) -> list[Case]:
    course = factories.CourseFactory()
    found = []
    for number in range(3):
        completion = factories.CompletionFactory(person__organization=methodist.organization, course=course)
        due = today() + timedelta(days=number)
        status = Status.SCHOOL_REVIEW
        found.append(factories.CaseFactory(completion=completion, responsible=methodist, status=status, due_on=due))
    return found


@pytest.fixture
def visitor(new_context: Callable[..., BrowserContext], methodist: User, cases: list[Case]) -> Visitor:
    one = Visitor(new_context(DESKTOP), "методист ОО")
    one.logs_in(methodist.email)  # type: ignore[arg-type]
    return one


def press(page: Page, *chords: str) -> None:
    for chord in chords:
        page.keyboard.press(chord)


def press_in_russian(page: Page, code: str, letter: str) -> None:
    """The key stands where it stands; the layout makes another letter of it."""
    keys = page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        keys.send("Input.dispatchKeyEvent", {"type": kind, "code": code, "key": letter, "text": letter})


def test_three_in_a_row_without_a_mouse(visitor: Visitor, cases: list[Case]) -> None:
    page = visitor.page
    visitor.opens("/motor/queue/")
    press(page, "j", "Enter")
    for number in range(3):
        page.wait_for_url(f"**/motor/{cases[number].pk}/checklist/**")
        visitor.should_read(f"{number + 1} из 3")
        press(page, "5", "1", "j", "1", "2", "2", "Control+Enter")
    page.get_by_text("Всё сделано").wait_for()
    visitor.should_read("Сегодня вы сохранили 3 чек-листа", cases[2].person.full_name)

    for one in Checklist.objects.all():
        assert (one.is_significant, one.practice, one.other_topic_found, one.rma_help) == (True, "partial", False, "")
        assert [study.kind for study in one.studies.order_by("kind")] == ["plan", "talk"]
    assert Checklist.objects.count() == 3
    assert page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('checklist.'))") == []
    assert visitor.complaints == []


def test_layout_does_not_matter(visitor: Visitor, cases: list[Case]) -> None:
    page = visitor.page
    visitor.opens("/motor/queue/")
    press_in_russian(page, "KeyJ", "о")
    press(page, "Enter")
    page.wait_for_url("**/checklist/**")
    press(page, "5")
    press_in_russian(page, "KeyN", "т")
    note = page.locator("#id_study_talk_note")
    expect(note).to_be_focused()
    assert note.input_value() == ""  # the key opened the field and wrote nothing into it
    page.keyboard.insert_text("Говорили о листах самооценки")
    press(page, "Escape")
    press_in_russian(page, "KeyJ", "о")
    press(page, "2")
    expect(page.locator("#id_significant_1")).to_be_checked()
    press_in_russian(page, "KeyK", "л")
    press(page, "1")
    expect(page.locator("#id_significant_0")).to_be_checked()
    expect(page.locator("[name=practice]").first).to_be_focused()
    press_in_russian(page, "KeyL", "д")
    page.wait_for_url(f"**/motor/{cases[1].pk}/checklist/?of=3&skip={cases[0].pk}")
    assert visitor.complaints == []


def test_text_is_text_and_letters_can_be_switched_off(visitor: Visitor, cases: list[Case]) -> None:
    page = visitor.page
    visitor.opens(f"/motor/{cases[0].pk}/checklist/")
    comment = page.locator("#id_comment")
    comment.focus()
    page.keyboard.type("jkl 12 ?")
    assert comment.input_value() == "jkl 12 ?"
    press(page, "Escape")
    assert not comment.evaluate("one => one === document.activeElement")

    press(page, "Shift+Slash")
    switch = page.get_by_role("switch", name="Буквы и цифры как клавиши")
    expect(switch).to_be_focused()
    press(page, "Space", "Escape")
    expect(page.locator("kbd.key").first).to_be_hidden()
    press(page, "1", "j", "l", "Shift+Slash")
    assert page.locator("#id_study_plan").is_checked() is False
    assert page.locator("#keys").evaluate("one => one.open") is False
    page.reload()
    press(page, "1")
    assert page.locator("#id_study_plan").is_checked() is False  # it is remembered
    page.get_by_role("button", name="Клавиши").click()
    press(page, "Space", "Escape", "1")
    expect(page.locator("#id_study_plan")).to_be_checked()
    assert visitor.complaints == []


def test_enter_in_a_note_does_not_send_a_final_checklist(visitor: Visitor, cases: list[Case]) -> None:
    page = visitor.page
    visitor.opens(f"/motor/{cases[0].pk}/checklist/")
    press(page, "5", "n")
    page.keyboard.insert_text("7 «Б»")
    press(page, "Enter")
    expect(page.locator("#id_significant_0")).to_be_focused()
    press(page, "1", "1", "2")
    press(page, "Enter")
    assert page.url.endswith("/checklist/")
    assert not Checklist.objects.exists()


def test_a_closed_tab_loses_nothing(visitor: Visitor, cases: list[Case]) -> None:
    visitor.opens(f"/motor/{cases[0].pk}/checklist/")
    press(visitor.page, "5", "j", "1", "3", "1")
    visitor.page.keyboard.insert_text("Робототехника")
    visitor.page.wait_for_timeout(400)
    visitor.page.close()

    page = visitor.context.new_page()
    page.goto(f"/motor/{cases[0].pk}/checklist/")
    assert page.locator("#id_study_talk").is_checked() is False  # offered, not done over one's head
    page.get_by_role("button", name="Вернуть их").click()
    expect(page.locator("#id_study_talk")).to_be_checked()
    expect(page.locator("#id_practice_2")).to_be_checked()
    assert page.locator("#id_other_topic").input_value() == "Робототехника"
    page.get_by_role("button", name="Сохранить чек-лист").last.click()
    page.wait_for_url(CASE_PAGE)
    assert page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('checklist.'))") == []
    page.goto(f"/motor/{cases[1].pk}/checklist/")
    expect(page.locator("[data-offer]")).to_be_hidden()


def test_without_connection_the_checklist_stays(visitor: Visitor, cases: list[Case]) -> None:
    page = visitor.page
    visitor.opens(f"/motor/{cases[0].pk}/checklist/")
    press(page, "5", "j", "1", "1", "2")
    visitor.context.set_offline(True)
    press(page, "Control+Enter")
    expect(page.get_by_text("Нет связи, чек-лист не отправлен")).to_be_visible()
    assert not Checklist.objects.exists()
    visitor.context.set_offline(False)
    press(page, "Control+Enter")
    page.wait_for_url(f"**/motor/{cases[1].pk}/checklist/**")
    assert Checklist.objects.get().practice == "full"


def test_a_visit_made_is_counted_by_one_key(visitor: Visitor, cases: list[Case], methodist: User) -> None:
    done = factories.CaseFactory(
        completion=factories.CompletionFactory(person=cases[0].person),
        responsible=methodist,
        status=Status.CLOSED,
        bare=True,
    )
    checklist = factories.ChecklistFactory(case=done, assessor=methodist)
    factories.StudyFactory(checklist=checklist, kind="lesson", on=today() - timedelta(days=2), note="7 «Б»")
    page = visitor.page
    visitor.opens(f"/motor/{cases[0].pk}/checklist/")
    press(page, "v")
    expect(page.locator("#id_study_lesson")).to_be_checked()
    assert page.locator("#id_study_lesson_note").input_value() == "7 «Б»"
    visitor.should_read("учтено")
    press(page, "j", "1", "1", "2", "Control+Enter")
    page.wait_for_url(f"**/motor/{cases[1].pk}/checklist/**")
    assert Checklist.objects.get(case=cases[0]).studies.get().on == today() - timedelta(days=2)


def test_no_script_and_a_phone(new_context: Callable[..., BrowserContext], methodist: User, cases: list[Case]) -> None:
    visitor = Visitor(new_context(PHONE, java_script_enabled=False), "методист с телефоном")
    visitor.logs_in(methodist.email)  # type: ignore[arg-type]
    visitor.opens("/motor/queue/")
    visitor.presses("Начать с первого")
    page = visitor.page
    expect(page.get_by_role("button", name="Клавиши")).to_have_count(0)
    for choice in ("study_talk", "significant_0", "practice_0", "other_found_1"):
        visitor.marks(f"#id_{choice}")
    visitor.presses("Сохранить и следующий")
    page.wait_for_url(f"**/motor/{cases[1].pk}/checklist/**")
    page.get_by_role("link", name="Пропустить").click()
    page.wait_for_url(f"**/motor/{cases[2].pk}/checklist/**")
    assert visitor.complaints == []
