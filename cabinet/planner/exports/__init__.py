"""Lists of the planner as workbooks."""

from cabinet.planner.exports.guests import write_guests

__all__ = ["write_guests"]
