"""Admin of cases: for looking, with their history. They move only by the services, with their traces."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cabinet.core.admin import ReadOnlyAdmin, ReadOnlyInline
from motor.models import Case, Transition
from motor.moves import MOVES


class TransitionInline(ReadOnlyInline):
    model = Transition
    fields = ["at", "what", "from_status", "to_status", "actor", "comment", "version"]
    readonly_fields = ["what"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transition]:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description="действие")
    def what(self, transition: Transition) -> str:
        move = MOVES.get(transition.move)
        return move.label if move else transition.move


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ["id", "person", "organization", "programme", "status", "due_on", "responsible", "rma_member"]
    list_display_links = ["id", "person"]
    list_filter = ["status", "months", "was_late", "organization__municipality"]
    list_select_related = ["person", "organization", "completion__course__programme", "responsible", "rma_member__user"]
    search_fields = ["person__name_key"]
    inlines = [TransitionInline]
    # The link's public id and version stay out: an admin opens no survey in a teacher's name.
    fields = [
        "person",
        "organization",
        "completion",
        "months",
        "status",
        "status_since",
        "opens_on",
        "opened_at",
        "due_on",
        "was_late",
        "responsible",
        "rma_member",
        "without_rma",
        "outcome",
        "version",
        "closed_at",
    ]

    @admin.display(description="программа")
    def programme(self, case: Case) -> str:
        return case.completion.course.programme.title
