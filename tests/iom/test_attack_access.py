"""Whoever tries what is not his: strangers' numbers in forms, ended rights, a second role, a second school."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.courses.models import ImportBatch
from cabinet.files.services import store_bytes
from cabinet.home.services.merging_people import merge_people, plan_people
from cabinet.structure.models import Organization
from cabinet.users.models import LogEntry, Membership, Role, User
from iom.models import Answer, Deficit, Ground, Route, RouteItem, RouteRevision, Status
from iom.moves import Refused
from iom.services.carrying import confirm_item, submit_item
from iom.services.lines import add_line, remove_line, save_line
from iom.services.mass import order_mass, plan_mass
from iom.services.moving import follow_moved
from iom.services.snapshot import snapshot
from tests.factories import (
    AssignmentFactory,
    CaseFactory,
    CompletionFactory,
    DeficitFactory,
    DiagnosisBlockFactory,
    DiagnosisFactory,
    ImportBatchFactory,
    MemberFactory,
    MembershipFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    SubjectFactory,
    SurveyFactory,
    TemplateVersionFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def methodist(school: Organization) -> User:
    return person_with(Role.METHODIST, school)


@pytest.fixture
def teacher(school: Organization) -> User:
    return person_with("teacher", organization=school)


@pytest.fixture
def route(teacher: User) -> Route:
    return RouteFactory(person=teacher, status="active")


@pytest.fixture
def item(route: Route) -> RouteItem:
    return RouteItemFactory(route=route, status="submitted")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))  # roles are read once per request
    return client


def end_roles(user: User) -> None:
    Membership.objects.filter(user=user).update(ends_on=today() - timedelta(days=1))


# --- Rights that have ended -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MENTOR, Role.REGIONAL])
def test_former_mentor_finds_no_route_whatever_else_he_is(role: str, route: Route) -> None:
    """Named on the route still, but his time with this teacher is over; he has another teacher, or joins РМА."""
    mentor = person_with(Role.MENTOR, route.person)
    end_roles(mentor)
    MembershipFactory(user=mentor, role=role, person=UserFactory() if role == Role.MENTOR else None)
    Route.objects.filter(pk=route.pk).update(mentor=mentor)

    client = client_of(mentor)

    assert client.get(route.get_absolute_url()).status_code == 404
    assert client.get(reverse("iom:revise", args=[route.pk])).status_code == 404


def test_giver_who_helps_no_more_finds_neither_answer_nor_file(route: Route) -> None:
    mentor = person_with(Role.MENTOR, route.person)
    given = AssignmentFactory(route=route, author=mentor, status="submitted")
    answer = Answer.objects.create(assignment=given, text="Разбор моего урока")
    file = store_bytes("урок.pdf", b"%PDF-1.7", owner=answer, content_type="application/pdf")
    end_roles(mentor)

    client = client_of(mentor)

    assert client.get(given.get_absolute_url()).status_code == 404
    assert client.get(file.get_absolute_url()).status_code == 404
    assert client.post(reverse("iom:assignment_check", args=[given.pk]), {"act": "accept"}).status_code == 404
    given.refresh_from_db()
    assert given.status == "submitted"


def test_regional_methodist_begins_only_what_he_can_go_on_with() -> None:
    """He helped with a route that is over; a new one does not name him, so he must not be led to a missing page."""
    member = MemberFactory()
    former = RouteFactory(status="completed", rma_member=member)

    answer = client_of(member.user).post(
        reverse("iom:new"), {"person": former.person_id, "start": "empty"}, follow=True
    )

    begun = Route.objects.running().filter(person=former.person_id)
    assert not begun or answer.status_code == 200


def test_whoever_only_answers_for_the_case_begins_no_route() -> None:
    """A case without a methodist is led by the municipal specialist: he reads routes and builds none."""
    case = CaseFactory(status="follow_up")
    specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
    case.responsible = specialist
    case.save()
    if not case.surveys.exists():
        SurveyFactory(case=case)

    client_of(specialist).post(reverse("motor:plan", args=[case.pk]))

    assert not Route.objects.filter(person=case.person).exists()


# --- A teacher who has changed his school ----------------------------------------------------------------------


def test_running_route_goes_with_the_teacher_to_his_new_school(teacher: User, methodist: User) -> None:
    route = RouteFactory(person=teacher)
    RouteItemFactory(route=route)
    theirs = person_with(Role.METHODIST, OrganizationFactory())
    teacher.organization = theirs.organization
    teacher.save()

    follow_moved()
    client_of(teacher).post(reverse("iom:submit", args=[route.pk]))

    assert Route.objects.approvable_by(User.objects.get(pk=theirs.pk)).filter(pk=route.pk).exists()
    assert not Route.objects.approvable_by(User.objects.get(pk=methodist.pk)).filter(pk=route.pk).exists()


@pytest.mark.parametrize(("page", "view"), [("iom:new", {}), ("iom:routes", {"view": "none"})])
def test_former_route_of_another_school_is_not_named(page: str, view: dict[str, str], methodist: User) -> None:
    """Its page is a 404 for them; so are its title and its content."""
    teacher = UserFactory()
    former = RouteFactory(person=teacher, status="completed", title="Разбор нашего конфликта")
    teacher.organization = methodist.organization
    teacher.save()
    client = client_of(methodist)
    assert client.get(former.get_absolute_url()).status_code == 404

    shown = client.get(reverse(page), view or {"person": teacher.pk})

    assert teacher.last_name in shown.content.decode()
    assert "Разбор нашего конфликта" not in shown.content.decode()


# --- A second role ---------------------------------------------------------------------------------------------


@pytest.fixture
def everything(school: Organization) -> User:
    """A teacher who is the methodist, the head, the admin and a member of РМА as well."""
    person = person_with(Role.METHODIST, school)
    MembershipFactory(user=person, role=Role.HEAD, organization=school)
    MembershipFactory(user=person, role=Role.MUNICIPAL, municipality=school.municipality, organization=None)
    MembershipFactory(user=person, role=Role.ADMIN, organization=None)
    MemberFactory(user=person)
    MembershipFactory(user=person, role=Role.REGIONAL, organization=None)
    return User.objects.get(pk=person.pk)


def test_nobody_judges_his_own_work_by_another_of_his_roles(everything: User) -> None:
    route = RouteFactory(person=everything, status="active", rma_member=everything.rma_member, mentor=everything)
    item = RouteItemFactory(route=route, status="submitted")
    given = AssignmentFactory(route=route, author=everything, status="submitted")
    client = client_of(everything)

    for name in ("confirm", "return", "remove", "reopen"):
        address = reverse("iom:item_act", args=[item.pk, name])
        assert client.post(address, {"comment": "Хорошо", "reason": "Хорошо"}).status_code == 404, name
    assert client.post(reverse("iom:items_confirm", args=[route.pk]), {"item": item.pk}).status_code == 404
    for name in ("check", "change", "withdraw"):
        address = reverse(f"iom:assignment_{name}", args=[given.pk])
        assert client.post(address, {"act": "accept", "reason": "Хорошо", "title": "Другое"}).status_code == 404, name
    assert client.post(reverse("iom:give"), {"routes": route.pk, "title": "Сам себе"}).status_code == 422
    item.refresh_from_db()
    given.refresh_from_db()
    assert (item.status, given.status, route.assignments.count()) == ("submitted", "submitted", 1)


@pytest.mark.parametrize("step", ["methodist", "head", "municipal"])
def test_nobody_agrees_his_own_route_by_another_of_his_roles(step: str, everything: User) -> None:
    route = RouteFactory(person=everything, status="in_review")
    Route.objects.filter(pk=route.pk).update(step=step)
    client = client_of(everything)

    client.post(reverse("iom:agree", args=[route.pk]), {"act": "agree", "seen": "1"})
    client.post(reverse("iom:agree", args=[route.pk]), {"act": "rest", "seen": "1"})
    client.post(reverse("iom:agree", args=[route.pk]), {"act": "return", "comment": "Нет"})
    assert client.post(reverse("iom:decide", args=[route.pk, "header"]), {"verdict": "accept"}).status_code == 404

    route.refresh_from_db()
    assert (route.status, route.decisions.count()) == (Status.IN_REVIEW, 0)


def test_methodist_of_other_subjects_finds_nothing(school: Organization) -> None:
    teacher = UserFactory(organization=school, subject=SubjectFactory(), first_name="Зинаида")
    route = RouteFactory(person=teacher, status="in_review", title="Проектная деятельность")
    given = AssignmentFactory(route=route)
    diagnosis = DiagnosisBlockFactory(diagnosis__person=teacher).diagnosis
    client = client_of(person_with(Role.METHODIST, school, subjects=[SubjectFactory()]))

    for address in (
        route.get_absolute_url(),
        given.get_absolute_url(),
        diagnosis.get_absolute_url(),
        reverse("iom:agree", args=[route.pk]),
        reverse("iom:print", args=[route.pk]),
        reverse("iom:new", query={"person": teacher.pk}),
    ):
        assert client.get(address).status_code == 404, address
    for page in ("iom:routes", "iom:assignments", "iom:diagnoses", "iom:mass", "iom:give"):
        shown = client.get(reverse(page), {"q": teacher.last_name, "find_name": teacher.last_name, "tab": "all"})
        assert route.title not in shown.content.decode(), page
        assert teacher.first_name not in shown.content.decode(), page


# --- Strangers' numbers in forms -------------------------------------------------------------------------------


def test_line_of_another_route_cannot_be_tied_in(teacher: User) -> None:
    route = RouteFactory(person=teacher)
    foreign, course = DeficitFactory(), CompletionFactory()
    client = client_of(teacher)

    goal = client.post(reverse("iom:design_add", args=[route.pk, "goal"]), {"text": "Цель", "deficit": foreign.pk})
    item = client.post(
        reverse("iom:design_add", args=[route.pk, "item"]), {"activity": "Семинар", "completion": course.pk}
    )

    assert (goal.status_code, item.status_code) == (422, 422)
    assert (route.goals.count(), route.items.count()) == (0, 0)


def test_block_of_another_persons_diagnosis_is_no_deficit(teacher: User) -> None:
    route, block = RouteFactory(person=teacher), DiagnosisBlockFactory()

    answer = client_of(teacher).post(reverse("iom:design_add", args=[route.pk, "deficit"]), {"block": block.pk})

    assert answer.status_code == 404
    assert not route.deficits.exists()


def test_corrected_diagnosis_takes_no_block_from_another(teacher: User) -> None:
    mine, foreign = DiagnosisBlockFactory(diagnosis__person=teacher), DiagnosisBlockFactory()
    typed = {"instrument": "Тест", "on": f"{today():%Y-%m-%d}", "blocks-TOTAL_FORMS": 1, "blocks-INITIAL_FORMS": 1}
    typed |= {"blocks-0-id": foreign.pk, "blocks-0-topic": "Моё", "blocks-0-score": "1", "blocks-0-top": "2"}

    client_of(teacher).post(reverse("iom:diagnosis_edit", args=[mine.diagnosis_id]), typed)

    foreign.refresh_from_db()
    assert (foreign.topic != "Моё", foreign.diagnosis.person != teacher) == (True, True)


def test_template_of_another_owner_starts_nothing(teacher: User, methodist: User) -> None:
    version = TemplateVersionFactory()
    begun = client_of(teacher).post(reverse("iom:new"), {"start": f"template-{version.template_id}"})
    group = client_of(methodist).post(
        reverse("iom:mass"), {"template": version.pk, "person": teacher.pk, "do": "write", "token": "1"}
    )

    assert (begun.status_code, group.status_code) == (422, 200)
    assert not teacher.routes.exists()


def test_strangers_slipped_into_a_group_are_left_out(methodist: User) -> None:
    stranger = UserFactory()
    version = TemplateVersionFactory(template__owner=methodist)

    plan = plan_mass([stranger.pk], methodist)
    job = order_mass(version, [stranger.pk], methodist, "1")

    assert (plan.will, plan.stay, plan.gone) == ([], [], 1)
    assert job.owner == methodist


def test_item_of_another_route_is_not_given_with(route: Route, methodist: User) -> None:
    foreign = RouteItemFactory(route__status="active")
    address = f"{reverse('iom:give')}?route={route.pk}&item={foreign.pk}"

    assert client_of(methodist).post(address, {"routes": route.pk, "title": "Конспект"}).status_code == 404
    assert not route.assignments.exists()


def test_page_of_a_template_names_no_routes_of_strangers(methodist: User) -> None:
    version = TemplateVersionFactory(template__scope="region")
    foreign = RouteFactory(template_version=version, title="Маршрут чужой школы")

    shown = client_of(methodist).get(version.template.get_absolute_url()).content.decode()

    assert foreign.title not in shown
    assert foreign.person.last_name not in shown


# --- Files -----------------------------------------------------------------------------------------------------


def outside_of(teacher: User) -> Route:
    return RouteFactory(person=teacher, status="active", is_outside=True)


def item_of(teacher: User) -> RouteItem:
    return RouteItemFactory(route=RouteFactory(person=teacher, status="active"))


def assignment_of(teacher: User) -> Any:
    return AssignmentFactory(route=RouteFactory(person=teacher, status="active"))


def answer_of(teacher: User) -> Any:
    return Answer.objects.create(assignment=assignment_of(teacher), text="Готово")


def diagnosis_of(teacher: User) -> Any:
    return DiagnosisFactory(person=teacher)


@pytest.mark.parametrize(
    ("make", "readers"),
    [
        (outside_of, {"teacher", "methodist", "head", "admin"}),
        (item_of, {"teacher", "methodist", "head", "admin"}),
        (assignment_of, {"teacher", "methodist", "head", "admin"}),
        (answer_of, {"teacher", "methodist", "head", "admin"}),
        (diagnosis_of, {"teacher", "methodist"}),
    ],
)
def test_file_goes_to_readers_of_what_it_belongs_to(
    make: Callable[[User], Any], readers: set[str], school: Organization, teacher: User, methodist: User
) -> None:
    file = store_bytes("урок.pdf", b"%PDF-1.7", owner=make(teacher), content_type="application/pdf")
    people = {
        "teacher": teacher,
        "methodist": methodist,
        "head": person_with(Role.HEAD, school),
        "admin": person_with(Role.ADMIN),
        "colleague": person_with("teacher", organization=school),
        "elsewhere": person_with(Role.METHODIST, OrganizationFactory()),
        "curator": person_with(Role.CURATOR),
        "observer": person_with(Role.OBSERVER),
    }

    answers = {name: client_of(user).get(file.get_absolute_url()).status_code for name, user in people.items()}

    assert {name for name, status in answers.items() if status == 200} == readers
    assert set(answers.values()) == {200, 404}


# --- Who has looked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["route", "print", "docx", "report", "sheet", "version", "compare", "design", "agree", "assignment"]
)
def test_reading_another_persons_route_by_any_page_is_in_the_log(page: str, teacher: User, methodist: User) -> None:
    status = {"design": "draft", "agree": "in_review"}.get(page, "active")
    route = RouteFactory(person=teacher, status=status)
    RouteItemFactory(route=route)
    RouteRevision.objects.create(route=route, version=1, content=snapshot(route))
    pk = AssignmentFactory(route=route, author=methodist).pk if page == "assignment" else route.pk
    args = [pk, 1] if page == "version" else [pk]

    assert client_of(methodist).get(reverse(f"iom:{page}", args=args)).status_code == 200

    read = (LogEntry.Action.VIEWED, LogEntry.Action.EXPORTED)
    assert LogEntry.objects.filter(actor=methodist, person=teacher, action__in=read).exists()


# --- What others rely on ---------------------------------------------------------------------------------------


def test_list_under_a_route_is_not_undone_with_a_crash() -> None:
    batch = ImportBatchFactory(state=ImportBatch.State.DONE)
    completion = CompletionFactory(batch=batch)
    Ground.objects.create(route=RouteFactory(person=completion.person), kind="course", completion=completion)

    answer = client_of(person_with(Role.ADMIN)).post(reverse("home:import_undo", args=[batch.pk]))

    assert answer.status_code == 302
    batch.refresh_from_db()
    assert (batch.state == ImportBatch.State.DONE) == Ground.objects.filter(completion=completion.pk).exists()


# --- Two at once: each act with the row as its page read it before ----------------------------------------------


def as_read(item: RouteItem) -> RouteItem:
    return RouteItem.objects.select_related("route__person", "route__organization").get(pk=item.pk)


def test_item_confirmed_meanwhile_is_not_taken_away(item: RouteItem, methodist: User, teacher: User) -> None:
    Route.objects.filter(pk=item.route_id).update(status="revision")
    seen = as_read(item)
    confirm_item(as_read(item), actor=methodist)

    with pytest.raises(Refused):
        remove_line(seen, actor=teacher, reason="Передумал")

    item.refresh_from_db()
    assert (item.status, item.confirmed_by) == ("confirmed", methodist)


def test_words_saved_meanwhile_outlive_the_exclusion_of_their_item(item: RouteItem, teacher: User) -> None:
    Route.objects.filter(pk=item.route_id).update(status="revision")
    seen = as_read(item)
    save_line(as_read(item), {"activity": "Открытый урок в 7 «Б»"}, item.revision, actor=teacher)

    remove_line(seen, actor=teacher, reason="Передумал")

    item.refresh_from_db()
    assert item.activity == "Открытый урок в 7 «Б»"


def test_line_taken_away_meanwhile_is_told_in_words(teacher: User) -> None:
    deficit = DeficitFactory(route__person=teacher)
    seen = Deficit.objects.select_related("route__person").get(pk=deficit.pk)
    remove_line(Deficit.objects.select_related("route__person").get(pk=deficit.pk), actor=teacher)

    with pytest.raises(Refused):
        save_line(seen, {"text": "Оценивание"}, seen.revision, actor=teacher)
    with pytest.raises(Refused):
        add_line(seen.route, "goal", {"text": "Цель", "deficit_id": deficit.pk}, actor=teacher)


@pytest.mark.django_db(transaction=True)
def test_merging_two_cards_and_work_on_the_route_do_not_stop_each_other() -> None:
    """On PostgreSQL the log of an act wants the person's row while the merge holds it and wants the route."""
    school = OrganizationFactory()
    admin, keep, drop = person_with(Role.ADMIN), UserFactory(organization=school), UserFactory(organization=school)
    route = RouteFactory(person=drop, status="active")
    items = RouteItemFactory.create_batch(5, route=route)
    seen = plan_people(keep, drop, actor=admin).fingerprint
    start, broken = Barrier(2), []

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except Exception as error:
            broken.append(repr(error))
        finally:
            connection.close()

    def work() -> None:
        for one in items:
            submit_item(as_read(one), actor=drop, text="Сделано")

    acts: list[Callable[[], object]] = [lambda: merge_people(keep, drop, {}, actor=admin, seen=seen), work]
    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken == []
    assert Route.objects.get(pk=route.pk).person == keep
