"""Numbers too long for the database or for Python, in the forms of the cabinet's own modules."""

import pytest
from django.test import Client
from django.urls import reverse

from cabinet.mail.models import Mailing
from cabinet.users.models import Role
from tests.factories import person_with
from tests.home.people import make_town

pytestmark = pytest.mark.django_db
BAD = ["²", "9" * 18, "9" * 30, "9" * 5000, "-1", ""]
FINE = (200, 302, 404, 422)


@pytest.mark.parametrize("bad", BAD)
def test_posted_numbers(bad: str, client: Client) -> None:
    town = make_town()
    client.force_login(town.admin)
    mailing = Mailing.objects.create(subject="С", body="Т", author=town.admin, audience={"scope": "region"})
    give = reverse("home:role_give", args=[town.teacher.pk])
    methodist = {"do": "check", "organization": town.school.pk, "subjects": [bad]}
    posts = [
        (reverse("mail:mailing_order", args=[mailing.pk]), {"version": bad}),
        (f"{give}?role=methodist", methodist),
        (f"{give}?role=methodist", methodist | {"organization": bad, "subjects": []}),
        (f"{give}?role=mentor", {"do": "check", "person": bad}),
        (f"{give}?role=municipal", {"do": "check", "municipality": bad}),
        (reverse("home:person_move", args=[town.methodist.pk]), {"organization": bad, "ending": [bad]}),
        (reverse("home:person_new"), {"last_name": "А", "first_name": "Б", "organization": bad, "position": bad}),
        (reverse("home:people_invite"), {"pk": [bad]}),
        (reverse("library:new"), {"title": "Т", "kind": "method", "form": "text", "subjects": [bad], "topic": bad}),
        (reverse("home:community_new"), {"name": "М", "kind": "mo", "place": f"organization-{bad}", "subject": bad}),
        (reverse("planner:bulk"), {"do": "pass", "step": "write", "chosen": bad, "person": bad, "task": [bad]}),
        (reverse("planner:add"), {"title": "Т", "people": [bad]}),
        (reverse("polls:new"), {"title": "О", "place": f"organization-{bad}", "version": bad}),
        (reverse("mail:mailing_new"), {"subject": "С", "body": "Т", "place": f"community-{bad}"}),
    ]
    client.raise_request_exception = False
    broken = [address for address, data in posts if client.post(address, data).status_code not in FINE]
    assert not broken


@pytest.mark.parametrize("back", ["9" * 12, "-1", "people", "home:nowhere"])
def test_where_the_theme_button_stood(back: str, client: Client) -> None:
    client.force_login(person_with(Role.ADMIN))
    client.raise_request_exception = False
    assert client.post(reverse("home:theme"), {"theme": "dark", "next": back}).status_code == 302
