"""Appointing, subjects, ending: the services behind «Кто отвечает»."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Membership, Role, Substitution, User
from motor.models import Case, Status
from motor.moves import MoveRefused
from motor.services import appointing, naming, responsible
from motor.services.appointing import AppointingRefused, Appointment
from rma.models import Request
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    MemberFactory,
    MembershipFactory,
    OrganizationFactory,
    RequestFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def head(school: Organization) -> User:
    return person_with("head", school)


@pytest.fixture
def specialist(school: Organization) -> User:
    return person_with("municipal", school.municipality)


def case_in(school: Organization, responsible: User | None, **fields: Any) -> Case:
    person = fields.pop("person", None) or UserFactory(organization=school)
    return CaseFactory(
        completion=CompletionFactory(person=person, organization=school), responsible=responsible, **fields
    )


def holder_of(case: Case) -> User | None:
    return Case.objects.select_related("responsible").get(pk=case.pk).responsible


def test_appointed_person_gets_login_cases_and_one_letter(school: Organization, head: User, specialist: User) -> None:
    cases = [case_in(school, specialist) for _ in range(2)]
    person = UserFactory(organization=school)
    membership = appointing.appoint(school, Appointment(person), actor=head)
    assert [holder_of(case) for case in cases] == [person, person]
    person.refresh_from_db()
    assert (person.email, membership.organization) == (person.contact_email, school)
    letter = Letter.objects.get(to=person)
    assert (letter.kind, "2\u00a0карты" in letter.body) == ("motor.appointed", True)
    notes = LogEntry.objects.filter(action=LogEntry.Action.RIGHTS, person=person, actor=head)
    assert notes.count() == 2  # the role and the login


def test_colleagues_cases_stay_and_own_one_goes_up(school: Organization, head: User, specialist: User) -> None:
    colleague = person_with("methodist", school)
    person = UserFactory(organization=school)
    others, own = case_in(school, colleague), case_in(school, colleague, person=person)
    moved = appointing.what_appointing_changes(school, Appointment(person), actor=head)
    assert [(one.pk, one.responsible) for one in moved] == [(own.pk, specialist)]
    appointing.appoint(school, Appointment(person), actor=head)
    assert (holder_of(others), holder_of(own)) == (colleague, specialist)


def test_preview_leaves_nothing_behind(school: Organization, head: User, specialist: User) -> None:
    case = case_in(school, specialist)
    later = Appointment(full_name="Петрова Анна Олеговна", email="anna@example.org", starts_on=today() + 5 * DAY)
    moved = appointing.what_appointing_changes(school, later, actor=head)
    assert [one.pk for one in moved] == [case.pk]
    assert holder_of(case) == specialist
    assert not User.objects.filter(contact_email="anna@example.org").exists()
    assert (Membership.objects.filter(role=Role.METHODIST).count(), Letter.objects.count()) == (0, 0)


def test_later_term_begins_by_itself(school: Organization, head: User, specialist: User) -> None:
    case, person = case_in(school, specialist), UserFactory(organization=school)
    appointing.appoint(school, Appointment(person, starts_on=today() + DAY), actor=head)
    assert holder_of(case) == specialist
    assert appointing.without_methodist(Organization.objects.all()).get() == school


def test_new_person_is_added_by_name_and_address(school: Organization, head: User) -> None:
    wanted = Appointment(full_name="петрова  анна олеговна", email="Anna@Example.org")
    person = appointing.appoint(school, wanted, actor=head).user
    assert (person.full_name, person.email) == ("Петрова Анна Олеговна", "anna@example.org")
    assert person.organization == school
    assert not person.has_usable_password()


@pytest.mark.parametrize(
    ("name", "email", "words"),
    [
        ("Петрова Анна", "taken@example.org", "за другим человеком"),
        ("Петрова Анна", "это не адрес", "не распознан"),
        ("Петрова", "anna@example.org", "Имя не распознано"),
        ("Старая Вера", "vera@example.org", "уже есть"),
    ],
)
def test_wrong_new_people_are_refused_in_words(
    school: Organization, head: User, name: str, email: str, words: str
) -> None:
    UserFactory(contact_email="taken@example.org")
    UserFactory(organization=school, last_name="Старая", first_name="Вера", patronymic="")
    before = User.objects.count()
    with pytest.raises(AppointingRefused, match=words):
        appointing.appoint(school, Appointment(full_name=name, email=email), actor=head)
    assert User.objects.count() == before


def test_person_without_address_needs_one(school: Organization, head: User) -> None:
    person = UserFactory(organization=school, contact_email=None)
    with pytest.raises(AppointingRefused, match="нет адреса"):
        appointing.appoint(school, Appointment(person), actor=head)
    appointing.appoint(school, Appointment(person, email="new@example.org"), actor=head)
    person.refresh_from_db()
    assert (person.contact_email, person.email) == ("new@example.org", "new@example.org")


def test_appointing_twice_makes_one_role(school: Organization, head: User) -> None:
    person = UserFactory(organization=school)
    appointing.appoint(school, Appointment(person), actor=head)
    with pytest.raises(AppointingRefused, match="уже отвечает"):
        appointing.appoint(school, Appointment(person, ends_on=today() + DAY), actor=head)
    assert person.memberships.count() == 1


def test_second_opinions_in_the_own_organization_are_taken_off(school: Organization, head: User) -> None:
    member = MemberFactory()
    case = case_in(school, person_with("methodist", school), status=Status.RMA_REVIEW, rma_member=member)
    appointing.appoint(school, Appointment(member.user), actor=head)
    case.refresh_from_db()
    assert (case.status, case.rma_member) == (Status.RMA_REQUESTED, None)
    assert Request.objects.of(case).exclude(member=None).get().status == Request.Status.WITHDRAWN


def test_ending_gives_the_cases_to_the_next_and_tells(school: Organization, head: User, specialist: User) -> None:
    membership = MembershipFactory(user=person_with("teacher", organization=school), role=Role.METHODIST)
    case = case_in(school, membership.user)
    moved = appointing.what_ending_changes(membership, since=today() + 9 * DAY, actor=head)
    assert [(one.pk, one.responsible) for one in moved] == [(case.pk, specialist)]
    assert holder_of(case) == membership.user
    appointing.end_appointment(membership, since=today(), actor=head)
    assert holder_of(case) == specialist
    with pytest.raises(AppointingRefused, match="уже закончится"):
        appointing.end_appointment(membership, since=today() + DAY, actor=head)
    assert [one.kind for one in Letter.objects.filter(to=membership.user)] == ["motor.released"]


def test_role_that_never_began_leaves_no_row(school: Organization, head: User) -> None:
    membership = MembershipFactory(
        user=UserFactory(organization=school), role=Role.METHODIST, starts_on=today() + 5 * DAY
    )
    appointing.end_appointment(membership, since=today(), actor=head)
    assert not Membership.objects.filter(pk=membership.pk).exists()
    with pytest.raises(AppointingRefused, match="прошёл"):
        appointing.end_appointment(membership, since=today() - DAY, actor=head)


def test_wider_subjects_bring_cases_home_and_narrower_take_none(
    school: Organization, head: User, specialist: User
) -> None:
    physics = SubjectFactory()
    person = person_with("methodist", school, subjects=[physics])
    case = case_in(school, specialist)
    membership = person.memberships.get()
    subject = case.completion.subject
    assert [one.pk for one in appointing.what_subjects_change(membership, [physics, subject], actor=head)] == [case.pk]
    appointing.set_subjects(membership, [physics, subject], actor=head)
    assert holder_of(case) == person
    appointing.set_subjects(membership, [physics], actor=head)
    assert holder_of(case) == person


def test_who_appoints_where(school: Organization, head: User, specialist: User) -> None:
    near = OrganizationFactory(municipality=school.municipality)
    far = OrganizationFactory()
    admin, methodist = person_with("admin", organization=None), person_with("methodist", school)

    def names(user: User) -> set[str]:
        return set(appointing.organizations_of(user).values_list("name", flat=True))

    assert names(head) == {school.name}
    assert names(specialist) == {school.name, near.name} | {
        one.name for one in Organization.objects.filter(municipality=school.municipality)
    }
    assert {school.name, near.name, far.name} <= names(admin)
    assert names(methodist) == set()
    assert set(appointing.appointments_of(head)) == {methodist.memberships.get()}


# --- By hand ---------------------------------------------------------------------------------------------------


def test_named_person_gets_case_steps_and_letter(school: Organization, head: User) -> None:
    first, second = person_with("methodist", school), person_with("methodist", school)
    case = case_in(school, first)
    naming.name_responsible(case, second, head, "Ведёт этот предмет")
    case.refresh_from_db()
    last = case.transitions.last()
    assert (case.responsible, last.move, last.actor) == (second, "name_responsible", head)
    assert "Ведёт этот предмет" in last.comment
    assert Letter.objects.get().to == second
    with pytest.raises(MoveRefused, match="уже отвечает"):
        naming.name_responsible(case, second, head, "Ещё раз")


@pytest.mark.parametrize("reason", ["", "   "])
def test_naming_needs_a_reason(school: Organization, head: User, reason: str) -> None:
    case, person = case_in(school, None), person_with("methodist", school)
    with pytest.raises(MoveRefused, match="почему"):
        naming.name_responsible(case, person, head, reason)
    assert holder_of(case) is None


def test_dependent_people_cannot_be_named(school: Organization, head: User, specialist: User) -> None:
    methodist = person_with("methodist", school)
    of_methodist = case_in(school, specialist, person=person_with("methodist", school))
    of_head = case_in(school, specialist, person=head)
    member = MemberFactory()
    MembershipFactory(user=member.user, role=Role.MUNICIPAL, municipality=school.municipality)
    asked = case_in(school, methodist, status=Status.RMA_REVIEW, rma_member=member)
    admin = person_with("admin")
    for case, person, words in (
        (of_methodist, methodist, "уровень выше"),
        (of_methodist, of_methodist.person, "собственная"),
        (of_head, methodist, "уровень выше"),
        (asked, member.user, "второго мнения"),
        (asked, person_with("methodist", OrganizationFactory()), "нет роли"),
    ):
        with pytest.raises(MoveRefused, match=words):
            naming.name_responsible(case, person, admin, "Проверка")
    with pytest.raises(MoveRefused, match="ваша собственная"):
        naming.name_responsible(of_head, admin, head, "Проверка")
    naming.name_responsible(of_methodist, admin, specialist, "Специалист в отпуске")


def test_case_that_moved_on_is_not_named_for(school: Organization, head: User) -> None:
    case, person = case_in(school, None), person_with("methodist", school)
    Case.objects.filter(pk=case.pk).update(status=Status.STOPPED, stop_reason="left")
    with pytest.raises(MoveRefused, match="изменилась"):
        naming.name_responsible(case, person, head, "Ведёт предмет")


def test_many_are_told_apart_before_and_done_after(school: Organization, specialist: User) -> None:
    admin = person_with("admin", organization=school)
    person = person_with("methodist", school)
    free, stale, ready = case_in(school, None), case_in(school, None), case_in(school, person)
    own, chief = case_in(school, None, person=admin), case_in(school, None, person=person_with("head", school))
    ended = case_in(school, None, status=Status.CLOSED)
    chosen = {one.pk: one.responsible_id or 0 for one in (free, stale, ready, own, chief, ended)}
    Case.objects.filter(pk=stale.pk).update(responsible=specialist)
    plan = naming.plan_naming(chosen, person, admin)
    assert plan.will == [free]
    assert {case.pk for case, _ in plan.stay} == {stale.pk, ready.pk, own.pk, chief.pk}
    assert plan.gone == 1
    assert naming.name_many(chosen, person, admin, "Начало года").done == 1
    assert naming.name_many(chosen, person, admin, "Начало года").done == 0
    assert (holder_of(free), holder_of(stale)) == (person, specialist)
    assert Letter.objects.count() == 1


def test_candidates_are_ordered_by_nearness_and_say_their_load(school: Organization, specialist: User) -> None:
    methodist, admin = person_with("methodist", school), person_with("admin")
    case_in(school, methodist)
    teacher, chief = case_in(school, None), case_in(school, None, person=person_with("head", school))
    found = naming.candidates([teacher, chief])
    assert [(one.user, one.load, one.fits) for one in found] == [
        (methodist, 1, 1),
        (specialist, 0, 2),
        (admin, 0, 2),
    ]
    assert found[0].label.endswith("методист ОО, карт в работе: 1")


def test_whose_cases_one_names_for(school: Organization, head: User, specialist: User) -> None:
    case, own = case_in(school, None), case_in(school, None, person=head)
    elsewhere = case_in(OrganizationFactory(municipality=school.municipality), None)
    far = case_in(OrganizationFactory(), None)
    case_in(school, None, status=Status.CLOSED)
    people = {
        head: [case.pk],
        specialist: [case.pk, own.pk, elsewhere.pk],
        person_with("admin"): [case.pk, own.pk, elsewhere.pk, far.pk],
        person_with("methodist", school): [],
        person_with("curator"): [],
        case.person: [],
    }
    for user, expected in people.items():
        assert list(Case.objects.nameable_by(user).order_by("pk").values_list("pk", flat=True)) == expected


# --- Independence, whatever the roles --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_roles_dealt_at_random_never_break_independence(seed: int) -> None:
    """People with any mixture of roles, cases in any state: after the sweeps everybody answers for whom he may."""
    world = RandomWorld(seed)
    for _ in range(3):
        world.shuffle()
        world.sweep()
        world.check()


class RandomWorld:
    """A municipality of two schools, everybody there both a teacher and whatever else chance makes of him."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.schools = [OrganizationFactory()]
        self.schools.append(OrganizationFactory(municipality=self.schools[0].municipality))
        self.people = [UserFactory(organization=self.random.choice(self.schools)) for _ in range(8)]
        self.members = [MemberFactory(user=person) for person in self.people[:3]]
        for person in self.people:
            school = person.organization
            status = self.random.choice(Case.UNDER_WAY)
            member = next(one for one in self.members if one.user != person)
            case = case_in(school, self.random.choice([*self.people, None]), person=person, status=status, bare=True)
            if status in (Status.RMA_REQUESTED, Status.RMA_REVIEW) and member.user.organization != school:
                RequestFactory(source=case, member=member, author=self.people[0], status=Request.Status.SENT)

    def shuffle(self) -> None:
        """Roles come, roles go, people leave for a while."""
        Membership.objects.all().delete()
        Substitution.objects.all().delete()
        for person in self.people:
            for role in self.random.sample(["head", "methodist", "municipal", "admin"], self.random.randint(0, 2)):
                scope = {"head": "organization", "methodist": "organization", "municipal": "municipality"}.get(role)
                place = {"organization": person.organization, "municipality": self.schools[0].municipality}
                MembershipFactory(
                    user=person, role=role, **({"organization": None} | ({scope: place[scope]} if scope else {}))
                )
        for person, deputy in zip(self.people[:2], self.people[3:5], strict=True):
            Substitution.objects.create(person=person, deputy=deputy, starts_on=today(), ends_on=today())

    def sweep(self) -> None:
        for _ in range(2):
            responsible.reassign_orphans()
            responsible.bring_home()
            responsible.hand_over_absent()
        settled = (responsible.reassign_orphans(), responsible.bring_home(), responsible.hand_over_absent())
        assert settled == (0, 0, 0)

    def check(self) -> None:
        roles: dict[int, set[str]] = {}
        for one in Membership.objects.all():
            roles.setdefault(one.user_id, set()).add(one.role)
        asked = {(one.source_id, one.member.user_id) for one in Request.objects.select_related("member")}
        for case in Case.objects.select_related("responsible", "person", "organization"):
            if case.responsible is None:
                continue
            his, hers = roles.get(case.responsible.pk, set()), roles.get(case.person_id, set())
            at_home = case.responsible.organization_id == case.organization_id
            assert case.responsible != case.person
            may = "admin" in his
            may |= "municipal" in his and "municipal" not in hers
            may |= "methodist" in his and at_home and not hers & {"head", "methodist", "municipal"}
            assert may, (his, hers)
            # A second opinion bars from getting a case, not from one held since before it was asked for.
            if case.transitions.filter(move__in=("reassign", "hand_over")).exists():
                assert (case.pk, case.responsible.pk) not in asked
