"""Who is in a community: adding one and many, letters, ending, naming heads, leaving; and merging."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.home.letter_texts.communities import KINDS
from cabinet.home.services import community_members as services
from cabinet.home.services.merging_organizations import merge_organizations, plan_organizations
from cabinet.mail.models import Letter
from cabinet.mail.texts import register
from cabinet.structure.models import Community, Organization
from cabinet.users.models import CommunityMember, LogEntry, Role, User
from tests.factories import OrganizationFactory, SubjectFactory, UserFactory, person_with
from tests.home.communities import CommunityFactory, CommunityMemberFactory, head_of
from tests.home.merging import merge
from tests.planner.events import EventFactory

pytestmark = pytest.mark.django_db
register(KINDS)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def add(community: Community) -> str:
    return reverse("home:community_add", args=[community.pk])


def act(row: CommunityMember, name: str) -> str:
    return reverse(f"home:community_member_{name}", args=[row.pk])


def inside(community: Community) -> list[User]:
    rows = CommunityMember.objects.lasting().filter(community=community).order_by("person")
    return [row.person for row in rows]


# --- Adding --------------------------------------------------------------------------------------------------------


def test_methodist_adds_a_subject_at_once_and_each_reads_of_it() -> None:
    school, subject = OrganizationFactory(), SubjectFactory()
    community = CommunityFactory(organization=school, name="МО {ссылка} <b>химиков</b>")
    methodist = person_with(Role.METHODIST, school)
    wanted = [UserFactory(organization=school, subject=subject) for _ in range(3)]
    other, foreign = UserFactory(organization=school), UserFactory(subject=subject)
    client = signed_in(methodist)
    shown = client.get(f"{add(community)}?subject={subject.pk}")
    assert sorted(one.pk for one in shown.context["found"]) == [one.pk for one in wanted]
    assert client.get(add(community)).context["found"] == []  # nothing asked is nobody
    sent = {"person": [one.pk for one in (*wanted, foreign)], "starts_on": "", "ends_on": "2031-05-31"}
    for _ in range(2):  # a double click
        assert client.post(add(community), sent).status_code == 302
    assert inside(community) == wanted
    assert other not in inside(community)
    rows = CommunityMember.objects.filter(community=community)
    assert {(row.starts_on, row.ends_on, row.role) for row in rows} == {(today(), date(2031, 5, 31), "member")}
    letters = Letter.objects.filter(kind="community.member")
    assert sorted(letters.values_list("to", flat=True)) == [one.pk for one in wanted]
    assert "31 мая 2031" in letters[0].body.replace("\u00a0", " ")
    assert LogEntry.objects.filter(action="rights", about_id=community.pk).count() == 3


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"person": []}, None),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"starts_on": "2031-02-02", "ends_on": "2031-02-01"}, "ends_on"),
        ({"starts_on": "вчера"}, "starts_on"),
    ],
)
def test_adding_says_what_is_wrong(sent: dict[str, Any], field: str | None) -> None:
    community, person = CommunityFactory(), UserFactory()
    answer = signed_in(person_with(Role.ADMIN)).post(add(community), {"person": [person.pk]} | sent)
    assert answer.status_code == 422
    assert (field or "__all__") in answer.context["term"].errors
    assert inside(community) == []


def test_head_of_a_community_adds_colleagues_and_those_whose_cards_he_sees() -> None:
    school = OrganizationFactory()
    community, wide = CommunityFactory(organization=school), CommunityFactory()
    head = head_of(community, organization=school)
    CommunityMemberFactory(community=wide, person=head, role="head")
    colleague, stranger = UserFactory(organization=school), UserFactory()
    gone = UserFactory(organization=school, is_active=False)
    assert list(services.candidates(community, head)) == [colleague]
    assert list(services.candidates(wide, head)) == []  # himself is in it, others' cards he does not see
    client = signed_in(head)
    client.post(add(community), {"person": [colleague.pk, stranger.pk, gone.pk, head.pk]})
    assert inside(community) == [head, colleague]


def test_who_left_may_come_again_and_who_is_to_come_is_not_added_twice() -> None:
    community, actor = CommunityFactory(), person_with(Role.ADMIN)
    was = CommunityMemberFactory(community=community, ends_on=today() - timedelta(days=1)).person
    coming = CommunityMemberFactory(community=community, starts_on=today() + timedelta(days=5)).person
    rows = services.add_members(community, [was, coming], actor=actor)
    assert [row.person for row in rows] == [was]
    assert CommunityMember.objects.filter(community=community).count() == 3


@pytest.mark.parametrize("rows", [1, 5])
def test_adding_page_asks_the_same_number_of_questions(rows: int, django_assert_num_queries: Any) -> None:
    school, subject = OrganizationFactory(), SubjectFactory()
    community = CommunityFactory(organization=school)
    for _ in range(rows):
        UserFactory(organization=school, subject=subject)
    client = signed_in(person_with(Role.METHODIST, school))
    with django_assert_num_queries(7):
        assert client.get(f"{add(community)}?subject={subject.pk}").status_code == 200


# --- Ending, naming ------------------------------------------------------------------------------------------------


def test_ending_keeps_the_row_and_asks_first() -> None:
    community = CommunityFactory()
    row = CommunityMemberFactory(community=community, starts_on=date(2025, 9, 1))
    fresh = CommunityMemberFactory(community=community, starts_on=today())
    client = signed_in(person_with(Role.ADMIN))
    assert client.get(act(row, "end")).status_code == 200
    assert len(inside(community)) == 2
    assert client.post(act(row, "end")).status_code == 302
    assert client.post(act(row, "end")).status_code == 404  # a double click finds nobody to let go
    assert client.post(act(fresh, "end")).status_code == 302
    row.refresh_from_db()
    assert row.ends_on == today() - timedelta(days=1)
    assert not CommunityMember.objects.filter(pk=fresh.pk).exists()  # began today: only the log remembers
    assert LogEntry.objects.filter(action="rights", about_id=community.pk).count() == 2
    assert services.end_member(row, actor=row.person) is False


def test_who_may_let_go_whom() -> None:
    school = OrganizationFactory()
    community = CommunityFactory(organization=school)
    head, second = head_of(community), CommunityMemberFactory(community=community, role="head")
    plain = CommunityMemberFactory(community=community, person=UserFactory(email="plain@example.org"))
    foreign = CommunityMemberFactory()

    def may(user: User) -> list[CommunityMember]:
        return list(CommunityMember.objects.endable_by(user).order_by("pk"))

    own = CommunityMember.objects.get(person=head)
    assert may(head) == [own, plain]  # not the other head
    assert may(plain.person) == [plain]
    assert may(person_with(Role.METHODIST, school)) == [own, second, plain]
    assert may(person_with(Role.METHODIST, OrganizationFactory())) == []
    assert may(person_with(Role.ADMIN)) == [own, second, plain, foreign]
    answer = signed_in(plain.person).post(act(plain, "end"))
    assert answer["Location"] == "/people/communities/"  # of another school's it is seen no more
    assert LogEntry.objects.get(action="rights", person=plain.person).note.startswith("вышел")


def test_several_heads_and_back() -> None:
    community = CommunityFactory()
    first, second = CommunityMemberFactory(community=community), CommunityMemberFactory(community=community)
    client = signed_in(person_with(Role.ADMIN))
    for row in (first, second, second):
        assert client.post(act(row, "head")).status_code == 302
    assert CommunityMember.objects.heads().count() == 2
    assert sorted(Letter.objects.filter(kind="community.head").values_list("to", flat=True)) == sorted(
        [first.person_id, second.person_id]
    )
    client.post(act(first, "head"), {"do": "undo"})
    assert list(CommunityMember.objects.heads()) == [second]
    assert LogEntry.objects.filter(action="rights", about_id=community.pk).count() == 3
    assert client.get(act(first, "head")).status_code == 405


def test_head_of_a_community_names_no_heads() -> None:
    community = CommunityFactory()
    row = CommunityMemberFactory(community=community)
    assert signed_in(head_of(community)).post(act(row, "head")).status_code == 404
    assert signed_in(row.person).post(act(row, "head")).status_code == 404


# --- Merging -------------------------------------------------------------------------------------------------------


def test_two_cards_in_one_community_become_one_member_and_the_head_stays_head() -> None:
    community, other = CommunityFactory(), CommunityFactory()
    keep, drop, admin = UserFactory(), UserFactory(), person_with(Role.ADMIN)
    CommunityMemberFactory(community=community, person=keep, starts_on=date(2026, 1, 1))
    CommunityMemberFactory(community=community, person=drop, starts_on=date(2025, 1, 1), role="head")
    CommunityMemberFactory(community=community, person=drop, ends_on=date(2024, 5, 31))  # an earlier term
    CommunityMemberFactory(community=other, person=drop)
    merge(keep, drop, admin)
    rows = CommunityMember.objects.order_by("pk").values_list("community", "person", "role", "starts_on", "ends_on")
    assert list(rows) == [
        (community.pk, keep.pk, "head", date(2025, 1, 1), None),
        (community.pk, keep.pk, "member", None, date(2024, 5, 31)),
        (other.pk, keep.pk, "member", None, None),
    ]


def test_two_organizations_with_a_community_of_one_name() -> None:
    keep = OrganizationFactory()
    drop, admin = OrganizationFactory(municipality=keep.municipality), person_with(Role.ADMIN)
    own = CommunityFactory(name="МО физиков", organization=keep)
    other = CommunityFactory(name="«МО» физиков", organization=drop, text="О нас")
    alone = CommunityFactory(name="МО химиков", organization=drop)
    both, guest = UserFactory(), UserFactory()
    CommunityMemberFactory(community=own, person=both)
    CommunityMemberFactory(community=other, person=both, role="head")
    CommunityMemberFactory(community=other, person=guest)
    event = EventFactory(organization=drop, community=other)
    plan = plan_organizations(keep, drop, actor=admin)
    assert any("МО физиков" in clash.what or "«МО» физиков" in clash.what for clash in plan.clashes)
    merge_organizations(keep, drop, {}, actor=admin, seen=plan.fingerprint)
    assert list(Community.objects.order_by("pk")) == [own, alone]
    assert set(Community.objects.values_list("organization", flat=True)) == {keep.pk}
    own.refresh_from_db()
    event.refresh_from_db()
    assert (own.text, event.community, event.organization) == ("О нас", own, Organization.objects.get(pk=keep.pk))
    rows = CommunityMember.objects.filter(community=own).order_by("person").values_list("person", "role")
    assert list(rows) == [(both.pk, "head"), (guest.pk, "member")]
