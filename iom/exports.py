"""The list of routes as an Excel file, written by a worker chunk by chunk; the second sheet: who has none."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from cabinet.core.search import squeeze
from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.files.services import store_path, work_folder
from cabinet.jobs.models import Job
from cabinet.jobs.services import JobFailed, Run, handler, order_job
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.filters import DEFAULT_SORT, RouteFilter, WithoutFilter, sorted_routes
from iom.models import Route
from iom.services.overview import HELPERS, Row, people_without, rows_of, with_last_route

KIND = "iom.export"
CHUNK = 500
HEADERS = (
    "ФИО",
    "ОО",
    "Муниципалитет",
    "Должность",
    "Предмет",
    "Маршрут",
    "Начало",
    "Окончание",
    "Где ведётся",
    "Состояние",
    "Чей ход",
    "Что ожидается",
    "Срок",
    "Просрочен",
    "Подтверждено мероприятий",
    "Всего мероприятий",
    "Версия",
    "Наставник",
    "Методист РМА",
)
WIDTHS = (32, 36, 26, 22, 22, 44, 12, 12, 22, 18, 22, 40, 12, 11, 15, 13, 9, 28, 28)
NONE_HEADERS = ("ФИО", "ОО", "Муниципалитет", "Должность", "Предмет", "Прежний маршрут", "Окончен")
NONE_WIDTHS = (32, 36, 26, 22, 22, 44, 12)


def order_export(user: User, query: QueryDict) -> Job:
    """The same order again while the first one waits is the first one: a second click changes nothing."""
    params = {"query": query.urlencode(), "roles": sorted(user.roles)}
    waiting = Job.objects.filter(owner=user, kind=KIND, finished_at=None, params=params).first()
    if waiting is not None:
        return waiting
    with transaction.atomic():
        return order_job(KIND, "Выгрузка маршрутов", user, params)


@handler(KIND)
def export_routes(run: Run) -> dict[str, Any]:
    """Write the file an order asks for; the rights are those of this minute, not of the order's."""
    owner = run.job.owner
    if owner is None or not owner.is_active or sorted(owner.roles) != run.job.params["roles"]:
        raise JobFailed("С заказа изменились ваши роли. Закажите выгрузку ещё раз.")
    if not owner.roles & HELPERS:
        raise JobFailed("Выгрузка доступна тем, кто видит маршруты других.")
    query = QueryDict(run.job.params["query"])
    found = RouteFilter(query, queryset=Route.objects.visible_to(owner), user=owner)
    without = WithoutFilter(query, queryset=people_without(owner), user=owner)
    keys = list(sorted_routes(found.rows, query.get("sort", DEFAULT_SORT)).values_list("pk", flat=True))
    people = list(without.rows.order_by("organization__name", "name_key", "pk").values_list("pk", flat=True))
    total = len(keys) + len(people)
    about = _about(found.chosen, without.chosen, len(keys), len(people))

    def progress(done: int) -> None:
        run.progress(done, total)

    def after_routes(done: int) -> None:
        run.progress(len(keys) + done, total)

    with work_folder() as folder:
        path = folder / "routes.xlsx"
        with path.open("wb") as target:
            write_workbook(
                target,
                [
                    SheetSpec("Маршруты", HEADERS, _lines(keys, progress), WIDTHS),
                    SheetSpec("Без маршрута", NONE_HEADERS, _people(people, owner, after_routes), NONE_WIDTHS),
                    SheetSpec("О файле", ("Что", "Значение"), about, (36, 80)),
                ],
            )
        with transaction.atomic():
            name = f"Маршруты {timezone.localtime():%Y-%m-%d %H-%M}.xlsx"
            store_path(name, path, owner=run.job, uploaded_by=owner)
            record(LogEntry.Action.EXPORTED, actor=owner, about=run.job, note=f"маршруты, строк: {len(keys)}")
            result = {"rows": len(keys)}
            run.finish(result)
    return result


def _lines(keys: list[int], progress: Callable[[int], None]) -> Iterator[list[object]]:
    for start in range(0, len(keys), CHUNK):
        for row in rows_of(keys[start : start + CHUNK]):
            yield line_of(row)
        progress(min(start + CHUNK, len(keys)))


def line_of(row: Row) -> list[object]:
    route = row.route
    rma = route.rma_member
    return [
        route.person.full_name,
        str(route.organization),
        str(route.organization.municipality),
        str(route.position or ""),
        str(route.subject or ""),
        squeeze(route.title),
        route.starts_on,
        route.ends_on,
        (route.outside_note or "вне кабинета") if route.is_outside else "в кабинете",
        "Ведётся вне кабинета" if route.is_outside else route.get_status_display(),
        "педагог" if row.is_teachers else row.turn.whose,
        row.turn.what,
        route.due_on,
        "да" if row.is_late else "",
        None if route.is_outside else row.done,
        None if route.is_outside else row.total,
        route.version,
        route.mentor.full_name if route.mentor else "",
        rma.user.full_name if rma else "",
    ]


def _people(keys: list[int], reader: User, progress: Callable[[int], None]) -> Iterator[list[object]]:
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        people: dict[int, Any] = {one.pk: one for one in with_last_route(User.objects.filter(pk__in=part), reader)}
        for one in (people[pk] for pk in part if pk in people):
            yield [
                one.full_name,
                str(one.organization),
                str(one.organization.municipality) if one.organization else "",
                str(one.position or ""),
                str(one.subject or ""),
                squeeze(one.last_title or ""),
                one.last_ended,
            ]
        progress(min(start + CHUNK, len(keys)))


def _about(
    chosen: list[tuple[str, str]], chosen_people: list[tuple[str, str]], routes: int, people: int
) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = [("По состоянию на", f"{timezone.localtime():%d.%m.%Y %H:%M}")]
    lines += [(f"Отбор: {label}", value) for label, value in chosen] or [("Отбор", "нет: все доступные маршруты")]
    lines.append(("Маршрутов в файле", routes))
    lines.append(("Без маршрута", "педагоги, у которых нет действующего маршрута ни в кабинете, ни вне его"))
    lines += [(f"Без маршрута, отбор: {label}", value) for label, value in chosen_people]
    lines.append(("Без маршрута в файле", people))
    return lines
