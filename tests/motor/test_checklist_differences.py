"""«Расхождение»: the questions two assessors answered differently, side by side."""

from typing import Any

from django.template.loader import render_to_string

from motor.models import Checklist
from motor.services.differences import differences, differences_of


def opinion(**answers: Any) -> Checklist:
    usual = {"assessor_kind": "school", "is_significant": True, "practice": "full", "other_topic_found": False}
    return Checklist(**usual | answers)


def test_only_questions_of_both_are_compared() -> None:
    school = opinion(is_significant=True, practice="full", rma_help="assessment", comment="А")
    rma = opinion(is_significant=True, practice="partial", other_topic_found=True)
    assert differences(school, rma) == [
        ("Отражение в практике", "полностью", "частично"),
        ("Изменения по другой тематике", "нет", "да"),
    ]


def test_a_question_not_put_is_not_an_answer() -> None:
    school = opinion(is_significant=False, practice="")
    rma = opinion(is_significant=True, practice="absent")
    assert differences(school, rma) == [
        ("Значимое содержание программы", "не определил", "определил"),
        ("Отражение в практике", "не спрашивается", "не находит"),
    ]


def test_one_opinion_has_nothing_to_differ_from() -> None:
    school = opinion()
    assert differences_of([]) is None
    assert differences_of([school]) is None
    agreed = opinion(assessor_kind="agreed")
    assert differences_of([school, agreed]) is None
    same = opinion(assessor_kind="rma")
    assert differences_of([school, same, agreed]) == []


def test_the_part_says_what_differs_or_that_nothing_does() -> None:
    part = "motor/parts/differences.html"
    assert "Расхождение" not in render_to_string(part, {"differences": None})
    assert "Мнения совпали" in render_to_string(part, {"differences": []})
    school = opinion(other_topic_found=True, other_topic="Музей")
    text = render_to_string(part, {"differences": differences(school, opinion())})
    assert "Расхождение" in text
    assert '<td data-label="Методист ОО">да</td><td data-label="Методист РМА">нет</td>' in text
