"""The poll of the institute's own slides: two questions, their shares, and what the source does not say."""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction

from cabinet.polls.models import Option, Poll, Question

TITLE = "ИОМ и МОТОР: первичные результаты опроса"
SOURCE = "«Первичные результаты опроса», презентация ИРО ПК"
TEXT = "Доли взяты из источника. Размер выборки в нём не указан; эти доли дают 23 и 1 из 24, но так ли это, неизвестно."
QUESTIONS = (
    "ИОМ – основа МОТОРа",
    "ИОМ применим в методическом пространстве на институциональном, муниципальном и региональном уровнях",
)
SHARES = (("Да", Decimal("95.8")), ("Нет", Decimal("4.2")))


def load_example() -> int:
    """The example, unless it is there; how many rows of polls were made."""
    with transaction.atomic():
        if Poll.objects.filter(is_example=True).exists():
            return 0
        poll = Poll.objects.create(
            title=TITLE,
            text=TEXT,
            scope=Poll.Scope.REGION,
            is_example=True,
            source=SOURCE,
            state=Poll.State.CLOSED,
            created_at=datetime(2000, 1, 1, tzinfo=UTC),  # when it was held is not said: it stands last in every list
        )
        for place, text in enumerate(QUESTIONS, 1):
            question = Question.objects.create(poll=poll, place=place, text=text, kind=Question.Kind.YES_NO)
            Option.objects.bulk_create(
                Option(question=question, place=number, text=word, source_percent=percent)
                for number, (word, percent) in enumerate(SHARES, 1)
            )
    return 1
