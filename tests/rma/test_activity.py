"""«Работа за месяц»: whose it is, what can be changed, what is kept of refused input."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import add_months, today
from cabinet.users.models import Role, User
from rma.models import Activity, AgreedMonth, Direction, Function, Member
from rma.services import months
from rma.services.roster import change_status
from tests.factories import MemberFactory, OrganizationFactory, RequestFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db
THIS = today().replace(day=1)
LAST = add_months(THIS, -1)
PAGE = "/rma/activity/"
Make = Callable[..., Activity]
Login = Callable[[User], Client]


@pytest.fixture
def login() -> Login:
    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in


def typed(line: Activity, **fields: Any) -> dict[str, Any]:
    return {
        "revision": line.revision,
        "on": f"{line.on:%Y-%m-%d}",
        "kind": line.kind,
        "title": line.title,
        "hours": "2",
        "people_count": "1",
        "direction": line.direction_id or "",
        "function": line.function_id or "",
    } | fields


def text_of(response: Any) -> str:
    return str(response.content.decode()).replace("\xa0", " ").replace("&nbsp;", " ")


def test_member_sees_his_month_and_one_button(make: Make, member: Member, login: Login) -> None:
    make(), make(hours=3)
    make(member=MemberFactory(), title="Чужая")
    page = text_of(login(member.user).get(PAGE))  # the month that waits, without naming it
    assert "Согласовать" in page
    assert "2 строки, 5 часов" in page
    assert "Чужая" not in page


def test_month_is_agreed_and_taken_back(make: Make, member: Member, login: Login) -> None:
    line = make()
    client = login(member.user)
    code = f"{LAST:%Y-%m}"
    answer = client.post(reverse("rma:activity_agree"), {"month": code, "seen": f"{line.pk}:1"}, follow=True)
    assert "Согласовано за" in text_of(answer)
    assert "Вернуть месяц" in text_of(answer)
    again = client.post(reverse("rma:activity_agree"), {"month": code, "seen": f"{line.pk}:1"}, follow=True)
    assert "изменилась" not in text_of(again)
    client.post(reverse("rma:activity_reopen"), {"month": code})
    line.refresh_from_db()
    assert (line.state, AgreedMonth.objects.count()) == ("offered", 0)


def test_changed_line_stays_and_the_page_says_so(make: Make, member: Member, login: Login) -> None:
    line = make(revision=2)
    data = {"month": f"{LAST:%Y-%m}", "seen": f"{line.pk}:1,x:y,,"}
    answer = login(member.user).post(reverse("rma:activity_agree"), data, follow=True)
    assert "изменилась" in text_of(answer)
    assert not Activity.objects.agreed().exists()


@pytest.mark.parametrize("month", ["", "2026-13", f"{add_months(THIS, 1):%Y-%m}"])
def test_month_that_is_none_is_not_agreed(month: str, member: Member, login: Login) -> None:
    client = login(member.user)
    for name in ("activity_agree", "activity_reopen"):
        assert client.post(reverse(f"rma:{name}"), {"month": month}).status_code == 404


def test_late_lines_wait_on_top(make: Make, member: Member, login: Login) -> None:
    make(state="agreed")
    AgreedMonth.objects.create(member=member, month=LAST)
    make(), make()
    assert "Ещё 2 строки после согласования" in text_of(login(member.user).get(f"{PAGE}?month={LAST:%Y-%m}"))


def test_incomplete_line_says_what_is_missing_and_is_completed_in_place(
    make: Make, member: Member, login: Login, words: tuple[Direction, Function]
) -> None:
    line = make(direction=None)
    client = login(member.user)
    page = text_of(client.get(PAGE))
    assert "Не хватает направления" in page
    assert '<button class="btn btn-primary">Согласовать' not in page
    data = {"words": "1", "revision": 1, "direction": words[0].pk, "function": words[1].pk}
    answer = client.post(reverse("rma:activity_line", args=[line.pk]), data)
    assert answer.status_code == 302
    line.refresh_from_db()
    assert (line.is_complete, line.title, line.hours) == (True, "Консультация", 2)


def test_line_is_edited_with_its_organizations(make: Make, member: Member, login: Login) -> None:
    line = make()
    asked, own = RequestFactory(member=member).organization, member.user.organization
    other = OrganizationFactory(municipality=own.municipality)
    client = login(member.user)
    assert asked.name in text_of(client.get(f"{PAGE}?line={line.pk}"))
    data = typed(line, title="Иначе", hours="1,5", near=[asked.pk], other=other.pk)
    assert client.post(reverse("rma:activity_line", args=[line.pk]), data).status_code == 302
    line.refresh_from_db()
    assert (line.title, float(line.hours)) == ("Иначе", 1.5)
    assert set(line.organizations.all()) == {asked, other}


def test_foreign_organization_cannot_be_chosen(make: Make, member: Member, login: Login) -> None:
    line, far = make(), OrganizationFactory()
    for name in ("near", "other"):
        data = typed(line, **{name: far.pk})
        assert login(member.user).post(reverse("rma:activity_line", args=[line.pk]), data).status_code == 422
    assert not line.organizations.exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "Напишите в нескольких словах"),
        ("hours", "0", "от 0,5 до 24"),
        ("hours", "много", "от 0,5 до 24"),
        ("people_count", "-1", "число людей"),
        ("on", f"{today() + timedelta(days=1):%Y-%m-%d}", "ещё не наступил"),
        ("on", "2019-01-01", "двенадцать месяцев"),
        ("on", "вчера", "Такой даты нет"),
    ],
)
def test_refused_line_keeps_what_was_typed(
    field: str, value: str, said: str, make: Make, member: Member, login: Login
) -> None:
    line = make()
    data = typed(line, note="моя заметка", **{field: value})
    answer = login(member.user).post(reverse("rma:activity_line", args=[line.pk]), data)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "моя заметка" in text_of(answer)
    assert "Проверьте форму" in text_of(answer)
    line.refresh_from_db()
    assert line.revision == 1


def test_second_window_gets_a_comparison(make: Make, member: Member, login: Login) -> None:
    line = make()
    Activity.objects.filter(pk=line.pk).update(title="Первое окно", revision=2)
    client = login(member.user)
    answer = client.post(reverse("rma:activity_line", args=[line.pk]), typed(line, title="Второе окно"))
    assert answer.status_code == 422
    assert "Первое окно" in text_of(answer)
    assert 'value="Второе окно"' in text_of(answer)
    mine = typed(line, title="Второе окно", revision=2)  # as the page now offers
    assert client.post(reverse("rma:activity_line", args=[line.pk]), mine).status_code == 302
    line.refresh_from_db()
    assert line.title == "Второе окно"


def test_agreed_line_is_refused_with_what_was_typed(make: Make, member: Member, login: Login) -> None:
    line = make(state="agreed")
    data = typed(line, title="Иначе")
    answer = login(member.user).post(reverse("rma:activity_line", args=[line.pk]), data)
    assert answer.status_code == 422
    assert "уже согласован" in text_of(answer)
    assert "Иначе" in text_of(answer)


def test_left_out_and_put_back(make: Make, member: Member, login: Login) -> None:
    line, client = make(), login(member.user)
    page = text_of(client.post(reverse("rma:activity_leave_out", args=[line.pk]), follow=True))
    assert "Не учитываются: 1 строка" in page
    client.post(reverse("rma:activity_put_back", args=[line.pk]))
    line.refresh_from_db()
    assert line.state == "offered"


def test_line_is_added_by_hand_once(member: Member, login: Login, words: tuple[Direction, Function]) -> None:
    client = login(member.user)
    form = client.get(reverse("rma:activity_add")).context["form"]
    data = {"on": f"{today():%Y-%m-%d}", "kind": "other", "title": "Выступление", "hours": "1.5", "people_count": "40"}
    data |= {"once": form["once"].value(), "direction": words[0].pk}
    for _ in range(2):
        assert client.post(reverse("rma:activity_add"), data).status_code == 302
    line = Activity.objects.get()
    assert (line.member, line.people_count, line.state, line.is_complete) == (member, 40, "offered", False)


def test_refused_addition_keeps_what_was_typed(member: Member, login: Login) -> None:
    answer = login(member.user).post(reverse("rma:activity_add"), {"title": "Выступление", "hours": "99"})
    assert answer.status_code == 422
    assert "Выступление" in text_of(answer)


def test_admin_and_specialist_read_and_do_not_edit(make: Make, member: Member, login: Login) -> None:
    make()
    municipality = member.user.organization.municipality
    for user in (person_with(Role.ADMIN), person_with(Role.MUNICIPAL, municipality)):
        client = login(user)
        assert member.user.full_name in text_of(client.get(f"{PAGE}?month={LAST:%Y-%m}"))
        page = text_of(client.get(f"{PAGE}?member={member.pk}&month={LAST:%Y-%m}"))
        assert "Консультация" in page
        assert "Изменить" not in page
        assert "Согласовать" not in page


def test_list_of_members_is_filtered(make: Make, member: Member, login: Login) -> None:
    make()
    other = MemberFactory()
    AgreedMonth.objects.create(member=other, month=LAST)
    client = login(person_with(Role.ADMIN))
    for state, found in (("", [member, other]), ("waiting", [member]), ("agreed", [other])):
        page = client.get(f"{PAGE}?month={LAST:%Y-%m}&state={state}").context["page"]
        assert {one.pk for one in page} == {one.pk for one in found}
    assert list(client.get(f"{PAGE}?q={other.user.last_name}zz").context["page"]) == []


def test_who_has_left_the_group_agrees_what_he_did_in_it(make: Make, member: Member, login: Login) -> None:
    line, lacking = make(), make(direction=None)
    change_status(member, "excluded", on=today(), order="приказ № 5")
    assert not member.user.memberships.active().exists()
    client = login(member.user)

    page = text_of(client.get(PAGE))
    assert "Согласовать" in page
    assert reverse("rma:activity_add") not in page
    assert reverse("rma:activity") in text_of(client.get(member.get_absolute_url()))
    words = {"words": "1", "revision": 1, "direction": line.direction_id, "function": line.function_id}
    assert client.post(reverse("rma:activity_line", args=[lacking.pk]), words).status_code == 302
    client.post(reverse("rma:activity_agree"), {"month": f"{LAST:%Y-%m}", "seen": f"{line.pk}:1,{lacking.pk}:2"})

    assert {one.state for one in Activity.objects.all()} == {"agreed"}
    assert client.get(f"{reverse('rma:activity_print')}?month={LAST:%Y-%m}").status_code == 200
    assert client.get(reverse("rma:activity_add")).status_code == 404


def test_long_month_is_agreed_in_portions(
    make: Make, member: Member, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(months, "LINES_SHOWN", 2)
    lines = [make(title=f"Строка {number}") for number in range(3)]
    client = login(member.user)

    answer = client.get(f"{PAGE}?month={LAST:%Y-%m}")
    assert "Здесь первые 2 из 3" in text_of(answer)
    assert "Строка 2" not in text_of(answer)
    seen = answer.context["month"].seen
    client.post(reverse("rma:activity_agree"), {"month": f"{LAST:%Y-%m}", "seen": seen})

    assert [one.pk for one in Activity.objects.offered()] == [lines[2].pk]
    assert "Строка 2" in text_of(client.get(f"{PAGE}?month={LAST:%Y-%m}"))


def test_specialist_reads_no_names_of_people_elsewhere(make: Make, member: Member, login: Login) -> None:
    near, far = UserFactory(organization=member.user.organization), UserFactory(organization=OrganizationFactory())
    make(title="Разбор: Ближняя", state="agreed").people.add(near)
    make(title="Разбор: Дальняя", note="Дальняя просила", state="agreed").people.add(far)
    specialist = login(person_with(Role.MUNICIPAL, member.user.organization.municipality))
    for client, sees in ((specialist, False), (login(member.user), True), (login(person_with(Role.ADMIN)), True)):
        for address in (PAGE, reverse("rma:activity_print")):
            page = text_of(client.get(address, {"member": member.pk, "month": f"{LAST:%Y-%m}"}))
            assert "Ближняя" in page
            assert ("Дальняя" in page) is sees


def test_agreed_lines_are_paged(make: Make, member: Member, login: Login) -> None:
    for number in range(51):
        make(state="agreed", title=f"Строка {number}.")
    AgreedMonth.objects.create(member=member, month=LAST)

    answer = login(member.user).get(f"{PAGE}?month={LAST:%Y-%m}&page=2")

    assert [one.title for one in answer.context["page"]] == ["Строка 50."]
    assert "51 строка" in text_of(answer)


def test_strangers_find_nothing(make: Make, member: Member, login: Login) -> None:
    line = make()
    colleague, specialist = MemberFactory().user, person_with(Role.MUNICIPAL, OrganizationFactory().municipality)
    for user in (colleague, specialist):
        assert login(user).get(f"{PAGE}?member={member.pk}").status_code == 404
        assert (
            login(user).get(f"{reverse('rma:activity_print')}?month={LAST:%Y-%m}&member={member.pk}").status_code == 404
        )
        for name in ("activity_line", "activity_leave_out", "activity_put_back"):
            assert login(user).post(reverse(f"rma:{name}", args=[line.pk]), {}).status_code == 404
        assert login(user).get(reverse("rma:activity_source", args=[line.pk])).status_code == 404
    for user in (person_with(Role.ADMIN), person_with(Role.METHODIST, OrganizationFactory())):
        assert login(user).post(reverse("rma:activity_line", args=[line.pk]), {}).status_code == 404
    for user in (person_with(Role.HEAD, OrganizationFactory()), person_with(Role.OBSERVER)):
        assert login(user).get(PAGE).status_code == 404
    line.refresh_from_db()
    assert (line.state, line.revision) == ("offered", 1)


@pytest.mark.parametrize("bad", ["x", "99999999999999", "-1", "٣"])
def test_bad_numbers_are_404(bad: str, member: Member, login: Login) -> None:
    assert login(person_with(Role.ADMIN)).get(PAGE, {"member": bad}).status_code == 404
    assert login(member.user).get(PAGE, {"line": bad}).status_code == 200


def test_anonymous_is_asked_to_log_in(client: Client, make: Make) -> None:
    assert client.get(PAGE).status_code == 302
    assert client.post(reverse("rma:activity_line", args=[make().pk])).status_code == 302


def test_wrong_method_is_refused(make: Make, member: Member, login: Login) -> None:
    client = login(member.user)
    assert client.post(PAGE).status_code == 405
    assert client.get(reverse("rma:activity_agree")).status_code == 405
    assert client.get(reverse("rma:activity_line", args=[make().pk])).status_code == 405


def test_source_opens_where_it_has_a_page(make: Make, member: Member, login: Login) -> None:
    asked = RequestFactory(member=member)
    line = make(source=asked)
    client = login(member.user)
    assert reverse("rma:activity_source", args=[line.pk]) in text_of(client.get(PAGE))
    assert client.get(reverse("rma:activity_source", args=[make().pk])).status_code == 404


def test_sheet_has_agreed_lines_and_totals(make: Make, member: Member, login: Login) -> None:
    make(state="agreed", title="Согласованная", hours=3)
    make(title="Ещё ждёт")
    AgreedMonth.objects.create(member=member, month=LAST)
    page = text_of(login(member.user).get(f"{reverse('rma:activity_print')}?month={LAST:%Y-%m}"))
    assert "Согласованная" in page
    assert "Ещё ждёт" not in page
    assert "Всего: 1 строка" in page
    assert login(member.user).get(reverse("rma:activity_print")).status_code == 404


@pytest.mark.parametrize("count", [1, 5])
def test_queries_do_not_grow(
    count: int, make: Make, member: Member, login: Login, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        organization = OrganizationFactory()
        for state, direction in (("offered", {}), ("offered", {"direction": None}), ("agreed", {}), ("dismissed", {})):
            make(state=state, title=f"Строка {number}", **direction).organizations.add(organization)
    client = login(member.user)
    client.get(PAGE)
    with django_assert_num_queries(10):
        assert client.get(f"{PAGE}?month={LAST:%Y-%m}").status_code == 200


@pytest.mark.parametrize("count", [1, 5])
def test_queries_of_the_list_do_not_grow(
    count: int, login: Login, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    MemberFactory.create_batch(count)
    client = login(person_with(Role.ADMIN))
    client.get(PAGE)
    with django_assert_num_queries(8):
        assert client.get(PAGE).status_code == 200


def test_hours_stand_in_the_field_as_people_write_them(make: Make, member: Member, login: Login) -> None:
    whole, half = make(hours=2), make(hours="1.5")
    client = login(member.user)
    assert client.get(f"{PAGE}?line={whole.pk}").context["form"]["hours"].value() == "2"
    assert client.get(f"{PAGE}?line={half.pk}").context["form"]["hours"].value() == "1,5"
