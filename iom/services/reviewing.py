"""Line by line: what changed since the last agreed version, and the approver's word on each."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Value

from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import LineDecision, Route, RouteItem, RouteRevision, Status, Step
from iom.moves import Refused, hold, move_item, touch
from iom.services.lines import LINES
from iom.services.snapshot import HEADER, Content, LineChange, compare, digest_of, lines_of, snapshot

Verdict = LineDecision.Verdict
MARK = 12  # hexadecimal digits of a line's mark


@dataclass(frozen=True)
class Said:
    """Somebody's word on a line, for another who looks at it; not `is_current` once the line has changed."""

    decision: LineDecision
    is_current: bool


@dataclass(frozen=True)
class Review:
    """One changed line before the approver; `decision` counts while `is_current`: the line is as he read it."""

    change: LineChange
    decision: LineDecision | None
    others: list[Said]  # of the other steps

    @property
    def digest(self) -> str:
        return _digest(self.change)

    @property
    def is_current(self) -> bool:
        return self.decision is not None and self.decision.digest == self.digest

    @property
    def is_against(self) -> bool:
        return self.decision is not None and self.is_current and self.decision.verdict != Verdict.ACCEPT


@dataclass(frozen=True)
class Tally:
    """How far the approver has come."""

    total: int
    accepted: int
    against: int

    @property
    def left(self) -> int:
        return self.total - self.accepted - self.against


class Unread(Refused):
    """The route is no longer what the approver has read."""


def mark_of(content: Content) -> str:
    """What stands in the route, line by line: enough to say later which lines are no longer as they were read."""
    return ",".join(f"{name}={digest_of(line)[:MARK]}" for name, line in lines_of(content).items())


def _marks(mark: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in mark.split(","))


def unread_since(content: Content, seen: str) -> set[str]:
    """Lines that are new, other than they were, or gone since the mark was taken."""
    return {line for line, _ in set(_marks(mark_of(content)).items()) ^ set(_marks(seen).items())}


def seen_anew(seen: str, change: LineChange) -> str:
    """The mark of a page on which this one line has been shown again as it is now."""
    marks = _marks(seen)
    if change.now is not None:
        marks[change.line] = digest_of(change.now)[:MARK]
    return ",".join(f"{line}={mark}" for line, mark in marks.items())


def refuse_unread(content: Content, seen: str) -> None:
    """Nobody agrees to what he has not read."""
    if unread_since(content, seen):
        raise Unread("Пока вы читали, маршрут изменили. На странице он уже новый: посмотрите и ответьте ещё раз.")


def may_decide(route: Route, actor: User) -> None:
    if not Route.objects.approvable_by(actor).filter(pk=route.pk).exists():
        raise Refused(f"Решение по маршруту уже не за вами: {where_is(route)}. Обновите страницу.")


def where_is(route: Route) -> str:
    """For somebody who comes late."""
    if route.status == Status.IN_REVIEW:
        return f"сейчас его согласует {Step(route.step).label}"
    return f"сейчас он в состоянии «{route.get_status_display()}»"


def former_content(route: Route) -> Content | None:
    """The last agreed version, or nothing the first time."""
    if route.agreed_version is None:
        return None
    return (
        RouteRevision.objects.filter(route=route, version=route.agreed_version)
        .values_list("content", flat=True)
        .first()
    )


def lines_to_agree(route: Route, content: Content) -> tuple[list[LineChange], list[LineChange]]:
    """What changed since the last agreed version, and what the approver has agreed to before."""
    former = former_content(route)
    changes = compare(former, content)
    return [one for one in changes if one.what != "same"], [one for one in changes if one.what == "same" and former]


def reviews_of(route: Route, content: Content, changes: list[LineChange] | None = None) -> list[Review]:
    """The changed lines, each with the words said on it in this version."""
    if changes is None:
        changes, _ = lines_to_agree(route, content)
    said: dict[str, list[LineDecision]] = {}
    for one in LineDecision.objects.filter(route=route, version=route.version).select_related("author"):
        said.setdefault(one.line, []).append(one)
    return [_review(route, change, said.get(change.line, [])) for change in changes]


def _review(route: Route, change: LineChange, said: list[LineDecision]) -> Review:
    own = next((one for one in said if one.step == route.step), None)
    others = [Said(one, one.digest == _digest(change)) for one in said if one.step != route.step]
    return Review(change, own, others)


def changed_after_sending(route: Route, moment: datetime, reader: User) -> set[str]:
    """Lines others have written on since the route came to this approver. One query."""
    rows = [
        model._default_manager.filter(route=route, changed_at__gt=moment)
        .exclude(changed_by=reader)
        .order_by()
        .annotate(kind=Value(kind))
        .values_list("kind", "pk")
        for kind, model in LINES.items()
    ]
    found = {f"{kind}:{pk}" for kind, pk in rows[0].union(*rows[1:])}
    if route.changed_at > moment and route.changed_by_id != reader.pk:
        found.add(HEADER)
    return found


def tally_of(reviews: list[Review]) -> Tally:
    against = sum(one.is_against for one in reviews)
    return Tally(len(reviews), sum(one.is_current for one in reviews) - against, against)


def open_verdicts(route: Route, content: Content) -> list[Review]:
    """Lines the approver has not accepted and the author has not changed since."""
    return [one for one in reviews_of(route, content) if one.is_against]


def words_for_return(reviews: list[Review]) -> str:
    """The remarks at the lines as one comment, where the approver adds nothing of his own."""
    return "\n".join(
        f"— {one.change.title}: {one.decision.get_verdict_display()}. {one.decision.comment}"
        for one in reviews
        if one.decision and one.is_against
    )


def decide_line(
    route: Route, line: str, verdict: str, *, actor: User, comment: str = "", digest: str = ""
) -> LineDecision:
    """The approver's word on one line as it stands now; `digest` is the line as he read it.

    Raises Refused without a comment where one is needed.
    """
    comment = comment.strip()
    if verdict != Verdict.ACCEPT and not comment:
        raise Refused("Напишите, что уточнить или почему убрать: педагог прочитает это у строки.")
    with transaction.atomic():
        hold(route)
        may_decide(route, actor)
        change = next((one for one in lines_to_agree(route, snapshot(route))[0] if one.line == line), None)
        if change is None:
            raise Refused("Этой строки среди изменённых уже нет. Обновите страницу.")
        if verdict == Verdict.REMOVE and not change.can_be_removed:
            raise Refused("Эту строку убрать нельзя. Выберите «уточнить» и напишите, что в ней изменить.")
        if digest and digest != _digest(change):
            raise Refused("Пока вы читали, строку изменили. Вот какая она теперь: прочитайте и ответьте ещё раз.")
        found = _keep(route, change, verdict, comment, actor)
        touch(route)
    return found


def accept_rest(route: Route, *, actor: User, seen: str) -> int:
    """«Принять всё остальное»: the lines read and not answered yet; says how many."""
    with transaction.atomic():
        hold(route)
        may_decide(route, actor)
        content = snapshot(route)
        refuse_unread(content, seen)
        rest = [one.change for one in reviews_of(route, content) if not one.is_current]
        for change in rest:
            _keep(route, change, Verdict.ACCEPT, "", actor)
        touch(route)
    return len(rest)


def _keep(route: Route, change: LineChange, verdict: str, comment: str, actor: User) -> LineDecision:
    found, _ = LineDecision.objects.update_or_create(
        route=route,
        version=route.version,
        step=route.step,
        line=change.line,
        defaults={"verdict": verdict, "comment": comment, "author": actor, "digest": _digest(change)},
    )
    return found


def _digest(change: LineChange) -> str:
    return digest_of(change.now or {"line": change.line, "removed": "1"})


def accept_removal(item: RouteItem, *, actor: User) -> None:
    """The author agrees to take away what the approver asked to: one click."""
    route = item.route
    with transaction.atomic():
        hold(route)
        asked = LineDecision.objects.filter(
            route=route, version=route.version, line=item.line, verdict=Verdict.REMOVE
        ).last()
        if asked is None or route.status not in Route.OPEN_TO_CHANGE:
            raise Refused("Убрать этот пункт никто не просит. Обновите страницу.")
        move_item(item, "remove", actor=actor, removed_reason=asked.comment[:300])
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note="пункт убран по замечанию")


def said_on(route: Route, content: Content) -> dict[str, Said]:
    """The words of this version for the designer, by line; of several, one that stands and asks for something."""
    decisions = LineDecision.objects.filter(route=route, version=route.version).select_related("author")
    digests = {line: digest_of(words) for line, words in lines_of(content).items()}
    found = [Said(one, digests.get(one.line) == one.digest) for one in decisions]
    found.sort(key=lambda one: (one.is_current, one.decision.verdict != Verdict.ACCEPT, one.decision.pk))
    return {one.decision.line: one for one in found}
