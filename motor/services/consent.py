"""Consent to processing, where the notice in force asks for it: a refusal and a withdrawal reach those who wait."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from cabinet.mail.services import cancel_letters
from cabinet.users import grounds
from cabinet.users.models import DataGround, Membership, Role, User
from motor.models import Case, Status
from motor.services import notices
from motor.services.talking import talk_of_refusal


def refuse_consent(person: User) -> None:
    """No consent: nobody is reminded any more, and the methodist learns that he may go on without a survey."""
    waiting = Case.objects.filter(person=person, status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE)).with_names()
    with transaction.atomic():
        for case in waiting:
            # All reminders count as sent: who has said no is not asked again.
            Case.objects.filter(pk=case.pk).update(reminders=len(settings.MOTOR_REMINDER_DAYS), remind_on=None)
            cancel_letters(case, "motor.remind")
            notices.consent_refused(case)
            if case.status == Status.SURVEY_OPEN:
                talk_of_refusal(case)


def withdraw_consent(person: User, *, request: HttpRequest) -> bool:
    """Take the consent back: the survey is closed until it is given anew. Says whether there was one."""
    with transaction.atomic():
        last = DataGround.objects.in_force().filter(person=person).consents().first()
        if last is None or not grounds.withdraw_consent(person, request=request):
            return False
        _tell_of_withdrawal(person, last)
    return True


def _tell_of_withdrawal(person: User, ground: DataGround) -> None:
    """Those who assess and the admins; each once, however many cases the person has."""
    cases = Case.objects.filter(person=person).exclude(status__in=Case.ENDED).select_related("responsible")
    readers = {case.responsible for case in cases if case.responsible is not None}
    admins = Membership.objects.active().filter(role=Role.ADMIN).select_related("user")
    for reader in readers | {one.user for one in admins}:
        if not reader.is_active or reader == person:
            continue
        notices.consent_withdrawn(person, reader, key=f"motor.consent_withdrawn.{ground.pk}.{reader.pk}")
