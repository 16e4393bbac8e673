"""Through whose hands a request has gone, and where it goes on."""

from collections.abc import Iterable, Sequence
from typing import Any

from cabinet.users.models import User
from rma.models import Request

DEPTH = 8  # how many hands of one request are looked back at
DECLINED_THIS = "уже отказался по этому запросу"
HAD_THIS = "запрос уже был у него"
HAS_THIS = "запрос сейчас у него"
LEVELS = ["__".join(["former"] * depth) for depth in range(1, DEPTH + 1)]


def former_members(requests: Iterable[Request]) -> dict[int, dict[int, str]]:
    """Request → who has had it already, and how it ended with him; by one query."""
    pks = [one.pk for one in requests]
    columns = [column for level in LEVELS for column in (f"{level}__member", f"{level}__status")]
    rows = Request.objects.filter(pk__in=pks).order_by().values_list("pk", "member", "status", *columns) if pks else ()
    return {pk: _hands(values) for pk, *values in rows}


def _hands(values: Sequence[Any]) -> dict[int, str]:
    """Of (member, status) pairs, the latest first."""
    found: dict[int, str] = {}
    for member, status in zip(values[::2], values[1::2], strict=True):
        if member is not None:
            said = DECLINED_THIS if status == Request.Status.DECLINED else HAD_THIS
            found.setdefault(member, HAS_THIS if status in Request.OPEN else said)
    return found


def earlier(request: Request, *, with_reasons: bool = True) -> list[Request]:
    """Through whose hands it has gone before, the latest first; why somebody declined is for whoever asked."""
    if request.former_id is None:
        return []
    values = Request.objects.filter(pk=request.pk).values_list(*LEVELS).first() or ()
    pks = [pk for pk in values if pk is not None]
    found = Request.objects.select_related("member__user").in_bulk(pks)
    hands = [found[pk] for pk in pks if pk in found]
    for one in hands:
        if one.status == Request.Status.DECLINED and not with_reasons:
            one.answer = ""
    return hands


def continued(request: Request, user: User) -> Request | None:
    """The request it has gone on as, where this person may read it."""
    if request.is_live:
        return None
    rows = Request.objects.visible_to(user).filter(former=request)
    return rows.with_names().order_by("-pk").first()
