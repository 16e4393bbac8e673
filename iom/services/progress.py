"""How far a route has come: numbers for a bar, and the same in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from cabinet.core.words import plural
from iom.models import RouteItem

Items = RouteItem.Status


@dataclass(frozen=True)
class Progress:
    """`done` of `total` items are confirmed; removed ones count in neither."""

    done: int
    total: int
    removed: int
    late: int
    in_practice: int
    words: str

    @property
    def is_over(self) -> bool:
        """Every item is confirmed or removed, and there is something to complete."""
        return self.done == self.total and self.total + self.removed > 0


def progress_of(items: Iterable[RouteItem]) -> Progress:
    """No queries: the rows are those the caller has loaded."""
    rows = list(items)
    live = [one for one in rows if one.status != Items.REMOVED]
    done = sum(one.status == Items.CONFIRMED for one in live)
    late = sum(one.is_overdue for one in live)
    removed = len(rows) - len(live)
    return Progress(
        done, len(live), removed, late, sum(one.is_in_practice for one in live), _words(live, done, late, removed)
    )


def _words(live: list[RouteItem], done: int, late: int, removed: int) -> str:
    if not live:
        return "Пунктов пока нет" if not removed else "Все пункты исключены"
    submitted = sum(one.status == Items.SUBMITTED for one in live)
    returned = sum(one.status == Items.RETURNED for one in live)
    parts = [f"{plural(done, 'Выполнен', 'Выполнено', 'Выполнено')} {done} из {len(live)}"]
    if submitted:
        parts.append(f"{submitted} на проверке")
    if returned:
        parts.append(f"{returned} на доработке")
    if late:
        parts.append(f"{late} {plural(late, 'просрочен', 'просрочено', 'просрочено')}")
    if removed:
        parts.append(f"{removed} {plural(removed, 'исключён', 'исключено', 'исключено')}")
    return ", ".join(parts)
