"""The regional methodists: their cards, the requests to them, the work they do."""

from rma.models.activity import Activity, AgreedMonth
from rma.models.indicator import Indicator, IndicatorQuerySet
from rma.models.loan import Loan
from rma.models.member import Member, MemberQuerySet
from rma.models.request import Request, RequestQuerySet
from rma.models.status import StatusChange
from rma.models.vocabulary import Direction, Function, MemberRole

__all__ = [
    "Activity",
    "AgreedMonth",
    "Direction",
    "Function",
    "Indicator",
    "IndicatorQuerySet",
    "Loan",
    "Member",
    "MemberQuerySet",
    "MemberRole",
    "Request",
    "RequestQuerySet",
    "StatusChange",
]
