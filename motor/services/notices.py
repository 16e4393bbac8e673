"""Who is told what when it becomes his turn. The texts are in motor/letter_texts, an admin may change them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.conf import settings
from django.urls import reverse

from cabinet.core.clock import add_months, today
from cabinet.core.words import counted, days_until, long_date
from cabinet.mail.services import queue_letter
from cabinet.mail.texts import Value, compose
from cabinet.users.models import Membership, Role, User
from motor.models import Case, Status
from rma.models import Request

SHOWN = 20  # people named in one letter
LAST_REMINDER = 3  # later ones, asked for by hand, are written in the same words
DueLine = tuple[str, str, date | None, str]  # what, about whom, by when, address


def case_url(case: Case) -> str:
    return settings.SITE_URL + case.get_absolute_url()


def _key(case: Case, what: str) -> str:
    """One letter per event: the revision makes a second passage through the same state another event."""
    return f"motor.{what}.{case.pk}.{case.version}.{case.revision}"


def write(
    case: Case,
    what: str,
    to: User | None,
    more: Mapping[str, Value] | None = None,
    *,
    text: str = "",
    also: Sequence[Case] = (),
) -> None:
    """Queue one letter by its text, `text` where several serve one kind."""
    if to is None or not to.is_active:
        return
    values = {**_values(case, to), **(more or {})}
    subject, body = compose(f"motor.{text or what}", values)
    queue_letter(
        key=f"{_key(case, what)}.{to.pk}",
        kind=f"motor.{what}",
        to=to,
        subject=subject,
        body=body,
        about=case,
        also=also,
    )


def _values(case: Case, to: User) -> dict[str, Value]:
    """What every letter about a case may name; asked for only where the text does."""
    values: dict[str, Value] = {
        "имя": to.polite_name,
        "педагог": lambda: case.person.full_name,
        "фамилия": lambda: case.person.short_name,
        "курс": lambda: case.completion.course.programme.title,
        "организация": lambda: str(case.organization),
        "методист": lambda: case.responsible.full_name if case.responsible else "методист Вашей организации",
        "месяцев": lambda: _months_since(case),
        "состояние": case.get_status_display,
        "адрес": case_url(case),
    }
    if to.pk == case.person_id:
        return values | {"когда": lambda: _until_for_teacher(case)}
    # For the teacher the date and the days left are counted when the letter goes out, here when it is written.
    return values | by(case.due_on) | {"когда": _until(case)}


def _months_since(case: Case) -> str:
    """Since the end of the course: a summer or a pause may have made more of them than the срез says."""
    ends_on, now = case.completion.course.ends_on, today()
    months = (now.year - ends_on.year) * 12 + now.month - ends_on.month
    months -= add_months(ends_on, months) > now
    return counted(max(months, case.months), "месяц", "месяца", "месяцев")


def by(day: date | None) -> dict[str, Value]:
    """A time limit and how far it is."""
    if day is None:
        return {"срок": "срок не назначен", "осталось": "без срока"}
    return {"срок": long_date(day), "осталось": days_until(day, today())}


def _until(case: Case) -> str:
    return f"Срок — {long_date(case.due_on)}, {days_until(case.due_on, today())}." if case.due_on else ""


def _until_for_teacher(case: Case) -> str:
    line = case.letter_line()
    return f"Ответить можно до {long_date(line.due_on)} ({line.left})." if line and line.due_on else ""


def invite(case: Case) -> None:
    """The teacher's turn: the survey is open."""
    write(case, "invite", case.person)


def remind(cases: Case | Iterable[Case], *, is_asked: bool = False) -> None:
    """One letter about one or several cases of one person, the nearest first; `is_asked` by the teacher himself."""
    listed = [cases] if isinstance(cases, Case) else list(cases)
    first, *others = sorted(listed, key=lambda case: (case.due_on or date.max, case.pk))
    what = f"remind.{first.reminders}"
    text = f"remind.{min(max(first.reminders, 1), LAST_REMINDER)}"
    if is_asked or others:
        text = "remind.asked" if is_asked else "remind.several"
    write(first, what, first.person, text=text, also=others)


def link_reissued(case: Case) -> None:
    """The former link ended; the new one is put in at the moment of sending."""
    write(case, "link_reissued", case.person)


def time_extended(case: Case) -> None:
    write(case, "time_extended", case.person)


def new_link_asked(case: Case, to: User, what: str) -> None:
    write(case, "new_link_asked", to, {"что": what, "адрес": link_page(case)})


def talk_again(case: Case, to: User, what: str, due_on: date | None) -> None:
    """A task is told of once; the second round of the same case needs a letter of its own."""
    write(case, "talk", to, {"что": what, "адрес": link_page(case), **by(due_on)})


def link_page(case: Case) -> str:
    return settings.SITE_URL + reverse("motor:link", args=[case.pk])


def consent_refused(case: Case) -> None:
    write(case, "consent_refused", case.responsible)


def consent_withdrawn(person: User, to: User, *, key: str) -> None:
    """Not about one case: whoever assesses any of them, and the admins."""
    page = f"{settings.SITE_URL}{reverse('motor:cases')}"
    values = {"имя": to.polite_name, "педагог": person.full_name, "фамилия": person.short_name, "адрес": page}
    subject, body = compose("motor.consent_withdrawn", values)
    queue_letter(key=key, kind="motor.consent_withdrawn", to=to, subject=subject, body=body)


def due_list(user: User, lines: Iterable[DueLine], *, key: str) -> None:
    """One letter to staff about everything that is due, the nearest first; nothing when nothing is."""
    listed = sorted(lines, key=lambda line: line[2] or date.max)
    if not listed or not user.is_active:
        return
    told = "\n\n".join(_due(number, *line) for number, line in enumerate(listed, 1))
    count = counted(len(listed), "дело", "дела", "дел")
    subject, body = compose("motor.due", {"имя": user.polite_name, "сколько": count, "перечень": told})
    queue_letter(key=key, kind="motor.due", to=user, subject=subject, body=body)


def undelivered(user: User, people: Sequence[tuple[Case, str, str]], *, key: str) -> None:
    """One letter about those whom no letter reaches: who, why, and where to mend it."""
    shown = people[:SHOWN]
    lines = [
        f"{number}. {case.person.short_name} — {why}\n{settings.SITE_URL}{page}"
        for number, (case, why, page) in enumerate(shown, 1)
    ]
    if rest := len(people) - len(shown):
        page = reverse("motor:response_people", query={"state": "no_contact"})
        lines.append(f"И ещё {rest} — в отклике\n{settings.SITE_URL}{page}")
    values = {"имя": user.polite_name, "людей": counted(len(people), "человек", "человека", "человек")}
    subject, body = compose("motor.undelivered", values | {"кому": "\n\n".join(lines)})
    first, *others = [case for case, _, _ in people]
    queue_letter(key=key, kind="motor.undelivered", to=user, subject=subject, body=body, about=first, also=others)


def _due(number: int, what: str, whom: str, due_on: date | None, url: str) -> str:
    until = f" — до {long_date(due_on)} ({days_until(due_on, today())})" if due_on else ""
    about = f": {whom}" if whom else ""
    address = url if url.startswith(settings.SITE_URL) else f"{settings.SITE_URL}{url}"
    return f"{number}. {what}{about}{until}\n{address}"


def survey_arrived(case: Case) -> None:
    """The responsible person's turn."""
    write(case, "review", case.responsible)


def survey_attached(case: Case) -> None:
    """An answer came during a review that had begun without it: whoever assesses reads it."""
    member = case.rma_member.user if case.status == Status.RMA_REVIEW and case.rma_member else None
    for reader in (case.responsible, member):
        write(case, "attached", reader)


def handed_over(case: Case) -> None:
    """The case falls to another person, because the former one left or never was."""
    write(case, "handed_over", case.responsible)


def rma_wanted(case: Case, *, actor: User | None) -> None:
    """Participation of РМА is asked for and nobody is named yet."""
    for reader in namers(case, actor):
        write(case, "rma_wanted", reader)


def namers(case: Case, actor: User | None) -> list[User]:
    """Who names a member: the holder of the case, else the municipal service, else the admins; never the actor."""
    holder = [case.responsible] if case.responsible is not None and case.responsible.is_active else []
    for level in (lambda: holder, lambda: municipal_specialists(case), lambda: admins(case)):
        if found := [one for one in level() if actor is None or one.pk != actor.pk]:
            return found
    return []


def rma_answered(case: Case, request: Request) -> None:
    """For who answers for the case, where somebody else asked; whoever asked gets the request's own letter."""
    if request.member is None or case.responsible_id == request.author_id:
        return
    text = "rma_answered.yes" if request.status == Request.Status.ACCEPTED else "rma_answered.no"
    more = {"коллега": request.member.user.full_name, "комментарий": request.answer}
    write(case, "rma_answered", case.responsible, more, text=text)


def outcome_ready(case: Case, next_steps: list[str]) -> None:
    """The teacher reads the next step first; the responsible and municipal people learn it is their turn."""
    more = {"шаги": "\n".join(f"— {step}" for step in next_steps)}
    write(case, "outcome_teacher", case.person, more)
    write(case, "outcome_responsible", case.responsible, more)
    for specialist in municipal_specialists(case):
        if specialist.pk != case.responsible_id:
            write(case, "outcome_municipal", specialist)


def municipal_specialists(case: Case) -> list[User]:
    """Active specialists of the case's municipality, never the person himself."""
    memberships = (
        Membership.objects.active()
        .filter(role=Role.MUNICIPAL, municipality=case.organization.municipality_id, user__is_active=True)
        .exclude(user=case.person_id)
        .select_related("user")
    )
    return [membership.user for membership in memberships]


def admins(case: Case) -> list[User]:
    """Never the person himself."""
    memberships = Membership.objects.active().filter(role=Role.ADMIN, user__is_active=True)
    return [membership.user for membership in memberships.exclude(user=case.person_id).select_related("user")]
