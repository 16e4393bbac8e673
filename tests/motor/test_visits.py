"""The plan of visits: what it shows, what it warns of, who may change what."""

from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import next_working_day, today
from cabinet.users.models import User
from motor.models import Case, Status, Visit
from motor.services.visits import (
    VisitPlan,
    cancel_visit,
    change_visit,
    plan_of,
    plan_visit,
    remarks,
    restore_visit,
    visitable_by,
    without_date,
)
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return factories.CaseFactory(status=Status.SCHOOL_REVIEW, due_on=today() + timedelta(days=60))


@pytest.fixture
def methodist(case: Case) -> User:
    assert case.responsible is not None
    return case.responsible


def led_by(person: User, **fields: object) -> Case:
    completion = factories.CompletionFactory(person__organization=person.organization)
    fields.setdefault("status", Status.SCHOOL_REVIEW)
    return factories.CaseFactory(completion=completion, responsible=person, **fields)


def a_day(ahead: int = 7) -> date:
    return next_working_day(today() + timedelta(days=ahead))


def visit(person: User, *cases: Case, on: date | None = None, starts_at: time | None = None, **fields: object) -> Visit:
    return plan_visit(person, VisitPlan("lesson", on or a_day(), starts_at, cases=cases, **fields))  # type: ignore[arg-type]


# --- Which cases, which visits -------------------------------------------------------------------------------


def test_visits_are_made_to_cases_one_works_with(case: Case, methodist: User) -> None:
    waiting = led_by(methodist, status=Status.SURVEY_OPEN)
    led_by(methodist, status=Status.FOLLOW_UP)
    own = factories.CompletionFactory(person=methodist)
    factories.CaseFactory(completion=own, responsible=methodist, status=Status.SCHOOL_REVIEW)
    factories.CaseFactory(status=Status.SCHOOL_REVIEW)
    regional = factories.CaseFactory(status=Status.RMA_REVIEW)

    assert sorted(visitable_by(methodist).values_list("pk", flat=True)) == [case.pk, waiting.pk]
    assert list(visitable_by(regional.rma_member.user)) == [regional]
    assert list(visitable_by(case.person)) == []


def test_who_sees_a_visit(case: Case, methodist: User) -> None:
    one = visit(methodist, case)
    elsewhere = factories.OrganizationFactory()
    seen = {
        methodist: [one],
        case.person: [one],
        factories.person_with("head", case.organization): [one],
        factories.person_with("municipal", case.organization.municipality): [one],
        factories.person_with("admin"): [one],
        factories.person_with("methodist", elsewhere): [],
        factories.person_with("head", elsewhere): [],
        factories.person_with("observer"): [],
    }
    for person, visits in seen.items():
        assert list(Visit.objects.visible_to(person)) == visits, person
        assert list(Visit.objects.changeable_by(person)) == ([one] if person == methodist else []), person


def test_cases_without_a_day_stand_beside_the_plan(case: Case, methodist: User) -> None:
    visited, invited, late_invitation = led_by(methodist), led_by(methodist), led_by(methodist)
    led_by(methodist, status=Status.SURVEY_OPEN)
    visit(methodist, visited)
    cancel_visit(visit(methodist, case))
    factories.EvidenceFactory(case=invited, event_on=a_day())
    factories.EvidenceFactory(case=late_invitation, event_on=today() - timedelta(days=1))

    assert sorted(without_date(methodist).values_list("pk", flat=True)) == [case.pk, late_invitation.pk]


# --- The agenda ----------------------------------------------------------------------------------------------


def test_plan_joins_visits_and_invitations(case: Case, methodist: User) -> None:
    day = a_day()
    other = led_by(methodist)
    same_teacher = factories.CaseFactory(
        completion=factories.CompletionFactory(person=other.person, organization=other.organization),
        responsible=methodist,
        status=Status.SCHOOL_REVIEW,
    )
    made = visit(methodist, case, on=day, starts_at=time(9, 0))
    factories.EvidenceFactory(case=case, kind="open_lesson", event_on=day)
    for one in (other, same_teacher):
        factories.EvidenceFactory(case=one, kind="workshop", event_on=day)
    factories.EvidenceFactory(case=case, kind="workshop", event_on=day + timedelta(days=40))
    factories.EvidenceFactory(event_on=day)  # somebody else's

    items = plan_of(methodist, day, day)

    assert [(item.visit, item.kind, item.is_invited) for item in items] == [
        (made, "lesson", True),
        (None, "workshop", True),
    ]
    assert items[1].cases == [other, same_teacher]


def test_clash_and_early_limit_are_said(case: Case, methodist: User) -> None:
    day = a_day()
    other = led_by(methodist, due_on=day - timedelta(days=1))
    visit(methodist, case, on=day, starts_at=time(9, 0))
    visit(methodist, other, on=day, starts_at=time(9, 30))
    third = visit(methodist, case, on=day, starts_at=time(12, 0))
    cancelled = visit(methodist, case, on=day, starts_at=time(9, 10))
    cancel_visit(cancelled)

    items = [item for item in plan_of(methodist, day, day) if item.visit != cancelled]

    assert [item.warnings for item in items] == [
        [f"В это же время: {other.person.short_name}"],
        [f"В это же время: {case.person.short_name}"],
        [],
    ]
    assert [item.late for item in items] == [[], [other], []]
    assert remarks(third) == ["В этот день в плане ещё 2\u00a0посещения."]


def test_remarks_tell_of_a_day_off_and_of_the_limit(case: Case, methodist: User) -> None:
    Case.objects.filter(pk=case.pk).update(due_on=today())
    one = visit(methodist, case, on=today() + timedelta(days=12 - today().weekday()))  # a Saturday

    said = remarks(one)

    assert said[0] == f"{one.on:%d.%m.%Y} — нерабочий день."
    assert said[1].startswith(f"Срок чек-листа ({case.person.short_name}) — {today():%d.%m.%Y}, раньше посещения")


# --- Services ------------------------------------------------------------------------------------------------


def test_same_visit_sent_twice_is_there_once(case: Case, methodist: User) -> None:
    one = visit(methodist, case, starts_at=time(9, 0))

    assert visit(methodist, case, starts_at=time(9, 0)) == one
    assert visit(methodist, case, starts_at=time(10, 0)) != one
    assert visit(methodist, case, led_by(methodist), starts_at=time(9, 0)) != one


def test_cancelled_visit_is_taken_back_once(case: Case, methodist: User) -> None:
    one = visit(methodist, case)

    assert [cancel_visit(one), cancel_visit(one)] == [True, False]
    assert [restore_visit(one), restore_visit(one)] == [True, False]


def test_cancelled_visit_given_another_day_is_planned_again(case: Case, methodist: User) -> None:
    one = visit(methodist, case)
    cancel_visit(one)

    change_visit(one, VisitPlan("workshop", a_day(14), time(10, 0), "каб. 5", "с коллегой", (case,)))

    one.refresh_from_db()
    assert (one.kind, one.on, one.place, one.is_cancelled) == ("workshop", a_day(14), "каб. 5", False)


# --- Pages ---------------------------------------------------------------------------------------------------


def test_visit_is_put_in_from_a_case_and_shown_in_its_week(client: Client, case: Case, methodist: User) -> None:
    client.force_login(methodist)
    address = reverse("motor:visit_add")
    page = client.get(address, {"case": case.pk, "on": a_day().isoformat(), "kind": "workshop"})
    assert f'value="{a_day().isoformat()}"' in page.content.decode()
    assert page.context["form"].initial["cases"] == [str(case.pk)]

    answer = client.post(
        address, {"on": a_day().isoformat(), "starts_at": "09:00", "kind": "workshop", "cases": [case.pk]}, follow=True
    )

    text = answer.content.decode()
    assert "Посещение в плане" in text
    assert case.person.full_name in text
    assert Visit.objects.get().cases.get() == case


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on": ""}, "Укажите день посещения"),
        ({"on": "32.13.2026"}, "ДД.ММ.ГГГГ"),
        ({"on": "2999-01-01"}, "в пределах года"),
        ({"starts_at": "25:99"}, "ЧЧ:ММ"),
        ({"cases": []}, "хотя бы одну карту"),
        ({"cases": ["0"]}, "Этой карты в вашей работе нет"),
        ({"cases": ["чужая"]}, "Выберите"),
        ({"kind": "танец"}, "Выберите корректный вариант"),
    ],
)
def test_mistakes_are_explained_and_nothing_is_lost(
    client: Client, case: Case, methodist: User, change: dict[str, object], message: str
) -> None:
    client.force_login(methodist)
    good = {"on": a_day().isoformat(), "kind": "lesson", "cases": [case.pk], "note": "Не потерять"}

    page = client.post(reverse("motor:visit_add"), good | change)

    assert page.status_code == 422
    assert "Не потерять" in page.content.decode()
    if message != "Выберите":
        assert message in page.content.decode()
    assert not Visit.objects.exists()


def test_case_of_a_colleague_cannot_be_chosen(client: Client, case: Case) -> None:
    colleague = factories.person_with("methodist", case.organization)
    client.force_login(colleague)
    page = client.post(reverse("motor:visit_add"), {"on": a_day().isoformat(), "kind": "lesson", "cases": [case.pk]})
    assert page.status_code == 422
    assert case.person.full_name not in page.content.decode()


def test_visit_is_moved_cancelled_and_taken_back_by_its_owner_only(client: Client, case: Case, methodist: User) -> None:
    one = visit(methodist, case)
    change, cancel, restore = (
        reverse(f"motor:visit_{name}", args=[one.pk]) for name in ("change", "cancel", "restore")
    )
    data = {"on": a_day(14).isoformat(), "kind": "lesson", "cases": [case.pk]}
    colleague = factories.person_with("methodist", case.organization)
    for stranger, status in ((colleague, 404), (case.person, 404), (None, 302)):
        client.logout()
        if stranger is not None:
            client.force_login(stranger)
        assert client.get(change).status_code == status
        assert [client.post(address, data).status_code for address in (change, cancel, restore)] == [status] * 3
    assert Visit.objects.get().on == a_day()

    client.force_login(methodist)
    assert [client.get(address).status_code for address in (cancel, restore)] == [405, 405]
    assert client.post(change, data).status_code == 302
    assert Visit.objects.get().on == a_day(14)
    client.post(cancel)
    assert Visit.objects.get().is_cancelled
    assert "Вернуть" in client.get(reverse("motor:visits"), {"since": a_day(14).isoformat()}).content.decode()
    client.post(restore)
    client.post(restore)
    assert not Visit.objects.get().is_cancelled


def test_case_that_left_its_methodist_is_not_named_in_his_plan(client: Client, case: Case, methodist: User) -> None:
    visit(methodist, case)
    elsewhere = factories.OrganizationFactory()
    Case.objects.filter(pk=case.pk).update(organization=elsewhere, responsible=None)
    client.force_login(methodist)

    text = client.get(reverse("motor:visits")).content.decode()

    assert case.person.full_name not in text
    assert "Карта передана другому методисту" in text


def test_head_looks_on_and_changes_nothing(client: Client, case: Case, methodist: User) -> None:
    visit(methodist, case)
    client.force_login(factories.person_with("head", case.organization))
    text = client.get(reverse("motor:visits")).content.decode()
    assert case.person.full_name in text
    assert methodist.full_name in text
    assert "Запланировать" not in text
    assert client.get(reverse("motor:visit_add")).status_code == 404


def test_pages_are_not_for_everybody(client: Client, case: Case) -> None:
    addresses = [reverse(f"motor:{name}") for name in ("visits", "visits_print", "visit_add")]
    assert [client.get(address).status_code for address in addresses] == [302] * 3
    client.force_login(case.person)
    assert [client.get(address).status_code for address in addresses] == [404] * 3


def test_strange_address_shows_this_week(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    monday = today() - timedelta(days=today().weekday())
    for since in ("вчера", "9999-12-31", "0001-01-01", ""):
        assert client.get(reverse("motor:visits"), {"since": since}).context["since"] == monday


def test_print_page_leaves_the_cancelled_out(client: Client, case: Case, methodist: User) -> None:
    visit(methodist, case)
    gone = led_by(methodist)
    cancel_visit(visit(methodist, gone))
    client.force_login(methodist)

    text = client.get(reverse("motor:visits_print")).content.decode()

    assert case.person.short_name in text
    assert gone.person.short_name not in text


@pytest.mark.parametrize("count", [1, 5])
def test_plan_costs_the_same_for_any_number(
    client: Client, case: Case, methodist: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        visit(methodist, led_by(methodist), led_by(methodist))
        factories.EvidenceFactory(case=led_by(methodist), event_on=a_day())
        led_by(methodist)
    client.force_login(methodist)
    client.get(reverse("motor:visits"))
    with django_assert_num_queries(9):
        client.get(reverse("motor:visits"))
    with django_assert_num_queries(5):
        client.get(reverse("motor:visit_add"))


def test_case_tells_of_its_visits_and_keeps_the_note(client: Client, case: Case, methodist: User) -> None:
    address = f"{reverse('motor:visit_add')}?case={case.pk}"
    plan_visit(methodist, VisitPlan("lesson", a_day(), place="каб. 5", note="Про себя", cases=(case,)))
    client.force_login(methodist)
    assert address in client.get(case.get_absolute_url()).content.decode()

    client.force_login(case.person)
    text = client.get(case.get_absolute_url()).content.decode()

    assert "каб. 5" in text
    assert "Про себя" not in text
    assert address not in text
