"""The checklist page: who may fill it in, what it asks, what comes of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from motor.models import Case, Checklist, Status
from motor.services.returns import return_to_school
from rma.models import Request
from tests import factories

pytestmark = pytest.mark.django_db

SCHOOL = {
    "study_talk": "on",
    "significant": "yes",
    "practice": "partial",
    "other_found": "no",
    "rma_help": "no",
}


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(status=Status.SCHOOL_REVIEW)


@pytest.fixture
def address(case: Case) -> str:
    return reverse("motor:checklist", args=[case.pk])


def test_methodist_sees_the_teachers_words_beside_the_questions(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    text = client.get(address).content.decode()
    assert case.surveys.get().important in text
    assert "Педагог определил (не определил) для себя значимое содержание программы КПК" in text
    assert "Это находит (не находит) отражение в практике педагога полностью/частично" in text


def test_saved_checklist_gives_the_outcome(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    assert client.post(address, SCHOOL).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.outcome.variant, case.outcome.completeness) == (Status.FOLLOW_UP, 3, "partial")
    again = client.post(address, SCHOOL, follow=True)  # a second click
    assert again.redirect_chain == [(case.get_absolute_url(), 302)]
    assert "Чек-лист уже сохранён" in again.content.decode()
    assert case.checklists.count() == 1


def test_strangers_get_404(client: Client, case: Case, address: str) -> None:
    assert client.get(address).status_code == 302
    other_methodist = factories.person_with("methodist", factories.OrganizationFactory())
    head = factories.person_with("head", case.organization)
    for person in (case.person, other_methodist, head, factories.person_with("admin")):
        client.force_login(person)
        assert client.get(address).status_code == 404
        assert client.post(address, SCHOOL).status_code == 404
    assert not Checklist.objects.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"study_talk": ""}, "что изучено"),
        ({"study_other": "on"}, "что именно изучено"),
        ({"study_talk_on": "2999-01-01"}, "ещё не наступила"),
        ({"significant": ""}, "определил ли педагог"),
        ({"practice": ""}, "находит ли содержание"),
        ({"other_found": ""}, "по другой тематике"),
        ({"other_found": "yes"}, "Назовите тематику"),
        ({"rma_help": "assessment"}, "зачем нужен методист РМА"),
        ({"rma_help": "iom_help"}, "зачем нужен методист РМА"),
    ],
)
def test_mistakes_are_explained(client: Client, case: Case, address: str, change: dict[str, str], message: str) -> None:
    client.force_login(case.responsible)
    page = client.post(address, SCHOOL | {"comment": "Не потерять"} | change)
    assert page.status_code == 422
    assert message in page.content.decode()
    assert "Не потерять" in page.content.decode()
    assert not Checklist.objects.exists()


def test_topic_of_the_course_is_not_another_topic(client: Client, case: Case, address: str) -> None:
    programme = case.completion.course.programme
    programme.topic = factories.TopicFactory(name="Оценивание")
    programme.save()
    client.force_login(case.responsible)
    page = client.post(address, SCHOOL | {"other_found": "yes", "other_topic": " оценивание "})
    assert "Это тематика самого курса" in page.content.decode()


def test_practice_is_not_asked_without_significant_content(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    client.post(address, SCHOOL | {"significant": "no", "practice": "full"})
    assert case.checklists.get().practice == ""
    case.refresh_from_db()
    assert case.outcome.variant == 1


def test_asking_rma_names_the_member_at_once(client: Client, case: Case, address: str) -> None:
    member = factories.MemberFactory()
    client.force_login(case.responsible)
    asks = {"rma_help": "assessment", "rma_reason": "Нужен взгляд со стороны", "member": member.pk}
    assert client.post(address, SCHOOL | asks).status_code == 302
    case.refresh_from_db()
    assert case.status == Status.RMA_REQUESTED
    client.force_login(member.user)
    page = client.get(case.get_absolute_url())
    assert "Принять запрос" in page.content.decode()


def test_help_without_a_name_waits_in_the_queue(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    asks = {"rma_help": "iom_help", "rma_reason": "Помочь с маршрутом"}

    assert client.post(address, SCHOOL | asks).status_code == 302

    request = Request.objects.of(case).get()
    assert (request.kind, request.status, request.member, request.reason) == (
        "iom_help",
        "wanted",
        None,
        "Помочь с маршрутом",
    )
    assert (request.author, request.subject) == (case.responsible, case.completion.subject)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Методист пока не назван" in page


def test_ten_members_are_offered_and_any_other_is_accepted(client: Client, case: Case, address: str) -> None:
    far = [factories.MemberFactory() for _ in range(12)]
    near = factories.MemberFactory(user__organization=factories.OrganizationFactory())
    near.subjects.add(case.completion.subject)
    client.force_login(case.responsible)

    choices = list(client.get(address).context["form"]["member"].field.widget.choices)

    assert (len(choices), choices[0][1], choices[1][0]) == (11, "назвать позже — с подбором", near.pk)
    left = next(one for one in far if one.pk not in {pk for pk, _ in choices})
    asks = {"rma_help": "assessment", "rma_reason": "Взгляд со стороны", "member": left.pk}
    assert client.post(address, SCHOOL | asks).status_code == 302
    assert Request.objects.of(case).get().member == left


def test_rma_does_not_see_the_first_opinion_before_his_own(client: Client) -> None:
    case = factories.CaseFactory(status=Status.RMA_REVIEW)
    first = case.checklists.get()
    first.comment = "Внутренняя заметка методиста"
    first.save()
    client.force_login(case.rma_member.user)
    for address in (case.get_absolute_url(), reverse("motor:checklist", args=[case.pk])):
        text = client.get(address).content.decode()
        assert "Внутренняя заметка методиста" not in text
    answers = {key: value for key, value in SCHOOL.items() if key != "rma_help"}
    answers |= {"recommendations": "Добавить в ИОМ взаимопосещение"}
    assert client.post(reverse("motor:checklist", args=[case.pk]), answers).status_code == 302
    assert "Внутренняя заметка методиста" in client.get(case.get_absolute_url()).content.decode()


def test_study_date_may_be_today(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    answers = SCHOOL | {"study_lesson": "on", "study_lesson_on": today().isoformat()}
    assert client.post(address, answers).status_code == 302
    assert case.checklists.get().studies.count() == 2


def test_only_what_may_stay_empty_is_called_optional(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    page = " ".join(client.get(address).content.decode().split())
    assert "отражение в практике педагога полностью/частично</legend>" in page
    assert "Зачем нужен методист РМА</label>" in page
    assert 'Комментарий <span class="optional">' in page


def test_without_a_survey_a_conversation_is_needed(client: Client) -> None:
    case = factories.CaseFactory(status=Status.SCHOOL_REVIEW, bare=True, without_survey=True)
    client.force_login(case.responsible)
    address = reverse("motor:checklist", args=[case.pk])
    answers = {"study_plan": "on", "significant": "no", "other_found": "no", "rma_help": "no"}
    response = client.post(address, answers)
    assert response.status_code == 422
    assert "со слов педагога: отметьте беседу" in response.content.decode()
    assert client.post(address, answers | {"study_talk": "on"}).status_code == 302
    assert case.checklists.get().from_conversation


def test_a_checklist_sent_back_begins_with_what_it_said(client: Client) -> None:
    case = factories.CaseFactory(status=Status.RMA_REVIEW)
    return_to_school(case, actor=case.rma_member.user, comment="Посетите урок")
    client.force_login(case.responsible)
    page = client.get(reverse("motor:checklist", args=[case.pk]))
    assert page.context["form"].initial["practice"] == "full"
    assert "Посетите урок" in page.content.decode()


def test_stays_under_fifteen_queries(
    case: Case, address: str, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(case.responsible)
    client.get(address)
    with django_assert_max_num_queries(15):
        client.get(address)


def test_a_page_open_for_long_tells_what_changed(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    seen = client.get(address).context["revision"]
    factories.TransitionFactory(case=case, move="attach")
    Case.objects.filter(pk=case.pk).update(revision=seen + 1)

    stale = client.post(address, SCHOOL | {"revision": seen, "comment": "Не потерять"})

    text = stale.content.decode()
    assert stale.status_code == 422
    assert "Пока вы заполняли чек-лист, карту изменили" in text
    assert "Опросный лист пришёл позже и приложен" in text
    assert "Не потерять" in text
    assert not case.checklists.exists()
    assert f'name="revision" value="{seen + 1}"' in text  # read, it may be sent again
    assert client.post(address, SCHOOL | {"revision": seen + 1}).status_code == 302


def test_counting_a_visit_does_not_hide_a_change(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    page = client.post(address, SCHOOL | {"revision": case.revision - 1, "use": "v0"})
    assert f'name="revision" value="{case.revision - 1}"' in page.content.decode()


def test_nothing_is_chosen_beforehand_of_a_b_and_d(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    form = client.get(address).context["form"]
    assert [form[name].value() for name in ("significant", "practice", "other_found")] == [None, None, None]
    assert not any(row["check"].value() for row in form.study_rows)


def test_brought_evidence_is_named_beside_its_way_to_study(client: Client, case: Case, address: str) -> None:
    case.evidence.all().delete()
    factories.EvidenceFactory(case=case, kind="open_lesson", event_on=today() - timedelta(days=1))
    factories.EvidenceFactory(case=case, kind="workshop", event_on=today() + timedelta(days=5))
    client.force_login(case.responsible)
    rows = {row["kind"]: row for row in client.get(address).context["form"].study_rows}
    assert rows["lesson"]["event_on"] == today() - timedelta(days=1)
    assert rows["workshop"]["brought"]
    assert rows["workshop"]["event_on"] is None  # not there yet
    assert not rows["plan"]["brought"]


def test_copy_in_the_browser_belongs_to_one_person_and_version(client: Client, case: Case, address: str) -> None:
    client.force_login(case.responsible)
    name = f"checklist.{case.responsible_id}.{case.pk}.{case.version}"
    assert f'data-draft="{name}"' in client.get(address).content.decode()
    assert f'data-forget="{name}"' in client.post(address, SCHOOL, follow=True).content.decode()
