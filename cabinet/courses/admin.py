"""Admin of programmes, courses, who completed them, and the lists they came from."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cabinet.core.admin import ReadOnlyAdmin, WordSearchAdmin
from cabinet.courses.models import Completion, Course, ImportBatch, Programme


@admin.register(Programme)
class ProgrammeAdmin(WordSearchAdmin):
    list_display = ["title", "topic", "in_federal_register", "is_tracked"]
    list_filter = ["in_federal_register", "is_tracked", "topic"]
    list_select_related = ["topic"]
    search_fields = ["title_key"]
    autocomplete_fields = ["topic"]


@admin.register(Course)
class CourseAdmin(WordSearchAdmin):
    list_display = ["programme", "starts_on", "ends_on", "curator", "is_tracked"]
    list_filter = ["is_tracked", "ends_on"]
    list_select_related = ["programme", "curator"]
    search_fields = ["programme__title_key"]
    autocomplete_fields = ["programme", "curator"]
    date_hierarchy = "ends_on"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        """With the programme: a course is named by it, in dropdowns too."""
        return super().get_queryset(request).select_related("programme")


@admin.register(Completion)
class CompletionAdmin(WordSearchAdmin):
    list_display = ["person", "course", "organization", "position", "subject", "hours", "starts_on", "is_selected"]
    list_filter = ["is_selected", "organization__municipality", "created_at"]
    list_select_related = ["person", "course__programme", "organization", "position", "subject"]
    search_fields = ["person__name_key", "course__programme__title_key"]
    autocomplete_fields = ["organization", "position", "subject"]
    fields = [
        "person",
        "course",
        "organization",
        "position",
        "subject",
        "hours",
        "starts_on",
        "is_selected",
        "selection_why",
        "batch",
        "created_at",
    ]
    # Whom to follow is decided on the course's page, where its consequences are said.
    readonly_fields = ["person", "course", "is_selected", "selection_why", "batch", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Completions come with a list, which can be undone as a whole."""
        return False


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "file_name", "kind", "state", "created_by", "done_at"]
    list_display_links = ["file_name"]
    list_filter = ["kind", "state"]
    list_select_related = ["created_by"]
    search_fields = ["file_name"]
    fields = ["file_name", "kind", "state", "created_by", "created_at", "done_at", "result"]
