"""Grounds of processing: which notice is in force, who was shown it, who agreed and who took that back."""

from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import DataGround, DataNotice, LogEntry, User
from cabinet.users.services import record

CACHE_KEY = "users.notices"
# Ours, until the institute's lawyer has read it: the admin changes it in «Уведомления о данных».
FIRST_TITLE = "Что делается с Вашими ответами"
FIRST_TEXT = """\
Ответы увидят методист и руководитель Вашей организации, при необходимости методист РМА или наставник, специалист \
муниципальной методической службы, куратор курса и администратор института. По ответам Вам предложат следующий шаг \
развития; в сводках фамилий нет. Основание — функции, которые закон возлагает на институт (статья 6 закона № 152-ФЗ).

Оператор — ГАУ ДПО «ИРО ПК».

Какие данные: фамилия, имя, отчество, место работы, должность, предмет, адрес для писем, сведения о пройденном курсе, \
Ваши ответы и подтверждения к ним. Сведения о здоровье и семье указывать не нужно.

Зачем: узнать, что из курса пригодилось на практике, и помочь с дальнейшими шагами. Участие — Ваше собственное развитие.

Основание: пункт 2 части 1 статьи 6 Федерального закона от 27.07.2006 № 152-ФЗ «О персональных данных».

Ваши права: узнать, что о Вас хранится, исправить это и возразить против обработки. Напишите администратору института.\
"""


class ConsentMissing(Exception):
    """The notice in force asks for consent, and the person has not given it or has taken it back."""


def first_notice() -> DataNotice:
    """The text a cabinet begins with: nobody answers without having been shown one."""
    words = {
        "ground": DataNotice.Ground.PUBLIC_TASK,
        "title": FIRST_TITLE,
        "text": FIRST_TEXT,
        "in_force_from": today(),
    }
    return DataNotice.objects.get_or_create(version=1, defaults=words)[0]


def _notices() -> list[DataNotice]:
    """All versions, the newest first; a process keeps them a minute."""
    cache = caches["local"]
    notices: list[DataNotice] | None = cache.get(CACHE_KEY)
    if not notices:
        notices = list(DataNotice.objects.order_by("-version")) or [first_notice()]
        cache.set(CACHE_KEY, notices, 60)
    return notices


def notice_in_force() -> DataNotice:
    day = today()
    notices = _notices()
    return next((one for one in notices if one.in_force_from <= day), notices[-1])


def notice_shown(version: str) -> DataNotice:
    """The version a page says it showed; the text may have changed while the person was writing."""
    shown = next((one for one in _notices() if str(one.version) == version), None)
    return shown or notice_in_force()


def revise_notice(notice: DataNotice) -> DataNotice:
    """Keep a changed text: as it is while nobody has seen it, else as a new version beside the former one."""
    with transaction.atomic():
        # The lock makes two admins take two numbers.
        list(DataNotice.objects.select_for_update().order_by("version")[:1])
        if notice._state.adding or notice.was_shown():
            last = DataNotice.objects.aggregate(last=Max("version"))["last"] or 0
            notice.pk, notice._state.adding, notice.version = None, True, last + 1
            notice.created_at = timezone.now()
            notice.in_force_from = max(notice.in_force_from, today())
        notice.save()
    caches["local"].delete(CACHE_KEY)
    return notice


def has_consent(person: User, notice: DataNotice) -> bool:
    return DataGround.objects.in_force().filter(person=person, notice=notice).exists()


def record_ground(person: User, notice: DataNotice, *, channel: str, ip_address: str | None) -> None:
    """Note with an answer that the person was shown the notice; once per person and version.

    Raises ConsentMissing when the notice in force asks for consent: that is given on a page of its own.
    """
    now = notice_in_force()
    if now.asks_consent:
        if not has_consent(person, now):
            raise ConsentMissing
        return
    if notice.asks_consent:
        return  # an earlier text, agreed to on its own page
    # One statement, whether or not the row is there already.
    row = DataGround(person=person, notice=notice, channel=channel, ip_address=ip_address)
    DataGround.objects.bulk_create([row], ignore_conflicts=True)


def give_consent(
    person: User, notice: DataNotice, *, channel: str, request: HttpRequest, actor: User | None = None
) -> bool:
    """The person agrees to the version shown; says whether that is new. `actor` types in what was signed on paper."""
    address = None if actor else request.META.get("REMOTE_ADDR") or None
    try:
        with transaction.atomic():
            DataGround.objects.create(person=person, notice=notice, channel=channel, ip_address=address)
            note = f"дано согласие на обработку данных, версия {notice.version}"
            by = actor or person
            record(LogEntry.Action.CHANGED, actor=by, person=person, about=notice, note=note, request=request)
    except IntegrityError:
        return False  # a second click: it is there already
    return True


def withdraw_consent(person: User, *, request: HttpRequest) -> bool:
    """Take back every consent in force; the record stays. Says whether there was one."""
    with transaction.atomic():
        withdrawn = DataGround.objects.in_force().filter(person=person).consents().update(withdrawn_at=timezone.now())
        if withdrawn:
            note = "отозвано согласие на обработку данных"
            record(LogEntry.Action.CHANGED, actor=person, person=person, about=person, note=note, request=request)
    return bool(withdrawn)
