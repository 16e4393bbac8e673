"""Without names nothing anywhere joins an answer with a person: no row, no moment, no line, no address."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from cabinet.core.clock import today
from cabinet.polls.models import Answer, Option, Participant, Poll, Question
from cabinet.polls.services.answering import answer_without_name
from cabinet.polls.services.results import NOT_YET
from cabinet.users.models import LogEntry, Role, User
from tests.factories import person_with
from tests.polls.polls import PollFactory, asked_in, named, option, question_of

pytestmark = pytest.mark.django_db

OF_ANSWERS = (Option, Question)


def columns_to(model: type[models.Model], *targets: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields if field.related_model in targets}


def test_no_table_holds_an_answer_and_a_person() -> None:
    joined = {
        model
        for model in apps.get_models(include_auto_created=True)
        if columns_to(model, *OF_ANSWERS) and columns_to(model, User, Participant)
    }

    assert joined == {Answer}  # of polls with names only


def test_a_participants_row_has_a_mark_and_nothing_else() -> None:
    assert {field.name for field in Participant._meta.concrete_fields} == {"id", "poll", "person", "has_answered"}
    for model in (Participant, *OF_ANSWERS):
        assert not [one for one in model._meta.concrete_fields if isinstance(one, models.DateField)]


def answered_rows() -> dict[str, list[Any]]:
    """Everything the database holds, besides the sums and the mark themselves."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model not in (Participant, Option, Question):
            # The visit itself renews the session; it names no poll.
            found[model._meta.label] = (
                [] if model._meta.label == "sessions.Session" else list(model._base_manager.order_by("pk").values())
            )
    return found


def test_an_answer_changes_the_mark_and_the_sums_only(client: Client) -> None:
    poll = PollFactory()
    question = question_of(poll)
    (person,) = asked_in(poll)
    client.force_login(person)
    before = answered_rows()

    response = client.post(reverse("polls:answer", args=[poll.pk]), {f"q{question.pk}": option(question).pk})

    assert response.status_code == 302
    assert answered_rows() == before
    assert Participant.objects.get().has_answered
    assert list(question.options.values_list("tally", flat=True)) == [1, 0]
    assert Question.objects.get().base == 1


def test_the_log_has_no_line_and_the_session_no_answer(client: Client) -> None:
    poll = PollFactory()
    question = question_of(poll)
    (person,) = asked_in(poll)
    client.force_login(person)

    client.get(reverse("polls:answer", args=[poll.pk]))
    client.post(reverse("polls:answer", args=[poll.pk]), {f"q{question.pk}": option(question).pk}, follow=True)

    assert not LogEntry.objects.filter(actor=person).exists()
    assert "poll" not in str(dict(client.session.items()))


def test_every_sum_is_written_whatever_was_chosen() -> None:
    """What the database remembers of its last writes does not tell one option from another."""
    poll = PollFactory()
    first, second = question_of(poll), question_of(poll, "many", ("а", "б", "в"))
    (person,) = asked_in(poll)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer_without_name(poll, person, {first.pk: [option(first).pk], second.pk: [option(second, 2).pk]})

    (update,) = [one["sql"] for one in queries if one["sql"].startswith('UPDATE "polls_option"')]
    assert "poll_id" in update.split(" WHERE ")[-1]  # all of the poll, not those chosen
    assert list(second.options.values_list("tally", flat=True)) == [0, 1, 0]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.METHODIST])
def test_sums_of_an_open_poll_are_on_no_page(client: Client, role: str) -> None:
    poll = PollFactory()
    question_of(poll)
    Option.objects.update(tally=73919)
    Question.objects.update(base=147838)
    reader = person_with(role, is_staff=True, is_superuser=True) if role == Role.ADMIN else poll.author
    client.force_login(reader)

    for name in ("polls:polls", "polls:poll", "polls:results", "polls:preview", "polls:names"):
        response = client.get(reverse(name, args=[] if name == "polls:polls" else [poll.pk]))
        assert not re.search("73.?919|147.?838", response.content.decode()), name
    book = load_workbook(BytesIO(client.get(reverse("polls:excel", args=[poll.pk])).content))
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert not cells & {73919, 147838}
    assert NOT_YET in cells
    assert client.get(reverse("polls:names", args=[poll.pk])).status_code == 404


def test_the_admin_shows_polls_without_answers_sums_and_marks(client: Client) -> None:
    from django.contrib import admin

    poll = PollFactory()
    question_of(poll)
    Option.objects.update(tally=73919)
    client.force_login(person_with(Role.ADMIN, is_staff=True, is_superuser=True))

    page = client.get(reverse("admin:polls_poll_change", args=[poll.pk]))

    assert page.status_code == 200
    assert not re.search("73.?919|147.?838", page.content.decode())
    assert poll.public_id not in page.content.decode()
    assert {model for model in admin.site._registry if model._meta.app_label == "polls"} == {Poll}


def test_names_are_for_the_author_alone(client: Client) -> None:
    poll = PollFactory(is_anonymous=False, state="closed", closes_on=today() - timedelta(days=1))
    question = question_of(poll)
    people = asked_in(poll, 6)
    for one in people:
        named(poll, one, option(question))
    admin = person_with(Role.ADMIN, is_staff=True)

    client.force_login(poll.author)
    assert people[0].full_name in client.get(reverse("polls:names", args=[poll.pk])).content.decode()
    assert LogEntry.objects.filter(action="viewed", actor=poll.author).count() == 1
    for other in (admin, people[0], person_with(Role.METHODIST, poll.organization)):
        client.force_login(other)
        assert client.get(reverse("polls:names", args=[poll.pk])).status_code == 404
        results = client.get(reverse("polls:results", args=[poll.pk]))
        assert not [one for one in people if one != other and one.last_name in results.content.decode()]
