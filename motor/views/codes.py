"""The code of a slip, typed at /k: it leads to the survey, slowly for guessers."""

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from motor.forms.codes import CodeForm
from motor.models import Survey
from motor.services.codes import case_by_code
from motor.views.by_link import keep_private

UNKNOWN = "Такого кода нет. Проверьте каждый знак; если всё верно, попросите у методиста новый листок."
UNKNOWN_NAMED = "Кода с такой фамилией нет. Проверьте каждый знак; если всё верно, попросите у методиста новый листок."
WAIT = 5  # minutes of the last limit


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """GET asks and takes nothing from the address: codes would stay in logs there."""
    if request.method != "POST":
        return _page(request, CodeForm())
    form = CodeForm(request.POST, asks_name=not _may_try(request, CODE_ALONE))
    limit = WITH_NAME if form.asks_name else CODE_ALONE
    if form.asks_name and not _may_try(request, WITH_NAME):
        return _page(request, CodeForm(asks_name=True), 429, wait=WAIT)
    if form.is_valid():
        last_name = form.cleaned_data["last_name"] if form.asks_name else None
        if case := case_by_code(form.cleaned_data["code"], last_name):
            address = reverse("motor:personal", args=[case.link], query={"via": Survey.Channel.SLIP})
            return keep_private(redirect(address))
        _count_wrong(request, limit)
        form.add_error("code", UNKNOWN_NAMED if form.asks_name else UNKNOWN)
    return _page(request, form, 422)


def _page(request: HttpRequest, form: CodeForm, status: int = 200, wait: int = 0) -> HttpResponse:
    response = keep_private(render(request, "motor/ways/code.html", {"form": form, "wait": wait}, status=status))
    if wait:
        response["Retry-After"] = str(wait * 60)
    return response


# Only wrong tries count: forty teachers behind one address of a school type right codes at the same time. Past the
# limits for one address and for all together, whoever it is adds the surname from his slip: a right code is never shut
# out by what strangers do, and guessing takes a few hundred times as long. Only an address that goes on and on waits.
# The limits stand in the settings. Looking before and counting after lets a few tries slip through side by side, no
# more than there are server processes.
CODE_ALONE, WITH_NAME = "short_code", "short_code_named"


def _may_try(request: HttpRequest, limit: str) -> bool:
    return bool(ratelimit.consume(request, action=limit, key="all", dry_run=True))


def _count_wrong(request: HttpRequest, limit: str) -> None:
    ratelimit.consume(request, action=limit, key="all")
