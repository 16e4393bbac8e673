"""Template tags, and what every template of ours must keep to."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from cabinet.core import badges, icons

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
# Letters are not pages: they have no style sheet to rely on.
PAGES = [path for path in TEMPLATES if "email" not in path.parts and "mail" not in path.parts]


def render(text: str, **context: object) -> str:
    return Template("{% load look %}" + text).render(Context(context))


def test_icon_beside_a_word_is_silent_and_a_lone_one_speaks() -> None:
    assert 'aria-hidden="true"' in render('{% icon "house" %}')
    assert 'role="img" aria-label="Домой"' in render('{% icon "house" label="Домой" %}')


def test_icon_name_cannot_leave_its_folder() -> None:
    assert icons.paths("../bootstrap/LICENSE") == ""


def test_every_named_icon_exists() -> None:
    named = {look.icon for look in badges.LOOKS.values()}
    for path in TEMPLATES:
        named |= set(re.findall(r"""\{%\s*icon\s+["']([^"']+)["']""", path.read_text(encoding="utf-8")))
    assert sorted(name for name in named if not icons.paths(name)) == []


def test_state_is_a_word_an_icon_and_a_colour() -> None:
    page = render('{% status "closed" "Завершено" %}')
    assert "tone-ok" in page
    assert "<svg" in page
    assert "Завершено" in page


def test_unknown_state_looks_plain() -> None:
    assert "tone-calm" in render('{% status "never-seen" "Новое" %}')


@pytest.mark.parametrize(("days", "css"), [(-1, "due-late"), (0, "due-soon"), (3, "due-soon"), (4, '"due "')])
def test_time_limit_gets_louder(days: int, css: str) -> None:
    page = render("{% due day %}", day=timezone.localdate() + timedelta(days=days))
    assert css.strip('"') in page
    assert ("due-" in page) is ("due-" in css)


def test_no_time_limit_says_nothing() -> None:
    assert render("{% due day %}", day=None) == ""


def test_sorting_turns_round_and_keeps_the_filters() -> None:
    request = RequestFactory().get("/motor/", {"status": "closed", "sort": "name", "page": "3"})
    page = render('{% sort_header "name" "Педагог" %}', request=request)
    assert 'aria-sort="ascending"' in page
    assert "?status=closed&amp;sort=-name" in page


def test_percent_of_nothing_is_a_dash() -> None:
    assert render("{{ part|percent:whole }}", part=0, whole=0) == "—"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(settings.BASE_DIR).as_posix())
def test_pages_have_no_inline_styles_or_scripts(path: Path) -> None:
    """The Content-Security-Policy would silently drop them."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\bsrc=)", text) == []
