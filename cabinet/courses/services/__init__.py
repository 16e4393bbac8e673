"""What happens to courses and their lists."""

from cabinet.courses.services.batches import (
    LAYOUTS,
    import_list,
    plan_list,
    recognise,
    require_columns,
    source_path,
)
from cabinet.courses.services.planning import Choices, CompletionPlan
from cabinet.courses.services.selection import LARGEST_STEP, Rule
from cabinet.courses.services.staff import StaffPlan
from cabinet.courses.services.undoing import UndoRefused, undo_list

__all__ = [
    "LARGEST_STEP",
    "LAYOUTS",
    "Choices",
    "CompletionPlan",
    "Rule",
    "StaffPlan",
    "UndoRefused",
    "import_list",
    "plan_list",
    "recognise",
    "require_columns",
    "source_path",
    "undo_list",
]
