"""Pages of the library: the list, a material, a former version of it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cabinet.core.search import typed_lemmas
from cabinet.library.filters import FIT, SORTS, MaterialFilter
from cabinet.library.models import Material, MaterialVersion
from cabinet.library.services import reading, searching
from cabinet.library.services.hooks import Matching, has_matching, matching_of
from cabinet.library.services.offering import is_keeper, may_offer
from cabinet.users.asking import reader
from cabinet.users.models import only_observes

PAGE_SIZE = 20
SHOWS = {"": "Материалы", "normative": "Документы", "fits": "Подходит к моему ИОМ"}


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty answer is an answer too."""
    return request.POST if request.method == "POST" else None


@require_safe
def materials(request: HttpRequest) -> HttpResponse:
    """`?show=` normative documents, or what suits the reader's route; `?sort=`."""
    user = reader(request)
    show = request.GET.get("show", "") if request.GET.get("show", "") in SHOWS else ""
    matching = matching_of(user) if show == "fits" else None
    chosen = MaterialFilter(request.GET, queryset=_shown(show, matching, request.GET), user=user)
    sorts = FIT | SORTS if matching else SORTS
    sort = request.GET.get("sort", "") if request.GET.get("sort", "") in sorts else next(iter(sorts))
    page = Paginator(searching.sorted_rows(chosen.rows, sort), PAGE_SIZE).get_page(request.GET.get("page"))
    typed = request.GET.get("q", "").replace("\0", "")
    wanted = typed_lemmas(typed)
    context = {
        "page": page,
        "cards": reading.cards(list(page.object_list), wanted, matching, user),
        "filter": chosen,
        "has_filters": chosen.is_narrowed,
        "typed": typed,
        "show": show,
        "shows": [one for one in SHOWS.items() if one[0] != "fits" or has_matching()],
        "is_matched": matching is not None,
        "sort": sort,
        "sorts": sorts,
        "may_offer": may_offer(user),
    }
    return render(request, "library/material_list.html", context)


def _shown(show: str, matching: Matching | None, data: QueryDict) -> Any:
    """Norms have a page of their own: among the rest they are when they are asked for."""
    rows = Material.objects.published()
    if show == "normative":
        return rows.filter(kind=Material.Kind.NORMATIVE)
    if show == "fits":
        return searching.matched(rows, matching) if matching else rows.none()
    return rows if data.get("kind") or data.get("q") else rows.exclude(kind=Material.Kind.NORMATIVE)


@require_safe
def material(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    found = get_object_or_404(Material.objects.visible_to(user).with_content(), pk=pk)
    context = reading.page_of(found, user)
    return render(request, "library/material_detail.html", context)


@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One of the versions: for its author and the keeper, former and coming ones too."""
    user = reader(request)
    rows = MaterialVersion.objects.visible_to(user).select_related("material__current", "file__preview", "author")
    found = get_object_or_404(rows, material=pk, number=number)
    context = {"material": found.material, "version": found, "keeps": is_keeper(user)}
    context["sees_people"] = not only_observes(user)
    return render(request, "library/material_version.html", context)
