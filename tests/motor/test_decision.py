"""The decision table of the outcome, row by row, and the reason it is told with."""

import pytest

from motor.decision import Decision, decide, reason_in_words
from motor.models import Checklist, Outcome

NONE, OTHER, ON_TOPIC = Outcome.Variant.NONE, Outcome.Variant.OTHER_TOPIC, Outcome.Variant.ON_TOPIC
PRACTICES = ("full", "partial", "absent", "")

# A, B and D of the checklist → variant and completeness; the last two rows were asked no B.
TABLE = {
    (True, "full", True): Decision(ON_TOPIC, "full"),
    (True, "full", False): Decision(ON_TOPIC, "full"),
    (True, "partial", True): Decision(ON_TOPIC, "partial"),
    (True, "partial", False): Decision(ON_TOPIC, "partial"),
    (True, "absent", True): Decision(OTHER),
    (True, "absent", False): Decision(NONE),
    (False, "", True): Decision(OTHER),
    (False, "", False): Decision(NONE),
}
ASKED = [(*answers, decision) for answers, decision in TABLE.items()]


def checklist(is_significant: bool, practice: str, other_topic_found: bool, kind: str = "school") -> Checklist:
    return Checklist(
        assessor_kind=kind,
        is_significant=is_significant,
        practice=practice,
        other_topic_found=other_topic_found,
        other_topic="проектная деятельность" if other_topic_found else "",
    )


@pytest.mark.parametrize(("is_significant", "practice", "other_topic_found", "decision"), ASKED)
def test_row_of_the_table(is_significant: bool, practice: str, other_topic_found: bool, decision: Decision) -> None:
    assert decide(is_significant, practice, other_topic_found) == decision


@pytest.mark.parametrize("other_topic_found", [True, False])
@pytest.mark.parametrize("practice", PRACTICES)
@pytest.mark.parametrize("is_significant", [True, False])
def test_table_and_rule_say_the_same(is_significant: bool, practice: str, other_topic_found: bool) -> None:
    """The rule in one line of the domain: on topic is A with B full or partial, else D decides."""
    on_topic = is_significant and practice in ("full", "partial")
    variant = 3 if on_topic else (2 if other_topic_found else 1)

    decision = decide(is_significant, practice, other_topic_found)

    assert decision == Decision(Outcome.Variant(variant), practice if on_topic else "")


def test_practice_left_from_a_changed_answer_counts_for_nothing() -> None:
    assert decide(False, "full", False) == Decision(NONE)


@pytest.mark.parametrize(("is_significant", "practice", "other_topic_found", "decision"), ASKED)
def test_reason_names_answers_variant_and_basis(
    is_significant: bool, practice: str, other_topic_found: bool, decision: Decision
) -> None:
    words = reason_in_words(checklist(is_significant, practice, other_topic_found), decision)

    assert words.startswith("Педагог определил" if is_significant else "Педагог не определил")
    assert ("«проектная деятельность»" in words) == other_topic_found
    assert ("изменений по другой тематике не выявлено" in words) != other_topic_found
    assert f"вариант {decision.variant}" in words
    assert words.endswith("Основание — чек-лист (методист ОО).")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((True, "full", False), "отражено полностью"),
        ((True, "partial", False), "отражено частично"),
        ((True, "absent", False), "отражения не находит"),
    ],
)
def test_reason_tells_how_far_it_shows_in_practice(answers: tuple[bool, str, bool], words: str) -> None:
    assert words in reason_in_words(checklist(*answers), TABLE[answers])


def test_reason_of_the_regional_opinion_names_it() -> None:
    words = reason_in_words(checklist(True, "full", False, kind="rma"), Decision(ON_TOPIC, "full"))

    assert words == (
        "Педагог определил значимое содержание программы, и в практике оно отражено полностью; "
        "изменений по другой тематике не выявлено. Поэтому вариант 3. Основание — чек-лист (методист РМА)."
    )


def test_every_variant_is_told_in_the_words_of_the_institute() -> None:
    assert [variant.label for variant in Outcome.Variant] == [
        "Отсроченные результаты по тематике курсов отсутствуют",
        "Отсроченные результаты по тематике курсов отсутствуют, но выявлены изменения по другой тематике",
        "Отсроченные результаты по тематике курсов имеют место",
    ]
