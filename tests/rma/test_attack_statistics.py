"""An observer with a pencil: what he works out from the figures he is shown, within one page and between pages."""

from collections.abc import Callable
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from cabinet.core.clock import today
from cabinet.users.models import Role
from rma.models import Activity, Direction, Function, Member
from rma.services.statistics import BREAKDOWNS, LIMIT
from tests.factories import MemberFactory, MunicipalityFactory, OrganizationFactory, TerritoryFactory, person_with

pytestmark = pytest.mark.django_db
PAGE = "/rma/statistics/"
EXCEL = "/rma/statistics/excel/"
Make = Callable[..., Activity]


@pytest.fixture
def make() -> Make:
    direction = Direction.objects.create(code="d", name="Направление", short="направление")
    functions = {code: Function.objects.create(code=code, name=code, short=code) for code in ("consulting", "routes")}

    def made(member: Member, **fields: Any) -> Activity:
        function = functions[fields.pop("function", "consulting")]
        known = {"member": member, "direction": direction, "function": function, "state": "agreed"}
        defaults = {"on": today(), "kind": "consultation", "title": "Работа", "hours": 2, "people_count": 1}
        return Activity.objects.create(**{**known, **defaults, **fields})

    return made


@pytest.fixture
def observer(client: Client) -> Client:
    client.force_login(person_with(Role.OBSERVER))
    return client


def shown(client: Client, by: str) -> dict[str, Any]:
    """Label → what the table of the page says of it; None where it is hidden."""
    statistics = client.get(PAGE, {"by": by}).context["statistics"]
    rows = {one.label: None if one.is_hidden else one.figures for one in statistics.groups}
    return rows | {"all": None if statistics.total.is_hidden else statistics.total.figures}


def members_in(number: int, territory: Any) -> list[Member]:
    school = OrganizationFactory(municipality=MunicipalityFactory(territory=territory))
    return [MemberFactory(user=person_with(Role.REGIONAL, organization=school)) for _ in range(number)]


def test_two_breakdowns_do_not_give_a_small_group_away(make: Make, observer: Client) -> None:
    """Group meetings and consultations are two kinds of work and one function: one minus the other is the small one."""
    people = MemberFactory.create_batch(7)
    for member in people:
        make(member)
    for member in people[:2]:
        make(member, kind="group", people_count=12, hours=3)
    for member in people[:6]:
        make(member, kind="route", function="routes")
    assert "групповая консультация" not in shown(observer, "kind")
    page = observer.get(PAGE, {"by": "kind"})
    assert page.context["statistics"].breakdown.code != "kind"
    assert "По видам" not in page.content.decode()


@pytest.mark.parametrize("small", [1, 2, 3, 4])
@pytest.mark.parametrize("sizes", [(5, 20), (6, 9), (5, 5)])
def test_number_of_members_is_not_told_by_the_rest(
    make: Make, observer: Client, small: int, sizes: tuple[int, int]
) -> None:
    """Members of territories add up: of «<5» and the one hidden beside it several pairs must be possible."""
    for number in (small, *sizes):
        for member in members_in(number, TerritoryFactory()):
            make(member)
    rows = shown(observer, "territory")
    whole = rows.pop("all")
    open_ones = [figures.members for figures in rows.values() if figures is not None]
    hidden = len(rows) - len(open_ones)
    left = whole.members - sum(open_ones)
    # What the page says: one is «<5», the others hidden beside it hold five or more; or nothing of any of them.
    is_told = any(one.is_few for one in observer.get(PAGE, {"by": "territory"}).context["statistics"].groups)
    others = range(LIMIT if is_told else 1, left + 1)
    ranges = [range(1, LIMIT) if is_told else others, *[others] * (hidden - 1)]
    possible = {one[0] for one in product(*ranges) if sum(one) == left}
    assert len(possible) > 1, f"ровно {possible}"


@pytest.mark.parametrize("by", [one.code for one in BREAKDOWNS])
def test_page_and_file_hide_the_same(make: Make, observer: Client, by: str) -> None:
    for number in (2, 6, 9):
        for member in members_in(number, TerritoryFactory()):
            make(member)
    page = observer.get(PAGE, {"by": by}).context["statistics"]
    rows = list(load_workbook(BytesIO(observer.get(EXCEL, {"by": by}).content)).worksheets[0].values)[1:-1]
    assert len(rows) == len(page.groups)
    for group, row in zip(page.groups, rows, strict=True):
        assert (row[2] == "скрыто") == group.is_hidden
    assert page.breakdown.code != "member"


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.REGIONAL])
def test_no_way_of_asking_narrows_a_nameless_reader(make: Make, client: Client, role: str) -> None:
    people = MemberFactory.create_batch(6)
    for member in people:
        make(member)
    client.force_login(person_with(role))
    place = people[0].user.organization.municipality
    for more in (
        {"municipality": place.pk},
        {"territory": place.territory_id},
        {"since": today().isoformat(), "until": today().isoformat()},
        {"period": "this"},
        {"period": "last"},
        {"by": "member"},
        {"member": people[0].pk},
    ):
        for address in (PAGE, EXCEL):
            answer = client.get(address, more)
            assert answer.status_code == 200
        assert client.get(PAGE, more).context["statistics"].total.figures.lines == 6, more
    names = client.get(PAGE, {"by": "member"}).content.decode()
    assert not any(one.user.last_name in names for one in people)


def test_name_that_looks_like_a_formula_is_text_in_the_file(make: Make, client: Client) -> None:
    make(MemberFactory(user=person_with(Role.REGIONAL, last_name="=HYPERLINK(1)")))
    client.force_login(person_with(Role.ADMIN))
    sheet = load_workbook(BytesIO(client.get(EXCEL, {"by": "member"}).content)).worksheets[0]
    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s"]


def test_days_of_the_shares_are_not_chosen_by_a_nameless_reader(observer: Client) -> None:
    MemberFactory.create_batch(6)
    for on in ("2020-01-01", "yesterday", "9999-12-31", "0001-01-01", "²"):
        page = observer.get("/rma/indicators/", {"on": on, "by": "municipality"})
        assert page.context["found"].day == today()
        assert observer.get("/rma/indicators/excel/", {"on": on}).status_code == 200
