"""Programmes, their runs, who completed them, and the files they came from."""

from cabinet.courses.models.batch import ImportBatch
from cabinet.courses.models.completion import Completion
from cabinet.courses.models.course import Course, Programme

__all__ = ["Completion", "Course", "ImportBatch", "Programme"]
