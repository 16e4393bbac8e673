"""Texts of letters about materials and their links."""

from cabinet.library.letter_texts import links, materials

KINDS = [*materials.KINDS, *links.KINDS]
