"""Assignments: given to one or several, changed, answered, sent back, accepted, withdrawn."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from cabinet.core.words import long_date
from cabinet.files.services import store_upload
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import Answer, Assignment, Route, RouteItem
from iom.moves import Refused, hold, touch
from iom.services.carrying import helpers_of
from iom.services.helping import let_go
from iom.services.notices import write
from iom.services.offering import offer_help

States = Assignment.Status


def give(
    routes: Sequence[Route],
    *,
    author: User,
    title: str,
    text: str = "",
    due_on: date | None = None,
    material_title: str = "",
    material_link: str = "",
    item: RouteItem | None = None,
    files: Sequence[UploadedFile] = (),
    batch: str = "",
) -> list[Assignment]:
    """One batch for all the routes; everybody has a copy of the files, so that each is read by its own right.

    `batch` is the mark of the page it was written on: the same sent twice is given once.
    """
    made = []
    routes = sorted(routes, key=lambda one: one.pk)  # always in one order: two batches never wait in a ring
    with transaction.atomic():
        for route in routes:
            hold(route)
            if not route.is_running:
                raise Refused(f"Маршрут «{route.title}» уже не идёт. Уберите его из списка, остальным задание уйдёт.")
        earlier = {one.route_id: one for one in Assignment.objects.filter(author=author, batch=batch)} if batch else {}
        if not batch or any((one.title, one.text, one.due_on) != (title, text, due_on) for one in earlier.values()):
            earlier, batch = {}, secrets.token_urlsafe(16)  # something else, written on a page come back to
        for route in routes:
            if route.pk in earlier:
                made.append(earlier[route.pk])
                continue
            one = Assignment.objects.create(
                route=route,
                item=item,
                title=title,
                text=text,
                due_on=due_on,
                material_title=material_title,
                material_link=material_link,
                author=author,
                batch=batch,
            )
            for upload in files:
                store_upload(upload, one, author)
            _note(one, author, "выдано задание")
            offer_help(route, author)
            _tell(one, "assignment_given", route.person, author)
            made.append(one)
    return made


def change(assignment: Assignment, *, actor: User, title: str, text: str, due_on: date | None) -> bool:
    """Say the assignment otherwise while the teacher still works on it; says whether anything was changed."""
    wanted: dict[str, Any] = {"title": title, "text": text, "due_on": due_on}
    told = _differences(assignment, wanted)
    if not told:
        return False
    with transaction.atomic():
        if assignment.status == States.SUBMITTED:
            raise Refused("Ответ уже на проверке. Примите его или верните с комментарием, потом меняйте задание.")
        _move(assignment, Assignment.WITH_TEACHER, assignment.status, **wanted)
        _note(assignment, actor, "изменено задание")
        _tell(assignment, "assignment_changed", assignment.route.person, actor, told)
    return True


def is_as(assignment: Assignment, wanted: dict[str, Any]) -> bool:
    return not _differences(assignment, wanted)


def _differences(assignment: Assignment, wanted: dict[str, Any]) -> str:
    """What the letter says of the change: a line for each field, its new words."""
    lines = []
    if wanted["title"] != assignment.title:
        lines.append(f"Задание теперь называется «{wanted['title']}».")
    if wanted["due_on"] != assignment.due_on:
        due_on = wanted["due_on"]
        lines.append(f"Новый срок — {long_date(due_on)}." if due_on else "Срока у задания больше нет.")
    if wanted["text"] != assignment.text:
        lines.append(f"Что сделать: {wanted['text'] or 'как в названии'}")
    return "\n".join(lines)


def is_said(assignment: Assignment, actor: User, comment: str, *, is_accepted: bool) -> bool:
    """The last answer has this very word of this very person: the second click of two."""
    last = assignment.answers.last()
    return (
        assignment.status != States.SUBMITTED
        and last is not None
        and last.checked_by_id == actor.pk
        and (last.is_accepted, last.comment) == (is_accepted, comment.strip())
    )


def is_sent(assignment: Assignment, text: str, link: str) -> bool:
    """The same answer is with the checker already: the second click of two."""
    last = assignment.answers.filter(is_accepted=None).last()
    return last is not None and (last.text, last.link) == (text.strip(), link)


def checkers_of(assignment: Assignment) -> list[User]:
    """Who is told of an answer: the giver while he still helps with the route, else those who support it now."""
    author = assignment.author
    may_check = Route.objects.checkable_by(author).filter(pk=assignment.route_id).exists()
    if author.is_active and may_check:
        return [author]
    support = assignment.item.support if assignment.item else ""
    return helpers_of(assignment.route, support)


def answer(
    assignment: Assignment, *, actor: User, text: str = "", link: str = "", files: Sequence[UploadedFile] = ()
) -> Answer:
    """Raises Refused when nothing is shown, or the assignment no longer waits for an answer."""
    if not (text.strip() or link or files):
        raise Refused("Напишите ответ, дайте ссылку или приложите файл.")
    with transaction.atomic():
        _move(assignment, Assignment.WITH_TEACHER, States.SUBMITTED)
        sent = Answer.objects.create(assignment=assignment, text=text.strip(), link=link)
        for upload in files:
            store_upload(upload, sent, actor)
        _note(assignment, actor, "ответ на задание")
        for checker in checkers_of(assignment):
            _tell(assignment, "assignment_answered", checker, actor)
    return sent


def send_back(assignment: Assignment, *, actor: User, comment: str) -> None:
    """Also what was accepted by mistake: one key accepts."""
    if not comment.strip():
        raise Refused("Напишите, что доработать: без этого ответ не вернуть.")
    _check(assignment, actor, comment.strip(), is_accepted=False)


def accept(assignment: Assignment, *, actor: User, comment: str = "") -> None:
    _check(assignment, actor, comment.strip(), is_accepted=True)


def withdraw(assignment: Assignment, *, actor: User, reason: str) -> None:
    if not reason.strip():
        raise Refused("Напишите, почему задание отзывается: педагог увидит причину в письме.")
    with transaction.atomic():
        _move(assignment, (*Assignment.WITH_TEACHER, States.SUBMITTED), States.WITHDRAWN, is_over=True)
        _note(assignment, actor, f"отозвано задание ({reason.strip()})")
        _tell(assignment, "assignment_withdrawn", assignment.route.person, actor, reason.strip())


def _check(assignment: Assignment, actor: User, comment: str, *, is_accepted: bool) -> None:
    if assignment.route.person_id == actor.pk:
        raise Refused("Свой ответ проверяет кто-то другой: методист, наставник или методист РМА.")
    with transaction.atomic():
        sources = (States.SUBMITTED,) if is_accepted else (States.SUBMITTED, States.ACCEPTED)
        _move(assignment, sources, States.ACCEPTED if is_accepted else States.RETURNED)
        values: dict[str, Any] = {"checked_by": actor, "checked_at": timezone.now(), "comment": comment}
        last = assignment.answers.order_by("-pk").values("pk")[:1]
        assignment.answers.filter(pk__in=last).update(is_accepted=is_accepted, **values)
        _note(assignment, actor, "ответ принят" if is_accepted else "ответ возвращён")
        what = "assignment_accepted" if is_accepted else "assignment_returned"
        _tell(assignment, what, assignment.route.person, actor, comment)
        offer_help(assignment.route, actor)
        let_go(assignment.route, actor=actor)


def _move(assignment: Assignment, sources: Sequence[str], target: str, *, is_over: bool = False, **fields: Any) -> None:
    """Inside a transaction: hold the route, then move only what still stands as it was seen.

    `is_over`: also where the route is carried out no more.
    """
    hold(assignment.route)
    if not (is_over or assignment.route.is_running):
        raise Refused(
            f"Маршрут в состоянии «{assignment.route.get_status_display()}», и задание закрыто вместе с ним. "
            "Чтобы продолжить, возобновите маршрут на его странице."
        )
    values = fields | {"status": target, "revision": assignment.revision + 1}
    if target != assignment.status:
        values["status_since"] = timezone.now()
    here = Assignment.objects.filter(pk=assignment.pk, status__in=sources, revision=assignment.revision)
    if not here.update(**values):
        assignment.refresh_from_db(fields=["status", "revision"])
        raise Refused(_what_happened(assignment))
    for name, value in values.items():
        setattr(assignment, name, value)


def _what_happened(assignment: Assignment) -> str:
    """For whoever comes second: who was first, and that nothing is lost."""
    last = assignment.answers.exclude(checked_by=None).select_related("checked_by").last()
    if last and last.checked_by and assignment.status in (States.ACCEPTED, States.RETURNED):
        done = "принят" if assignment.status == States.ACCEPTED else "возвращён на доработку"
        return f"Ответ уже {done}: {last.checked_by.full_name}. Написанное вами осталось ниже."
    return f"Задание уже изменилось: сейчас оно в состоянии «{assignment.get_status_display()}». Обновите страницу."


def require_seen(assignment: Assignment, revision: str) -> None:
    """An answer sent anew, or a change, since the page was opened must be seen before it is judged."""
    if revision.isdecimal() and int(revision) != assignment.revision:
        raise Refused(_what_happened(assignment))


def _note(assignment: Assignment, actor: User, what: str) -> None:
    route = assignment.route
    record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note=f"{what}: {assignment.title}")
    touch(route)


def _tell(assignment: Assignment, what: str, to: User, actor: User, comment: str = "") -> None:
    until = f"Срок — {long_date(assignment.due_on)}." if assignment.due_on else ""
    more = {"задание": assignment.title, "комментарий": comment, "срок": until}
    event = f"a{assignment.pk}.{assignment.revision}"
    write(assignment.route, what, to, more, actor=actor, about=assignment, event=event)
