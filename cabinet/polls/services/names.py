"""Who answered what in a poll with names; only its author comes here."""

from collections.abc import Iterable

from django.db.models import QuerySet

from cabinet.polls.models import Participant, Poll


def answered_in(poll: Poll) -> QuerySet[Participant]:
    rows = Participant.objects.filter(poll=poll, has_answered=True, poll__is_anonymous=False)
    rows = rows.select_related("person__organization").prefetch_related("answers__option")
    return rows.order_by("person__name_key", "person")


def answers_of(poll: Poll, rows: Iterable[Participant]) -> list[tuple[Participant, list[str]]]:
    """Participants with what each answered, question by question; nothing where he passed one over."""
    questions = list(poll.questions.values_list("pk", flat=True))
    listed = []
    for one in rows:
        said: dict[int, list[str]] = {}
        for answer in sorted(one.answers.all(), key=lambda answer: (answer.option.place, answer.option_id)):
            said.setdefault(answer.option.question_id, []).append(answer.option.text)
        listed.append((one, ["; ".join(said.get(pk, [])) for pk in questions]))
    return listed
