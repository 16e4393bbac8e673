"""Who names a member, and who answers for the asking side when whoever asked is there no more."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from cabinet.users.models import Membership, Role, User
from rma.models import Request


class Specialists:
    """The municipal service, where there is none the institute; never who asked himself or is asked about."""

    def __init__(self, requests: Iterable[Request]) -> None:
        municipalities = {one.organization.municipality_id for one in requests}
        self.by_municipality: dict[int, list[User]] = defaultdict(list)
        self.admins: list[User] = []
        if not municipalities:
            return
        mine = Q(role=Role.MUNICIPAL, municipality__in=municipalities) | Q(role=Role.ADMIN)
        roles = Membership.objects.active().filter(mine, user__is_active=True).select_related("user")
        for row in roles.order_by("pk"):
            if row.municipality_id is None:
                self.admins.append(row.user)
            else:
                self.by_municipality[row.municipality_id].append(row.user)

    def of(self, request: Request) -> list[User]:
        own = self.by_municipality.get(request.organization.municipality_id, [])
        return _others(own, request) or _others(self.admins, request)

    def asking(self, request: Request) -> list[User]:
        """Whoever asked; when he is here no more, those who name a member in his place."""
        return [request.author] if request.author.is_active else self.of(request)


def _others(people: Iterable[User], request: Request) -> list[User]:
    others = {one for one in people if one.pk not in (request.author_id, request.person_id)}
    return sorted(others, key=lambda one: one.pk)
