"""Texts of the letters of МОТОР as they are before an administrator changes them, a module per side of the work."""

from motor.letter_texts import experience, result, roles, survey, work

KINDS = [*survey.KINDS, *result.KINDS, *work.KINDS, *roles.KINDS, *experience.KINDS]
