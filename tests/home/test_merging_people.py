"""Two cards of one person made one: what moves, what is met twice, what is refused, and that nothing is lost."""

from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from cabinet.core.relations import pointers_to
from cabinet.courses.models import Completion
from cabinet.home.services import merging
from cabinet.home.services.merging import MergeRefused
from cabinet.home.services.merging_people import default_for, merge_people, plan_people, prefer
from cabinet.mail.models import Letter
from cabinet.planner.models import Task
from cabinet.users.models import DataGround, DataNotice, LogEntry, Membership, PersonPair, Role, Substitution, User
from motor.models import Case, Status, Survey
from registry.models import Entry
from registry.services import sweep
from tests import factories
from tests.factories import PASSWORD, CaseFactory, CompletionFactory, MemberFactory, UserFactory, person_with
from tests.home.merging import merge

pytestmark = pytest.mark.django_db

UNDER_WAY = [Status.SURVEY_OPEN, Status.SCHOOL_REVIEW, Status.FOLLOW_UP]


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


@pytest.fixture
def keep() -> User:
    user: User = UserFactory(last_name="Ёлкина", first_name="Анна", patronymic="Павловна")
    return user


@pytest.fixture
def drop(keep: User) -> User:
    user: User = UserFactory(last_name="Елкина", first_name="А.", patronymic="", organization=keep.organization)
    return user


def case_of(person: User, **fields: Any) -> Case:
    completion = fields.pop("completion", None) or CompletionFactory(person=person)
    case: Case = CaseFactory(completion=completion, **fields)
    return case


def same_course(first: Completion, person: User, **fields: Any) -> Completion:
    completion: Completion = CompletionFactory(person=person, course=first.course, **fields)
    return completion


def test_everything_comes_over_and_the_registry_agrees(keep: User, drop: User, admin: User) -> None:
    case = case_of(drop, status=Status.FOLLOW_UP)
    task, letter = factories.TaskFactory(assignee=drop), factories.LetterFactory(to=drop)
    led = case_of(UserFactory(organization=drop.organization), responsible=drop)
    factories.MembershipFactory(user=drop)
    sweep()

    merge(keep, drop, admin)

    case.refresh_from_db()
    led.refresh_from_db()
    assert (case.person, case.completion.person, led.responsible) == (keep, keep, keep)
    assert Task.objects.get(pk=task.pk).assignee == Letter.objects.get(pk=letter.pk).to == keep
    assert list(Membership.objects.filter(user=keep).values_list("role", flat=True)) == [Role.METHODIST]
    assert (drop.is_active, drop.merged_into, drop.full_name) == (False, keep, "Елкина А.")
    sweep()
    assert Entry.objects.get(case=case).person == keep
    call_command("check_registry")


def test_no_table_that_points_at_people_is_forgotten(keep: User, drop: User) -> None:
    """Every pointer is either brought over or named among those that are not."""
    passed = {*merging.LOGS, *merging.PROJECTIONS, *merging.PAIRS, *merging._rights()}

    assert {one for one in pointers_to(User) if one.model not in passed} == set(merging.movable(User))
    assert {one.model._meta.label for one in pointers_to(User) if one.model in passed} == {
        "users.LogEntry",
        "admin.LogEntry",
        "registry.Entry",
        "users.PersonPair",
        "users.OrganizationPair",
        "users.User_groups",
        "users.User_user_permissions",
        "account.EmailAddress",
        "mfa.Authenticator",
    }


def test_preview_says_what_will_move(keep: User, drop: User, admin: User) -> None:
    case_of(drop)
    factories.TaskFactory.create_batch(2, assignee=drop)
    factories.TaskFactory(assignee=keep)

    plan = plan_people(keep, drop, actor=admin)

    assert [(one.what, one.part, one.count, one.own) for one in plan.moving] == [
        ("задачи", "кому", 2, 1),
        ("МОТОР: карты отслеживания", "педагог", 1, 0),
        ("слушатели", "слушатель", 1, 0),
    ]
    assert (plan.clashes, plan.warnings, plan.refusals) == ([], [], [])


def test_second_click_is_refused_and_changes_nothing(keep: User, drop: User, admin: User) -> None:
    seen = plan_people(keep, drop, actor=admin).fingerprint
    merge_people(keep, drop, {}, actor=admin, seen=seen)
    lines = LogEntry.objects.count()

    with pytest.raises(MergeRefused, match="уже объединена"):
        merge_people(keep, drop, {}, actor=admin, seen=seen)

    assert LogEntry.objects.count() == lines


def test_what_changed_since_the_preview_is_shown_again(keep: User, drop: User, admin: User) -> None:
    seen = plan_people(keep, drop, actor=admin).fingerprint
    factories.TaskFactory(assignee=drop)

    with pytest.raises(MergeRefused, match="данные изменились"):
        merge_people(keep, drop, {}, actor=admin, seen=seen)

    assert User.objects.get(pk=drop.pk).merged_into is None


def test_while_a_list_is_written_nothing_is_merged(keep: User, drop: User, admin: User) -> None:
    factories.ImportBatchFactory(state="running")

    with pytest.raises(MergeRefused, match="записывается список"):
        merge(keep, drop, admin)


# --- The same course on both cards ---------------------------------------------------------------------------


def test_same_course_without_cases_leaves_one_completion(keep: User, drop: User, admin: User) -> None:
    own = CompletionFactory(person=keep, hours=None, position=None)
    other = same_course(own, drop, hours=72)

    merge(keep, drop, admin)

    own.refresh_from_db()
    assert list(Completion.objects.all()) == [own]
    assert (own.person, own.hours, own.position) == (keep, 72, other.position)
    assert LogEntry.objects.filter(person=keep, note__contains="было в обеих карточках").count() == 1


@pytest.mark.parametrize("status", [*UNDER_WAY, Status.CLOSED, Status.NO_RESPONSE, Status.STOPPED])
def test_case_with_a_history_wins_over_one_that_never_began(
    keep: User, drop: User, admin: User, status: Status
) -> None:
    own = case_of(keep, status=Status.SCHEDULED)
    reason = {"stop_reason": "other"} if status == Status.STOPPED else {}
    other = case_of(drop, completion=same_course(own.completion, drop), status=status, **reason)
    sweep()

    merge(keep, drop, admin)

    other.refresh_from_db()
    assert list(Case.objects.filter(completion__course=own.completion.course)) == [other]
    assert (other.completion, other.person) == (own.completion, keep)
    sweep()
    call_command("check_registry")


def test_scheduled_case_of_the_closed_card_goes(keep: User, drop: User, admin: User) -> None:
    own = case_of(keep, status=Status.FOLLOW_UP)
    case_of(drop, completion=same_course(own.completion, drop), status=Status.SCHEDULED)

    merge(keep, drop, admin)

    assert list(Case.objects.all()) == [own]
    assert list(Completion.objects.all()) == [own.completion]


def test_two_open_cases_of_one_course_are_refused_with_what_to_do(keep: User, drop: User, admin: User) -> None:
    own = case_of(keep, status=Status.SURVEY_OPEN)
    other = case_of(drop, completion=same_course(own.completion, drop), status=Status.SCHOOL_REVIEW)

    with pytest.raises(MergeRefused, match=f"Прекратите отслеживание по карте № {other.pk}"):
        merge(keep, drop, admin)

    other.refresh_from_db()
    assert other.person == drop


@pytest.mark.parametrize("stopped", ["own", "other"])
def test_after_stopping_one_both_histories_are_kept(keep: User, drop: User, admin: User, stopped: str) -> None:
    states = {"own": Status.SURVEY_OPEN, "other": Status.SURVEY_OPEN, stopped: Status.STOPPED}
    reasons = {name: {"stop_reason": "other"} if name == stopped else {} for name in states}
    own = case_of(keep, status=states["own"], **reasons["own"])
    other = case_of(drop, completion=same_course(own.completion, drop), status=states["other"], **reasons["other"])
    sweep()

    merge(keep, drop, admin)

    own.refresh_from_db()
    other.refresh_from_db()
    live, ended = (other, own) if stopped == "own" else (own, other)
    assert (live.person, live.completion.person, live.months) == (keep, keep, 3)
    assert (ended.person, ended.completion.person, ended.months) == (drop, drop, 3)
    sweep()
    call_command("check_registry")


def test_two_closed_results_of_one_course_stay_readable(keep: User, drop: User, admin: User) -> None:
    own = case_of(keep, status=Status.CLOSED)
    other = case_of(drop, completion=same_course(own.completion, drop), status=Status.CLOSED)

    merge(keep, drop, admin)

    other.refresh_from_db()
    assert (other.person, other.surveys.count(), other.outcomes.count()) == (drop, 1, 1)
    assert Survey.objects.filter(case=own).count() == 1


def test_open_cases_of_two_courses_both_go_on(keep: User, drop: User, admin: User) -> None:
    own, other = case_of(keep), case_of(drop)

    plan = plan_people(keep, drop, actor=admin)
    merge(keep, drop, admin)

    assert f"№ {own.pk}, № {other.pk}" in plan.warnings[0]
    assert list(Case.objects.filter(person=keep, status=Status.SURVEY_OPEN).order_by("pk")) == [own, other]


# --- Roles, РМА, the rest that exists once -------------------------------------------------------------------


def test_equal_roles_become_one_from_the_earlier_day_for_the_subjects_of_both(
    keep: User, drop: User, admin: User
) -> None:
    maths, physics = factories.SubjectFactory(), factories.SubjectFactory()
    factories.MembershipFactory(user=keep, subjects=[maths], starts_on=date(2026, 3, 1))
    factories.MembershipFactory(user=drop, subjects=[physics], starts_on=date(2026, 1, 1))

    merge(keep, drop, admin)

    role = Membership.objects.get(user=keep)
    assert (role.starts_on, set(role.subjects.all())) == (date(2026, 1, 1), {maths, physics})
    assert not Membership.objects.filter(user=drop).exists()


def test_equal_roles_one_for_all_subjects_stay_for_all(keep: User, drop: User, admin: User) -> None:
    factories.MembershipFactory(user=keep, subjects=[factories.SubjectFactory()])
    factories.MembershipFactory(user=drop)

    merge(keep, drop, admin)

    assert list(Membership.objects.get(user=keep).subjects.all()) == []


def test_mentor_of_himself_is_nobody(keep: User, drop: User, admin: User) -> None:
    factories.MembershipFactory(user=keep, role=Role.MENTOR, person=drop)

    merge(keep, drop, admin)

    assert not Membership.objects.exists() or list(Membership.objects.values_list("user", flat=True)) == [admin.pk]


def test_nobody_advises_a_group_with_himself_in_it(keep: User, drop: User, admin: User) -> None:
    request = factories.RequestFactory(member=MemberFactory(user=drop), source=factories.RouteFactory(), author=admin)
    request.people.add(keep)

    with pytest.raises(MergeRefused, match=f"В запросе № {request.pk} методист РМА и педагог"):
        merge(keep, drop, admin)


def test_nobody_is_asked_about_himself(keep: User, drop: User, admin: User) -> None:
    member = MemberFactory(user=drop)
    case = CaseFactory(completion=CompletionFactory(person=keep), status=Status.RMA_REQUESTED, rma_member=member)

    with pytest.raises(MergeRefused, match=f"В карте № {case.pk} методист РМА и педагог"):
        merge(keep, drop, admin)


def test_nobody_answers_for_his_own_case(keep: User, drop: User, admin: User) -> None:
    specialist = person_with(Role.MUNICIPAL, keep.organization.municipality)
    factories.MembershipFactory(user=drop)
    case = case_of(keep, responsible=drop)

    merge(keep, drop, admin)

    case.refresh_from_db()
    assert case.responsible == specialist


def test_rows_that_may_not_be_twice_stay_with_the_closed_card(keep: User, drop: User, admin: User) -> None:
    notice = DataNotice.objects.first() or DataNotice.objects.create(
        version=1, ground="consent", title="О данных", text="…", in_force_from=date(2026, 1, 1)
    )
    for person in (keep, drop):
        DataGround.objects.create(person=person, notice=notice, channel="link")
    day = date(2026, 7, 1)
    leave = Substitution.objects.create(person=drop, deputy=keep, starts_on=day, ends_on=day + timedelta(days=14))

    plan = plan_people(keep, drop, actor=admin)
    merge(keep, drop, admin)

    assert len(plan.clashes) == 2
    assert set(DataGround.objects.values_list("person", flat=True)) == {keep.pk, drop.pk}
    leave.refresh_from_db()
    assert (leave.person, leave.deputy) == (drop, keep)


# --- Values, addresses, the login ----------------------------------------------------------------------------


def test_values_are_taken_as_chosen_and_other_addresses_are_noted(keep: User, drop: User, admin: User) -> None:
    drop.phone, drop.contact_note = "+7 900 000-00-00", "звонить после 15:00"
    drop.save()

    kept = merge(keep, drop, admin, phone=drop.pk)

    assert (kept.full_name, kept.phone) == ("Ёлкина Анна Павловна", "+7 900 000-00-00")
    assert kept.contact_note == f"звонить после 15:00; другая почта: {drop.contact_email}"


def test_addresses_change_places(keep: User, drop: User, admin: User) -> None:
    first, second = keep.contact_email, drop.contact_email

    kept = merge(keep, drop, admin, contact_email=drop.pk)

    assert (kept.contact_email, drop.contact_email) == (second, first)


def test_login_comes_over_with_its_password_and_ends_what_was_open(keep: User, drop: User, admin: User) -> None:
    drop.email = "login@example.org"
    drop.set_password(PASSWORD)
    drop.save()
    browser = Client()
    browser.force_login(drop)
    assert browser.get("/").status_code == 200

    kept = merge(keep, drop, admin, email=drop.pk)

    assert (kept.email, kept.check_password(PASSWORD)) == ("login@example.org", True)
    assert (drop.email, drop.has_usable_password()) == (None, False)
    assert browser.get("/").status_code == 302
    browser.post(reverse("account_login"), {"login": "login@example.org", "password": PASSWORD})
    assert browser.get("/").context["user"] == kept


def test_login_that_is_not_chosen_opens_nothing(keep: User, admin: User) -> None:
    drop = person_with("teacher", keep.organization, email="old@example.org")

    kept = merge(keep, drop, admin, email=keep.pk)

    assert (kept.email, drop.email, drop.has_usable_password()) == (None, "old@example.org", False)


def test_offered_is_the_card_with_a_login_and_the_fuller_name(keep: User, drop: User) -> None:
    login = person_with("teacher", keep.organization)

    assert (prefer(keep, login), prefer(login, keep)) == (login, login)
    assert default_for("first_name", drop, keep) == keep  # an initial against a name
    assert default_for("last_name", drop, keep) == drop
    assert default_for("phone", drop, keep) == drop  # both are empty


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"is_superuser": True}, "все права"), ({"is_staff": True}, "администрирование")],
)
def test_more_rights_than_own_are_not_to_be_had_by_merging(
    keep: User, drop: User, admin: User, fields: dict[str, bool], message: str
) -> None:
    User.objects.filter(pk=drop.pk).update(**fields)
    drop.refresh_from_db()

    with pytest.raises(MergeRefused, match=message):
        merge(keep, drop, admin)


def test_own_card_is_not_closed_and_rights_do_not_move(keep: User, drop: User, admin: User) -> None:
    with pytest.raises(MergeRefused, match="собственную"):
        merge(keep, admin, admin)
    User.objects.filter(pk__in=[admin.pk, drop.pk]).update(is_staff=True)
    admin.refresh_from_db()
    drop.refresh_from_db()

    assert merge(keep, drop, admin).is_staff is False


# --- The log and what was decided before ---------------------------------------------------------------------


def test_log_keeps_its_lines_and_tells_of_the_merge(keep: User, drop: User, admin: User) -> None:
    LogEntry.objects.create(action="viewed", actor=admin, person=drop)

    merge(keep, drop, admin)

    assert LogEntry.objects.filter(person=drop, action="viewed").count() == 1
    assert LogEntry.objects.filter(person=keep, note__contains=f"карточка № {drop.pk}").count() == 1
    assert LogEntry.objects.filter(person__merged_into=keep).count() == 2


def test_decisions_about_the_closed_card_hold_for_the_one_that_stays(keep: User, drop: User, admin: User) -> None:
    other, third = UserFactory(), UserFactory()
    decided = PersonPair.objects.create(first=drop, second=other, weight=4, reasons="name", different_by=admin)
    PersonPair.objects.filter(pk=decided.pk).update(different_at=decided.found_at)
    PersonPair.objects.create(first=drop, second=third, weight=4, reasons="name")
    PersonPair.objects.create(first=keep, second=drop, weight=4, reasons="name")

    merge(keep, drop, admin)

    assert list(PersonPair.objects.values_list("first", "second", "different_by")) == [(keep.pk, other.pk, admin.pk)]


def test_cards_merged_one_after_another_all_lead_to_the_last(keep: User, drop: User, admin: User) -> None:
    last = UserFactory()
    merge(keep, drop, admin)
    merge(last, User.objects.get(pk=keep.pk), admin)

    assert set(last.merged_cards.values_list("pk", flat=True)) == {keep.pk, drop.pk}


@pytest.mark.parametrize("rows", [1, 5])
def test_plan_takes_the_same_number_of_queries_for_one_row_and_for_five(
    keep: User, drop: User, admin: User, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        own = case_of(keep, status=Status.SCHEDULED)
        case_of(drop, completion=same_course(own.completion, drop))
        for person in (keep, drop):
            factories.MembershipFactory(user=person, organization=factories.OrganizationFactory())
    for person in (keep, drop):
        factories.MembershipFactory(user=person)
    plan_people(keep, drop, actor=admin)  # content types are remembered from now on

    with django_assert_num_queries(8):
        plan_people(keep, drop, actor=admin)


def test_append_only_log_does_not_stand_in_the_way(keep: User, drop: User, admin: User) -> None:
    LogEntry.objects.create(action="viewed", actor=drop, person=drop)

    merge(keep, drop, admin)

    assert LogEntry.objects.filter(actor=drop).count() == 1


@pytest.mark.django_db(transaction=True)
def test_merged_twice_at_once_is_merged_once(keep: User, drop: User, admin: User) -> None:
    case = case_of(drop)
    seen = plan_people(keep, drop, actor=admin).fingerprint
    answers: list[str] = []

    def press() -> None:
        try:
            merge_people(keep, drop, {}, actor=admin, seen=seen)
        except MergeRefused as error:
            answers.append(str(error))
        else:
            answers.append("merged")
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer == "merged" for answer in answers) == [False, False, True]
    assert LogEntry.objects.filter(person=drop, note__contains="объединена с карточкой").count() == 1
    case.refresh_from_db()
    assert (case.person, case.revision) == (keep, 2)
