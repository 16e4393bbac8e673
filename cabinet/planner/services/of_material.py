"""Where a material of the library is used in the calendar; its page shows that."""

from cabinet.core.clock import today
from cabinet.library.models import Material
from cabinet.planner.models import Event
from cabinet.users.models import User

SHOWN = 5


def places(material: Material, user: User) -> list[tuple[str, str]]:
    """(words, address) of events the reader may see, those to come first."""
    through = Event.materials.through.objects.filter(material=material).values("event")
    events = Event.objects.visible_to(user).filter(pk__in=through, is_cancelled=False).order_by("-on", "-pk")[:SHOWN]
    coming = sorted(events, key=lambda one: (one.on < today(), abs((one.on - today()).days)))
    return [(f"{one.title}, {one.when}", one.get_absolute_url()) for one in coming]
