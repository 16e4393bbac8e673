"""A person's calendar for other programs: the page of its secret address, and what is read at that address."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.clock import today
from cabinet.home.services.agenda import own_limits
from cabinet.planner.models import CalendarFeed
from cabinet.planner.services import feed as services
from cabinet.planner.services.ical import feed_calendar
from cabinet.users.asking import reader

GONE = "Такого календаря нет. Адрес можно взять в кабинете: «Календарь», «В телефон и другие программы».\n"


def _address(feed: CalendarFeed) -> str:
    return settings.SITE_URL + reverse("home:feed_ics", args=[feed.link])


def _private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: it is not kept on the way, told to nobody, found by no search."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    own = services.feed_of(reader(request))
    address = _address(own) if own else ""
    context = {"feed": own, "address": address, "by_program": address.replace("https://", "webcal://", 1)}
    return _private(render(request, "home/calendar_feed/feed.html", context))


@require_POST
def feed_create(request: HttpRequest) -> HttpResponse:
    if services.create_feed(reader(request)):
        messages.success(request, "Адрес готов. Скопируйте его и добавьте в программу календаря.")
    return redirect("home:feed")


@require_http_methods(["GET", "HEAD", "POST"])
def feed_renew(request: HttpRequest) -> HttpResponse:
    """Asks first: whoever reads the calendar by the former address reads it no longer."""
    user = reader(request)
    own = services.feed_of(user)
    if own is None:
        return redirect("home:feed")
    if request.method == "POST":
        if services.renew_feed(user, own.version):
            messages.success(request, "Адрес заменён. Прежний больше не работает: добавьте новый в свои программы.")
        return redirect("home:feed")
    context = {
        "title": "Заменить адрес календаря?",
        "text": "Прежний адрес сразу перестанет работать: в телефоне и других программах календарь не обновится, "
        "пока вы не добавите в них новый. Это нужно, если адрес увидел кто-то ещё.",
        "action_label": "Заменить адрес",
    }
    return render(request, "components/confirm.html", context | {"danger": True, "cancel_url": reverse("home:feed")})


@require_http_methods(["GET", "HEAD", "POST"])
def feed_revoke(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    if request.method == "POST":
        if services.revoke_feed(user):
            messages.success(request, "Адрес отозван: по нему больше ничего не прочитать.")
        return redirect("home:feed")
    if services.feed_of(user) is None:
        return redirect("home:feed")
    context = {
        "title": "Отозвать адрес календаря?",
        "text": "Ваш календарь перестанет обновляться в телефоне и других программах. "
        "В кабинете ничего не изменится, а новый адрес можно создать в любой день.",
        "action_label": "Отозвать адрес",
    }
    return render(request, "components/confirm.html", context | {"danger": True, "cancel_url": reverse("home:feed")})


@login_not_required
@require_safe
def feed_ics(request: HttpRequest, link: str) -> HttpResponse:
    """What the person may see now is asked anew at every reading. Wrong, replaced and revoked look the same."""
    own = services.feed_by_link(link)
    if own is None:
        return _private(HttpResponse(GONE, status=404, content_type="text/plain; charset=utf-8"))
    person = own.person
    limits = own_limits(person, today() - services.BACK, today() + services.AHEAD)
    body = feed_calendar(services.feed_events(person), limits)
    services.mark_read(own)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return _private(response)
