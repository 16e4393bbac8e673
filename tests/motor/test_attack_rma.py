"""Attacks on handing over and on the experience pool: what a deputy keeps, reads and may not do; foreign events."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.structure.models import Organization
from cabinet.users.models import Role, Substitution, User
from motor.models import Case, Presentation, Status
from motor.services import handing_over, substitution
from registry.models import Entry, Export
from registry.models.export import scope_key
from registry.services import rebuild
from rma.models import Loan, Member, Request
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    JobFactory,
    MemberFactory,
    MembershipFactory,
    OrganizationFactory,
    RequestFactory,
    RouteFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)
from tests.planner.events import EventFactory, PresentationFactory, pooled

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


def fresh(user: User) -> User:
    """As in the next request: roles are kept on the user."""
    return User.objects.get(pk=user.pk)


def leave(person: User, deputy: User, first: int = 0, last: int = 3) -> Substitution:
    return Substitution.objects.create(
        person=person, deputy=deputy, starts_on=today() + first * DAY, ends_on=today() + last * DAY
    )


def two_of_a_school(school: Organization) -> tuple[User, User, Case, Case]:
    """Methodists of two subjects, a case of each subject."""
    maths, physics = SubjectFactory(), SubjectFactory()
    first = person_with(Role.METHODIST, school, subjects=[maths])
    second = person_with(Role.METHODIST, school, subjects=[physics])
    cases = [
        CaseFactory(
            completion=CompletionFactory(person=UserFactory(organization=school), subject=subject),
            responsible=who,
            status=Status.SCHOOL_REVIEW,
        )
        for subject, who in ((maths, first), (physics, second))
    ]
    return first, second, *cases


def at(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


# --- What a deputy reads, and what he keeps --------------------------------------------------------------------------


def test_borrowed_scope_begins_and_ends_with_the_leave(client: Client, school: Organization) -> None:
    first, second, theirs, _ = two_of_a_school(school)
    rebuild()
    for days, may in (((1, 3), False), ((0, 3), True), ((-5, -1), False)):
        row = leave(first, second, *days)
        deputy = fresh(second)
        assert Case.objects.visible_to(deputy).filter(pk=theirs.pk).exists() == may, days
        assert Entry.objects.visible_to(deputy).filter(case=theirs).exists() == may, days
        assert at(client, deputy).get(theirs.get_absolute_url()).status_code == (200 if may else 404)
        row.delete()


def test_export_made_with_a_borrowed_scope_closes_with_it(client: Client, school: Organization) -> None:
    """The file holds the other's teachers: who stood in reads it no longer than he stands in."""
    first, second, *_ = two_of_a_school(school)
    row = leave(first, second)
    deputy = fresh(second)
    made = Export.objects.create(job=JobFactory(owner=deputy), owner=deputy, scope=scope_key(deputy))
    assert list(Export.objects.visible_to(fresh(second))) == [made]
    Substitution.objects.filter(pk=row.pk).update(ends_on=today() - DAY, starts_on=today() - 2 * DAY)
    assert list(Export.objects.visible_to(fresh(second))) == []


def test_export_made_before_a_leave_stays_the_deputys_own(school: Organization) -> None:
    """And the other way round: his own file is not closed to him for good because he stood in for a week."""
    first, second, *_ = two_of_a_school(school)
    made = Export.objects.create(job=JobFactory(owner=second), owner=second, scope=scope_key(second))
    row = leave(first, second)
    row.delete()
    assert list(Export.objects.visible_to(fresh(second))) == [made]


def test_deputy_does_not_lend_on_what_he_borrowed(school: Organization) -> None:
    """A chain gives the third nothing of the first."""
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    other = OrganizationFactory(municipality=school.municipality)
    first = person_with(Role.METHODIST, school)
    third = person_with(Role.METHODIST, other)
    case = CaseFactory(completion__person=UserFactory(organization=school), responsible=first, status="school_review")
    leave(first, specialist)
    leave(specialist, third)
    assert not Case.objects.visible_to(fresh(third)).filter(pk=case.pk).exists()
    assert fresh(third).deputized_memberships == []


def test_borrowed_rights_give_no_roles_and_name_nobody(client: Client, school: Organization) -> None:
    head, methodist = person_with(Role.HEAD, school), person_with(Role.METHODIST, school)
    leave(head, methodist)
    deputy = fresh(methodist)
    assert deputy.roles == {"teacher", "methodist"}
    assert deputy.deputized_memberships == []
    assert not substitution.replaceable_by(deputy).filter(pk=head.pk).exists()


@pytest.mark.parametrize("role", [Role.HEAD, Role.OBSERVER, Role.CURATOR, Role.REGIONAL, Role.ADMIN])
def test_roles_that_are_nobodys_to_lend_are_not_lent(school: Organization, role: str) -> None:
    scope = school if role == Role.HEAD else None
    away, deputy = person_with(role, scope), person_with(Role.METHODIST, school)
    outside = CaseFactory(status=Status.SCHOOL_REVIEW)
    leave(away, deputy)
    assert fresh(deputy).deputized_memberships == []
    assert not Case.objects.visible_to(fresh(deputy)).filter(pk=outside.pk).exists()


def test_ended_role_of_the_one_away_is_not_lent(school: Organization) -> None:
    away, deputy = person_with(Role.METHODIST, school), person_with(Role.MUNICIPAL, school.municipality)
    away.memberships.update(ends_on=today() - DAY)
    leave(away, deputy)
    assert fresh(deputy).deputized_memberships == []


def test_deputy_reads_no_first_opinion_where_he_owes_the_second(client: Client, school: Organization) -> None:
    """A specialist who is a member of РМА, asked for a second opinion, then standing in for the methodist."""
    methodist = person_with(Role.METHODIST, school)
    specialist = person_with(Role.MUNICIPAL, school.municipality)
    MembershipFactory(user=specialist, role=Role.REGIONAL)
    member = MemberFactory(user=specialist)
    person = UserFactory(organization=school)
    case = CaseFactory(
        completion=CompletionFactory(person=person), responsible=methodist, status="rma_review", rma_member=member
    )
    checklist = case.checklists.get()
    checklist.comment = "Тайное замечание первого"
    checklist.save()
    leave(methodist, specialist)
    page = at(client, specialist).get(case.get_absolute_url())
    assert page.status_code == 200
    assert "Тайное замечание первого" not in page.content.decode()
    rebuild()
    assert not Entry.objects.visible_to(fresh(specialist)).filter(case=case).exists()


def test_deputy_of_the_assessed_methodist_reads_what_the_teacher_may_not_and_he_does_not(
    client: Client, school: Organization
) -> None:
    """The one away is a teacher of a case himself: handing over shows him nothing of what is said of him."""
    away = person_with(Role.METHODIST, school)
    case = CaseFactory(completion=CompletionFactory(person=away), status="rma_requested")
    request = Request.objects.of(case).get()
    leave(away, case.responsible)
    assert at(client, away).get(request.get_absolute_url()).status_code == 404


# --- Members who hand over -------------------------------------------------------------------------------------------


def hand(member: Member, deputy: Member, first: int = 0, last: int = 7) -> Substitution:
    return substitution.substitute(
        member.user,
        None,
        starts_on=today() + first * DAY,
        ends_on=today() + last * DAY,
        reason="отпуск",
        actor=member.user,
        rma_deputy=deputy.user,
    )


def test_request_and_case_are_the_deputys_within_the_leave_only(client: Client) -> None:
    member, deputy = MemberFactory.create_batch(2)
    case = CaseFactory(status="rma_review", rma_member=member)
    request = Request.objects.of(case).get()
    row = hand(member, deputy, 1, 7)

    def readers() -> dict[str, int]:
        return {
            name: at(client, who.user).get(thing.get_absolute_url()).status_code
            for who, names in ((member, ("m-request", "m-case")), (deputy, ("d-request", "d-case")))
            for name, thing in zip(names, (request, case), strict=True)
        }

    assert readers() == {"m-request": 200, "m-case": 200, "d-request": 404, "d-case": 404}
    handing_over.settle_leaves(today() + DAY)
    assert readers() == {"m-request": 404, "m-case": 404, "d-request": 200, "d-case": 200}
    substitution.cancel_substitution(row, actor=member.user)
    assert readers() == {"m-request": 200, "m-case": 200, "d-request": 404, "d-case": 404}
    assert Loan.objects.filter(returned_at=None).count() == 0


@pytest.mark.parametrize("who", ["stranger", "deputy", "head", "other_member", "observer"])
def test_nobody_hands_over_anothers_work_nor_ends_it(client: Client, who: str) -> None:
    member, deputy, other = MemberFactory.create_batch(3)
    row = hand(member, deputy)
    people = {
        "stranger": person_with(Role.METHODIST, OrganizationFactory()),
        "deputy": deputy.user,
        "head": person_with(Role.HEAD, member.user.organization),
        "other_member": other.user,
        "observer": person_with(Role.OBSERVER),
    }
    at(client, people[who])
    address = reverse("motor:substitution_add", args=[other.user_id if who == "deputy" else member.user_id])
    assert client.get(address).status_code == (200 if people[who].pk == member.user_id else 404)
    assert client.post(reverse("motor:substitution_cancel", args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert row.cancelled_at is None


def test_excluded_member_gets_no_deputys_work() -> None:
    member, deputy = MemberFactory.create_batch(2)
    case = CaseFactory(status="rma_review", rma_member=member)
    hand(member, deputy, 1, 7)
    Member.objects.filter(pk=deputy.pk).update(status="excluded")
    handing_over.settle_leaves(today() + DAY)
    case.refresh_from_db()
    assert case.rma_member_id == member.pk


@pytest.mark.parametrize("bad", ["²", "9" * 18, "-1", "", "0"])
def test_strange_deputies_are_refused(client: Client, bad: str) -> None:
    member = MemberFactory()
    RequestFactory(member=member)
    data = {"rma_deputy": bad, "starts_on": today().isoformat(), "ends_on": today().isoformat(), "do": "write"}
    answer = at(client, member.user).post(reverse("motor:substitution_add", args=[member.user_id]), data)
    assert answer.status_code == 422
    assert Substitution.objects.count() == 0


def test_preview_of_a_leave_names_nobody_of_another_municipality(client: Client) -> None:
    """A specialist may hand over his member's work; with whom the member works far away is not for him to read."""
    member = MemberFactory(user=person_with(Role.REGIONAL, organization=OrganizationFactory()))
    deputy = MemberFactory()
    far = UserFactory(last_name="Заозёрная")
    case = CaseFactory(completion=CompletionFactory(person=far), status="rma_review", rma_member=member)
    RouteFactory(person=far, rma_member=member, title="Маршрут Заозёрной", status="draft")
    specialist = person_with(Role.MUNICIPAL, member.user.organization.municipality)
    assert at(client, specialist).get(case.get_absolute_url()).status_code == 404
    address = reverse("motor:substitution_add", args=[member.user_id])
    day = today().isoformat()
    page = client.post(address, {"rma_deputy": deputy.user_id, "starts_on": day, "ends_on": day})
    assert page.status_code == 200
    assert "Заозёрн" not in page.content.decode()


# --- Experience ------------------------------------------------------------------------------------------------------


def test_foreign_municipality_neither_places_nor_marks_nor_confirms(client: Client) -> None:
    record = pooled()
    event = EventFactory(municipality=record.case.organization.municipality, on=today())
    row = PresentationFactory(case=record.case, event=event)
    done = PresentationFactory(event=event, status="presented")
    for user in (
        person_with(Role.MUNICIPAL, OrganizationFactory().municipality),
        person_with(Role.METHODIST, OrganizationFactory()),
        person_with(Role.OBSERVER),
        MemberFactory().user,
    ):
        at(client, user)
        own = EventFactory(author=user)
        data = {"case": record.case_id, "event": own.pk}
        page = client.post(reverse("motor:experience_place"), data, follow=True)
        assert record.case.person.full_name not in page.content.decode()
        assert (
            client.post(
                reverse("motor:experience_mark", args=[event.pk]), {"row": row.pk, "do": "presented"}
            ).status_code
            == 404
        )
        for name in ("experience_unmark", "experience_remove"):
            assert client.post(reverse(f"motor:{name}", args=[row.pk])).status_code == 404
        assert client.get(reverse("motor:confirmation", args=[done.pk])).status_code == 404
        assert not Presentation.objects.filter(event=own).exists()
    row.refresh_from_db()
    assert row.status == "planned"


def test_teacher_who_runs_the_event_does_not_mark_himself(client: Client, school: Organization) -> None:
    """Nor by any of his roles, nor by taking a mark back and giving it anew."""
    person = person_with(Role.METHODIST, school)
    MembershipFactory(user=person, role=Role.MUNICIPAL, municipality=school.municipality)
    MembershipFactory(user=person, role=Role.ADMIN)
    record = pooled(completion=CompletionFactory(person=person))
    event = EventFactory(author=person, on=today(), leaders=[person])
    row = PresentationFactory(case=record.case, event=event)
    at(client, person)
    mark = reverse("motor:experience_mark", args=[event.pk])
    client.post(mark, {"row": row.pk, "do": "presented"})
    client.post(reverse("motor:experience_unmark", args=[row.pk]))
    row.refresh_from_db()
    assert row.status == "planned"


def test_teacher_does_not_put_his_own_experience_into_an_event(school: Organization) -> None:
    """Own topic, own event, own title: somebody else's word is what the confirmation rests on."""
    person = person_with(Role.HEAD, school)
    record = pooled(completion=CompletionFactory(person=person))
    event = EventFactory(author=person, organization=school, on=today() - DAY)
    assert Presentation.objects.markable_by(person).filter(event=event).count() == 0
    row = PresentationFactory(case=record.case, event=event, status="presented")
    assert not Presentation.objects.markable_by(fresh(person)).filter(pk=row.pk).exists()


@pytest.mark.parametrize("bad", ["²", "9" * 18, "-1", "", "0", "1 OR 1=1"])
def test_strange_numbers_of_the_pool(client: Client, bad: str) -> None:
    event: Any = EventFactory(on=today())
    at(client, person_with(Role.ADMIN))
    assert client.get(reverse("motor:experience_place"), {"case": bad, "event": bad}).status_code in (200, 302, 422)
    assert client.get(reverse("motor:experience"), {"page": bad, "municipality": bad, "q": bad}).status_code == 200
    answer = client.post(reverse("motor:experience_mark", args=[event.pk]), {"row": bad, "do": "presented"})
    assert answer.status_code in (302, 404)


@pytest.mark.parametrize(
    "to", ["https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)"]
)
def test_new_event_leads_back_to_nobody_elses_site(client: Client, to: str) -> None:
    at(client, person_with(Role.ADMIN))
    page = client.get(reverse("planner:event_new"), {"next": to})
    assert page.status_code == 200
    assert f'href="{to}"' not in page.content.decode()
    assert f'value="{to}"' not in page.content.decode()
