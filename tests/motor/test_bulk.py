"""Actions for many cases: they first say what they will do, ask row by row whether they may, and act once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cabinet.core.clock import today
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from motor.models import Case, Status
from motor.services import bulk, ways
from tests.factories import CaseFactory, CompletionFactory, OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
PAGE = "/motor/bulk/"


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


def waiting(school: Organization, methodist: User | None, status: str = Status.SURVEY_OPEN, **fields: Any) -> Case:
    person = fields.pop("person", None) or UserFactory(organization=school)
    return CaseFactory(completion=CompletionFactory(person=person), status=status, responsible=methodist, **fields)


def post(client: Client, act: str, cases: list[Case], **fields: Any) -> Any:
    return client.post(PAGE, {"act": act, "case": [case.pk for case in cases]} | fields)


def reminded() -> int:
    return Letter.objects.filter(kind__startswith="motor.remind").count()


def test_reminder_says_first_who_gets_it_and_why_others_do_not(
    client: Client, school: Organization, methodist: User
) -> None:
    gets = waiting(school, methodist)
    nowhere = waiting(school, methodist, person=UserFactory(organization=school, contact_email=None))
    answered = waiting(school, methodist, Status.SCHOOL_REVIEW)
    foreign = waiting(OrganizationFactory(), None)
    client.force_login(methodist)
    response = post(client, "remind", [gets, nowhere, answered, foreign])
    plan = response.context["plan"]
    assert plan.will == [gets]
    assert dict(plan.stay) == {nowhere: "нет адреса", answered: "уже ответил(а)"}
    assert plan.gone == 1
    content = response.content.decode()
    assert "Пока ничего не изменилось" in content
    assert foreign.person.full_name not in content
    assert reminded() == 0


def test_confirmed_reminder_goes_once(client: Client, school: Organization, methodist: User) -> None:
    cases = [waiting(school, methodist), waiting(school, methodist)]
    client.force_login(methodist)
    chosen = {"chosen": ",".join(str(case.pk) for case in cases), "do": "write", "token": "a", "back": "/motor/"}
    response = post(client, "remind", [], **chosen)
    assert response.status_code == 302
    assert response.url == "/motor/"
    assert reminded() == 2
    content = post(client, "remind", [], **chosen, follow=True)
    assert reminded() == 2
    assert "напоминали сегодня" in client.get(content.url).content.decode()


def test_nobody_is_written_to_who_stood_among_those_left_out(
    client: Client, school: Organization, methodist: User
) -> None:
    """Between the list and the confirmation a pause may end; the reader agreed to what he saw."""
    gets, paused = (waiting(school, methodist) for _ in range(2))
    until = today() + timedelta(days=3)
    Case.objects.filter(pk=paused.pk).update(paused_on=today(), paused_until=until)
    client.force_login(methodist)
    shown = post(client, "remind", [gets, paused]).context
    assert shown["agreed"] == str(gets.pk)
    Case.objects.filter(pk=paused.pk).update(paused_on=None, paused_until=None)
    chosen = {"chosen": shown["chosen"], "agreed": shown["agreed"], "do": "write"}
    page = post(client, "remind", [], **chosen, follow=True).url
    assert list(Letter.objects.filter(kind__startswith="motor.remind").values_list("to", flat=True)) == [gets.person_id]
    assert "изменилось, пока вы смотрели" in client.get(page).content.decode()


def test_rights_are_asked_again_when_confirmed(client: Client, school: Organization, methodist: User) -> None:
    case = waiting(school, methodist)
    client.force_login(methodist)
    post(client, "remind", [case])
    Case.objects.filter(pk=case.pk).update(responsible=None)
    post(client, "remind", [], chosen=str(case.pk), do="write")
    assert reminded() == 0


def test_own_case_is_never_acted_on(client: Client, school: Organization, methodist: User) -> None:
    own = waiting(school, methodist, person=methodist)
    client.force_login(methodist)
    for act in ("remind", "extend", "pause"):
        plan = bulk.plan_bulk(bulk.Wish(act, today() + timedelta(days=9), "Отпуск"), [own.pk], methodist)
        assert (plan.will, plan.gone) == ([], 1)


def test_whole_selection_is_what_the_list_shows(client: Client, school: Organization, methodist: User) -> None:
    cases = [waiting(school, methodist) for _ in range(3)]
    waiting(school, methodist, Status.CLOSED)
    waiting(OrganizationFactory(), None)
    client.force_login(methodist)
    response = post(client, "remind", [], all="1", query="state=waiting", list="response")
    assert {case.pk for case in response.context["plan"].will} == {case.pk for case in cases}
    response = post(client, "remind", [], all="1", query="status=survey_open", list="cases")
    assert {case.pk for case in response.context["plan"].will} == {case.pk for case in cases}


def test_extension_asks_for_a_day_and_keeps_what_was_typed(
    client: Client, school: Organization, methodist: User
) -> None:
    case = waiting(school, methodist)
    client.force_login(methodist)
    assert "Показать, что изменится" in post(client, "extend", [case]).content.decode()
    past = {"until": (today() - timedelta(days=1)).isoformat(), "reason": "Каникулы", "do": "check"}
    response = post(client, "extend", [case], **past)
    assert response.status_code == 422
    content = response.content.decode()
    assert "уже прошла" in content
    assert "Каникулы" in content
    far = {"until": (today() + timedelta(days=900)).isoformat(), "reason": "Каникулы", "do": "check"}
    assert "самое позднее" in post(client, "extend", [case], **far).content.decode()
    case.refresh_from_db()
    assert case.due_on == today() + timedelta(days=14)


def test_extension_is_shown_then_done_and_a_second_click_does_nothing(
    client: Client, school: Organization, methodist: User
) -> None:
    case, later = waiting(school, methodist), waiting(school, methodist, due_on=today() + timedelta(days=50))
    client.force_login(methodist)
    typed = {"until": (today() + timedelta(days=20)).isoformat(), "reason": "Каникулы"}
    plan = post(client, "extend", [case, later], **typed, do="check").context["plan"]
    assert (plan.will, [why for _, why in plan.stay]) == ([case], ["срок и так не раньше"])
    for _ in range(2):
        post(client, "extend", [case, later], **typed, do="write")
    case.refresh_from_db()
    assert case.due_on == today() + timedelta(days=20)
    assert case.transitions.filter(move="extend").count() == 1


def test_pause_of_many(client: Client, school: Organization, methodist: User) -> None:
    cases = [waiting(school, methodist), waiting(school, methodist, Status.SCHOOL_REVIEW)]
    over = waiting(school, methodist, Status.CLOSED)
    client.force_login(methodist)
    typed = {"until": (today() + timedelta(days=20)).isoformat(), "reason": "Карантин в школе"}
    for _ in range(2):
        post(client, "pause", [*cases, over], **typed, do="write")
    assert Case.objects.filter(paused_until=today() + timedelta(days=20)).count() == 2
    over.refresh_from_db()
    assert over.paused_until is None


def test_slips_are_made_on_their_own_page(client: Client, school: Organization, methodist: User) -> None:
    case = waiting(school, methodist)
    client.force_login(methodist)
    response = post(client, "slips", [case])
    assert response.status_code == 302
    assert response.url == f"/motor/slips/?cases={case.pk}"
    assert client.get(response.url).status_code == 200


def test_slips_say_who_needs_none_and_how_many_at_once(
    client: Client, school: Organization, methodist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = waiting(school, methodist, Status.SCHOOL_REVIEW)
    cases = [waiting(school, methodist) for _ in range(3)]
    client.force_login(methodist)
    page = post(client, "slips", [answered], follow=True).url
    assert page == "/motor/response/"
    assert "Листки никому из выбранных не нужны" in client.get(page).content.decode()
    monkeypatch.setattr(ways, "AT_ONCE", 2)
    page = post(client, "slips", [answered, *cases]).url
    assert page == f"/motor/slips/?cases={cases[0].pk},{cases[1].pk}"
    text = client.get(page).content.decode()
    assert "Без листков: 1" in text
    assert "не больше 2 листков" in text


def test_selection_cut_short_is_said(
    client: Client, school: Organization, methodist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    for _ in range(3):
        waiting(school, methodist)
    client.force_login(methodist)
    page = post(client, "remind", [], all="1", query="", list="response")
    assert len(page.context["plan"].will) == 2
    assert "не больше 2 карт" in page.content.decode()
    chosen = page.context["chosen"]
    assert "не больше 2 карт" not in post(client, "remind", [], chosen=chosen).content.decode()


def test_whoever_fell_out_before_the_worker_came_is_counted(
    client: Client, school: Organization, methodist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "DIRECTLY", 1)
    cases = [waiting(school, methodist) for _ in range(3)]
    client.force_login(methodist)
    shown = post(client, "remind", cases).context
    Case.objects.filter(pk=cases[0].pk).update(status=Status.SCHOOL_REVIEW)
    post(client, "remind", [], chosen=shown["chosen"], agreed=shown["agreed"], do="write", token="one")
    job = Job.objects.get(kind=bulk.JOB)
    run_owed(job.pk)
    job.refresh_from_db()
    assert (job.result["done"], job.result["left"]) == (2, {"уже ответил(а)": 1})


def test_worker_does_nothing_for_whoever_has_left(school: Organization, methodist: User) -> None:
    job = bulk.order_bulk(bulk.Wish("remind"), [waiting(school, methodist).pk], methodist, "token")
    User.objects.filter(pk=methodist.pk).update(is_active=False)
    run_owed(job.pk)
    assert reminded() == 0


def test_many_are_left_to_a_worker_once(
    client: Client, school: Organization, methodist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "DIRECTLY", 2)
    cases = [waiting(school, methodist) for _ in range(4)]
    client.force_login(methodist)
    chosen = {"chosen": ",".join(str(case.pk) for case in cases), "do": "write", "token": "one"}
    first, second = (post(client, "remind", [], **chosen) for _ in range(2))
    job = Job.objects.get(kind=bulk.JOB)
    assert first.url == second.url == job.get_absolute_url()
    run_owed(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["done"], job.result["left"]) == ("done", 4, {})
    assert reminded() == 4
    page = client.get(f"/motor/bulk/{job.pk}/").content.decode()
    assert "Напомнили: 4<" in page
    assert client.get(job.get_absolute_url()).status_code == 200


def test_worker_goes_on_from_where_another_died(school: Organization, methodist: User) -> None:
    cases = [waiting(school, methodist) for _ in range(3)]
    job = bulk.order_bulk(bulk.Wish("remind"), [case.pk for case in cases], methodist, "token")
    # The first of them was reminded and written down before the worker died.
    Job.objects.filter(pk=job.pk).update(result={"at": 1, "done": 1, "left": {}})
    run_owed(job.pk)
    job.refresh_from_db()
    assert job.result["done"] == 3
    assert reminded() == 2


def test_worker_asks_for_the_rights_anew(school: Organization, methodist: User) -> None:
    cases = [waiting(school, methodist), waiting(school, methodist)]
    job = bulk.order_bulk(bulk.Wish("remind"), [case.pk for case in cases], methodist, "token")
    Case.objects.filter(pk=cases[0].pk).update(responsible=None)
    run_owed(job.pk)
    job.refresh_from_db()
    assert (job.result["done"], job.result["left"]) == (1, {"больше не в вашей ответственности": 1})


def test_nothing_chosen_nothing_known_nobody_else(client: Client, school: Organization, methodist: User) -> None:
    client.force_login(methodist)
    assert post(client, "remind", [], back="https://evil.example/").url == "/motor/response/"
    assert post(client, "remind", [], back="//evil.example/").url == "/motor/response/"
    assert post(client, "nonsense", []).status_code == 404
    assert client.get(PAGE).status_code == 405
    client.force_login(person_with("teacher"))
    assert post(client, "remind", []).status_code == 404
    job = bulk.order_bulk(bulk.Wish("remind"), [], methodist, "token")
    client.force_login(person_with(Role.METHODIST, school))
    assert client.get(f"/motor/bulk/{job.pk}/").status_code == 404


def test_lists_offer_ticks_only_for_cases_one_may_act_on(client: Client, school: Organization, methodist: User) -> None:
    mine, own = waiting(school, methodist), waiting(school, None, person=methodist)
    client.force_login(methodist)
    for address in ("/motor/", "/motor/response/people/"):
        content = client.get(address).content.decode()
        assert f'id="case-{mine.pk}"' in content, address
        assert f'id="case-{own.pk}"' not in content, address
