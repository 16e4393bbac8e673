"""Personal links: nobody makes one from the database alone."""

import logging
from typing import Any

import pytest

from cabinet.core import links


def test_link_is_split_and_recognised() -> None:
    public_id = links.new_public_id()
    link = links.make_link(public_id, 1)

    assert len(public_id) == 22
    assert links.split_link(link) == (public_id, link[22:])
    assert links.is_signed(public_id, 1, link[22:])


def test_reissue_and_another_pepper_make_another_signature(settings: Any) -> None:
    public_id = links.new_public_id()
    signature = links.signature(public_id, 1)

    assert not links.is_signed(public_id, 2, signature)
    assert not links.is_signed(links.new_public_id(), 1, signature)
    settings.LINK_PEPPER = "another pepper of the same length 0123456789"
    assert not links.is_signed(public_id, 1, signature)


def test_text_that_is_no_link_is_told_at_once() -> None:
    assert links.split_link("") is None
    assert links.split_link("короткая") is None
    assert links.split_link("a" * 43) is None
    assert links.split_link("я" * 44) is None


def test_ids_do_not_repeat() -> None:
    assert len({links.new_public_id() for _ in range(1000)}) == 1000


def test_log_tells_no_link(caplog: pytest.LogCaptureFixture, settings: Any) -> None:
    link = links.make_link(links.new_public_id(), 1)
    with caplog.filtering(links.HideLinks()):
        logging.getLogger("django.request").warning("%s: %s", "Not Found", f"/s/{link}/draft/")
        logging.getLogger("django.request").warning("%s: %s", "Not Found", f"/calendar/feed/{link}.ics")
        logging.getLogger("anything").warning("%d %% of it", 5)
    hidden = [f"Not Found: /s/{link[:6]}…/draft/", f"Not Found: /calendar/feed/{link[:6]}….ics"]
    assert caplog.messages == [*hidden, "5 % of it"]
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["links"]
