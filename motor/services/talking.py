"""After the last reminder letters stop: the methodist gets a task to talk, and it ends by itself with its reason."""

from datetime import date

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet

from cabinet.core.clock import add_working_days, today
from cabinet.mail.models import Letter, Mention
from cabinet.planner.models import Task, TaskQuerySet
from cabinet.planner.services import complete_task, give_task, reopen_task, tell_assignee, waive_task
from cabinet.users.models import User
from motor.models import Case, CaseQuerySet, Status
from motor.moves import MoveRefused
from motor.services import notices

TALK = Case.TALK
# Ended for a while only: after the pause the talk is wanted again.
PAUSED = "Педагог в отъезде: вернёмся к разговору после паузы."
AT_ONCE = 200  # talks given in one sweep


def give_talks(day: date | None = None) -> int:
    """A task for each case whose last letter has gone without an answer; returns how many were given."""
    day = day or today()
    given = 0
    for case in _silent().select_related("person", "responsible", "organization", "completion__course__programme"):
        given += _give(case, day)
    return given


def end_talks() -> int:
    """Take away talks nobody needs any more; what should be follows from the cases alone."""
    waiting = Case.objects.filter(
        pk=OuterRef("about_id"), status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE), paused_until=None
    )
    over = list(_talks().open().filter(~Exists(waiting))[:AT_ONCE])
    cases = Case.objects.in_bulk([task.about_id for task in over])
    return sum(waive_task(task, None, _why_over(cases[task.about_id])) for task in over if task.about_id in cases)


def end_talk(case: Case, why: str) -> None:
    """Called where the answer arrives: the methodist must not go and ask for what he has."""
    for task in Task.objects.of(case).open().filter(kind=TALK):
        waive_task(task, None, why)


def talk_of(case: Case) -> Task | None:
    """The open talk of a case."""
    return Task.objects.of(case).open().filter(kind=TALK).select_related("assignee").first()


def note_talk(case: Case, *, actor: User, said: str) -> None:
    """The methodist has talked: what came of it stays with the task."""
    task = talk_of(case)
    if task is None:
        raise MoveRefused("Этот разговор уже отмечен или больше не нужен.")
    if not said.strip():
        raise MoveRefused("Напишите коротко, о чём договорились.")
    if not complete_task(task, actor, said):
        raise MoveRefused("Этот разговор уже отмечен или больше не нужен.")


def _talks() -> TaskQuerySet:
    return Task.objects.filter(kind=TALK, about_type=ContentType.objects.get_for_model(Case))


def _silent() -> CaseQuerySet:
    """All reminders gone, no answer, and no talk of this round yet."""
    of_this_round = Q(status=Task.Status.OPEN) | (Q(done_at__gte=OuterRef("status_since")) & ~Q(outcome=PAUSED))
    had = _talks().filter(of_this_round, about_id=OuterRef("pk"))
    waiting = Case.objects.filter(
        status=Status.SURVEY_OPEN,
        reminders__gte=len(settings.MOTOR_REMINDER_DAYS),
        paused_until=None,
        remind_on=None,
        responsible__is_active=True,
    )
    return waiting.filter(~Exists(had), *(~Exists(unsent) for unsent in _unsent())).order_by("pk")[:AT_ONCE]


def _unsent() -> list[QuerySet[Letter] | QuerySet[Mention]]:
    """Reminders about the case that are still on their way."""
    about = {"about_type": ContentType.objects.get_for_model(Case), "about_id": OuterRef("pk")}
    alone = Letter.objects.filter(kind__startswith="motor.remind", finished_at=None, **about)
    among = Mention.objects.filter(letter__kind__startswith="motor.remind", letter__finished_at=None, **about)
    return [alone, among]


def talk_of_refusal(case: Case) -> None:
    """No consent, so no survey: what the methodist can do is to talk. The letter about the refusal tells him."""
    if case.responsible is not None and case.responsible.is_active:
        _task(case, case.responsible, today(), "Согласия на обработку данных нет, поэтому опроса не будет.")


def _give(case: Case, day: date) -> bool:
    if case.responsible is None or not case.responsible.is_active:
        return False
    task = _task(case, case.responsible, day, _what_happened(case))
    if task.is_open:
        tell_assignee(task)
        return True
    if not reopen_task(task):
        return False
    task.assignee, task.due_on, task.outcome = case.responsible, _due(day), ""
    task.text = _text(case, _what_happened(case))
    task.save(update_fields=["assignee", "due_on", "outcome", "text", "updated_at"])
    notices.talk_again(case, case.responsible, _what_happened(case), task.due_on)
    return True


def _task(case: Case, assignee: User, day: date, happened: str) -> Task:
    return give_task(
        title=f"Поговорить с педагогом — {case.person.short_name}",
        text=_text(case, happened),
        assignee=assignee,
        organization=case.organization,
        due_on=_due(day),
        about=case,
        kind=TALK,
        is_required=False,
    )


def _due(day: date) -> date:
    return add_working_days(day, settings.MOTOR_TALK_WORKING_DAYS)


def _what_happened(case: Case) -> str:
    programme = case.completion.course.programme.title
    if not case.person.address:
        return f"У педагога нет адреса: письма о курсе «{programme}» до него не доходят."
    letters = Letter.objects.about(case).filter(to=case.person, kind__startswith="motor.remind")
    if getattr(letters.order_by("-created_at", "-pk").first(), "state", "") == Letter.State.FAILED:
        return f"Письма о курсе «{programme}» до педагога не доходят: адрес можно исправить по ссылке ниже."
    return f"Три письма о курсе «{programme}» остались без ответа, больше писем не будет."


def _text(case: Case, happened: str) -> str:
    return (
        f"{happened} Поговорите при встрече или позвоните: можно передать ссылку или листок, продлить срок "
        "или продолжить без опросного листа.\n\n"
        f"{notices.link_page(case)}"
    )


def _why_over(case: Case) -> str:
    if case.paused_until is not None:
        return PAUSED
    if case.status == Status.STOPPED:
        return "Отслеживание прекращено."
    if case.without_survey:
        return "Работа идёт без опросного листа."
    return "Разговор больше не нужен: карта пошла дальше."
