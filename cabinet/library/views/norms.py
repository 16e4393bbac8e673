"""The normative base: who the subjects of the regional system are, and its documents by level."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.library.models import Material
from cabinet.library.reference import SUBJECTS_OF_SYSTEM

PAGE_SIZE = 50
Level = Material.Level
# In the order of force.
LEVELS = (
    (Level.FEDERAL, "Федеральные"),
    (Level.REGIONAL, "Региональные"),
    (Level.MUNICIPAL, "Муниципальные"),
    (Level.INSTITUTIONAL, "Организаций"),
)


@require_safe
def norms(request: HttpRequest) -> HttpResponse:
    rows = Material.objects.visible_to(request.user).published().filter(kind=Material.Kind.NORMATIVE)
    page = Paginator(rows.select_related("current__file").order_by("issued_on", "pk"), PAGE_SIZE)
    shown = page.get_page(request.GET.get("page"))
    groups = [(title, [one for one in shown if one.level == code]) for code, title in LEVELS]
    context = {
        "page": shown,
        "groups": [one for one in groups if one[1]],
        "subjects": SUBJECTS_OF_SYSTEM,
        "may_add": "admin" in getattr(request.user, "roles", ()),
    }
    return render(request, "library/norms.html", context)
