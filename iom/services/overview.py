"""Routes and people as lists show them: counts, rows with progress, those without a route. Constant queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from cabinet.core.clock import Deadline, today
from cabinet.users.models import Membership, Role, User, UserQuerySet
from iom.models import Route, RouteItem, Status, Step
from iom.services.limits import to_check
from iom.services.turns import Turn, turn_of

# Roles that show routes of others, and those that know people, with or without a route.
HELPERS = frozenset({"head", "methodist", "mentor", "regional", "municipal", "admin"})
KNOW_PEOPLE = HELPERS - {"regional"}
# Posts that keep no route in the cabinet: they agree and watch.
NO_ROUTE_OF_OWN = (Role.HEAD, Role.MUNICIPAL, Role.CURATOR, Role.ADMIN, Role.OBSERVER)
WITH_AUTHOR = (Status.DRAFT, Status.RETURNED, Status.REVISION)

HERE = Q(is_outside=False)
# Uncorrelated: the few such items are read once, whatever the number of routes counted.
SENT = Q(pk__in=RouteItem.objects.filter(status=RouteItem.Status.SUBMITTED).order_by().values("route"))
# Whose turn it is → in words, and the rows; the same as services.turns says of a row.
TURNS: dict[str, tuple[str, Q]] = {
    "author": ("педагог: доработать и отправить", Q(status__in=WITH_AUTHOR) & HERE),
    "doing": ("педагог: выполнять мероприятия", Q(status__in=Route.CARRIED_OUT) & HERE & ~SENT),
    "check": ("проверить сделанное", Q(status__in=Route.CARRIED_OUT) & HERE & SENT),
    "methodist": ("методист ОО", Q(status=Status.IN_REVIEW, step=Step.METHODIST)),
    "head": ("руководитель ОО", Q(status=Status.IN_REVIEW, step=Step.HEAD)),
    "municipal": ("специалист ММС", Q(status=Status.IN_REVIEW, step=Step.MUNICIPAL)),
}


def late_q() -> Q:
    """Past the limit of whoever's turn it is, or with an item the teacher has not done in its time."""
    late_items = RouteItem.objects.overdue().order_by().values("route")
    is_past = Q(due_on__lt=today(), status__in=Route.RUNNING) & HERE
    return is_past | Q(status__in=Route.CARRIED_OUT) & Q(pk__in=late_items)


def waiting_for(user: User) -> Q:
    """Routes that this person is to agree, or in which he is to check what was done; the first page asks the same."""
    found = Q(pk__in=Route.objects.approvable_by(user).order_by().values("pk"))
    if "admin" in user.roles:
        return found
    checked = Route.objects.checkable_by(user).order_by().values("pk")
    return found | Q(TURNS["check"][1], pk__in=checked)


@dataclass(frozen=True)
class Tally:
    """One number over the list, and the filter its link sets."""

    label: str
    count: int
    query: str
    tone: str = ""


@dataclass(frozen=True)
class Row:
    route: Route
    turn: Turn
    done: int
    total: int
    late: int  # items not done in their time
    limit: Deadline | None  # of whoever's turn it is

    @property
    def is_late(self) -> bool:
        return self.route.is_overdue or self.late > 0

    @property
    def is_teachers(self) -> bool:
        """It is the teacher's turn, not of those who agree and check."""
        return self.turn.whose == self.route.person.short_name


def tallies(user: User) -> list[Tally]:
    """Of all routes the reader may see, whatever is filtered: where to look first; no idle zeros."""
    counts = (
        Route.objects.visible_to(user)
        .order_by()
        .aggregate(
            all=Count("pk", filter=~Q(status=Status.ARCHIVED)),
            mine=Count("pk", filter=waiting_for(user)),
            late=Count("pk", filter=late_q()),
            completed=Count("pk", filter=Q(status=Status.COMPLETED)),
            carried=Count("pk", filter=Q(status__in=Route.CARRIED_OUT) & HERE),
            **{f"turn_{name}": Count("pk", filter=rows) for name, (_, rows) in TURNS.items() if name != "doing"},
        )
    )
    counts["turn_doing"] = counts["carried"] - counts["turn_check"]
    found = [Tally("Всего", counts["all"], "")]
    if user.roles & KNOW_PEOPLE:
        found.append(Tally("Без маршрута", people_without(user).count(), "view=none", "warn"))
    found.append(Tally("Просрочено", counts["late"], "late=true", "bad"))
    rest = [
        Tally("Ждёт вас", counts["mine"], "turn=mine", "warn"),
        Tally("Ждёт методиста", counts["turn_methodist"], "turn=methodist"),
        Tally("Ждёт руководителя", counts["turn_head"], "turn=head"),
        Tally("Ждёт ММС", counts["turn_municipal"], "turn=municipal"),
        Tally("Ждёт проверки", counts["turn_check"], "turn=check"),
        Tally("Ждёт педагога", counts["turn_author"], "turn=author"),
        Tally("Выполняется", counts["turn_doing"], "turn=doing"),
        Tally("Завершено", counts["completed"], "status=completed"),
    ]
    return found + [one for one in rest if one.count]


def _items(**state: Any) -> Coalesce:
    items = RouteItem.objects.filter(route=OuterRef("pk"), **state).exclude(status=RouteItem.Status.REMOVED)
    counted = items.order_by().values("route").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def rows_of(keys: Iterable[int]) -> list[Row]:
    """The lines of these routes in this order; two queries whatever their number."""
    order = list(keys)
    found = Route.objects.filter(pk__in=order).with_names().prefetch_related("files").order_by()
    states = RouteItem.Status
    sent = RouteItem.objects.filter(route=OuterRef("pk"), status=states.SUBMITTED).order_by("status_since")
    found = found.annotate(
        items_total=_items(),
        items_done=_items(status=states.CONFIRMED),
        items_sent_since=Subquery(sent.values("status_since")[:1]),
        items_late=_items(status__in=RouteItem.WITH_TEACHER, due_on__lt=today()),
    )
    routes = {one.pk: one for one in found}
    return [_row(routes[pk]) for pk in order if pk in routes]


def _row(route: Any) -> Row:
    is_carried = route.status in Route.CARRIED_OUT
    waits = is_carried and route.items_sent_since is not None
    limit = Deadline(route.due_on, route.due_why) if route.due_on and route.is_running else None
    if waits:
        limit = to_check(timezone.localdate(route.items_sent_since))
    late = route.items_late if is_carried else 0
    return Row(route, turn_of(route, waits=waits), route.items_done, route.items_total, late, limit)


# --- Who has none --------------------------------------------------------------------------------------------


def people_without(user: User) -> UserQuerySet:
    """Teachers within the reader's scope without a current route; himself he sees on his own page."""
    return without_route(User.objects.visible_to(user)).exclude(pk=user.pk)


def without_route(people: UserQuerySet) -> UserQuerySet:
    """Those of them who teach somewhere and have no current route, here or elsewhere."""
    current = Route.objects.current().filter(person=OuterRef("pk")).order_by()
    posts = Membership.objects.active().filter(user=OuterRef("pk"), role__in=NO_ROUTE_OF_OWN).order_by()
    people = people.filter(is_active=True, merged_into=None, organization__isnull=False)
    return people.filter(~Exists(current), ~Exists(posts))


def with_last_route(people: "QuerySet[User]", reader: User) -> "QuerySet[User]":
    """Everything a line shows of a person without a route, in one query; the last route, if the reader may see it."""
    last = Route.objects.visible_to(reader).filter(person=OuterRef("pk")).order_by("-ends_on", "-pk")
    return people.select_related("organization__municipality", "position", "subject").annotate(
        last_title=Subquery(last.values("title")[:1]), last_ended=Subquery(last.values("ends_on")[:1])
    )


# --- One's own -----------------------------------------------------------------------------------------------


def own_routes(user: User) -> tuple[Row | None, list[Row]]:
    """The route that is carried on now, and the others: the running one of the cabinet goes first."""
    keys = list(
        Route.objects.filter(person=user)
        .order_by(Case(When(Q(status__in=Route.RUNNING, is_outside=False), then=0), default=1), F("ends_on").desc())
        .values_list("pk", flat=True)[:50]
    )
    rows = rows_of(keys)
    if rows and rows[0].route.is_running:
        return rows[0], rows[1:]
    return None, rows
