"""Filters of the list of events: when, of what level and kind, my part in them, words."""

import django_filters
from django.http import QueryDict

from cabinet.core.clock import today
from cabinet.planner.models import Event, EventQuerySet, Participation
from cabinet.users.models import User

PLACES = {"ahead": "Впереди", "week": "Ближайшая неделя", "past": "Прошли"}
MINE = [
    ("run", "внёс(ла) или провожу"),
    ("invited", "меня пригласили, жду моего ответа"),
    ("coming", "иду"),
    ("came", "я там был(а)"),
]


class EventFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Слова", method="by_words")
    scope = django_filters.ChoiceFilter(label="Уровень", choices=Event.Scope.choices, empty_label="любой")
    kind = django_filters.ChoiceFilter(label="Вид", choices=Event.Kind.choices, empty_label="любой")
    mine = django_filters.ChoiceFilter(label="Моё участие", choices=MINE, method="by_part", empty_label="любое")

    class Meta:
        model = Event
        fields = ["q", "scope", "kind", "mine"]

    def __init__(self, data: QueryDict, *, queryset: EventQuerySet, user: User) -> None:
        self.user = user
        # A word not known in the address means no condition at all, not an empty list.
        known = {"scope": Event.Scope.values, "kind": Event.Kind.values, "mine": [code for code, _ in MINE]}
        clean = {name: data.get(name, "") if data.get(name, "") in codes else "" for name, codes in known.items()}
        self.when = data.get("when", "") if data.get("when", "") in PLACES else "ahead"
        clean["q"] = data.get("q", "").strip()[:200]
        self.is_narrowed = any(clean.values())
        super().__init__(clean, queryset=_at(self.when, queryset))

    def by_words(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        return events.search(value)

    def by_part(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        if value == "run":
            return events.run_by(self.user)
        own = Participation.objects.filter(person=self.user)
        states = Participation.State
        chosen = {
            "invited": own.unanswered(),
            "coming": own.filter(state__in=(states.COMING, states.WAITING)),
            "came": own.filter(attended=True),
        }[value]
        return events.filter(pk__in=chosen.values("event"))


def _at(when: str, events: EventQuerySet) -> EventQuerySet:
    if when == "past":
        return events.past().order_by("-on", "-pk")
    if when == "week":
        day = today()
        return events.ahead().filter(on__lte=day.fromordinal(day.toordinal() + 6))
    return events.ahead()
