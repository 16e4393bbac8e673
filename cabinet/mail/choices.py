"""Which letters a person may ask to have in one letter a day, and what he asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cabinet.core.services import hurry
from cabinet.mail.lines import TOKEN
from cabinet.mail.models import Letter, LetterChoice
from cabinet.mail.texts import all_kinds, kind_of
from cabinet.users.models import User


@dataclass(frozen=True)
class Group:
    """Kinds of letters that are chosen together, by the beginning of their codes."""

    code: str
    title: str
    hint: str
    begins: str


GROUPS = (
    Group("tasks", "Задачи", "Вам поставили задачу, поручение выполнено. О выполненных — всегда раз в день", "task."),
    Group("events", "События", "Приглашения, запись, кто проводит", "event."),
    Group("routes", "Маршруты и задания", "Согласование, проверка, ответы", "iom."),
    Group("cases", "МОТОР", "Карта перешла к вам, пришёл ответ, определён результат", "motor."),
    Group("requests", "Запросы к РМА", "Новые запросы и ответы на ваши", "rma."),
    Group("library", "Библиотека", "Решения о ваших материалах", "library."),
    Group("communities", "Сообщества", "Вас включили в сообщество, кто-то просит принять его в ваше", "community."),
    Group("polls", "Опросы", "Вас просят ответить", "poll."),
)


def group_of(letter: Letter) -> Group | None:
    """None for what always comes at once: codes of the login, personal links, what is urgent by its nature."""
    kind = kind_of(letter.kind)
    if letter.is_secret or (kind is not None and kind.is_urgent):
        return None
    # A personal link is put in at sending and never stands in the database: such a letter cannot be retold.
    if any(match[1] for match in TOKEN.finditer(letter.body)):
        return None
    return next((one for one in GROUPS if letter.kind.startswith(one.begins)), None)


def next_daily() -> datetime:
    """When the next daily letter is written: this morning or tomorrow's."""
    now = timezone.localtime()
    morning = timezone.make_aware(datetime.combine(now.date(), time(settings.MAIL_DAILY_HOUR)))
    return morning if now < morning else morning + timedelta(days=1)


def is_daily(letter: Letter) -> bool:
    """Has its reader asked to have it with the others, or is it of a kind that never comes alone?"""
    group = group_of(letter) if letter.to_id else None
    if group is None:
        return False
    kind = kind_of(letter.kind)
    if kind is not None and kind.is_daily:
        return True
    chosen = LetterChoice.objects.filter(person=letter.to_id, group=group.code, how=LetterChoice.How.DAILY)
    return chosen.exists()


def choices_of(user: User) -> dict[str, str]:
    """Group → how, for every group there is."""
    known = dict(LetterChoice.objects.filter(person=user).values_list("group", "how"))
    return {group.code: known.get(group.code, LetterChoice.How.AT_ONCE) for group in GROUPS}


@transaction.atomic
def choose(user: User, chosen: Mapping[str, str]) -> None:
    """Write the choice down. What waited for the daily letter and need not any more goes at once."""
    for code, how in chosen.items():
        LetterChoice.objects.update_or_create(person=user, group=code, defaults={"how": how})
    freed = [one for one in GROUPS if chosen.get(one.code) == LetterChoice.How.AT_ONCE]
    release(user, [one.begins for one in freed])


def release(user: User, beginnings: Iterable[str]) -> int:
    now = timezone.now()
    always = [one.code for one in all_kinds() if one.is_daily]
    held = Letter.objects.filter(to=user, state=Letter.State.HELD).exclude(kind__in=always)
    freed = sum(
        held.filter(kind__startswith=one).update(state=Letter.State.OWED, due_at=now, leased_until=None)
        for one in beginnings
    )
    if freed:
        hurry("mail.sweep_letters")
    return freed
