"""One letter to many: whom its author may write to, the preview, the letters."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from cabinet.mail import mailings
from cabinet.mail.models import Letter, Mailing
from cabinet.mail.services import Draft, queue_letters
from cabinet.structure.models import Community, Organization
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, User
from tests.factories import MunicipalityFactory, OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with(Role.MUNICIPAL, school.municipality)


def draft(author: User, scope: str, pk: int | None = None, roles: tuple[str, ...] = (), **fields: Any) -> Mailing:
    audience = {"scope": scope, "pk": pk, "roles": list(roles)}
    values = {"subject": "О конференции", "body": "Здравствуйте, {имя}!"} | fields
    return Mailing.objects.create(author=author, audience=audience, **values)


def fields(place: str, **more: Any) -> dict[str, Any]:
    return {"place": place, "organization": "", "subject": "О конференции", "body": "Добрый день, {имя}!"} | more


def test_recipients_are_of_the_place_and_the_role(school: Organization, specialist: User) -> None:
    near = OrganizationFactory(municipality=school.municipality)
    teacher, colleague = UserFactory(organization=school), UserFactory(organization=near)
    methodist = person_with(Role.METHODIST, school)
    UserFactory(organization=school, is_active=False)
    UserFactory(organization=OrganizationFactory())
    admin = person_with(Role.ADMIN)
    place = school.municipality_id
    assert set(mailings.recipients(draft(specialist, "municipality", place))) >= {teacher, colleague, methodist}
    assert list(mailings.recipients(draft(admin, "organization", near.pk))) == [colleague]
    assert list(mailings.recipients(draft(specialist, "municipality", place, ("methodist",)))) == [methodist]
    assert list(mailings.recipients(draft(admin, "region", None, ("municipal",)))) == [specialist]


def test_nobody_writes_beyond_his_own_scope(school: Organization, specialist: User) -> None:
    foreign = OrganizationFactory(municipality=MunicipalityFactory())
    UserFactory(organization=foreign)
    for scope, pk in (("region", None), ("municipality", foreign.municipality_id), ("organization", foreign.pk)):
        assert list(mailings.recipients(draft(specialist, scope, pk))) == [], scope
    assert [code for code, _ in mailings.places_for(specialist)] == [f"municipality-{school.municipality_id}"]


def test_community_is_written_to_its_members_of_today(specialist: User, school: Organization) -> None:
    community = Community.objects.create(name="МО математиков", municipality=school.municipality)
    foreign = Community.objects.create(name="Чужое", municipality=MunicipalityFactory())
    member = UserFactory(organization=OrganizationFactory())
    for one in (community, foreign):
        CommunityMember.objects.create(community=one, person=member)
    assert list(mailings.recipients(draft(specialist, "community", community.pk))) == [member]
    assert list(mailings.recipients(draft(specialist, "community", foreign.pk))) == []


def test_preview_then_letters_once(client: Client, school: Organization, specialist: User) -> None:
    people = [UserFactory(organization=school, contact_email=f"p{number}@example.org") for number in range(3)]
    UserFactory(organization=school, contact_email=None, email=None)
    client.force_login(specialist)
    answer = client.post(
        "/letters/mailings/new/", fields(f"municipality-{school.municipality_id}", organization=school.name)
    )
    mailing = Mailing.objects.get()
    assert answer.headers["Location"] == mailing.get_absolute_url()
    content = client.get(mailing.get_absolute_url()).content.decode()
    assert "Письмо получат 3\xa0человека" in content
    assert "у 1\xa0человека нет адреса" in content
    assert all(one.full_name in content for one in people)
    assert Letter.objects.count() == 0
    for _ in range(2):
        client.post(f"{mailing.get_absolute_url()}order/", {"version": mailing.version})
    assert LogEntry.objects.filter(note__startswith="Рассылка «О конференции»").count() == 1
    assert (mailings.write_ordered(), mailings.write_ordered()) == (3, 0)
    letters = Letter.objects.filter(kind="mailing")
    assert set(letters.values_list("to", flat=True)) == {one.pk for one in people}
    assert f"Добрый день, {people[0].polite_name}!" in letters.get(to=people[0]).body
    Mailing.objects.update(state="ordered")  # a worker died after the letters
    mailings.write_ordered()
    assert letters.count() == 3
    mailing.refresh_from_db()
    assert (mailing.state, mailing.recipients, mailings.progress(mailing)["all"]) == ("written", 3, 3)


def test_changed_draft_is_not_ordered_unseen(client: Client, school: Organization, specialist: User) -> None:
    UserFactory(organization=school)
    mailing = draft(specialist, "municipality", school.municipality_id)
    client.force_login(specialist)
    seen = mailing.version
    client.post(f"{mailing.get_absolute_url()}edit/", fields(f"municipality-{school.municipality_id}", version=seen))
    client.post(f"{mailing.get_absolute_url()}order/", {"version": seen})
    mailing.refresh_from_db()
    assert mailing.state == "draft"
    answer = client.post(
        f"{mailing.get_absolute_url()}edit/",
        fields(f"municipality-{school.municipality_id}", version=seen, body="Второй вариант"),
    )
    assert answer.status_code == 422
    assert "Второй вариант" in answer.content.decode()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"body": "Здравствуйте, {имя"}, "фигурная скобка без пары"),
        ({"body": "Ваша {должность}"}, "Подстановки {должность} здесь нет"),
        ({"subject": ""}, "Напишите тему"),
        ({"place": "region"}, "Выберите"),
        ({"organization": "Такой нет"}, "Такой организации здесь нет"),
    ],
)
def test_form_says_what_to_do(client: Client, specialist: User, more: dict[str, Any], said: str) -> None:
    client.force_login(specialist)
    place = next(code for code, _ in mailings.places_for(specialist))
    answer = client.post("/letters/mailings/new/", fields(place) | more)
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&quot;", '"')
    assert Mailing.objects.count() == 0


def test_strangers_and_other_roles(client: Client, specialist: User, school: Organization) -> None:
    mailing = draft(specialist, "municipality", school.municipality_id)
    for user, status in (
        (person_with(Role.MUNICIPAL, MunicipalityFactory()), 404),
        (person_with(Role.ADMIN), 200),
        (person_with(Role.HEAD, school), 404),
    ):
        client.force_login(user)
        assert client.get(mailing.get_absolute_url()).status_code == status
    client.force_login(person_with(Role.ADMIN))
    assert client.post(f"{mailing.get_absolute_url()}order/", {"version": 1}).status_code == 404, "its author orders it"
    client.force_login(specialist)
    assert client.get(f"{mailing.get_absolute_url()}order/").status_code == 405
    client.post(f"{mailing.get_absolute_url()}delete/")
    assert Mailing.objects.count() == 0


@pytest.mark.parametrize("number", [1, 5])
def test_list_and_preview_cost_the_same(
    client: Client,
    specialist: User,
    school: Organization,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        mailing = draft(specialist, "municipality", school.municipality_id)
        UserFactory(organization=school)
    client.force_login(specialist)
    with django_assert_num_queries(5):
        client.get("/letters/mailings/")
    with django_assert_num_queries(14):
        client.get(mailing.get_absolute_url())


def test_next_worker_goes_on_behind_the_last_letter(
    monkeypatch: pytest.MonkeyPatch, specialist: User, school: Organization
) -> None:
    people = UserFactory.create_batch(5, organization=school)
    mailing = draft(specialist, "organization", school.pk, state="ordered")
    monkeypatch.setattr(mailings, "CHUNK", 2)
    queued: list[str] = []

    def queue_and_die(drafts: list[Draft]) -> None:
        queued.extend(one.key for one in drafts)
        queue_letters(drafts)
        if len(queued) == 4:
            raise SystemExit

    monkeypatch.setattr(mailings, "queue_letters", queue_and_die)
    with pytest.raises(SystemExit):
        mailings.write_ordered()
    assert Letter.objects.count() == 2, "what was being written is undone as a whole"
    assert mailings.write_ordered() == 3
    assert queued[4:] == [mailings.key_of(mailing, one.pk) for one in people[2:]]
    mailing.refresh_from_db()
    assert (mailing.state, mailing.recipients) == ("written", 5)


def test_author_who_lost_the_place_writes_to_nobody(client: Client, specialist: User, school: Organization) -> None:
    UserFactory.create_batch(2, organization=school)
    mailing = draft(specialist, "organization", school.pk, state="ordered", recipients=2)
    Membership.objects.filter(user=specialist).delete()
    assert mailings.write_ordered() == 0
    mailing.refresh_from_db()
    assert (mailing.state, mailing.recipients) == ("written", 0)
    assert LogEntry.objects.filter(note__contains="остановлена").count() == 1
    client.force_login(person_with(Role.ADMIN))
    assert "Никому не написано" in client.get(mailing.get_absolute_url()).content.decode()


def test_mailing_follows_a_place_that_was_joined_with_another(specialist: User, school: Organization) -> None:
    kept = OrganizationFactory(municipality=school.municipality)
    moved = draft(specialist, "organization", school.pk, ("head",))
    others = [draft(specialist, "community", school.pk), draft(specialist, "organization", kept.pk + 1)]
    assert mailings.follow_merge(mailings.ORGANIZATION, school.pk, kept.pk) == 1
    moved.refresh_from_db()
    assert moved.audience == {"scope": "organization", "pk": kept.pk, "roles": ["head"]}
    for one in others:
        former = one.audience
        one.refresh_from_db()
        assert one.audience == former
