"""Odd, huge and hostile input: a clear answer or a 404, never a crash, never markup, never a formula."""

from typing import Any

import openpyxl
import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from cabinet.files.models import StoredFile
from cabinet.files.services import store_bytes
from cabinet.jobs.services import run_owed
from cabinet.structure.models import Organization
from cabinet.users.models import Role, User
from iom.exports import order_export
from iom.models import Answer, Ground, LineComment, Route
from tests.factories import (
    AssignmentFactory,
    CompletionFactory,
    DiagnosisFactory,
    GoalFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    TemplateVersionFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db

MARKUP = '<script>alert("x")</script>'
HUGE = "9" * 20
NUL = "а\x00б"


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization, client: Client) -> User:
    user = person_with(Role.METHODIST, school)
    client.force_login(user)
    return user


@pytest.fixture
def route(school: Organization) -> Route:
    return RouteFactory(person=UserFactory(organization=school))


# --- Numbers and signs no form of ours sends -------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["route", "design", "agree", "print", "outside", "assignment", "template", "diagnosis", "mass_result"]
)
def test_number_longer_than_the_database_holds_is_not_found(page: str, methodist: User, client: Client) -> None:
    assert client.get(reverse(f"iom:{page}", args=[int(HUGE)])).status_code == 404


@pytest.mark.parametrize("bad", [HUGE, "9" * 9, "²", "-1", NUL, ""])
def test_numbers_of_forms(bad: str, methodist: User, route: Route, client: Client) -> None:
    item = RouteItemFactory(route=route)
    active = RouteFactory(person=UserFactory(organization=methodist.organization), status="active")
    diagnosis = DiagnosisFactory(person=route.person, author=methodist)
    version = TemplateVersionFactory(template__owner=methodist)
    blocks = {"blocks-TOTAL_FORMS": bad, "blocks-INITIAL_FORMS": bad, "blocks-0-id": bad, "blocks-0-score": bad}
    for name, args, data in (
        ("design_add", [route.pk, "item"], {"activity": "Семинар", "deficit": bad, "completion": bad}),
        ("design_add", [route.pk, "deficit"], {"block": bad}),
        ("design_line", ["item", item.pk], {"activity": "Семинар", "support": "self", "revision": bad}),
        ("design_place", ["item", item.pk], {"before": bad}),
        ("design_header", [route.pk], {"title": "Маршрут", "experience_years": bad, "revision": bad}),
        ("comment", [route.pk], {"line": f"item:{bad}", "text": "Уточните"}),
        ("give", [], {"routes": bad, "title": "Конспект", "find_subject": bad}),
        ("items_confirm", [active.pk], {"item": bad}),
        ("new", [], {"person": active.person_id, "start": "empty", "courses": bad, "diagnoses": bad}),
        ("diagnosis_edit", [diagnosis.pk], {"instrument": "Тест", "on": bad, "removed": bad, **blocks}),
        ("mass", [], {"template": bad, "person": bad, "subject": bad, "do": "write"}),
        ("mass", [], {"template": version.pk, "person": bad, "token": bad, "do": "write"}),
        ("template_edit", [version.template_id], {"title": "Шаблон", "version": bad, "days-0": bad, "place": bad}),
    ):
        assert client.post(reverse(f"iom:{name}", args=args), data).status_code in (200, 302, 404, 409, 422), name


@pytest.mark.parametrize("page", ["new", "diagnoses", "templates", "rules", "routes", "assignments", "mass", "give"])
def test_search_for_a_sign_the_database_does_not_hold(page: str, school: Organization, client: Client) -> None:
    client.force_login(person_with(Role.ADMIN, organization=school))

    answer = client.get(reverse(f"iom:{page}"), {"q": NUL, "find_name": NUL, "find_words": NUL, "title": NUL})

    assert answer.status_code == 200


def test_reason_with_such_a_sign_is_refused_in_peace(methodist: User, client: Client) -> None:
    route = RouteFactory(person=UserFactory(organization=methodist.organization), status="revision", agreed_version=1)
    item = RouteItemFactory(route=route)

    answer = client.post(reverse("iom:design_remove", args=["item", item.pk]), {"reason": NUL})

    assert answer.status_code in (302, 422)


def test_order_of_a_group_takes_any_mark_of_its_page(methodist: User, route: Route, client: Client) -> None:
    version = TemplateVersionFactory(template__owner=methodist)
    free = UserFactory(organization=methodist.organization)
    data = {"template": version.pk, "person": free.pk, "do": "write", "token": NUL}

    assert client.post(reverse("iom:mass"), data).status_code in (200, 302)


def test_text_of_megabytes_is_turned_away(methodist: User, route: Route, client: Client) -> None:
    data = {"line": "header", "text": "а" * 6_000_000}

    assert client.post(reverse("iom:comment", args=[route.pk]), data).status_code in (302, 400, 413)
    assert not route.comments.exists()


# --- Brought back ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_ground_added_again_is_not_brought_back_twice(school: Organization, client: Client) -> None:
    client.force_login(person_with(Role.METHODIST, school))
    completion = CompletionFactory(person__organization=school)
    route = RouteFactory(person=completion.person)
    ground = Ground.objects.create(route=route, kind="course", completion=completion, text="Современный урок")
    client.post(reverse("iom:design_ground_remove", args=[ground.pk]))
    client.post(reverse("iom:design_ground", args=[route.pk]), {"course": completion.pk})

    answer = client.post(reverse("iom:design_bring_back", args=[route.pk]))

    assert answer.status_code == 302
    assert route.grounds.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ground_whose_diagnosis_is_gone_is_not_brought_back(school: Organization, client: Client) -> None:
    methodist = person_with(Role.METHODIST, school)
    client.force_login(methodist)
    diagnosis = DiagnosisFactory(person=UserFactory(organization=school), author=methodist)
    route = RouteFactory(person=diagnosis.person)
    ground = Ground.objects.create(route=route, kind="diagnosis", diagnosis=diagnosis, text=str(diagnosis))
    client.post(reverse("iom:design_ground_remove", args=[ground.pk]))
    client.post(reverse("iom:diagnosis_remove", args=[diagnosis.pk]))

    answer = client.post(reverse("iom:design_bring_back", args=[route.pk]))

    assert answer.status_code == 302
    assert not route.grounds.exists()


# --- Markup, addresses, formulas -------------------------------------------------------------------------------


def test_markup_is_shown_as_text_wherever_it_is_typed(methodist: User, client: Client) -> None:
    teacher = UserFactory(organization=methodist.organization)
    route = RouteFactory(person=teacher, status="active", title=MARKUP, aim=MARKUP, wish=MARKUP, reflection=MARKUP)
    goal = GoalFactory(route=route, text=MARKUP)
    words = {"activity": MARKUP, "product": MARKUP, "practice_text": MARKUP, "done_text": MARKUP}
    item = RouteItemFactory(route=route, status="submitted", **words)
    store_bytes(f"{MARKUP[:60]}.pdf", b"%PDF-1.7", owner=item, content_type="application/pdf")
    LineComment.objects.create(route=route, line=goal.line, text=MARKUP, author=methodist)
    given = AssignmentFactory(route=route, author=methodist, title=MARKUP, text=MARKUP, status="submitted")
    Answer.objects.create(assignment=given, text=MARKUP)
    pages = [route.get_absolute_url(), given.get_absolute_url(), reverse("iom:routes"), reverse("iom:assignments")]
    pages += [reverse(f"iom:{name}", args=[route.pk]) for name in ("print", "report", "sheet", "template_make")]
    pages += [reverse("iom:give"), reverse("iom:item_act", args=[item.pk, "return"])]
    for page in pages:
        assert "<script>alert" not in client.get(page, follow=True).content.decode(), page
    Route.objects.filter(pk=route.pk).update(status="in_review", step="methodist")
    for name in ("agree", "design", "compare"):
        shown = client.get(reverse(f"iom:{name}", args=[route.pk]), follow=True).content.decode()
        assert "<script>alert" not in shown, name


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,<b>", "//", "file:///etc/passwd"])
def test_link_that_is_no_address_is_not_kept(link: str, methodist: User, client: Client) -> None:
    teacher = person_with("teacher", organization=methodist.organization)
    active = RouteFactory(person=teacher, status="active")
    item, given = RouteItemFactory(route=active), AssignmentFactory(route=active, author=methodist)
    material = client.post(reverse("iom:give"), {"routes": active.pk, "title": "Читать", "material_link": link})
    client.force_login(teacher)
    done = client.post(reverse("iom:item_act", args=[item.pk, "submit"]), {"text": "Сделано", "link": link})
    answer = client.post(reverse("iom:assignment_answer", args=[given.pk]), {"text": "Сделано", "link": link})
    kept = {"title": "ИОМ", "outside_note": "На бумаге", "starts_on": "2026-09-01", "ends_on": "2027-05-01"}
    outside = client.post(reverse("iom:outside_add"), kept | {"outside_link": link})

    assert [one.status_code for one in (material, done, answer, outside)] == [422] * 4


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1"])
def test_cells_of_the_file_stay_text(text: str, methodist: User) -> None:
    RouteFactory(person=UserFactory(organization=methodist.organization, last_name=text), title=text)
    job = order_export(methodist, QueryDict())

    run_owed(job.pk)

    book = openpyxl.load_workbook(StoredFile.objects.get(owner_id=job.pk).file)
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert any(text.strip() in str(cell.value) for cell in cells)


# --- Methods ---------------------------------------------------------------------------------------------------

ACTS = ["design_header", "recall", "comment", "items_confirm"]


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete"])
def test_what_changes_something_takes_a_post_only(
    name: str, method: str, methodist: User, route: Route, client: Client
) -> None:
    before = Route.objects.filter(pk=route.pk).values().get()

    answer: Any = getattr(client, method)(reverse(f"iom:{name}", args=[route.pk]))

    assert answer.status_code == 405
    assert Route.objects.filter(pk=route.pk).values().get() == before


@pytest.mark.parametrize("name", ["submit", "complete", "archive", "revise", "print", "report", "agree", "design"])
def test_looking_at_a_page_changes_nothing(name: str, methodist: User, client: Client) -> None:
    status = {"agree": "in_review", "design": "draft", "submit": "draft"}.get(name, "active")
    route = RouteFactory(person=UserFactory(organization=methodist.organization), status=status)
    RouteItemFactory(route=route)
    rows = {"route": Route.objects.filter(pk=route.pk), "item": route.items.all()}
    before = {kind: list(found.values()) for kind, found in rows.items()}

    for method in (client.get, client.head):
        assert method(reverse(f"iom:{name}", args=[route.pk])).status_code == 200

    assert {kind: list(found.values()) for kind, found in rows.items()} == before
    assert not route.transitions.exists()
