"""Slips and messages: who may hand a link over, what is printed and copied, what is noted; answers by channel."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.core.links import show_code
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case, LinkEvent, ShortCode, Status, Survey
from motor.services import ways
from motor.services.codes import codes_for
from tests import factories
from tests.factories import person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Any:
    return factories.OrganizationFactory(name="МБОУ «СОШ № 7»")


@pytest.fixture
def methodist(school: Any) -> User:
    return person_with(Role.METHODIST, school)


def waiting_case(school: Any, methodist: User, **fields: Any) -> Case:
    completion = factories.CompletionFactory(person=person_with("teacher", organization=school))
    return factories.CaseFactory(completion=completion, responsible=methodist, **fields)


@pytest.fixture
def case(school: Any, methodist: User) -> Case:
    return waiting_case(school, methodist)


@pytest.fixture
def logged(client: Client, methodist: User) -> Client:
    client.force_login(methodist)
    return client


def handed(way: str = "slip") -> list[int]:
    return list(LinkEvent.objects.filter(kind="handed", way=way).values_list("case_id", flat=True))


# --- Whom ---------------------------------------------------------------------------------------------------------


def test_exactly_those_waited_for_by_their_responsible(school: Any, methodist: User, case: Case) -> None:
    late = waiting_case(school, methodist, status=Status.NO_RESPONSE)
    for status in (Status.SCHEDULED, Status.SCHOOL_REVIEW, Status.CLOSED, Status.STOPPED):
        waiting_case(school, methodist, status=status)
    waiting_case(school, person_with(Role.METHODIST, school))  # a colleague's
    factories.CaseFactory()  # elsewhere
    own = factories.CompletionFactory(person=methodist)
    factories.CaseFactory(completion=own, responsible=methodist)
    assert set(ways.to_hand_out(methodist)) == {case, late}


def test_municipal_specialist_and_admin_reach_further(school: Any, case: Case) -> None:
    elsewhere = factories.CaseFactory()
    assert set(ways.to_hand_out(person_with(Role.MUNICIPAL, school.municipality))) == {case}
    assert set(ways.to_hand_out(person_with(Role.ADMIN))) == {case, elsewhere}
    assert not ways.to_hand_out(person_with(Role.HEAD, school)).exists()


def test_head_who_answers_for_a_case_may_hand_out(school: Any) -> None:
    head = person_with(Role.HEAD, school)
    assert not ways.may_hand_out(head)
    case = waiting_case(school, head)
    assert ways.may_hand_out(head)
    assert list(ways.to_hand_out(head)) == [case]


def test_handing_over_is_noted_once_a_day_by_one_way(case: Case, methodist: User) -> None:
    assert ways.hand_out([case], way="sferum", actor=methodist) == 1
    assert ways.hand_out([case], way="sferum", actor=methodist) == 0
    assert ways.hand_out([case], way="person", actor=methodist) == 1
    yesterday = LinkEvent.objects.get(way="sferum").at - timedelta(days=1)
    LinkEvent.objects.update(at=yesterday)
    assert ways.hand_out([case], way="sferum", actor=methodist) == 1


# --- The list of slips --------------------------------------------------------------------------------------------


def test_everybody_is_ticked_at_first(logged: Client, case: Case) -> None:
    text = logged.get(reverse("motor:slips")).content.decode()
    assert f'value="{case.pk}" id="case-{case.pk}" checked' in text
    assert case.person.full_name in text
    none = logged.get(reverse("motor:slips"), {"ticks": "none"}).content.decode()
    assert f'id="case-{case.pk}" checked' not in none


def test_list_is_narrowed_by_organization_course_and_words(client: Client, case: Case) -> None:
    other = factories.CaseFactory()
    client.force_login(person_with(Role.ADMIN))

    def found(**filters: Any) -> set[str]:
        text = client.get(reverse("motor:slips"), filters).content.decode()
        return set(re.findall(r'name="case" value="(\d+)"', text))

    assert found() == {str(case.pk), str(other.pk)}
    assert found(organization=case.organization_id) == {str(case.pk)}
    assert found(course=other.completion.course_id) == {str(other.pk)}
    assert found(q=case.person.last_name) == {str(case.pk)}
    assert found(cases=f"{other.pk},x,99999999999999") == {str(other.pk)}
    assert found(case=other.pk) == {str(other.pk)}
    assert found(organization="x") == {str(case.pk), str(other.pk)}


def test_choices_name_nobody_from_elsewhere(logged: Client, case: Case) -> None:
    elsewhere = factories.CaseFactory()
    text = logged.get(reverse("motor:slips")).content.decode()
    assert elsewhere.organization.name not in text
    assert elsewhere.completion.course.programme.title not in text


def test_empty_list_says_why(logged: Client) -> None:
    assert "Раздавать некому" in logged.get(reverse("motor:slips")).content.decode()


@pytest.mark.parametrize("count", [1, 5])
def test_list_asks_the_same_number_of_queries(
    logged: Client, school: Any, methodist: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        waiting_case(school, methodist)
    logged.get(reverse("motor:slips"))
    with django_assert_num_queries(7):
        logged.get(reverse("motor:slips"))


# --- Making slips -------------------------------------------------------------------------------------------------


def make(client: Client, *cases: Case, **data: Any) -> Any:
    return client.post(reverse("motor:slips"), {"case": [one.pk for one in cases], "do": "slips"} | data)


def test_slips_are_made_noted_and_printed(logged: Client, case: Case, methodist: User) -> None:
    answer = make(logged, case)
    assert (answer.status_code, answer["Location"]) == (302, f"/motor/slips/print/?cases={case.pk}")
    event = LinkEvent.objects.get()
    assert (event.case, event.kind, event.way, event.actor) == (case, "handed", "slip", methodist)
    page = logged.get(answer["Location"])
    text = page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert case.person.full_name in text
    assert show_code(codes_for([case])[case.pk]) in text
    assert "127.0.0.1:8000/k" in text
    assert "<svg" in text
    assert " style=" not in text.partition("<section")[2]


def test_qr_leads_to_the_survey_as_a_slip(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    codes_for([case])
    drawn: list[str] = []
    monkeypatch.setattr(ways, "qr_of", lambda text: drawn.append(text) or "<svg></svg>")
    ways.sheets_of([case])
    assert drawn == [f"http://127.0.0.1:8000/s/{case.link}/?via=slip"]


def test_second_click_notes_nothing_more(logged: Client, case: Case) -> None:
    make(logged, case)
    make(logged, case)
    assert handed() == [case.pk]
    assert ShortCode.objects.count() == 1


def test_nobody_chosen_is_said(logged: Client, case: Case) -> None:
    page = make(logged)
    assert page.status_code == 422
    assert "Отметьте хотя бы одного педагога" in page.content.decode()


def test_foreign_answered_and_own_cases_get_no_slip(logged: Client, school: Any, methodist: User, case: Case) -> None:
    foreign = factories.CaseFactory()
    answered = waiting_case(school, methodist, status=Status.SCHOOL_REVIEW)
    make(logged, case, foreign, answered)
    assert handed() == [case.pk]
    assert set(ShortCode.objects.values_list("case", flat=True)) == {case.pk}
    codes_for([foreign, answered])
    text = logged.get(f"/motor/slips/print/?cases={case.pk},{foreign.pk},{answered.pk}").content.decode()
    assert foreign.person.last_name not in text
    assert foreign.organization.name not in text
    assert answered.person.last_name not in text
    assert "Ещё 2\xa0педагога здесь нет" in text


def test_who_saw_a_link_stands_in_the_log(logged: Client, case: Case, methodist: User) -> None:
    address = make(logged, case)["Location"]
    for page in (address, f"/motor/messages/?cases={case.pk}", reverse("motor:message", args=[case.pk])):
        known = LogEntry.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        logged.get(page)
        entry = LogEntry.objects.get(action="viewed", pk__gt=known)
        assert (entry.actor, entry.person, entry.about, entry.note) == (
            methodist,
            case.person,
            case,
            "показана личная ссылка",
        )


def test_printing_makes_no_codes(logged: Client, case: Case) -> None:
    text = logged.get(f"/motor/slips/print/?cases={case.pk}").content.decode()
    assert "Листков нет" in text
    assert not ShortCode.objects.exists()
    assert not LinkEvent.objects.exists()


def test_many_slips_are_asked_about_first(
    logged: Client, school: Any, methodist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motor.views.ways.MANY", 2)
    cases = [waiting_case(school, methodist) for _ in range(3)]
    question = make(logged, *cases)
    assert question.status_code == 200
    assert "Подготовить 3\xa0листка?" in question.content.decode()
    assert not handed()
    assert make(logged, *cases, sure="yes").status_code == 302
    assert sorted(handed()) == [one.pk for one in cases]


def test_too_many_are_refused(logged: Client, school: Any, methodist: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "AT_ONCE", 2)
    page = make(logged, *[waiting_case(school, methodist) for _ in range(3)])
    assert page.status_code == 422
    assert "не больше 2\xa0листков" in page.content.decode()


def test_sheets_are_cut_by_organization_and_by_eight(school: Any, methodist: User) -> None:
    cases = [waiting_case(school, methodist) for _ in range(9)]
    other = factories.CaseFactory()
    codes_for([*cases, other])
    sheets = ways.sheets_of([*cases, other])
    assert [(one.organization, [len(page) for page in one.pages]) for one in sheets] == [
        (str(school), [8, 1]),
        (str(other.organization), [1]),
    ]


@pytest.mark.parametrize("count", [1, 5])
def test_sheets_ask_the_same_number_of_queries(
    logged: Client, school: Any, methodist: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cases = [waiting_case(school, methodist) for _ in range(count)]
    make(logged, *cases)
    address = "/motor/slips/print/?cases=" + ",".join(str(one.pk) for one in cases)
    with django_assert_num_queries(7):
        logged.get(address)


# --- Messages -----------------------------------------------------------------------------------------------------


def test_message_has_the_link_the_date_and_the_sender(case: Case, methodist: User) -> None:
    message = ways.message_for(case, methodist)
    link = f"http://127.0.0.1:8000/s/{case.link}/?via=message"
    assert link in message.warm
    assert link in message.short
    assert case.person.polite_name in message.warm
    assert str(case.due_on.day) in message.short if case.due_on else False
    assert message.warm.endswith(methodist.polite_name)
    assert len(message.short) <= 160


def test_late_message_says_that_it_is_not_too_late(school: Any, methodist: User) -> None:
    late = waiting_case(school, methodist, due_on=today() - timedelta(days=1))
    message = ways.message_for(late, methodist)
    assert "Срок прошёл, но ответить ещё можно" in message.warm
    assert " до " not in message.short


@pytest.mark.parametrize("name", ["Ия", "Александра-Вильгельмина", "И" * 80])
@pytest.mark.parametrize("site", ["http://k.ru", "https://cabinet-of-the-methodist.institute.perm.ru"])
def test_sms_is_short_and_its_link_whole(case: Case, methodist: User, name: str, site: str, settings: Any) -> None:
    settings.SITE_URL = site
    case.person.first_name = name
    short = ways.message_for(case, methodist).short
    assert len(short) <= 160
    assert short.endswith(f"{site}/s/{case.link}/?via=message")


def test_page_gives_texts_to_copy_without_a_script_too(logged: Client, case: Case) -> None:
    page = logged.get(reverse("motor:message", args=[case.pk]))
    text = page.content.decode()
    assert text.count("readonly") == 2
    assert f"/s/{case.link}/?via=message" in text
    assert "no-store" in page["Cache-Control"]
    assert not LinkEvent.objects.exists()


@pytest.mark.parametrize("way", ["sferum", "max", "vk", "sms", "person"])
def test_handing_over_is_noted_on_the_card(logged: Client, case: Case, methodist: User, way: str) -> None:
    address = reverse("motor:message", args=[case.pk])
    answer = logged.post(address, {"way": way}, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    event = LinkEvent.objects.get()
    assert (event.case, event.kind, event.way, event.actor) == (case, "handed", way, methodist)
    assert f"Записано: ссылка передана {event.get_way_display()}" in answer.content.decode()
    assert "Сегодня уже записано" in logged.post(address, {"way": way}, follow=True).content.decode()
    assert LinkEvent.objects.count() == 1


def test_note_made_by_mistake_is_taken_back_the_same_day_by_its_author(
    logged: Client, case: Case, methodist: User
) -> None:
    address = reverse("motor:message", args=[case.pk])
    ways.hand_out([case], way="slip", actor=methodist)
    ways.hand_out([case], way="vk", actor=factories.UserFactory())
    ways.hand_out([case], way="max", actor=methodist)
    ways.hand_out([case], way="person", actor=methodist)
    LinkEvent.objects.filter(way="max").update(at=timezone.now() - timedelta(days=1))
    text = logged.get(address).content.decode()
    shown = [name for name in ("листком", "лично", "во ВКонтакте", "в MAX") if f"Снять «{name}»" in text]
    assert shown == ["листком", "лично"]
    for way, is_his in (("vk", False), ("max", False), ("person", True)):
        event = LinkEvent.objects.get(way=way)
        for _ in range(2):
            assert logged.post(address, {"back": event.pk}).status_code == 302
        assert LinkEvent.objects.filter(way=way).exists() != is_his
    assert (handed(), handed("vk"), handed("max"), handed("person")) == ([case.pk], [case.pk], [case.pk], [])
    notes = LogEntry.objects.filter(person=case.person, action="changed").values_list("actor", "note")
    assert list(notes) == [(methodist.pk, "Отметка снята: ссылка передана лично")]


@pytest.mark.parametrize("way", ["", "slip", "pigeon"])
def test_unknown_way_is_refused(logged: Client, case: Case, way: str) -> None:
    assert logged.post(reverse("motor:message", args=[case.pk]), {"way": way}).status_code == 422
    assert not LinkEvent.objects.exists()


def test_answered_case_needs_no_message(logged: Client, school: Any, methodist: User) -> None:
    """A page that stood open while the teacher answered."""
    answered = waiting_case(school, methodist, status=Status.SCHOOL_REVIEW)
    address = reverse("motor:message", args=[answered.pk])
    for answer in (logged.get(address), logged.post(address, {"way": "vk"})):
        assert (answer.status_code, answer["Location"]) == (302, answered.get_absolute_url())
    assert not LinkEvent.objects.exists()


def test_own_and_foreign_cases_are_not_found(client: Client, case: Case, school: Any, methodist: User) -> None:
    address = reverse("motor:message", args=[case.pk])
    strangers = [
        case.person,
        person_with(Role.METHODIST, school),  # a colleague who does not answer for it
        person_with(Role.HEAD, school),
        person_with(Role.METHODIST, factories.OrganizationFactory()),
        person_with(Role.OBSERVER),
    ]
    for stranger in strangers:
        client.force_login(stranger)
        assert client.get(address).status_code == 404
        assert client.post(address, {"way": "vk"}).status_code == 404
    own = factories.CaseFactory(completion=factories.CompletionFactory(person=methodist), responsible=methodist)
    client.force_login(methodist)
    assert client.get(reverse("motor:message", args=[own.pk])).status_code == 404


def test_texts_for_many_note_only_the_ticked(logged: Client, school: Any, methodist: User, case: Case) -> None:
    second = waiting_case(school, methodist)
    foreign = factories.CaseFactory()
    chosen = make(logged, case, second, do="messages")
    assert chosen["Location"] == f"/motor/messages/?cases={case.pk},{second.pk}"
    text = logged.get(chosen["Location"]).content.decode()
    assert text.count("?via=message") == 2
    assert not LinkEvent.objects.exists()
    answer = logged.post(chosen["Location"], {"case": [case.pk, foreign.pk], "way": "max"})
    assert (answer.status_code, answer["Location"]) == (302, chosen["Location"])
    assert handed("max") == [case.pk]


def test_texts_for_many_keep_ticks_of_a_refused_form(logged: Client, case: Case) -> None:
    address = f"/motor/messages/?cases={case.pk}"
    nobody = logged.post(address, {"way": "max"})
    assert nobody.status_code == 422
    assert "Отметьте хотя бы одного" in nobody.content.decode()
    kept = logged.post(address, {"case": case.pk})
    assert kept.status_code == 422
    assert f'data-after="text-{case.pk}" checked' in kept.content.decode()


@pytest.mark.parametrize("name", ["slips", "slips_print", "messages"])
def test_lists_are_for_those_who_may_hand_out(client: Client, case: Case, school: Any, name: str) -> None:
    address = reverse(f"motor:{name}")
    assert client.get(address).status_code == 302  # to the login
    for stranger in (case.person, person_with(Role.HEAD, school), person_with(Role.CURATOR)):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
    assert client.put(address).status_code == 405


# --- By which way -------------------------------------------------------------------------------------------------


def test_shares_by_channel_count_a_case_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    def answered(channel: str, **fields: Any) -> Case:
        case: Case = factories.CaseFactory(status=Status.SCHOOL_REVIEW)
        filled = {"filled_on": today()} if channel == "paper" else {}
        case.surveys.update(channel=channel, **filled, **fields)
        return case

    slip, paper, link = answered("slip"), answered("paper"), answered("link")
    survey = slip.surveys.get()
    # A later answer of a reopened case counts instead of the first, a returned one not at all.
    Survey.objects.filter(pk=survey.pk).update(version=1)
    factories.SurveyFactory(case=slip, version=2, channel="message")
    link.surveys.update(returned_at=survey.submitted_at, return_comment="дополните")
    answered("cabinet")
    chosen = Case.objects.filter(pk__in=[slip.pk, paper.pk, link.pk])
    with django_assert_num_queries(1):
        shares = ways.by_channel(chosen)
    assert [(one.label, one.count, one.share) for one in shares if one.count] == [
        ("по ссылке из сообщения", 1, 50),
        ("на бумаге", 1, 50),
    ]
    assert len(shares) == 5
    assert sum(one.share for one in ways.by_channel(Case.objects.none())) == 0
