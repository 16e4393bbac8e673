"""The survey on a phone: the network cut in the middle, a closed tab, a second device, photos, and no script at all."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from motor.models import Case, Draft, DraftFile, LinkEvent, Status, Survey
from tests import factories
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 15_000  # ms: saving waits until typing stops
KEPT_HERE = "всё осталось на этом телефоне"


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(revision=2)


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:personal", args=[case.link])


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context(PHONE, has_touch=True)


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


def says(page: Page, words: str) -> None:
    expect(page.locator("#saved")).to_contain_text(words, timeout=SOON)


def fill_in(page: Page, important: str = "Приёмы смыслового чтения с таблицами") -> None:
    page.fill("#important", important)
    page.check("#in_route_no")
    page.check("#started_yes")
    page.fill("#change_0", "На каждом уроке есть лист самооценки")
    page.check("#nothing_yet_box")


def photo(tmp_path: Any, size: tuple[int, int] = (3000, 2250)) -> str:
    """A photo with the place where it was taken."""
    path = tmp_path / "IMG_0001.jpg"
    exif = Image.Exif()
    exif[0x010F] = "Телефон"
    Image.effect_noise(size, 40).convert("RGB").save(path, "JPEG", quality=80, exif=exif)
    return str(path)


def test_words_are_saved_by_themselves(phone: BrowserContext, address: str) -> None:
    page = opened(phone, address)
    expect(page.locator("#left")).to_have_text("Осталось 4 из 4")
    page.fill("#important", "Листы самооценки на уроках физики")
    says(page, "Сохранено ")
    assert Draft.objects.get().answers == {"important": "Листы самооценки на уроках физики"}
    expect(page.locator("#left")).to_have_text("Осталось 3 из 4")
    assert LinkEvent.objects.filter(kind=LinkEvent.Kind.OPENED).count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_nothing_is_lost_when_the_network_is_cut_and_the_tab_closed(phone: BrowserContext, address: str) -> None:
    page = opened(phone, address)
    page.fill("#important", "Начало, уже сохранённое")
    says(page, "Сохранено ")
    phone.set_offline(True)
    page.fill("#important", "Начало и продолжение в туннеле")
    says(page, KEPT_HERE)
    page.click("#send")
    says(page, "Не отправлено: нет связи")
    page.close()
    phone.set_offline(False)
    assert Draft.objects.get().answers["important"] == "Начало, уже сохранённое"
    page = opened(phone, address)
    assert page.input_value("#important") == "Начало и продолжение в туннеле"
    says(page, "Сохранено ")
    assert Draft.objects.get().answers["important"] == "Начало и продолжение в туннеле"


def test_saving_goes_on_by_itself_when_the_network_is_back(phone: BrowserContext, address: str) -> None:
    page = opened(phone, address)
    phone.set_offline(True)
    page.fill("#important", "Написано без связи")
    says(page, KEPT_HERE)
    phone.set_offline(False)
    says(page, "Сохранено ")
    assert Draft.objects.get().answers == {"important": "Написано без связи"}


def test_answer_is_sent_when_the_person_presses_again(phone: BrowserContext, case: Case, address: str) -> None:
    page = opened(phone, address)
    phone.set_offline(True)
    fill_in(page)
    page.click("#send")
    says(page, "Не отправлено: нет связи")
    phone.set_offline(False)
    page.click("#send")
    expect(page.locator("h1")).to_have_text("Спасибо, ответы приняты", timeout=SOON)
    assert page.evaluate("localStorage.length") == 0
    assert Survey.objects.get().important == "Приёмы смыслового чтения с таблицами"


def test_second_device_is_shown_and_nothing_overwritten(
    new_context: Callable[..., BrowserContext], phone: BrowserContext, address: str
) -> None:
    first, second = opened(phone, address), opened(new_context(), address)
    first.fill("#important", "С телефона, из автобуса")
    says(first, "Сохранено ")
    second.fill("#important", "С ноутбука, из дома")
    clash = second.locator("#clash")
    expect(clash).to_contain_text("На другом устройстве записано другое", timeout=SOON)
    expect(clash).to_contain_text("С телефона, из автобуса")
    assert Draft.objects.get().answers["important"] == "С телефона, из автобуса"
    clash.get_by_role("button", name="Взять то").click()
    expect(clash).to_be_hidden()
    assert second.input_value("#important") == "С телефона, из автобуса"
    second.fill("#important", "Вместе: автобус и дом")
    says(second, "Сохранено ")
    first.fill("#important", "Опять с телефона")
    expect(first.locator("#clash")).to_contain_text("Вместе: автобус и дом", timeout=SOON)
    first.locator("#clash").get_by_role("button", name="Оставить это").click()
    says(first, "Сохранено ")
    assert Draft.objects.get().answers["important"] == "Опять с телефона"


def test_photo_goes_ahead_smaller_and_without_its_place(
    phone: BrowserContext, case: Case, address: str, tmp_path: Any
) -> None:
    page = opened(phone, address)
    page.check("#ev_plan")
    expect(page.get_by_text("не должно быть лиц и фамилий детей").first).to_be_visible()
    camera = page.locator("#ev_plan_file_camera")
    assert camera.get_attribute("capture") == "environment"
    session = phone.new_cdp_session(page)
    slow = {"offline": False, "latency": 50, "downloadThroughput": 10**6, "uploadThroughput": 700_000}
    session.send("Network.emulateNetworkConditions", slow)
    camera.set_input_files(photo(tmp_path))
    expect(page.locator(".file-item progress")).to_be_visible()
    expect(page.locator(".file-item a")).to_have_text("IMG_0001.jpg", timeout=30_000)
    kept = DraftFile.objects.get().file
    with Image.open(kept.file.open()) as picture:
        assert max(picture.size) == 2000
        assert not picture.getexif()
    page.close()
    page = opened(phone, address)
    expect(page.locator(".file-item a")).to_have_text("IMG_0001.jpg")
    page.get_by_role("button", name="Убрать").click()
    expect(page.locator(".file-item")).to_have_count(0)
    assert not DraftFile.objects.exists()


def test_refused_file_says_why_and_the_rest_stays(phone: BrowserContext, address: str, tmp_path: Any) -> None:
    page = opened(phone, address)
    page.fill("#important", "Слова остаются")
    page.check("#ev_plan")
    good, bad = tmp_path / "план.pdf", tmp_path / "вирус.pdf"
    good.write_bytes(b"%PDF-1.7\n% plan\n%%EOF\n")
    bad.write_bytes(b"MZ\x90\x00\x03\x00")
    page.set_input_files("#ev_plan_file", [str(bad), str(good)])
    expect(page.locator(".file-item", has_text="вирус.pdf")).to_contain_text("Такой файл принять нельзя", timeout=SOON)
    expect(page.locator(".file-item a")).to_have_text("план.pdf", timeout=SOON)
    assert page.input_value("#important") == "Слова остаются"


def test_weak_answer_gets_a_hint_and_may_be_sent(phone: BrowserContext, address: str) -> None:
    page = opened(phone, address)
    for weak in ("да", "см. выше", "-", "уроки"):
        page.fill("#important", weak)
        page.locator("#important").blur()
        expect(page.locator("#important-kind")).to_contain_text("Можно оставить и так")
    page.fill("#important", "Листы самооценки на уроках")
    page.locator("#important").blur()
    expect(page.locator("#important-kind")).to_have_text("")
    page.check("#in_route_no")
    page.check("#started_yes")
    page.fill("#change_0", "листы самооценки на уроках.")
    page.locator("#change_0").blur()
    expect(page.locator("#change_0-kind")).to_contain_text("те же слова")
    page.check("#nothing_yet_box")
    page.click("#send")
    expect(page.locator("h1")).to_have_text("Спасибо, ответы приняты", timeout=SOON)


def test_mistakes_come_back_without_leaving_the_page(phone: BrowserContext, address: str) -> None:
    page = opened(phone, address)
    page.fill("#important", "Одно слово за другим")
    page.click("#send")
    expect(page.locator(".error-summary")).to_be_focused(timeout=SOON)
    assert page.input_value("#important") == "Одно слово за другим"
    fill_in(page)
    says(page, "Сохранено ")  # the script goes on in the new page
    page.click("#send")
    expect(page.locator("h1")).to_have_text("Спасибо, ответы приняты", timeout=SOON)


def test_words_for_a_stopped_case_are_given_back(phone: BrowserContext, case: Case, address: str) -> None:
    page = opened(phone, address)
    fill_in(page, "Писала, пока карту останавливали")
    says(page, "Сохранено ")
    Case.objects.filter(pk=case.pk).update(status=Status.STOPPED, stop_reason="left", due_on=None)
    page.fill("#change_0", "И ещё немного")
    says(page, "Опрос уже закрыт")
    page.click("#send")
    expect(page.locator("#lost")).to_contain_text("Этот ответ не отправлен", timeout=SOON)
    assert page.locator("#lost textarea").first.input_value() == "Писала, пока карту останавливали"
    assert "И ещё немного" in page.evaluate("JSON.stringify(localStorage)")
    page.goto(address)
    expect(page.locator("#kept")).to_contain_text("И ещё немного")
    page.click("#forget")
    assert page.evaluate("localStorage.length") == 0


def test_everything_works_without_a_script(
    new_context: Callable[..., BrowserContext], case: Case, address: str
) -> None:
    page = opened(new_context(PHONE, java_script_enabled=False), address)
    page.fill("#important", "Без скриптов")
    page.check("#ev_plan")
    upload = {"name": "план.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}
    page.set_input_files("#ev_plan_file", upload)
    page.get_by_role("button", name="Сохранить и закончить позже").click()
    expect(page.get_by_text("Сохранено в ")).to_be_visible()
    page.goto(address)
    assert page.input_value("#important") == "Без скриптов"
    page.check("#in_route_none")
    page.get_by_role("button", name="Отправить ответы").click()
    expect(page.locator("h1")).to_have_text("Спасибо, ответы приняты")
    expect(page.get_by_role("link", name="план.pdf")).to_be_visible()
    assert case.evidence.get().file.name == "план.pdf"
