"""Who comes to an event: one's own answer, invitations, the list of guests and its sheet."""

from io import BytesIO

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.files.services import hand_out
from cabinet.jobs.models import Job
from cabinet.planner.exports import write_guests
from cabinet.planner.models import Event, Participation, ParticipationQuerySet
from cabinet.planner.services import event_page, invitations, registration
from cabinet.planner.views.asking import keep, kept, number, numbers
from cabinet.users.asking import reader
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

PAGE_SIZE = 50
SHEET = 1000  # lines on paper
SHORTEST = 2
TAKEN = "event_guest"  # in the session: whoever was taken off a list last
States = Participation.State
WORDS = {
    States.INVITED: "ждём ответа",
    States.COMING: "придут",
    States.DECLINED: "не придут",
    States.WAITING: "лист ожидания",
}
SAID = {
    States.COMING: "Вы записаны: организатор знает, что вы придёте.",
    States.WAITING: "Все места заняты, вы в листе ожидания. Когда место освободится, придёт письмо.",
}


@require_POST
def event_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """`answer`: «yes» to come, anything else not to."""
    user = reader(request)
    event = get_object_or_404(Event.objects.visible_to(user), pk=pk)
    if request.POST.get("answer") == "yes":
        state = registration.come(event, user)
        if state is None:
            messages.warning(request, "Записаться уже нельзя: запись закрыта или событие началось.")
        else:
            messages.success(request, SAID[state])
    elif registration.decline(event, user):
        messages.success(request, "Записано: вы не придёте. До начала события ответ можно изменить.")
    return redirect(event)


@require_http_methods(["GET", "HEAD", "POST"])
def event_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """`?who=` finds people by name, `?group=&role=` shows whom an invitation of the group would reach."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    if request.method == "POST":
        return _invite(request, event, user)
    who, group, role = (request.GET.get(name, "").strip()[:100] for name in ("who", "group", "role"))
    found = invitations.invitable(event, user).search(who) if len(who) >= SHORTEST else User.objects.none()
    context = {
        "event": event,
        "who": who,
        "found": list(found.select_related("organization", "position")[: invitations.FOUND]),
        "groups": invitations.groups_for(event, user),
        "roles": invitations.ROLES,
        "group": group,
        "role": role,
        "preview": invitations.preview(group, role, event, user) if group else None,
    }
    return render(request, "planner/event_invite.html", context)


def _invite(request: HttpRequest, event: Event, user: User) -> HttpResponse:
    if not event.is_open:
        messages.warning(request, "Приглашать уже не на что: событие началось, прошло или отменено.")
        return redirect(event)
    if "group" in request.POST:
        done = invitations.invite_group(event, request.POST["group"], request.POST.get("role", ""), actor=user)
    else:
        chosen = invitations.invitable(event, user).filter(pk__in=numbers(request.POST.getlist("person")))
        done = invitations.invite(event, chosen, actor=user)
    if isinstance(done, Job):
        return redirect(done)
    if not done:
        messages.info(request, "Приглашать некого: никто не выбран, или все уже приглашены.")
        return redirect("planner:event_invite", event.pk)
    messages.success(request, f"Приглашено: {done}. Тем, у кого есть адрес, уйдут письма.")
    return redirect("planner:event_guests", event.pk)


@require_safe
def event_guests(request: HttpRequest, pk: int) -> HttpResponse:
    """`?state=` narrows the list, `?who=` looks for somebody to write down."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    state, who = request.GET.get("state", ""), request.GET.get("who", "").strip()[:100]
    rows = _guests(event, user)
    rows = rows.filter(state=state) if state in States.values else rows
    found = invitations.invitable(event, user).search(who) if len(who) >= SHORTEST else User.objects.none()
    counts = event_page.counts_of(event)
    context = {
        "event": event,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "state": state if state in States.values else "",
        "states": [("", "все", counts.total)] + [(one.value, WORDS[one], getattr(counts, one.value)) for one in States],
        "counts": counts,
        "free": counts.free(event),
        "taken": _taken(request, event),
        "who": who,
        "found": list(found.select_related("organization", "position")[: invitations.FOUND]),
    }
    return render(request, "planner/event_guests.html", context)


def _guests(event: Event, user: User) -> ParticipationQuerySet:
    rows = Participation.objects.visible_to(user).standing().filter(event=event)
    return rows.select_related("person__organization", "person__position").order_by("person__name_key", "pk")


@require_POST
def event_guest(request: HttpRequest, pk: int) -> HttpResponse:
    """`add` writes a person down as coming, `out` takes him off the list, `back` puts back the one taken off last."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    back = redirect("planner:event_guests", pk)
    if "out" in request.POST:
        own = event.participations.filter(person=number(request.POST["out"])).select_related("person")
        _take_out(request, get_object_or_404(own), user)
        return back
    if "back" in request.POST:
        _put_back(request, event, user)
        return back
    known = event.participations.values("person")
    people = User.objects.filter(pk__in=known) | invitations.invitable(event, user)
    person = get_object_or_404(people.distinct(), pk=number(request.POST.get("add", "")))
    state = registration.put_in(event, person, actor=user)
    if state is None:
        messages.warning(request, "Записать уже нельзя: событие началось, прошло или отменено.")
    else:
        told = "записан(а)" if state == States.COMING else "все места заняты, теперь в листе ожидания"
        messages.success(request, f"{person.short_name}: {told}.")
    return back


def _take_out(request: HttpRequest, row: Participation, user: User) -> None:
    person = row.person
    if registration.take_out(row.event, person, actor=user):
        keep(request, TAKEN, {"event": row.event_id, "person": person.pk, "state": row.state})
    else:
        messages.info(request, f"{person.short_name}: отмечен(а) как бывший(ая) на событии и остаётся в списке.")


def _put_back(request: HttpRequest, event: Event, user: User) -> None:
    taken = kept(request, TAKEN)
    if taken.get("event") == event.pk and taken.get("person") == number(request.POST["back"]):
        del request.session[TAKEN]
        person = get_object_or_404(User, pk=taken["person"])
        if registration.put_back(event, person, taken["state"], actor=user):
            messages.success(request, f"{person.short_name}: снова в списке участников.")


def _taken(request: HttpRequest, event: Event) -> User | None:
    """Whoever was taken off the list a moment ago."""
    taken = kept(request, TAKEN)
    return User.objects.filter(pk=taken["person"]).first() if taken.get("event") == event.pk else None


@require_safe
def event_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever is expected, on paper, with a place to sign."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user).with_names(), pk=pk)
    rows = _guests(event, user).filter(state=States.COMING)
    context = {"event": event, "rows": list(rows[:SHEET]), "total": rows.count(), "blank": range(5)}
    return render(request, "planner/event_sheet.html", context)


@require_safe
def event_sheet_excel(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    target = BytesIO()
    write_guests(target, _guests(event, user))
    record(LogEntry.Action.EXPORTED, about=event, note=f"участники: {event.log_name}", request=request)
    return hand_out(target.getvalue(), f"Участники, {event.on:%d.%m.%Y}.xlsx")
