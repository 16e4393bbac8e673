"""Pages of methodical events: the list, one of them, putting in, changing, calling off, who runs it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.words import counted
from cabinet.planner.filters import PLACES, EventFilter
from cabinet.planner.forms import EventForm, WhichForm
from cabinet.planner.models import Event, Participation
from cabinet.planner.services import event_materials, event_page, event_warnings
from cabinet.planner.services import events as services
from cabinet.planner.services.panels import panels_of
from cabinet.planner.services.series import following
from cabinet.planner.views.asking import number, own_page
from cabinet.users.asking import reader
from cabinet.users.models import User

PAGE_SIZE = 25
SHORTEST = 2  # letters of a search


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """`?when=past` are those behind, the latest first."""
    user = reader(request)
    mine = Participation.objects.filter(event=OuterRef("pk"), person=user)
    events = Event.objects.visible_to(user).with_names().annotate(my_state=Subquery(mine.values("state")[:1]))
    found = EventFilter(request.GET, queryset=events, user=user)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "when": found.when, "places": PLACES, "filter": found}
    return render(request, "planner/event_list.html", context)


@require_safe
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """For its editor, `?who=` looks for people to run it, `?material=` for something of the library to attach."""
    user = reader(request)
    event, may_edit = _opened(user, pk)
    leaders = list(event.leaders.select_related("organization"))
    keeps = may_edit or user in leaders
    counts, mine = event_page.counts_of(event), event_page.mine_of(event, user)
    context = {
        "event": event,
        "leaders": leaders,
        "may_edit": may_edit,
        "keeps": keeps,
        "counts": counts,
        "free": counts.free(event),
        "mine": mine,
        "first": event_page.first_of(event, mine, counts, keeps=keeps),
        "siblings": event_page.siblings_of(event),
        "materials": list(event_materials.attached(event, user)[:50]),
        "files": list(event_materials.files_of(event)),
        "panels": panels_of(event, user),
    }
    context |= _found(request, event, user, may_edit=may_edit, keeps=keeps)
    return render(request, "planner/event_detail.html", context)


def _opened(user: User, pk: int) -> tuple[Event, bool]:
    """The event, and whether he may change it: one query."""
    edited = Event.objects.editable_by(user).filter(pk=OuterRef("pk"))
    events = Event.objects.visible_to(user).with_names().select_related("series")
    event: Any = get_object_or_404(events.annotate(may_edit=Exists(edited)), pk=pk)
    return event, event.may_edit


def _found(request: HttpRequest, event: Event, user: User, *, may_edit: bool, keeps: bool) -> dict[str, Any]:
    who, what = (request.GET.get(name, "").strip()[:100] for name in ("who", "material"))
    people = services.candidates(event, user, who) if may_edit and len(who) >= SHORTEST else User.objects.none()
    found = event_materials.found_materials(event, user, what) if keeps and len(what) >= SHORTEST else None
    return {
        "who": who,
        "found": list(people.select_related("organization", "position")[: services.CANDIDATES]),
        "material": what,
        "found_materials": list(found[: event_materials.FOUND]) if found is not None else [],
    }


def _typed(request: HttpRequest) -> QueryDict | None:
    """An empty POST is a form sent empty."""
    return request.POST if request.method == "POST" else None


def _asked_day(request: HttpRequest) -> dict[str, Any]:
    """`?on=2027-03-18`, from a day of the calendar."""
    try:
        return {"on": date.fromisoformat(request.GET.get("on", ""))}
    except ValueError:
        return {}


@require_http_methods(["GET", "HEAD", "POST"])
def event_new(request: HttpRequest) -> HttpResponse:
    """`?next=` waits for the event: its number is added to that address. `?back=` is the day of the calendar left."""
    user, awaits, back = reader(request), own_page(request, "next"), own_page(request, "back")
    form = EventForm(_typed(request), user=user, initial=_asked_day(request), is_awaited=bool(awaits))
    if not (form.is_valid() and form.is_warned):
        context = {"form": form, "awaits": awaits, "back": back}
        return render(request, "planner/event_form.html", context, status=422 if form.is_bound else 200)
    event = services.plan_event(user, form.values, form.series)
    what = "Событие внесено" if form.series is None else "Событие и его повторы внесены"
    messages.success(request, f"{what}: {event.when}.")
    if awaits:
        return redirect(f"{awaits}{'&' if '?' in awaits else '?'}event={event.pk}")
    # One's own goes back to its day; what others come to has a next step, and that is on its page.
    return redirect(back if back and event.scope == Event.Scope.PERSONAL else event)


@require_http_methods(["GET", "HEAD", "POST"])
def event_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    event = get_object_or_404(Event.objects.editable_by(user).with_names(), pk=pk)
    form = EventForm(_typed(request), instance=event, user=user)
    context: dict[str, Any] = {"form": form, "event": event}
    if form.is_valid() and form.is_warned:
        version = form.cleaned_data["version"] or 0
        done = services.change_event(
            event, form.values, actor=user, version=version, with_following=form.with_following
        )
        if done:
            _say(request, done)
            return redirect(event)
        context["differences"] = form.meet(event)
    return render(request, "planner/event_form.html", context, status=422 if form.is_bound else 200)


def _say(request: HttpRequest, done: services.Edited) -> None:
    messages.success(request, "Событие сохранено.")
    if done.skipped:
        times = counted(done.skipped, "следующую встречу", "следующие встречи", "следующих встреч")
        messages.warning(request, f"Пока вы писали, {times} изменили: там всё осталось по-прежнему. Проверьте их.")
    if done.let_go:
        messages.info(request, "Событие теперь личное: те, кто его проводил, больше не видят его. Их можно пригласить.")


@require_http_methods(["GET", "HEAD", "POST"])
def event_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    event = get_object_or_404(Event.objects.editable_by(user), pk=pk)
    form = WhichForm(_typed(request)) if following(event).exists() else None
    if request.method == "POST" and (form is None or form.is_valid()):
        with_following = form is not None and form.with_following
        if services.cancel_event(event, actor=user, with_following=with_following):
            messages.success(request, "Событие отменено. Его можно вернуть: «Изменить» и «Сохранить».")
        else:
            messages.info(request, "Отменять нечего: событие уже отменено или прошло.")
        return redirect(event)
    context = {
        "title": "Отменить событие?",
        "text": f"{event.title}, {event.when}. Тем, кто собирался прийти или приглашён, кабинет напишет сам; "
        "событие можно вернуть.",
        "action_label": "Отменить событие",
        "cancel_url": event.get_absolute_url(),
        "danger": True,
        "form": form,
    }
    return render(request, "components/confirm.html", context, status=422 if form and form.is_bound else 200)


@require_POST
def event_leaders(request: HttpRequest, pk: int) -> HttpResponse:
    """`add` or `remove`: the number of a person."""
    user = reader(request)
    event = get_object_or_404(Event.objects.editable_by(user), pk=pk)
    if "remove" in request.POST:
        person: User = get_object_or_404(event.leaders, pk=number(request.POST["remove"]))
        if services.remove_leader(event, person, actor=user):
            messages.success(request, f"{person.short_name}: больше не среди тех, кто проводит событие.")
    else:
        pk_of_person = number(request.POST.get("add", ""))
        if event.leaders.filter(pk=pk_of_person).exists():
            return redirect(event)
        person = get_object_or_404(services.candidates(event, user), pk=pk_of_person)
        if services.add_leader(event, person, actor=user):
            messages.success(request, f"{person.short_name}: теперь среди тех, кто проводит событие.")
            hours = (event.starts_at, event.ends_at)
            for told in event_warnings.busy([person], [event.on], hours, reader=user, event=event):
                messages.warning(request, told)
    return redirect(f"{reverse('planner:event', args=[pk])}#leaders")
