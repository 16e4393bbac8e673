"""Polls: questions, whom they are put to, and answers, with or without names."""

from cabinet.polls.models.answer import Answer, Participant
from cabinet.polls.models.poll import ROLE_WORDS, Option, Poll, PollQuerySet, Question

__all__ = ["ROLE_WORDS", "Answer", "Option", "Participant", "Poll", "PollQuerySet", "Question"]
