"""A case changes hands: what it has asked РМА for is asked by whoever answers for it now, and comes back with it."""

from datetime import timedelta

import pytest

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import User
from motor.models import Case, Status
from motor.services import handing_over, substitution
from motor.services.naming import name_responsible
from motor.services.transfer import transfer_person
from rma.models import Request
from rma.origins import origin_of
from tests.factories import CaseFactory, MemberFactory, OrganizationFactory, RequestFactory, person_with

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def fresh(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def author_of(request: Request) -> User:
    return Request.objects.select_related("author").get(pk=request.pk).author


@pytest.fixture
def school() -> Organization:
    found: Organization = OrganizationFactory()
    return found


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with("methodist", school)


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with("municipal", school.municipality)


@pytest.fixture
def case(school: Organization, methodist: User) -> Case:
    return fresh(CaseFactory(completion__organization=school, responsible=methodist, status=Status.RMA_REQUESTED))


@pytest.fixture
def asked(case: Case, methodist: User) -> Request:
    found = Request.objects.of(case).get()
    assert found.author == methodist
    return found


def test_whoever_is_named_asks_from_now_on(case: Case, asked: Request, school: Organization, specialist: User) -> None:
    colleague = person_with("methodist", school)
    by_specialist = RequestFactory(source=case, kind="consultation", author=specialist, status="sent")
    over = RequestFactory(source=case, kind="iom_help", author=case.responsible, status="withdrawn")
    elsewhere = RequestFactory(author=case.responsible, kind="consultation")

    name_responsible(case, colleague, specialist, "Ведёт предмет")

    assert author_of(asked) == colleague
    assert author_of(by_specialist) == specialist
    assert author_of(over) == author_of(elsewhere) == Request.objects.get(pk=over.pk).author != colleague
    assert list(Request.objects.askable_by(colleague)) == [asked]


def test_letters_follow_the_case(case: Case, asked: Request, school: Organization, specialist: User) -> None:
    colleague, former = person_with("methodist", school), case.responsible
    name_responsible(case, colleague, specialist, "Ведёт предмет")
    request = Request.objects.select_related("member__user", "author", "person").get(pk=asked.pk)
    assert request.member is not None

    origin_of(request).propose(request, today() + 5 * DAY, actor=request.member.user, comment="Позже")

    assert list(Letter.objects.filter(kind="rma.proposed").values_list("to", flat=True)) == [colleague.pk]
    assert not Letter.objects.filter(to=former).exists()


def test_for_a_leave_and_home_again(case: Case, asked: Request, methodist: User, specialist: User) -> None:
    terms = {"starts_on": today(), "ends_on": today() + 7 * DAY, "reason": "отпуск", "actor": methodist}
    substitution.substitute(methodist, specialist, **terms)
    assert (fresh(case).responsible, author_of(asked)) == (specialist, specialist)

    handing_over.settle_leaves(today() + 8 * DAY)

    assert (fresh(case).responsible, author_of(asked)) == (methodist, methodist)


def test_moves_along_with_the_teacher(case: Case, asked: Request) -> None:
    there = OrganizationFactory()
    methodist = person_with("methodist", there)
    transfer_person(case.person, there, actor=person_with("admin"))
    assert (fresh(case).responsible, author_of(asked)) == (methodist, methodist)


def test_nobody_asks_himself(case: Case, school: Organization, specialist: User) -> None:
    """The member who helps answers for the case from now on: his own request stays the former author's."""
    colleague, former = person_with("methodist", school), case.responsible
    helps = RequestFactory(
        source=case, kind="iom_help", author=former, status="accepted", member=MemberFactory(user=colleague)
    )
    name_responsible(case, colleague, specialist, "Ведёт предмет")
    assert author_of(helps) == former


def test_a_case_without_a_holder_leaves_the_author(case: Case, asked: Request, methodist: User) -> None:
    methodist.memberships.all().delete()
    handing_over.settle_leaves()
    assert author_of(asked) == methodist
