"""The queue: requests nobody is named for yet, and those whose member keeps silent, with the best members at once."""

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from rma.models import Member, Request
from rma.origins import never_of
from rma.services.matching import Pool, warning_of, with_cards
from rma.services.needs import need_of

PAGE_SIZE = 5  # three people beside each: more is no page to read, and each is weighed against the whole roster
FIRST = 3  # members named at once
BUSIEST = 30


@require_safe
@roles_required("municipal", "admin")
def request_queue(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    rows = Request.objects.visible_to(user).queued_for(user).with_names().prefetch_related("people")
    rows = rows.select_related("person__subject", "organization__municipality__territory").order_by("due_on", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    never = never_of(listed)
    needs = [need_of(one, never.get(one.pk)) for one in listed]
    pool = Pool(needs, listed) if listed else None
    found = [pool.match(need, one, limit=FIRST).offers for need, one in zip(needs, listed, strict=True)] if pool else []
    lines = [(one, one.whom, offers) for one, offers in zip(listed, with_cards(found), strict=True)]
    context = {"page": page, "lines": lines, "members": _load_of(user)}
    return render(request, "rma/requests/queue.html", context)


def _load_of(user: User) -> list[tuple[Member, int, str]]:
    """How busy the members of one's own are, the busiest first: member, what fills the bar, the warning."""
    members = Member.objects.kept_by(user).available().with_load().select_related("user__organization")
    listed = members.order_by(F("load").desc(), "user__name_key")[:BUSIEST]
    return [(one, min(one.load, one.case_limit), warning_of(one.load, one.case_limit)) for one in listed]
