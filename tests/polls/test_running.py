"""Drafts and who may make them, the opening and whom it reaches, the end, copies."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.jobs.models import Job
from cabinet.jobs.services import run_owed
from cabinet.mail.models import Letter
from cabinet.mail.services import readable_body
from cabinet.mail.texts import all_kinds, problems
from cabinet.polls.models import Participant, Poll
from cabinet.polls.services import opening
from cabinet.polls.services.audience import audience_of, people_of, place_of
from cabinet.polls.services.drafts import copy_poll, draft_of
from cabinet.polls.services.ending import close_poll
from cabinet.polls.services.opening import open_poll
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, LogEntry, Membership, Role, User
from tests.factories import MunicipalityFactory, OrganizationFactory, UserFactory, person_with
from tests.polls.polls import PollFactory, asked_in, question_of, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def methodist() -> User:
    return person_with(Role.METHODIST, OrganizationFactory())


def draft_by(author: User, **fields: Any) -> Poll:
    own = {"author": author, "organization": author.organization, "state": "draft"}
    poll: Poll = PollFactory(**(own | fields))
    question_of(poll)
    return poll


# --- Who may make one, and where ---------------------------------------------------------------------------------


def test_each_asks_where_he_serves(client: Client, methodist: User) -> None:
    town = MunicipalityFactory()
    school = OrganizationFactory(municipality=town)
    headed = Community.objects.create(name="МО математиков", municipality=town)
    leader = UserFactory(email="leader@example.org", organization=school)
    CommunityMember.objects.create(community=headed, person=leader, role="head")
    offered = {
        methodist: {f"organization-{methodist.organization_id}"},
        person_with(Role.HEAD, school): {f"organization-{school.pk}"},
        person_with(Role.MUNICIPAL, town): {f"municipality-{town.pk}"},
        leader: {f"community-{headed.pk}"},
    }
    for person, places in offered.items():
        client.force_login(person)
        page = client.get(reverse("polls:new"))
        assert {code for code, _ in page.context["form"].fields["place"].choices} == places
        strange = client.post(reverse("polls:new"), typed(place="region"))
        assert strange.status_code == 422
    client.force_login(person_with(Role.ADMIN))
    choices = {code for code, _ in client.get(reverse("polls:new")).context["form"].fields["place"].choices}
    assert choices >= {"region", f"municipality-{town.pk}", f"community-{headed.pk}"}


@pytest.mark.parametrize("role", ["teacher", Role.REGIONAL, Role.CURATOR, Role.OBSERVER])
def test_the_others_make_none(client: Client, role: str) -> None:
    client.force_login(person_with(role))
    assert client.get(reverse("polls:new")).status_code == 404
    assert client.post(reverse("polls:new"), typed(place="region")).status_code == 404
    assert "Новый опрос" not in client.get(reverse("polls:polls")).content.decode()


# --- The draft ---------------------------------------------------------------------------------------------------


def saved(client: Client, methodist: User, **more: Any) -> Poll:
    client.force_login(methodist)
    client.post(reverse("polls:new"), typed(place=f"organization-{methodist.organization_id}", **more))
    return Poll.objects.get()


def rewritten(client: Client, poll: Poll, **more: Any) -> Any:
    data = typed(place=f"organization-{poll.organization_id}", **{"version": str(poll.version)} | more)
    return client.post(reverse("polls:edit", args=[poll.pk]), data)


def test_a_draft_is_written_once_by_two_clicks(client: Client, methodist: User) -> None:
    saved(client, methodist)
    poll = saved(client, methodist)
    assert (poll.author, poll.state, poll.is_anonymous, poll.is_by_link) == (methodist, "draft", True, False)
    assert [[one.text for one in question.options.all()] for question in poll.questions.all()] == [["Да", "Нет"]]


def test_questions_are_added_moved_and_left_out(client: Client, methodist: User) -> None:
    poll = saved(client, methodist)
    two = {"count": "2", "q2-text": "Где?", "q2-kind": "one", "q2-options": " школа \n\nонлайн\n"}

    assert rewritten(client, poll, act="add")["Location"].endswith("?add=1#q2")
    assert client.get(reverse("polls:edit", args=[poll.pk]) + "?add=1").content.decode().count("poll-draft-head") == 2
    poll.refresh_from_db()
    rewritten(client, poll, **two, act="up-2")
    assert [(one.text, one.is_required) for one in poll.questions.all()] == [
        ("Где?", False),
        ("Удобна ли среда?", True),
    ]
    assert [one.text for one in poll.questions.all()[0].options.all()] == ["школа", "онлайн"]
    poll.refresh_from_db()
    rewritten(client, poll, **two, act="remove-1")
    assert [one.text for one in poll.questions.all()] == ["Где?"]


def test_two_who_write_at_once_see_each_other(client: Client, methodist: User) -> None:
    poll = saved(client, methodist)
    assert rewritten(client, poll, title="Первый").status_code == 302
    late = rewritten(client, poll, title="Второй <b>")  # of the same version
    assert late.status_code == 422
    assert "черновик изменили: сейчас это «Первый»" in late.content.decode()
    assert "Второй &lt;b&gt;" in late.content.decode()  # what was typed stays
    version = late.context["form"]["version"].value()
    assert rewritten(client, poll, title="Второй <b>", version=version).status_code == 302
    assert Poll.objects.get().title == "Второй <b>"


def test_a_double_click_on_saving_is_no_clash(client: Client, methodist: User) -> None:
    poll = saved(client, methodist)
    assert [rewritten(client, poll, title="Другой").status_code for _ in range(2)] == [302, 302]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"title": " "}, "как называется опрос"),
        ({"way": "x"}, "Выберите из списка"),
        ({"closes_on": "2020-01-01"}, "уже прошёл"),
        ({"closes_on": "9999-01-01"}, "больше года"),
        ({"q1-text": "", "q1-options": "а\nб"}, "Варианты есть, а вопроса нет"),
        ({"q1-options": "\n".join(map(str, range(30)))}, "Вариантов больше 20"),
        ({"q1-options": "я" * 301}, "длиннее 300"),
    ],
)
def test_what_is_wrong_is_said(client: Client, methodist: User, more: dict[str, str], words: str) -> None:
    client.force_login(methodist)
    response = client.post(reverse("polls:new"), typed(place=f"organization-{methodist.organization_id}") | more)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Poll.objects.exists()


@pytest.mark.parametrize("count", ["", "-1", "x", "99999999999", "²"])
def test_an_impossible_number_of_questions_breaks_nothing(client: Client, methodist: User, count: str) -> None:
    poll = saved(client, methodist, count=count)
    assert poll.questions.count() == 0


def test_a_draft_is_its_authors(client: Client, methodist: User) -> None:
    poll = draft_by(methodist)
    colleague = person_with(Role.METHODIST, methodist.organization)
    for name in ("poll", "edit", "preview", "open", "end", "close", "remove", "copy", "link", "answer", "results"):
        address = reverse(f"polls:{'relink' if name == 'link' else name}", args=[poll.pk])
        for act in (client.get, client.post):
            client.force_login(colleague)
            assert act(address).status_code in (404, 405), name
            client.logout()
            assert act(address).status_code == 302, name


def test_the_preview_sends_nothing(client: Client, methodist: User) -> None:
    poll = draft_by(methodist)
    client.force_login(methodist)
    text = client.get(reverse("polls:preview", args=[poll.pk])).content.decode()
    assert "Ответ без имени" in text
    assert "Вопрос 1?" in text
    assert "Отправить ответы" not in text


def test_a_draft_is_thrown_away_after_a_question(client: Client, methodist: User) -> None:
    poll = draft_by(methodist)
    client.force_login(methodist)
    assert "Вернуть его будет нельзя" in client.get(reverse("polls:remove", args=[poll.pk])).content.decode()
    assert Poll.objects.exists()
    client.post(reverse("polls:remove", args=[poll.pk]))
    assert not Poll.objects.exists()


# --- Whom it goes to ---------------------------------------------------------------------------------------------


def test_the_audience_is_counted_and_the_author_is_not_asked(methodist: User) -> None:
    school = methodist.organization
    head = person_with(Role.HEAD, school)
    plain = UserFactory(organization=school, contact_email=None)
    part_time = UserFactory(email="p@example.org")  # works elsewhere, and is a methodist here
    Membership.objects.create(user=part_time, role=Role.METHODIST, organization=school)
    UserFactory(organization=school, is_active=False)
    UserFactory()
    poll = draft_by(methodist)

    assert set(people_of(poll)) == {head, plain, part_time}
    found = audience_of(poll)
    assert (found.people, found.without_address, found.without_login) == (3, 1, 1)
    assert dict(found.roles) == {"педагоги": 1, "руководители": 1, "методисты": 1}
    assert sum(count for _, count in found.organizations) == 3
    for roles, people in (
        (["teacher"], {plain}),
        (["head", "methodist"], {head, part_time}),
        (["teacher", "head"], {plain, head}),
    ):
        poll.roles = roles
        assert set(people_of(poll)) == people, roles


def test_places_reach_their_own_people() -> None:
    admin = person_with(Role.ADMIN)
    town = MunicipalityFactory()
    inside, outside = UserFactory(organization=OrganizationFactory(municipality=town)), UserFactory()
    specialist = person_with(Role.MUNICIPAL, town, organization=None)
    community = Community.objects.create(name="МО")
    CommunityMember.objects.create(community=community, person=outside)
    CommunityMember.objects.create(community=community, person=inside, ends_on=today() - timedelta(days=1))
    expected = {
        f"municipality-{town.pk}": {inside, specialist},
        "region": {inside, outside, specialist, admin} - {admin},
        f"community-{community.pk}": {outside},
    }
    for code, people in expected.items():
        poll = Poll(author=admin, **place_of(code))
        assert {one.pk for one in people_of(poll) if one.organization_id or one == specialist} >= {
            one.pk for one in people if one.organization_id or one == specialist
        }
        assert set(people_of(poll)) & {inside, outside, specialist, admin} == people, code


def test_the_opening_shows_first_and_then_asks(client: Client, methodist: User) -> None:
    poll = draft_by(methodist, title="<b>{ссылка}</b>")
    people = [UserFactory(organization=methodist.organization, email=f"e{n}@example.org") for n in range(6)]
    client.force_login(methodist)
    address = reverse("polls:open", args=[poll.pk])

    text = client.get(address).content.decode()
    assert "6\u00a0человек" in text
    assert not Participant.objects.exists()
    for _ in range(2):
        client.post(address, {"version": "1", "letters": "yes"})

    poll.refresh_from_db()
    assert (poll.state, poll.opened_at is not None) == ("open", True)
    assert set(Participant.objects.values_list("person", flat=True)) == {one.pk for one in people}
    assert Letter.objects.filter(kind="poll.invite").count() == 6
    letter = Letter.objects.filter(to=people[0]).get()
    assert "<b>{ссылка}</b>" in readable_body(letter)
    assert readable_body(letter).count(f"/polls/{poll.pk}/answer/") == 1
    assert "Ответ без имени" in letter.body
    assert LogEntry.objects.filter(action="moved", about_id=poll.pk).count() == 1


def test_what_changed_meanwhile_is_shown_again(client: Client, methodist: User) -> None:
    poll = draft_by(methodist, version=3)
    UserFactory.create_batch(6, organization=methodist.organization)
    client.force_login(methodist)
    for version in ("2", "", "x", "99999999999"):
        client.post(reverse("polls:open", args=[poll.pk]), {"version": version})
    assert Poll.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("fields", "people", "words"),
    [
        ({}, 4, "хотя бы пять человек"),
        ({"is_anonymous": False}, 0, "Спрашивать некого"),
        ({"closes_on": None}, 6, "до какого дня"),
        ({"closes_on": today() - timedelta(days=1)}, 6, "уже прошёл"),
    ],
)
def test_what_keeps_it_from_being_opened(
    client: Client, methodist: User, fields: dict[str, Any], people: int, words: str
) -> None:
    poll = draft_by(methodist, **fields)
    UserFactory.create_batch(people, organization=methodist.organization)
    client.force_login(methodist)
    response = client.post(reverse("polls:open", args=[poll.pk]), {"version": "1"})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Poll.objects.get().state == "draft"


def test_options_that_cannot_be_told_apart_are_named(client: Client, methodist: User) -> None:
    poll = draft_by(methodist)
    question_of(poll, "one", ("Среда", "среда"))
    question_of(poll, "many", ("одна",))
    client.force_login(methodist)
    text = client.get(poll.get_absolute_url()).content.decode()
    assert "Вопрос 2: варианты повторяются" in text
    assert "Вопрос 3: нужно хотя бы два" in text


def test_a_link_goes_by_letter_or_by_hand(methodist: User) -> None:
    UserFactory.create_batch(6, organization=methodist.organization)
    for by_letter in (True, False):
        poll = draft_by(methodist, is_by_link=True)
        assert open_poll(poll, actor=methodist, version=1, by_letter=by_letter)
        letters = Letter.objects.about(poll)
        assert letters.count() == (6 if by_letter else 0)
        assert not poll.participants.exists()  # who has answered is not known then
        for letter in letters[:1]:
            assert f"/polls/a/{poll.link}/" in readable_body(letter)


def test_after_the_opening_questions_stay(client: Client, methodist: User) -> None:
    poll = draft_by(methodist)
    before = draft_of(poll)
    Poll.objects.update(state="open")
    client.force_login(methodist)
    assert client.get(reverse("polls:edit", args=[poll.pk])).status_code == 404
    assert rewritten(client, poll, title="Другой").status_code == 404
    assert client.post(reverse("polls:remove", args=[poll.pk])).status_code == 404
    poll.refresh_from_db()
    assert draft_of(poll) == before


def test_all_texts_of_letters_are_right() -> None:
    ours = [kind for kind in all_kinds() if kind.code.startswith("poll.")]
    assert len(ours) == 3
    for kind in ours:
        assert not any(problems(kind, kind.subject, kind.body).values())


# --- A large audience --------------------------------------------------------------------------------------------


@pytest.fixture
def large(methodist: User, monkeypatch: pytest.MonkeyPatch) -> Poll:
    monkeypatch.setattr(opening, "AT_ONCE", 3)
    monkeypatch.setattr(opening, "CHUNK", 2)
    UserFactory.create_batch(7, organization=methodist.organization)
    return draft_by(methodist)


def test_a_large_audience_is_asked_by_a_worker(client: Client, methodist: User, large: Poll) -> None:
    assert open_poll(large, actor=methodist, version=1)
    job = Job.objects.get()
    assert Participant.objects.count() == 0
    client.force_login(methodist)
    assert job.get_absolute_url() in client.get(large.get_absolute_url()).content.decode()

    run_owed(job.pk)

    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.page) == ("done", 7, 7, large.get_absolute_url())
    assert Participant.objects.count() == Letter.objects.count() == 7


def test_a_worker_killed_in_the_middle_goes_on(methodist: User, large: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    open_poll(large, actor=methodist, version=1)
    job, whole, calls = Job.objects.get(), opening.ask, []

    def dying(poll: Poll, people: list[User]) -> None:
        whole(poll, people)
        calls.append(len(people))
        if len(calls) == 2:
            raise OSError("the machine went down")

    with monkeypatch.context() as patch:
        patch.setattr(opening, "ask", dying)
        run_owed(job.pk)
    assert Participant.objects.count() == 2  # the part that was under way left nothing behind
    Job.objects.update(due_at=job.due_at, leased_until=None)
    run_owed(job.pk)
    run_owed(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result["done"]) == ("done", 7)
    assert Participant.objects.count() == Letter.objects.count() == 7


def test_nobody_is_invited_to_what_is_over(methodist: User, large: Poll) -> None:
    open_poll(large, actor=methodist, version=1)
    close_poll(large, actor=methodist)
    run_owed(Job.objects.get().pk)
    assert not Letter.objects.exists()


# --- The end, copies ---------------------------------------------------------------------------------------------


def test_the_end_is_moved(client: Client, methodist: User) -> None:
    poll = draft_by(methodist, state="open")
    client.force_login(methodist)
    until = today() + timedelta(days=20)
    address = reverse("polls:end", args=[poll.pk])
    assert client.post(address, {"closes_on": "2020-01-01"}).status_code == 422
    for _ in range(2):
        client.post(address, {"closes_on": until.isoformat()})
    assert Poll.objects.get().closes_on == until
    assert LogEntry.objects.filter(action="changed", about_id=poll.pk).count() == 1


def test_it_is_closed_early_after_a_question_and_once(client: Client, methodist: User) -> None:
    poll = draft_by(methodist, state="open")
    client.force_login(methodist)
    address = reverse("polls:close", args=[poll.pk])
    assert "начать его снова не получится" in client.get(address).content.decode()
    assert Poll.objects.get().state == "open"
    assert "доли не покажем" in client.post(address, follow=True).content.decode()
    client.post(address)
    assert Poll.objects.get().state == "closed"
    assert client.get(address)["Location"] == poll.get_absolute_url()
    assert LogEntry.objects.filter(action="moved", about_id=poll.pk).count() == 1
    assert client.get(reverse("polls:end", args=[poll.pk])).status_code == 404


def test_a_copy_is_a_new_draft(client: Client, methodist: User) -> None:
    poll = draft_by(methodist, state="closed", is_by_link=True, by_link=9)
    asked_in(poll, 3)
    client.force_login(methodist)
    client.post(reverse("polls:copy", args=[poll.pk]))
    copy = Poll.objects.exclude(pk=poll.pk).get()
    assert (copy.state, copy.closes_on, copy.by_link, copy.is_by_link) == ("draft", None, 0, True)
    assert copy.public_id != poll.public_id
    assert draft_of(copy).questions == draft_of(poll).questions
    assert not copy.participants.exists()
    stranger = person_with(Role.HEAD, OrganizationFactory())
    client.force_login(stranger)
    assert client.post(reverse("polls:copy", args=[poll.pk])).status_code == 404
    assert client.get(reverse("polls:copy", args=[poll.pk])).status_code == 405
    assert copy_poll(poll, author=methodist, place=place_of(f"organization-{poll.organization_id}")) == copy


def test_a_new_link_ends_the_former_one(client: Client, methodist: User) -> None:
    poll = draft_by(methodist, state="open", is_by_link=True)
    client.force_login(methodist)
    former = poll.link
    assert former in client.get(poll.get_absolute_url()).content.decode()
    for version in ("1", "1", "x"):
        client.post(reverse("polls:relink", args=[poll.pk]), {"version": version})
    poll.refresh_from_db()
    assert (poll.link_version, poll.link != former) == (2, True)
