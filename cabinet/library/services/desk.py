"""What the library asks of a person today; the first page puts it beside his other work."""

from typing import Any

from django.db.models import Count, Q, Value
from django.urls import reverse

from cabinet.core.words import counted
from cabinet.core.works import PERSONAL, Asked, Work, WorkLine, asked_rows
from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services.links import failing
from cabinet.users.models import User

WORKS = {
    "material_back": Work(
        "Материалы",
        "Хранитель просит поправить",
        "Поправить материал",
        "Открыть",
        (PERSONAL,),
        "library:own",
    ),
    "offers": Work(
        "Библиотека", "Примите или верните", "Рассмотреть предложенное", "Рассмотреть", ("admin",), "library:queue"
    ),
    "links": Work(
        "Ссылки библиотеки",
        "Исправьте или уберите в архив",
        "Посмотреть ссылки",
        "Посмотреть",
        ("admin",),
        "library:broken",
    ),
}
OFFERED = "offered"  # what one waits for: own materials the keeper has not looked at


def asked(user: User) -> list[Any]:
    """Arms of one query."""
    own = Material.objects.filter(owner=user)
    # A new version of what is in the library waits as a version, not as a material; of what is in the archive, not.
    new = Q(state=Material.State.PUBLISHED, versions__state=MaterialVersion.State.OFFERED)
    waits = Q(state=Material.State.OFFERED) | new
    arms = [
        asked_rows(own.filter(state=Material.State.RETURNED), "material_back", title="title"),
        asked_rows(_number(own.filter(waits)), OFFERED, pk=Value(0), number="count"),
    ]
    if "admin" in user.roles:
        arms.append(asked_rows(_number(Material.objects.filter(waits)), "offers", pk=Value(0), number="count"))
        broken = failing().filter(link_state=Material.LinkState.BROKEN)
        arms.append(asked_rows(_number(broken), "links", pk=Value(0), number="count"))
    return arms


def _number(materials: Any) -> Any:
    """One row with their number; none when there are none."""
    rows = materials.order_by().annotate(all=Value(1)).values("all")
    return rows.annotate(count=Count("pk", distinct=True))


def line_of(row: Asked) -> WorkLine:
    work = WORKS[row.code]
    if row.code == "links":
        count = counted(row.number or 0, "ссылка не открывается", "ссылки не открываются", "ссылок не открываются")
        return WorkLine(work.line, count, "", work.address)
    if row.code == "offers":
        waiting = counted(row.number or 0, "материал ждёт", "материала ждут", "материалов ждут")
        return WorkLine(work.line, f"{waiting} решения", "", work.address)
    return WorkLine(work.line, row.title, "", reverse("library:material", args=[row.pk]))
