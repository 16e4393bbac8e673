"""Printed forms: the page and the Word file say the same; old versions print as they were agreed."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import quote

import docx
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.users.models import LogEntry, Role, User
from iom.docx import paper_document
from iom.models import AgreementRule, ItemAttachment, Route, RouteItem, RouteRevision, Transition
from iom.services.papers import route_paper, sheet_paper
from iom.services.snapshot import snapshot
from tests.factories import DeficitFactory, OrganizationFactory, RouteFactory, RouteItemFactory, person_with

pytestmark = pytest.mark.django_db
LATE = datetime(2027, 3, 12, 21, 30, tzinfo=UTC)  # 02:30 of the 13th in Perm


@pytest.fixture
def route() -> Route:
    teacher = person_with("teacher")
    made = RouteFactory(person=teacher, status="active", results="Открытый урок в марте")
    DeficitFactory(route=made, text="Формирующее оценивание")
    RouteItemFactory(route=made, activity="=Мастер-класс <b>для коллег</b>", status="confirmed", done_text="Проведён")
    RouteItemFactory(route=made, activity="Семинар", in_practice_since="2026-10-01", practice_text="Листы самооценки")
    return made


def words_of(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in document.paragraphs] + cells)


def test_page_and_word_file_say_the_same(route: Route, client: Client) -> None:
    AgreementRule.objects.create(
        organization=route.organization, steps="head", approves="Директор школы", approver_name="О. И. Гилёв"
    )
    client.force_login(route.person)

    page = client.get(reverse("iom:print", args=[route.pk]))
    file = client.get(reverse("iom:docx", args=[route.pk]))

    text = words_of(file.content)
    for said in ("УТВЕРЖДАЮ", "СОГЛАСОВАНО", "Директор школы", "О. И. Гилёв", "Формирующее оценивание", "Семинар"):
        assert said in page.text
        assert said in text
    assert "=Мастер-класс <b>для коллег</b>" in text
    assert "&lt;b&gt;для коллег" in page.text
    assert "docx" in file["Content-Disposition"]
    assert LogEntry.objects.filter(action="exported", person=route.person).count() == 1


def test_head_of_a_table_repeats_in_word(route: Route, client: Client) -> None:
    client.force_login(route.person)
    document = docx.Document(BytesIO(client.get(reverse("iom:docx", args=[route.pk])).content))
    assert "w:tblHeader" in document.tables[-1].rows[0]._tr.xml


def test_former_version_prints_as_it_was_agreed(route: Route, client: Client) -> None:
    RouteRevision.objects.create(route=route, version=1, content=snapshot(route))
    Route.objects.filter(pk=route.pk).update(aim="Новая цель", version=2)
    client.force_login(route.person)
    address = reverse("iom:print", args=[route.pk])

    assert "Новая цель" not in client.get(address, {"version": "1"}).text
    assert "Новая цель" in client.get(address).text
    for bad in ("7", "²", "9" * 18, "-1"):
        assert client.get(address, {"version": bad}).status_code == 404


def test_order_is_written_by_those_who_build_the_route(route: Route, client: Client) -> None:
    address = reverse("iom:print", args=[route.pk])
    client.force_login(person_with(Role.HEAD, route.organization))
    assert client.post(address, {"order_number": "12-к"}).status_code == 404
    client.force_login(route.person)
    wrong = client.post(address, {"order_number": "12-к", "order_on": "31.02.2026"})
    assert wrong.status_code == 422
    assert "12-к" in wrong.text

    client.post(address, {"order_number": "12-к", "order_on": "2026-09-01"})

    assert "Приказ № 12-к от 01.09.2026" in client.get(address).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"order_number": "№ 12-к", "order_on": "1026-09-01"}, "Проверьте год"),
        ({"order_number": "1" * 41}, "Номер длиннее 40 знаков"),
    ],
)
def test_mistyped_order_gets_a_sentence(typed: dict[str, str], words: str, route: Route, client: Client) -> None:
    client.force_login(route.person)
    answer = client.post(reverse("iom:print", args=[route.pk]), typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert typed["order_number"] in answer.text


def test_number_of_the_order_says_its_sign_once(route: Route, client: Client) -> None:
    RouteRevision.objects.create(route=route, version=1, content=snapshot(route))
    client.force_login(route.person)
    answer = client.post(f"{reverse('iom:print', args=[route.pk])}?version=1", {"order_number": "№ 12-к"}, follow=True)
    assert "Приказ № 12-к от" in answer.text
    assert answer.context["version"] == 1  # the version that was open stays open


SECTIONS = [
    "Цель и индивидуальный запрос",
    "Профессиональные дефициты",
    "Карта мероприятий",
    "Изменения в практике",
    "Результаты и представление опыта",
    "Рефлексия",
]


def test_form_has_its_six_sections_in_every_state(route: Route) -> None:
    empty = RouteFactory(aim="")
    revision = RouteRevision.objects.create(route=route, version=1, content=snapshot(route))

    for paper in (route_paper(route), route_paper(route, revision), route_paper(empty)):
        assert [one.title for one in paper.sections if one.title != "Цели"] == SECTIONS

    now, then = (
        {one.title: one for one in paper.sections} for paper in (route_paper(route), route_paper(route, revision))
    )
    assert now["Результаты и представление опыта"].lines == ["Открытый урок в марте"]
    assert then["Результаты и представление опыта"].lines == ["Заполняется по ходу маршрута."]


def test_draft_says_that_it_is_a_draft(route: Route) -> None:
    route.agreed_version = 1
    revision = RouteRevision(route=route, version=1, content=snapshot(route), agreed_at=LATE)

    assert route_paper(RouteFactory()).foot.startswith("Версия 1, проект: черновик. Напечатано")
    assert route_paper(route).foot.startswith("Версия 1, согласована. Напечатано")
    assert route_paper(route, revision).foot.startswith("Версия 1, согласована 13.03.2027. Напечатано")


def test_days_are_those_of_the_region(route: Route) -> None:
    """Past midnight in Perm it is still yesterday in UTC."""
    methodist = person_with(Role.METHODIST, route.organization)
    RouteItem.objects.filter(status="confirmed").update(confirmed_at=LATE, confirmed_by=methodist)
    moved(route, "submit", route.person, LATE - timedelta(days=1))
    moved(route, "agree", methodist, LATE)

    table = sheet_paper(route).sections[1].table
    assert table is not None
    assert table.rows[0][-1] == f"Выполнено, подтверждено\n{methodist.short_name}, 13.03.2027"
    assert route_paper(route).blocks[1].lines == [f"____________________ {methodist.short_name}", "13.03.2027"]


def test_agreed_is_whoever_agreed_what_was_sent_last(route: Route) -> None:
    first, second, head = (person_with(Role.METHODIST, route.organization) for _ in range(3))
    moves = [("submit", route.person), ("agree_step", first), ("return", head), ("submit", route.person)]
    for day, (name, actor) in enumerate([*moves, ("agree_step", second), ("agree", head)]):
        moved(route, name, actor, LATE + timedelta(days=day))

    assert second.short_name in route_paper(route).blocks[1].lines[0]


def test_nobody_agreed_where_nobody_is_asked(route: Route) -> None:
    """An organization without steps: the teacher's own sending is not an agreement."""
    moved(route, "agree", route.person, LATE)

    assert route.person.short_name not in "".join(route_paper(route).blocks[1].lines)


def moved(route: Route, name: str, actor: User, at: datetime) -> None:
    Transition.objects.create(route=route, move=name, to_status="active", actor=actor, at=at)


HOSTILE = (
    '=HYPERLINK("http://x") \x0b\x0c\x1f\ufffe </w:t><script>alert(1)</script> 🙂 \u202eнаоборот\u200f '
    + "слово " * 900
)


@pytest.mark.parametrize("name", ["print", "report", "sheet"])
def test_hostile_text_breaks_neither_page_nor_file(name: str, client: Client) -> None:
    teacher = person_with("teacher", last_name="Ива<b>нова/\\:*?", first_name="\u202eАнна")
    route = RouteFactory(
        person=teacher,
        status="active",
        aim=HOSTILE,
        wish=HOSTILE,
        results=HOSTILE,
        reflection=HOSTILE,
        title=HOSTILE[:200],
    )
    DeficitFactory(route=route, text=HOSTILE[:500])
    RouteItemFactory(
        route=route, activity=HOSTILE[:500], status="confirmed", done_text=HOSTILE, in_practice_since="2026-10-01"
    )
    client.force_login(teacher)
    address = reverse(f"iom:{name}", args=[route.pk])

    page = client.get(address)
    file = client.get(reverse("iom:docx", args=[route.pk]) if name == "print" else f"{address}?format=docx")

    assert "<script>alert" not in page.text
    text = words_of(file.content)
    assert '=HYPERLINK("http://x")' in text
    assert "</w:t><script>alert(1)</script> 🙂" in text
    assert "слово " * 50 in text
    for sign in "/\\*?\u202e":
        assert quote(sign, safe="") not in file["Content-Disposition"].split("''")[-1]


def test_long_row_goes_on_over_the_page_and_a_short_one_is_whole(route: Route, client: Client) -> None:
    RouteItemFactory(route=route, done_text="слово " * 500)
    client.force_login(route.person)
    address = reverse("iom:report", args=[route.pk])
    rows = docx.Document(BytesIO(client.get(address, {"format": "docx"}).content)).tables[0].rows

    assert ["w:cantSplit" in one._tr.xml for one in rows] == [True, True, True, False]
    assert client.get(address).text.count('class="paper-long"') == 1


def test_word_file_has_the_page_number_and_the_version_on_every_page(route: Route) -> None:
    document = docx.Document(BytesIO(paper_document(route_paper(route))))
    foot = document.sections[0].footer.paragraphs[0]
    assert "Версия 1, согласована" in foot.text
    assert 'w:instr="PAGE"' in foot._p.xml
    assert [round(one.mm) for one in (document.sections[0].page_width, document.sections[0].page_height)] == [297, 210]
    assert document.styles["Normal"].font.name == "Times New Roman"


def test_sheet_tells_what_was_planned_done_changed_and_shown(route: Route) -> None:
    done = route.items.get(status="confirmed")
    ItemAttachment.objects.create(item=done, kind="event", title="Неделя методиста", on="2027-02-10", place="Пермь")
    paper = sheet_paper(route)
    sections = {one.title: one for one in paper.sections}

    table = sections["Запланировано и выполнено"].table
    assert table is not None
    assert [row[1] for row in table.rows] == ["=Мастер-класс <b>для коллег</b>", "Семинар"]
    assert "Запланировано мероприятий: 2; выполнено и подтверждено: 1; изменений в практике: 1." in (
        sections["Коротко"].lines
    )
    assert sections["Изменилось в практике"].table is not None
    assert sections["Показано коллегам"].lines == ["Открытый урок в марте"]
    assert "1. Неделя методиста, 10.02.2027, Пермь" in paper.sections[-1].lines
    assert "Формирующее оценивание" not in str(paper.sections)  # deficits are not for the attestation


@pytest.mark.parametrize("name", ["print", "docx", "report", "sheet"])
def test_who_may_print(name: str, route: Route, client: Client) -> None:
    school = route.organization
    address = reverse(f"iom:{name}", args=[route.pk])
    readers = {
        person_with(Role.METHODIST, school): 200,
        person_with(Role.HEAD, school): 200,
        person_with(Role.MUNICIPAL, school.municipality): 200,
        person_with(Role.ADMIN): 200,
        person_with("teacher", school): 404,
        person_with(Role.METHODIST, OrganizationFactory()): 404,
        person_with(Role.CURATOR): 404,
        person_with(Role.OBSERVER): 404,
    }
    for reader, code in readers.items():
        client.force_login(reader)
        assert client.get(address).status_code == code, reader


def test_reading_and_export_are_in_the_log(route: Route, client: Client) -> None:
    client.force_login(person_with(Role.HEAD, route.organization))
    client.get(reverse("iom:print", args=[route.pk]))
    client.get(reverse("iom:sheet", args=[route.pk]), {"format": "docx"})

    seen = LogEntry.objects.filter(person=route.person).order_by("pk").values_list("action", "note")
    assert list(seen) == [
        ("viewed", "Индивидуальный образовательный маршрут"),
        ("exported", f"{sheet_paper(route).name}.docx"),
    ]


def test_file_of_a_version_is_named_by_it(route: Route, client: Client) -> None:
    RouteRevision.objects.create(route=route, version=1, content=snapshot(route))
    client.force_login(route.person)
    answer = client.get(reverse("iom:docx", args=[route.pk]), {"version": "1"})
    assert quote("версия 1.docx") in answer["Content-Disposition"]


@pytest.mark.parametrize("name", ["report", "sheet"])
def test_report_and_sheet(name: str, route: Route, client: Client) -> None:
    client.force_login(route.person)
    page = client.get(reverse(f"iom:{name}", args=[route.pk]))
    text = words_of(client.get(reverse(f"iom:{name}", args=[route.pk]), {"format": "docx"}).content)
    for said in ("Проведён", "Листы самооценки", "Открытый урок в марте"):
        assert said in page.text
        assert said in text


@pytest.mark.parametrize("name", ["print", "report", "sheet"])
@pytest.mark.parametrize("more", [0, 4])
def test_queries_do_not_grow(
    name: str, more: int, route: Route, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    RouteItemFactory.create_batch(more, route=route, status="confirmed")
    client.force_login(route.person)
    with django_assert_max_num_queries(16):
        client.get(reverse(f"iom:{name}", args=[route.pk]))


def test_route_kept_elsewhere_has_no_paper(client: Client) -> None:
    route = RouteFactory(is_outside=True)
    client.force_login(route.person)
    assert client.get(reverse("iom:print", args=[route.pk])).status_code == 404
