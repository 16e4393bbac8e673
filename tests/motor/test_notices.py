"""Letters of the chain: whom they go to, what they say, one for several due things."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.core.words import NBSP
from cabinet.mail import tasks, texts
from cabinet.mail.models import Letter, LetterText
from cabinet.mail.services import cancel_letters, letters_about, shown_body
from cabinet.mail.texts import PLACE, TextKind
from cabinet.users.models import Membership, Role, Substitution
from motor.letter_texts import KINDS
from motor.letter_texts.experience import KINDS as EXPERIENCE
from motor.models import Case, Objection, Presentation, Status
from motor.services import experience_notices, irregular_notices, notices, responsible_notices
from motor.services.leave_lines import Outlook, line_of
from tests.factories import CaseFactory, RequestFactory, UserFactory, person_with
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    responsible = UserFactory()
    return CaseFactory(
        status=Status.SURVEY_OPEN,
        due_on=today() + timedelta(days=5),
        responsible=responsible,
        postponed_until=today() + timedelta(days=9),
    )


def of(case: Case, days: int, **fields: Any) -> Case:
    due = today() + timedelta(days=days)
    return CaseFactory(person=case.person, status=Status.SURVEY_OPEN, due_on=due, **fields)


@pytest.fixture
def every_place(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every text names all the places it may; says which texts were asked for."""
    asked: set[str] = set()

    def text_of(kind: TextKind) -> tuple[str, str]:
        asked.add(kind.code)
        return " ".join(f"{{{name}}}" for name in kind.subject_places), "\n".join(f"{{{name}}}" for name in kind.places)

    monkeypatch.setattr(texts, "text_of", text_of)
    return asked


def test_every_place_on_every_list_is_really_filled(case: Case, every_place: set[str]) -> None:
    """A place an administrator is offered and the code does not know would stop the chain itself."""
    municipality = case.organization.municipality
    membership = Membership.objects.create(user=UserFactory(), role=Role.MUNICIPAL, municipality=municipality)
    request = RequestFactory(source=case)
    objection = Objection(case=case, text="Не так", due_on=today(), answer="Так")
    actor = person_with("admin")
    member = request.member.user
    notices.invite(case)
    for number in (1, 2, 3, 4):
        case.reminders = number
        notices.remind(case)
    notices.remind([case, of(case, 3)])
    notices.remind([case], is_asked=True)
    for one in (notices.link_reissued, notices.time_extended, notices.survey_arrived, notices.survey_attached):
        one(case)
    notices.due_list(actor, [("Чек-лист", "Волкова", today(), "/motor/1/")], key="due")
    notices.undelivered(actor, [(case, "адреса почты нет", "/motor/1/link/address/")], key="lost")
    notices.new_link_asked(case, case.responsible, "Ссылка ушла.")
    notices.talk_again(case, actor, "Письма без ответа.", today())
    notices.consent_refused(case)
    notices.consent_withdrawn(case.person, actor, key="withdrawn")
    notices.handed_over(case)
    notices.rma_wanted(case, actor=None)
    request.author = actor  # somebody else than who answers for the case
    for status in ("accepted", "declined"):
        request.status = status
        case.revision += 1
        notices.rma_answered(case, request)
    notices.outcome_ready(case, ["Показать урок"])
    irregular = irregular_notices
    irregular.returned_to_teacher(case, "Ещё")
    irregular.returned_to_school(case, "Ещё")
    for one in (irregular.went_without_survey, irregular.postponed, irregular.not_assessed):
        one(case)
    irregular.member_lost(case, actor=None)
    irregular.stopped(case, actor, was_opened=True)
    irregular.restored(case, actor)
    case.paused_until = today() + timedelta(days=30)
    irregular.paused(case, actor)
    irregular.resumed(case, actor)
    irregular.transferred(case, UserFactory(), "Прежняя школа")
    irregular.objected(case, objection)
    irregular.objection_declined(case, objection, actor)
    irregular.reopened(case, actor, "Причина", member)
    agreement: Any = type("Proposal", (), {"proposed_by": member, "comment": "Вместе"})
    irregular.agreement_proposed(case, agreement, actor)
    row = Presentation(pk=1, case=case, event=EventFactory(), title="Квест")
    for kind in EXPERIENCE:
        experience_notices.tell([row], kind.code.removeprefix("motor."), actor)
    irregular.agreement_confirmed(case, agreement)
    responsible_notices.handed_over([case, of(case, 4, responsible=case.responsible)])
    responsible_notices.came_back([case])
    responsible_notices.appointed(membership, case.organization, 3)
    responsible_notices.released(actor, case.organization, today())
    substitution = Substitution(pk=1, person=actor, deputy=member, starts_on=today(), ends_on=today())
    outlook = Outlook(goes=[line_of(case, to=member)])
    responsible_notices.substitution_named([substitution], outlook)
    responsible_notices.one_more(substitution, request)
    responsible_notices.stays(substitution, actor, [request])
    responsible_notices.everything_came_back(substitution, outlook.goes, outlook.goes)
    responsible_notices.substitution_cancelled([substitution], is_person_told=False)

    assert {kind.code for kind in KINDS} - every_place == set()
    unfilled = {name for letter in Letter.objects.all() for name in PLACE.findall(letter.body)}
    assert unfilled == {"ссылка", "дела", "срок", "осталось"}
    assert not PLACE.findall(" ".join(Letter.objects.values_list("subject", flat=True)))


def test_invitation_has_a_link_the_date_and_the_days(case: Case, settings: Any) -> None:
    settings.MAIL_IS_KEPT = False
    notices.invite(case)

    tasks.sweep_letters()

    text = str(mail.outbox[0].body)
    assert case.personal_url() in text
    assert "(осталось 5\u00a0дней)" in text
    assert "Три месяца" in text or "3\u00a0месяца назад" in text


@pytest.mark.parametrize(
    ("number", "subject"),
    [
        (1, "Напоминание: четыре вопроса о курсах"),
        (2, "Ещё можно рассказать о курсах"),
        (3, "Последнее напоминание о курсах"),
        (4, "Последнее напоминание о курсах"),
    ],
)
def test_each_reminder_has_words_of_its_own(case: Case, number: int, subject: str) -> None:
    case.reminders = number

    notices.remind(case)

    letter = Letter.objects.get()
    assert (letter.kind, letter.subject) == (f"motor.remind.{number}", subject)


@pytest.mark.parametrize(
    ("ends_on", "said"),
    [(date(2026, 2, 16), "7 месяцев назад"), (date(2026, 6, 15), "3 месяца назад"), (date(2026, 6, 20), "3 месяца")],
)
def test_invitation_says_how_long_ago_the_course_ended(
    case: Case, monkeypatch: pytest.MonkeyPatch, ends_on: date, said: str
) -> None:
    """After a quiet summer more months have passed than the срез says, and its readers know it."""
    monkeypatch.setattr(notices, "today", lambda: date(2026, 9, 16))
    case.completion.course.ends_on = ends_on
    notices.invite(case)
    assert Letter.objects.get().body.replace(NBSP, " ").partition("\n\n")[2].startswith(said)


def test_several_cases_of_one_person_make_one_letter(case: Case, django_assert_max_num_queries: Any) -> None:
    case.reminders = 1
    sooner, later = of(case, 2, reminders=1), of(case, 8, reminders=1)

    with django_assert_max_num_queries(10):
        notices.remind([case, later, sooner])
    notices.remind([later, sooner, case])

    letter = Letter.objects.get()
    assert letter.about == sooner
    assert letter.kind == "motor.remind.1"
    text = shown_body(letter)
    assert text.index(sooner.personal_url()) < text.index(case.personal_url()) < text.index(later.personal_url())
    for one in (sooner, case, later):
        assert list(letters_about(one)) == [letter]


def test_answer_strikes_its_case_from_the_common_letter(case: Case) -> None:
    case.reminders = 1
    other = of(case, 2, reminders=1)
    notices.remind([case, other])

    cancel_letters(other, "motor.remind")

    letter = Letter.objects.get()
    assert letter.state == Letter.State.OWED
    assert other.personal_url() not in shown_body(letter)
    cancel_letters(case, "motor.remind")
    assert Letter.objects.get().state == Letter.State.CANCELLED


def test_reminder_the_teacher_asked_for_is_taken_back_like_others(case: Case) -> None:
    notices.remind([case], is_asked=True)

    assert Letter.objects.get().subject == "Вы просили напомнить: вопросы о курсах"
    assert cancel_letters(case, "motor.remind") == 1


def test_due_list_names_the_nearest_first_with_its_address(case: Case, settings: Any) -> None:
    user = UserFactory()
    lines = [
        ("Шаг", "Без срока", None, "/motor/3/"),
        ("Запрос к РМА", "Гилёв О. И.", today() + timedelta(days=4), f"{settings.SITE_URL}/rma/requests/"),
        ("Чек-лист", "Волкова А. П.", today() - timedelta(days=2), "/motor/1/"),
    ]

    for _ in range(2):
        notices.due_list(user, lines, key="motor.due.1.2026-10")

    letter = Letter.objects.get()
    assert letter.subject == "Ваши дела в кабинете: 3\u00a0дела"
    body = letter.body
    assert body.index("1. Чек-лист: Волкова А. П.") < body.index("2. Запрос к РМА") < body.index("3. Шаг: Без срока")
    assert "просрочено на 2\u00a0дня" in body
    assert f"{settings.SITE_URL}/motor/1/" in body
    assert body.count(settings.SITE_URL) == 3


def test_nothing_due_makes_no_letter() -> None:
    notices.due_list(UserFactory(), [], key="k")
    notices.due_list(UserFactory(is_active=False), [("Шаг", "", None, "/")], key="k")

    assert not Letter.objects.exists()


def test_one_who_has_left_is_not_written_to(case: Case) -> None:
    case.person.is_active = False
    case.responsible = None

    notices.invite(case)
    notices.survey_arrived(case)

    assert not Letter.objects.exists()


def test_comment_cannot_bring_the_teachers_link_to_another(case: Case) -> None:
    """«{ссылка}» typed by anybody would otherwise open the teacher's survey to the reader."""
    irregular_notices.returned_to_school(case, "Смотрите {ссылка}")

    letter = Letter.objects.get(to=case.responsible)
    assert "Смотрите {ссылка}" in shown_body(letter)
    assert case.public_id not in shown_body(letter)


def test_changed_text_is_what_the_teacher_gets(case: Case) -> None:
    LetterText.objects.create(
        code="motor.invite",
        subject="О курсе «{курс}»",
        body="{имя}, ваш методист — {методист}.\n{ссылка}",
        updated_by=person_with("admin"),
        updated_at=timezone.now(),
    )

    notices.invite(case)

    letter = Letter.objects.get()
    assert case.responsible
    assert case.responsible.full_name in letter.body
    assert case.completion.course.programme.title in letter.subject


@pytest.mark.parametrize("count", [1, 5])
def test_invitation_costs_one_statement(count: int, django_assert_num_queries: Any) -> None:
    cases = [CaseFactory(status=Status.SURVEY_OPEN) for _ in range(count)]
    found = list(
        Case.objects.select_related("person", "completion__course__programme").filter(pk__in=[c.pk for c in cases])
    )
    texts.changed_texts()

    with django_assert_num_queries(count):
        for case in found:
            notices.invite(case)
