"""Admin of the calendar."""

from django.contrib import admin

from cabinet.core.models import CalendarDay

admin.site.site_header = "Цифровой кабинет методиста"
admin.site.site_title = "Кабинет методиста"
admin.site.index_title = "Администрирование"


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin):
    list_display = ["day", "title", "is_working"]
    list_filter = ["is_working"]
    date_hierarchy = "day"
    search_fields = ["title"]
