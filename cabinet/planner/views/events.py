"""Pages of methodical events: the list, one of them, putting in, changing, calling off, who runs it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.planner.forms import EventForm
from cabinet.planner.models import Event
from cabinet.planner.services import events as services
from cabinet.planner.services.panels import panels_of
from cabinet.users.decorators import roles_required
from cabinet.users.models import User

PAGE_SIZE = 25
PLACES = {"ahead": "Впереди", "past": "Прошли"}


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _may_add(request: HttpRequest) -> bool:
    return bool(_user(request).roles & set(services.AUTHORS))


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """`?when=past` are those behind, the latest first."""
    events = Event.objects.visible_to(request.user).with_names()
    when = "past" if request.GET.get("when") == "past" else "ahead"
    rows = events.past().order_by("-on", "-pk") if when == "past" else events.ahead()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "when": when, "places": PLACES, "may_add": _may_add(request)}
    return render(request, "planner/event_list.html", context)


@require_safe
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """For its editor, `?who=` looks for people to run it."""
    user = _user(request)
    event = get_object_or_404(Event.objects.visible_to(user).with_names(), pk=pk)
    may_edit = "admin" in user.roles or event.author_id == user.pk
    typed = request.GET.get("who", "").strip()[:100]
    found = services.candidates(event, user, typed) if may_edit and typed else User.objects.none()
    context = {
        "event": event,
        "leaders": list(event.leaders.select_related("organization")),
        "may_edit": may_edit,
        "who": typed,
        "found": list(found.select_related("organization", "position")[: services.CANDIDATES]),
        "panels": panels_of(event, user),
    }
    return render(request, "planner/event_detail.html", context)


def _back(request: HttpRequest) -> str:
    """Where the reader came from to put an event in: a page of ours that waits for it."""
    back = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours and back.startswith("/") else ""


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*services.AUTHORS)
def event_new(request: HttpRequest) -> HttpResponse:
    """With `?next=` the reader goes back there with the event's number in the address."""
    user, back = _user(request), _back(request)
    form = EventForm(request.POST or None, user=user)
    if not form.is_valid():
        context = {"form": form, "back": back}
        return render(request, "planner/event_form.html", context, status=422 if form.is_bound else 200)
    event = services.plan_event(user, form.values)
    messages.success(request, "Событие внесено.")
    if back:
        return redirect(f"{back}{'&' if '?' in back else '?'}event={event.pk}")
    return redirect(event)


@require_http_methods(["GET", "HEAD", "POST"])
def event_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    event = get_object_or_404(Event.objects.editable_by(user).with_names(), pk=pk)
    form = EventForm(request.POST or None, instance=event, user=user)
    if form.is_valid():
        if services.change_event(event, form.values, actor=user, version=form.cleaned_data["version"] or 0):
            messages.success(request, "Событие сохранено.")
            return redirect(event)
        # What was typed stays; saved once more, it replaces what is described in the sentence.
        typed = request.POST.copy()
        typed["version"] = str(event.version)
        form.data = typed
        state = "отменено" if event.is_cancelled else event.when
        form.add_error(
            None,
            f"Пока вы писали, событие изменили: сейчас это {event}, {state}. "
            "Сверьте и сохраните ещё раз, если ваш вариант верен.",
        )
    return render(
        request, "planner/event_form.html", {"form": form, "event": event}, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def event_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    event = get_object_or_404(Event.objects.editable_by(user), pk=pk)
    if request.method == "POST":
        if services.cancel_event(event, actor=user):
            messages.success(request, "Событие отменено. Его можно вернуть: «Изменить» и «Сохранить».")
        else:
            messages.info(request, "Отменять нечего: событие уже отменено или прошло.")
        return redirect(event)
    context = {
        "title": "Отменить событие?",
        "text": f"{event}, {event.when}. Тем, кого включили в программу, кабинет напишет сам; событие можно вернуть.",
        "action_label": "Отменить событие",
        "cancel_url": event.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
def event_leaders(request: HttpRequest, pk: int) -> HttpResponse:
    """`add` or `remove`: the number of a person."""
    user = _user(request)
    event = get_object_or_404(Event.objects.editable_by(user), pk=pk)
    if "remove" in request.POST:
        person: User = get_object_or_404(event.leaders, pk=_number(request.POST["remove"]))
        if services.remove_leader(event, person, actor=user):
            messages.success(request, f"{person.short_name}: больше не среди тех, кто проводит событие.")
    else:
        number = _number(request.POST.get("add", ""))
        if event.leaders.filter(pk=number).exists():
            return redirect(event)
        person = get_object_or_404(services.candidates(event, user), pk=number)
        if services.add_leader(event, person, actor=user):
            messages.success(request, f"{person.short_name}: теперь среди тех, кто проводит событие.")
    return redirect(f"{reverse('planner:event', args=[pk])}#leaders")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)
