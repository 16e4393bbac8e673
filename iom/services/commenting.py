"""Remarks pinned to lines of a route, until somebody settles them."""

from django.db import transaction
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import User
from iom.models import LineComment, Route, Status
from iom.moves import Refused, hold, touch
from iom.services.lines import LINES
from iom.services.notices import write
from iom.services.offering import offer_help
from iom.services.snapshot import HEADER


def comment_on(route: Route, line: str, text: str, *, actor: User) -> LineComment:
    with transaction.atomic():
        hold(route)
        if not _stands(route, line):
            raise Refused("Этой строки в маршруте уже нет. Обновите страницу и напишите у другой.")
        comment = LineComment.objects.create(route=route, line=line, text=text.strip(), author=actor)
        touch(route)
        offer_help(route, actor)
        _tell(comment, actor)
    return comment


def _tell(comment: LineComment, actor: User) -> None:
    """The teacher, and whoever has written at this line before: one letter a day, about the first of the remarks."""
    route = comment.route
    before = route.comments.filter(line=comment.line).exclude(author=route.person_id)
    people = {one.author for one in before.select_related("author") if one.author} | {route.person}
    in_review = "agree" if route.status == Status.IN_REVIEW else "route"
    for one in people:
        page = "design" if one.pk == route.person_id else in_review
        write(route, "remark", one, {"комментарий": comment.text}, actor=actor, event=f"{today():%Y%m%d}", page=page)


def settle(comment: LineComment, *, actor: User) -> bool:
    """Says whether it was still open: a second click changes nothing."""
    now = timezone.now()
    changed = LineComment.objects.filter(pk=comment.pk, settled_at=None).update(settled_at=now, settled_by=actor)
    return bool(changed)


def threads_of(route: Route) -> dict[str, list[LineComment]]:
    """Every remark by its line, the settled ones too: they say what has been talked over."""
    threads: dict[str, list[LineComment]] = {}
    for one in route.comments.select_related("author", "settled_by"):
        threads.setdefault(one.line, []).append(one)
    return threads


def _stands(route: Route, line: str) -> bool:
    kind, _, pk = line.partition(":")
    if line == HEADER:
        return True
    return kind in LINES and pk.isdecimal() and LINES[kind]._default_manager.filter(route=route, pk=int(pk)).exists()
