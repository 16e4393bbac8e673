"""The registry as an Excel file, streamed: neither the rows nor the file are ever whole in memory."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from rustpy_xlsxwriter import FastExcel, Format

from cabinet.core.clock import today
from cabinet.files.services import store_path, work_folder
from cabinet.jobs.services import JobFailed, Run, handler, order_job
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from registry.filters import DEFAULT_SORT, EntryFilter, sorted_rows
from registry.models import WITH_VARIANT, Entry, EntryQuerySet, Export, Result, scope_key
from registry.services.columns import DATES, READ, TITLES, all_dictionaries, cells
from registry.services.follow_up import follow_up_of

KIND = "registry.export"
CHUNK = 2000
SHEET, ABOUT = "Реестр", "О выгрузке"
DATE_FORMAT = "dd.mm.yyyy"
WIDTHS = (
    16, 28, 40, 30, 8, 34, 24, 20, 50, 28, 8, 16, 14, 12, 16, 28, 14, 30, 34, 34, 16, 16, 26, 12, 32,
    13, 18, 26, 18, 50, 26, 16, 14,
)  # fmt: skip

Progress = Callable[[int, int], None]


def write_registry(path: Path, rows: EntryQuerySet, chosen: list[tuple[str, str]], progress: Progress) -> int:
    """Write the chosen lines and the sheet that tells about them; says how many lines.

    Text stays text: the writer makes formulas only where it is told to, whatever a cell begins with.
    """
    total = rows.count()
    dates = Format().set_num_format(DATE_FORMAT)
    bold = Format().set_bold().set_text_wrap().set_background_color("#E7EFEC")
    counts: Counter[str] = Counter()
    book = FastExcel(str(path)).freeze(row=1, col=0, sheet=SHEET)
    book.sheet(
        SHEET,
        # Without a line the header has to be told apart from the data by a row of empty cells.
        _records(rows, total, counts, progress) if total else [dict.fromkeys(TITLES)],
        column_widths=dict(zip(TITLES, WIDTHS, strict=True)),
        column_formats=dict.fromkeys(DATES, dates),
        header_format=bold,
        autofilter=True,
    )
    book.sheet(ABOUT, _about(chosen, counts), column_widths=[44, 80], header_format=bold)
    book.save()
    return counts.total()


def _records(rows: EntryQuerySet, total: int, counts: Counter[str], progress: Progress) -> Iterator[dict[str, Any]]:
    names, day = all_dictionaries(), today()
    result, variant = READ.index("result"), READ.index("variant")
    # A server-side cursor on PostgreSQL; fetching goes on while the file is being written.
    lines = rows.values_list(*READ).iterator(chunk_size=CHUNK)
    done = 0
    while chunk := list(islice(lines, CHUNK)):
        steps = follow_up_of({line[-1]: line[variant] for line in chunk})
        for line in chunk:
            counts[line[result]] += 1
            yield dict(zip(TITLES, cells(line, names, steps.get(line[-1]), day), strict=True))
        done += len(chunk)
        progress(min(done, total), total)


def _about(chosen: list[tuple[str, str]], counts: Counter[str]) -> Iterator[dict[str, str | int]]:
    """The second sheet: when, what was chosen, how many of what, and the base of any share.

    Written after the first one, when `counts` holds exactly the lines that went into it.
    """
    # As text: the writer takes one number format for a whole column, and the others are counts.
    lines: list[tuple[str, str | int]] = [("По состоянию на", f"{timezone.localtime():%d.%m.%Y %H:%M}")]
    lines += [(f"Фильтр: {label}", value) for label, value in chosen] or [("Фильтры", "нет: весь доступный реестр")]
    lines.append(("Строк в выгрузке", counts.total()))
    lines += [(label, counts[code]) for code, label in Result.choices]
    lines.append(("База долей: карт с вариантом", sum(counts[code] for code in WITH_VARIANT)))
    for label, value in lines:
        yield {"Показатель": label, "Значение": value}


# --- The job -------------------------------------------------------------------------------------------------


def order_export(user: User, query: QueryDict) -> Export:
    """Order the lines an address shows to this person; a worker writes the file.

    The same order again while the first one is waiting is the first one: a second click changes nothing.
    """
    found = EntryFilter(query, queryset=Entry.objects.visible_to(user), user=user)
    waiting = Export.objects.visible_to(user).filter(query=query.urlencode(), job__finished_at=None).first()
    if waiting is not None:
        return waiting
    with transaction.atomic():
        return Export.objects.create(
            job=order_job(KIND, "Выгрузка реестра", user),
            owner=user,
            scope=scope_key(user),
            query=query.urlencode(),
            filters=found.chosen,
        )


@handler(KIND)
def export_registry(run: Run) -> dict[str, Any]:
    """Write the file an order asks for; the rights are those of this minute, not of the order's."""
    export = Export.objects.select_related("owner").get(job=run.job)
    if not export.owner.is_active or export.scope != scope_key(export.owner):
        raise JobFailed("С заказа изменились ваши роли. Закажите выгрузку ещё раз.")
    query = QueryDict(export.query)
    found = EntryFilter(query, queryset=Entry.objects.visible_to(export.owner), user=export.owner)
    rows = sorted_rows(found.rows, query.get("sort", DEFAULT_SORT))
    with work_folder() as folder:
        path = folder / "registry.xlsx"
        count = write_registry(path, rows, found.chosen, run.progress)
        with transaction.atomic():
            run.progress(count, count, force=True)
            name = f"Реестр {timezone.localtime():%Y-%m-%d %H-%M}.xlsx"
            store_path(name, path, owner=export, uploaded_by=export.owner)
            Export.objects.filter(pk=export.pk).update(rows=count)
            record(LogEntry.Action.EXPORTED, actor=export.owner, about=export, note=f"реестр, строк: {count}")
            result = {"rows": count, "page": reverse("registry:exports")}
            run.finish(result)
    return result
