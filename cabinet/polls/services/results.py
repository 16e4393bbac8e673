"""What came of a poll: shares with their base, and what is left out so that nobody's answer can be told from them.

- Under five answers there are no shares, whoever looks.
- Without names nothing is shown before the end: from sums seen growing one by one each answer could be read.
- Of fewer than twenty answers a (nearly) unanimous one is said in words: «все» would tell everybody's answer, and
  «все, кроме одного» is said in the same words, so that nobody's answer is certain.
Only who runs a poll with names sees its sums as they are: he sees the answers themselves.
"""

from dataclasses import dataclass, field

from django.db.models import Count

from cabinet.core.charts import share
from cabinet.core.suppression import LIMIT
from cabinet.core.words import NBSP
from cabinet.polls.models import Answer, Option, Participant, Poll, Question
from cabinet.polls.services.drafts import questions_of
from cabinet.users.models import User

SMALL = 20  # answers from which a unanimous result is said in numbers
ALL = "все или почти все"
NOBODY = "никто или почти никто"
NOT_YET = (
    "Результаты откроются, когда опрос завершится. Если видеть суммы раньше, по тому, как они растут, можно понять, "
    "кто как ответил."
)
TOO_FEW = f"Ответов меньше {LIMIT}: доли не показываем никому, по ним можно узнать ответ каждого."
NOT_OVER = "Сводка откроется, когда опрос завершится."


@dataclass(frozen=True)
class Row:
    """One option. `words` stand where numbers would tell too much; `value` is the length of the bar in per cent."""

    text: str
    count: int | None = None
    value: float | None = None
    share: str = ""
    words: str = ""


@dataclass(frozen=True)
class QuestionResult:
    """`base` is None where it is not known (a source that does not give it) or too small to be said."""

    question: Question
    number: int
    base: int | None
    rows: list[Row] = field(default_factory=list)
    why_not: str = ""

    @property
    def has_words(self) -> bool:
        return any(one.words for one in self.rows)


@dataclass
class Results:
    """`asked` is None where it is not known how many were reached: a common link, a source."""

    poll: Poll
    asked: int | None
    answered: int
    questions: list[QuestionResult] = field(default_factory=list)
    why_not: str = ""
    has_names: bool = False  # the reader may see who answered what

    @property
    def has_words(self) -> bool:
        return any(one.has_words for one in self.questions)

    @property
    def rate(self) -> str:
        return share(self.answered, self.asked or 0)


def sees_names(poll: Poll, user: User) -> bool:
    """Said to everybody before he answers: with names, the author alone."""
    return not poll.is_anonymous and not poll.is_example and poll.author_id == user.pk


def response_of(poll: Poll) -> tuple[int | None, int]:
    """(asked, answered): how many, never who."""
    if poll.is_by_link or poll.is_example:
        return None, poll.by_link
    rows = Participant.objects.filter(poll=poll).order_by().values_list("has_answered").annotate(Count("pk"))
    counts = dict(rows)
    return sum(counts.values()), counts.get(True, 0)


def results_of(poll: Poll, user: User) -> Results:
    asked, answered = response_of(poll)
    found = Results(poll, asked, answered, has_names=sees_names(poll, user))
    if poll.is_example:
        found.questions = [_of_source(number, one) for number, one in enumerate(questions_of(poll), 1)]
        return found
    if poll.state != Poll.State.CLOSED and not found.has_names:
        found.why_not = NOT_YET if poll.is_anonymous else NOT_OVER
    elif answered < LIMIT and not found.has_names:
        found.why_not = TOO_FEW
    elif answered < LIMIT:
        found.why_not = TOO_FEW if answered else "Пока никто не ответил."
    if not found.why_not:
        bases, tallies = _sums(poll)
        found.questions = [
            _counted(number, one, bases.get(one.pk, 0), tallies, is_guarded=not found.has_names)
            for number, one in enumerate(questions_of(poll), 1)
        ]
    return found


def _sums(poll: Poll) -> tuple[dict[int, int], dict[int, int]]:
    """Question → base, option → tally: kept as sums, or counted from the answers with names."""
    if poll.is_anonymous:
        of_options = Option.objects.filter(question__poll=poll).order_by()
        return dict(poll.questions.order_by().values_list("pk", "base")), dict(of_options.values_list("pk", "tally"))
    answers = Answer.objects.filter(participant__poll=poll).order_by()
    bases = answers.values_list("option__question").annotate(Count("participant", distinct=True))
    return dict(bases), dict(answers.values_list("option").annotate(Count("pk")))


def _counted(
    number: int, question: Question, base: int, tallies: dict[int, int], *, is_guarded: bool
) -> QuestionResult:
    if base < LIMIT:
        why = f"На этот вопрос ответили меньше {LIMIT}: доли не показываем."
        return QuestionResult(question, number, None, why_not=why)
    options = [(one.text, tallies.get(one.pk, 0)) for one in question.options.all()]
    rows = [Row(text, count, 100 * count / base, share(count, base, 1)) for text, count in options]
    if is_guarded and base < SMALL:
        rows = _guarded(question, rows, base)
    return QuestionResult(question, number, base, rows)


def _guarded(question: Question, rows: list[Row], base: int) -> list[Row]:
    """Numbers that would tell (nearly) everybody's answer, put into words."""
    is_plain = question.kind != Question.Kind.MANY
    if is_plain and all((row.count or 0) < base - 1 for row in rows):
        return rows
    told = []
    for row in rows:
        count = row.count or 0
        if count >= base - 1:
            told.append(Row(row.text, words=ALL))
        elif is_plain or count <= 1:  # of one answer each, the rest is known from what is said of the first
            told.append(Row(row.text, words=NOBODY))
        else:
            told.append(row)
    return told


def _of_source(number: int, question: Question) -> QuestionResult:
    rows = []
    for option in question.options.all():
        percent = option.source_percent
        said = f"{percent:f}".rstrip("0").rstrip(".").replace(".", ",") if percent is not None else ""
        rows.append(Row(option.text, None, float(percent or 0), f"{said}{NBSP}%" if said else "—"))
    return QuestionResult(question, number, None, rows)
