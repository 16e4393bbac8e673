"""Polls: questions, whom they are put to, and answers, with or without names."""

from cabinet.polls.models.answer import Answer, Participant
from cabinet.polls.models.poll import Option, Poll, PollQuerySet, Question

__all__ = ["Answer", "Option", "Participant", "Poll", "PollQuerySet", "Question"]
