"""Two entries of one organization made one: names, people, cases, roles, and what lists mean afterwards."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from cabinet.courses.services.organizations import Organizations
from cabinet.home.services.merging import MergeRefused
from cabinet.home.services.merging_organizations import default_for, merge_organizations, plan_organizations, prefer
from cabinet.structure.models import Organization, OrganizationAlias
from cabinet.users.models import LogEntry, Membership, OrganizationPair, Role, User
from registry.models import Entry
from registry.services import sweep
from tests import factories
from tests.factories import CaseFactory, CompletionFactory, MunicipalityFactory, OrganizationFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return person_with(Role.ADMIN)


@pytest.fixture
def keep() -> Organization:
    organization: Organization = OrganizationFactory(name="МАОУ «СОШ № 5»")
    return organization


@pytest.fixture
def drop(keep: Organization) -> Organization:
    organization: Organization = OrganizationFactory(
        name="Средняя школа №5", municipality=keep.municipality, low_results=True
    )
    return organization


def merge(keep: Organization, drop: Organization, admin: User, **take: int) -> Organization:
    plan = plan_organizations(keep, drop, actor=admin)
    merge_organizations(keep, drop, take, actor=admin, seen=plan.fingerprint)
    drop.refresh_from_db()
    return Organization.objects.get(pk=keep.pk)


def test_people_cases_and_completions_come_together_and_the_registry_agrees(
    keep: Organization, drop: Organization, admin: User
) -> None:
    teacher = factories.UserFactory(organization=drop)
    case = CaseFactory(completion=CompletionFactory(person=teacher))
    sweep()

    merge(keep, drop, admin)

    case.refresh_from_db()
    teacher.refresh_from_db()
    assert (teacher.organization, case.organization, case.completion.organization) == (keep, keep, keep)
    sweep()
    assert Entry.objects.get(case=case).organization == keep
    call_command("check_registry")


def test_lists_find_it_under_either_name_and_never_the_closed_entry(
    keep: Organization, drop: Organization, admin: User
) -> None:
    merge(keep, drop, admin)

    assert list(OrganizationAlias.objects.values_list("name", "organization")) == [("Средняя школа №5", keep.pk)]
    assert (drop.is_active, drop.name) == (False, f"Средняя школа №5 (объединена, запись № {drop.pk})")
    known = Organizations()
    known.load([(keep.municipality_id, "Средняя школа № 5")])
    assert known.known_pk(keep.municipality_id, "средняя школа №5") == keep.pk


def test_chosen_name_is_taken_and_the_other_one_remembered(keep: Organization, drop: Organization, admin: User) -> None:
    kept = merge(keep, drop, admin, name=drop.pk, low_results=drop.pk)

    assert (kept.name, kept.low_results) == ("Средняя школа №5", True)
    assert list(keep.aliases.values_list("name", flat=True)) == ["МАОУ «СОШ № 5»"]


def test_aliases_of_both_stay(keep: Organization, drop: Organization, admin: User) -> None:
    factories.OrganizationAliasFactory(organization=keep, name="Пятая школа")
    factories.OrganizationAliasFactory(organization=drop, name="Школа номер пять")

    merge(keep, drop, admin)

    assert set(keep.aliases.values_list("name", flat=True)) == {"Пятая школа", "Школа номер пять", "Средняя школа №5"}


def test_role_in_both_becomes_one(keep: Organization, drop: Organization, admin: User) -> None:
    methodist = person_with(Role.METHODIST, keep)
    factories.MembershipFactory(user=methodist, organization=drop, starts_on=date(2026, 1, 1))
    head = person_with(Role.HEAD, drop)

    plan = plan_organizations(keep, drop, actor=admin)
    merge(keep, drop, admin)

    assert [one.what for one in plan.clashes] == [f"{methodist.full_name}: методист ОО в обеих записях"]
    assert set(Membership.objects.filter(organization=keep).values_list("user", "role")) == {
        (methodist.pk, Role.METHODIST),
        (head.pk, Role.HEAD),
    }
    assert not Membership.objects.filter(organization=drop).exists()


def test_other_municipality_is_said_and_the_registry_follows(keep: Organization, admin: User) -> None:
    elsewhere = OrganizationFactory(name="МАОУ СОШ № 5 г. Кудымкар", municipality=MunicipalityFactory())
    case = CaseFactory(completion=CompletionFactory(person=factories.UserFactory(organization=elsewhere)))
    sweep()

    plan = plan_organizations(keep, elsewhere, actor=admin)
    merge(keep, elsewhere, admin)

    assert "Записи из разных муниципалитетов" in plan.warnings[0]
    sweep()
    assert Entry.objects.get(case=case).municipality == keep.municipality
    alias = OrganizationAlias.objects.get(name="МАОУ СОШ № 5 г. Кудымкар")
    assert (alias.organization, alias.municipality) == (keep, elsewhere.municipality)
    call_command("check_registry")


def test_name_of_a_third_entry_is_refused(keep: Organization, admin: User) -> None:
    elsewhere = OrganizationFactory(name="МАОУ «СОШ № 6»", municipality=MunicipalityFactory())
    OrganizationFactory(name="МАОУ «СОШ № 6»", municipality=keep.municipality)

    with pytest.raises(MergeRefused, match="третья запись"):
        merge(keep, elsewhere, admin, name=elsewhere.pk)

    elsewhere.refresh_from_db()
    assert (elsewhere.is_active, elsewhere.name) == (True, "МАОУ «СОШ № 6»")


def test_second_click_is_refused(keep: Organization, drop: Organization, admin: User) -> None:
    seen = plan_organizations(keep, drop, actor=admin).fingerprint
    merge_organizations(keep, drop, {}, actor=admin, seen=seen)

    with pytest.raises(MergeRefused, match="уже объединена"):
        merge_organizations(keep, drop, {}, actor=admin, seen=seen)

    assert LogEntry.objects.filter(note__contains="объединена с №").count() == 2


def test_changed_since_the_preview(keep: Organization, drop: Organization, admin: User) -> None:
    seen = plan_organizations(keep, drop, actor=admin).fingerprint
    factories.UserFactory(organization=drop)

    with pytest.raises(MergeRefused, match="данные изменились"):
        merge_organizations(keep, drop, {}, actor=admin, seen=seen)


def test_lists_that_wait_follow(keep: Organization, drop: Organization, admin: User) -> None:
    batch = factories.ImportBatchFactory(choices={"organizations": {"1|пятая": drop.pk, "1|шестая": "new"}})

    merge(keep, drop, admin)

    batch.refresh_from_db()
    assert batch.choices["organizations"] == {"1|пятая": keep.pk, "1|шестая": "new"}


def test_pairs_of_the_closed_entry_go_and_decisions_stay(keep: Organization, drop: Organization, admin: User) -> None:
    third, fourth = OrganizationFactory(), OrganizationFactory()
    decided = OrganizationPair.objects.create(first=drop, second=third, weight=3, reasons="number")
    OrganizationPair.objects.filter(pk=decided.pk).update(different_at=decided.found_at)
    OrganizationPair.objects.create(first=drop, second=fourth, weight=3, reasons="number")

    merge(keep, drop, admin)

    assert list(OrganizationPair.objects.values_list("first", "second")) == [(keep.pk, third.pk)]


def test_what_is_offered(keep: Organization, drop: Organization) -> None:
    closed = OrganizationFactory(is_active=False)

    assert (prefer(keep, drop), prefer(closed, drop)) == (keep, drop)
    assert (default_for("name", keep, drop), default_for("low_results", keep, drop)) == (keep, drop)


@pytest.mark.parametrize("rows", [1, 5])
def test_plan_takes_the_same_number_of_queries(
    keep: Organization, drop: Organization, admin: User, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        methodist = person_with(Role.METHODIST, drop)
        factories.MembershipFactory(user=methodist, organization=keep)

    plan_organizations(keep, drop, actor=admin)  # content types are read once per process
    with django_assert_num_queries(3):
        plan_organizations(keep, drop, actor=admin)
