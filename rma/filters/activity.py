"""Whose months a list of them shows."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from cabinet.core.search import fold
from rma.models import Activity, Member


class MonthFilter(django_filters.FilterSet):
    """Over members the reader keeps; `month` comes from the address and is not a field of its own."""

    q = django_filters.CharFilter(label="Фамилия, имя", method="by_name", max_length=200)
    state = django_filters.ChoiceFilter(
        label="Какие",
        choices=[("waiting", "есть несогласованные строки"), ("agreed", "месяц согласован")],
        empty_label="все",
        method="by_state",
    )

    class Meta:
        model = Member
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, month: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.month = month

    def by_name(self, members: QuerySet[Member], name: str, text: str) -> QuerySet[Member]:
        for word in fold(text).split():
            members = members.filter(user__name_key__contains=word)
        return members

    def by_state(self, members: QuerySet[Member], name: str, state: str) -> QuerySet[Member]:
        waiting = Activity.objects.offered().filter(member=OuterRef("pk"), month=self.month)
        if state == "waiting":
            return members.filter(Exists(waiting))
        return members.filter(agreed_months__month=self.month)
