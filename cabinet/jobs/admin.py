"""Admin of long work: for looking."""

from django.contrib import admin

from cabinet.core.admin import ReadOnlyAdmin
from cabinet.jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "title", "kind", "owner", "state", "done", "total", "attempts", "finished_at"]
    list_display_links = ["title"]
    list_filter = ["state", "kind"]
    list_select_related = ["owner"]
    search_fields = ["title", "owner__name_key"]
