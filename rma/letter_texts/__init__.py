"""Texts of the letters of РМА as they are before an administrator changes them, a module per side of the work."""

from rma.letter_texts import requests

KINDS = [*requests.KINDS]
