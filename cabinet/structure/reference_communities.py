"""The community that the source itself names: РУМО УГС 44.00.00, one for the region."""

from cabinet.core.search import key
from cabinet.structure.models import Community

RUMO = "РУМО УГС 44.00.00"  # (source): among the subjects of the regional system, domain.md section 8


def load_communities() -> int:
    """Put it in unless the region has it, whoever heads it and whatever is written about it; says how many are new."""
    _, is_new = Community.objects.get_or_create(
        name_key=key(RUMO),
        organization=None,
        municipality=None,
        defaults={"name": RUMO, "kind": Community.Kind.RUMO},
    )
    return int(is_new)
