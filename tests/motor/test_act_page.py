"""The page of an irregular move: who may, what is missing, what changed meanwhile, and the second click."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.users.models import Role, User
from motor import services
from motor.models import Case, Status, Transition
from motor.services import agreement, halting, objections
from motor.views.acts import ACTS
from tests.factories import (
    CaseFactory,
    CompletionFactory,
    OrganizationFactory,
    TransitionFactory,
    person_with,
)

pytestmark = pytest.mark.django_db

LATER = (today() + timedelta(days=30)).isoformat()
WORDS = "Приложите, пожалуйста, конспект"
DIFFERS = services.ChecklistAnswers(is_significant=True, practice="absent", other_topic_found=False)
CONCLUSION = {"significant": "yes", "practice": "partial", "other_found": "no", "comment": WORDS}


@dataclass
class Scene:
    """A case where the act makes sense, who makes it, what he sends, and where the case stands afterwards."""

    case: Case
    actor: User
    data: dict[str, Any] = field(default_factory=dict)
    after: str = ""

    def address(self, name: str) -> str:
        return reverse("motor:act", args=[self.case.pk, name])

    def sent(self, **changes: Any) -> dict[str, Any]:
        return {"revision": fresh(self.case).revision, **self.data} | changes


def fresh(case: Case) -> Case:
    return Case.objects.with_names().get(pk=case.pk)


def led(status: str, data: dict[str, Any], after: str) -> Callable[[], Scene]:
    def make() -> Scene:
        case = CaseFactory(status=status)
        return Scene(case, case.responsible, data, after)

    return make


def by_admin(status: str, data: dict[str, Any], after: str) -> Callable[[], Scene]:
    return lambda: Scene(CaseFactory(status=status), person_with(Role.ADMIN), data, after)


def returned_to_school() -> Scene:
    case = CaseFactory(status=Status.RMA_REVIEW)
    return Scene(case, case.rma_member.user, {"comment": WORDS}, Status.SCHOOL_REVIEW)


def disagreement() -> Scene:
    case = CaseFactory(status=Status.RMA_REVIEW)
    services.save_rma_checklist(fresh(case), DIFFERS, assessor=case.rma_member.user)
    return Scene(case, case.responsible, CONCLUSION, Status.FOLLOW_UP)


def proposal() -> Scene:
    scene = disagreement()
    conclusion = agreement.Conclusion(True, "partial", False, comment=WORDS)
    agreement.propose_agreement(fresh(scene.case), conclusion, actor=scene.actor)
    return Scene(scene.case, scene.case.rma_member.user, {}, Status.FOLLOW_UP)


def objection() -> Scene:
    case = CaseFactory(status=Status.CLOSED)
    specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
    objections.object_to(fresh(case), text="Урок был показан", actor=None)
    return Scene(case, specialist, {"decision": "upheld", "answer": WORDS}, Status.SCHOOL_REVIEW)


def paused() -> Scene:
    case = CaseFactory(status=Status.SCHOOL_REVIEW)
    halting.pause_case(fresh(case), actor=case.responsible, until=today() + timedelta(days=60), reason="Отпуск")
    return Scene(case, case.responsible, {}, Status.SCHOOL_REVIEW)


def moving() -> Scene:
    case, there = CaseFactory(status=Status.SCHOOL_REVIEW), OrganizationFactory()
    person_with(Role.METHODIST, there)
    return Scene(case, case.responsible, {"organization": there.pk, "comment": WORDS}, Status.SCHOOL_REVIEW)


def stopped() -> Scene:
    case = CaseFactory(status=Status.SCHOOL_REVIEW)
    halting.stop_case(fresh(case), actor=case.responsible, reason="left")
    return Scene(case, person_with(Role.ADMIN), {"reason": WORDS}, Status.SCHOOL_REVIEW)


SCENES: dict[str, Callable[[], Scene]] = {
    "return": led(Status.SCHOOL_REVIEW, {"comment": WORDS}, Status.SURVEY_OPEN),
    "without_survey": led(Status.NO_RESPONSE, {"reason": WORDS}, Status.SCHOOL_REVIEW),
    "postpone": led(Status.SCHOOL_REVIEW, {"until": LATER, "reason": WORDS}, Status.SCHOOL_REVIEW),
    "not_assessed": led(Status.SCHOOL_REVIEW, {"reason": WORDS}, Status.CLOSED),
    "return_school": returned_to_school,
    "other_rma": led(Status.RMA_REVIEW, {"reason": WORDS}, Status.RMA_REQUESTED),
    "agree": disagreement,
    "confirm": proposal,
    "decide": objection,
    "reopen": by_admin(Status.CLOSED, {"reason": WORDS}, Status.SCHOOL_REVIEW),
    "pause": led(Status.RMA_REVIEW, {"until": LATER, "reason": WORDS}, Status.RMA_REVIEW),
    "resume": paused,
    "transfer": moving,
    "stop": led(Status.FOLLOW_UP, {"reason": "other", "comment": WORDS}, Status.STOPPED),
    "restore": stopped,
}
WITH_WORDS = [name for name in SCENES if name not in ("confirm", "resume", "transfer")]
# In these the reader is still who he was, but the moment has passed or has not come.
WRONG_STATES = {
    "return": Status.SURVEY_OPEN,
    "without_survey": Status.SCHOOL_REVIEW,
    "postpone": Status.CLOSED,
    "not_assessed": Status.FOLLOW_UP,
    "return_school": Status.RMA_REQUESTED,
    "other_rma": Status.SCHOOL_REVIEW,
    "reopen": Status.SCHOOL_REVIEW,
    "pause": Status.CLOSED,
    "resume": Status.SCHOOL_REVIEW,
    "transfer": Status.CLOSED,
    "stop": Status.STOPPED,
    "restore": Status.SCHOOL_REVIEW,
}
every_act = pytest.mark.parametrize("name", SCENES)


def story(case: Case) -> tuple[list[str], int]:
    """What must not change when nothing is done."""
    return list(case.transitions.order_by("pk").values_list("move", flat=True)), fresh(case).revision


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response: HttpResponse) -> list[str]:
    form = response.context["form"]
    return [str(error) for found in form.errors.values() for error in found]


def test_every_act_has_its_scene() -> None:
    assert set(SCENES) == set(ACTS)


@every_act
def test_whose_turn_it_is_reads_what_will_happen_and_does_it(name: str, client: Client) -> None:
    scene, act = SCENES[name](), ACTS[name]
    client.force_login(scene.actor)
    page = client.get(scene.address(name))
    assert page.status_code == 200
    text = page.content.decode()
    assert act.title in text
    assert all(line in text for line in act.tells)
    before = story(scene.case)
    answer = client.post(scene.address(name), scene.sent())
    assert (answer.status_code, said(answer)) == (302, [act.done])
    case = fresh(scene.case)
    assert case.status == scene.after
    assert case.revision > before[1]
    # Whoever can no longer see the case is not sent to its page.
    assert client.get(answer["Location"]).status_code == 200


@every_act
def test_others_find_nothing(name: str, client: Client) -> None:
    scene = SCENES[name]()
    school = scene.case.organization
    others = {
        "teacher": scene.case.person,
        "head": person_with(Role.HEAD, school),
        "colleague": person_with(Role.METHODIST, school),
        "of another school": person_with(Role.METHODIST, OrganizationFactory(municipality=school.municipality)),
        "of another municipality": person_with(Role.MUNICIPAL, OrganizationFactory().municipality),
        "regional": person_with(Role.REGIONAL),
        "observer": person_with(Role.OBSERVER),
    }
    before = story(scene.case)
    for who, user in others.items():
        client.force_login(user)
        assert client.get(scene.address(name)).status_code == 404, who
        assert client.post(scene.address(name), scene.sent()).status_code == 404, who
    client.logout()
    answer = client.post(scene.address(name), scene.sent())
    assert (answer.status_code, answer["Location"].startswith(reverse("account_login"))) == (302, True)
    assert story(scene.case) == before


@every_act
def test_wrong_method(name: str, client: Client) -> None:
    scene = SCENES[name]()
    client.force_login(scene.actor)
    assert client.put(scene.address(name)).status_code == 405
    assert client.delete(scene.address(name)).status_code == 405


def test_unknown_act_is_not_found(client: Client) -> None:
    scene = SCENES["return"]()
    client.force_login(scene.actor)
    assert client.get(scene.address("forget")).status_code == 404


@pytest.mark.parametrize("name", WRONG_STATES)
def test_in_another_state_nothing_is_done_and_the_page_says_so(name: str, client: Client) -> None:
    sent = SCENES[name]().data
    case = CaseFactory(status=WRONG_STATES[name])
    if name in ("reopen", "restore"):
        actor = person_with(Role.ADMIN)
    elif name == "return_school":
        actor = case.rma_member.user
    else:
        actor = case.responsible
    before, address = story(case), reverse("motor:act", args=[case.pk, name])
    client.force_login(actor)
    page = client.get(address)
    assert page["Location"] == case.get_absolute_url()
    assert case.get_status_display() in said(page)[0]
    answer = client.post(address, {"revision": case.revision, **sent})
    if name == "transfer":  # the person may move all the same, and a case that has ended stays where it was earned
        assert story(case) == before
        return
    assert answer.status_code == 422
    assert len(errors(answer)) == 1
    assert story(case) == before


@pytest.mark.parametrize("name", WITH_WORDS)
def test_a_missing_reason_is_asked_for_and_the_rest_stays(name: str, client: Client) -> None:
    scene = SCENES[name]()
    empty = {key: "   " for key, value in scene.data.items() if value == WORDS}
    before = story(scene.case)
    client.force_login(scene.actor)
    answer = client.post(scene.address(name), scene.sent(**empty))
    assert answer.status_code == 422
    assert len(errors(answer)) == 1
    assert errors(answer)[0].startswith(("Напишите",))
    form = answer.context["form"]
    for key, value in scene.data.items():
        if key not in empty:
            assert form[key].value() == value
    assert story(scene.case) == before


@every_act
def test_a_page_older_than_the_case_is_shown_again_and_the_second_try_works(name: str, client: Client) -> None:
    scene = SCENES[name]()
    seen = fresh(scene.case).revision
    services.run_due()
    Case.objects.filter(pk=scene.case.pk).update(revision=seen + 1)  # somebody's change
    before = story(scene.case)
    client.force_login(scene.actor)
    answer = client.post(scene.address(name), scene.sent(revision=seen))
    assert answer.status_code == 422
    assert "карту изменили" in errors(answer)[0]
    assert story(scene.case) == before
    page = answer.content.decode()
    if WORDS in scene.data.values():
        assert WORDS in page
    shown = re.search(r'name="revision" value="(\d+)"', page)
    assert shown
    answer = client.post(scene.address(name), scene.sent(revision=shown.group(1)))
    assert said(answer) == [ACTS[name].done]


@every_act
def test_a_second_click_does_nothing_and_says_so_kindly(name: str, client: Client) -> None:
    scene = SCENES[name]()
    client.force_login(scene.actor)
    sent = scene.sent()
    assert client.post(scene.address(name), sent).status_code == 302
    before = story(scene.case)
    answer = client.post(scene.address(name), sent)
    assert answer.status_code == 302
    assert said(answer)[-1] == "Это уже сделано: второй раз ничего не изменилось."
    assert story(scene.case) == before
    assert client.get(answer["Location"]).status_code == 200


def test_long_after_it_is_no_second_click(client: Client) -> None:
    scene = SCENES["postpone"]()
    client.force_login(scene.actor)
    sent = scene.sent()
    client.post(scene.address("postpone"), sent)
    Transition.objects.filter(case=scene.case, move="postpone").update(at=fresh(scene.case).opened_at)
    answer = client.post(scene.address("postpone"), sent)
    assert (answer.status_code, "карту изменили" in errors(answer)[0]) == (422, True)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("postpone", {"until": "завтра"}),
        ("postpone", {"until": "2020-01-01"}),
        ("postpone", {"until": "9999-12-31"}),
        ("pause", {"until": "0001-01-01"}),
        ("return", {"revision": "первая"}),
        ("return", {"comment": "я" * 2001}),
        ("return", {"comment": "\x00"}),
        ("stop", {"reason": "потому"}),
        ("decide", {"decision": "maybe"}),
        ("agree", {"practice": ""}),
        ("agree", {"other_found": "yes"}),
        ("transfer", {"organization": ""}),
        ("transfer", {"organization": "²"}),
        ("transfer", {"organization": "9" * 30}),
        ("transfer", {"organization": "-1"}),
    ],
)
def test_bad_input_is_refused_with_a_word(name: str, bad: dict[str, str], client: Client) -> None:
    scene = SCENES[name]()
    before = story(scene.case)
    client.force_login(scene.actor)
    answer = client.post(scene.address(name), scene.sent(**bad))
    assert answer.status_code == 422
    assert len(errors(answer)) == 1
    assert story(scene.case) == before


def test_what_people_type_is_shown_as_they_typed_it(client: Client) -> None:
    scene = SCENES["return"]()
    client.force_login(scene.actor)
    answer = client.post(scene.address("return"), scene.sent(comment="<b>конспект</b>", revision=0))
    page = answer.content.decode()
    assert "&lt;b&gt;конспект&lt;/b&gt;" in page
    assert "<b>конспект" not in page


def test_organizations_are_found_by_words_of_the_name(client: Client) -> None:
    scene = SCENES["transfer"]()
    found = OrganizationFactory(name="МАОУ «Гимназия № 217»")
    client.force_login(scene.actor)
    page = client.get(scene.address("transfer"), {"q": "гимназия 217"}).content.decode()
    assert str(found.municipality) in page
    assert f'value="{found.pk}"' in page
    assert "Ничего не нашлось" in client.get(scene.address("transfer"), {"q": "лицей 999"}).content.decode()


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize(("name", "queries"), [("return", 6), ("stop", 6), ("transfer", 10), ("confirm", 7)])
def test_costs_the_same_for_any_number_of_rows(
    name: str,
    queries: int,
    rows: int,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """`rows` further cases of the person, lines of history and organizations to choose from."""
    scene = SCENES[name]()
    for _ in range(rows):
        CaseFactory(completion=CompletionFactory(person=scene.case.person), responsible=scene.case.responsible)
        TransitionFactory(case=scene.case)
        OrganizationFactory(name="Гимназия")
    client.force_login(scene.actor)
    with django_assert_num_queries(queries):
        assert client.get(scene.address(name), {"q": "гимназия"}).status_code == 200
