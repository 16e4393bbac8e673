"""The outbox: read by an administrator, and the only mailbox there is where no mail server is set."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.mail import services
from cabinet.mail.filters import LetterFilter
from cabinet.mail.look import blocks_of, button_of
from cabinet.mail.models import Letter, LetterQuerySet
from cabinet.mail.refusals import is_raw
from cabinet.mail.views.alone import seen_alone
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
        "failed": _visible(request).undelivered().count(),
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
        "body": services.readable_body(letter),
        "raw_answer": letter.last_error if is_raw(letter.last_error) else "",
        "can_retry": _visible(request).retryable().filter(pk=pk).exists(),
        "can_bounce": letter.state == Letter.State.SENT and not letter.is_secret,
        "mail_is_kept": settings.MAIL_IS_KEPT,
    }
    response = render(request, "mail/letter_detail.html", context)
    response["Cache-Control"] = "no-store"  # a working personal link may stand on the page
    return response


@roles_required("admin")
@require_safe
@seen_alone
def letter_look(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter as its reader sees it, for the frame of its page."""
    letter = get_object_or_404(_visible(request), pk=pk)
    context = {"subject": letter.subject, "blocks": blocks_of(services.readable_body(letter))}
    context["button"] = button_of(letter.kind)
    response = render(request, "mail/letter_message.html", context)
    response["Cache-Control"] = "no-store"
    return response


@roles_required("admin")
@require_POST
def letter_retry(request: HttpRequest, pk: int) -> HttpResponse:
    letter = get_object_or_404(_visible(request), pk=pk)
    if letter.is_bounced:
        messages.warning(request, f"Адрес {letter.address} не работает. Сначала исправьте его, потом отправляйте.")
    elif services.retry_letter(letter):
        messages.success(request, "Письмо снова поставлено в очередь.")
    else:
        messages.info(request, "Это письмо повторять не нужно: оно уже отправлено или ждёт отправки.")
    return redirect("mail:letter", pk=pk)


@roles_required("admin")
@require_http_methods(["GET", "HEAD", "POST"])
def letter_bounced(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter that went out and came back: only a person who reads the institute's mailbox knows."""
    letter = get_object_or_404(_visible(request), pk=pk)
    if request.method == "POST":
        if services.mark_bounced(letter, request=request):
            messages.warning(request, "Письмо отмечено: адрес не работает. Исправьте адрес и отправьте его ещё раз.")
        else:
            messages.info(request, "Это письмо не отмечено: оно не отправлялось или уже отмечено.")
        return redirect("mail:letter", pk=pk)
    context = {
        "title": f"Адрес {letter.address} не работает?",
        "text": "Письмо будет считаться недоставленным, а его получатель — человеком без связи, пока вы не исправите "
        "адрес и не отправите письмо ещё раз.",
        "action_label": "Да, письмо вернулось",
        "cancel_url": reverse("mail:letter", args=[pk]),
    }
    return render(request, "components/confirm.html", context)
