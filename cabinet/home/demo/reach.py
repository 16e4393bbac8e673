"""How the invitation reached people: links opened, answers begun, slips handed over, a letter that came back."""

from datetime import date, timedelta
from itertools import cycle

from cabinet.core.clock import today
from cabinet.home.demo.logins import DEMO_LOGINS
from cabinet.home.demo.moment import at, on_day, recent_working_day
from cabinet.mail.models import Letter
from cabinet.users.models import User
from motor.models import Case, LinkEvent, Status
from motor.services.drafts import save_draft
from motor.services.link import note, note_opened
from motor.services.survey import agree_with, may_agree

BEGUN = {"important": "Листы самооценки на уроке: дети сами видят, что уже получилось.", "in_route": "outside"}
REFUSED = "SMTPRecipientsRefused: (550, 'такого ящика нет')"
WAYS = (LinkEvent.Way.SLIP, LinkEvent.Way.SFERUM, LinkEvent.Way.PERSON)


def reach_people() -> None:
    """Of those who are still to answer: one opened the link, the next began, the next got a slip, and so on."""
    logins = [login.email for login in DEMO_LOGINS]
    waiting = Case.objects.filter(status=Status.SURVEY_OPEN, paused_until=None, surveys=None)
    cases = list(waiting.exclude(person__email__in=logins).with_names().order_by("pk"))
    acts = cycle((_opened, _began, _handed, _refused, _opened, _nothing, _without_address))
    for number, (case, act) in enumerate(zip(cases, acts, strict=False)):
        day = max(recent_working_day(1 + number % 3), _opening(case))
        with at(on_day(day, 10 + number % 8, 7 * number % 60)):
            act(case, number)


def agree_with_results() -> None:
    """Every second teacher whose case is over has said «согласен»."""
    over = Case.objects.filter(status=Status.CLOSED, outcome__isnull=False).with_names().order_by("pk")
    for case in list(over)[::2]:
        if case.outcome and may_agree(case):
            with at(case.outcome.computed_at + timedelta(days=1, hours=2)):
                agree_with(case)


def _opening(case: Case) -> date:
    return min(case.opens_on + timedelta(days=1), today() - timedelta(days=1))


def _opened(case: Case, number: int) -> None:
    note_opened(case)


def _began(case: Case, number: int) -> None:
    note_opened(case)
    save_draft(case, BEGUN, number=0)


def _handed(case: Case, number: int) -> None:
    note(case, LinkEvent.Kind.HANDED, way=WAYS[number % len(WAYS)], actor=case.responsible)


def _refused(case: Case, number: int) -> None:
    """Every letter so far came back."""
    letters = Letter.objects.filter(to=case.person, kind__startswith="motor.")
    letters.update(state=Letter.State.FAILED, last_error=REFUSED, attempts=5)


def _without_address(case: Case, number: int) -> None:
    """Came in the list without an address."""
    letters = Letter.objects.filter(to=case.person, kind__startswith="motor.")
    letters.update(state=Letter.State.NO_ADDRESS, address="")
    User.objects.filter(pk=case.person_id, email=None).update(contact_email=None)


def _nothing(case: Case, number: int) -> None:
    pass
