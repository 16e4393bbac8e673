"""What the page of one community shows beside its members, and what its reader may do there."""

from collections.abc import Iterable
from typing import Any

from cabinet.home.services.communities import heads_of
from cabinet.home.services.community_asks import askers, may_ask
from cabinet.library.models import Material
from cabinet.planner.models import Event
from cabinet.structure.models import Community
from cabinet.users.models import CommunityMember, User, only_observes

SHOWN = 5  # events and materials named on the page


def page_of(community: Community, members: Iterable[CommunityMember], user: User, *, edits: bool) -> dict[str, Any]:
    """`members` are those of the shown page; `lines`: each with whether he may be let go and whose card opens."""
    listed = list(members)
    events = Event.objects.visible_to(user).filter(community=community)
    materials = Material.objects.visible_to(user).filter(community=community).published()
    pks = [one.pk for one in listed]
    endable = set(CommunityMember.objects.endable_by(user).filter(pk__in=pks).values_list("pk", flat=True))
    people = [one.person_id for one in listed]
    cards = set(User.objects.visible_to(user).filter(pk__in=people).order_by().values_list("pk", flat=True))
    own = CommunityMember.objects.lasting().filter(community=community, person=user).first()
    return {
        "heads": heads_of([community.pk], user).get(community.pk, []),
        "hides_people": only_observes(user),
        "own": own,
        "askers": list(askers(community)) if edits else [],
        "has_asked": not edits and own is None and user.asked_communities.filter(pk=community.pk).exists(),
        "may_ask": not edits and own is None and may_ask(community, user),
        "ahead": list(events.ahead().filter(is_cancelled=False)[:SHOWN]),
        "past_events": list(events.past().filter(is_cancelled=False).order_by("-on", "-pk")[:SHOWN]),
        "materials": list(materials[:SHOWN]),
        "lines": [(one, one.pk in endable, one.person_id in cards) for one in listed],
    }
