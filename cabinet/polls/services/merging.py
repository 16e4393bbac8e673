"""What becomes of answers when two cards turn out to be one person."""

from django.db import transaction

from cabinet.polls.models import Answer, Participant
from cabinet.users.models import User


def join_participants(keep: User, drop: User) -> int:
    """Of polls both cards were asked in, one row stays; if either has answered, the person has. How many were joined.

    What an answer without a name added to the sums stays there: whose it was is not known, so two answers of two
    cards remain two. Of answers with names the later ones stay.
    """
    with transaction.atomic():
        others = Participant.objects.filter(person=drop, poll__in=keep.poll_participations.values("poll"))
        listed = list(others.select_related("poll").order_by("pk"))
        for other in listed:
            own = Participant.objects.get(poll=other.poll_id, person=keep)
            if not other.poll.is_anonymous and _last(other) > _last(own):
                Answer.objects.filter(participant=own).delete()
                Answer.objects.filter(participant=other).update(participant=own)
            if other.has_answered:
                Participant.objects.filter(pk=own.pk).update(has_answered=True)
            other.delete()
    return len(listed)


def _last(row: Participant) -> float:
    last = row.answers.order_by("-answered_at").values_list("answered_at", flat=True).first()
    return last.timestamp() if last else 0.0
