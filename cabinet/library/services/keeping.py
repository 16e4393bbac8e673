"""What waits for the keeper, and his decision on it."""

from django.db.models import OuterRef, Q, Subquery

from cabinet.library.models import Material, MaterialQuerySet, MaterialVersion
from cabinet.library.services import offering, versions
from cabinet.users.models import User


def waiting(materials: MaterialQuerySet) -> MaterialQuerySet:
    """Offers and those with a next version offered, the longest untouched first."""
    offered = MaterialVersion.objects.offered().filter(material=OuterRef("pk")).order_by("-number")
    rows = materials.annotate(offered_number=Subquery(offered.values("number")[:1]))
    is_waiting = Q(state=Material.State.OFFERED) | Q(state=Material.State.PUBLISHED, offered_number__isnull=False)
    found: MaterialQuerySet = rows.filter(is_waiting).select_related("topic", "owner__organization")
    return found.order_by("updated_at", "pk")


def offered_version(material: Material) -> MaterialVersion | None:
    """What there is to decide on: the first version of an offer, the next one of what is in the library."""
    if material.state not in (Material.State.OFFERED, Material.State.PUBLISHED):
        return None
    rows = material.versions.offered().select_related("material", "file__preview", "author")
    return rows.order_by("-number").first()


def decide(material: Material, version: MaterialVersion, *, takes: bool, words: str, actor: User, seen: int) -> bool:
    """Says whether what was `seen` still stood there to be decided on."""
    if material.state == Material.State.OFFERED:
        if takes:
            return offering.publish(material, actor=actor, words=words, seen=seen)
        return offering.return_(material, words, actor=actor, seen=seen)
    if takes:
        return versions.take_version(version, actor=actor, words=words, seen=seen)
    return versions.return_version(version, words, actor=actor, seen=seen)
