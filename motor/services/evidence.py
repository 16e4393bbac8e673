"""One piece of evidence may serve several cases of the same person."""

from django.db import transaction

from motor.models import Case, Evidence
from motor.moves import MoveRefused, touch

OFFERED_FIELDS = ("case_id", "origin_id", "kind", "text", "link", "event_on", "file_id", "created_at")


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


def former_evidence(case: Case) -> list[Evidence]:
    """What the person brought to other cases and this one does not hold yet, the latest first.

    Two small queries, sorted out here: it stands on the survey's page, and one join over cases and courses took
    longer than the whole page.
    """
    every = Case.objects.filter(person=case.person_id).order_by().values_list("pk", "opened_at")
    others = [pk for pk, opened_at in every if opened_at and pk != case.pk]
    if not others:
        return []
    pieces = Evidence.objects.in_force().filter(case__in=[case.pk, *others]).only(*OFFERED_FIELDS)
    found = list(pieces.order_by("-created_at", "-pk"))
    held = {one.origin_id for one in found if one.case_id == case.pk}
    return [one for one in found if one.case_id != case.pk and one.origin_id is None and one.pk not in held]
