"""What the page of a route tells its reader: how far it has come, whose turn it is, what was said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from cabinet.users.models import User
from iom.models import Assignment, Deficit, Diagnosis, Goal, Ground, Route, RouteItem, Status, Transition
from iom.moves import IN_HAND, MOVES
from iom.services.carrying import helpers_of, is_carried_out
from iom.services.library import tell_extras
from iom.services.limits import to_check
from iom.services.progress import Progress, progress_of
from iom.services.turns import Turn, turn_of

Items = RouteItem.Status
ORDER = (Items.RETURNED, Items.SUBMITTED, Items.IN_PROGRESS, Items.PLANNED, Items.CONFIRMED, Items.REMOVED)
HEADINGS = {
    Items.RETURNED: "На доработке",
    Items.SUBMITTED: "На проверке",
    Items.IN_PROGRESS: "Выполняются",
    Items.PLANNED: "Запланированы",
    Items.CONFIRMED: "Выполнены и подтверждены",
    Items.REMOVED: "Исключены",
}


@dataclass(frozen=True)
class Rights:
    """What the reader is to the route; the views ask the querysets again."""

    is_teacher: bool = False
    is_checker: bool = False
    is_approver: bool = False

    @property
    def is_helper(self) -> bool:
        return self.is_teacher or self.is_checker


@dataclass(frozen=True)
class Next:
    """The one next thing on top; `address` is a page, or a place of this one."""

    title: str
    note: str = ""
    address: str = ""
    label: str = ""
    eyebrow: str = "Следующий шаг"
    whose: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Group:
    code: str
    title: str
    items: list[RouteItem]


@dataclass(frozen=True)
class Entry:
    at: datetime
    who: str
    title: str
    text: str


@dataclass
class Story:
    route: Route
    rights: Rights
    items: list[RouteItem]
    groups: list[Group]
    progress: Progress
    next: Next
    is_carried: bool
    deficits: list[Deficit] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    grounds: list[Ground] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)
    nobody_checks: bool = False  # the organization has named nobody who could confirm

    @property
    def in_practice(self) -> list[RouteItem]:
        return [one for one in self.items if one.is_in_practice and one.status != Items.REMOVED]

    @property
    def to_check(self) -> list[RouteItem]:
        """What a helper may confirm at once."""
        return _sent(self.items) if self.may_check else []

    @property
    def may_check(self) -> bool:
        return self.rights.is_checker and self.is_carried

    @property
    def may_do(self) -> bool:
        return self.rights.is_teacher and self.is_carried

    @property
    def may_design(self) -> bool:
        return self.rights.is_helper and self.route.status in Route.OPEN_TO_CHANGE

    @property
    def has_report(self) -> bool:
        """There is something to report on: the route is or was carried out."""
        return self.is_carried or self.route.completed_at is not None or self.route.status == Status.COMPLETED


def story_of(route: Route, reader: User, rights: Rights, *, by_deficit: bool = False) -> Story:
    """Everything the page shows, in a constant number of queries."""
    states = Assignment.Status
    given = Count("assignments", filter=~Q(assignments__status=states.WITHDRAWN))
    accepted = Count("assignments", filter=Q(assignments__status=states.ACCEPTED))
    rows: Any = route.items.annotate(given=given, accepted=accepted)
    items: list[RouteItem] = list(rows.prefetch_related("attachments", "files__preview"))
    deficits = list(route.deficits.all())
    progress = progress_of(items)
    for item in items:
        _tell_item(item)
    tell_extras(items, reader)
    waiting = _sent(items)
    checkers = helpers_of(route, waiting[0].support) if waiting and not rights.is_checker else []
    story = Story(
        route=route,
        rights=rights,
        items=items,
        groups=_by_deficit(items, deficits) if by_deficit else _by_state(items, rights),
        progress=progress,
        next=next_of(route, rights, items, progress, checkers),
        is_carried=is_carried_out(route),
        deficits=deficits,
        goals=list(route.goals.all()),
        grounds=_grounds(route, reader),
        history=[_entry(one) for one in route.transitions.select_related("actor")],
    )
    _tell_deficits(story)
    if story.may_do and not (route.mentor or route.rma_member):
        story.nobody_checks = not (checkers if waiting else helpers_of(route))
    return story


def _tell_item(item: RouteItem) -> None:
    """Beside every item: is it late, until when it is checked."""
    is_sent = item.status == Items.SUBMITTED
    item.check_until = _check_until([item]) if is_sent else None  # type: ignore[attr-defined]


def _tell_deficits(story: Story) -> None:
    """The words of a deficit beside its items and goals without asking the database again."""
    texts = {one.pk: one.text for one in story.deficits}
    rows: list[Any] = [*story.items, *story.goals]
    for row in rows:
        row.deficit_text = texts.get(row.deficit_id or 0, "")


def _sent(items: Sequence[RouteItem]) -> list[RouteItem]:
    return [one for one in items if one.status == Items.SUBMITTED]


def _by_state(items: list[RouteItem], rights: Rights) -> list[Group]:
    """What waits for this reader comes first."""
    order = sorted(ORDER, key=lambda code: code != Items.SUBMITTED) if rights.is_checker else ORDER
    groups = [Group(code, HEADINGS[code], [one for one in items if one.status == code]) for code in order]
    return [one for one in groups if one.items]


def _by_deficit(items: list[RouteItem], deficits: list[Deficit]) -> list[Group]:
    groups = [
        Group(f"deficit-{one.pk}", one.text, [item for item in items if item.deficit_id == one.pk]) for one in deficits
    ]
    groups.append(Group("deficit-none", "Без дефицита", [item for item in items if item.deficit_id is None]))
    return [one for one in groups if one.items]


def _grounds(route: Route, reader: User) -> list[Ground]:
    """Each with `address`, where this reader may open what stands behind it."""
    read = Diagnosis.objects.topics_visible_to(reader).filter(pk=OuterRef("diagnosis"))
    found = route.grounds.select_related("completion", "diagnosis", "source_type").annotate(is_read=Exists(read))
    grounds: list[Any] = list(found)
    behind: dict[Any, set[int]] = {}
    for one in grounds:
        if one.source_id and hasattr(one.source_type.model_class(), "get_absolute_url"):
            behind.setdefault(one.source_type.model_class(), set()).add(one.source_id)
    open_rows: dict[Any, Any] = {
        (model, row.pk): row
        for model, pks in behind.items()
        if hasattr(model._default_manager, "visible_to")
        for row in model._default_manager.visible_to(reader).filter(pk__in=pks)
    }
    for one in grounds:
        model = one.source_type.model_class() if one.source_id else None
        row = one.diagnosis if one.is_read else open_rows.get((model, one.source_id))
        one.address = row.get_absolute_url() if row else ""
    return grounds


def _entry(line: Transition) -> Entry:
    title = MOVES[line.move].label if line.move in MOVES else "Создан"
    version = f", версия {line.version}" if line.version > 1 else ""
    return Entry(line.at, line.actor.short_name if line.actor else "автоматически", title + version, line.comment)


# --- The one next thing ---------------------------------------------------------------------------------------


def next_of(
    route: Route, rights: Rights, items: list[RouteItem], progress: Progress, checkers: Sequence[User] = ()
) -> Next:
    """`checkers` are those who are told of what is done, where the reader is none of them."""
    if rights.is_approver:
        title = "Посмотрите маршрут и согласуйте его"
        return Next(title, "", _page("agree", route), "Согласовать", due_on=route.due_on)
    if rights.is_checker and is_carried_out(route):
        waiting = _sent(items)
        if waiting:
            note = "; ".join(one.activity for one in waiting[:3])
            return Next(_to_check(len(waiting)), note, "#group-submitted", "К проверке", due_on=_check_until(waiting))
    if rights.is_teacher:
        return _next_of_teacher(route, items, progress, checkers)
    waiting = _sent(items)
    turn = turn_of(route, checkers=checkers, waits=bool(waiting))
    return _next_of_others(route, rights, progress, turn, _limit(route, items, waiting))


def _page(name: str, route: Route) -> str:
    return reverse(f"iom:{name}", args=[route.pk])


def _check_until(waiting: Sequence[RouteItem]) -> date:
    return to_check(timezone.localdate(min(one.status_since for one in waiting))).on


def _limit(route: Route, items: Sequence[RouteItem], waiting: Sequence[RouteItem]) -> date | None:
    """Until when whoever has the turn has it: to check, to do the nearest item, or the limit of the route's state."""
    if route.status not in Route.CARRIED_OUT:
        return route.due_on
    if waiting:
        return _check_until(waiting)
    return min((one.due_on for one in items if one.due_on and one.status in IN_HAND), default=route.due_on)


def _to_check(count: int) -> str:
    return "Проверьте пункт, который сделал педагог" if count == 1 else f"Проверьте сделанное: ждут {count}"


def _next_of_teacher(route: Route, items: list[RouteItem], progress: Progress, checkers: Sequence[User]) -> Next:
    match route.status:
        case Status.DRAFT | Status.REVISION:
            title = "Дополните маршрут и отправьте на согласование"
            return Next(title, "", _page("design", route), "Продолжить", due_on=route.due_on)
        case Status.RETURNED:
            title, note = "Исправьте по замечаниям", route.return_comment
            return Next(title, note, _page("design", route), "Исправить", due_on=route.due_on)
        case Status.AGREED | Status.ACTIVE:
            return _next_item(route, items, progress, turn_of(route, checkers=checkers, waits=True).whose)
    return _next_of_others(route, Rights(is_teacher=True), progress, turn_of(route), route.due_on)


def _next_item(route: Route, items: list[RouteItem], progress: Progress, checker: str) -> Next:
    in_hand = [one for one in items if one.status in IN_HAND]
    # What came back first, then by date; without a date, last.
    in_hand.sort(key=lambda one: (one.status != Items.RETURNED, one.due_on or date.max, one.place))
    if in_hand:
        item = in_hand[0]
        title = f"Доработайте: {item.activity}" if item.status == Items.RETURNED else item.activity
        note = item.return_comment or (f"Что должно получиться: {item.product}" if item.product else "")
        return Next(title, note, f"#item-{item.pk}", "К пункту", due_on=item.due_on)
    if progress.is_over:
        return Next("Все пункты закончены: подведите итог", "", _page("complete", route), "Завершить маршрут")
    if not items:
        return Next("В маршруте пока нет пунктов", "Чтобы добавить их, откройте актуализацию.")
    note = "Когда его подтвердят, маршрут можно будет завершить."
    return Next("Сделанное на проверке", note, whose=checker, due_on=_limit(route, items, _sent(items)))


def _next_of_others(route: Route, rights: Rights, progress: Progress, turn: Turn, limit: date | None) -> Next:
    if route.status == Status.COMPLETED:
        return Next("Маршрут завершён", "", _page("report", route), "Итоговый отчёт", eyebrow="Итог")
    if route.status == Status.ARCHIVED:
        return Next("Маршрут в архиве", "Он открыт для чтения.")
    if rights.is_checker and is_carried_out(route) and progress.is_over:
        title = "Все пункты закончены: маршрут можно завершить"
        return Next(title, "", _page("complete", route), "Завершить маршрут")
    if rights.is_checker and route.status in Route.OPEN_TO_CHANGE and route.status != Status.IN_REVIEW:
        title = "Педагог дополняет маршрут, вы можете помочь"
        return Next(title, "", _page("design", route), "Открыть маршрут", whose=turn.whose, due_on=route.due_on)
    title = turn.what[:1].upper() + turn.what[1:]
    return Next(title, whose=turn.whose, due_on=limit)
