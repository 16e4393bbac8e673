"""The page of the registry: who sees which lines, filters, sorting, cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from motor.models import Case, Status
from registry.models import Entry
from registry.services import sweep
from rma.models import Request
from tests.factories import (
    CaseFactory,
    CourseFactory,
    MemberFactory,
    MembershipFactory,
    OrganizationFactory,
    ProgrammeFactory,
    SubjectFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def visible(user: User) -> list[int]:
    return sorted(Entry.objects.visible_to(user).values_list("pk", flat=True))


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


class TestVisibleTo:
    def test_everybody_sees_his_own_scope_and_no_more(self) -> None:
        ours, neighbours, far = CaseFactory(), CaseFactory(), CaseFactory()
        neighbours.organization.municipality = ours.organization.municipality
        neighbours.organization.save()
        sweep()
        organization, municipality = ours.organization, ours.organization.municipality
        assert visible(person_with(Role.ADMIN)) == [ours.pk, neighbours.pk, far.pk]
        assert visible(person_with(Role.MUNICIPAL, municipality)) == [ours.pk, neighbours.pk]
        assert visible(person_with(Role.HEAD, organization)) == [ours.pk]
        assert visible(person_with(Role.METHODIST, organization)) == [ours.pk]

    def test_those_without_a_place_in_the_registry_see_nothing(self) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        sweep()
        assert visible(case.person) == []
        assert visible(case.rma_member.user) == []
        assert visible(person_with(Role.MENTOR, case.person)) == []
        assert visible(person_with(Role.OBSERVER)) == []

    def test_observer_counts_the_region(self) -> None:
        case = CaseFactory()
        sweep()
        assert list(Entry.objects.countable_by(person_with(Role.OBSERVER)).values_list("pk", flat=True)) == [case.pk]
        assert list(Entry.objects.countable_by(case.person)) == []

    def test_curator_sees_own_courses(self) -> None:
        curator = person_with(Role.CURATOR)
        case = CaseFactory(completion__course__curator=curator)
        CaseFactory()
        sweep()
        assert visible(curator) == [case.pk]

    def test_person_named_as_curator_without_the_role_sees_nothing(self) -> None:
        person = person_with("teacher")
        CaseFactory(completion__course__curator=person)
        sweep()
        assert visible(person) == []

    def test_methodist_of_some_subjects_sees_those(self) -> None:
        organization, maths = OrganizationFactory(), SubjectFactory()
        inside = CaseFactory(completion__person__organization=organization, completion__subject=maths)
        CaseFactory(completion__person__organization=organization)
        sweep()
        assert visible(person_with(Role.METHODIST, organization, subjects=[maths])) == [inside.pk]

    @pytest.mark.parametrize("role", [Role.MUNICIPAL, Role.ADMIN])
    def test_second_assessor_meets_the_line_once_his_own_opinion_is_saved(self, role: str) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        other = CaseFactory(status=Status.RMA_REVIEW, completion__person__organization=case.organization)
        second = person_with(role, case.organization.municipality if role == Role.MUNICIPAL else None)
        MembershipFactory(user=second, role=Role.REGIONAL, organization=None)
        Request.objects.of(case).update(member=MemberFactory(user=second))
        sweep()
        for status in (Status.RMA_REQUESTED, Status.RMA_REVIEW, Status.SCHOOL_REVIEW):
            Case.objects.filter(pk=case.pk).update(status=status)
            assert visible(second) == [other.pk]
        Case.objects.filter(pk=case.pk).update(status=Status.FOLLOW_UP)
        assert visible(second) == [case.pk, other.pk]

    @pytest.mark.parametrize(
        ("kind", "status", "is_seen"),
        [
            (Request.Kind.ASSESSMENT, Request.Status.WITHDRAWN, False),
            (Request.Kind.ASSESSMENT, Request.Status.DECLINED, True),
            (Request.Kind.ASSESSMENT, Request.Status.DONE, True),
            (Request.Kind.IOM_HELP, Request.Status.ACCEPTED, True),
        ],
    )
    def test_request_that_owes_no_opinion_hides_nothing(self, kind: str, status: str, is_seen: bool) -> None:
        case = CaseFactory(status=Status.RMA_REVIEW)
        second = person_with(Role.MUNICIPAL, case.organization.municipality)
        MembershipFactory(user=second, role=Role.REGIONAL, organization=None)
        Request.objects.of(case).update(member=MemberFactory(user=second), kind=kind, status=status, answer="Занята")
        sweep()
        assert visible(second) == ([case.pk] if is_seen else [])

    def test_role_that_has_ended_shows_nothing(self) -> None:
        case = CaseFactory()
        sweep()
        person = person_with(Role.HEAD, case.organization)
        person.memberships.update(ends_on=today() - timedelta(days=1))
        assert visible(User.objects.get(pk=person.pk)) == []


class TestPage:
    def test_shows_own_lines_with_a_link_to_the_case(self, client: Client) -> None:
        case, foreign = CaseFactory(status=Status.CLOSED), CaseFactory()
        sweep()
        page = signed_in(client, person_with(Role.HEAD, case.organization)).get("/registry/").content.decode()
        assert f'href="/motor/{case.pk}/"' in page
        assert case.person.full_name in page
        assert foreign.person.full_name not in page
        assert foreign.organization.name not in page
        assert str(foreign.completion.course.programme) not in page  # a list of choices leaks names too

    @pytest.mark.parametrize("role", [Role.REGIONAL, Role.OBSERVER, "teacher"])
    def test_is_not_there_for_others(self, client: Client, role: str) -> None:
        assert signed_in(client, person_with(role)).get("/registry/").status_code == 404

    def test_asks_a_stranger_to_log_in(self, client: Client) -> None:
        response = client.get("/registry/")
        assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/registry/")

    def test_takes_no_post(self, client: Client, admin: User) -> None:
        assert signed_in(client, admin).post("/registry/").status_code == 405

    def test_says_what_would_fill_an_empty_list(self, client: Client, admin: User) -> None:
        assert "Строк нет" in signed_in(client, admin).get("/registry/").content.decode()

    @pytest.mark.parametrize(("query", "queries"), [("", 12), ("?view=full", 9)])
    @pytest.mark.parametrize("count", [1, 5])
    def test_costs_the_same_with_one_and_five_lines(
        self, client: Client, admin: User, count: int, query: str, queries: int, django_assert_num_queries: Any
    ) -> None:
        for _ in range(count):
            CaseFactory(status=Status.CLOSED, rma_member=MemberFactory())
        sweep()
        signed_in(client, admin)
        client.get("/registry/")
        with django_assert_num_queries(queries):
            client.get(f"/registry/{query}")

    def test_costs_no_more_with_every_filter(
        self, client: Client, admin: User, django_assert_max_num_queries: Any
    ) -> None:
        case = CaseFactory(status=Status.CLOSED)
        sweep()
        entry = Entry.objects.get()
        query = {
            "name": case.person.last_name,
            "school": case.organization.name,
            "territory": entry.territory_id,
            "municipality": entry.municipality_id,
            "programme": entry.programme_id,
            "topic": entry.topic_id,
            "kind": "school",
            "late": "no",
            "sort": "-name",
        }
        signed_in(client, admin)
        with django_assert_max_num_queries(15):
            page = client.get("/registry/", query).content.decode()
        assert case.person.full_name in page

    def test_full_view_has_every_column_in_its_place(self, client: Client, admin: User) -> None:
        CaseFactory(status=Status.CLOSED)
        sweep()
        page = signed_in(client, admin).get("/registry/?view=full").content.decode()
        heads = [part.split("</th>")[0] for part in page.split('<th scope="col">')[1:]]
        assert len(heads) == 34
        assert (heads[1], heads[6], heads[33]) == ("Территория", "ФИО", "Срок нарушен")

    def test_fragment_is_the_results_only(self, client: Client, admin: User) -> None:
        CaseFactory()
        sweep()
        page = signed_in(client, admin).get("/registry/", headers={"HX-Request": "true"}).content.decode()
        assert page.strip().startswith('<div id="results"')
        assert "<html" not in page

    def test_names_with_markup_stay_text(self, client: Client, admin: User) -> None:
        CaseFactory(completion__person__last_name="<script>alert(1)</script>")
        sweep()
        page = signed_in(client, admin).get("/registry/").content.decode()
        assert "<script>alert" not in page


def found(client: Client, **query: Any) -> list[int]:
    return [line["entry"].pk for line in client.get("/registry/", query).context["lines"]]


class TestFilters:
    @pytest.fixture(autouse=True)
    def as_admin(self, client: Client, admin: User) -> None:
        client.force_login(admin)

    def test_by_territory_and_without_one(self, client: Client) -> None:
        one, other = CaseFactory(), CaseFactory(completion__person__organization__municipality__territory=None)
        sweep()
        assert found(client, territory=one.organization.municipality.territory_id) == [one.pk]
        assert found(client, territory="none") == [other.pk]
        assert found(client, municipality=other.organization.municipality_id) == [other.pk]

    def test_by_words_of_name_and_organization(self, client: Client) -> None:
        one = CaseFactory(
            completion__person=UserFactory(
                last_name="Ёлкина", first_name="Анна", organization__name="Лицей «Дягилев» № 7"
            )
        )
        CaseFactory()
        sweep()
        assert found(client, name="елк ан") == [one.pk]
        assert found(client, name="лкина") == []
        assert found(client, school="дягилев 7") == [one.pk]

    def test_by_course(self, client: Client) -> None:
        programme = ProgrammeFactory()
        old = CaseFactory(completion__course=CourseFactory(programme=programme, ends_on=today() - timedelta(days=400)))
        new = CaseFactory(completion__course=CourseFactory(programme=programme, ends_on=today() - timedelta(days=95)))
        other = CaseFactory(completion__course__ends_on=today() - timedelta(days=96))
        sweep()
        edge = (today() - timedelta(days=95)).isoformat()
        assert found(client, programme=programme.pk) == [new.pk, old.pk]
        assert found(client, topic=programme.topic_id, ends_from=edge) == [new.pk]
        assert found(client, ends_to=edge, sort="ends") == [old.pk, other.pk, new.pk]
        assert found(client, course=old.completion.course_id) == [old.pk]

    def test_by_state_and_result(self, client: Client) -> None:
        closed, silent = CaseFactory(status=Status.CLOSED), CaseFactory(status=Status.NO_RESPONSE)
        sweep()
        assert found(client, status="closed") == [closed.pk]
        assert found(client, result="3") == [closed.pk]
        assert found(client, result="no_response") == [silent.pk]
        assert found(client, result_from=today().isoformat()) == [closed.pk]
        assert found(client, result_to=(today() - timedelta(days=1)).isoformat()) == []

    def test_late_is_true_of_the_day_of_reading(self, client: Client) -> None:
        yesterday = today() - timedelta(days=1)
        late = CaseFactory(due_on=yesterday)
        was = CaseFactory(status=Status.CLOSED, was_late=True)
        CaseFactory(due_on=today())
        CaseFactory(status=Status.NO_RESPONSE, due_on=yesterday)
        sweep()
        assert sorted(found(client, late="yes")) == [late.pk, was.pk]
        assert len(found(client, late="no")) == 2
        assert [one.is_late for one in Entry.objects.order_by("pk")] == [True, True, False, False]

    def test_choice_that_is_not_offered_finds_nothing(self, client: Client) -> None:
        CaseFactory()
        sweep()
        response = client.get("/registry/?municipality=99999&kind=palace")
        assert response.status_code == 200
        assert response.context["lines"] == []

    def test_filters_do_not_widen_the_scope(self, client: Client) -> None:
        own, foreign = CaseFactory(), CaseFactory()
        sweep()
        client.force_login(person_with(Role.HEAD, own.organization))
        assert found(client, municipality=foreign.organization.municipality_id) == []
        assert found(client, organization=foreign.organization_id) == []
        assert found(client, name=foreign.person.last_name) == []

    def test_sort_by_name_both_ways_and_nonsense_is_the_default(self, client: Client) -> None:
        for name in ("Белова", "Авдеева", "Ветрова"):
            CaseFactory(completion__person__last_name=name)
        sweep()
        a, b, c = (Case.objects.get(person__last_name=name).pk for name in ("Авдеева", "Белова", "Ветрова"))
        assert found(client, sort="name") == [a, b, c]
        assert found(client, sort="-name") == [c, b, a]
        assert sorted(found(client, sort="person__password")) == sorted([a, b, c])

    def test_what_is_not_there_yet_stands_last(self, client: Client) -> None:
        pending, done = CaseFactory(), CaseFactory(status=Status.CLOSED)
        sweep()
        for sort in ("result_on", "-result_on", "survey", "-survey"):
            assert found(client, sort=sort) == [done.pk, pending.pk]

    def test_pages_do_not_overlap(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("registry.views.entries.PAGE_SIZE", 2)
        course = CourseFactory()
        for _ in range(5):
            CaseFactory(completion__course=course)
        sweep()
        pages = [found(client, page=number, sort="ends") for number in (1, 2, 3)]
        assert [len(page) for page in pages] == [2, 2, 1]
        together = [pk for page in pages for pk in page]
        assert together == sorted(together)


def test_methodist_of_two_schools_sees_each_line_once(client: Client) -> None:
    first, second = CaseFactory(), CaseFactory()
    sweep()
    person = person_with(Role.METHODIST, first.organization)
    MembershipFactory(user=person, role=Role.METHODIST, organization=second.organization)
    MembershipFactory(user=person, role=Role.HEAD, organization=second.organization)
    assert visible(person) == [first.pk, second.pk]
