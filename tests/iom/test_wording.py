"""What is marked as changed within a text: words and phrases, nothing that stayed."""

import pytest

from iom.services.wording import Piece, word_changes


def marked(pieces: list[Piece]) -> str:
    return "".join(f"[{text}]" if is_new else text for is_new, text in pieces)


@pytest.mark.parametrize(
    ("before", "after", "was", "became"),
    [
        # A phrase added at the end leaves the last word as it was.
        ("Семинар о чтении", "Семинар о чтении и письме", "Семинар о чтении", "Семинар о чтении [и письме]"),
        ("Провести урок, как решили", "Провести два урока, как решили", "Провести [урок], как решили",
         "Провести [два урока], как решили"),
        # Small words between two changed ones are one phrase with them.
        ("Разобрать материалы курса на уроке в 5 классе", "Разобрать материалы курса на уроках в 6 классах",
         "Разобрать материалы курса на [уроке в 5 классе]", "Разобрать материалы курса на [уроках в 6 классах]"),
        # A day is one word, and texts with nothing in common are not cut to pieces.
        ("12.03.2027", "19.03.2027", "[12.03.2027]", "[19.03.2027]"),
        ("Посетить урок и обсудить", "Мастер-класс о чтении и письме", "[Посетить урок и обсудить]",
         "[Мастер-класс о чтении и письме]"),
        ("", "Видео урока", "", "[Видео урока]"),
        # Lines broken otherwise are the same words.
        ("Дать связь.\nНе тратить время.", "Дать связь.\n\nНе тратить время.", "Дать связь.\nНе тратить время.",
         "Дать связь.\n\nНе тратить время."),
    ],
)  # fmt: skip
def test_only_what_differs_is_marked(before: str, after: str, was: str, became: str) -> None:
    assert tuple(marked(one) for one in word_changes(before, after)) == (was, became)


def test_nothing_of_either_text_is_lost() -> None:
    before, after = "  Один — два, три… «четыре»\tпять ", "Один, два — три «четыре и шесть»"
    was, became = word_changes(before, after)
    assert "".join(text for _, text in was).split() == before.split()
    assert "".join(text for _, text in became).split() == after.split()


def test_very_long_text_is_shown_whole() -> None:
    before, after = "слово " * 2000, "слово " * 1999 + "дело"
    assert word_changes(before, after) == ([(True, before)], [(True, after)])
