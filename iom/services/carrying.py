"""Carrying a route out: items begun, handed in, confirmed; the route completed, put away and taken back."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cabinet.files.services import store_upload
from cabinet.users.models import Membership, Role, Substitution, User
from iom.models import Route, RouteItem, Status, Step, Support
from iom.moves import Refused, hold, move, move_item
from iom.services.indexing import index
from iom.services.limits import to_correct, to_the_end
from iom.services.notices import write
from iom.services.steps import deputies_at

Items = RouteItem.Status
MOST_FILES = 10  # of an item, over all its attempts


def is_carried_out(route: Route) -> bool:
    """Agreed once, the plan goes on being carried out while its next version is made and agreed."""
    if route.is_outside:
        return False
    return route.status in Route.CARRIED_OUT or (
        route.status in Route.OPEN_TO_CHANGE and route.agreed_version is not None
    )


def helpers_of(route: Route, support: str = "") -> list[User]:
    """Who is told about an item: the one who supports it, else the methodists of the organization, else the mentors."""
    by_mentor = support in (Support.MENTOR, Support.TUTOR)
    if support == Support.RMA and route.rma_member is not None:
        return [route.rma_member.user]
    subjects = Q(subjects=None) | Q(subjects=route.subject_id)
    posts = Membership.objects.active().filter(
        subjects & Q(role=Role.METHODIST, organization=route.organization_id)
        | Q(role=Role.MENTOR, person=route.person_id)
    )
    away = Substitution.objects.active().filter(person=OuterRef("user"))
    posts = posts.exclude(user=route.person_id).annotate(is_away=Exists(away)).select_related("user").order_by("pk")
    found = {one.user_id: one for one in posts}.values()
    mentors = [one.user for one in found if one.role == Role.MENTOR]
    mentors = [one for one in mentors if one.pk == route.mentor_id] or mentors  # the one named, while he is one
    methodists = [one.user for one in found if one.role == Role.METHODIST]
    if any(one.is_away for one in found if one.role == Role.METHODIST):
        standing_in = [deputy for step, deputy in deputies_at(route) if step == Step.METHODIST]
        present = [one.user for one in found if one.role == Role.METHODIST and not one.is_away]
        methodists = list(dict.fromkeys([*present, *standing_in])) or methodists
    return (mentors or methodists) if by_mentor else (methodists or mentors)


# --- Items ----------------------------------------------------------------------------------------------------


def start_item(item: RouteItem, *, actor: User) -> None:
    with transaction.atomic():
        _carry(item)
        move_item(item, "start", actor=actor)
        _begin(item.route, actor)


def submit_item(
    item: RouteItem, *, actor: User, text: str = "", link: str = "", files: Sequence[UploadedFile] = ()
) -> None:
    """Hand in what was done. Raises Refused when a product is expected and nothing is shown."""
    with transaction.atomic():
        _carry(item)
        kept = item.files.count()
        if item.product and not (text.strip() or link or files or kept):
            raise Refused("Покажите, что получилось: напишите несколько слов, дайте ссылку или приложите файл.")
        if kept + len(files) > MOST_FILES:
            raise Refused(f"К пункту можно приложить до {MOST_FILES} файлов. Дайте ссылку на остальные.")
        # What was asked for stays beside it: whoever checks sees it again.
        asked = item.return_comment
        move_item(item, "submit", actor=actor, done_text=text.strip(), done_link=link, return_comment=asked)
        for upload in files:
            store_upload(upload, item, actor)
        _begin(item.route, actor)
        for helper in helpers_of(item.route, item.support):
            _tell(item, "item_submitted", helper, actor)


def return_item(item: RouteItem, *, actor: User, comment: str) -> None:
    comment = comment.strip()
    if not comment:
        raise Refused("Напишите, что доработать: без этого пункт не вернуть.")
    with transaction.atomic():
        _check(item, actor)
        move_item(item, "return", actor=actor, comment=comment, return_comment=comment)
        _tell(item, "item_returned", item.route.person, actor, comment)


def confirm_item(item: RouteItem, *, actor: User) -> None:
    with transaction.atomic():
        _check(item, actor)
        move_item(item, "confirm", actor=actor)
        _begin(item.route, actor)
        _tell(item, "item_confirmed", item.route.person, actor)


def remove_item(item: RouteItem, *, actor: User, reason: str) -> None:
    reason = reason.strip()
    if not reason:
        raise Refused("Напишите, почему пункт исключается: он останется в маршруте с этой пометкой.")
    with transaction.atomic():
        _check(item, actor)
        move_item(item, "remove", actor=actor, comment=reason, removed_reason=reason[:300])
        _tell(item, "item_removed", item.route.person, actor, reason)


def reopen_item(item: RouteItem, *, actor: User, reason: str) -> None:
    """A confirmed or removed item goes on; the reason stays in the log and in the letter."""
    reason = reason.strip()
    if not reason:
        raise Refused("Напишите, почему пункт возобновляется: педагог увидит причину в письме.")
    with transaction.atomic():
        _check(item, actor)
        move_item(item, "reopen", actor=actor, comment=reason)
        _tell(item, "item_reopened", item.route.person, actor, reason)


def take_item(item: RouteItem) -> None:
    """Hold the route, then see the item as it stands."""
    hold(item.route)
    route = item.route
    item.refresh_from_db()
    item.route = route


def require_seen(item: RouteItem, revision: str) -> None:
    """What was handed in anew, or written otherwise, since the page was opened must be seen before it is judged."""
    if revision.isdecimal() and int(revision) != item.revision:
        raise Refused(
            f"Пункт изменился, пока страница была открыта: сейчас он в состоянии «{item.get_status_display()}». "
            "Посмотрите его ещё раз."
        )


def _carry(item: RouteItem) -> None:
    seen = item.status
    take_item(item)
    if not is_carried_out(item.route):
        raise Refused(f"Маршрут в состоянии «{item.route.get_status_display()}»: пункты отмечают, когда он согласован.")
    if not item.is_agreed:
        raise Refused("Пункт добавлен в новую версию маршрута: его отмечают, когда она согласована.")
    if item.status != seen:
        raise Refused(
            f"Пункт уже изменился: сейчас он в состоянии «{item.get_status_display()}». "
            "Обновите страницу — ничего не потеряно."
        )


def _check(item: RouteItem, actor: User) -> None:
    if item.route.person_id == actor.pk:
        raise Refused("Свои пункты подтверждает кто-то другой: методист, наставник или методист РМА.")
    _carry(item)


def _begin(route: Route, actor: User | None) -> None:
    """The first act makes an agreed route one that is carried out."""
    if route.status == Status.AGREED:
        move(route, "start", actor=actor, due=to_the_end(route))


def _tell(item: RouteItem, what: str, to: User, actor: User | None, comment: str = "") -> None:
    more = {"пункт": item.activity}
    if comment:
        more["комментарий"] = comment
    write(item.route, what, to, more, actor=actor, event=f"{item.pk}.{item.revision}")


# --- The route ------------------------------------------------------------------------------------------------


def complete(route: Route, *, actor: User | None, results: str = "", reflection: str = "") -> None:
    """Raises Refused until every item is confirmed or removed."""
    with transaction.atomic():
        hold(route)
        if route.status in Route.OPEN_TO_CHANGE:
            raise Refused("Сначала закончите согласование маршрута: завершают согласованный.")
        if not route.items.exists():
            raise Refused("В маршруте нет ни одного пункта: завершать пока нечего.")
        if route.items.unfinished().exists():
            raise Refused("Остались незаконченные пункты: подтвердите их или исключите, и маршрут завершится.")
        words = {"results": results.strip(), "reflection": reflection.strip()}
        move(route, "complete", actor=actor, due=None, completed_at=timezone.now(), **words)
        index(route)
        for one in {one.pk: one for one in [route.person, *helpers_of(route)]}.values():
            write(route, "completed", one, actor=actor)


def reopen(route: Route, *, actor: User | None, reason: str) -> None:
    """Back to work; refused when the teacher has another running route by now."""
    _put_back(route, "reopen", actor, _reason(reason), Status.ACTIVE)


def archive(route: Route, *, actor: User | None, reason: str) -> None:
    reason = _reason(reason)
    with transaction.atomic():
        hold(route)
        move(route, "archive", actor=actor, due=None, comment=reason)
        write(route, "archived", route.person, {"комментарий": reason}, actor=actor)


def restore(route: Route, *, actor: User | None, reason: str) -> None:
    """Where it was before; a returned one is with its author again, its comment stays in the history."""
    last = route.transitions.filter(to_status=Status.ARCHIVED).first()
    before = last.from_status if last else ""
    if before not in (Status.COMPLETED, Status.DRAFT, Status.REVISION, *Route.CARRIED_OUT):
        before = Status.REVISION if route.agreed_version is not None else Status.DRAFT
    _put_back(route, "restore", actor, _reason(reason), Status(before))


def _put_back(route: Route, name: str, actor: User | None, reason: str, target: Status) -> None:
    try:
        with transaction.atomic():
            hold(route)
            fields = {} if target == Status.COMPLETED else {"completed_at": None}
            due = to_the_end(route) if target in Route.CARRIED_OUT else None
            if target == Status.REVISION:
                due = to_correct()
            move(route, name, actor=actor, due=due, comment=reason, target=target, **fields)
            write(route, "taken_up", route.person, {"комментарий": reason}, actor=actor)
    except IntegrityError as error:
        route.refresh_from_db()
        raise Refused(
            "У педагога уже есть другой действующий маршрут: двух одновременно не бывает. Сначала завершите его."
        ) from error


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused("Напишите причину: она останется в истории маршрута.")
    return text.strip()
