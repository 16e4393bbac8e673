"""Who answers, by the clock alone: people who left, schools that got a methodist, leaves and returns."""

from datetime import timedelta
from typing import Any

import pytest

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, Role, Substitution, User
from motor import services
from motor.models import Case, Status
from motor.services import responsible, substitution
from motor.services.naming import name_responsible
from motor.services.staff import Staff
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganizationFactory,
    SubjectFactory,
    TaskFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with("methodist", school)


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with("municipal", school.municipality)


def case_in(school: Organization, responsible: User | None, **fields: Any) -> Case:
    person = fields.pop("person", None) or UserFactory(organization=school)
    subject = fields.pop("subject", None) or SubjectFactory()
    completion = CompletionFactory(person=person, organization=school, subject=subject)
    return CaseFactory(completion=completion, responsible=responsible, **fields)


def holders() -> dict[int, User | None]:
    return {case.pk: case.responsible for case in Case.objects.select_related("responsible")}


def leave(person: User, deputy: User, first: int = 0, last: int = 7) -> Substitution:
    """Written straight: as if it had been agreed long ago."""
    return Substitution.objects.create(
        person=person,
        deputy=deputy,
        starts_on=today() + first * DAY,
        ends_on=today() + last * DAY,
        created_at="2020-01-01T00:00:00+05:00",
    )


# --- Coming home -----------------------------------------------------------------------------------------------


def test_case_held_for_want_of_a_methodist_comes_home(school: Organization, specialist: User) -> None:
    case = case_in(school, specialist)
    step = TaskFactory(assignee=specialist, about=case, kind="motor.v1.talk")
    assert responsible.bring_home() == 0
    methodist = person_with("methodist", school)
    assert responsible.bring_home() == 1
    assert responsible.bring_home() == 0
    assert holders() == {case.pk: methodist}
    step.refresh_from_db()
    assert step.assignee == methodist
    letter = Letter.objects.get(kind="motor.handed_over")
    assert letter.to == methodist


def test_many_cases_come_home_with_one_letter(school: Organization, specialist: User) -> None:
    cases = [case_in(school, specialist) for _ in range(12)]
    methodist = person_with("methodist", school)
    assert responsible.bring_home() == 12
    assert set(holders().values()) == {methodist}
    letter = Letter.objects.get(kind="motor.handed_over")
    assert cases[0].person.full_name in letter.body
    assert "и ещё 2\u00a0карты" in letter.body


@pytest.mark.parametrize("role", ["head", "methodist"])
def test_case_of_the_head_or_a_methodist_stays_a_level_up(school: Organization, specialist: User, role: str) -> None:
    case = case_in(school, specialist, person=person_with(role, school))
    person_with("methodist", school)
    assert responsible.bring_home() == 0
    assert holders() == {case.pk: specialist}


def test_case_named_for_by_hand_stays_while_the_person_has_a_role(
    school: Organization, methodist: User, specialist: User
) -> None:
    case = case_in(school, methodist)
    name_responsible(case, specialist, person_with("admin"), "Методист болен")
    assert (responsible.bring_home(), responsible.reassign_orphans()) == (0, 0)
    specialist.memberships.update(ends_on=today() - DAY)
    assert responsible.reassign_orphans() == 1
    assert holders() == {case.pk: methodist}


def test_methodist_of_another_subject_takes_nothing_home(school: Organization, specialist: User) -> None:
    physics = SubjectFactory()
    case, own = case_in(school, specialist), case_in(school, specialist, subject=physics)
    methodist = person_with("methodist", school, subjects=[physics])
    assert responsible.bring_home() == 1
    assert holders() == {case.pk: specialist, own.pk: methodist}


# --- Orphans and independence ----------------------------------------------------------------------------------


def test_teacher_who_becomes_a_methodist_is_assessed_a_level_up(
    school: Organization, methodist: User, specialist: User
) -> None:
    case = case_in(school, methodist)
    MembershipFactory(user=case.person, role=Role.METHODIST)
    assert responsible.reassign_orphans() == 1
    assert responsible.bring_home() == 0
    assert holders() == {case.pk: specialist}


def test_nobody_at_all_is_said_and_does_not_loop(school: Organization) -> None:
    case = case_in(school, None)
    assert responsible.without_responsible() == [case.pk]
    assert (responsible.reassign_orphans(), responsible.reassign_orphans()) == (0, 0)
    admin = person_with("admin")
    assert responsible.reassign_orphans() == 1
    assert holders() == {case.pk: admin}


def test_whoever_gives_the_second_opinion_does_not_get_the_case(school: Organization, methodist: User) -> None:
    case = case_in(school, methodist, status=Status.RMA_REVIEW)
    member = case.rma_member.user
    MembershipFactory(user=member, role=Role.MUNICIPAL, municipality=school.municipality)
    other = person_with("admin")
    methodist.memberships.update(ends_on=today() - DAY)
    assert responsible.reassign_orphans() == 1
    assert holders() == {case.pk: other}


def test_case_that_moved_meanwhile_is_left_alone(school: Organization, methodist: User, specialist: User) -> None:
    case = case_in(school, methodist)
    staff = Staff([case])
    Case.objects.filter(pk=case.pk).update(revision=case.revision + 1)  # somebody else was quicker
    assert responsible.settle([(case, staff.answer(case, specialist))]) == 0
    assert holders() == {case.pk: methodist}
    assert not Letter.objects.exists()


def test_load_is_spread_within_one_reading(school: Organization) -> None:
    first, second = person_with("methodist", school), person_with("methodist", school)
    cases = [CaseFactory(completion=CompletionFactory(organization=school), responsible=None) for _ in range(6)]
    staff = Staff(cases)
    found = [responsible.find_responsible(case, staff) for case in cases]
    assert (found.count(first), found.count(second)) == (3, 3)


@pytest.mark.parametrize("count", [1, 5])
def test_reading_the_staff_costs_the_same_for_any_number(
    school: Organization, methodist: User, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        case_in(school, methodist)
    cases = list(responsible.with_people(Case.objects.all()))
    with django_assert_num_queries(6):
        staff = Staff(cases)
        assert [staff.choose(case) for case in cases] == [methodist] * count


# --- Leaves ----------------------------------------------------------------------------------------------------


def test_leave_hands_cases_over_and_brings_them_back(school: Organization, methodist: User, specialist: User) -> None:
    case, done = case_in(school, methodist), case_in(school, methodist, status=Status.CLOSED)
    leave(methodist, specialist, 1, 7)
    assert responsible.hand_over_absent() == 0
    assert responsible.hand_over_absent(today() + DAY) == 1
    assert responsible.hand_over_absent(today() + DAY) == 0
    case.refresh_from_db()
    assert (case.responsible, case.on_behalf_of) == (specialist, methodist)
    assert responsible.hand_over_absent(today() + 7 * DAY) == 0
    assert responsible.hand_over_absent(today() + 8 * DAY) == 1
    assert responsible.hand_over_absent(today() + 8 * DAY) == 0
    case.refresh_from_db()
    assert (case.responsible, case.on_behalf_of) == (methodist, None)
    assert holders()[done.pk] == methodist
    assert [one.move for one in case.transitions.all()][1:] == ["hand_over", "hand_over"]
    assert [one.kind for one in Letter.objects.all()] == ["motor.came_back"]


def test_whole_sweep_keeps_the_deputy_for_the_period(school: Organization, methodist: User, specialist: User) -> None:
    """Coming home looks for the methodist, who is away: the two sweeps must not pull the case apart."""
    case = case_in(school, methodist)
    leave(methodist, specialist)
    first, second = services.run_due(), services.run_due()
    assert (first["handed_over"], first["came_home"], first["reassigned"]) == (1, 0, 0)
    assert (second["handed_over"], second["came_home"], second["reassigned"]) == (0, 0, 0)
    assert holders() == {case.pk: specialist}


def test_case_opened_during_the_leave_goes_to_the_deputy(
    school: Organization, methodist: User, specialist: User
) -> None:
    leave(methodist, specialist)
    case = case_in(school, None, status=Status.SCHEDULED)
    services.run_due()
    case.refresh_from_db()
    assert (case.status, case.responsible, case.on_behalf_of) == (Status.SURVEY_OPEN, specialist, methodist)


def test_deputys_own_case_goes_to_somebody_else_and_stays_there(
    school: Organization, methodist: User, specialist: User
) -> None:
    """The deputy is an admin who studied; his case does not wander between sweeps."""
    admin = person_with("admin", organization=school)
    own, other = case_in(school, methodist, person=admin), case_in(school, methodist)
    leave(methodist, admin)
    assert responsible.hand_over_absent() == 2
    assert holders() == {own.pk: specialist, other.pk: admin}
    assert responsible.hand_over_absent() == 0
    assert responsible.hand_over_absent(today() + 8 * DAY) == 2
    assert set(holders().values()) == {methodist}


def test_second_opinion_is_not_given_to_the_deputy(school: Organization, methodist: User, specialist: User) -> None:
    case = case_in(school, methodist, status=Status.RMA_REVIEW)
    member = case.rma_member.user
    MembershipFactory(user=member, role=Role.ADMIN)
    leave(methodist, member)
    responsible.hand_over_absent()
    assert holders() == {case.pk: specialist}


def test_deputy_on_leave_passes_on_one_step(school: Organization, methodist: User, specialist: User) -> None:
    second = person_with("methodist", school)
    case = case_in(school, methodist)
    leave(methodist, second, 0, 9)
    assert responsible.hand_over_absent() == 1
    leave(second, specialist, 1, 3)
    assert responsible.hand_over_absent(today() + DAY) == 1
    case.refresh_from_db()
    assert (case.responsible, case.on_behalf_of) == (specialist, methodist)
    assert responsible.hand_over_absent(today() + 4 * DAY) == 1
    assert holders() == {case.pk: second}
    assert responsible.hand_over_absent(today() + 10 * DAY) == 1
    assert holders() == {case.pk: methodist}


def test_person_who_lost_the_role_meanwhile_gets_nothing_back(
    school: Organization, methodist: User, specialist: User
) -> None:
    case = case_in(school, methodist)
    leave(methodist, specialist)
    responsible.hand_over_absent()
    methodist.memberships.update(ends_on=today() - DAY)
    responsible.hand_over_absent(today() + 8 * DAY)
    case.refresh_from_db()
    assert (case.responsible, case.on_behalf_of) == (specialist, None)


def test_half_a_run_is_finished_by_the_next(
    school: Organization, methodist: User, specialist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker dies after the first letter's worth: that holder's cases go back whole, the next run does all."""
    cases = [case_in(school, methodist) for _ in range(3)]
    leave(methodist, specialist, -5, -1)
    Case.objects.update(responsible=specialist, on_behalf_of=methodist)

    def die(moved: list[Case]) -> None:
        raise SystemExit

    monkeypatch.setattr(responsible.letters, "came_back", die)
    with pytest.raises(SystemExit):
        responsible.hand_over_absent()
    assert set(holders().values()) == {specialist}
    monkeypatch.undo()
    assert responsible.hand_over_absent() == len(cases)
    assert set(holders().values()) == {methodist}
    assert Letter.objects.filter(kind="motor.came_back").count() == 1


# --- Agreeing on a substitution --------------------------------------------------------------------------------


def agree(person: User, deputy: User, first: int = 0, last: int = 7) -> Substitution:
    start, end = today() + first * DAY, today() + last * DAY
    return substitution.substitute(person, deputy, starts_on=start, ends_on=end, reason="отпуск", actor=person)


def test_substitution_from_today_hands_over_at_once_with_one_letter_each(
    school: Organization, methodist: User, specialist: User
) -> None:
    cases = [case_in(school, methodist) for _ in range(3)]
    row = agree(methodist, specialist)
    assert holders() == {case.pk: specialist for case in cases}
    services.run_due()
    assert {(one.kind, one.to) for one in Letter.objects.exclude(kind="motor.invite")} == {
        ("motor.substitution", specialist),
        ("motor.substitution", methodist),
    }
    substitution.cancel_substitution(row, actor=methodist)
    assert holders() == {case.pk: methodist for case in cases}
    with pytest.raises(substitution.SubstitutionRefused, match="уже"):
        substitution.cancel_substitution(row, actor=methodist)


def test_preview_says_what_will_move_and_moves_nothing(school: Organization, methodist: User, specialist: User) -> None:
    case = case_in(school, methodist)
    start, end = today() + 3 * DAY, today() + 5 * DAY
    outlook = substitution.what_happens(methodist, specialist, starts_on=start, ends_on=end, reason="", actor=methodist)
    assert [(one.thing, one.to) for one in outlook.goes] == [(case, specialist)]
    assert holders() == {case.pk: methodist}
    assert (Substitution.objects.count(), Letter.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(-1, 3, "прошёл"), (5, 3, "раньше первого"), (0, 400, "года")],
)
def test_impossible_periods_are_refused_in_words(
    school: Organization, methodist: User, specialist: User, first: int, last: int, words: str
) -> None:
    with pytest.raises(substitution.SubstitutionRefused, match=words):
        agree(methodist, specialist, first, last)
    assert not Substitution.objects.exists()


def test_overlaps_circles_and_strangers_are_refused(school: Organization, methodist: User, specialist: User) -> None:
    second = person_with("methodist", school)
    stranger = person_with("methodist", OrganizationFactory())
    with pytest.raises(substitution.SubstitutionRefused, match="не отвечает"):
        agree(methodist, stranger)
    with pytest.raises(substitution.SubstitutionRefused, match="Сам себя"):
        agree(methodist, methodist)
    agree(methodist, second, 0, 7)
    with pytest.raises(substitution.SubstitutionRefused, match="уже есть"):
        agree(methodist, specialist, 7, 9)
    with pytest.raises(substitution.SubstitutionRefused, match="тоже отсутствует"):
        agree(second, methodist, 3, 4)
    assert agree(second, specialist, 1, 2).pk  # one step further is fine
    with pytest.raises(substitution.SubstitutionRefused, match="сам"):
        agree(specialist, person_with("admin"), 2, 3)  # two are not
    assert agree(methodist, specialist, 8, 9).pk


def test_who_may_be_replaced_by_whom(school: Organization, methodist: User, specialist: User) -> None:
    head, admin = person_with("head", school), person_with("admin")
    elsewhere = person_with("methodist", OrganizationFactory(municipality=school.municipality))
    far = person_with("methodist", OrganizationFactory())
    retired = person_with("methodist", school)
    retired.memberships.update(ends_on=today() - DAY)

    def ids(people: Any) -> set[int]:
        return set(people.values_list("pk", flat=True))

    assert ids(substitution.replaceable_by(methodist)) == {methodist.pk}
    assert ids(substitution.replaceable_by(head)) == {methodist.pk}
    assert ids(substitution.replaceable_by(specialist)) == {methodist.pk, elsewhere.pk, specialist.pk}
    assert ids(substitution.replaceable_by(admin)) == {one.pk for one in (methodist, elsewhere, far, specialist, admin)}
    assert ids(substitution.replaceable_by(UserFactory())) == set()
    assert ids(substitution.deputies_for(methodist)) == {specialist.pk, admin.pk}
    assert ids(substitution.deputies_for(specialist)) == {admin.pk}


def test_municipal_case_comes_home_only_within_its_own_municipality(school: Organization) -> None:
    other = person_with("municipal", MunicipalityFactory())
    case = case_in(school, other)
    assert responsible.without_responsible() == [case.pk]
    assert Membership.objects.filter(role=Role.METHODIST).count() == 0
