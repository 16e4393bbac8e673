"""The palette keeps the contrasts of WCAG 2.2 AA, light and dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR, "static/css/tokens.css").read_text(encoding="utf-8")
TONES = ("ok", "info", "warn", "bad", "calm", "accent")
GROUNDS = ("paper", "surface", "sunken")


def palette(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


def blocks() -> dict[str, dict[str, str]]:
    light, by_system, chosen = CSS.split("@media screen")
    return {"light": palette(light), "dark by the system": palette(by_system), "dark by choice": palette(chosen)}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", list(blocks()))
def test_texts_have_four_and_a_half_to_one(name: str) -> None:
    colours = blocks()[name]
    pairs = [(text, ground) for text in ("ink", "ink-soft", "link", "bad", "warn", "accent") for ground in GROUNDS]
    pairs += [(tone, f"{tone}-soft") for tone in TONES]
    pairs += [("ink", f"{tone}-soft") for tone in TONES] + [("primary-deep", "primary-soft"), ("on-primary", "primary")]
    pairs += [("on-primary", "primary-deep")] + [(f"on-chart-{at}", f"chart-{at}") for at in range(1, 7)]
    weak = {pair: ratio for pair in pairs if (ratio := round(contrast(*(colours[one] for one in pair)), 2)) < 4.5}
    assert weak == {}


@pytest.mark.parametrize("name", list(blocks()))
def test_borders_of_controls_and_bars_have_three_to_one(name: str) -> None:
    colours = blocks()[name]
    pairs = [("line-strong", ground) for ground in GROUNDS] + [("focus", ground) for ground in GROUNDS]
    pairs += [("primary", ground) for ground in GROUNDS]
    weak = {pair: ratio for pair in pairs if (ratio := round(contrast(*(colours[one] for one in pair)), 2)) < 3}
    assert weak == {}


def test_dark_by_the_system_and_by_choice_are_the_same() -> None:
    assert blocks()["dark by the system"] == blocks()["dark by choice"]
