"""The Django admin's name and door, what its pages share, and the admin of the calendar."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.db.models import DateField, DateTimeField, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cabinet.core.clock import forget_calendar
from cabinet.core.models import CalendarDay, QuietPeriod
from cabinet.core.search import fold
from cabinet.core.spreadsheet.long import DAY, MOMENT, unique_headers, write_long
from cabinet.core.spreadsheet.writer import SheetSpec

EXCEL_CHUNK = 2000
NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")

admin.site.site_header = "Цифровой кабинет методиста"
admin.site.site_title = "Кабинет методиста"
admin.site.index_title = "Администрирование"
# One door for all: the cabinet's login with its rate limits, codes and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class WordSearchAdmin(admin.ModelAdmin):
    """Search that folds Cyrillic case and ё/е on both engines; `search_fields` are plain or folded columns.

    A folded column's name ends in `_key`; in a plain one the word is looked for as typed, in small letters and
    with a capital, which is how names stand in dictionaries.
    """

    show_full_result_count = False
    list_per_page = 50
    change_list_template = "admin/list_with_excel.html"
    has_excel = True  # False where the rows must not leave the cabinet as a file

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in search_term.split():
            found = Q()
            for field in self.get_search_fields(request):
                folded = {fold(word)} if field.endswith("_key") else {word, word.lower(), word.capitalize()}
                for variant in folded:
                    found |= Q(**{f"{field}__contains": variant})
            queryset = queryset.filter(found)
        return queryset, False

    def excel(self, path: Path, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """The columns of the list with these rows, read a chunk at a time while the file is being written."""
        names = list(self.get_list_display(request))
        labels = [str(label_for_field(name, self.model, self)) for name in names]
        headers = unique_headers([label[:1].upper() + label[1:] for label in labels])
        formats = {}
        for name, header in zip(names, headers, strict=True):
            field = next((one for one in self.opts.concrete_fields if one.name == name), None)
            if isinstance(field, DateField):
                formats[header] = MOMENT if isinstance(field, DateTimeField) else DAY
        sheet = SheetSpec(self.excel_title, headers, self._excel_rows(names, rows), [28] * len(names))
        write_long(path, sheet, formats)

    @property
    def excel_title(self) -> str:
        return NOT_IN_TITLES.sub("", str(self.opts.verbose_name_plural))[:31]

    def _excel_rows(self, names: list[Any], rows: QuerySet[Any]) -> Iterator[list[Any]]:
        for row in rows.iterator(chunk_size=EXCEL_CHUNK):
            yield [self._excel_value(name, row) for name in names]

    def _excel_value(self, name: Any, row: Model) -> Any:
        field, _, value = lookup_field(name, row, self)
        if field is not None and field.is_relation:
            return getattr(row, field.name)
        if field is not None and field.choices:
            return getattr(row, f"get_{field.name}_display")()
        if isinstance(value, bool):
            return "да" if value else "нет"
        if isinstance(value, datetime):
            # Excel knows no time zones: what a reader sees is the region's time.
            return timezone.localtime(value).replace(tzinfo=None)
        return value


class ReadOnlyAdmin(WordSearchAdmin):
    """For looking only: what is here changes through the cabinet's own pages, with their rules and traces."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's own heading, «Выберите задача для просмотра», has the wrong case."""
        name = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": name[:1].upper() + name[1:], **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    """Lines that belong to the shown row, for looking only."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CalendarAdmin(WordSearchAdmin):
    """What is changed here holds at once."""

    search_fields = ["title"]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_calendar()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        forget_calendar()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        forget_calendar()


@admin.register(CalendarDay)
class CalendarDayAdmin(CalendarAdmin):
    list_display = ["day", "title", "is_working"]
    list_filter = ["is_working"]
    date_hierarchy = "day"


@admin.register(QuietPeriod)
class QuietPeriodAdmin(CalendarAdmin):
    list_display = ["title", "starts_on", "ends_on", "is_yearly"]
    list_filter = ["is_yearly"]
