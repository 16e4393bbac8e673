"""Cases of a list that is taken back: possible only while nobody has heard of them."""

from django.db.models import QuerySet

from cabinet.courses.models import Completion
from cabinet.courses.services import UndoRefused
from motor.models import Case, Status


def withdraw_cases(completions: QuerySet[Completion]) -> None:
    """Delete the scheduled cases of these completions. Raises UndoRefused once one was opened.

    Runs inside the caller's transaction.
    """
    cases = Case.objects.filter(completion__in=completions.values("pk"))
    # Locked first: a case that opens between the look and the deletion has sent its letter already.
    states = set(cases.order_by().select_for_update().values_list("status", flat=True))
    if states - {Status.SCHEDULED}:
        raise UndoRefused(
            "По этому списку уже открыты карты и отправлены письма, поэтому целиком его отменить нельзя. "
            "Отдельную карту можно остановить с указанием причины."
        )
    cases.delete()


def can_withdraw(completions: QuerySet[Completion]) -> bool:
    return not Case.objects.filter(completion__in=completions.values("pk")).exclude(status=Status.SCHEDULED).exists()
