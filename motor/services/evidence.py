"""One piece of evidence may serve several cases of the same person."""

from django.db import transaction

from motor.models import Case, Evidence
from motor.models.evidence import EvidenceQuerySet
from motor.moves import MoveRefused, touch


def share_evidence(evidence: Evidence, case: Case) -> Evidence:
    """The same piece for another case of the same person: its file, link and words; asked twice, it is there once.

    `origin` is always the first piece, the owner of the file, so that whoever reads the case may fetch it.
    """
    first = evidence.origin or evidence
    if evidence.case.person_id != case.person_id:
        raise MoveRefused("Это подтверждение другого педагога: к этой карте его приложить нельзя.")
    if evidence.removed_at is not None:
        raise MoveRefused("Это подтверждение педагог убрал. Приложите другое.")
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)  # two clicks at once must not make two pieces
        for known in case.evidence.in_force():
            if known.pk == first.pk or known.origin_id == first.pk:
                return known
        shared = Evidence.objects.create(
            case=case,
            version=case.version,
            kind=first.kind,
            text=first.text,
            link=first.link,
            event_on=first.event_on,
            file=first.file,
            origin=first,
        )
        touch(case)
    return shared


def former_evidence(case: Case) -> EvidenceQuerySet:
    """What the person brought to other cases and this one does not hold yet, the latest first.

    In two steps and without the names of courses: it stands on the survey's page, and planning one join of all
    that would take longer than the page.
    """
    every = Case.objects.filter(person=case.person_id).order_by().values_list("pk", flat=True)
    others = [pk for pk in every if pk != case.pk]
    if not others:
        return Evidence.objects.none()
    here = case.evidence.in_force().filter(origin__isnull=False).order_by().values("origin")
    brought = Evidence.objects.in_force().filter(case__in=others, origin=None).exclude(pk__in=here)
    return brought.select_related("file").order_by("-created_at", "-pk")
