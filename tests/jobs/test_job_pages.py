"""/jobs/: one's own work and its results."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.files import services as files
from cabinet.jobs.models import Job
from cabinet.users.models import User
from tests.factories import JobFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client) -> User:
    user: User = UserFactory(email="owner@example.org")
    client.force_login(user)
    return user


def test_own_jobs_are_listed_and_foreign_are_not(client: Client, owner: User) -> None:
    mine = JobFactory(owner=owner)
    JobFactory()
    JobFactory(owner=None)

    assert list(client.get(reverse("jobs:jobs")).context["page"]) == [mine]


def test_admin_sees_all(client: Client) -> None:
    JobFactory.create_batch(2)
    client.force_login(person_with("admin"))

    assert len(client.get(reverse("jobs:jobs")).context["page"]) == 2


@pytest.mark.parametrize("count", [1, 5])
def test_list_takes_the_same_queries_whatever_the_rows(
    client: Client, owner: User, count: int, django_assert_num_queries: Any
) -> None:
    JobFactory.create_batch(count, owner=owner)

    with django_assert_num_queries(5):
        client.get(reverse("jobs:jobs"))


def test_stranger_and_missing_get_the_same_404(client: Client, owner: User) -> None:
    foreign = client.get(reverse("jobs:job", args=[JobFactory().pk]))
    missing = client.get(reverse("jobs:job", args=[10**9]))

    assert foreign.status_code == missing.status_code == 404


def test_anonymous_is_sent_to_the_login_and_post_is_refused(client: Client) -> None:
    job = JobFactory(owner=UserFactory(email="other@example.org"))
    assert client.get(reverse("jobs:job", args=[job.pk])).status_code == 302

    client.force_login(job.owner)
    assert client.post(reverse("jobs:job", args=[job.pk])).status_code == 405
    assert client.post(reverse("jobs:jobs")).status_code == 405


def test_running_job_shows_progress_with_and_without_scripts(client: Client, owner: User) -> None:
    job = JobFactory(owner=owner, state=Job.State.RUNNING, done=3, total=10)

    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()
    part = client.get(reverse("jobs:job", args=[job.pk]), headers={"HX-Request": "true"}).content.decode()

    assert '<progress value="3" max="10"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert '<progress value="3" max="10"' in part
    assert "<html" not in part


def test_poll_of_a_finished_job_reloads_the_page(client: Client, owner: User) -> None:
    job = JobFactory(owner=owner, state=Job.State.DONE, finished_at=timezone.now())

    response = client.get(reverse("jobs:job", args=[job.pk]), headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"


def test_finished_job_shows_its_files_and_page(client: Client, owner: User) -> None:
    job = JobFactory(owner=owner, state=Job.State.DONE, finished_at=timezone.now(), result={"page": "/registry/"})
    stored = files.store_bytes("Реестр.xlsx", b"content", owner=job)

    page = client.get(reverse("jobs:job", args=[job.pk])).content.decode()

    assert stored.get_absolute_url() in page
    assert 'href="/registry/"' in page
    download = client.get(stored.get_absolute_url())
    assert b"".join(download) == b"content"
    download.close()


def test_failed_job_says_what_happened(client: Client, owner: User) -> None:
    job = JobFactory(owner=owner, state=Job.State.FAILED, finished_at=timezone.now(), error="Файл не читается.")

    assert "Файл не читается." in client.get(reverse("jobs:job", args=[job.pk])).content.decode()


def test_result_page_is_never_a_foreign_address() -> None:
    assert JobFactory.build(owner=None, result={"page": "//example.org/"}).page == ""
    assert JobFactory.build(owner=None, result={"page": "javascript:alert(1)"}).page == ""
