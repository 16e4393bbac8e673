"""Methodical events: who sees them, who changes them, what a change leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import next_working_day, today
from cabinet.mail.models import Letter, LetterText
from cabinet.mail.texts import forget_texts
from cabinet.planner.models import Event
from cabinet.planner.services import events as services
from cabinet.users.models import Role, User
from tests.factories import MunicipalityFactory, OrganizationFactory, UserFactory, person_with
from tests.planner.events import EventFactory, ParticipationFactory

pytestmark = pytest.mark.django_db
LIST, NEW = "/calendar/events/", "/calendar/events/new/"


def page(event: Event, name: str = "event") -> str:
    return reverse(f"planner:{name}", args=[event.pk])


def typed(**values: Any) -> dict[str, Any]:
    return {
        "kind": "seminar",
        "title": "Оценивание, которое помогает",
        "on": next_working_day(today() + timedelta(days=5)).isoformat(),
        "starts_at": "14:00",
        "ends_at": "15:30",
        "place": "Актовый зал",
    } | values


# --- Who sees what -------------------------------------------------------------------------------------------------


def test_visible_to_exact_lists() -> None:
    school = OrganizationFactory()
    near, beside = OrganizationFactory(municipality=school.municipality), OrganizationFactory()
    admin, leader = person_with(Role.ADMIN), person_with(Role.REGIONAL)
    regional = EventFactory(author=admin)
    municipal = EventFactory(author=admin, municipality=school.municipality)
    own = EventFactory(author=admin, organization=school)
    neighbours = EventFactory(author=admin, organization=near)
    foreign = EventFactory(author=admin, organization=beside, leaders=[leader])
    EventFactory(author=admin, municipality=beside.municipality)

    def seen(user: Any) -> list[Event]:
        return list(Event.objects.visible_to(user).order_by("pk"))

    assert seen(AnonymousUser()) == []
    assert seen(UserFactory(organization=school)) == [regional, municipal, own]
    assert seen(person_with(Role.METHODIST, school)) == [regional, municipal, own]
    assert seen(person_with(Role.HEAD, near)) == [regional, municipal, neighbours]
    assert seen(person_with(Role.MUNICIPAL, school.municipality, organization=None)) == [
        regional,
        municipal,
        own,
        neighbours,
    ]
    assert seen(leader) == [regional, foreign]
    assert seen(UserFactory(organization=None)) == [regional]
    assert seen(person_with(Role.OBSERVER, organization=school)) == []
    assert len(seen(admin)) == 6


def test_editable_and_run_and_fillable() -> None:
    school = OrganizationFactory()
    methodist, head = person_with(Role.METHODIST, school), person_with(Role.HEAD, school)
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    own = EventFactory(author=methodist, organization=school)
    municipal = EventFactory(author=specialist, municipality=school.municipality)
    regional = EventFactory(leaders=[head])
    EventFactory(author=methodist, organization=school, is_cancelled=True)
    EventFactory(author=methodist, organization=school, on=today() - timedelta(days=1))

    def pks(events: Any) -> list[Event]:
        return list(events.order_by("pk"))

    assert pks(Event.objects.fillable_by(methodist)) == [own]
    assert pks(Event.objects.fillable_by(head)) == [own, regional]
    assert pks(Event.objects.fillable_by(specialist)) == [own, municipal]
    assert pks(Event.objects.fillable_by(person_with(Role.ADMIN))) == [own, municipal, regional]
    assert pks(Event.objects.fillable_by(UserFactory(organization=school))) == []
    assert pks(Event.objects.editable_by(head)) == []
    assert pks(Event.objects.editable_by(specialist)) == [municipal]
    assert pks(Event.objects.run_by(head)) == [regional]


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "region", "municipality": True},
        {"scope": "municipality"},
        {"scope": "organization", "municipality": True},
        {"starts_at": "15:00", "ends_at": "14:00"},
    ],
)
def test_database_refuses_nonsense(wrong: dict[str, Any]) -> None:
    fields = {**wrong, "municipality": MunicipalityFactory()} if wrong.pop("municipality", None) else wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        EventFactory(**fields)


# --- What happens to it --------------------------------------------------------------------------------------------


def values(event: Event, **changed: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in services.FIELDS} | changed


def test_change_of_the_text_tells_nobody_and_of_the_day_does() -> None:
    event = EventFactory()
    before = event.changed_at
    assert services.change_event(event, values(event, text="О чём"), actor=event.author, version=1)
    assert (event.version, event.changed_at) == (2, before)
    assert services.change_event(event, values(event, place="Зал"), actor=event.author, version=2)
    assert event.changed_at > before


def test_second_editor_is_not_lost() -> None:
    event = EventFactory()
    assert services.change_event(event, values(event, title="Первый"), actor=event.author, version=1)
    assert not services.change_event(event, values(event, title="Второй"), actor=event.author, version=1)
    assert (event.title, event.version) == ("Первый", 2)


def test_cancelled_once_and_brought_back_by_an_edit() -> None:
    event = EventFactory()
    assert services.cancel_event(event, actor=event.author)
    assert not services.cancel_event(event, actor=event.author)
    cancelled_at = event.changed_at
    assert services.change_event(event, values(event), actor=event.author, version=2)
    assert (event.is_cancelled, event.changed_at > cancelled_at) == (False, True)


def test_past_event_is_not_cancelled() -> None:
    event = EventFactory(on=today() - timedelta(days=1))
    assert not services.cancel_event(event, actor=event.author)


def test_leader_is_told_once() -> None:
    event, person = EventFactory(), person_with(Role.METHODIST, OrganizationFactory())
    assert services.add_leader(event, person, actor=event.author)
    assert not services.add_leader(event, person, actor=event.author)
    assert list(Letter.objects.values_list("kind", "to")) == [("event.leader", person.pk)]
    assert services.remove_leader(event, person, actor=event.author)
    assert list(event.leaders.all()) == []


@pytest.mark.django_db(transaction=True)
def test_two_clicks_put_in_one_event() -> None:
    author, start, found = person_with(Role.ADMIN), Barrier(2), []
    given = values(EventFactory.build(author=author), on=today() + timedelta(days=3))

    def click() -> None:
        start.wait()
        found.append(services.plan_event(author, given).pk)
        connection.close()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert Event.objects.count() == 1


# --- Pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


def test_new_event_for_own_school(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    code = f"organization-{methodist.organization_id}"
    form = client.get(NEW).context["form"]
    assert [one for one, _ in form.fields["audience"].choices] == ["personal", code]
    for _ in range(2):
        saved = client.post(NEW, typed(audience=code))
    event = Event.objects.get()
    assert saved["Location"] == page(event)
    assert (event.author, event.organization, event.scope) == (methodist, methodist.organization, "organization")
    shown = client.get(page(event)).content.decode()
    assert "Актовый зал" in shown
    assert "14:00–15:30" in shown


def test_audiences_are_one_s_own(client: Client) -> None:
    school = OrganizationFactory()
    specialist, admin = person_with(Role.MUNICIPAL, school.municipality), person_with(Role.ADMIN)
    assert [one for one, _ in services.audiences_of(specialist)] == [
        "personal",
        f"municipality-{school.municipality_id}",
    ]
    assert [one for one, _ in services.audiences_of(admin)][:2] == ["personal", "region"]
    client.force_login(specialist)
    refused = client.post(NEW, typed(audience="region"))
    assert refused.status_code == 422
    assert "Выберите, для кого событие." in refused.content.decode()
    assert Event.objects.count() == 0


def test_reader_comes_back_with_the_number(client: Client, methodist: User) -> None:
    client.force_login(methodist)
    code = f"organization-{methodist.organization_id}"
    saved = client.post(f"{NEW}?next=/motor/experience/place/%3Fcase%3D5", typed(audience=code))
    assert saved["Location"] == f"/motor/experience/place/?case=5&event={Event.objects.get().pk}"
    saved = client.post(
        f"{NEW}?next=//evil.example.org/", typed(audience=code, title="Другое", starts_at="16:00", ends_at="")
    )
    assert saved["Location"] == page(Event.objects.get(title="Другое"))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"title": " "}, "как называется событие"),
        ({"on": ""}, "Укажите день."),
        ({"on": "вчера"}, "ДД.ММ.ГГГГ"),
        ({"on": (today() - timedelta(days=1)).isoformat()}, "уже прошёл"),
        ({"on": (today() + timedelta(days=900)).isoformat()}, "двух лет"),
        ({"starts_at": ""}, "Укажите и начало"),
        ({"ends_at": "13:00"}, "раньше начала"),
        ({"link": "не ссылка"}, "адрес целиком"),
        ({"kind": "party"}, "Выберите вид события."),
        ({"audience": "organization-999999"}, "для кого событие"),
    ],
)
def test_refused_event_keeps_what_was_typed(client: Client, methodist: User, wrong: dict[str, Any], text: str) -> None:
    client.force_login(methodist)
    code = f"organization-{methodist.organization_id}"
    refused = client.post(NEW, typed(audience=code) | wrong)
    assert refused.status_code == 422
    assert text in refused.content.decode()
    assert "Актовый зал" in refused.content.decode()
    assert Event.objects.count() == 0


def test_edit_and_its_conflict(client: Client, methodist: User) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization)
    client.force_login(methodist)
    code = f"organization-{methodist.organization_id}"
    assert client.get(page(event, "event_edit")).status_code == 200
    data = typed(audience=code, version=1, title="Новое имя")
    assert client.post(page(event, "event_edit"), data)["Location"] == page(event)
    late = client.post(page(event, "event_edit"), data | {"title": "Позже"})
    assert late.status_code == 422
    assert "событие изменили" in late.content.decode()
    again = late.context["form"]["version"].value()
    assert client.post(page(event, "event_edit"), data | {"title": "Позже", "version": again}).status_code == 302
    event.refresh_from_db()
    assert event.title == "Позже"


def test_day_of_a_past_event_stays(client: Client, methodist: User) -> None:
    past = today() - timedelta(days=3)
    event = EventFactory(author=methodist, organization=methodist.organization, on=past)
    client.force_login(methodist)
    code = f"organization-{methodist.organization_id}"
    data = typed(audience=code, version=1)
    assert "день не меняется" in client.post(page(event, "event_edit"), data).content.decode()
    assert client.post(page(event, "event_edit"), data | {"on": past.isoformat()}).status_code == 302


def test_cancel_asks_first(client: Client, methodist: User) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization)
    client.force_login(methodist)
    assert "Отменить событие?" in client.get(page(event, "event_cancel")).content.decode()
    event.refresh_from_db()
    assert not event.is_cancelled
    for _ in range(2):
        assert client.post(page(event, "event_cancel"))["Location"] == page(event)
    event.refresh_from_db()
    assert event.is_cancelled
    assert "отменено" in client.get(page(event)).content.decode()


def test_leaders_are_found_named_and_removed(client: Client, methodist: User) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization)
    colleague = person_with(Role.HEAD, methodist.organization, last_name="Гилёва")
    stranger = person_with(Role.HEAD, OrganizationFactory(), last_name="Гилёва")
    client.force_login(methodist)
    assert client.get(page(event), {"who": "гилев"}).context["found"] == [colleague]
    address = page(event, "event_leaders")
    assert client.post(address, {"add": stranger.pk}).status_code == 404
    assert client.post(address, {"add": "много"}).status_code == 404
    for _ in range(2):
        assert client.post(address, {"add": colleague.pk}).status_code == 302
    assert list(event.leaders.all()) == [colleague]
    assert client.post(address, {"remove": colleague.pk}).status_code == 302
    assert list(event.leaders.all()) == []
    EventFactory(author=colleague, scope="personal", title="К врачу", on=event.on)
    warned = client.post(address, {"add": colleague.pk}, follow=True).content.decode()
    assert "занят(а)" in warned
    assert "К врачу" not in warned


def test_colleague_reads_and_does_not_change(client: Client, methodist: User) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization)
    client.force_login(UserFactory(email="kollega@example.org", organization=methodist.organization))
    assert client.get(page(event)).status_code == 200
    assert client.get(page(event, "event_edit")).status_code == 404
    assert client.get(page(event, "event_cancel")).status_code == 404
    assert client.post(page(event, "event_leaders"), {"add": "1"}).status_code == 404


def test_stranger_gets_404_and_visitor_the_login(client: Client, methodist: User) -> None:
    event = EventFactory(author=methodist, organization=methodist.organization)
    names = ("event", "event_edit", "event_cancel")
    for name in names:
        assert client.get(page(event, name))["Location"].startswith("/accounts/login/")
    client.force_login(person_with(Role.METHODIST, OrganizationFactory()))
    for name in names:
        assert client.get(page(event, name)).status_code == 404
    assert client.get(page(event, "event_leaders")).status_code == 405
    assert client.post(page(event)).status_code == 405


def test_list_ahead_and_past(client: Client, methodist: User) -> None:
    ahead = EventFactory(organization=methodist.organization)
    past = EventFactory(organization=methodist.organization, on=today() - timedelta(days=1))
    client.force_login(methodist)
    assert list(client.get(LIST).context["page"]) == [ahead]
    assert list(client.get(LIST, {"when": "past"}).context["page"]) == [past]


@pytest.mark.parametrize("count", [1, 5])
def test_pages_cost_the_same_for_any_number(
    client: Client, methodist: User, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    leaders = [person_with(Role.HEAD, methodist.organization) for _ in range(count)]
    for _ in range(count):
        event = EventFactory(author=methodist, organization=methodist.organization, leaders=leaders)
    client.force_login(methodist)
    client.get(LIST)
    with django_assert_num_queries(5):
        client.get(LIST)
    with django_assert_num_queries(13):
        client.get(page(event))


def test_letter_to_a_leader_is_a_text_an_admin_may_change() -> None:
    body = "Дорогой коллега!\n{когда} {где}\n{адрес}"
    admin = person_with(Role.ADMIN)
    LetterText.objects.create(code="event.leader", subject="Ждём: {название}", body=body, updated_by=admin)
    forget_texts()
    event, person = EventFactory(place="Актовый зал"), person_with(Role.METHODIST, OrganizationFactory())
    services.add_leader(event, person, actor=event.author)
    letter = Letter.objects.get()
    assert letter.subject == f"Ждём: {event.title}"
    assert f"{event.when} Где: Актовый зал." in letter.body
    assert event.get_absolute_url() in letter.body
    forget_texts()


def test_kind_is_not_said_twice_and_the_organizer_reads_what_to_do(client: Client, methodist: User) -> None:
    fields = {"author": methodist, "organization": methodist.organization}
    event = EventFactory(kind="mo", title="Заседание МО: задачи", link="https://example.org/1", **fields)
    past = EventFactory(on=today() - timedelta(days=1), **fields)
    assert str(event) == "«Заседание МО: задачи»"
    client.force_login(methodist)
    ahead = client.get(page(event)).content.decode()
    assert "Пригласите людей" in ahead
    assert "дистанционно, по ссылке" in ahead
    assert "Событие прошло — отметьте, кто был" in client.get(page(past)).content.decode()
    client.force_login(person_with("teacher", organization=methodist.organization))
    assert "Кто был, пока не отмечено" not in client.get(page(past)).content.decode()
    ParticipationFactory(event=past, state="coming")
    assert "Кто был, пока не отмечено" in client.get(page(past)).content.decode()
