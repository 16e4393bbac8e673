"""Bars and their table."""

import pytest
from django.template.loader import render_to_string

from cabinet.core import charts


def test_parts_of_a_bar_fill_it_and_say_their_share() -> None:
    chart = charts.stacked("Варианты", "Территория", ["3", "2", "1"], [("Юг", [6, 3, 1])])
    svg = chart.rows[0].svg
    assert 'x="0.00%" y="0" width="59.60%"' in svg
    assert 'x="60.00%" y="0" width="29.60%"' in svg
    assert "60\u00a0%" in svg
    assert chart.rows[0].base == 10
    assert chart.rows[0].cells == [(6, "60\u00a0%"), (3, "30\u00a0%"), (1, "10\u00a0%")]


def test_total_adds_the_columns() -> None:
    chart = charts.stacked("Варианты", "Территория", ["3", "1"], [("Юг", [1, 2]), ("Запад", [3, 4])], total="Весь край")
    assert (chart.rows[-1].label, list(chart.rows[-1].values), chart.rows[-1].base) == ("Весь край", [4, 6], 10)


def test_a_row_without_cases_is_an_empty_bar_and_no_shares() -> None:
    chart = charts.stacked("Варианты", "Территория", ["3", "1"], [("Парма", [0, 0])])
    assert chart.rows[0].svg.count("<rect") == 1
    assert chart.rows[0].shares == ["—", "—"]


def test_labels_are_escaped() -> None:
    chart = charts.simple("Причины", "<b>", "Ответов", [("<script>", 2)], base=2)
    page = render_to_string("components/chart.html", {"chart": chart})
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_longest_row_is_the_full_width() -> None:
    chart = charts.simple("Причины", "Причина", "Ответов", [("Нет времени", 8), ("Другое", 2)])
    assert 'width="99.60%"' in chart.rows[0].svg
    assert 'width="24.60%"' in chart.rows[1].svg


def test_bars_carry_no_inline_styles() -> None:
    chart = charts.stacked("Варианты", "Территория", ["3", "1"], [("Юг", [1, 2])])
    assert "style=" not in render_to_string("components/chart.html", {"chart": chart})


def test_more_parts_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="six"):
        charts.stacked("Всё", "Где", list("1234567"), [])


def test_overlapping_parts_are_thin_bars_of_one_base() -> None:
    chart = charts.overlapping("Чем подтверждают", "ОО", ["конспект", "показ"], [("Школа", [8, 5], 10)])
    assert chart.rows[0].cells == [(8, "80\u00a0%"), (5, "50\u00a0%")]
    assert 'y="0" width="80.00%"' in chart.rows[0].svg
    assert f'y="{charts.LANE}" width="50.00%"' in chart.rows[0].svg


def test_hint_of_a_bar_and_its_table_say_the_same_share() -> None:
    chart = charts.overlapping("Показатели", "Край", ["высшая", "все"], [("Край", [22, 11], 296)], digits=1)
    assert [share for _, share in chart.rows[0].cells] == ["7,4\u00a0%", "3,7\u00a0%"]
    assert "высшая: 22\u00a0(7,4\u00a0%)" in chart.rows[0].svg
    assert [charts.percent(*one, digits=1) for one in ((1, 1), (1, 10), (0, 5), (0, 0))] == ["100", "10", "0", ""]


def test_overlapping_parts_of_nothing_are_empty() -> None:
    chart = charts.overlapping("Чем подтверждают", "ОО", ["конспект"], [("Школа", [0], 0)])
    assert 'width="0.00%"' in chart.rows[0].svg
    with pytest.raises(ValueError, match="six"):
        charts.overlapping("Всё", "Где", list("1234567"), [])
