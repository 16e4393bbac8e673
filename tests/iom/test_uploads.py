"""Several files may be chosen at once wherever several are taken."""

import pytest

from iom.forms.assignments import AnswerForm
from iom.forms.carrying import SubmitForm
from tests.factories import RouteItemFactory


@pytest.mark.django_db
def test_browser_is_told_that_several_files_are_taken() -> None:
    for form in (SubmitForm(RouteItemFactory()), AnswerForm()):
        assert " multiple" in str(form["files"])
