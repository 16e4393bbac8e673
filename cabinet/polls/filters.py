"""Which polls the list shows."""

from django.db.models import Case, DateField, F, Value, When
from django.http import QueryDict

from cabinet.polls.models import Poll, PollQuerySet
from cabinet.users.models import User

VIEWS = {
    "waiting": "Ждут вашего ответа",
    "all": "Все",
    "asked": "Где спросили меня",
    "mine": "Провожу я",
    "results": "Результаты",
}
STATES = {"": "Любые", **dict(Poll.State.choices)}
WAITING, OWN, OTHERS = 0, 1, 2


class PollFilter:
    """`view` and `state` of the address; an unknown word there means all of them."""

    def __init__(self, data: QueryDict, user: User) -> None:
        view, state = data.get("view", ""), data.get("state", "")
        self.view = view if view in VIEWS else "all"
        self.state = state if state in STATES else ""
        self.user = user

    @property
    def polls(self) -> PollQuerySet:
        polls = Poll.objects.visible_to(self.user)
        waiting = Poll.objects.waiting_for(self.user).order_by().values("pk")
        if self.view == "waiting":
            polls = polls.filter(pk__in=waiting)
        elif self.view == "asked":
            polls = polls.filter(pk__in=Poll.objects.asking(self.user).order_by().values("pk"))
        elif self.view == "mine":
            polls = polls.filter(author=self.user)
        elif self.view == "results":
            polls = Poll.objects.with_results_for(self.user)
        if self.state:
            polls = polls.filter(state=self.state)
        whose = Case(
            When(pk__in=waiting, then=Value(WAITING)),
            When(author=self.user, then=Value(OWN)),
            default=Value(OTHERS),
        )
        # Of those that wait the nearest end comes first, of the others the newest poll.
        nearest = Case(When(pk__in=waiting, then=F("closes_on")), default=None, output_field=DateField())
        rows = polls.with_names().annotate(turn=whose)
        return rows.order_by("turn", nearest.asc(nulls_last=True), "-created_at", "-pk")
