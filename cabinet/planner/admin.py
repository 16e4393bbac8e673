"""Admin of tasks: for looking; they change on their own pages."""

from django.contrib import admin

from cabinet.core.admin import ReadOnlyAdmin
from cabinet.planner.models import Task


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ["title", "assignee", "author", "organization", "due_on", "status"]
    list_filter = ["status", "is_required", "kind"]
    list_select_related = ["assignee", "author", "organization"]
    search_fields = ["title", "assignee__name_key"]
