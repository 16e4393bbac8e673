"""Admin of the roster and, for looking, of requests."""

from django.contrib import admin

from cabinet.core.admin import ReadOnlyAdmin, WordSearchAdmin
from rma.models import Member, Request


@admin.register(Member)
class MemberAdmin(WordSearchAdmin):
    list_display = ["user", "status", "case_limit", "note"]
    list_filter = ["status", "subjects"]
    list_select_related = ["user"]
    search_fields = ["user__name_key"]
    autocomplete_fields = ["user", "subjects"]


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "status", "member", "person", "organization", "due_on"]
    list_filter = ["kind", "status"]
    list_select_related = ["member__user", "person", "organization"]
    search_fields = ["member__user__name_key", "person__name_key"]
