"""Admin of polls: for looking; they change on their own pages. Answers and sums are not here.

Neither are participants: beside a moment of the admin's own log their marks would tell who answered when.
"""

from django.contrib import admin

from cabinet.core.admin import ReadOnlyAdmin
from cabinet.polls.models import Poll


@admin.register(Poll)
class PollAdmin(ReadOnlyAdmin):
    list_display = ["title", "scope", "organization", "municipality", "author", "state", "is_anonymous", "closes_on"]
    list_filter = ["state", "scope", "is_anonymous", "is_by_link", "is_example"]
    list_select_related = ["organization", "municipality", "author"]
    search_fields = ["title"]
    fields = [
        *("title", "text", "is_anonymous", "is_by_link", "scope", "organization", "municipality", "community"),
        *("roles", "author", "source", "state", "closes_on"),
    ]
