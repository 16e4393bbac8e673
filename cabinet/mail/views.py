"""The outbox: read by an administrator, and the only mailbox there is where no mail server is set."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from cabinet.mail import services
from cabinet.mail.filters import LetterFilter
from cabinet.mail.models import Letter, LetterQuerySet
from cabinet.users.decorators import roles_required
from cabinet.users.models import LogEntry
from cabinet.users.services import record

PAGE_SIZE = 50


def _visible(request: HttpRequest) -> LetterQuerySet:
    return Letter.objects.visible_to(request.user).select_related("to")


@roles_required("admin")
@require_safe
def letter_list(request: HttpRequest) -> HttpResponse:
    letters = LetterFilter(request.GET, queryset=_visible(request))
    page = Paginator(letters.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": letters,
        "page": page,
        "states": Letter.State.choices,
        "failed": Letter.objects.retryable().count(),
        "mail_is_kept": settings.MAIL_IS_KEPT,
    }
    return render(request, "mail/letter_list.html", context)


@roles_required("admin")
@require_safe
def letter_detail(request: HttpRequest, pk: int) -> HttpResponse:
    letter = get_object_or_404(_visible(request), pk=pk)
    record(LogEntry.Action.VIEWED, person=letter.to, about=letter, request=request)
    context = {
        "letter": letter,
        "lines": services.readable_body(letter).splitlines(),
        "can_retry": letter.state in (Letter.State.FAILED, Letter.State.NO_ADDRESS),
        "mail_is_kept": settings.MAIL_IS_KEPT,
    }
    response = render(request, "mail/letter_detail.html", context)
    response["Cache-Control"] = "no-store"  # a working personal link may stand on the page
    return response


@roles_required("admin")
@require_POST
def letter_retry(request: HttpRequest, pk: int) -> HttpResponse:
    letter = get_object_or_404(_visible(request), pk=pk)
    if services.retry_letter(letter):
        messages.success(request, "Письмо снова поставлено в очередь.")
    else:
        messages.info(request, "Это письмо повторять не нужно: оно уже отправлено или ждёт отправки.")
    return redirect("mail:letter", pk=pk)
