"""Agreement: a route sent, agreed step by step or returned; its next version opened, the former one kept."""

from django.db import models, transaction

from cabinet.mail.services import letters_about
from cabinet.users.models import User
from iom.models import Ground, Route, RouteItem, RouteRevision, Status, Step
from iom.moves import Refused, hold, move
from iom.services.limits import to_agree, to_correct, to_the_end
from iom.services.notices import write
from iom.services.reviewing import (
    lines_to_agree,
    may_decide,
    open_verdicts,
    refuse_unread,
    reviews_of,
    words_for_return,
)
from iom.services.snapshot import snapshot
from iom.services.steps import Stage, later, stages_of, stand_in, waiting_for_nobody

AT_ONCE = 200  # routes looked at in one sweep


def submit(route: Route, *, actor: User) -> None:
    """Send to the first step; where the organization agrees nothing, the route is agreed at once."""
    with transaction.atomic():
        hold(route)
        if not route.items.exclude(status=RouteItem.Status.REMOVED).exists():
            raise Refused(
                "В маршруте нет ни одного мероприятия. Добавьте хотя бы одно, и маршрут можно будет отправить."
            )
        stages = stages_of(route)
        if not stages:
            accept(route, actor=actor)
            return
        first = stages[0]
        move(route, "submit", actor=actor, due=to_agree(), step=first.step)
        ask(route, first, actor)


def recall(route: Route, *, actor: User) -> None:
    """The author takes it back before it is agreed: a draft, or the version that was being made."""
    target = Status.REVISION if route.agreed_version else Status.DRAFT
    with transaction.atomic():
        hold(route)
        move(route, "recall", actor=actor, due=to_correct() if route.agreed_version else None, target=target)
        write(route, "recalled", route.person, actor=actor, page="design")


def agree(route: Route, *, actor: User, comment: str = "", seen: str = "") -> None:
    """One step. `seen` is the mark of what the approver read: nobody agrees to what he has not seen."""
    with transaction.atomic():
        hold(route)
        may_decide(route, actor)
        content = snapshot(route)
        if seen:
            refuse_unread(content, seen)
        if open_verdicts(route, content):
            raise Refused(
                "Есть строки с решением «уточнить» или «убрать». Верните маршрут с комментарием "
                "или измените решение, тогда его можно будет согласовать."
            )
        following = _following(route, actor)
        if following is None:
            accept(route, actor=actor, comment=comment)
            return
        move(route, "agree_step", actor=actor, due=to_agree(), comment=comment, step=following.step)
        ask(route, following, actor)


def send_back(route: Route, *, actor: User, comment: str) -> None:
    comment = comment.strip()
    if not comment:
        raise Refused("Напишите, что изменить: с этим комментарием маршрут вернётся к педагогу.")
    with transaction.atomic():
        hold(route)
        may_decide(route, actor)
        words = words_for_return(reviews_of(route, snapshot(route)))
        move(route, "return", actor=actor, due=to_correct(), comment=comment, return_comment=comment)
        whole = comment if words in comment else f"{comment}\n\n{words}"
        write(route, "returned", route.person, {"комментарий": whole}, actor=actor, page="design")
        if route.author_id != route.person_id:
            write(route, "returned", route.author, {"комментарий": whole}, actor=actor)


def open_revision(route: Route, *, actor: User, reason: str, source: models.Model | None = None) -> None:
    """«Актуализация»: the next version is made of the route as it stands; the agreed one stays readable.

    `source` is a row of a package above, such as a case of МОТОР: it becomes a ground of the route.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("Напишите, почему маршрут меняется: причина останется в его истории.")
    with transaction.atomic():
        hold(route)
        RouteRevision.objects.filter(route=route, version=route.version).update(reason=reason[:500])
        move(route, "revise", actor=actor, due=to_correct(), comment=reason, version=route.version + 1)
        if source is not None:
            ground = Ground(route=route, kind=Ground.Kind.MOTOR, text=reason[:400])
            ground.source = source
            Ground.objects.bulk_create([ground], ignore_conflicts=True)
        write(route, "revised", route.person, {"комментарий": reason}, actor=actor, page="design")


def pass_on_waiting() -> int:
    """Routes whose approver has left or is away for long go on to whoever may agree them now; run by beat.

    Says how many went on. Where the municipality has no specialist the step stays, and the admin is told.
    """
    return sum(_pass_on(route) for route in waiting_for_nobody().with_names().order_by("pk")[:AT_ONCE])


def _pass_on(route: Route) -> bool:
    with transaction.atomic():
        hold(route)
        if not waiting_for_nobody().filter(pk=route.pk).exists():
            return False
        stage, former = stand_in(route), Step(route.step)
        if stage.step != former:
            why = f"{former.label}: согласовать сейчас некому. Теперь решает {stage.step.label}"
            move(route, "pass_on", actor=None, due=to_agree(), comment=why, step=stage.step)
        told = letters_about(route).filter(kind="iom.to_agree", created_at__gte=route.status_since)
        known = set(told.values_list("to", flat=True))
        for one in stage.people:
            if one.pk not in known:
                write(route, "to_agree", one, page="agree")
    return stage.step != former


def drop_revision(route: Route, *, actor: User) -> None:
    """A new version opened by mistake is taken back while it differs from the agreed one in nothing."""
    with transaction.atomic():
        hold(route)
        if route.status == Status.REVISION and is_changed(route):
            raise Refused("В новой версии уже есть изменения: отправьте её на согласование или верните как было.")
        version = route.agreed_version or route.version
        move(route, "drop_revision", actor=actor, due=to_the_end(route), target=_going_on(route), version=version)
        RouteRevision.objects.filter(route=route, version=version).update(reason="")


def is_changed(route: Route) -> bool:
    """Does the route stand otherwise than it was agreed?"""
    return bool(lines_to_agree(route, snapshot(route))[0])


def accept(route: Route, *, actor: User | None, comment: str = "") -> None:
    """The version is agreed and kept as it stands; a route already begun goes on."""
    due, target = to_the_end(route), _going_on(route)
    move(route, "agree", actor=actor, due=due, comment=comment, target=target, agreed_version=route.version)
    RouteRevision.objects.update_or_create(
        route=route, version=route.version, defaults={"content": snapshot(route), "agreed_by": actor}
    )
    write(route, "agreed", route.person, {"комментарий": comment}, actor=actor)


def _going_on(route: Route) -> Status:
    begun = route.items.exclude(status__in=(RouteItem.Status.PLANNED, RouteItem.Status.REMOVED)).exists()
    return Status.ACTIVE if begun else Status.AGREED


def _following(route: Route, actor: User) -> Stage | None:
    """The step after the present one; none when the one who agrees holds that one as well."""
    rest = later(stages_of(route), Step(route.step))
    return next((stage for stage in rest if actor not in stage.people), None)


def ask(route: Route, stage: Stage, actor: User | None) -> None:
    for one in stage.people:
        write(route, "to_agree", one, actor=actor, page="agree")
