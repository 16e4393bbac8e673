"""Forms of polls."""

from cabinet.polls.forms.answer import AnswerForm
from cabinet.polls.forms.draft import DraftForm, EndForm

__all__ = ["AnswerForm", "DraftForm", "EndForm"]
