"""The summary registry: a read-only projection of cases, and how far the sweep has looked."""

from registry.models.entry import Entry, EntryQuerySet, Experience, Result
from registry.models.watermark import Watermark

__all__ = ["Entry", "EntryQuerySet", "Experience", "Result", "Watermark"]
