"""Roles from the card: given, prolonged, ended, with what changes hands; each within the rights of who gives it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.home.services.moving import ending_words
from cabinet.mail.models import Letter
from cabinet.users.models import LogEntry, Membership, Role, User
from motor.models import Case, Status
from tests.factories import CaseFactory, CompletionFactory, SubjectFactory, UserFactory, person_with
from tests.home.people import Town, confirmed, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def give(person: User, role: str) -> str:
    return f"{reverse('home:role_give', args=[person.pk])}?role={role}"


def of(name: str, membership: Membership) -> str:
    return reverse(f"home:{name}", args=[membership.pk])


def case_of(person: User, **fields: Any) -> Case:
    case: Case = CaseFactory(completion=CompletionFactory(person=person), **fields)
    return case


def test_what_each_may_give(client: Client, town: Town) -> None:
    address = reverse("home:role_give", args=[town.teacher.pk])

    def offered(user: User) -> list[str]:
        client.force_login(user)
        return [value for value, _ in client.get(address).context["form"].fields["role"].choices]

    assert offered(town.municipal) == ["head", "methodist", "mentor"]
    assert offered(town.admin) == ["head", "methodist", "mentor", "municipal", "curator", "admin", "observer"]
    client.force_login(town.municipal)
    for role in ("admin", "municipal", "curator", "observer", "regional", "нет"):
        assert client.post(give(town.teacher, role), {"do": "write"}).status_code == 404
    client.force_login(town.admin)
    assert client.get(give(town.teacher, "regional")).status_code == 404
    assert Membership.objects.filter(user=town.teacher).count() == 0


def test_methodist_is_appointed_as_motor_does_it(client: Client, town: Town) -> None:
    Membership.objects.filter(user=town.methodist).update(ends_on=today() - timedelta(days=1))
    subject = SubjectFactory()
    other = UserFactory(organization=town.school, subject=subject)
    case = CaseFactory(
        completion=CompletionFactory(person=other, subject=subject),
        status=Status.SCHOOL_REVIEW,
        responsible=town.municipal,
    )
    client.force_login(town.municipal)
    data = {"organization": town.school.pk, "subjects": [subject.pk]}

    look = client.post(give(town.teacher, "methodist"), data | {"do": "check"})
    assert town.teacher.full_name in look.content.decode()
    assert Membership.objects.filter(user=town.teacher).count() == 0
    confirmed(client, give(town.teacher, "methodist"), data)

    role = Membership.objects.get(user=town.teacher)
    case.refresh_from_db()
    town.teacher.refresh_from_db()
    assert (list(role.subjects.all()), case.responsible) == ([subject], town.teacher)
    assert town.teacher.email == town.teacher.contact_email
    assert LogEntry.objects.filter(person=town.teacher, action="rights", note__contains="методист ОО").exists()


def test_head_from_a_day_to_come(client: Client, town: Town) -> None:
    start, end = today() + timedelta(days=5), today() + timedelta(days=50)
    client.force_login(town.municipal)
    data = {"organization": town.school.pk, "starts_on": start.isoformat(), "ends_on": end.isoformat()}

    for _ in range(2):
        client.post(give(town.teacher, "head"), data | {"do": "write"})

    role = Membership.objects.get(user=town.teacher)
    assert (role.role, role.organization, role.starts_on, role.ends_on) == ("head", town.school, start, end)
    letter = Letter.objects.get(kind="people.role")
    assert (letter.to, "руководитель ОО" in letter.body) == (town.teacher, True)
    assert LogEntry.objects.filter(person=town.teacher, action="rights").count() == 1


def test_a_role_without_a_day_begins_today_and_may_end_the_same_day(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    look = client.post(give(town.teacher, "head"), {"organization": town.school.pk, "do": "check"})
    assert "без срока" in look.content.decode()
    client.post(give(town.teacher, "head"), {"organization": town.school.pk, "do": "write"})

    role = Membership.objects.get(user=town.teacher)
    assert (role.starts_on, role.ends_on) == (today(), None)
    data = {"since": today().isoformat()}
    said = client.post(of("role_end", role), data | {"do": "check"}).content.decode()
    assert "закончится в тот же день, что началась" in said


@pytest.mark.parametrize(
    ("starts", "since", "words"),
    [
        (None, 0, "последний день — вчера, "),
        (-5, 1, "последний день — сегодня, "),
        (None, 9, "последний день — "),
        (3, 0, "не начнётся"),
    ],
)
def test_what_becomes_of_a_role_that_ends(starts: int | None, since: int, words: str) -> None:
    role = Membership(starts_on=None if starts is None else today() + timedelta(days=starts))
    assert words in ending_words(role, today() + timedelta(days=since))


def test_a_new_heads_own_case_goes_a_level_up(client: Client, town: Town) -> None:
    case = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    client.force_login(town.admin)

    look = client.post(give(town.teacher, "head"), {"organization": town.school.pk, "do": "check"})
    assert town.municipal.full_name in look.content.decode()
    confirmed(client, give(town.teacher, "head"), {"organization": town.school.pk})

    case.refresh_from_db()
    assert case.responsible == town.municipal


def test_mentor_of_a_named_person_only_within_the_municipality(client: Client, town: Town) -> None:
    far = UserFactory(organization=town.far_school)
    client.force_login(town.municipal)

    found = client.post(give(town.methodist, "mentor"), {"whom": "ёлк", "do": "find"})
    assert found.context["form"].found == [town.teacher]
    confirmed(client, give(town.methodist, "mentor"), {"person": town.teacher.pk})
    for pk in (far.pk, town.methodist.pk, ""):
        assert client.post(give(town.methodist, "mentor"), {"person": pk, "do": "write"}).status_code == 422
    assert list(Membership.objects.filter(role="mentor").values_list("user", "person")) == [
        (town.methodist.pk, town.teacher.pk)
    ]


def test_a_place_outside_is_refused(client: Client, town: Town) -> None:
    client.force_login(town.municipal)
    answer = client.post(give(town.teacher, "head"), {"organization": town.far_school.pk, "do": "write"})
    assert answer.status_code == 422
    assert Membership.objects.filter(user=town.teacher).count() == 0


@pytest.mark.parametrize(
    ("start", "end"), [(-1, None), (5, 1), (None, -1)], ids=["began yesterday", "ends before", "ended"]
)
def test_impossible_terms(client: Client, town: Town, start: int | None, end: int | None) -> None:
    days = {"starts_on": start, "ends_on": end}
    data = {name: (today() + timedelta(days=day)).isoformat() for name, day in days.items() if day is not None}
    client.force_login(town.admin)
    assert client.post(give(town.teacher, "curator"), data | {"do": "write"}).status_code == 422


def test_region_and_municipality_roles_are_the_admins(client: Client, town: Town) -> None:
    client.force_login(town.admin)
    confirmed(client, give(town.teacher, "municipal"), {"municipality": town.school.municipality_id})
    confirmed(client, give(town.teacher, "curator"), {})
    assert client.post(give(town.teacher, "curator"), {"do": "write"}).status_code == 422
    assert set(Membership.objects.filter(user=town.teacher).values_list("role", "municipality")) == {
        ("municipal", town.school.municipality_id),
        ("curator", None),
    }


def test_ending_shows_who_gets_the_cases(client: Client, town: Town) -> None:
    case = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    role = Membership.objects.get(user=town.methodist)
    client.force_login(town.municipal)

    look = client.post(of("role_end", role), {"since": today().isoformat(), "do": "check"})
    assert town.municipal.full_name in look.content.decode()
    assert Membership.objects.active().filter(pk=role.pk).exists()
    confirmed(client, of("role_end", role), {"since": today().isoformat()})

    case.refresh_from_db()
    assert case.responsible == town.municipal
    assert not Membership.objects.active().filter(pk=role.pk).exists()
    assert client.post(of("role_end", role), {"since": today().isoformat(), "do": "write"}).status_code == 422


def test_a_specialists_end_gives_his_cases_on(client: Client, town: Town) -> None:
    case = case_of(town.head, status=Status.SCHOOL_REVIEW, responsible=town.municipal)
    role = Membership.objects.get(user=town.municipal)
    client.force_login(town.admin)

    confirmed(client, of("role_end", role), {"since": today().isoformat()})

    case.refresh_from_db()
    assert case.responsible == town.admin


def test_ending_later_moves_nothing_today(client: Client, town: Town) -> None:
    case = case_of(town.teacher, status=Status.SCHOOL_REVIEW, responsible=town.methodist)
    role = Membership.objects.get(user=town.methodist)
    client.force_login(town.municipal)
    since = today() + timedelta(days=7)

    confirmed(client, of("role_end", role), {"since": since.isoformat()})

    case.refresh_from_db()
    role.refresh_from_db()
    assert (case.responsible, role.ends_on) == (town.methodist, since - timedelta(days=1))


def test_prolonging(client: Client, town: Town) -> None:
    role = Membership.objects.get(user=town.head)
    client.force_login(town.municipal)
    day = today() + timedelta(days=30)

    for _ in range(2):
        assert client.post(of("role_prolong", role), {"ends_on": day.isoformat()}).status_code == 302
    role.refresh_from_db()
    assert role.ends_on == day
    assert LogEntry.objects.filter(person=town.head, note__startswith="изменён срок роли").count() == 1
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert client.post(of("role_prolong", role), {"ends_on": yesterday}).status_code == 422
    client.post(of("role_prolong", role), {"ends_on": ""})
    role.refresh_from_db()
    assert role.ends_on is None


def test_two_endless_roles_are_refused(client: Client, town: Town) -> None:
    day = today()
    role = Membership.objects.get(user=town.head)
    later = Membership.objects.create(
        user=town.head, role=Role.HEAD, organization=town.school, starts_on=day, ends_on=day + timedelta(days=9)
    )
    client.force_login(town.municipal)

    assert client.post(of("role_prolong", later), {"ends_on": ""}).status_code == 422
    assert role.ends_on is None


@pytest.mark.parametrize("name", ["role_end", "role_prolong"])
def test_roles_of_others_are_not_touched_by_those_who_may_not(client: Client, town: Town, name: str) -> None:
    head, service = Membership.objects.get(user=town.head), Membership.objects.get(user=town.municipal)
    admin = Membership.objects.get(user=town.admin)
    for user in (town.head, town.methodist, person_with(Role.MUNICIPAL, town.far_school.municipality)):
        client.force_login(user)
        assert client.get(of(name, head)).status_code == 404
    client.force_login(town.municipal)
    assert client.get(of(name, service)).status_code == 404  # his own
    assert client.get(of(name, admin)).status_code == 404
    client.force_login(town.admin)
    assert client.get(of(name, admin)).status_code == 404  # his own
    regional = Membership.objects.get(user=person_with(Role.REGIONAL))
    assert client.get(of(name, regional)).status_code == 404  # its card has the orders


def test_a_closed_card_gets_no_role(client: Client, town: Town) -> None:
    User.objects.filter(pk=town.teacher.pk).update(is_active=False)
    client.force_login(town.admin)
    assert client.post(give(town.teacher, "curator"), {"do": "write"}).status_code == 422
    role = Membership.objects.create(
        user=town.teacher, role=Role.MENTOR, person=town.methodist, ends_on=today() + timedelta(days=1)
    )
    assert client.post(of("role_prolong", role), {"ends_on": ""}).status_code == 422


def test_a_role_is_not_prolonged_into_the_days_of_its_like(client: Client, town: Town) -> None:
    day = today()
    first, _ = (
        Membership.objects.create(user=town.teacher, role=Role.HEAD, organization=town.school, starts_on=a, ends_on=b)
        for a, b in ((day - timedelta(days=9), day), (day + timedelta(days=5), day + timedelta(days=20)))
    )
    client.force_login(town.municipal)
    assert client.post(of("role_prolong", first), {"ends_on": (day + timedelta(days=7)).isoformat()}).status_code == 422
    assert client.post(of("role_prolong", first), {"ends_on": (day + timedelta(days=4)).isoformat()}).status_code == 302
