"""Texts of letters about events and tasks."""

from cabinet.planner.letter_texts import events, tasks

KINDS = [*events.KINDS, *tasks.KINDS]
