"""Учёт результата в ММС from the registry: a line in its place, many lines with a preview, the filter of records."""

from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cabinet.structure.models import Municipality
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case, MunicipalRecord, Status
from motor.services import RecordAnswer
from registry.models import Entry
from registry.services import sweep
from registry.services.rebuild import differences
from registry.services.recording import preview_records, record_many
from tests.factories import (
    CaseFactory,
    ChecklistFactory,
    MunicipalityFactory,
    MunicipalRecordFactory,
    OrganizationFactory,
    OutcomeFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
CAN = RecordAnswer(True, ["mo", "seminar"])
CANNOT = RecordAnswer(False)
MANY = "/registry/record/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def place() -> Municipality:
    return MunicipalityFactory()


@pytest.fixture
def specialist(place: Municipality) -> User:
    return person_with(Role.MUNICIPAL, place)


def case_in(place: Municipality, status: str = Status.FOLLOW_UP, **fields: Any) -> Case:
    return CaseFactory(status=status, completion__person__organization__municipality=place, **fields)


def case_with_variant(place: Municipality, variant: int, **checklist: Any) -> Case:
    case = case_in(place, bare=True)
    basis = ChecklistFactory(case=case, **({"practice": "absent"} if variant == 1 else {}) | checklist)
    case.outcome = OutcomeFactory(case=case, basis=basis, variant=variant)
    case.save()
    return case


def line(case: Case) -> str:
    return reverse("registry:record", args=[case.pk])


# --- One line ------------------------------------------------------------------------------------------------


def test_line_says_what_the_school_advises_and_offers_the_record(client: Client, specialist: User) -> None:
    case = case_with_variant(specialist.active_memberships[0].municipality, 3, recommends_experience=True)
    sweep()
    client.force_login(specialist)
    page = client.get("/registry/?record=waits").content.decode()
    assert "школа советует: может" in page
    assert f'hx-get="{line(case)}?record=waits"' in page
    client.force_login(person_with(Role.HEAD, case.organization))
    page = client.get("/registry/").content.decode()
    assert "школа советует" not in page
    assert line(case) not in page


def test_own_line_offers_nothing(client: Client, place: Municipality) -> None:
    school = OrganizationFactory(municipality=place)
    specialist = person_with(Role.MUNICIPAL, place, organization=school)
    case = CaseFactory(status=Status.FOLLOW_UP, completion__person=specialist)
    case.checklists.update(recommends_experience=True)
    sweep()
    client.force_login(specialist)
    page = client.get("/registry/").content.decode()
    assert case.person.full_name in page
    assert "школа советует" not in page
    assert client.get(line(case)).status_code == 404


def test_line_is_recorded_in_its_place(client: Client, place: Municipality, specialist: User) -> None:
    case = case_in(place)
    sweep()
    client.force_login(specialist)
    address = f"{line(case)}?record=waits&page=2"
    form = client.get(address, headers=HTMX).content.decode()
    assert form.strip().startswith(f'<tbody id="line-{case.pk}">')
    assert "<form" in form
    refused = client.post(address, {"can_present": "yes", "note": "Не потерять"}, headers=HTMX)
    assert refused.status_code == 422
    assert "Не потерять" in refused.content.decode()
    answer = {"can_present": "yes", "event_kinds": ["mo"], "in_pool": "on", "theme": "Квест по физике"}
    saved = client.post(address, answer, headers=HTMX).content.decode()
    assert "Квест по физике" in saved
    assert specialist.short_name in saved
    assert "<form" not in saved
    record = case.records.get()
    assert (record.can_present, record.event_kinds, record.in_pool) == (True, ["mo"], True)
    assert Entry.objects.get().experience == "can"  # at once, without waiting for the sweep
    assert not list(differences())


def test_line_without_javascript_returns_to_the_same_list(
    client: Client, place: Municipality, specialist: User
) -> None:
    case = case_in(place)
    sweep()
    client.force_login(specialist)
    address = f"{line(case)}?record=waits&page=2"
    page = client.get(address).content.decode()
    assert "<html" in page
    refused = client.post(address, {"can_present": "waived", "theme": "Не потерять"})
    assert refused.status_code == 422
    assert "почему учёт не требуется" in refused.content.decode()
    saved = client.post(address, {"can_present": "no"})
    assert saved["Location"] == "/registry/?record=waits&page=2"
    assert case.person.full_name in client.get("/registry/").content.decode()


def test_record_is_changed_row_by_row_and_says_who(client: Client, place: Municipality, specialist: User) -> None:
    case = case_in(place)
    MunicipalRecordFactory(case=case, event_kinds=["contest"])
    sweep()
    client.force_login(specialist)
    page = client.get("/registry/").content.decode()
    assert case.records.get().specialist.short_name in page
    form = client.get(line(case), headers=HTMX).context["form"]
    assert (form["can_present"].value(), form["event_kinds"].value()) == ("yes", ["contest"])
    client.post(line(case), {"can_present": "no"}, headers=HTMX)
    assert (case.records.get().can_present, case.records.get().specialist) == (False, specialist)
    assert LogEntry.objects.filter(actor=specialist, person=case.person, note__contains="было: может").count() == 1


def test_form_is_put_away_without_a_change(client: Client, place: Municipality, specialist: User) -> None:
    case = case_in(place)
    sweep()
    client.force_login(specialist)
    closed = client.get(f"{line(case)}?close=1", headers=HTMX).content.decode()
    assert "<form" not in closed
    assert "Отметить" in closed


@pytest.mark.parametrize("status", [Status.SCHOOL_REVIEW, Status.STOPPED])
def test_nothing_to_record_before_a_result(client: Client, place: Municipality, specialist: User, status: str) -> None:
    case = case_in(place, status)
    sweep()
    client.force_login(specialist)
    assert client.get(line(case)).status_code == 404
    assert line(case) not in client.get("/registry/").content.decode()


def test_stranger_and_reader_record_nothing(client: Client, place: Municipality) -> None:
    case = case_in(place)
    sweep()
    for user in (
        person_with(Role.MUNICIPAL, MunicipalityFactory()),
        person_with(Role.HEAD, case.organization),
        case.responsible,
        case.person,
    ):
        client.force_login(User.objects.get(pk=user.pk))
        assert client.post(line(case), {"can_present": "no"}).status_code == 404
        assert not MunicipalRecord.objects.exists()


# --- The filter ----------------------------------------------------------------------------------------------


def test_filter_of_records(client: Client, place: Municipality) -> None:
    waits, missing, not_assessed = case_in(place), case_in(place, Status.CLOSED), case_in(place, Status.CLOSED)
    missing.records.all().delete()
    Case.objects.filter(pk=not_assessed.pk).update(outcome=None)
    not_assessed.records.all().delete()
    can, pool, cannot, waived = (case_in(place) for _ in range(4))
    odd = case_with_variant(place, 1)
    MunicipalRecordFactory(case=can)
    MunicipalRecordFactory(case=pool, in_pool=True, theme="Квест")
    MunicipalRecordFactory(case=cannot, can_present=False, event_kinds=[])
    MunicipalRecordFactory(case=waived, can_present=None, event_kinds=[], note="Уехал")
    MunicipalRecordFactory(case=odd)
    case_in(place, Status.SCHOOL_REVIEW)
    sweep()
    client.force_login(person_with(Role.ADMIN))

    def found(value: str) -> list[int]:
        return sorted(one["entry"].pk for one in client.get("/registry/", {"record": value}).context["lines"])

    assert found("waits") == [waits.pk]
    assert found("missing") == [missing.pk]
    assert found("can") == [can.pk, pool.pk, odd.pk]
    assert found("pool") == [pool.pk]
    assert found("check") == [odd.pk]
    assert found("cannot") == [cannot.pk]
    assert found("waived") == [waived.pk]
    assert "Проверьте: вариант 1" in client.get("/registry/?record=check").content.decode()


def test_place_in_the_pool_is_of_the_present_version(client: Client, place: Municipality) -> None:
    case = case_in(place, version=2)
    MunicipalRecordFactory(case=case, version=1, in_pool=True, theme="Прежний")
    sweep()
    client.force_login(person_with(Role.ADMIN))
    assert client.get("/registry/?record=pool").context["lines"] == []


# --- Many lines ----------------------------------------------------------------------------------------------


def test_preview_says_what_will_and_will_not_change(place: Municipality) -> None:
    school = OrganizationFactory(municipality=place)
    specialist = person_with(Role.MUNICIPAL, place, organization=school)
    plain = case_with_variant(place, 3)
    odd = case_with_variant(place, 1, recommends_experience=False)
    recorded, early = case_in(place), case_in(place, Status.SCHOOL_REVIEW)
    MunicipalRecordFactory(case=recorded)
    own = CaseFactory(status=Status.FOLLOW_UP, completion__person=specialist)
    not_assessed = case_in(place, Status.CLOSED, bare=True)
    foreign = CaseFactory(status=Status.FOLLOW_UP)
    sweep()
    pks = [one.pk for one in (plain, odd, recorded, early, own, not_assessed, foreign)]
    preview = preview_records(pks, CAN, specialist)
    marks = {one.case.pk: (one.advice, one.is_odd, one.differs) for one in preview.recorded}
    assert marks == {plain.pk: (None, False, False), odd.pk: (False, True, True)}
    assert {case.pk: why for case, why in preview.left} == {
        recorded.pk: "учёт уже сделан: может: заседание МО",
        early.pk: "результата ещё нет: «Оценка методистом ОО»",
        own.pk: "ваша собственная карта: учёт делает другой человек",
        not_assessed.pk: "карта завершена с пометкой «Не оценено»",
    }
    assert not MunicipalRecord.objects.exclude(case=recorded).exists()


def test_many_are_recorded_once(place: Municipality, specialist: User) -> None:
    cases = [case_in(place) for _ in range(3)]
    MunicipalRecordFactory(case=cases[2], can_present=False, event_kinds=[])
    sweep()
    pks = [case.pk for case in cases]
    done, left = record_many(pks, CAN, specialist)
    assert ([case.pk for case in done], [case.pk for case, _ in left]) == (pks[:2], pks[2:])
    assert list(Entry.objects.order_by("pk").values_list("experience", flat=True)) == ["can", "can", "cannot"]
    revisions = list(Case.objects.order_by("pk").values_list("revision", flat=True))
    done, left = record_many(pks, CANNOT, specialist)
    assert (done, len(left)) == ([], 3)
    assert list(Case.objects.order_by("pk").values_list("revision", flat=True)) == revisions
    assert not list(differences())


def test_case_recorded_after_the_preview_is_left(
    place: Municipality, specialist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other specialist comes between the look and the write."""
    case = case_in(place)
    sweep()
    seen = preview_records([case.pk], CAN, specialist)
    MunicipalRecordFactory(case=case, can_present=False, event_kinds=[])
    monkeypatch.setattr("registry.services.recording.preview_records", lambda *args: seen)
    done, left = record_many([case.pk], CAN, specialist)
    assert (done, [why for _, why in left]) == ([], ["Учёт уже сделан."])
    assert case.records.get().can_present is False


@pytest.mark.django_db(transaction=True)
def test_two_specialists_at_once_record_each_case_once(place: Municipality) -> None:
    cases = [case_in(place) for _ in range(3)]
    sweep()
    people, results = [person_with(Role.MUNICIPAL, place) for _ in range(2)], []

    def work(user: User) -> None:
        try:
            results.append(len(record_many([case.pk for case in cases], CAN, user)[0]))
        finally:
            connection.close()

    threads = [Thread(target=work, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == 3
    assert MunicipalRecord.objects.count() == 3
    assert not list(differences())


def test_ticked_lines_go_through_the_preview(client: Client, place: Municipality, specialist: User) -> None:
    one, other = case_in(place), case_in(place)
    sweep()
    client.force_login(specialist)
    first = client.get(MANY, {"scope": "ticked", "case": [one.pk], "back": "record=waits&sort=name"})
    assert "Выбрано: 1" in first.content.decode().replace("\u00a0", " ")
    sent = {"cases": first.context["cases"], "back": "record=waits&sort=name", "can_present": "yes"}
    refused = client.post(MANY, sent | {"do": "preview", "note": "Не потерять"})
    assert (refused.status_code, "Не потерять" in refused.content.decode()) == (422, True)
    sent |= {"event_kinds": ["mo"], "note": "Не потерять"}
    preview = client.post(MANY, sent | {"do": "preview"}).content.decode()
    assert one.person.full_name in preview
    assert not MunicipalRecord.objects.exists()
    back = client.post(MANY, sent | {"do": "edit"})
    assert (back.status_code, "Не потерять" in back.content.decode()) == (200, True)
    for _ in range(2):
        saved = client.post(MANY, sent | {"do": "write"})
        assert saved["Location"] == "/registry/?record=waits&sort=name"
    assert [record.case for record in MunicipalRecord.objects.all()] == [one]
    page = client.get(saved["Location"]).content.decode()
    assert "Осталось как было" in page
    assert other.person.full_name in page


def test_all_of_the_filter_are_those_without_a_record(client: Client, place: Municipality, specialist: User) -> None:
    waiting = [case_in(place) for _ in range(2)]
    MunicipalRecordFactory(case=case_in(place))
    case_in(place, Status.SCHOOL_REVIEW)
    CaseFactory(status=Status.FOLLOW_UP)  # of another municipality
    sweep()
    client.force_login(specialist)
    page = client.get(MANY, {"scope": "all", "back": "status=follow_up"})
    assert sorted(page.context["cases"].split(",")) == sorted(str(case.pk) for case in waiting)
    one = waiting[0].person.last_name
    page = client.get(MANY, {"scope": "all", "back": f"name={one}"})
    assert page.context["count"] == 1


def test_no_more_than_the_limit(
    client: Client, place: Municipality, specialist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.services.recording.LIMIT", 2)
    monkeypatch.setattr("registry.views.recording.LIMIT", 2)
    for _ in range(3):
        case_in(place)
    sweep()
    client.force_login(specialist)
    page = client.get(MANY, {"scope": "all"})
    assert (page.context["count"], "За один раз" in page.content.decode()) == (2, True)


@pytest.mark.parametrize("query", [{}, {"scope": "ticked"}, {"case": "x"}, {"cases": "1e3,-2,,9" + "9" * 30}])
def test_nothing_chosen_leads_back(client: Client, specialist: User, query: dict[str, str]) -> None:
    client.force_login(specialist)
    response = client.get(MANY, query | {"back": "sort=name"})
    assert response["Location"] == "/registry/?sort=name"


def test_lines_of_others_are_not_recorded_by_their_numbers(
    client: Client, place: Municipality, specialist: User
) -> None:
    foreign = CaseFactory(status=Status.FOLLOW_UP)
    sweep()
    client.force_login(specialist)
    sent = {"cases": str(foreign.pk), "can_present": "no"}
    assert foreign.person.full_name not in client.post(MANY, sent | {"do": "preview"}).content.decode()
    client.post(MANY, sent | {"do": "write"})
    assert not MunicipalRecord.objects.exists()


def test_back_never_leads_away(client: Client, specialist: User) -> None:
    client.force_login(specialist)
    assert client.get(MANY, {"back": "//evil.example/?a=1"})["Location"].startswith("/registry/?")


@pytest.mark.parametrize("count", [1, 5])
def test_preview_costs_the_same_for_any_number(
    client: Client, place: Municipality, specialist: User, count: int, django_assert_num_queries: Any
) -> None:
    cases = [case_in(place) for _ in range(count)]
    sweep()
    client.force_login(specialist)
    sent = {"cases": ",".join(str(case.pk) for case in cases), "can_present": "no", "do": "preview"}
    client.post(MANY, sent)
    with django_assert_num_queries(8):
        client.post(MANY, sent)
    with django_assert_num_queries(13):
        client.get("/registry/")
