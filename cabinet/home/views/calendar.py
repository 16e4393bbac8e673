"""The calendar: a month, a week, a list of what is ahead; one event as a file for other programs."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cabinet.home.services.calendar_page import calendar_page, read
from cabinet.planner.models import Event
from cabinet.planner.services.ical import event_calendar
from cabinet.users.models import User


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        raise Http404  # the login middleware lets nobody else through
    page = calendar_page(request.user, read(request.GET))
    return render(request, "home/calendar/page.html", {"page": page, "asked": page.asked})


@require_safe
def event_ics(request: HttpRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(Event.objects.visible_to(request.user), pk=pk)
    response = HttpResponse(event_calendar(event), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="event-{event.pk}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
