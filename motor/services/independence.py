"""Nobody assesses himself, in his own organization as РМА, or twice over one case: the last look before a checklist."""

from cabinet.users.models import Membership, User
from cabinet.users.models.role import ORGANIZATION_ROLES
from motor.models import Case, Checklist
from motor.moves import MoveRefused
from motor.services.staff import second_opinions


def works_in(user: User, organization_id: int) -> bool:
    """By his card, or by a role there today."""
    if user.organization_id == organization_id:
        return True
    roles = Membership.objects.active().filter(user=user, organization=organization_id, role__in=ORGANIZATION_ROLES)
    return roles.exists()


def refuse_dependent(case: Case, assessor: User, kind: str) -> None:
    """Whatever the lists offered: roles may have changed since the person was named or asked."""
    if case.person_id == assessor.pk:
        raise MoveRefused("Это ваша собственная карта: её оценивает другой человек.")
    if kind == Checklist.AssessorKind.SCHOOL:
        if assessor.pk in second_opinions([case]).get(case.pk, ()):
            raise MoveRefused("По этой карте вы даёте второе мнение как методист РМА: первое даёт другой человек.")
        return
    if works_in(assessor, case.organization_id):
        raise MoveRefused("Вы работаете в этой же организации: второе мнение даёт методист РМА из другой.")
    given = case.checklists.in_force().filter(version=case.version, assessor=assessor)
    if given.exists():
        raise MoveRefused("Вы уже заполнили чек-лист методиста ОО по этой карте: второе мнение даёт другой человек.")
