"""Filters of the outbox."""

import django_filters
from django.db.models import Q

from cabinet.core.search import fold
from cabinet.mail.models import Letter, LetterQuerySet

# A kind is «area.event»: people look for the area.
AREAS = [
    ("motor.invite", "приглашения"),
    ("motor.remind", "напоминания"),
    ("motor.", "отслеживание"),
    ("iom.", "маршруты и задания"),
    ("rma.", "запросы к РМА"),
    ("task.", "задачи"),
    ("event.", "события"),
    ("library.", "библиотека"),
    ("community.", "сообщества"),
    ("poll.", "опросы"),
    ("mailing", "рассылки"),
    ("digest.", "письма раз в день"),
    ("account.", "вход в кабинет"),
]
UNDELIVERED = "undelivered"
STATES = [(UNDELIVERED, "недоставленные"), *Letter.State.choices]


class LetterFilter(django_filters.FilterSet):
    """State, kind, and a search in the person's name, address and the subject."""

    q = django_filters.CharFilter(label="Кому или тема", method="search")
    state = django_filters.ChoiceFilter(label="Состояние", choices=STATES, empty_label="любое", method="in_state")
    kind = django_filters.ChoiceFilter(label="О чём", choices=AREAS, lookup_expr="startswith", empty_label="обо всём")

    class Meta:
        model = Letter
        fields = ["q", "state", "kind"]

    def in_state(self, letters: LetterQuerySet, name: str, value: str) -> LetterQuerySet:
        return letters.undelivered() if value == UNDELIVERED else letters.filter(state=value)

    def search(self, letters: LetterQuerySet, name: str, value: str) -> LetterQuerySet:
        for word in fold(value).split():
            # SQLite folds only Latin letters, so a subject is looked for as typed and with a capital.
            subject = Q(subject__contains=word) | Q(subject__contains=word.capitalize())
            letters = letters.filter(Q(to__name_key__contains=word) | Q(address__contains=word) | subject)
        return letters
