"""Texts of letters of the gathering pages."""

from cabinet.home.letter_texts import communities, people

KINDS = [*people.KINDS, *communities.KINDS]
