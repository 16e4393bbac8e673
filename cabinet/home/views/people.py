"""The directory of people: found, filtered, taken away as a file, invited many at once."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.fragments import wants_fragment
from cabinet.core.words import counted
from cabinet.files.services import work_folder
from cabinet.home.exports.people import write_people
from cabinet.home.filters.people import PersonFilter, sorted_people
from cabinet.home.services.inviting import MOST, invite, plan_invitations
from cabinet.home.services.people import KEEPERS, REACHERS, READERS, reachable_by, rows_of, seen_by
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

PAGE_SIZE = 25


@require_safe
@vary_on_headers("HX-Request")  # the page and its fragment share an address; caches must not mix them
def people(request: HttpRequest) -> HttpResponse:
    """Whoever sees nobody but himself is told so kindly; the observer is shown no persons."""
    user: Any = request.user
    if not user.roles & READERS:
        return render(request, "home/people/alone.html", {"is_observer": "observer" in user.roles})
    found = PersonFilter(request.GET, queryset=seen_by(user), user=user)
    order = request.GET.get("sort", "")
    # Only the keys are sorted and counted; names, places and roles are read of those shown.
    page = Paginator(sorted_people(found.rows, order).values_list("pk", flat=True), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = rows_of(list(page.object_list), user)
    context = {
        "filter": found,
        "page": page,
        "rows": rows,
        "may_add": bool(user.roles & KEEPERS),
        "may_take": bool(user.roles & REACHERS),
        "may_invite": any(row.may_invite for row in rows),
        "is_admin": "admin" in user.roles,
        "who_left": 0 if rows else found.who_left,
    }
    template = "home/people/list.html" + ("#results" if wants_fragment(request) else "")
    return render(request, template, context)


@require_safe
@roles_required(*REACHERS)
def people_excel(request: HttpRequest) -> HttpResponse:
    """Contacts go with it: of the people one may reach, whoever else the page shows."""
    user: Any = request.user
    found = PersonFilter(request.GET, queryset=_kept(user), user=user)
    with work_folder() as folder:
        path = folder / "people.xlsx"
        count = write_people(path, sorted_people(found.rows, request.GET.get("sort", "")))
        target = path.open("rb")  # still readable when the folder is gone; the response closes it
    record(LogEntry.Action.EXPORTED, note=f"люди, строк: {count}", request=request)
    name = f"Люди {timezone.localdate():%Y-%m-%d}.xlsx"
    response: Any = FileResponse(target, as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response


def _kept(user: User) -> Any:
    """A methodist's or mentor's scope is wider than that of the head he is too: only the places he serves."""
    if "admin" in user.roles:
        return seen_by(user)
    heads = [one.organization_id for one in user.active_memberships if one.role == "head"]
    near = seen_by(user).filter(organization__municipality__in=user.own_municipalities)
    return near | seen_by(user).filter(organization__in=heads)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*REACHERS)
def people_invite(request: HttpRequest) -> HttpResponse:
    """The look is a page with an address of its own; the deed is its button."""
    user: Any = request.user
    typed = request.POST if request.method == "POST" else request.GET
    picked = [int(pk) for pk in typed.getlist("pk") if pk.isdecimal() and len(pk) < 19][:MOST]
    chosen = reachable_by(user).filter(pk__in=picked).select_related("organization").order_by("last_name", "pk")
    if request.method == "POST":
        count = invite(chosen, actor=user, request=request)
        words = counted(count, "человеку", "людям", "людям")
        messages.success(request, f"Приглашение отправлено {words}." if count else "Приглашать было некого.")
        return redirect("home:people")
    if not picked:
        messages.info(request, "Отметьте в списке тех, кого пригласить.")
        return redirect("home:people")
    return render(request, "home/people/invite.html", {"plan": plan_invitations(chosen), "people": chosen})
