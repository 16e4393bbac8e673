"""Line by line: what changed since the last agreed version, and the approver's word on each."""

import hashlib
import json
from dataclasses import dataclass

from django.db import transaction

from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import LineDecision, Route, RouteItem, RouteRevision, Step
from iom.moves import Refused, hold, move_item, touch
from iom.services.snapshot import Content, LineChange, changed, compare, digest_of, lines_of, snapshot

Verdict = LineDecision.Verdict


@dataclass(frozen=True)
class Review:
    """One changed line before the approver; `decision` counts while `is_current`: the line is as he read it."""

    change: LineChange
    decision: LineDecision | None
    former: LineDecision | None  # of the step before

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


@dataclass(frozen=True)
class Said:
    """The approver's word beside a line that its author looks at; not `is_current` once the line has changed."""

    decision: LineDecision
    is_current: bool


def mark_of(content: Content) -> str:
    """What stands in the route, in one word."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def refuse_unread(content: Content, seen: str) -> None:
    """Nobody agrees to what he has not read."""
    if seen != mark_of(content):
        raise Refused("Пока Вы читали, маршрут изменили. На странице он уже новый: посмотрите и ответьте ещё раз.")


def may_decide(route: Route, actor: User) -> None:
    if not Route.objects.approvable_by(actor).filter(pk=route.pk).exists():
        raise Refused(
            f"Решение по маршруту уже не за Вами: сейчас он в состоянии «{route.get_status_display()}». "
            "Обновите страницу."
        )


def former_content(route: Route) -> Content | None:
    """The last agreed version, or nothing the first time."""
    if route.agreed_version is None:
        return None
    return (
        RouteRevision.objects.filter(route=route, version=route.agreed_version)
        .values_list("content", flat=True)
        .first()
    )


def reviews_of(route: Route, content: Content) -> list[Review]:
    """What changed since the last agreed version, each with the word said on it."""
    said: dict[tuple[str, str], LineDecision] = {
        (one.step, one.line): one
        for one in LineDecision.objects.filter(route=route, version=route.version).select_related("author")
    }
    other = Step.METHODIST if route.step != Step.METHODIST else Step.HEAD
    return [
        Review(change, said.get((route.step, change.line)), said.get((other, change.line)))
        for change in changed(former_content(route), content)
    ]


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
        change = next((one for one in changed(former_content(route), snapshot(route)) if one.line == line), None)
        if change is None:
            raise Refused("Этой строки среди изменённых уже нет. Обновите страницу.")
        if verdict == Verdict.REMOVE and not change.can_be_removed:
            raise Refused("Эту строку убрать нельзя. Выберите «уточнить» и напишите, что в ней изменить.")
        if digest and digest != _digest(change):
            raise Refused("Пока Вы читали, строку изменили. Вот какая она теперь: прочитайте и ответьте ещё раз.")
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


def unchanged_of(route: Route, content: Content) -> list[LineChange]:
    """The lines the approver has agreed to before; the first time there are none."""
    former = former_content(route)
    return [one for one in compare(former, content) if one.what == "same"] if former else []


def said_on(route: Route) -> dict[str, Said]:
    """The words of this version for the designer, by line; the later step's where two have spoken."""
    decisions = list(LineDecision.objects.filter(route=route, version=route.version).select_related("author"))
    if not decisions:
        return {}
    digests = {line: digest_of(words) for line, words in lines_of(snapshot(route)).items()}
    decisions.sort(key=lambda one: (one.verdict != Verdict.ACCEPT, one.pk))  # what asks for something is not hidden
    return {one.line: Said(one, digests.get(one.line) == one.digest) for one in decisions}
