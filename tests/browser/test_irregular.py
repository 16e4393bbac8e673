"""The paths a real case takes, each walked in a browser by everybody concerned."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from motor.models import Case, MunicipalRecord, Status
from registry.services import sweep
from tests import factories
from tests.browser.conftest import PHONE
from tests.browser.visitor import Visitor

Open = Callable[..., Visitor]


@pytest.fixture
def opens(new_context: Callable[..., BrowserContext]) -> Open:
    """`opens(user)`: that person's browser, logged in; `opens("педагог")`: somebody who comes by a link."""

    def make(who: User | str, **options: object) -> Visitor:
        visitor = Visitor(new_context(**options), str(who))
        if isinstance(who, User):
            assert who.email
            visitor.logs_in(who.email)
        return visitor

    return make


def chooses(visitor: Visitor, case: Case, act: str) -> None:
    """From the case's page, as one finds it there."""
    visitor.opens(case.get_absolute_url())
    visitor.presses(act)
    visitor.page.wait_for_url("**/do/**")
    visitor.fits_a_phone()


def is_refused_empty(visitor: Visitor, button: str, *words: str) -> None:
    with visitor.expecting(422):
        visitor.presses(button)
        visitor.page.get_by_role("alert").first.wait_for()
    visitor.should_read(*words)
    visitor.fits_a_phone()


def test_an_answer_returned_and_given_anew_on_a_phone(opens: Open) -> None:
    case: Case = factories.CaseFactory(status=Status.SCHOOL_REVIEW, revision=3)  # opened, answered
    methodist = opens(case.responsible)
    chooses(methodist, case, "Вернуть педагогу")
    methodist.should_read("Педагог получит письмо", "снова 14 дней")
    is_refused_empty(methodist, "Вернуть с комментарием", "чего не хватает")
    methodist.page.fill("#id_comment", "Приложите, пожалуйста, конспект открытого урока")
    methodist.presses("Вернуть с комментарием")
    methodist.should_read("Опросный лист возвращён педагогу", "Ожидает опросного листа")

    teacher = opens("педагог", size=PHONE, java_script_enabled=False)
    teacher.opens(f"/s/{case.link}/")
    teacher.should_read("Приложите, пожалуйста, конспект открытого урока")
    teacher.fits_a_phone()
    assert teacher.page.input_value("#important") == "Приёмы формирующего оценивания"
    teacher.page.fill("#important", "Приёмы оценивания и листы самооценки")
    teacher.presses("Отправить ответы")
    assert teacher.heading() == "Спасибо, ответы приняты"
    teacher.should_read("листы самооценки")
    teacher.fits_a_phone()

    methodist.opens(case.get_absolute_url())
    methodist.should_read("Оценка методистом ОО", "Приёмы оценивания и листы самооценки")
    # What was said first is folded away, and still there.
    assert "Приёмы формирующего оценивания" in (methodist.page.locator("main").text_content() or "")
    methodist.fits_a_phone()
    assert methodist.complaints + teacher.complaints == []


def test_a_postponed_assessment_says_until_when_and_why(opens: Open) -> None:
    case: Case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    methodist, day = opens(case.responsible), today() + timedelta(days=40)
    chooses(methodist, case, "Перенести оценку")
    methodist.page.fill("#id_reason", "Открытый урок назначен на май")
    is_refused_empty(methodist, "Перенести", "Выберите дату")
    assert methodist.page.input_value("#id_reason") == "Открытый урок назначен на май"
    methodist.page.fill("#id_until", (today() - timedelta(days=1)).isoformat())
    is_refused_empty(methodist, "Перенести", "выберите день в будущем")
    methodist.page.fill("#id_until", day.isoformat())
    methodist.presses("Перенести")
    methodist.should_read("Оценка перенесена", "Открытый урок назначен на май")
    methodist.fits_a_phone()

    teacher = opens("педагог", size=PHONE)
    teacher.opens(f"/s/{case.link}/")
    teacher.should_not_read("Открытый урок назначен на май")
    teacher.fits_a_phone()
    case.refresh_from_db()
    assert (case.status, case.due_on, case.postponed_until) == (Status.SCHOOL_REVIEW, day, day)
    assert methodist.complaints + teacher.complaints == []


def test_a_teacher_moves_and_the_case_goes_along(opens: Open) -> None:
    case: Case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    there = factories.OrganizationFactory(name="МАОУ «Гимназия № 217»")
    former, other = opens(case.responsible), opens(factories.person_with(Role.METHODIST, there))
    other.is_refused(case.get_absolute_url())
    chooses(former, case, "Педагог перешёл в другую организацию")
    former.page.fill("#q", "лицей")
    former.presses("Найти")
    former.should_read("Ничего не нашлось")
    former.page.fill("#q", "гимназия 217")
    former.presses("Найти")
    former.should_read("МАОУ «Гимназия № 217»", str(there.municipality), "перейдёт: 1 карта")
    former.fits_a_phone()
    is_refused_empty(former, "Перевести вместе с картами", "выберите организацию")
    former.marks(f"[name=organization][value='{there.pk}']")
    former.page.fill("#id_comment", "С 1 сентября")
    former.presses("Перевести вместе с картами")
    former.should_read("Педагог переведён вместе с картами")
    former.is_refused(case.get_absolute_url())

    other.opens("/")
    other.should_read(case.person.last_name)
    other.opens(case.get_absolute_url())
    other.should_read("МАОУ «Гимназия № 217»", "Переход в другую организацию", "С 1 сентября")
    other.opens(f"{case.get_absolute_url()}checklist/")
    other.should_read("Приёмы формирующего оценивания")
    assert former.complaints + other.complaints == []


def test_an_objection_is_upheld_and_the_case_opened_anew(opens: Open) -> None:
    case: Case = factories.CaseFactory(status=Status.CLOSED)
    specialist = factories.person_with(Role.MUNICIPAL, case.organization.municipality)
    teacher = opens("педагог", size=PHONE, java_script_enabled=False)
    teacher.opens(f"/s/{case.link}/")
    teacher.page.locator("#objection summary").click()
    teacher.fits_a_phone()
    with teacher.expecting(422):
        teacher.presses("Отправить возражение")
        teacher.page.get_by_role("alert").first.wait_for()
    teacher.page.fill("#objection-text", "Открытый урок был, его не посетили")
    teacher.presses("Отправить возражение")
    teacher.should_read("Ваше возражение", "Открытый урок был", "рассмотрит муниципальная методическая служба")
    teacher.fits_a_phone()

    judge = opens(specialist)
    judge.should_read(case.person.last_name)
    judge.opens(case.get_absolute_url())
    judge.should_read("Открытый урок был, его не посетили")
    judge.presses("Рассмотреть возражение")
    judge.should_read("Открытый урок был, его не посетили")
    judge.marks("[name=decision][value=upheld]")
    is_refused_empty(judge, "Сохранить решение", "Напишите основания")
    assert judge.page.is_checked("[name=decision][value=upheld]")
    judge.page.fill("#id_answer", "Урок посетим вместе")
    judge.presses("Сохранить решение")
    judge.should_read("Решение сохранено", "Оценка методистом ОО")
    judge.fits_a_phone()

    teacher.opens(f"/s/{case.link}/")
    teacher.should_read("Возражение принято", "Урок посетим вместе")
    methodist = opens(case.responsible)
    methodist.opens(f"{case.get_absolute_url()}checklist/")
    methodist.should_read("Приёмы формирующего оценивания")
    case.refresh_from_db()
    assert (case.status, case.version, case.outcome) == (Status.SCHOOL_REVIEW, 2, None)
    assert teacher.complaints + judge.complaints + methodist.complaints == []


def test_many_records_are_shown_first_and_written_after(opens: Open) -> None:
    school = factories.OrganizationFactory()
    cases: list[Case] = [
        factories.CaseFactory(status=Status.FOLLOW_UP, completion__person__organization=school) for _ in range(3)
    ]
    recorded: Case = factories.CaseFactory(status=Status.CLOSED, completion__person__organization=school)
    sweep()  # no worker runs beside this test
    visitor = opens(factories.person_with(Role.MUNICIPAL, school.municipality))
    visitor.opens("/registry/")
    visitor.fits_a_phone()
    for case in cases[:2]:
        visitor.page.get_by_label(f"Отметить: {case.person.full_name}").check()
    visitor.presses("для отмеченных строк")
    visitor.should_read("Выбрано: 2 карты")
    visitor.fits_a_phone()
    with visitor.expecting(422):
        visitor.presses("Показать, что изменится")
        visitor.page.get_by_role("alert").first.wait_for()
    visitor.page.get_by_label("может", exact=True).check()
    visitor.page.get_by_label("семинар", exact=True).check()
    visitor.presses("Показать, что изменится")
    visitor.should_read(
        "Будет записано", cases[0].person.full_name, cases[1].person.full_name, "ещё ничего не записано"
    )
    visitor.should_not_read(cases[2].person.full_name)
    visitor.fits_a_phone()
    assert not MunicipalRecord.objects.filter(case__in=cases).exists()
    visitor.presses("Записать учёт")
    visitor.should_read("Учёт записан: 2 карты")
    assert set(MunicipalRecord.objects.filter(event_kinds=["seminar"]).values_list("case", flat=True)) == {
        cases[0].pk,
        cases[1].pk,
    }

    visitor.presses("для всех по отбору")
    visitor.should_read("Выбрано: 1 карта")  # those recorded are left as they are
    visitor.page.get_by_label("не может", exact=True).check()
    visitor.presses("Показать, что изменится")
    visitor.should_not_read(recorded.person.full_name)
    visitor.presses("Записать учёт")
    visitor.should_read("Учёт записан: 1 карта")
    assert visitor.complaints == []
