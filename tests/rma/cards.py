"""Small true rows of what a roster card holds."""

from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from cabinet.core.clock import add_months, today
from cabinet.users.models import LogEntry
from rma.models import Direction, Function, Indicator, Member, MemberRole
from tests.factories import MemberFactory, UserFactory

GRADES = {"education": "higher", "experience": "years", "category": "top", "assessment": "passed"}


class IndicatorFactory(DjangoModelFactory):
    """Met since ten years ago; `kind=` says which."""

    class Meta:
        model = Indicator

    member = factory.SubFactory(MemberFactory)
    kind = Indicator.Kind.EDUCATION
    grade = factory.LazyAttribute(lambda one: GRADES[one.kind])
    since = factory.LazyFunction(lambda: add_months(today(), -120))


class WordFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    code = factory.Sequence(lambda n: f"code-{n}")
    name = factory.Sequence(lambda n: f"Полное название {n}")
    short = factory.Sequence(lambda n: f"слово {n}")


class MemberRoleFactory(WordFactory):
    class Meta:
        model = MemberRole


class FunctionFactory(WordFactory):
    class Meta:
        model = Function


class DirectionFactory(WordFactory):
    class Meta:
        model = Direction


def member_of(municipality: Any, **fields: Any) -> Member:
    """A member who works in a municipality."""
    return MemberFactory(user=UserFactory(organization__municipality=municipality), **fields)


def meets(member: Member, *kinds: str, since: date | None = None) -> None:
    for kind in kinds:
        IndicatorFactory(member=member, kind=kind, **({"since": since} if since else {}))


def log_of(member: Member) -> list[str]:
    """What the log says about the card and its orders, the oldest first."""
    rows = LogEntry.objects.filter(about_type__model__in=("member", "statuschange"), person=member.user)
    return list(rows.order_by("pk").values_list("note", flat=True))
