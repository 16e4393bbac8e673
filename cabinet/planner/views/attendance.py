"""Who was at an event: ticked all at once, taken back, somebody unexpected added."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cabinet.core.words import counted
from cabinet.planner.models import Event, Participation
from cabinet.planner.services import attendance, event_page, invitations
from cabinet.planner.views.asking import number, numbers
from cabinet.users.asking import reader
from cabinet.users.models import User

PAGE_SIZE = 200
SHORTEST = 2
UNDO = "event_marks"  # in the session: the last marks of one event as they stood before


@require_http_methods(["GET", "HEAD", "POST"])
def event_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """The ticked of those shown were there; `?who=` looks for somebody nobody expected."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    if request.method == "POST":
        return _mark(request, event, user)
    rows = Participation.objects.visible_to(user).standing().filter(event=event)
    # Those who promised to come first, then by name.
    rows = rows.select_related("person__organization", "person__position").order_by("state", "person__name_key", "pk")
    who = request.GET.get("who", "").strip()[:100]
    found = invitations.invitable(event, user).search(who) if len(who) >= SHORTEST else User.objects.none()
    context = {
        "event": event,
        "may_mark": attendance.may_mark(event),
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "counts": event_page.counts_of(event),
        "can_undo": request.session.get(UNDO, {}).get("event") == event.pk,
        "who": who,
        "found": list(found.select_related("organization", "position")[: invitations.FOUND]),
    }
    return render(request, "planner/event_attendance.html", context)


def _mark(request: HttpRequest, event: Event, user: User) -> HttpResponse:
    here = reverse("planner:event_attendance", args=[event.pk])
    if not attendance.may_mark(event):
        messages.warning(request, "Отмечать можно со дня события, если оно не отменено.")
        return redirect(here)
    shown, came = numbers(request.POST.getlist("shown")), numbers(request.POST.getlist("came"))
    before = attendance.mark(event, shown, came, actor=user)
    if before:
        request.session[UNDO] = {"event": event.pk, "marks": [[pk, value] for pk, value in before.items()]}
        messages.success(request, f"Отмечено. Изменено: {counted(len(before), 'отметка', 'отметки', 'отметок')}.")
    else:
        messages.info(request, "Ничего не изменилось: отметки уже стоят так.")
    return redirect(here)


@require_POST
def event_attendance_undo(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    kept = request.session.get(UNDO, {})
    if kept.get("event") == event.pk:
        del request.session[UNDO]
        attendance.put_back(event, dict(kept["marks"]), actor=user)
        messages.success(request, "Последние отметки отменены.")
    return redirect("planner:event_attendance", pk)


@require_POST
def event_attendance_add(request: HttpRequest, pk: int) -> HttpResponse:
    """`add`: the number of a person nobody expected."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    person_pk = number(request.POST.get("add", ""))
    if event.participations.filter(person=person_pk, attended=True).exists():
        return redirect("planner:event_attendance", pk)
    listed = User.objects.filter(pk__in=event.participations.values("person"))
    person = get_object_or_404((listed | invitations.invitable(event, user)).distinct(), pk=person_pk)
    if attendance.add_who_came(event, person, actor=user):
        messages.success(request, f"{person.short_name}: был(а) на событии.")
    else:
        messages.warning(request, "Отмечать можно со дня события, если оно не отменено.")
    return redirect("planner:event_attendance", pk)
