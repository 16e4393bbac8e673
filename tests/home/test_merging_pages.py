"""The pages of order in the data: for the admin, with every number of rows, and with wrong ways of coming."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.home.services import merging_search
from cabinet.jobs.models import Job
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, OrganizationPair, PersonPair, Role, User
from tests import factories
from tests.factories import OrganizationFactory, ProgrammeFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> User:
    user: User = person_with(Role.ADMIN)
    client.force_login(user)
    return user


def people_pair(**fields: Any) -> PersonPair:
    first = UserFactory(last_name="Ёлкина", first_name="Анна")
    second = UserFactory(last_name="Елкина", first_name="А.", organization=first.organization)
    pair: PersonPair = PersonPair.objects.create(
        first=first, second=second, **{"weight": 5, "reasons": "short,place"} | fields
    )
    return pair


def schools_pair() -> OrganizationPair:
    first = OrganizationFactory(name="МБОУ «СОШ № 5»")
    second = OrganizationFactory(name="Школа №5 <b>", municipality=first.municipality)
    return OrganizationPair.objects.create(first=first, second=second, weight=6, reasons="title,municipality")


def merge_address(pair: PersonPair | OrganizationPair) -> str:
    kind = "people" if isinstance(pair, PersonPair) else "organizations"
    return reverse(f"home:{kind}_merge", args=[pair.first_id, pair.second_id])


@pytest.mark.parametrize("role", [Role.HEAD, Role.METHODIST, Role.MUNICIPAL, Role.CURATOR, Role.OBSERVER])
@pytest.mark.parametrize(
    "name", ["data_order", "people_pairs", "people_choose", "organizations_pairs", "organizations_choose"]
)
def test_for_others_the_pages_do_not_exist(client: Client, role: Role, name: str) -> None:
    school = OrganizationFactory()
    scope = {Role.HEAD: school, Role.METHODIST: school, Role.MUNICIPAL: school.municipality}.get(role)
    client.force_login(person_with(role, scope))

    assert client.get(reverse(f"home:{name}")).status_code == 404


def test_stranger_is_sent_to_the_login(client: Client) -> None:
    assert client.get(reverse("home:people_pairs"))["Location"].startswith(reverse("account_login"))


def test_first_page_counts_what_is_to_be_done(client: Client, admin: User) -> None:
    people_pair()
    schools_pair()
    ProgrammeFactory(topic=None)

    page = client.get(reverse("home:data_order"))

    assert [page.context[name] for name in ("people", "organizations", "programmes")] == [1, 1, 1]


def test_search_is_ordered_once(client: Client, admin: User) -> None:
    for _ in range(2):
        assert client.post(reverse("home:data_search")).status_code == 302

    assert list(Job.objects.values_list("kind", "owner")) == [(merging_search.KIND, admin.pk)]
    assert client.get(reverse("home:data_search")).status_code == 405
    assert "идёт поиск" in client.get(reverse("home:data_order")).content.decode()


@pytest.mark.parametrize("rows", [1, 5])
def test_list_of_people_takes_the_same_number_of_queries(
    client: Client, admin: User, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        people_pair()

    with django_assert_num_queries(7):
        page = client.get(reverse("home:people_pairs"))
    assert len(page.context["rows"]) == rows


@pytest.mark.parametrize("rows", [1, 5])
def test_list_of_organizations_takes_the_same_number_of_queries(
    client: Client, admin: User, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        schools_pair()

    with django_assert_num_queries(7):
        page = client.get(reverse("home:organizations_pairs"))
    assert "Школа №5 &lt;b&gt;" in page.content.decode()


def test_filters_of_the_list(client: Client, admin: User) -> None:
    much, some = people_pair(), people_pair(weight=2)
    decided = people_pair()
    PersonPair.objects.filter(pk=decided.pk).update(different_at=decided.found_at)

    def shown(**query: Any) -> list[PersonPair]:
        return [pair for pair, _ in client.get(reverse("home:people_pairs"), query).context["rows"]]

    assert shown() == [much, some]
    assert shown(alike="much") == [much]
    assert shown(alike="some") == [some]
    assert shown(state="different") == [decided]
    assert shown(municipality=some.first.organization.municipality_id) == [some]
    assert shown(q="ёлкина анна") == [much, some]
    assert shown(q="сосновская") == []


def test_different_people_are_remembered_and_the_word_can_be_taken_back(client: Client, admin: User) -> None:
    pair = people_pair()
    address = reverse("home:people_decide", args=[pair.pk])

    for _ in range(2):
        client.post(address, {"do": "different"})
    pair.refresh_from_db()
    assert (pair.different_by, list(PersonPair.objects.undecided())) == (admin, [])
    assert LogEntry.objects.filter(person=pair.first, note__contains="признаны разными").count() == 1

    client.post(address, {"do": "undo"})
    pair.refresh_from_db()
    assert (pair.different_at, pair.different_by) == (None, None)


def test_two_are_chosen_by_name_and_compared(client: Client, admin: User) -> None:
    first, second = UserFactory(last_name="Ёлкина"), UserFactory(last_name="Сосновская")
    address = reverse("home:people_choose")

    found = client.get(address, {"q": "елкина"})
    assert found.context["cards"] == [first]
    kept = client.get(address, {"q": "сосн", "pk": first.pk})
    assert kept.context["cards"] == [first, second]
    chosen = client.get(address, {"q": "сосн", "pk": [second.pk, first.pk]})
    assert chosen["Location"] == reverse("home:people_merge", args=[first.pk, second.pk])
    assert client.get(address, {"pk": "мусор"}).status_code == 200


def test_organizations_are_chosen_by_words_of_the_name(client: Client, admin: User) -> None:
    school = OrganizationFactory(name="МБОУ «Рябиновская СОШ»")

    page = client.get(reverse("home:organizations_choose"), {"q": "РЯБИНОВСКАЯ"})

    assert page.context["cards"] == [school]


def test_merge_page_shows_and_does_nothing(client: Client, admin: User, django_assert_max_num_queries: Any) -> None:
    pair = people_pair()
    factories.CaseFactory(completion=factories.CompletionFactory(person=pair.second))

    client.get(merge_address(pair))
    with django_assert_max_num_queries(15):
        page = client.get(merge_address(pair))

    assert page.context["keep"] == pair.first
    assert "очень" not in page.context["doubts"]
    assert User.objects.filter(merged_into=None).count() == User.objects.count()
    assert set(LogEntry.objects.filter(action="viewed").values_list("person", flat=True)) == {
        pair.first_id,
        pair.second_id,
    }


def test_the_other_card_can_be_kept(client: Client, admin: User) -> None:
    pair = people_pair()
    address = f"{merge_address(pair)}?keep={pair.second_id}"
    page = client.get(address)

    answer = client.post(
        address,
        {"seen": page.context["plan"].fingerprint}
        | {name: field.initial for name, field in page.context["form"].fields.items()},
    )

    assert answer.status_code == 302
    pair.first.refresh_from_db()
    pair.second.refresh_from_db()
    assert (pair.first.merged_into, pair.second.full_name) == (pair.second, "Елкина Анна Петровна")
    assert not PersonPair.objects.exists()


def test_refusal_keeps_what_was_chosen(client: Client, admin: User) -> None:
    pair = people_pair()
    chosen = {"take_last_name": pair.second_id, "take_first_name": pair.second_id}
    chosen |= {"take_contact_email": pair.second_id}

    answer = client.post(merge_address(pair), {"seen": "old"} | chosen)

    assert answer.status_code == 422
    assert "данные изменились" in answer.content.decode()
    assert {name: int(answer.context["form"][name].value()) for name in chosen} == chosen


def test_value_of_a_third_card_is_refused(client: Client, admin: User) -> None:
    pair, stranger = people_pair(), UserFactory()

    answer = client.post(merge_address(pair), {"take_last_name": stranger.pk})

    assert answer.status_code == 422
    assert User.objects.filter(merged_into=None).count() == User.objects.count()


def test_merged_same_and_missing_cards_are_404(client: Client, admin: User) -> None:
    pair = people_pair()
    User.objects.filter(pk=pair.second_id).update(merged_into=pair.first, is_active=False)

    for first, second in ((pair.first_id, pair.second_id), (pair.first_id, pair.first_id), (pair.first_id, 10**9)):
        assert client.get(reverse("home:people_merge", args=[first, second])).status_code == 404


def test_organizations_are_merged_from_their_page(client: Client, admin: User) -> None:
    pair = schools_pair()
    teacher = UserFactory(organization=pair.second)
    page = client.get(merge_address(pair))

    answer = client.post(
        merge_address(pair), {"seen": page.context["plan"].fingerprint, "take_name": pair.first_id}, follow=True
    )

    teacher.refresh_from_db()
    assert answer.status_code == 200
    assert teacher.organization == pair.first
    assert Organization.objects.filter(is_active=True, municipality=pair.first.municipality).count() == 1
