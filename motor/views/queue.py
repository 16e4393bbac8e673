"""The queue of checklists by programme."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from cabinet.core.words import counted
from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from motor.models import Case
from motor.services.queue import grouped, next_of_programme, queue_of, with_evidence

PAGE_SIZE = 25
ASSESSORS = ("methodist", "municipal", "admin", "regional")


@require_safe
@roles_required(*ASSESSORS)
def queue(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404
    page = Paginator(with_evidence(queue_of(request.user)), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "groups": grouped(list(page.object_list))}
    return render(request, "motor/queue/queue.html", context)


def what_next(user: User, case: Case) -> SafeString:
    """After a checklist: the next one about the same programme, for the message on the case's page."""
    case_next = next_of_programme(user, case)
    if case_next is None:
        return SafeString("")
    left = counted(case_next.programme_total, "чек-лист", "чек-листа", "чек-листов")  # type: ignore[attr-defined]
    return format_html(
        ' По этой же программе ещё {}. <a href="{}">Дальше: {}</a>',
        left,
        reverse("motor:checklist", args=[case_next.pk]),
        case_next.person.short_name,
    )
