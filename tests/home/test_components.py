"""The page of parts shows every part there is, so that nobody draws one a second time."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from cabinet.core import badges, icons
from cabinet.home.views.components import CONTENTS
from cabinet.users.models import Role
from tests.factories import MembershipFactory, UserFactory

PARTS = sorted(path.name for path in Path(settings.BASE_DIR, "templates/components").glob("*.html"))


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(MembershipFactory(user=UserFactory(), role=Role.ADMIN).user)
    return client


@pytest.mark.django_db
def test_every_part_is_named_on_the_page(admin: Client) -> None:
    text = admin.get("/components/").text
    assert [name for name in PARTS if f"components/{name}" not in text] == []


@pytest.mark.django_db
def test_list_of_contents_leads_to_sections(admin: Client) -> None:
    text = admin.get("/components/").text
    assert [section for section, _ in CONTENTS if text.count(f'id="{section}"') != 1] == []


@pytest.mark.django_db
def test_question_before_an_act_names_it_and_lets_one_go(admin: Client) -> None:
    text = admin.get("/components/?confirm=1").text
    assert "Прекратить отслеживание?" in text
    assert "Не сейчас" in text


@pytest.mark.django_db
def test_page_of_parts_only_shows(admin: Client) -> None:
    assert admin.post("/components/").status_code == 405


def test_every_state_has_a_picture_that_exists() -> None:
    assert [code for code, look in badges.LOOKS.items() if not icons.paths(look.icon)] == []
