"""Put into an event, moved and called off, marked afterwards, confirmed on paper."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.planner.models import Event
from cabinet.planner.services import events
from cabinet.users.models import Role, User
from motor.letter_texts.experience import KINDS as EXPERIENCE
from motor.models import Case, MunicipalRecord, Presentation, Status
from motor.services import experience as services
from tests.factories import CompletionFactory, MemberFactory, OrganizationFactory, RequestFactory, person_with
from tests.planner.events import EventFactory, PresentationFactory, pooled

pytestmark = pytest.mark.django_db
PLACE = "/motor/experience/place/"
States = Presentation.Status
YESTERDAY = today() - timedelta(days=1)


@pytest.fixture
def record() -> MunicipalRecord:
    return pooled()


@pytest.fixture
def event(record: MunicipalRecord) -> Event:
    return EventFactory(author=record.specialist, municipality=record.case.organization.municipality)


def letters() -> list[tuple[str, int | None]]:
    return list(Letter.objects.order_by("pk").values_list("kind", "to"))


def put(event: Event, *records: MunicipalRecord, user: User | None = None) -> int:
    return services.place(event, {one.case_id: "" for one in records}, user=user or event.author)


def past(event: Event) -> Event:
    Event.objects.filter(pk=event.pk).update(on=YESTERDAY)
    return Event.objects.get(pk=event.pk)


def url(name: str, row: Any) -> str:
    return reverse(f"motor:{name}", args=[row.pk])


# --- Put in --------------------------------------------------------------------------------------------------------


def test_put_in_once_with_one_letter_and_a_new_revision(record: MunicipalRecord, event: Event) -> None:
    before = record.case.revision
    assert [put(event, record), put(event, record)] == [1, 0]
    row = Presentation.objects.get()
    assert (row.case_id, row.event, row.title, row.status) == (record.case_id, event, "Листы самооценки", "planned")
    assert row.author == event.author
    assert Case.objects.get(pk=record.case_id).revision == before + 1
    assert letters() == [("motor.experience_planned", record.case.person_id)]


def test_teacher_of_two_cases_reads_one_letter(record: MunicipalRecord, event: Event) -> None:
    second = pooled(completion=CompletionFactory(person=record.case.person), theme="Квест")
    services.place(event, {record.case_id: "", second.case_id: "  Квест   вечером "}, user=event.author)
    letter = Letter.objects.get()
    assert "— Листы самооценки\n— Квест вечером" in letter.body
    assert f"Когда: {event.when}" in letter.body
    assert letter.mentions.count() == 1


def test_plan_says_what_will_not_be_done(record: MunicipalRecord, event: Event) -> None:
    school = record.case.organization
    inside = {"completion__person__organization": school}
    present, reopened, other_form = pooled(**inside), pooled(**inside), pooled(event_kinds=["workshop"], **inside)
    put(event, present)
    Case.objects.filter(pk=reopened.case_id).update(status=Status.SCHOOL_REVIEW, version=2)
    out = pooled(**inside)
    MunicipalRecord.objects.filter(pk=out.pk).update(in_pool=False)
    foreign = pooled()
    pks = [one.case_id for one in (record, present, reopened, other_form, out, foreign)]

    plan = services.plan_placing(event, event.author, pks)

    assert {line.record.pk: line.warning for line in plan.will} == {
        record.pk: "",
        other_form.pk: "ММС называла другие формы: мастер-класс",
    }
    assert {case.pk: why for case, why in plan.stay} == {
        present.case_id: "уже в программе этого события",
        reopened.case_id: "карта открыта заново: результата пока нет",
        out.case_id: "в банке опыта его больше нет",
    }
    assert plan.gone == 1


def test_what_one_only_reads_is_not_put_in(record: MunicipalRecord, event: Event) -> None:
    member = person_with(Role.METHODIST, OrganizationFactory())
    RequestFactory(source=record.case, member=MemberFactory(user=member))
    member.memberships.create(role=Role.REGIONAL)
    own = EventFactory(author=member)
    [(case, why)] = services.plan_placing(own, member, [record.case_id]).stay
    assert (case.pk, why) == (
        record.case_id,
        "включить в событие может методист его организации или муниципальная служба",
    )
    assert put(own, record, user=member) == 0


def test_nothing_goes_into_a_foreign_past_or_cancelled_event(record: MunicipalRecord, event: Event) -> None:
    specialist = event.author
    assert put(EventFactory(), record, user=specialist) == 0
    assert put(EventFactory(author=specialist, on=YESTERDAY), record, user=specialist) == 0
    events.cancel_event(event, actor=specialist)
    assert put(event, record) == 0
    assert letters() == []


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_put_in_once_and_write_one_letter(record: MunicipalRecord, event: Event) -> None:
    start, done = Barrier(2), []

    def click() -> None:
        start.wait()
        done.append(put(Event.objects.get(pk=event.pk), record, user=User.objects.get(pk=event.author_id)))
        connection.close()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]
    assert Presentation.objects.count() == 1
    assert len(letters()) == 1


def test_removed_and_put_in_again(record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    row = Presentation.objects.get()
    assert services.remove(row, user=event.author)
    assert not services.remove(row, user=event.author)
    assert put(event, record) == 1
    row.refresh_from_db()
    assert (row.status, row.marked_by) == ("planned", None)
    kinds = [kind for kind, _ in letters()]
    assert kinds == ["motor.experience_planned", "motor.experience_removed", "motor.experience_planned"]


@pytest.mark.parametrize(
    "wrong", [{"status": "planned", "marked_at": "2026-01-01T00:00Z"}, {"status": "presented", "marked_by": None}]
)
def test_database_refuses_half_a_mark(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PresentationFactory(**wrong)


# --- The event changes ---------------------------------------------------------------------------------------------


def moved(event: Event, **changed: Any) -> None:
    event = Event.objects.get(pk=event.pk)
    values = {name: getattr(event, name) for name in events.FIELDS} | changed
    assert events.change_event(event, values, actor=event.author, version=event.version)


def test_moved_twice_tells_twice_and_a_new_text_nobody(record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    assert services.tell_of_changes() == 0
    for place in ("Библиотека", "Школа № 3"):
        moved(event, place=place)
        assert [services.tell_of_changes(), services.tell_of_changes()] == [1, 0]
    moved(event, text="Подробности")
    assert services.tell_of_changes() == 0
    bodies = Letter.objects.filter(kind="motor.experience_moved").order_by("pk").values_list("body", flat=True)
    assert ["Где: Библиотека." in bodies[0], "Где: Школа № 3." in bodies[1], len(bodies)] == [True, True, 2]


def test_called_off_tells_once_and_brought_back_tells_too(record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    events.cancel_event(Event.objects.get(pk=event.pk), actor=event.author)
    assert [services.tell_of_changes(), services.tell_of_changes()] == [1, 0]
    moved(event)
    assert services.tell_of_changes() == 1
    kinds = [kind for kind, _ in letters()][1:]
    assert kinds == ["motor.experience_called_off", "motor.experience_moved"]


def test_who_is_out_of_the_programme_is_told_nothing(record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    services.remove(Presentation.objects.get(), user=event.author)
    moved(event, place="Библиотека")
    assert services.tell_of_changes() == 0


# --- How it went ---------------------------------------------------------------------------------------------------


def test_marked_from_its_day_on_and_unmarked(record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    row = Presentation.objects.get()
    assert services.mark(event, [row.pk], States.PRESENTED, user=event.author) == 0
    event = past(event)
    revision = Case.objects.get(pk=record.case_id).revision
    assert services.mark(event, [row.pk], States.PRESENTED, user=event.author) == 1
    assert services.mark(event, [row.pk], States.CANCELLED, user=event.author) == 0
    row.refresh_from_db()
    assert (row.status, row.marked_by) == ("presented", event.author)
    assert Case.objects.get(pk=record.case_id).revision == revision + 1
    assert letters()[-1] == ("motor.experience_presented", record.case.person_id)

    assert [services.unmark(row, user=event.author), services.unmark(row, user=event.author)] == [True, False]
    row.refresh_from_db()
    assert (row.status, row.marked_at) == ("planned", None)
    assert Letter.objects.get(kind="motor.experience_presented").state == Letter.State.CANCELLED


def test_nobody_marks_himself() -> None:
    methodist = person_with(Role.METHODIST, OrganizationFactory())
    record = pooled(completion__person=methodist, responsible=methodist)
    event = EventFactory(author=methodist, on=YESTERDAY)
    row = PresentationFactory(case=record.case, event=event)
    assert services.mark(event, [row.pk], States.PRESENTED, user=methodist) == 0
    assert list(services.unmarked_by(methodist)) == []
    admin = person_with(Role.ADMIN)
    assert list(services.unmarked_by(admin)) == [row]
    assert services.mark(event, [row.pk], States.PRESENTED, user=admin) == 1


@pytest.mark.django_db(transaction=True)
def test_two_organizers_at_once_mark_once(record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    event, row, start, done = past(event), Presentation.objects.get(), Barrier(2), []

    def click(status: Presentation.Status) -> None:
        start.wait()
        done.append(services.mark(event, [row.pk], status, user=User.objects.get(pk=event.author_id)))
        connection.close()

    threads = [Thread(target=click, args=(one,)) for one in (States.PRESENTED, States.CANCELLED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]


def test_unmarked_are_those_of_past_events_one_runs(record: MunicipalRecord, event: Event) -> None:
    leader = person_with(Role.HEAD, record.case.organization)
    event.leaders.add(leader)
    row = PresentationFactory(case=record.case, event=event)
    PresentationFactory(event=EventFactory(author=event.author, on=YESTERDAY, is_cancelled=True))
    PresentationFactory(event=EventFactory(author=event.author, on=YESTERDAY), status="presented")
    assert list(services.unmarked_by(leader)) == []
    event = past(event)
    assert list(services.unmarked_by(leader)) == [row]
    assert list(services.unmarked_by(event.author)) == [row]
    assert list(services.unmarked_by(person_with(Role.MUNICIPAL, record.case.organization.municipality))) == []
    assert list(services.unmarked_by(person_with(Role.ADMIN))) == []
    User.objects.filter(pk__in=[leader.pk, event.author_id]).update(is_active=False)
    assert list(services.unmarked_by(person_with(Role.ADMIN))) == [row]


def test_visible_to_exact_lists(record: MunicipalRecord, event: Event) -> None:
    row, foreign = PresentationFactory(case=record.case, event=event), PresentationFactory()

    def seen(user: User) -> list[Presentation]:
        return list(Presentation.objects.visible_to(user).order_by("pk"))

    assert seen(record.case.person) == [row]
    assert seen(event.author) == [row]
    assert seen(person_with(Role.HEAD, record.case.organization)) == [row]
    assert seen(person_with("teacher", organization=record.case.organization)) == []
    assert seen(person_with(Role.OBSERVER)) == []
    assert seen(person_with(Role.ADMIN)) == [row, foreign]


# --- Pages: putting in ---------------------------------------------------------------------------------------------


def test_ticks_then_event_then_preview_then_the_deed(client: Client, record: MunicipalRecord, event: Event) -> None:
    client.force_login(event.author)
    ticks = {"case": record.case_id}
    first = client.get(PLACE, ticks).content.decode()
    assert record.case.person.full_name in first
    assert event.title in first
    assert f"{reverse('planner:event_new')}?next=%2Fmotor%2Fexperience%2Fplace%2F%3Fcase%3D{record.case_id}" in first
    preview = client.get(PLACE, ticks | {"event": event.pk}).content.decode()
    assert "Войдут в программу: 1" in preview
    assert Presentation.objects.count() == 0
    data = ticks | {"event": event.pk, f"title-{record.case_id}": "Самооценка в 7 классе"}
    for _ in range(2):
        assert client.post(PLACE, data)["Location"] == event.get_absolute_url()
    assert Presentation.objects.get().title == "Самооценка в 7 классе"
    assert "Самооценка в 7 классе" in client.get(event.get_absolute_url()).content.decode()


def test_bad_choices_are_said_and_do_nothing(client: Client, record: MunicipalRecord, event: Event) -> None:
    client.force_login(event.author)
    assert client.get(PLACE)["Location"] == "/motor/experience/"
    assert client.get(PLACE, {"case": "слово"})["Location"] == "/motor/experience/"
    empty = client.get(PLACE, {"case": record.case_id, "event": ""})
    assert (empty.status_code, "Выберите событие" in empty.content.decode()) == (422, True)
    foreign = client.post(PLACE, {"case": record.case_id, "event": EventFactory().pk})
    assert (foreign.status_code, "больше нет среди предстоящих" in foreign.content.decode()) == (422, True)
    assert Presentation.objects.count() == 0


def test_more_than_may_be_taken_at_once(client: Client, event: Event) -> None:
    client.force_login(event.author)
    page = client.get(PLACE, {"case": list(range(1, services.AT_ONCE + 10)), "event": event.pk})
    assert len(page.context["pks"]) == services.AT_ONCE


def test_foreign_cases_show_no_names(client: Client, record: MunicipalRecord, event: Event) -> None:
    foreign = pooled(completion__person__last_name="Незнакомова")
    client.force_login(event.author)
    for query in ({}, {"event": event.pk}):
        page = client.get(PLACE, {"case": [record.case_id, foreign.case_id]} | query).content.decode()
        assert "Незнакомова" not in page
    assert "Их карты вам не открыты" in page


@pytest.mark.parametrize("role", ["teacher", Role.REGIONAL, Role.OBSERVER, Role.CURATOR])
def test_putting_in_is_for_those_who_arrange(client: Client, record: MunicipalRecord, role: str) -> None:
    client.force_login(person_with(role))
    assert client.get(PLACE, {"case": record.case_id}).status_code == 404
    assert client.post(PLACE, {"case": record.case_id}).status_code == 404


# --- Pages: marks --------------------------------------------------------------------------------------------------


def test_organizer_marks_on_the_event_s_page_and_takes_it_back(
    client: Client, record: MunicipalRecord, event: Event
) -> None:
    put(event, record)
    row = Presentation.objects.get()
    client.force_login(event.author)
    page = client.get(event.get_absolute_url()).content.decode()
    assert "Убрать из события" in page
    assert "Не состоялось" not in page
    mark = url("experience_mark", event)
    data = {"row": row.pk, "do": "presented"}
    assert "ещё не наступил" in client.post(mark, data, follow=True).content.decode()
    past(event)
    assert "Не состоялось" in client.get(event.get_absolute_url()).content.decode()
    assert "Никто не отмечен" in client.post(mark, {"do": "presented"}, follow=True).content.decode()
    for _ in range(2):
        assert client.post(mark, data)["Location"] == f"{event.get_absolute_url()}#experience"
    page = client.get(event.get_absolute_url()).content.decode()
    assert "опыт представлен" in page
    assert "Снять отметку" in page
    assert client.post(mark, data | {"do": "party"}).status_code == 404
    assert client.post(url("experience_unmark", row)).status_code == 302
    row.refresh_from_db()
    assert row.status == "planned"


def test_case_page_tells_where_and_the_teacher_reads_it(client: Client, record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    client.force_login(record.case.person)
    page = client.get(record.case.get_absolute_url()).content.decode()
    assert "запланировано" in page
    assert event.title in page
    services.mark(past(event), [Presentation.objects.get().pk], States.PRESENTED, user=event.author)
    page = client.get(record.case.get_absolute_url()).content.decode()
    assert "опыт представлен" in page
    assert url("confirmation", Presentation.objects.get()) in page


def test_school_takes_its_teacher_out(client: Client, record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    row = Presentation.objects.get()
    client.force_login(person_with(Role.HEAD, record.case.organization))
    assert client.post(url("experience_remove", row))["Location"] == f"{event.get_absolute_url()}#experience"
    row.refresh_from_db()
    assert row.status == "removed"
    assert client.post(url("experience_remove", row)).status_code == 404
    client.force_login(record.case.person)
    assert "убрано" not in client.get(record.case.get_absolute_url()).content.decode()


def test_stranger_gets_404_everywhere(client: Client, record: MunicipalRecord, event: Event) -> None:
    planned = PresentationFactory(case=record.case, event=event)
    made = PresentationFactory(case=pooled(completion__person__organization=record.case.organization).case, event=event)
    services.mark(past(event), [made.pk], States.PRESENTED, user=event.author)
    colleague = person_with("teacher", organization=record.case.organization)
    stranger = person_with(Role.METHODIST, OrganizationFactory())
    for user in (colleague, stranger):
        client.force_login(user)
        assert client.post(url("experience_mark", event), {"row": planned.pk, "do": "presented"}).status_code == 404
        assert client.post(url("experience_unmark", made)).status_code == 404
        assert client.post(url("experience_remove", planned)).status_code == 404
        assert client.get(url("confirmation", made)).status_code == 404
    planned.refresh_from_db()
    assert planned.status == "planned"
    client.force_login(colleague)
    assert record.case.person.full_name not in client.get(event.get_absolute_url()).content.decode()


def test_visitor_and_wrong_methods(client: Client, event: Event) -> None:
    row = PresentationFactory(event=event)
    for address in (PLACE, url("confirmation", row), url("experience_mark", event)):
        assert client.get(address)["Location"].startswith("/accounts/login/")
    client.force_login(event.author)
    for name, one in (("experience_mark", event), ("experience_unmark", row), ("experience_remove", row)):
        assert client.get(url(name, one)).status_code == 405
    assert client.post(url("confirmation", row)).status_code == 405


# --- Pages: the confirmation ---------------------------------------------------------------------------------------


def test_teacher_prints_his_own_confirmation(client: Client, record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    row = Presentation.objects.get()
    client.force_login(record.case.person)
    assert client.get(url("confirmation", row)).status_code == 404
    services.mark(past(event), [row.pk], States.PRESENTED, user=event.author)
    page = client.get(url("confirmation", row)).content.decode()
    for text in (record.case.person.full_name, row.title, event.title, "муниципальный", event.author.short_name):
        assert text in page


def test_leader_without_the_case_reads_no_confirmation(client: Client, record: MunicipalRecord, event: Event) -> None:
    leader = person_with(Role.REGIONAL)
    event.leaders.add(leader)
    put(event, record)
    row = Presentation.objects.get()
    services.mark(past(event), [row.pk], States.PRESENTED, user=leader)
    client.force_login(leader)
    page = client.get(event.get_absolute_url()).content.decode()
    assert record.case.person.full_name in page
    assert record.case.get_absolute_url() not in page
    assert client.get(url("confirmation", row)).status_code == 404


# --- Costs and words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 5])
def test_pages_cost_the_same_for_any_number(
    client: Client, record: MunicipalRecord, event: Event, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    inside = {"completion__person__organization": record.case.organization}
    rows = [PresentationFactory(case=pooled(**inside).case, event=event) for _ in range(count)]
    for _ in range(count):
        PresentationFactory(case=rows[0].case, event=EventFactory(), status="presented")
    more = [pooled(**inside).case_id for _ in range(count)]
    client.force_login(event.author)
    client.get(event.get_absolute_url())
    with django_assert_num_queries(14):
        client.get(event.get_absolute_url())
    with django_assert_num_queries(5):
        client.get(PLACE, {"case": more})
    with django_assert_num_queries(9):
        client.get(PLACE, {"case": more, "event": event.pk})
    made = Presentation.objects.filter(status="presented").first()
    with django_assert_num_queries(5):
        client.get(url("confirmation", made))
    with django_assert_num_queries(15):
        client.get(rows[0].case.get_absolute_url())


def test_every_letter_of_the_pool_is_written(record: MunicipalRecord, event: Event) -> None:
    put(event, record)
    row = Presentation.objects.get()
    moved(event, place="Библиотека")
    services.tell_of_changes()
    events.cancel_event(Event.objects.get(pk=event.pk), actor=event.author)
    services.tell_of_changes()
    moved(event)
    services.remove(Presentation.objects.select_related("event").get(), user=event.author)
    put(Event.objects.get(pk=event.pk), record)
    services.mark(past(event), [row.pk], States.PRESENTED, user=event.author)
    assert {kind for kind, _ in letters()} == {one.code for one in EXPERIENCE}
