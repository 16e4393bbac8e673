"""The summary registry: a read-only projection of cases, and how far the sweep has looked."""

from registry.models.entry import READERS, WITH_VARIANT, Entry, EntryQuerySet, Experience, Result
from registry.models.export import Export, scope_key
from registry.models.snapshot import Snapshot
from registry.models.watermark import Watermark

__all__ = [
    "READERS",
    "WITH_VARIANT",
    "Entry",
    "EntryQuerySet",
    "Experience",
    "Export",
    "Result",
    "Snapshot",
    "Watermark",
    "scope_key",
]
