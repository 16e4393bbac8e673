"""The search index of a route: lemmas of everything a person could look for."""

from cabinet.core.search import lemmas
from iom.models import Route, RouteWord


def text_of(route: Route) -> str:
    parts = [route.title, route.aim, route.wish, route.results, route.reflection, route.outside_note]
    parts += [route.person.full_name, route.organization.name]
    parts += [str(route.subject or ""), str(route.position or "")]
    parts += route.deficits.values_list("text", flat=True)
    parts += route.goals.values_list("text", flat=True)
    for row in route.items.values_list("activity", "product", "practice_text", "practice_topic"):
        parts += row
    return " ".join(parts)


def index(route: Route) -> None:
    """Bring the words of a route up to date; writes only what changed."""
    wanted = set(lemmas(text_of(route)))
    known = dict(RouteWord.objects.filter(route=route).values_list("word", "pk"))
    gone = [pk for word, pk in known.items() if word not in wanted]
    if gone:
        RouteWord.objects.filter(pk__in=gone).delete()
    new = [RouteWord(route=route, word=word) for word in sorted(wanted - known.keys())]
    RouteWord.objects.bulk_create(new, ignore_conflicts=True)
