"""The code on a phone without scripts, a text copied, slips and the blank on paper."""

from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import BrowserContext

from cabinet.core.links import show_code
from cabinet.users.models import User
from motor.models import Case, LinkEvent, Status
from motor.services.codes import codes_for
from tests import factories
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import Visitor
from tests.factories import person_with

LONG = {"last_name": "Христорождественская-Константинопольская", "first_name": "Александра"}


@pytest.fixture
def methodist() -> User:
    return person_with("methodist", factories.OrganizationFactory(name="МБОУ «СОШ № 7»"))


def waiting(methodist: User, count: int, **names: Any) -> list[Case]:
    programme = factories.ProgrammeFactory(title="Формирующее оценивание на уроках естественно-научного цикла: " * 2)
    course = factories.CourseFactory(programme=programme)
    return [
        factories.CaseFactory(
            completion=factories.CompletionFactory(
                person=person_with("teacher", organization=methodist.organization, **names), course=course
            ),
            responsible=methodist,
        )
        for _ in range(count)
    ]


def pages_on_paper(visitor: Visitor) -> list[str]:
    document = pypdfium2.PdfDocument(visitor.page.pdf(prefer_css_page_size=True))
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_code_is_typed_on_a_phone_without_scripts(new_context: Callable[..., BrowserContext]) -> None:
    case: Case = factories.CaseFactory()
    code = show_code(codes_for([case])[case.pk])
    teacher = Visitor(new_context(PHONE, java_script_enabled=False), "педагог")
    teacher.opens("/k")
    with teacher.expecting(422):
        teacher.fills("Код", "222-333-444")
        teacher.presses("Открыть опрос")
        teacher.should_read("Такого кода нет")
    assert teacher.page.locator("#code").input_value() == "222-333-444"
    teacher.fills("Код", code.lower().replace("-", " "))
    teacher.page.locator("#code").press("Enter")
    teacher.page.wait_for_url("**/s/*/?via=slip")
    teacher.should_read("Какое содержание программы КПК")
    assert not teacher.complaints


def test_answer_by_a_slip_says_so(new_context: Callable[..., BrowserContext]) -> None:
    case: Case = factories.CaseFactory()
    teacher = Visitor(new_context(PHONE), "педагог")
    teacher.opens(f"/s/{case.link}/?via=slip")
    teacher.page.locator("#important").fill("Листы самооценки и критерии, понятные ученику")
    teacher.marks("#in_route_none")
    teacher.marks("#nothing_yet_box")
    teacher.presses("Отправить ответы")
    teacher.page.wait_for_url("**/s/**")
    teacher.waits_for(lambda: case.surveys.filter(submitted_at__isnull=False).exists(), "ответ принят")
    assert case.surveys.get().channel == "slip"


def test_text_is_copied_and_noted(new_context: Callable[..., BrowserContext], methodist: User) -> None:
    case, other = waiting(methodist, 2)
    context = new_context(DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    visitor = Visitor(context, "методист ОО")
    visitor.logs_in(str(methodist.email))
    visitor.opens(f"/motor/{case.pk}/message/")
    visitor.fits_a_phone()
    visitor.page.locator("[data-copy=short]").click()
    visitor.page.get_by_text("Скопировано", exact=True).wait_for()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert f"/s/{case.link}/?via=message" in copied
    visitor.presses("В MAX")
    visitor.should_read("Записано: ссылка передана в MAX")

    visitor.opens(f"/motor/messages/?cases={case.pk},{other.pk}")
    visitor.page.locator(f"[data-copy=text-{other.pk}]").click()
    visitor.page.wait_for_function(f"document.getElementById('case-{other.pk}').checked")
    visitor.presses("По СМС")
    visitor.should_read("Записано: ссылка передана по СМС")
    assert list(LinkEvent.objects.values_list("case", "way")) == [(case.pk, "max"), (other.pk, "sms")]
    assert not visitor.complaints


def test_slips_print_eight_to_a_page_and_none_is_torn(
    new_context: Callable[..., BrowserContext], methodist: User
) -> None:
    cases = waiting(methodist, 9, **LONG)
    visitor = Visitor(new_context(DESKTOP), "методист ОО")
    visitor.logs_in(str(methodist.email))
    visitor.opens("/motor/slips/")
    visitor.fits_a_phone()
    visitor.presses("Подготовить листки")
    visitor.should_read("9 листков готовы")
    codes = [show_code(code) for code in codes_for(cases).values()]
    pages = pages_on_paper(visitor)
    assert [sum(code in page for code in codes) for page in pages] == [8, 1]
    # Whatever the length of a name and a programme, the date at the foot of a slip is not cut off.
    cut = """[...document.querySelectorAll('.slip')].filter(slip => slip.scrollHeight > slip.clientHeight + 1).length"""
    assert visitor.page.evaluate(cut) == 0
    visitor.fits_a_phone()
    assert not visitor.complaints


def test_blank_is_two_sides(new_context: Callable[..., BrowserContext], methodist: User) -> None:
    visitor = Visitor(new_context(DESKTOP), "методист ОО")
    visitor.logs_in(str(methodist.email))
    visitor.opens("/motor/paper/blank/?head=1")
    visitor.fits_a_phone()
    assert len(pages_on_paper(visitor)) == 2


def test_sheet_is_typed_in(new_context: Callable[..., BrowserContext], methodist: User) -> None:
    [case] = waiting(methodist, 1)
    visitor = Visitor(new_context(DESKTOP), "методист ОО")
    visitor.logs_in(str(methodist.email))
    visitor.opens("/motor/slips/")
    visitor.page.get_by_role("link", name="Ввести с бумаги").click()
    visitor.fits_a_phone()
    visitor.page.locator("#important").fill("Листы самооценки и критерии, понятные ученику")
    visitor.marks("#in_route_none")
    visitor.marks("#nothing_yet_box")
    with visitor.expecting(422):
        visitor.presses("Принять ответы")
        visitor.should_read("Выберите дату")
    visitor.page.locator("#filled_on").fill(visitor.page.evaluate("new Date().toLocaleDateString('sv')"))
    visitor.marks("#notice_seen")
    visitor.presses("Принять ответы")
    visitor.page.wait_for_url(f"**{case.get_absolute_url()}")
    visitor.should_read("Ответы с бумаги приняты", "Заполнено на бумаге")
    case.refresh_from_db()
    assert case.status == Status.SCHOOL_REVIEW
    assert not visitor.complaints
