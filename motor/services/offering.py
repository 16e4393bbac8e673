"""What is done around cases offers the regional methodist a line of his work; what is undone takes it back."""

from django.utils import timezone

from motor.models import Case, Checklist, Consultation
from rma.models import Activity, Member
from rma.services.activity import offer, take_back


def offer_checklist(case: Case, checklist: Checklist) -> None:
    member = Member.objects.filter(user=checklist.assessor_id).first()
    if member is not None:
        offer(
            member,
            key=_of_checklist(checklist),
            kind=Activity.Kind.CHECKLIST,
            on=timezone.localdate(checklist.saved_at),
            title=f"Чек-лист РМА: {case.person.short_name}",
            source=case,
            people=[case.person],
            organizations=[case.organization],
        )


def take_back_checklists(case: Case) -> None:
    """The opinions of this version count no more: the case is assessed anew."""
    given = case.checklists.in_force().filter(version=case.version, assessor_kind=Checklist.AssessorKind.RMA)
    for checklist in given:
        member = Member.objects.filter(user=checklist.assessor_id).first()
        if member is not None:
            take_back(member, _of_checklist(checklist))


def _of_checklist(checklist: Checklist) -> str:
    return f"checklist.{checklist.pk}"


def offer_consultation(consultation: Consultation) -> None:
    """One line with everybody who took part; who is added later joins it until the member has agreed to it."""
    if consultation.member is None:
        return
    cases = list(consultation.cases.select_related("person", "organization"))
    people = list({case.person_id: case.person for case in cases}.values())
    schools = list({case.organization_id: case.organization for case in cases}.values())
    if not people:
        return
    kind = Activity.Kind.GROUP if len(people) > 1 else Activity.Kind.CONSULTATION
    key = f"consultation.{consultation.pk}"
    made = offer(
        consultation.member,
        key=key,
        kind=kind,
        on=consultation.on,
        title=f"Консультация: {consultation.topic}",
        source=cases[0] if len(cases) == 1 else consultation,
        people=people,
        organizations=schools,
    )
    line = None if made else Activity.objects.offered().filter(member=consultation.member, key=key).first()
    if line is not None:
        line.kind, line.people_count = kind, max(line.people_count, len(people))
        line.save(update_fields=["kind", "people_count"])
        line.people.set(people)
        line.organizations.set(schools)
