"""Admin of tasks and events: for looking; they change on their own pages."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cabinet.core.admin import ReadOnlyAdmin
from cabinet.planner.models import Event, Task


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ["title", "assignee", "author", "organization", "due_on", "status"]
    list_filter = ["status", "is_required", "kind"]
    list_select_related = ["assignee", "author", "organization"]
    search_fields = ["title", "assignee__name_key"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "on", "scope", "organization", "municipality", "author", "is_cancelled"]
    list_filter = ["kind", "scope", "is_cancelled"]
    list_select_related = ["organization", "municipality", "author"]
    search_fields = ["title"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Event]":
        """Personal events are no more the administrator's than anybody's."""
        found: QuerySet[Event] = super().get_queryset(request).exclude(scope=Event.Scope.PERSONAL)
        return found
