"""The first page: what is expected of me, who has what I wait for, and how things stand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cabinet.home.services.day import desk
from cabinet.users.models import User


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise Http404  # the login middleware lets nobody else through
    return render(request, "home/home.html", {"desk": desk(user)})
