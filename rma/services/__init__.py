"""What happens at РМА: the roster, requests, work done."""

from rma.services.asking import (
    RequestRefused,
    accept,
    agree_date,
    create_request,
    decline,
    finish,
    hand_over,
    name_member,
    propose_date,
    settle,
    want_again,
    withdraw,
    withdraw_open,
)
from rma.services.matching import members_for

__all__ = [
    "RequestRefused",
    "accept",
    "agree_date",
    "create_request",
    "decline",
    "finish",
    "hand_over",
    "members_for",
    "name_member",
    "propose_date",
    "settle",
    "want_again",
    "withdraw",
    "withdraw_open",
]
