"""Texts of letters: a closed list of places, checked when saved; words of people are never read as places."""

from typing import Any

import pytest

from cabinet.mail import texts
from cabinet.mail.lines import shown_body
from cabinet.mail.models import LetterText
from cabinet.mail.texts import Place, TextKind, all_kinds, compose, preview, problems
from tests.factories import LetterFactory, UserFactory

pytestmark = pytest.mark.django_db
KIND = TextKind(
    "test.kind",
    "Проверка",
    "Письмо",
    "Для проверки.",
    {
        "имя": Place("имя", "Анна"),
        "курс": Place("курс", "Оценивание"),
        "ссылка": Place("ссылка", "https://example.org/s/1/"),
        "осталось": Place("осталось", "5 дней"),
    },
    "О курсе «{курс}»",
    "Здравствуйте, {имя}!\n\n{курс}, {осталось}\n{ссылка}",
)


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> TextKind:
    monkeypatch.setitem(texts._kinds, KIND.code, KIND)
    return KIND


def change(subject: str, body: str) -> None:
    LetterText.objects.create(code=KIND.code, subject=subject, body=body, updated_by=UserFactory())
    texts.forget_texts()


# --- What may be saved -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "body", "field", "said"),
    [
        ("Тема", "{ссылка} {кура}", "body", "Подстановки {кура} здесь нет. Может быть, {курс}?"),
        ("Тема", "{ссылка} {Имя}", "body", "Может быть, {имя}?"),
        ("Тема", "{ссылка} { имя }", "body", "Может быть, {имя}?"),
        ("Тема", "{ссылка} {}", "body", "Подстановки {} здесь нет. Можно: {имя}, {курс}"),
        ("Тема", "{ссылка} {0}", "body", "Подстановки {0} здесь нет"),
        ("Тема", "{ссылка} {имя.password}", "body", "Подстановки {имя.password} здесь нет"),
        ("Тема", "{ссылка} {ссылка 12}", "body", "Подстановки {ссылка 12} здесь нет"),
        ("Тема", "{ссылка}\n\n{имя", "body", "Строка 3: фигурная скобка без пары"),
        ("Тема", "{ссылка} имя}", "body", "Строка 1: фигурная скобка без пары"),
        ("Тема", "{ссылка} {{имя}}", "body", "Строка 1: фигурная скобка без пары"),
        ("Тема", "{ссылка} {имя\n}", "body", "Строка 1: фигурная скобка без пары"),
        ("Тема", "Здравствуйте, {имя}!", "body", "В письме нет ссылки: добавьте {ссылка}"),
        ("О {курсе}", "{ссылка}", "subject", "Может быть, {курс}?"),
        ("{ссылка}", "{ссылка}", "subject", "{ссылка} можно написать только в тексте письма"),
        ("{осталось}", "{ссылка}", "subject", "{осталось} можно написать только в тексте письма"),
        ("Тема }", "{ссылка}", "subject", "фигурная скобка без пары"),
    ],
)
def test_bad_text_is_told_at_its_field(subject: str, body: str, field: str, said: str) -> None:
    found = problems(KIND, subject, body)

    assert said in " ".join(found[field])
    assert [name for name, sentences in found.items() if sentences] == [field]


def test_good_text_has_no_problems() -> None:
    assert problems(KIND, "{курс}, {имя}", "{ссылка}") == {"subject": [], "body": []}


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.code)
def test_every_default_text_passes_its_own_check(kind: TextKind) -> None:
    assert problems(kind, kind.subject, kind.body) == {"subject": [], "body": []}
    subject, body = preview(kind, kind.subject, kind.body)
    assert "{" not in subject + body


def test_teacher_is_never_obliged() -> None:
    words = " ".join(kind.subject + kind.body for kind in all_kinds()).lower()

    assert not [word for word in ("обязан", "дедлайн", "кейс", "фидбек", "дашборд") if word in words]


# --- Composing -------------------------------------------------------------------------------------------------


def test_default_text_is_filled_and_signed() -> None:
    subject, body = compose(KIND.code, {"имя": "Анна", "курс": lambda: "Проекты"})

    assert subject == "О курсе «Проекты»"
    assert body.startswith("Здравствуйте, Анна!\n\nПроекты, {осталось}\n{ссылка}\n\nС уважением,")


def test_value_is_asked_only_where_the_text_has_its_place() -> None:
    change("Тема", "{ссылка}")

    subject, body = compose(KIND.code, {"имя": lambda: 1 / 0})  # type: ignore[dict-item]

    assert (subject, body.splitlines()[0]) == ("Тема", "{ссылка}")


def test_place_without_a_value_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        compose(KIND.code, {"имя": "Анна"})


@pytest.mark.parametrize("typed", ["{ссылка}", "{дела}", "{имя}", "{{ссылка}}", "{{", "}", "{ссылка 1}", "a{b}c"])
def test_words_of_people_are_never_read_as_places(typed: str, settings: Any) -> None:
    subject, body = compose(KIND.code, {"имя": typed, "курс": typed})
    letter = LetterFactory(subject=subject, body=body)

    assert subject == f"О курсе «{typed}»"
    assert f"Здравствуйте, {typed}!" in shown_body(letter)
    assert shown_body(letter).count(f"{settings.SITE_URL}/") == 1


def test_changed_text_that_no_longer_fits_gives_way_to_the_default() -> None:
    change("Тема {прежнее}", "{ссылка}")

    assert compose(KIND.code, {"имя": "Анна", "курс": "Проекты"})[0] == "О курсе «Проекты»"


def test_changed_signature_stands_in_every_letter() -> None:
    LetterText.objects.create(code="signature", body="Ваш институт", updated_by=UserFactory())

    assert compose(KIND.code, {"имя": "Анна", "курс": "Проекты"})[1].endswith("\n\nВаш институт")


def test_a_thousand_letters_read_the_texts_once(django_assert_num_queries: Any) -> None:
    change("Другая тема", "{ссылка}")

    with django_assert_num_queries(1):
        subjects = {compose(KIND.code, {})[0] for _ in range(1000)}

    assert subjects == {"Другая тема"}


def test_empty_value_leaves_no_spaces_behind() -> None:
    change("Тема", "Слова. {имя}\n{ссылка}")

    assert compose(KIND.code, {"имя": ""})[1].startswith("Слова.\n{ссылка}")
