"""The queue of checklists by programme."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.users.decorators import roles_required
from cabinet.users.models import User
from motor.forms.queue import QueueForm, Step
from motor.services.queue import done_today, grouped, queue_of, with_evidence

PAGE_SIZE = 50
ASSESSORS = ("methodist", "municipal", "admin", "regional")


@require_safe
@roles_required(*ASSESSORS)
def queue(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404
    form = QueueForm(request.GET, request.user)
    cases = with_evidence(queue_of(request.user, form.choice))
    page = Paginator(cases, PAGE_SIZE).get_page(request.GET.get("page"))
    lines = list(page.object_list)
    context = {
        "page": page,
        "form": form,
        "by_due": form.choice.by_due,
        "is_narrowed": bool(form.choice.words or form.choice.programme or form.choice.late),
        "groups": [] if form.choice.by_due else grouped(lines),
        "lines": lines,
        "run": Step(request.GET).address(total=page.paginator.count),
        "is_done": "done" in request.GET and not lines,
        "done_today": done_today(request.user) if not lines else 0,
    }
    return render(request, "motor/queue/queue.html", context)
