"""In which cases it is a person's turn, by the kind of work."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef

from cabinet.planner.models import Task
from cabinet.users.models import User
from motor.models import Agreement, Case, CaseQuerySet, Checklist, MunicipalRecord, Objection, Status
from rma.models import Request


def survey_turn(user: User) -> CaseQuerySet:
    return Case.objects.filter(person=user, status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE))


def review_turn(user: User) -> CaseQuerySet:
    return Case.objects.assessable_by(user)


def naming_turn(user: User) -> CaseQuerySet:
    """РМА was asked for, and nobody is asked at the moment."""
    asked = Request.objects.filter(
        source_type=ContentType.objects.get_for_model(Case),
        source_id=OuterRef("pk"),
        kind=Request.Kind.ASSESSMENT,
        status__in=Request.OPEN,
    )
    return Case.objects.led_by(user).filter(~Exists(asked), status=Status.RMA_REQUESTED)


def steps_turn(user: User) -> CaseQuerySet:
    unfinished = Task.objects.open().filter(
        about_type=ContentType.objects.get_for_model(Case), about_id=OuterRef("pk"), is_required=True
    )
    return Case.objects.led_by(user).filter(Exists(unfinished), status=Status.FOLLOW_UP)


def record_turn(user: User) -> CaseQuerySet:
    done = MunicipalRecord.objects.filter(case=OuterRef("pk"), version=OuterRef("version"))
    return Case.objects.recordable_by(user).filter(~Exists(done), status=Status.FOLLOW_UP)


def rma_turn(user: User) -> CaseQuerySet:
    return Case.objects.rma_assessable_by(user)


def objection_turn(user: User) -> CaseQuerySet:
    return Case.objects.filter(pk__in=Objection.objects.decidable_by(user).values("case"))


def agreement_turn(user: User) -> CaseQuerySet:
    """The other assessor proposed a common conclusion: confirm it or propose otherwise."""
    proposed = Agreement.objects.filter(case=OuterRef("pk"), version=OuterRef("version"), confirmed_at=None)
    assessed = Checklist.objects.in_force().filter(assessor=user).values("case")
    return Case.objects.filter(
        Exists(proposed.exclude(proposed_by=user)), pk__in=assessed, status=Status.FOLLOW_UP
    ).exclude(person=user)


def turns(user: User) -> dict[str, CaseQuerySet]:
    """Code of the work → cases in which it is this person's turn; only what his roles allow. A paused case waits."""
    return {code: cases.filter(paused_until=None) for code, cases in _turns(user).items()}


def _turns(user: User) -> dict[str, CaseQuerySet]:
    found = {"survey": survey_turn(user)}
    if user.roles & {"methodist", "municipal", "admin"}:
        found |= {"review": review_turn(user), "naming": naming_turn(user), "steps": steps_turn(user)}
    if "regional" in user.roles:
        found["rma"] = rma_turn(user)
    if user.roles & {"methodist", "municipal", "regional"}:
        found["agreement"] = agreement_turn(user)
    if user.roles & {"municipal", "admin"}:
        found["objection"] = objection_turn(user)
    if "municipal" in user.roles:
        found["record"] = record_turn(user)
    return found
