"""Pages of communities: the list, one of them, its members on paper and in a workbook."""

from io import BytesIO

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.clock import today
from cabinet.core.fragments import wants_fragment
from cabinet.files.services import hand_out
from cabinet.home.exports.communities import write_members
from cabinet.home.filters.communities import CommunityFilter
from cabinet.home.services import communities as services
from cabinet.home.services.community_members import shown_members
from cabinet.home.services.community_page import page_of
from cabinet.structure.models import Community
from cabinet.users.asking import reader
from cabinet.users.models import LogEntry
from cabinet.users.services import record

PAGE_SIZE = 25
PRINTED = 1000  # rows of one sheet or workbook; the page says when there are more


@require_safe
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
def community_list(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    found = CommunityFilter(request.GET, queryset=Community.objects.visible_to(user), user=user)
    rows = services.with_rights(services.with_size(found.rows), user)
    page = Paginator(rows.select_related("organization", "municipality", "subject"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    heads = services.heads_of([one.pk for one in page], user)
    context = {
        "filter": found,
        "page": page,
        "rows": [(one, heads.get(one.pk, [])) for one in page],
        "may_make": bool(user.roles & set(services.MAKERS)),
    }
    template = "home/communities/list.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


@require_safe
def community_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """`?who=past` shows, to those who keep the list, who was in it before."""
    user = reader(request)
    rows = services.with_rights(services.with_size(Community.objects.visible_to(user)), user)
    rows = services.with_past(rows).select_related("organization", "municipality", "subject")
    community = get_object_or_404(rows, pk=pk)
    past = request.GET.get("who") == "past" and community.edits  # type: ignore[attr-defined]
    members = Paginator(shown_members(community, user, past=past), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = page_of(community, members, user, edits=community.edits)  # type: ignore[attr-defined]
    context = {"community": community, "page": members, "past": past, **shown}
    return render(request, "home/communities/detail.html", context)


@require_safe
def community_print(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    community = get_object_or_404(Community.objects.editable_by(user), pk=pk)
    rows = list(shown_members(community, user)[: PRINTED + 1])
    context = {"community": community, "rows": rows[:PRINTED], "is_cut": len(rows) > PRINTED, "day": today()}
    return render(request, "home/communities/print.html", context)


@require_safe
def community_excel(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    community = get_object_or_404(Community.objects.editable_by(user), pk=pk)
    target = BytesIO()
    count = write_members(target, community, shown_members(community, user)[:PRINTED])
    note = f"участники сообщества «{community}», строк: {count}"
    record(LogEntry.Action.EXPORTED, about=community, note=note, request=request)
    return hand_out(target.getvalue(), f"Участники сообщества {community.pk} {today():%Y-%m-%d}.xlsx")
