"""What happens to drafts: made, rewritten as a whole, copied, thrown away; what is missing before the opening."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.polls.models import Option, Poll, Question
from cabinet.users.models import User

YES_NO = ("Да", "Нет")
MOST_QUESTIONS = 30
MOST_OPTIONS = 20
SAME_CLICK = timedelta(minutes=1)
COLUMNS = (
    *("title", "text", "is_anonymous", "is_by_link", "scope", "organization_id", "municipality_id", "community_id"),
    *("roles", "closes_on"),
)


class Asked(NamedTuple):
    """A question as it is typed."""

    text: str
    kind: str
    is_required: bool
    options: tuple[str, ...] = ()


@dataclass
class Draft:
    """A whole poll as it is typed: every one of COLUMNS, and the questions in their order."""

    columns: dict[str, Any]
    questions: list[Asked] = field(default_factory=list)


def questions_of(poll: Poll) -> list[Question]:
    """With their options, in two queries."""
    return list(poll.questions.prefetch_related("options"))


def draft_of(poll: Poll) -> Draft:
    questions = [
        Asked(one.text, one.kind, one.is_required, tuple(option.text for option in one.options.all()))
        for one in questions_of(poll)
    ]
    return Draft({name: getattr(poll, name) for name in COLUMNS}, questions)


def make_draft(author: User, draft: Draft) -> Poll:
    """A new poll; the same one sent twice is there once."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=author.pk).values_list("pk"))
        recent = Poll.objects.filter(
            author=author, state=Poll.State.DRAFT, version=1, created_at__gte=timezone.now() - SAME_CLICK
        )
        for one in recent.filter(title=draft.columns["title"]):
            if _same(draft_of(one), draft):
                return one
        poll = Poll.objects.create(author=author, **draft.columns)
        _write_questions(poll, draft.questions)
    return poll


def rewrite_draft(poll: Poll, draft: Draft, *, version: int) -> bool:
    """Write the whole draft anew, if nobody has since `version`; what is there already word for word is saved, too."""
    with transaction.atomic():
        here = Poll.objects.filter(pk=poll.pk, state=Poll.State.DRAFT, is_example=False)
        done = here.filter(version=version).update(version=F("version") + 1, **draft.columns)
        poll.refresh_from_db()
        if not done:
            return poll.state == Poll.State.DRAFT and _same(draft_of(poll), draft)
        poll.questions.all().delete()
        _write_questions(poll, draft.questions)
    return True


def _same(one: Draft, other: Draft) -> bool:
    """Saved twice by a double click is no clash."""
    full = [one._replace(options=_options(one)) for one in other.questions]
    return one.columns == other.columns and one.questions == full


def _options(asked: Asked) -> tuple[str, ...]:
    return YES_NO if asked.kind == Question.Kind.YES_NO else asked.options


def _write_questions(poll: Poll, questions: list[Asked]) -> None:
    for place, asked in enumerate(questions[:MOST_QUESTIONS], 1):
        question = Question.objects.create(
            poll=poll, place=place, text=asked.text, kind=asked.kind, is_required=asked.is_required
        )
        Option.objects.bulk_create(
            Option(question=question, place=number, text=text)
            for number, text in enumerate(_options(asked)[:MOST_OPTIONS], 1)
        )


def copy_poll(poll: Poll, *, author: User, place: dict[str, Any]) -> Poll:
    """The same questions as a new draft of `author`, asked in `place` (as from `audience.place_of`)."""
    draft = draft_of(poll)
    draft.columns |= {"closes_on": None, "roles": [] if poll.is_example else poll.roles} | place
    return make_draft(author, draft)


def remove_draft(poll: Poll) -> bool:
    """Says whether it was still a draft; one that was opened stays for good."""
    with transaction.atomic():
        draft = Poll.objects.filter(pk=poll.pk, state=Poll.State.DRAFT, is_example=False)
        # Locked first: its questions are deleted before it, and an opening may come in between.
        if not draft.select_for_update().exists():
            return False
        return bool(draft.delete()[0])


def missing(poll: Poll, questions: list[Question]) -> list[str]:
    """What keeps the draft from being opened, in sentences."""
    said = []
    if not questions:
        said.append("Добавьте хотя бы один вопрос.")
    for number, question in enumerate(questions, 1):
        texts = [one.text.casefold() for one in question.options.all()]
        if len(texts) < 2:
            said.append(f"Вопрос {number}: нужно хотя бы два варианта ответа.")
        elif len(set(texts)) < len(texts):
            said.append(f"Вопрос {number}: варианты повторяются, их не различить.")
    if poll.closes_on is None:
        said.append("Укажите, до какого дня отвечают.")
    elif poll.closes_on < today():
        said.append(f"День, до которого отвечают ({poll.closes_on:%d.%m.%Y}), уже прошёл. Назовите другой.")
    return said
