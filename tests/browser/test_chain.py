"""The whole chain, walked in a browser as each role with a real worker: from the course list to the exported file."""

import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import BrowserContext

from cabinet.core.clock import today
from cabinet.users.models import Role
from motor.models import Case, Status
from registry.models import Entry
from tests import factories
from tests.browser.conftest import PHONE
from tests.browser.visitor import PATIENCE, Visitor
from tests.services.processes import Worker, empty_queue, wait_for

pytestmark = pytest.mark.services

PROGRAMME = "Формирующее оценивание на уроке физики"
ENDED = date(2025, 10, 31)  # long ago: the case is due at once, on the admin's word
IMPORTANT = "Листы самооценки и критерии, понятные ученику"
OTHER_CHANGE = "Веду кружок по робототехнике"
NOTE_OF_METHODIST = "Стоит показать на муниципальном семинаре"
ADVICE = "Включить в ИОМ взаимопосещение уроков"
LESSON_PLAN = b"%PDF-1.7\n% plan of a lesson\n%%EOF\n"
# A saved checklist is in the registry within five seconds; a machine busy with other work is given more.
REGISTRY_SECONDS = 5.0 if os.getloadavg()[0] < (os.cpu_count() or 1) else 30.0


@dataclass
class World:
    """Everybody of the chain, each with a browser, and what they learn on the way."""

    open_browser: Callable[..., Visitor]
    school: Any
    roster: Path
    people: dict[str, Any] = field(default_factory=dict)
    browsers: list[Visitor] = field(default_factory=list)
    link: str = ""
    case: Case | None = None

    def visitor(self, name: str, **options: Any) -> Visitor:
        one = self.open_browser(name, **options)
        self.browsers.append(one)
        return one

    @property
    def complaints(self) -> list[str]:
        return [complaint for browser in self.browsers for complaint in browser.complaints]

    @property
    def case_page(self) -> str:
        assert self.case is not None
        return self.case.get_absolute_url()


def write_roster(path: Path, school: Any) -> Path:
    """Two teachers of one school, as an institute would send them."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Список слушателей"])
    sheet.append([])
    # fmt: off
    sheet.append(["№", "Ф.И.О.", "Место работы", "Муниципалитет", "Должность", "Предмет", "E-mail",
                  "Программа", "Тематика", "Объём, ч.", "Дата окончания"])
    for number, (name, email) in enumerate([("Соколова Анна Викторовна", "sokolova@example.org"),
                                            ("Лебедева Ольга Игоревна", "lebedeva@example.org")], 1):
        sheet.append([number, name, school.name, str(school.municipality), "учитель физики", "физика", email,
                      PROGRAMME, "Оценивание", "36 ч.", ENDED])
    # fmt: on
    sheet.append(["Итого", 2])
    book.save(path)
    return path


@pytest.fixture
def running_worker(
    live_server: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Worker]:
    """A worker with beat that writes the live server's address into letters."""
    settings.SITE_URL = live_server.url
    monkeypatch.setenv("SITE_URL", live_server.url)
    empty_queue()
    worker = Worker(tmp_path / "worker.log", with_beat=True)
    try:
        worker.wait_until_ready(PATIENCE)
        yield worker
    finally:
        worker.stop()


@pytest.fixture
def world(running_worker: Worker, new_context: Callable[..., BrowserContext], tmp_path: Path) -> Iterator[World]:
    territory = factories.TerritoryFactory(name="Запад")
    municipality = factories.MunicipalityFactory(name="Краснокамский", territory=territory)
    school = factories.OrganizationFactory(name="МБОУ «СОШ № 8»", municipality=municipality)
    people = {
        "admin": factories.person_with(Role.ADMIN, email="admin@example.org"),
        "methodist": factories.person_with(
            Role.METHODIST, school, email="methodist@example.org", contact_email="methodist@example.org"
        ),
        "specialist": factories.person_with(Role.MUNICIPAL, municipality, email="specialist@example.org"),
        "member": factories.MemberFactory(
            user=factories.person_with(
                Role.REGIONAL, email="member@example.org", last_name="Кузнецов", first_name="Пётр", patronymic="Ильич"
            )
        ),
        # The second person of the list is known already and may log in.
        "colleague": factories.person_with(
            "teacher",
            organization=school,
            email="colleague@example.org",
            contact_email="lebedeva@example.org",
            last_name="Лебедева",
            first_name="Ольга",
            patronymic="Игоревна",
        ),
    }

    def open_browser(name: str, **options: Any) -> Visitor:
        return Visitor(new_context(**options), name)

    world = World(open_browser, school, write_roster(tmp_path / "список.xlsx", school), people)
    yield world
    logging.getLogger(__name__).warning("consoles: %s", world.complaints)  # shown with a failure: often the cause


def test_from_the_course_list_to_the_exported_file(world: World, tmp_path: Path) -> None:
    admin = world.visitor("администратор")
    admin.logs_in("admin@example.org")
    import_the_list(admin, world)
    letter_is_in_the_outbox(admin, world)

    teacher = world.visitor("педагог", size=PHONE, java_script_enabled=False)
    answer_the_survey(teacher, world)
    methodist = world.visitor("методист ОО")
    log_in_by_code(methodist, admin)
    assess_and_ask_rma(methodist, world)

    member = world.visitor("методист РМА")
    accept_and_assess(member, world)
    read_the_outcome(methodist, teacher, world)
    record_the_result(world.visitor("специалист ММС"), world)
    finish_the_steps(methodist, world)

    export_and_read_back(admin, world, tmp_path)
    curious_colleague_sees_nothing(world.visitor("коллега"), world)
    assert world.complaints == []


def import_the_list(admin: Visitor, world: World) -> None:
    admin.opens("/courses/import/")
    admin.page.locator("input[type=file]").set_input_files(world.roster)
    admin.presses("Прочитать список")
    assert admin.heading() == "Так мы поняли столбцы"
    admin.presses("Проверить список")
    # The page asks by itself whether the job is over.
    admin.page.get_by_text("Список проверен, ещё ничего не записано").wait_for(timeout=PATIENCE * 1000)
    assert not Case.objects.exists()
    admin.should_read(PROGRAMME, "Открыть и те карты, срок которых уже наступил: 2")
    admin.marks("#open-due-now")
    admin.presses("Загрузить список")
    admin.page.get_by_text("Список загружен", exact=True).wait_for(timeout=PATIENCE * 1000)
    admin.should_read("Новых прохождений 2", "новых людей: 1")


def letter_is_in_the_outbox(admin: Visitor, world: World) -> None:
    wait_for(lambda: Case.objects.count() == 2, PATIENCE, "cases of the list")
    # On a day off or in the holidays cases wait for the next working day: let that day be today.
    Case.objects.filter(status=Status.SCHEDULED, opens_on__gt=today()).update(opens_on=today())
    wait_for(lambda: Case.objects.filter(status=Status.SURVEY_OPEN).count() == 2, PATIENCE, "opened cases")
    world.case = Case.objects.get(person__last_name="Соколова")
    assert world.case.responsible == world.people["methodist"]

    admin.opens("/letters/?kind=motor.")
    admin.waits_for(lambda: admin.text.count("в кабинете") >= 2, "both invitations", reload=True)
    row = admin.page.get_by_role("row").filter(has_text="sokolova@example.org")
    row.get_by_role("link").click()
    link = admin.page.locator("main a[href*='/s/']")
    world.link = link.get_attribute("href") or ""
    assert "sokolova" not in world.link.lower()


def answer_the_survey(teacher: Visitor, world: World) -> None:
    assert teacher.opens(world.link).status == 200  # as a mail scanner does; the link still works after it
    teacher.opens(world.link)
    teacher.should_read("Анна Викторовна", PROGRAMME)
    teacher.fits_a_phone()
    teacher.page.fill("#important", IMPORTANT)
    teacher.marks("#in_route_outside")
    teacher.marks("#started_yes")
    with teacher.expecting(422):
        teacher.presses("Отправить ответы")
        teacher.page.get_by_role("alert").wait_for()
    teacher.should_read("Проверьте ответы", "хотя бы одно изменение", "чем можете подтвердить")
    teacher.fits_a_phone()
    assert teacher.page.input_value("#important") == IMPORTANT
    assert teacher.page.is_checked("#in_route_outside")
    teacher.page.get_by_role("alert").get_by_role("link").first.click()  # leads to the field

    teacher.page.fill("#change_0", "На каждом уроке есть лист самооценки")
    teacher.page.get_by_text("Добавить ещё одно изменение").first.click()
    teacher.page.fill("#change_1", OTHER_CHANGE)
    teacher.marks("#change_1_other")
    teacher.page.fill("#change_1_topic", "Робототехника")
    teacher.marks("#ev_plan")
    teacher.page.set_input_files(
        "#ev_plan_file", {"name": "Конспект урока.pdf", "mimeType": "application/pdf", "buffer": LESSON_PLAN}
    )
    teacher.fits_a_phone()
    teacher.presses("Отправить ответы")
    assert teacher.heading() == "Спасибо, ответы приняты"
    teacher.should_read(IMPORTANT, "чек-лист", "Конспект урока.pdf")
    teacher.fits_a_phone()
    with teacher.page.expect_download() as download:
        teacher.page.get_by_role("link", name=re.compile("Конспект урока.pdf")).click()
    assert Path(download.value.path()).read_bytes() == LESSON_PLAN


def log_in_by_code(methodist: Visitor, admin: Visitor) -> None:
    """The code comes by letter, and without a mail server the letter is read in the outbox."""
    methodist.opens("/accounts/login/")
    methodist.presses("Получить код на почту")
    methodist.page.locator("main input[type=email]").fill("methodist@example.org")
    methodist.presses("Прислать код")
    admin.opens("/letters/?kind=account.")
    admin.waits_for(lambda: "1 письмо" in admin.text and "в кабинете" in admin.text, "the code's letter", reload=True)
    admin.page.get_by_role("row").filter(has_text="methodist@example.org").get_by_role("link").click()
    code = re.search(r"кабинет методиста: (\S+)", admin.text)
    assert code, admin.text
    methodist.page.locator("main input[name=code]").fill(code.group(1))
    methodist.presses("Войти")
    methodist.page.wait_for_url("**/")


def assess_and_ask_rma(methodist: Visitor, world: World) -> None:
    methodist.should_read("ждёт 1 дело", "Заполнить чек-лист", "Соколова Анна Викторовна")
    methodist.fits_a_phone()
    methodist.page.locator(".next").get_by_role("link").click()
    methodist.should_read(IMPORTANT, OTHER_CHANGE, "Робототехника", "Конспект урока.pdf")
    methodist.fits_a_phone()
    with methodist.page.expect_download() as download:
        methodist.page.get_by_role("link", name=re.compile("Конспект урока.pdf")).click()
    assert Path(download.value.path()).read_bytes() == LESSON_PLAN

    methodist.marks("#id_study_plan")
    methodist.page.fill("#id_study_plan_note", "план подробный")
    methodist.marks("[name=significant][value=yes]")
    methodist.marks("[name=practice][value=full]")
    methodist.marks("[name=other_found][value=no]")
    methodist.marks("[name=rma_help][value=assessment]")
    with methodist.expecting(422):
        methodist.presses("Сохранить чек-лист")
        methodist.page.get_by_role("alert").wait_for()
    methodist.should_read("Напишите, зачем нужен методист РМА")
    methodist.fits_a_phone()
    assert methodist.page.is_checked("[name=practice][value=full]")
    methodist.page.fill("#id_rma_reason", "Нужен взгляд со стороны")
    methodist.page.select_option("#id_member", value=str(world.people["member"].pk))
    methodist.marks("[name=experience][value=yes]")
    methodist.page.fill("#id_comment", NOTE_OF_METHODIST)
    methodist.presses("Сохранить чек-лист")
    methodist.should_read("Чек-лист сохранён", "Чей ход: Кузнецов П. И. — ответ на запрос")
    methodist.fits_a_phone()


def accept_and_assess(member: Visitor, world: World) -> None:
    member.logs_in("member@example.org")
    member.should_read("Ответить на запрос: участие в оценке", "Соколова Анна Викторовна")
    member.page.locator(".next").get_by_role("link").click()
    member.should_read("Участие в оценке: Соколова Анна Викторовна", "Нужен взгляд со стороны")
    member.presses("Принять")
    member.should_read("Запрос принят", "Изучите материалы")
    member.presses("Открыть карту")
    member.should_read(IMPORTANT)
    member.should_not_read(NOTE_OF_METHODIST, "план подробный", "находит отражение полностью")
    member.presses("Открыть чек-лист")
    member.should_not_read(NOTE_OF_METHODIST, "план подробный")
    member.marks("#id_study_talk")
    member.marks("[name=significant][value=yes]")
    member.marks("[name=practice][value=partial]")
    member.marks("[name=other_found][value=yes]")
    member.page.fill("#id_other_topic", "Робототехника")
    member.page.fill("#id_recommendations", ADVICE)
    saved_at = time.monotonic()
    member.presses("Сохранить чек-лист")
    member.should_read("Чек-лист сохранён", "Вариант 3, частично", NOTE_OF_METHODIST, "Расхождение мнений")
    wait_for(
        lambda: Entry.objects.filter(pk=world.case.pk, result="3", completeness="partial").exists(),  # type: ignore[union-attr]
        REGISTRY_SECONDS,
        f"a saved checklist in the registry, {time.monotonic() - saved_at:.1f} s after the press",
    )


def read_the_outcome(methodist: Visitor, teacher: Visitor, world: World) -> None:
    methodist.opens("/")
    methodist.should_read("Провести шаги по результату")
    methodist.page.locator(".next").get_by_role("link").click()
    methodist.should_read("Вариант 3, частично", "Основание — чек-лист (методист РМА)", ADVICE)
    methodist.fits_a_phone()
    methodist.page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    teacher.opens(world.link)
    assert teacher.heading() == "Ваш следующий шаг"
    teacher.should_read("Проектирование ИОМ")
    teacher.page.get_by_text("Заключение методиста").click()
    teacher.should_read("имеют место", ADVICE)
    teacher.should_not_read(NOTE_OF_METHODIST, "план подробный", "расхождение")
    teacher.fits_a_phone()


def record_the_result(specialist: Visitor, world: World) -> None:
    specialist.logs_in("specialist@example.org")
    specialist.should_read("может ли педагог представить опыт")
    specialist.page.locator(".next").get_by_role("link").click()
    specialist.marks("[name=can_present][value=yes]")
    specialist.page.locator("[name=event_kinds][value=mo]").check()
    specialist.page.locator("[name=event_kinds][value=seminar]").check()
    specialist.presses("Сохранить учёт")
    specialist.should_read("Учёт сохранён", "может представить элементы собственного опыта", "заседание МО, семинар")


def finish_the_steps(methodist: Visitor, world: World) -> None:
    methodist.page.reload()
    for number, note in enumerate(["Выбрали листы самооценки", "Маршрут продолжен до мая"]):
        step = methodist.page.locator("li.line").filter(has=methodist.page.locator("textarea[name=note]")).first
        step.locator("summary").click()
        step.locator("textarea[name=note]").fill(note)
        methodist.presses("Сделано", step)
        methodist.should_read(note)
        methodist.fits_a_phone()
        assert ("Завершено" in methodist.text) == (number == 1)
    world.case.refresh_from_db()  # type: ignore[union-attr]
    assert world.case.status == Status.CLOSED  # type: ignore[union-attr]
    methodist.opens("/")
    methodist.should_read("всё сделано")


def export_and_read_back(admin: Visitor, world: World, folder: Path) -> None:
    pk = world.case.pk  # type: ignore[union-attr]
    wait_for(lambda: Entry.objects.filter(pk=pk, status=Status.CLOSED).exists(), REGISTRY_SECONDS, "the closed row")
    admin.opens("/registry/")
    admin.should_read("2 строки", "Соколова Анна Викторовна", "3, частично", "Завершено")
    admin.presses("Выгрузить в Excel")
    admin.should_read("Выгрузка заказана")
    link = admin.page.locator("#results").get_by_role("link", name=re.compile(r"\.xlsx"))
    link.wait_for(timeout=PATIENCE * 1000)  # the page asks by itself
    with admin.page.expect_download() as download:
        link.click()
    download.value.save_as(folder / "registry.xlsx")
    book = load_workbook(folder / "registry.xlsx")
    assert book.sheetnames == ["Реестр", "О выгрузке"]
    titles, *rows = book["Реестр"].iter_rows(values_only=True)
    by_name = {row[5]: dict(zip(titles, row, strict=True)) for row in rows}
    assert set(by_name) == {"Соколова Анна Викторовна", "Лебедева Ольга Игоревна"}
    line = by_name["Соколова Анна Викторовна"]
    assert {title: line[title] for title in EXPORTED} == EXPORTED
    assert line["опросный лист (дата)"] == line["дата результата"] == midnight(today())
    assert by_name["Лебедева Ольга Игоревна"]["вариант"] is None


def midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


EXPORTED = {
    "территория": "Запад",
    "муниципалитет": "Краснокамский муниципальный округ",
    "ОО": "МБОУ «СОШ № 8»",
    "тип ОО": "общеобразовательная организация",
    "ШНОР": "нет",
    "должность": "Учитель физики",
    "предмет": "Физика",
    "программа": PROGRAMME,
    "тематика": "Оценивание",
    "часы": 36,
    "дата окончания": midnight(ENDED),
    "срез": "3 месяца",
    "отражено в ИОМ": "Да, мой ИОМ ведётся вне кабинета",
    "реализация начата": "да",
    "причина": None,
    "подтверждения": "конспект урока (занятия)",
    "значимое содержание": "определил",
    "отражение в практике": "частично",
    "другая тематика": "Робототехника",
    "РМА подключён": "да",
    "методист РМА": "Кузнецов Пётр Ильич",
    "расхождение": "да",
    "может представить опыт": "может",
    "события": "заседание МО, семинар",
    "вариант": "3, частично",
    "состояние": "Завершено",
    "срок нарушен": "нет",
}


def curious_colleague_sees_nothing(colleague: Visitor, world: World) -> None:
    """A number changed in the address finds nothing, in the cabinet and in a link alike."""
    colleague.logs_in("colleague@example.org")
    own = Case.objects.get(person=world.people["colleague"])
    assert colleague.opens(own.get_absolute_url()).status == 200
    colleague.fits_a_phone()
    for address in ("", "survey/", "checklist/"):
        colleague.is_refused(world.case_page + address)
    colleague.is_refused(own.get_absolute_url() + "checklist/")
    wrong = "A" if world.link[-2] != "A" else "B"
    colleague.is_refused(world.link[:-2] + wrong + "/")
    for address in ("/registry/", "/letters/", "/courses/import/", "/motor/held/"):
        colleague.is_refused(address)
    colleague.opens("/motor/?view=all")
    colleague.should_not_read("Соколова")
