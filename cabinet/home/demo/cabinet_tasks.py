"""Tasks of the demo: with checklists, repeated, a task to each of several, taken in hand, done, overdue."""

from datetime import date, timedelta

from cabinet.core.clock import next_working_day, today
from cabinet.home.demo.cast import ADMIN, HEAD, MENTOR, METHODIST, MUNICIPAL, NOVICE, REGIONAL, TEACHER
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.home.demo.settling import Region
from cabinet.planner.models import Task
from cabinet.planner.services import complete_task, points, start_task
from cabinet.planner.services.task_giving import Wanted, give

LESSON = ("Выбрать класс и тему", "Согласовать день с методистом", "Подготовить листы самооценки", "Позвать коллег")


def _in_days(days: int) -> date:
    """From the present day on, asked before the demo moves its clock."""
    return next_working_day(today() + timedelta(days=days))


def make_cabinet_tasks(region: Region) -> None:
    _open_lesson(region)
    _plan_of_month(region)
    _lists_of_topics(region)
    _own_ones(region)


def _open_lesson(region: Region) -> None:
    """In work, two points of four ticked."""
    teacher, methodist, due_on, taken = (
        region.user(TEACHER),
        region.user(METHODIST),
        _in_days(14),
        recent_working_day(4),
    )
    with at(on_day(recent_working_day(6), 10, 15)):
        wanted = Wanted(
            title="Подготовить открытый урок по формирующему оцениванию",
            text="Покажите, как ученики сами находят, что у них ещё не получается.",
            people=[teacher],
            due_on=due_on,
            points=LESSON,
        )
        task = give(wanted, methodist, "demo-open-lesson")[0]
    with at(on_day(taken, 16, 40)):
        start_task(task, teacher)
        for point in task.points.all()[:2]:
            points.tick(point, teacher, is_done=True)


def _plan_of_month(region: Region) -> None:
    """Repeated every month: the last one is done, the next one was given by itself."""
    methodist, head, due_on = region.user(METHODIST), region.user(HEAD), _in_days(1)
    with at(on_day(recent_working_day(12), 9, 30)):
        wanted = Wanted(
            title="Разместить план методической работы на месяц",
            people=[methodist],
            due_on=due_on,
            repeats=Task.Repeat.MONTH,
        )
        task = give(wanted, head, "demo-plan")[0]
    with at(on_day(recent_working_day(2), 14, 5)):
        complete_task(task, methodist, "План на стенде и в общей папке.")


def _lists_of_topics(region: Region) -> None:
    """To each his own: one is done, one is late, and a task of two people together."""
    methodist = region.user(METHODIST)
    people = [region.user(one) for one in (TEACHER, MENTOR, NOVICE)]
    late, later = recent_working_day(2), _in_days(9)
    with at(on_day(recent_working_day(9), 11)):
        wanted = Wanted(
            title="Назвать тему, о которой хотите рассказать коллегам",
            text="Одно предложение и удобный месяц.",
            people=people,
            due_on=late,
        )
        tasks = give(wanted, methodist, "demo-topics")
        together = Wanted(
            title="Провести взаимное посещение уроков",
            people=people[1:],
            is_shared=True,
            due_on=later,
            points=("Урок наставника", "Урок молодого учителя", "Разговор после уроков"),
        )
        give(together, methodist, "demo-visits")
    with at(on_day(recent_working_day(5), 15, 20)):
        complete_task(tasks[1], people[1], "«Начало урока без опроса», март.")


def _own_ones(region: Region) -> None:
    """What people have put down for themselves, and what the institute asks of others."""
    admin, asked_by = region.user(ADMIN), _in_days(10)
    own = [
        Wanted(title=title, people=[region.user(person)], due_on=_in_days(days))
        for person, title, days in (
            (TEACHER, "Дочитать статью о вопросах на уроке", 3),
            (MUNICIPAL, "Обзвонить школы без ответственного за МОТОР", 2),
            (REGIONAL, "Собрать вопросы к групповой консультации", 5),
            (HEAD, "Обсудить с методистом нагрузку наставников", 1),
        )
    ]
    asked = Wanted(
        title="Проверить контакты школ муниципалитета",
        people=[region.user(MUNICIPAL)],
        due_on=asked_by,
        points=("Ответственные названы", "Адреса почты рабочие"),
    )
    with at(on_day(recent_working_day(3), 17, 30)):
        for wanted in own:
            give(wanted, wanted.people[0], "")
        give(asked, admin, "demo-contacts")
