"""A repeated task: once it is done, the next one is given, and only once."""

from cabinet.files.services import share_files
from cabinet.planner.models import Task, TaskPoint


def give_next(task: Task) -> Task | None:
    """The next of a repeated task that has been done; None when there is none, nobody to do it, or it was given before.

    Called inside the transaction that ends the task, which holds its row: of two only one comes here, and a task
    reopened and done again has its next one already.
    """
    due_on = task.repeat_on
    if due_on is None or task.next_id is not None:
        return None
    # Who has left answers for nothing more: the first of those who helped does.
    people = [one for one in (task.assignee, *task.participants.order_by("pk")) if one.is_active]
    if not people:
        return None
    assignee, *others = people
    following = Task.objects.create(
        title=task.title,
        text=task.text,
        assignee=assignee,
        author=task.author,
        organization=task.organization if assignee == task.assignee else assignee.organization,
        due_on=due_on,
        is_required=task.is_required,
        about_type=task.about_type,
        about_id=task.about_id,
        repeats=task.repeats,
        repeats_until=task.repeats_until,
        repeats_from=task.repeats_from,
    )
    following.participants.set(others)
    points = [TaskPoint(task=following, place=one.place, text=one.text) for one in task.points.all()]
    TaskPoint.objects.bulk_create(points)
    # What its author attached is needed each time; what others brought is what came of this one.
    share_files(list(task.files.filter(uploaded_by=task.author).order_by("pk")), [following])
    Task.objects.filter(pk=task.pk).update(next=following)
    task.next = following
    return following
