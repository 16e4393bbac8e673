"""A draft outlives the post of its author: what he may no longer ask he does not open."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.jobs.services import order_job, run_owed
from cabinet.polls.models import Option, Participant, Poll, Question
from cabinet.polls.services import opening
from cabinet.users.models import Membership, Role
from tests.factories import OrganizationFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["head", "municipal"])
def test_who_left_his_post_does_not_open_a_poll_with_names_there(kind: str, client: Client) -> None:
    school = OrganizationFactory()
    UserFactory.create_batch(6, organization=school)
    if kind == "head":
        author, place = person_with(Role.HEAD, school), {"scope": "organization", "organization": school}
    else:
        author = person_with(Role.MUNICIPAL, school.municipality)
        place = {"scope": "municipality", "municipality": school.municipality}
    poll = Poll.objects.create(
        title="Нагрузка", author=author, is_anonymous=False, closes_on=today() + timedelta(days=5), **place
    )
    question = Question.objects.create(poll=poll, text="Хватает времени?")
    Option.objects.bulk_create(Option(question=question, text=one) for one in ("Да", "Нет"))
    Membership.objects.filter(user=author).update(ends_on=today() - timedelta(days=1))
    author.organization = OrganizationFactory()
    author.save()
    client.force_login(author)
    client.post(reverse("polls:open", args=[poll.pk]), {"version": poll.version})
    assert not Participant.objects.filter(poll=poll).exists()


def test_who_left_his_post_neither_keeps_the_place_nor_has_people_invited(client: Client) -> None:
    school = OrganizationFactory()
    UserFactory.create_batch(6, organization=school)
    author = person_with(Role.HEAD, school)
    poll = Poll.objects.create(
        title="Нагрузка", author=author, is_anonymous=False, state="open", scope="organization", organization=school
    )
    job = order_job(opening.JOB, "Приглашение", author, {"poll": poll.pk})
    Membership.objects.filter(user=author).update(ends_on=today() - timedelta(days=1))
    run_owed(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "приглашения не разосланы" in job.error
    assert not Participant.objects.exists()
    Poll.objects.update(state="draft")
    client.force_login(author)
    assert f"organization-{school.pk}" not in client.get(reverse("polls:edit", args=[poll.pk])).content.decode()
