"""A prepared query gives what Django's own gives, by one statement and whatever was asked for before."""

import threading
from contextlib import suppress

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from cabinet.core.prepared import Prepared
from motor.models import Case, Draft
from motor.views.by_link import answerable_cases
from tests import factories

pytestmark = pytest.mark.django_db


def everything(case: Case) -> dict[str, object]:
    """Loaded columns of the case and of all it brings along."""
    loaded = {name: value for name, value in vars(case).items() if name != "_state"}
    for name, related in case._state.fields_cache.items():
        loaded[name] = related and {key: value for key, value in vars(related).items() if key != "_state"}
    return loaded


def test_same_row_with_all_it_brings_along(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    prepared = Prepared(answerable_cases, "public_id")
    first = factories.CaseFactory()
    Draft.objects.create(case=first, answers={"important": "Слова «в кавычках»"})
    second = factories.CaseFactory(completion__person=first.person, responsible=None)
    for case in (first, second, first):
        with django_assert_num_queries(1):
            found = prepared.get(case.public_id)
        assert found is not None
        assert everything(found) == everything(answerable_cases().get(pk=case.pk))
        assert found.get_deferred_fields() == answerable_cases().get(pk=case.pk).get_deferred_fields()
        assert found._state.db == connection.alias
        assert not found._state.adding
    assert prepared.get(first.public_id).draft.answers == {"important": "Слова «в кавычках»"}  # type: ignore[union-attr]


def test_unknown_value_finds_nothing() -> None:
    prepared = Prepared(answerable_cases, "public_id")
    factories.CaseFactory()
    for value in ("", "the value asked for", "' OR 1=1 --", "%s"):
        assert prepared.get(value) is None


@pytest.mark.django_db(transaction=True)
def test_new_connection_is_prepared_anew() -> None:
    """As after a restart of the database: the health check has opened another one."""
    prepared = Prepared(answerable_cases, "public_id")
    case = factories.CaseFactory()
    for _ in range(2):
        assert prepared.get(case.public_id) == case
        connection.close()


def test_outlives_a_transaction_that_was_rolled_back() -> None:
    prepared = Prepared(answerable_cases, "public_id")
    with suppress(ZeroDivisionError), transaction.atomic():
        prepared.get("nobody")
        raise ZeroDivisionError
    case = factories.CaseFactory()
    assert prepared.get(case.public_id) == case


def test_each_thread_has_its_own() -> None:
    prepared = Prepared(answerable_cases, "public_id")
    prepared.get("nobody")
    known: list[bool] = []
    thread = threading.Thread(target=lambda: known.append(hasattr(prepared._kept, "parts")))
    thread.start()
    thread.join()
    assert known == [False]
