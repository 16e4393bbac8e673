"""Quick fields are the same to the sign as those crispy draws."""

from datetime import date

import pytest
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field

from iom.forms.design import FORMS, AttachmentForm
from iom.models import RouteItem
from iom.templatetags.line_fields import line_field
from tests.factories import CompletionFactory, DeficitFactory, GoalFactory, RouteFactory, RouteItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def items() -> list[RouteItem]:
    route = RouteFactory()
    deficit = DeficitFactory(route=route, text='Оценивание "без отметки" <и> с ней')
    return [
        RouteItemFactory(route=route, activity="Семинар & <b>практикум</b>", due_on=date(2027, 3, 12), deficit=deficit),
        RouteItemFactory(route=route, due_on=None, is_open_ended=True, form="", level="", product=""),
        RouteItemFactory(route=route, completion=CompletionFactory(person=route.person), support="rma"),
    ]


def test_items_are_drawn_as_crispy_draws_them(items: list[RouteItem]) -> None:
    route = items[0].route
    deficits, courses = list(route.deficits.all()), [items[2].completion]
    for row in items * 2:
        for bound in FORMS["item"](route, row, deficits=deficits, courses=courses):
            assert line_field(bound) == as_crispy_field(bound), bound.name


def test_other_lines_and_attachments_too(items: list[RouteItem]) -> None:
    route = items[0].route
    deficit, goal = route.deficits.get(), GoalFactory(route=route)
    forms = [
        FORMS["deficit"](route, deficit),
        FORMS["goal"](route, goal, deficits=[deficit]),
        AttachmentForm(items[0]),
        AttachmentForm(items[1]),
    ]
    for form in forms:
        for bound in form:
            assert line_field(bound) == as_crispy_field(bound), bound.name


def test_what_was_typed_is_shown_with_its_mistake(items: list[RouteItem]) -> None:
    form = FORMS["item"](items[0].route, items[0], {"activity": "", "due_on": "31.02.2027"})

    assert "Такой даты нет" in line_field(form["due_on"])
    assert "31.02.2027" in line_field(form["due_on"])
