"""Consent to processing, where the notice in force asks for it: a refusal and a withdrawal reach those who wait."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from cabinet.mail.services import cancel_letters, queue_letter
from cabinet.users import grounds
from cabinet.users.models import DataGround, Membership, Role, User
from motor.models import Case, Status
from motor.services.notices import SIGNATURE, case_url, tell


def refuse_consent(person: User) -> None:
    """No consent: nobody is reminded any more, and the methodist learns that he may go on without a survey."""
    waiting = Case.objects.filter(person=person, status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE)).with_names()
    with transaction.atomic():
        for case in waiting:
            # All reminders count as sent: who has said no is not asked again.
            Case.objects.filter(pk=case.pk).update(reminders=len(settings.MOTOR_REMINDER_DAYS))
            cancel_letters(case, "motor.remind")
            tell(
                case,
                "consent_refused",
                case.responsible,
                f"Согласия на обработку данных нет: {person.short_name}",
                f"{person.full_name} пока не даёт согласия на обработку данных, поэтому опросного листа не будет. "
                "Это право педагога. Можно поговорить с ним и продолжить без опросного листа — причину указать "
                f"на странице карты:\n{case_url(case)}",
            )


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
        queue_letter(
            key=f"motor.consent_withdrawn.{ground.pk}.{reader.pk}",
            kind="motor.consent_withdrawn",
            to=reader,
            subject=f"Отозвано согласие на обработку данных: {person.short_name}",
            body=f"Здравствуйте, {reader.polite_name}!\n\n{person.full_name} отозвал(а) согласие на обработку "
            "персональных данных. Опрос для него закрыт, пока согласие не дано снова; новых сведений о нём не "
            "собирайте. Что делать с полученными раньше ответами, решает администратор института.\n\n"
            f"Карты: {settings.SITE_URL}{reverse('motor:cases')}{SIGNATURE}",
        )
