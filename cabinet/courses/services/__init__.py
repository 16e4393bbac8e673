"""What happens to courses and their lists."""

from cabinet.courses.services.batches import (
    import_list,
    plan_list,
    recognise,
    require_columns,
    source_path,
)
from cabinet.courses.services.kinds import ListKind, Sample, UndoRefused, kind_of, kinds
from cabinet.courses.services.listing import Choices, ListPlan
from cabinet.courses.services.planning import CompletionPlan
from cabinet.courses.services.selection import LARGEST_STEP, Rule
from cabinet.courses.services.undoing import undo_list

__all__ = [
    "LARGEST_STEP",
    "Choices",
    "CompletionPlan",
    "ListKind",
    "ListPlan",
    "Rule",
    "Sample",
    "UndoRefused",
    "import_list",
    "kind_of",
    "kinds",
    "plan_list",
    "recognise",
    "require_columns",
    "source_path",
    "undo_list",
]
