"""Time limits of a case (domain.md section 5.5): each is a day and the reason for that day."""

from datetime import date, timedelta

from django.conf import settings

from cabinet.core.clock import Deadline, add_months, add_working_days, next_working_day, today
from cabinet.core.words import counted
from motor.models import Case, Status


def _days(count: int) -> str:
    return counted(count, "день", "дня", "дней")


def _working_days(count: int) -> str:
    return counted(count, "рабочий день", "рабочих дня", "рабочих дней")


def _working(start: date, count: int, since: str) -> Deadline:
    why = f"{_working_days(count)} {since} {start:%d.%m.%Y}, без выходных и праздников"
    return Deadline(add_working_days(start, count), why)


def survey_limit(day: date) -> Deadline:
    count = settings.MOTOR_SURVEY_DAYS
    return Deadline(day + timedelta(days=count), f"{_days(count)} на ответ с {day:%d.%m.%Y}")


def review_limit(day: date, events: list[date] | None = None) -> Deadline:
    """The methodist's time: counted from the last event to visit when there is one ahead."""
    count = settings.MOTOR_REVIEW_WORKING_DAYS
    visit = max(events or [day])
    if visit > day:
        return _working(visit, count, "после мероприятия, которое нужно посетить,")
    return _working(day, count, "на изучение подтверждений с")


def rma_answer_limit(day: date) -> Deadline:
    return _working(day, settings.MOTOR_RMA_ANSWER_WORKING_DAYS, "на ответ методиста РМА с")


def rma_review_limit(day: date) -> Deadline:
    return _working(day, settings.MOTOR_RMA_REVIEW_WORKING_DAYS, "на оценку методистом РМА с")


def follow_up_limit(day: date) -> Deadline:
    count = settings.MOTOR_FOLLOW_UP_MONTHS
    months = counted(count, "месяц", "месяца", "месяцев")
    end = add_months(day, count)
    on = next_working_day(end)
    moved = "" if on == end else f"; {end:%d.%m.%Y} — нерабочий день, поэтому следующий рабочий"
    return Deadline(on, f"{months} на работу с результатом с {day:%d.%m.%Y}{moved}")


def objection_limit(day: date) -> Deadline:
    return _working(day, settings.MOTOR_OBJECTION_WORKING_DAYS, "на рассмотрение возражения с")


def limit_of(case: Case, status: str, day: date | None = None) -> Deadline | None:
    """The usual limit of a state entered today: for a return or a restoration."""
    day = day or today()
    match status:
        case Status.SURVEY_OPEN:
            return survey_limit(day)
        case Status.SCHOOL_REVIEW:
            return review_limit(day, planned_events(case))
        case Status.RMA_REQUESTED:
            return rma_answer_limit(day)
        case Status.RMA_REVIEW:
            return rma_review_limit(day)
        case Status.FOLLOW_UP:
            return follow_up_limit(day)
    return None


def planned_events(case: Case) -> list[date]:
    """Days of lessons and workshops the teacher invites to, of the answers in force."""
    events = case.evidence.in_force().filter(event_on__isnull=False)
    return [day for day in events.values_list("event_on", flat=True) if day is not None]
