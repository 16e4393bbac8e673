"""Agreement: a route sent, agreed step by step or returned; its next version opened, the former one kept."""

from django.db import models, transaction

from cabinet.users.models import User
from iom.models import Ground, Route, RouteItem, RouteRevision, Status, Step
from iom.moves import Refused, hold, move
from iom.services.limits import to_agree, to_correct
from iom.services.notices import write
from iom.services.reviewing import may_decide, open_verdicts, refuse_unread
from iom.services.snapshot import snapshot
from iom.services.steps import Stage, later, stages_of


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
            _accept(route, actor=actor)
            return
        first = stages[0]
        move(route, "submit", actor=actor, due=to_agree(), step=first.step)
        _ask(route, first, actor)


def recall(route: Route, *, actor: User) -> None:
    """The author takes it back before it is agreed: a draft, or the version that was being made."""
    target = Status.REVISION if route.agreed_version else Status.DRAFT
    with transaction.atomic():
        hold(route)
        move(route, "recall", actor=actor, due=to_correct() if route.agreed_version else None, target=target)


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
            _accept(route, actor=actor, comment=comment)
            return
        move(route, "agree_step", actor=actor, due=to_agree(), comment=comment, step=following.step)
        _ask(route, following, actor)


def send_back(route: Route, *, actor: User, comment: str) -> None:
    comment = comment.strip()
    if not comment:
        raise Refused("Напишите, что изменить: с этим комментарием маршрут вернётся к педагогу.")
    with transaction.atomic():
        hold(route)
        may_decide(route, actor)
        move(route, "return", actor=actor, due=to_correct(), comment=comment, return_comment=comment)
        write(route, "returned", route.person, {"комментарий": comment}, actor=actor)
        if route.author is not None and route.author_id != route.person_id:
            write(route, "returned", route.author, {"комментарий": comment}, actor=actor)


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
        write(route, "revised", route.person, {"комментарий": reason}, actor=actor)


def _accept(route: Route, *, actor: User, comment: str = "") -> None:
    """The version is agreed and kept as it stands; a route already begun goes on."""
    begun = route.items.exclude(status__in=(RouteItem.Status.PLANNED, RouteItem.Status.REMOVED)).exists()
    target = Status.ACTIVE if begun else Status.AGREED
    move(route, "agree", actor=actor, due=None, comment=comment, target=target, agreed_version=route.version)
    RouteRevision.objects.update_or_create(
        route=route, version=route.version, defaults={"content": snapshot(route), "agreed_by": actor}
    )
    write(route, "agreed", route.person, {"комментарий": comment}, actor=actor)


def _following(route: Route, actor: User) -> Stage | None:
    """The step after the present one; none when the one who agrees holds that one as well."""
    rest = later(stages_of(route), Step(route.step))
    return next((stage for stage in rest if actor not in stage.people), None)


def _ask(route: Route, stage: Stage, actor: User) -> None:
    for one in stage.people:
        write(route, "to_agree", one, actor=actor)
