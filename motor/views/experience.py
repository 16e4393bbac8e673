"""Pages of the experience pool: the list, putting into an event with a preview, marks after it, the confirmation."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.planner.models import Event
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry
from cabinet.users.services import record
from motor.filters import ExperienceFilter
from motor.forms.experience import EventChoiceForm
from motor.models import Case, Presentation
from motor.services import experience as services
from motor.services import experience_paper

PAGE_SIZE = 25


@require_safe
@roles_required(*services.READERS)
def pool(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    pool_filter = ExperienceFilter(request.GET, queryset=services.pool_of(user), user=user)
    page = Paginator(services.with_names(pool_filter.rows), PAGE_SIZE).get_page(request.GET.get("page"))
    pks = [one.pk for one in page]
    may_place = set(services.placeable_by(user).filter(pk__in=pks).values_list("pk", flat=True))
    context = {
        "filter": pool_filter,
        "page": page,
        "may_place": may_place if user.roles & set(services.PLACERS) else set(),
        "shows_places": bool(user.roles & {"admin", "regional"}),
    }
    return render(request, "motor/experience/pool.html", context)


# --- Put into an event ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*services.PLACERS)
def place(request: HttpRequest) -> HttpResponse:
    """The ticks and then the event stand in the address: which event, what will be done, and a POST that does it."""
    user = reader(request)
    given = request.POST if request.method == "POST" else request.GET
    pks = _numbers(given.getlist("case"))
    if len(pks) > services.AT_ONCE:
        messages.info(request, f"За один раз — не больше {services.AT_ONCE} человек: взяты первые по списку.")
        pks = pks[: services.AT_ONCE]
    if not pks:
        messages.info(request, "Никто не выбран: отметьте хотя бы одного педагога.")
        return redirect("motor:experience")
    events = Event.objects.fillable_by(user).with_names()
    is_chosen = "event" in given
    form = EventChoiceForm(given if is_chosen else None, events=events)
    if not is_chosen or not form.is_valid():
        return _which_event(request, form, pks)
    event = form.cleaned_data["event"]
    if request.method == "POST":
        return _placed(request, event, pks)
    plan = services.plan_placing(event, user, pks)
    context = {"plan": plan, "event": event, "pks": pks, "again": f"?{_address(pks)}"}
    return render(request, "motor/experience/preview.html", context)


def _which_event(request: HttpRequest, form: EventChoiceForm, pks: list[int]) -> HttpResponse:
    readable = Case.objects.visible_to(request.user).filter(pk__in=pks).select_related("person", "organization")
    address = f"{reverse('motor:experience_place')}?{_address(pks)}"
    context = {
        "form": form,
        "pks": pks,
        "people": list(readable.order_by("person__name_key", "pk")),
        "new_event": f"{reverse('planner:event_new')}?{urlencode({'next': address})}",
    }
    return render(request, "motor/experience/place.html", context, status=422 if form.is_bound else 200)


def _placed(request: HttpRequest, event: Event, pks: list[int]) -> HttpResponse:
    titles = {pk: request.POST.get(f"title-{pk}", "") for pk in pks}
    done = services.place(event, titles, user=reader(request))
    if done:
        messages.success(request, f"Включено в событие: {done}. Педагогам ушло письмо.")
    if left := len(pks) - done:
        messages.info(request, f"Без изменений: {left} — уже в программе или больше не в банке опыта.")
    return redirect(event)


def _numbers(typed: list[str]) -> list[int]:
    return list(dict.fromkeys(int(one) for one in typed if one.isascii() and one.isdigit() and len(one) < 10))


def _address(pks: list[int]) -> str:
    return urlencode([("case", pk) for pk in pks])


# --- How it went ------------------------------------------------------------------------------------------------


@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """The ticked rows of one event: presented or not."""
    user = reader(request)
    event = get_object_or_404(Event.objects.visible_to(user), pk=pk)
    markable = Presentation.objects.markable_by(user).filter(event=event)
    rows = _numbers(request.POST.getlist("row"))
    status = request.POST.get("do", "")
    if status not in (Presentation.Status.PRESENTED, Presentation.Status.CANCELLED) or not markable.exists():
        raise Http404
    if not rows:
        messages.info(request, "Никто не отмечен: поставьте галочку рядом с именем.")
    elif not event.has_come:
        messages.info(request, "День события ещё не наступил: отметить, как прошло, можно будет тогда.")
    elif done := services.mark(event, rows, Presentation.Status(status), user=user):
        label = "Опыт представлен" if status == Presentation.Status.PRESENTED else "Не состоялось"
        messages.success(request, f"{label}: {done}. Отметку можно снять.")
    else:
        messages.info(request, "Ничего не изменилось: эти строки уже отмечены.")
    return _to_event(event)


@require_POST
def unmark(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    row = get_object_or_404(Presentation.objects.markable_by(user).select_related("event"), pk=pk)
    if services.unmark(row, user=user):
        messages.success(request, "Отметка снята.")
    else:
        messages.info(request, "Отметки уже нет.")
    return _to_event(row.event)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    row = get_object_or_404(services.removable_by(user).select_related("event", "case__person"), pk=pk)
    if services.remove(row, user=user):
        messages.success(
            request, f"{row.case.person.short_name}: убрано из события. Включить снова можно из банка опыта."
        )
    if Event.objects.visible_to(user).filter(pk=row.event_id).exists():
        return _to_event(row.event)
    return redirect("motor:experience")


def _to_event(event: Event) -> HttpResponse:
    return redirect(f"{event.get_absolute_url()}#experience")


# --- The confirmation -------------------------------------------------------------------------------------------


@require_safe
def confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    """The teacher's own, and for those who read his case; an organizer of the event alone does not read it."""
    user = reader(request)
    cases = Case.objects.visible_to(user).order_by().values("pk")
    made = Presentation.objects.filter(status=Presentation.Status.PRESENTED, case__in=cases)
    presentation = get_object_or_404(made.with_names(), pk=pk)
    case = presentation.case
    if case.person_id != user.pk:
        note = f"Подтверждение: {presentation.title}"
        record(LogEntry.Action.VIEWED, person=case.person, about=case, note=note, request=request)
    context = {"paper": experience_paper.confirmation(presentation), "case": case, "presentation": presentation}
    return render(request, "motor/experience/confirmation.html", context)
