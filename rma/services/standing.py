"""Which side of a request a person is on, and what he may do with it now. Used by its page, its acts, the picker."""

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType

from cabinet.users.models import User
from rma.models import Request

Status = Request.Status
# What each side may do in each state; the first is the obvious one.
OF_MEMBER = {
    Status.SENT: ("accept", "propose", "decline", "hand"),
    Status.PROPOSED: ("hand", "decline"),
    Status.ACCEPTED: ("done", "hand"),
}
OF_ASKER = {
    Status.WANTED: ("name", "withdraw"),
    Status.SENT: ("withdraw",),
    Status.PROPOSED: ("agree", "replace", "withdraw"),
    Status.ACCEPTED: ("withdraw",),
    Status.DECLINED: ("again",),
}
PICKING = {"hand", "name", "replace", "again"}


@dataclass(frozen=True)
class Sides:
    """`acts`: what this person may do now, his own side first."""

    is_member: bool
    is_asker: bool
    acts: tuple[str, ...]

    @property
    def picking(self) -> str:
        """For what he would choose a member; a request has one such act at a time for one person."""
        return next((act for act in self.acts if act in PICKING), "")


def sides(request: Request, user: User) -> Sides:
    is_member = request.member is not None and request.member.user_id == user.pk
    is_asker = is_on_asking_side(request, user)
    acts = _of_member(request) if is_member else []
    if is_asker and not is_member:
        acts += _of_asker(request)
    return Sides(is_member, is_asker, tuple(acts))


def _of_member(request: Request) -> list[str]:
    acts = list(OF_MEMBER.get(Status(request.status), ()))
    if request.is_day_past:
        acts = ["propose", "accept", *acts]  # the day he proposed has gone by: another one, or none
    hidden = set()
    if request.kind == Request.Kind.ASSESSMENT:
        hidden.add("done")  # the checklist says so itself
    if request.has_lost_member:
        hidden |= {"accept", "propose"}  # what he has begun he may still finish or give away
    return [act for act in acts if act not in hidden]


def _of_asker(request: Request) -> list[str]:
    acts = list(OF_ASKER.get(Status(request.status), ()))
    if request.has_lost_member:
        acts = ["replace", *(act for act in acts if act not in ("agree", "replace"))]
    elif request.status == Status.SENT and request.is_overdue:
        acts.insert(0, "replace")  # the one who was asked keeps silent
    if "again" in acts and (request.source_id is not None or request.later.exists()):
        acts.remove("again")  # what it was born of asks anew by itself
    return acts


def is_on_asking_side(request: Request, user: User) -> bool:
    """Whoever asked, the municipal service of the organization, the institute."""
    if "admin" in user.roles or request.author_id == user.pk:
        return True
    return request.organization.municipality_id in user.own_municipalities


def people_shown(request: Request, side: Sides, user: User) -> tuple[list[User], int]:
    """Who takes part, as this person may know; and how many others there are, of other organizations."""
    people = list(request.people.all())
    if not people or side.is_member or request.author_id == user.pk or "admin" in user.roles:
        return people, 0
    pks = [one.pk for one in people]
    seen = set(User.objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True))
    shown = [one for one in people if one.pk in seen]
    return shown, len(people) - len(shown)


def may_open_source(request: Request, user: User) -> bool:
    """Whether this person may open what the request was born of."""
    if request.source_type_id is None or request.source_id is None:
        return False
    model = ContentType.objects.get_for_id(request.source_type_id).model_class()
    rows = getattr(getattr(model, "objects", None), "visible_to", None)
    return rows is not None and rows(user).filter(pk=request.source_id).exists()
