"""Agreement: in the organization's steps, by who may, of what he has read; versions stay."""

from datetime import timedelta

import pytest

from cabinet.core.clock import today
from cabinet.mail.models import Letter
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, Role, Substitution, User
from iom.models import AgreementRule, Deficit, LineDecision, Route, RouteItem, RouteRevision, Status, Step, Transition
from iom.moves import Refused
from iom.services.agreeing import agree, drop_revision, open_revision, pass_on_waiting, recall, send_back, submit
from iom.services.commenting import comment_on
from iom.services.lines import save_line
from iom.services.reviewing import accept_removal, accept_rest, decide_line, mark_of, reviews_of, said_on, seen_anew
from iom.services.snapshot import compare, snapshot
from iom.services.steps import stages_of, steps_of
from tests.factories import (
    DeficitFactory,
    GoalFactory,
    MembershipFactory,
    OrganizationFactory,
    RouteFactory,
    RouteItemFactory,
    SubjectFactory,
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
def head(school: Organization) -> User:
    return person_with(Role.HEAD, school)


@pytest.fixture
def route(school: Organization) -> Route:
    route = RouteFactory(person=UserFactory(organization=school))
    RouteItemFactory(route=route, activity="Семинар")
    return route


def rule(school: Organization, steps: str) -> None:
    AgreementRule.objects.create(organization=school, steps=steps)


def test_methodist_agrees_and_the_version_is_kept(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    assert (route.status, route.step) == (Status.IN_REVIEW, Step.METHODIST)
    assert Letter.objects.get(kind="iom.to_agree").to == methodist

    agree(route, actor=methodist)

    route.refresh_from_db()
    assert (route.status, route.agreed_version) == (Status.AGREED, 1)
    assert (route.due_on, route.due_why) == (route.ends_on, "окончание маршрута")
    assert RouteRevision.objects.get(route=route).content == snapshot(route)
    assert Letter.objects.get(kind="iom.agreed").to == route.person


def test_two_steps_one_after_another(route: Route, school: Organization, methodist: User, head: User) -> None:
    rule(school, "both")
    submit(route, actor=route.person)

    agree(route, actor=methodist)
    assert (route.status, route.step) == (Status.IN_REVIEW, Step.HEAD)
    with pytest.raises(Refused, match="уже не за вами"):
        agree(route, actor=methodist)

    agree(route, actor=head)
    assert route.status == Status.AGREED


def test_steps_merge_where_one_person_holds_both(route: Route, school: Organization, head: User) -> None:
    rule(school, "both")
    MembershipFactory(user=head, role=Role.METHODIST, organization=school)

    assert steps_of(route) == [Step.HEAD]


def test_head_who_agreed_as_methodist_is_not_asked_twice(
    route: Route, school: Organization, methodist: User, head: User
) -> None:
    rule(school, "both")
    MembershipFactory(user=head, role=Role.METHODIST, organization=school)
    submit(route, actor=route.person)

    agree(route, actor=User.objects.get(pk=head.pk))

    assert route.status == Status.AGREED


def test_nobody_agrees_his_own_route(school: Organization, methodist: User, head: User) -> None:
    own = RouteFactory(person=methodist)
    RouteItemFactory(route=own)
    person_with(Role.METHODIST, school)  # nor does a colleague of the same post
    assert steps_of(own) == [Step.HEAD]
    rule(school, "both")
    assert steps_of(own) == [Step.HEAD]
    assert steps_of(RouteFactory(person=head)) == [Step.MUNICIPAL]

    submit(own, actor=methodist)
    assert own.step == Step.HEAD
    assert list(Route.objects.approvable_by(methodist)) == []


def test_without_steps_it_is_agreed_at_once(route: Route, school: Organization) -> None:
    rule(school, "none")
    submit(route, actor=route.person)
    assert route.status == Status.AGREED


def test_empty_route_is_not_sent() -> None:
    with pytest.raises(Refused, match="ни одного мероприятия"):
        submit(route := RouteFactory(), actor=route.person)


def test_return_needs_a_comment(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    with pytest.raises(Refused, match="Напишите, что изменить"):
        send_back(route, actor=methodist, comment="  ")

    send_back(route, actor=methodist, comment="Уточните сроки")

    assert (route.status, route.return_comment) == (Status.RETURNED, "Уточните сроки")


def test_nobody_agrees_to_what_he_has_not_read(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    seen = mark_of(snapshot(route))
    item = RouteItem.objects.get(route=route)
    save_line(item, {"activity": "Вебинар"}, item.revision, actor=route.person)

    assert list(Route.objects.approvable_by(methodist)) == [route]  # it stays in the queue
    with pytest.raises(Refused, match="Пока вы читали"):
        agree(route, actor=methodist, seen=seen)

    agree(route, actor=methodist, seen=mark_of(snapshot(route)))
    assert route.status == Status.AGREED


def test_word_on_a_line_counts_while_the_line_stands(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    item = RouteItem.objects.get(route=route)
    with pytest.raises(Refused, match="что уточнить"):
        decide_line(route, item.line, "clarify", actor=methodist)
    decide_line(route, item.line, "clarify", actor=methodist, comment="Какой семинар?")
    with pytest.raises(Refused, match="уточнить"):
        agree(route, actor=methodist)

    save_line(item, {"activity": "Семинар по чтению"}, item.revision, actor=route.person)

    assert [one.is_current for one in reviews_of(route, snapshot(route)) if one.decision] == [False]
    agree(route, actor=methodist)
    assert LineDecision.objects.get().comment == "Какой семинар?"


def test_only_what_changed_since_the_agreed_version_is_shown(route: Route, methodist: User) -> None:
    RouteItemFactory(route=route, activity="Без перемен")
    submit(route, actor=route.person)
    agree(route, actor=methodist)
    open_revision(route, actor=route.person, reason="Новая параллель")
    item = RouteItem.objects.get(route=route, activity="Семинар")
    save_line(item, {"activity": "Вебинар"}, item.revision, actor=route.person)

    assert [one.change.title for one in reviews_of(route, snapshot(route))] == ["Вебинар"]
    assert (route.status, route.version, route.agreed_version) == (Status.REVISION, 2, 1)
    assert RouteRevision.objects.get(route=route).reason == "Новая параллель"


def test_route_under_way_goes_on_after_its_revision(route: Route, methodist: User) -> None:
    RouteItem.objects.filter(route=route).update(status="in_progress")
    submit(route, actor=route.person)
    agree(route, actor=methodist)
    assert route.status == Status.ACTIVE


def test_author_takes_away_what_he_was_asked_to(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    item = RouteItem.objects.select_related("route").get(route=route)
    decide_line(route, item.line, "remove", actor=methodist, comment="Уже было в прошлом году")
    send_back(route, actor=methodist, comment="Смотрите замечания")

    accept_removal(RouteItem.objects.select_related("route").get(pk=item.pk), actor=route.person)

    item.refresh_from_db()
    assert (item.status, item.removed_reason) == ("removed", "Уже было в прошлом году")


def test_recall_gives_it_back_to_the_author(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    recall(route, actor=route.person)
    assert route.status == Status.DRAFT
    with pytest.raises(Refused):
        agree(route, actor=methodist)


def test_second_click_changes_nothing(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    other = Route.objects.get(pk=route.pk)
    agree(route, actor=methodist)
    with pytest.raises(Refused):
        agree(other, actor=methodist)
    assert RouteRevision.objects.count() == 1


def test_admin_agrees_where_the_municipality_has_no_specialist(route: Route, school: Organization) -> None:
    admin, specialist = person_with(Role.ADMIN), UserFactory()
    assert [(stage.step, stage.people) for stage in stages_of(route)] == [(Step.MUNICIPAL, [admin])]
    submit(route, actor=route.person)
    assert Letter.objects.get(kind="iom.to_agree").to == admin
    assert list(Route.objects.approvable_by(admin)) == [route]

    MembershipFactory(user=specialist, role=Role.MUNICIPAL, municipality=school.municipality)

    assert list(Route.objects.approvable_by(admin)) == []
    agree(route, actor=User.objects.get(pk=specialist.pk))
    assert route.status == Status.AGREED


def test_rule_changed_on_the_way_still_asks_the_head(
    route: Route, school: Organization, methodist: User, head: User
) -> None:
    rule(school, "both")
    submit(route, actor=route.person)
    AgreementRule.objects.filter(organization=school).update(steps="head")

    agree(route, actor=methodist)

    assert (route.status, route.step) == (Status.IN_REVIEW, Step.HEAD)


def test_rest_is_accepted_at_once_and_only_as_read(route: Route, methodist: User) -> None:
    other = RouteItemFactory(route=route, activity="Вебинар")
    submit(route, actor=route.person)
    decide_line(route, other.line, "clarify", actor=methodist, comment="Чей?")
    seen = mark_of(snapshot(route))

    assert accept_rest(route, actor=methodist, seen=seen) == 2  # the header and the seminar

    said = {one.line: one.verdict for one in LineDecision.objects.all()}
    assert said == {"header": "accept", other.line: "clarify", route.items.get(activity="Семинар").line: "accept"}
    save_line(other, {"activity": "Вебинар о чтении"}, other.revision, actor=route.person)
    with pytest.raises(Refused, match="Пока вы читали"):
        accept_rest(route, actor=methodist, seen=seen)


def test_word_is_on_the_line_as_it_was_read(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    item = RouteItem.objects.get(route=route)
    read = next(one.digest for one in reviews_of(route, snapshot(route)) if one.change.line == item.line)
    save_line(item, {"activity": "Вебинар"}, item.revision, actor=route.person)

    with pytest.raises(Refused, match="строку изменили"):
        decide_line(route, item.line, "accept", actor=methodist, digest=read)

    assert not LineDecision.objects.exists()


def test_header_and_what_is_excluded_cannot_be_taken_away(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    with pytest.raises(Refused, match="убрать нельзя"):
        decide_line(route, "header", "remove", actor=methodist, comment="Не нужно")


def test_author_sees_the_word_and_whether_it_is_still_about_the_line(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    item = RouteItem.objects.get(route=route)
    decide_line(route, item.line, "clarify", actor=methodist, comment="Какой семинар?")
    send_back(route, actor=methodist, comment="Уточните")
    assert said_on(route, snapshot(route))[item.line].is_current

    save_line(item, {"activity": "Семинар по чтению"}, item.revision, actor=route.person)

    assert not said_on(route, snapshot(route))[item.line].is_current
    assert said_on(route, snapshot(route))[item.line].decision.comment == "Какой семинар?"


def test_methodist_of_another_subject_is_not_asked(route: Route, school: Organization, methodist: User) -> None:
    """A methodist named for some subjects agrees routes of those alone: others would wait for nobody."""
    methodist.memberships.get().subjects.add(SubjectFactory())
    head = person_with(Role.HEAD, school)

    submit(route, actor=route.person)

    assert (route.step, list(Letter.objects.values_list("to", flat=True))) == (Step.HEAD, [head.pk])


def test_one_of_two_heads_who_is_the_methodist_agrees_once_and_alone(
    route: Route, school: Organization, head: User
) -> None:
    rule(school, "both")
    MembershipFactory(user=head, role=Role.METHODIST, organization=school)
    person_with(Role.HEAD, school)  # he alone may not skip the methodist's step

    assert [(one.step, one.people, one.is_merged) for one in stages_of(route)] == [(Step.METHODIST, [head], True)]


def leave(user: User) -> None:
    Membership.objects.filter(user=user).update(ends_on=today() - timedelta(days=1))


def test_route_goes_on_when_its_only_approver_has_left(route: Route, methodist: User, head: User) -> None:
    submit(route, actor=route.person)
    assert pass_on_waiting() == 0
    leave(methodist)

    assert pass_on_waiting() == 1
    assert pass_on_waiting() == 0

    route.refresh_from_db()
    assert (route.status, route.step) == (Status.IN_REVIEW, Step.HEAD)
    assert list(Route.objects.approvable_by(head)) == [route]
    assert Letter.objects.filter(kind="iom.to_agree", to=head).count() == 1
    assert "методист ОО: согласовать сейчас некому" in Transition.objects.filter(route=route)[0].comment
    agree(route, actor=head)
    assert route.status == Status.AGREED


def test_route_nobody_can_take_falls_to_the_admin_who_is_told_once(route: Route, methodist: User) -> None:
    admin = person_with(Role.ADMIN)
    submit(route, actor=route.person)
    leave(methodist)

    assert pass_on_waiting() == 1
    assert pass_on_waiting() == 0

    assert list(Route.objects.approvable_by(admin)) == [route]
    assert Letter.objects.filter(kind="iom.to_agree", to=admin).count() == 1


def test_admin_is_told_when_the_last_specialist_leaves(route: Route, school: Organization) -> None:
    admin, specialist = person_with(Role.ADMIN), UserFactory()
    MembershipFactory(user=specialist, role=Role.MUNICIPAL, municipality=school.municipality)
    submit(route, actor=route.person)
    leave(specialist)

    for _ in range(2):
        assert pass_on_waiting() == 0

    assert Letter.objects.filter(kind="iom.to_agree", to=admin).count() == 1


@pytest.mark.parametrize(("days", "step"), [(3, Step.METHODIST), (30, Step.HEAD)])
def test_route_waits_for_a_short_absence_and_passes_a_long_one(
    route: Route, methodist: User, head: User, days: int, step: Step
) -> None:
    submit(route, actor=route.person)
    Substitution.objects.create(
        person=methodist, deputy=head, starts_on=today(), ends_on=today() + timedelta(days=days)
    )

    pass_on_waiting()

    route.refresh_from_db()
    assert route.step == step
    assert steps_of(route) == [step]


def test_letter_of_a_return_holds_what_is_said_at_the_lines(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    item = RouteItem.objects.get(route=route)
    decide_line(route, item.line, "clarify", actor=methodist, comment="Какой семинар?")

    send_back(route, actor=methodist, comment="Почти готово")

    body = Letter.objects.get(kind="iom.returned").body
    assert "Почти готово" in body
    assert "— Семинар: уточнить. Какой семинар?" in body
    assert f"/iom/{route.pk}/design/" in body


def test_teacher_is_told_of_a_remark_once_a_day_and_the_asker_of_the_answer(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    line = RouteItem.objects.get(route=route).line
    for text in ("Какой семинар?", "И где?"):
        comment_on(route, line, text, actor=methodist)
    comment_on(route, line, "Муниципальный", actor=route.person)

    letters = Letter.objects.filter(kind="iom.remark").order_by("pk")
    assert [one.to for one in letters] == [route.person, methodist]
    assert "Какой семинар?" in letters[0].body
    assert "Муниципальный" in letters[1].body
    assert f"/iom/{route.pk}/agree/" in letters[1].body


def test_teacher_is_told_when_another_takes_the_route_back(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    recall(route, actor=methodist)
    assert Letter.objects.get(kind="iom.recalled").to == route.person


def test_head_reads_what_the_methodist_said_and_whether_it_still_stands(
    route: Route, school: Organization, methodist: User, head: User
) -> None:
    rule(school, "both")
    other = RouteItemFactory(route=route, activity="Вебинар")
    submit(route, actor=route.person)
    accept_rest(route, actor=methodist, seen=mark_of(snapshot(route)))
    agree(route, actor=methodist)
    save_line(other, {"activity": "Вебинар о чтении"}, other.revision, actor=route.person)

    said = {one.change.title: one.others for one in reviews_of(route, snapshot(route))}

    assert [(one.decision.author, one.is_current) for one in said["Семинар"]] == [(methodist, True)]
    assert [(one.decision.author, one.is_current) for one in said["Вебинар о чтении"]] == [(methodist, False)]


def test_line_shown_again_is_read_and_the_others_are_not(route: Route, methodist: User) -> None:
    other = RouteItemFactory(route=route, activity="Вебинар")
    submit(route, actor=route.person)
    seen = mark_of(snapshot(route))
    item = RouteItem.objects.get(route=route, activity="Семинар")
    for row in (item, other):
        save_line(row, {"product": "Видео"}, row.revision, actor=route.person)
    shown = next(one.change for one in reviews_of(route, snapshot(route)) if one.change.line == item.line)

    seen = seen_anew(seen, shown)
    with pytest.raises(Refused, match="Пока вы читали"):
        agree(route, actor=methodist, seen=seen)
    shown = next(one.change for one in reviews_of(route, snapshot(route)) if one.change.line == other.line)
    agree(route, actor=methodist, seen=seen_anew(seen, shown))

    assert route.status == Status.AGREED


def test_item_taken_away_before_the_first_agreement_is_shown_as_such(route: Route) -> None:
    RouteItem.objects.filter(route=route).update(status="removed", removed_reason="Уже было")
    shown = compare(None, snapshot(route))[-1]
    assert (shown.what, shown.can_be_removed) == ("removed", False)
    assert [(one.label, one.after) for one in shown.told] == [("Исключено", "Уже было")]


def test_revision_opened_by_mistake_is_taken_back_while_nothing_differs(route: Route, methodist: User) -> None:
    submit(route, actor=route.person)
    agree(route, actor=methodist)
    open_revision(route, actor=route.person, reason="Не туда нажала")

    drop_revision(route, actor=route.person)

    route.refresh_from_db()
    assert (route.status, route.version, route.due_on) == (Status.AGREED, 1, route.ends_on)
    assert RouteRevision.objects.get(route=route).reason == ""

    open_revision(route, actor=route.person, reason="Новая цель")
    RouteItem.objects.filter(route=route).update(activity="Стажировка")
    with pytest.raises(Refused, match="уже есть изменения"):
        drop_revision(route, actor=route.person)


def test_what_a_state_does_not_allow_is_said_as_it_is(route: Route) -> None:
    with pytest.raises(Refused, match="этого сделать нельзя: сейчас он в состоянии «Черновик»"):
        open_revision(route, actor=route.person, reason="Рано")


def test_deficit_said_otherwise_changes_no_line_tied_to_it(route: Route, methodist: User) -> None:
    deficit = DeficitFactory(route=route)
    GoalFactory(route=route, deficit=deficit)
    RouteItemFactory.create_batch(3, route=route, deficit=deficit)
    submit(route, actor=route.person)
    agree(route, actor=methodist)
    open_revision(route, actor=route.person, reason="Уточнить дефицит")

    Deficit.objects.filter(pk=deficit.pk).update(text="Обратная связь ученикам")

    assert [one.change.line for one in reviews_of(route, snapshot(route))] == [deficit.line]
