"""What the regional methodist does in a route he helps with offers him one line of work a month."""

from cabinet.core.clock import today
from cabinet.users.models import User
from iom.models import Route
from rma.models import Activity, Member
from rma.services.activity import offer


def offer_help(route: Route, actor: User) -> None:
    """A remark, an assignment, an answer looked at: nothing for whoever is not this route's regional methodist."""
    if route.rma_member_id is None:
        return
    member = Member.objects.filter(pk=route.rma_member_id, user=actor).first()
    if member is None:
        return
    day = today()
    offer(
        member,
        key=f"route.{route.pk}.{day:%Y-%m}",
        kind=Activity.Kind.ROUTE,
        on=day,
        title=f"Помощь по ИОМ: {route.person.short_name}",
        source=route,
        people=[route.person],
        organizations=[route.organization],
    )
