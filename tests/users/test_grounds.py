"""Notices of what is done with data, and the record of grounds: once, for good, with withdrawal."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.users import grounds
from cabinet.users.models import DataGround, DataNotice, LogEntry, Role
from tests import factories

pytestmark = pytest.mark.django_db
REQUEST = RequestFactory().post("/", REMOTE_ADDR="203.0.113.7")


def notice(ground: str = "public_task", **fields: object) -> DataNotice:
    words = {"ground": ground, "title": "О данных", "text": "Кто увидит.\n\nИ ещё.", "in_force_from": today()}
    return grounds.revise_notice(DataNotice(**(words | fields)))


def test_nobody_is_left_without_a_notice() -> None:
    first = grounds.notice_in_force()
    assert (first.version, first.ground) == (1, "public_task")
    assert grounds.notice_in_force() == first
    assert "152-ФЗ" in first.short
    assert DataNotice.objects.count() == 1


def test_latest_version_whose_day_has_come_is_in_force() -> None:
    notice()
    second = notice()
    future = notice(in_force_from=today() + timedelta(days=3))
    assert (second.version, future.version) == (2, 3)
    assert grounds.notice_in_force() == second
    assert grounds.notice_shown("1").version == 1
    assert grounds.notice_shown("99") == second


def test_asking_again_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    notice()
    grounds.notice_in_force()
    with django_assert_num_queries(0):
        grounds.notice_in_force()


def test_shown_text_stays_and_its_change_is_a_new_version() -> None:
    shown = notice()
    changed = DataNotice.objects.get(pk=shown.pk)
    changed.text = "Совсем другое"
    grounds.revise_notice(changed)
    assert [(one.version, one.short) for one in DataNotice.objects.order_by("version")] == [
        (1, "Кто увидит."),
        (2, "Совсем другое"),
    ]


def test_text_nobody_has_seen_is_changed_in_place() -> None:
    future = notice(in_force_from=today() + timedelta(days=3))
    future.text = "Поправлено"
    grounds.revise_notice(future)
    assert DataNotice.objects.get().text == "Поправлено"


def test_model_itself_refuses_to_alter_or_delete_what_was_shown() -> None:
    shown = notice()
    shown.in_force_from = today() + timedelta(days=3)
    with pytest.raises(TypeError):
        shown.save()
    with pytest.raises(TypeError):
        shown.delete()


def test_shown_notice_is_recorded_once_by_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    person, shown = factories.UserFactory(), grounds.notice_in_force()
    for _ in range(2):
        with django_assert_num_queries(1):
            grounds.record_ground(person, shown, channel="link", ip_address="203.0.113.7")
    row = DataGround.objects.get()
    assert (row.person, row.notice, row.channel, row.ip_address) == (person, shown, "link", "203.0.113.7")


def test_consent_is_asked_given_once_and_taken_back() -> None:
    person, asks = factories.UserFactory(), notice("consent")
    with pytest.raises(grounds.ConsentMissing):
        grounds.record_ground(person, asks, channel="link", ip_address=None)
    assert not grounds.withdraw_consent(person, request=REQUEST)
    assert grounds.give_consent(person, asks, channel="link", request=REQUEST)
    assert not grounds.give_consent(person, asks, channel="link", request=REQUEST)
    grounds.record_ground(person, asks, channel="link", ip_address=None)
    given = DataGround.objects.get()
    assert (given.ip_address, given.channel) == ("203.0.113.7", "link")
    assert grounds.withdraw_consent(person, request=REQUEST)
    assert not grounds.withdraw_consent(person, request=REQUEST)
    assert not grounds.has_consent(person, asks)
    assert grounds.give_consent(person, asks, channel="cabinet", request=REQUEST)
    assert DataGround.objects.count() == 2  # the withdrawn one stays
    assert LogEntry.objects.filter(person=person).count() == 3


def test_consent_to_an_earlier_text_is_not_consent_to_this_one() -> None:
    person, former = factories.UserFactory(), notice("consent")
    grounds.give_consent(person, former, channel="link", request=REQUEST)
    now = notice("consent", text="Новый текст")
    assert not grounds.has_consent(person, now)
    with pytest.raises(grounds.ConsentMissing):
        grounds.record_ground(person, former, channel="link", ip_address=None)


# --- The Django admin ----------------------------------------------------------------------------------------


@pytest.fixture
def admin_client(client: Client) -> Client:
    client.force_login(factories.person_with(Role.ADMIN, is_staff=True))
    return client


def fields_of(one: DataNotice, **changes: object) -> dict[str, object]:
    return {"ground": one.ground, "title": one.title, "text": one.text, "in_force_from": one.in_force_from} | changes


def test_admin_edits_a_shown_notice_into_a_new_version(admin_client: Client) -> None:
    shown = notice()
    address = reverse("admin:users_datanotice_change", args=[shown.pk])
    admin_client.post(address, fields_of(shown))
    assert DataNotice.objects.count() == 1  # nothing changed, nothing new
    page = admin_client.post(address, fields_of(shown, text="Новый текст"), follow=True)
    assert "версия 2" in page.content.decode()
    assert [one.text for one in DataNotice.objects.order_by("version")] == [shown.text, "Новый текст"]


def test_admin_deletes_only_what_nobody_has_seen(admin_client: Client) -> None:
    shown, future = notice(), notice(in_force_from=today() + timedelta(days=3))
    for one, status in ((shown, 403), (future, 302)):
        with transaction.atomic():
            answer = admin_client.post(reverse("admin:users_datanotice_delete", args=[one.pk]), {"post": "yes"})
        assert answer.status_code == status
    assert list(DataNotice.objects.all()) == [shown]


def test_admin_adds_a_consent_given_on_paper_once(admin_client: Client) -> None:
    person, asks = factories.UserFactory(), notice("consent")
    data = {"person": person.pk, "notice": asks.pk, "given_at_0": "2026-03-02", "given_at_1": "10:00:00"}
    for _ in range(2):
        admin_client.post(reverse("admin:users_dataground_add"), data)
    row = DataGround.objects.get()
    assert (row.channel, row.notice) == ("paper", asks)
    assert admin_client.get(reverse("admin:users_dataground_changelist")).status_code == 200
    change = reverse("admin:users_dataground_change", args=[row.pk])
    assert admin_client.post(change, data).status_code == 403
