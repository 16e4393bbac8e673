"""Texts of the letters about routes as they are before an administrator changes them, a module per side of the work."""

from iom.letter_texts import agreement, assignments, carrying

KINDS = [*agreement.KINDS, *carrying.KINDS, *assignments.KINDS]
