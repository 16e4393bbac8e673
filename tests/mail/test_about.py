"""Letters about a row: as the only one and among others."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from cabinet.mail.models import Letter, Mention
from cabinet.mail.services import letters_about
from motor.models import Case
from tests.factories import CaseFactory, LetterFactory, UserFactory

pytestmark = pytest.mark.django_db


def mention(letter: Letter, case: Case) -> None:
    Mention.objects.create(letter=letter, about_type=ContentType.objects.get_for_model(case), about_id=case.pk)


def test_log_of_a_case_has_its_own_and_shared_letters_newest_first() -> None:
    case, other = CaseFactory(), CaseFactory()
    own = LetterFactory(about=case)
    shared = LetterFactory(about=other)
    mention(shared, case)
    LetterFactory(about=other)
    LetterFactory(about=UserFactory(pk=case.pk + 1000))

    assert list(letters_about(case)) == [shared, own]


@pytest.mark.parametrize("count", [1, 5])
def test_log_takes_one_query(count: int, django_assert_num_queries: Any) -> None:
    case = CaseFactory()
    LetterFactory.create_batch(count, about=case)
    ContentType.objects.get_for_model(case)

    with django_assert_num_queries(1):
        assert len(letters_about(case)) == count
