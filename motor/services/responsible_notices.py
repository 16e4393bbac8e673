"""Letters about who answers: one for all the cases a person gets, not one per case."""

from datetime import date

from django.conf import settings
from django.urls import reverse

from cabinet.core.words import counted, long_date
from cabinet.mail.services import queue_letter
from cabinet.structure.models import Organization
from cabinet.users.models import Membership, Substitution, User
from motor.models import Case
from motor.services import notices

NAMED = 10  # cases named in one letter; the rest are in the list


def _cards(count: int) -> str:
    return counted(count, "карта", "карты", "карт")


def _own_cases_url() -> str:
    return f"{settings.SITE_URL}{reverse('motor:cases')}"


def _write(key: str, kind: str, to: User, subject: str, text: str) -> None:
    if to.is_active:
        body = f"Здравствуйте, {to.polite_name}!\n\n{text}{notices.SIGNATURE}"
        queue_letter(key=key, kind=kind, to=to, subject=subject, body=body)


def nobody(cases: list[Case]) -> None:
    """For those whom another letter tells."""


def _list(cases: list[Case]) -> str:
    lines = [f"— {case.person.full_name}: {case.get_status_display()}" for case in cases[:NAMED]]
    if len(cases) > NAMED:
        lines.append(f"и ещё {_cards(len(cases) - NAMED)}")
    return "\n".join(lines)


def _key(cases: list[Case], what: str) -> str:
    """The first case's revision makes each time another event."""
    first = min(cases, key=lambda case: case.pk)
    return f"motor.{what}.{first.pk}.{first.version}.{first.revision}.{first.responsible_id}"


def handed_over(cases: list[Case]) -> None:
    """Cases of one holder fell to him, because the former one left or never was."""
    if len(cases) == 1:
        notices.handed_over(cases[0])
        return
    to = cases[0].responsible if cases else None
    if to is not None:
        text = f"Теперь по этим картам отвечаете вы ({_cards(len(cases))}):\n{_list(cases)}\n\n{_own_cases_url()}"
        _write(_key(cases, "handed_over"), "motor.handed_over", to, f"Вам переданы {_cards(len(cases))} МОТОР", text)


def came_back(cases: list[Case]) -> None:
    """The substitution is over."""
    to = cases[0].responsible
    if to is not None:
        text = f"Замещение закончилось, и ваши карты снова у вас ({_cards(len(cases))}):\n{_list(cases)}"
        _write(
            _key(cases, "came_back"),
            "motor.came_back",
            to,
            f"С возвращением! Снова у вас: {_cards(len(cases))}",
            f"{text}\n\n{_own_cases_url()}",
        )


def appointed(membership: Membership, organization: Organization, waiting: int) -> None:
    """What the new methodist answers for, how many cases there are, and the way in."""
    subjects = ", ".join(subject.name for subject in membership.subjects.all())
    since = f" с {long_date(membership.starts_on)}" if membership.starts_on else ""
    until = f" по {long_date(membership.ends_on)}" if membership.ends_on else ""
    cards = (
        f"Сейчас у вас {_cards(waiting)} — по каждой видно, чей ход и до какого дня."
        if waiting
        else "Пока карт у вас нет: когда они откроются, вы увидите их на первой странице."
    )
    _write(
        f"motor.appointed.{membership.pk}",
        "motor.appointed",
        membership.user,
        "Вы отвечаете за МОТОР в своей организации",
        f"Вас назначили методистом, который отвечает за МОТОР в организации «{organization}»{since}{until}"
        f"{f' (предметы: {subjects})' if subjects else ''}.\n\n"
        "Через три месяца после курсов педагог отвечает на четыре вопроса; вы изучаете подтверждения, заполняете "
        f"короткий чек-лист и помогаете со следующим шагом. {cards}\n\n"
        f"{_own_cases_url()}\n\nВойти можно по коду, который придёт на этот адрес: пароль не нужен.",
    )


def released(user: User, organization: Organization, since: date) -> None:
    _write(
        f"motor.released.{user.pk}.{organization.pk}.{since:%Y%m%d}",
        "motor.released",
        user,
        "Вы больше не отвечаете за МОТОР в своей организации",
        f"С {long_date(since)} за карты МОТОР в организации «{organization}» отвечают другие коллеги. "
        "Незавершённые карты перейдут к ним сами. Спасибо за вашу работу!",
    )


def substitution_named(substitution: Substitution, count: int) -> None:
    """One letter to the deputy and one to the person, whatever the number of cases."""
    person, deputy = substitution.person, substitution.deputy
    period = f"с {long_date(substitution.starts_on)} по {long_date(substitution.ends_on)}"
    _write(
        f"motor.substitution.{substitution.pk}.deputy",
        "motor.substitution",
        deputy,
        f"Вы замещаете: {person.short_name}, {period}",
        f"{period.capitalize()} вы отвечаете за карты МОТОР вместо коллеги: {person.full_name}. "
        f"Сейчас в работе {_cards(count)}; новые в эти дни тоже придут к вам. "
        f"После этого незавершённые карты вернутся сами.\n\n{_own_cases_url()}",
    )
    _write(
        f"motor.substitution.{substitution.pk}.person",
        "motor.substitution",
        person,
        f"Вас замещает {deputy.short_name}, {period}",
        f"{period.capitalize()} за ваши карты МОТОР отвечает {deputy.full_name}. "
        f"Сейчас в работе {_cards(count)}; незавершённые вернутся к вам на следующий день после замещения.\n\n"
        f"{settings.SITE_URL}{reverse('motor:substitution', args=[substitution.pk])}",
    )


def substitution_cancelled(row: Substitution, *, is_person_told: bool) -> None:
    """The person, too, unless the letter about his cases coming back tells him."""
    text = f"Замещение отменено: {row.person.full_name} снова отвечает за свои карты."
    for to in (row.deputy,) if is_person_told else (row.deputy, row.person):
        _write(
            f"motor.substitution_over.{row.pk}.{to.pk}",
            "motor.substitution_over",
            to,
            "Замещение отменено",
            f"{text}\n\n{_own_cases_url()}",
        )
