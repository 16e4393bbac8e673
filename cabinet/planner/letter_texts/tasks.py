"""Texts of letters about tasks."""

from cabinet.mail.texts import TextKind

KINDS: list[TextKind] = []
