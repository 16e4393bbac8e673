"""A poll is opened: whoever is asked gets his row and his letter, a large audience part by part in a worker."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from cabinet.core.words import long_date
from cabinet.jobs.models import Job
from cabinet.jobs.services import JobFailed, Run, handler, order_job
from cabinet.mail.services import Draft, queue_letters
from cabinet.mail.texts import compose
from cabinet.polls.models import Participant, Poll
from cabinet.polls.services.audience import may_ask, people_of
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

JOB = "polls.open"
AT_ONCE = 200  # people asked within the request itself
CHUNK = 200
FEW = 5  # without names and with fewer people nothing could ever be shown


def too_few(poll: Poll, people: int) -> str:
    """Why it may not be opened for so few, in a sentence; empty when it may."""
    if people == 0:
        return "Спрашивать некого: в этом месте нет людей с такими ролями. Выберите, кому адресован опрос."
    if poll.is_anonymous and people < FEW:
        return (
            "Без имён нужно хотя бы пять человек: результаты меньшего числа ответов не показываются никому. "
            "Спросите шире или сделайте опрос с именами."
        )
    return ""


def open_poll(poll: Poll, *, actor: User, version: int, by_letter: bool = True) -> bool:
    """Open the draft as it was at `version`; False when it has changed or is open already.

    Without `by_letter` nobody is written to: the common link is handed out by whoever asks.
    """
    with transaction.atomic():
        here = Poll.objects.filter(pk=poll.pk, state=Poll.State.DRAFT, version=version, is_example=False)
        done = here.update(state=Poll.State.OPEN, opened_at=timezone.now())
        poll.refresh_from_db()
        if not done:
            return False
        record(LogEntry.Action.MOVED, actor=actor, about=poll, note=f"Начат опрос: {poll} ({poll.way})")
        if poll.is_by_link and not by_letter:
            return True
        people = list(people_of(poll).order_by("pk")[: AT_ONCE + 1])
        if len(people) <= AT_ONCE:
            ask(poll, people)
        else:
            order_job(JOB, f"Приглашение в опрос: {poll}", actor, {"poll": poll.pk})
    return True


def ask(poll: Poll, people: list[User]) -> None:
    """A row and a letter for each; whoever has them already gets no second ones.

    By a common link there are no rows: who has answered is not known then.
    """
    if not poll.is_by_link:
        rows = [Participant(poll=poll, person=one) for one in people]
        Participant.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    queue_letters([invitation(poll, one) for one in people])


def invitation(poll: Poll, person: User) -> Draft:
    code = "poll.invite_link" if poll.is_by_link else "poll.invite"
    subject, body = compose(code, letter_values(poll, person))
    return Draft(f"poll.invite.{poll.pk}.{person.pk}", code, person, subject, body, poll)


NAMELESS = "Ответ без имени: кабинет прибавит его к общим суммам и не запишет, кто как ответил."
NAMED = "Ответ с именем: как вы ответили, увидит тот, кто проводит опрос."


def letter_values(poll: Poll, person: User) -> dict[str, str]:
    values = {
        "имя": person.polite_name,
        "опрос": poll.title,
        "кто": poll.author.full_name if poll.author else "Институт развития образования",
        "день": long_date(poll.closes_on) if poll.closes_on else "дня, когда опрос завершат",
        "имена": NAMELESS if poll.is_anonymous else NAMED,
    }
    # The page in the cabinet is no secret, and the letter may be told in a daily one. A common link opens without a
    # login and may be changed: it is put in at sending.
    return values if poll.is_by_link else values | {"ссылка": poll.personal_url()}


@handler(JOB)
def invite(run: Run) -> None:
    """Part by part, each with its place in one transaction: another attempt goes on from there, nobody gets two."""
    poll = Poll.objects.with_names().filter(pk=run.job.params["poll"]).first()
    if poll is None:
        raise JobFailed("Этого опроса больше нет.")
    if run.job.owner is None or not may_ask(run.job.owner, poll):
        raise JobFailed("Кто начал опрос, больше не проводит их в этом месте: приглашения не разосланы.")
    state: dict[str, Any] = {"at": 0, "done": 0} | run.job.result
    people = people_of(poll).order_by("pk")
    total = state["done"] + people.filter(pk__gt=state["at"]).count()
    while part := list(people.filter(pk__gt=state["at"])[:CHUNK]):
        with transaction.atomic():
            # Locked: whoever closes it meanwhile takes back this part's letters, too.
            here = Poll.objects.select_for_update(no_key=True).filter(pk=poll.pk, state=Poll.State.OPEN)
            if not list(here.order_by().values_list("pk")):
                break  # nobody is invited to what is over
            ask(poll, part)
            state |= {"at": part[-1].pk, "done": state["done"] + len(part)}
            run.write(result=state)
        run.progress(state["done"], total)
    run.finish(state | {"page": poll.get_absolute_url()})


def inviting(poll: Poll) -> Job | None:
    """The work under way, if there is any."""
    return Job.objects.filter(kind=JOB, params__poll=poll.pk, finished_at=None).first()
