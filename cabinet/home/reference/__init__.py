"""What a fresh cabinet knows of the region before anybody has typed a word: dictionaries and the calendar."""

from cabinet.home.reference.loading import Loaded, load_reference

__all__ = ["Loaded", "load_reference"]
