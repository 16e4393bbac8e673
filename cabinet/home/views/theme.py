"""Light or dark, remembered in a cookie, for those without JavaScript; theme.js does the same on the spot."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = ("auto", "light", "dark")
YEAR = 31_536_000


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    address = request.POST.get("next", "/")
    # Only our own pages: a form must not send its reader elsewhere. Without the stroke `redirect` looks for a name.
    is_own = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    response = redirect(address if is_own else "/")
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
