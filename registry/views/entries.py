"""The list of registry lines. A view picks rows, calls a service and names a template; no rules here."""

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.clock import today
from cabinet.core.fragments import wants_fragment
from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from registry.filters import DEFAULT_SORT, EntryFilter, sorted_rows
from registry.models import READERS, Entry
from registry.services.columns import TITLES, cells, dictionaries_of, values_of
from registry.services.follow_up import follow_up_of
from registry.services.recording import Beside, beside_lines

PAGE_SIZE = 25
VARIANT = TITLES.index("вариант")


@require_safe
@roles_required(*READERS)
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
def entry_list(request: HttpRequest) -> HttpResponse:
    found = EntryFilter(request.GET, queryset=Entry.objects.visible_to(request.user), user=request.user)
    rows = sorted_rows(found.rows, request.GET.get("sort", DEFAULT_SORT))
    # Numbers of the page first, names for those only: sorting whole joined lines of a region is slow.
    page: Paginator[int] = Paginator(_pks(rows), PAGE_SIZE)
    shown = page.get_page(request.GET.get("page"))
    is_full = request.GET.get("view") == "full"
    lines = lines_of(list(shown.object_list), None if is_full else request.user)
    context = {
        "filter": found,
        "page": shown,
        "lines": lines,
        "titles": TITLES,
        "is_full": is_full,
        "query": filter_of(request),
        "can_record": any(line["beside"].can_record for line in lines),
    }
    template = "registry/registry.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


def filter_of(request: HttpRequest) -> str:
    """«?…» with the filter and the page: whoever records a line comes back to them."""
    query = request.GET.copy()
    query.pop("close", None)
    return f"?{query.urlencode()}" if query else ""


def _pks(rows: QuerySet[Entry]) -> Any:
    return rows.values_list("pk", flat=True)


def lines_of(pks: list[int], reader: User | AnonymousUser | None) -> list[dict[str, Any]]:
    """Entries of a page in its order, each with its 33 cells as they are shown; for a reader with their records."""
    entries = Entry.objects.filter(pk__in=pks).with_names().in_bulk()
    ordered = [entries[pk] for pk in pks if pk in entries]
    names, day = dictionaries_of(ordered), today()
    steps = follow_up_of({one.pk: one.variant for one in ordered}) if ordered else {}
    beside = beside_lines([one.pk for one in ordered], reader) if ordered and isinstance(reader, User) else {}
    lines = []
    for one in ordered:
        row = cells(values_of(one), names, steps.get(one.pk), day)
        lines.append(
            {
                "entry": one,
                "cells": [shown(cell) for cell in row],
                "variant": row[VARIANT],
                "beside": beside.get(one.pk, Beside()),
            }
        )
    return lines


def shown(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else str(cell)
