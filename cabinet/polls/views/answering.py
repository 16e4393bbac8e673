"""Answering: in the cabinet, and by a common link without a login."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cabinet.core.links import is_signed, split_link
from cabinet.polls.forms import AnswerForm
from cabinet.polls.models import Participant, Poll
from cabinet.polls.services import answering as services
from cabinet.polls.services.answering import Outcome
from cabinet.polls.services.drafts import questions_of
from cabinet.users.asking import reader

MARK_KEPT = 180 * 24 * 60 * 60
LATE = "Опрос завершился, пока вы отвечали: этот ответ уже не учтён. Спасибо, что нашли время."
AGAIN = "Страница устарела, и ответ не отправлен. Отметьте ответы ещё раз."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One page for those who are asked; without names it may be sent once, with names until the end."""
    user = reader(request)
    polls = Poll.objects.asking(user).filter(is_by_link=False).with_names()
    poll = get_object_or_404(polls, pk=pk)
    mine = Participant.objects.get(poll=poll, person=user)
    if not poll.is_open or (poll.is_anonymous and mine.has_answered):
        return _nothing_to_do(request, poll, mine)
    questions = questions_of(poll)
    had = {} if poll.is_anonymous else services.own_answers(poll, user)
    form = AnswerForm(questions, request.POST if request.method == "POST" else None, had=had)
    if not form.is_valid():
        context = {"poll": poll, "form": form, "mine": mine}
        return render(request, "polls/answer.html", context, status=422 if form.is_bound else 200)
    act = services.answer_without_name if poll.is_anonymous else services.answer_with_name
    return _thanks(request, poll, act(poll, user, form.chosen))


def _nothing_to_do(request: HttpRequest, poll: Poll, mine: Participant) -> HttpResponse:
    if request.method == "POST" and mine.has_answered and poll.is_anonymous:
        return _thanks(request, poll, Outcome.ALREADY)
    is_late = request.method == "POST"
    context = {"poll": poll, "mine": mine, "late": LATE if is_late else ""}
    return render(request, "polls/answered.html", context, status=409 if is_late else 200)


def _thanks(request: HttpRequest, poll: Poll, outcome: Outcome) -> HttpResponse:
    if outcome is Outcome.OVER:
        messages.warning(request, LATE)
    elif outcome is Outcome.ALREADY and poll.is_anonymous:
        messages.info(request, "Ваш ответ уже учтён: второй раз ничего не прибавилось.")
    elif outcome is Outcome.ALREADY:
        messages.info(request, "Ответы прежние: ничего не изменилось.")
    else:
        messages.success(request, "Спасибо! Ваш ответ учтён.")
    return redirect(poll)


# --- By the common link ------------------------------------------------------------------------------------------


def _poll_of(link: str) -> tuple[Poll, bool]:
    """The poll and whether the link is the present one; a guessed one is simply not found."""
    parts = split_link(link)
    polls = Poll.objects.with_names().filter(is_by_link=True).exclude(state=Poll.State.DRAFT)
    poll = polls.filter(public_id=parts[0]).first() if parts else None
    if poll is None or parts is None:
        raise Http404
    if is_signed(poll.public_id, poll.link_version, parts[1]):
        return poll, True
    if any(is_signed(poll.public_id, version, parts[1]) for version in range(1, poll.link_version)):
        return poll, False  # whoever holds such a link got it from us
    raise Http404


def _mark(poll: Poll) -> str:
    return f"poll-{poll.public_id[:12]}"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_link(request: HttpRequest, link: str) -> HttpResponse:
    """GET shows and changes nothing, POST counts. A link that ended says no more of its poll than that it is over."""
    poll, is_present = _poll_of(link)
    if not is_present or not poll.is_open:
        return _private(_over(request, poll if is_present else None))
    has_mark = request.get_signed_cookie(_mark(poll), "", salt=services.SALT) == "1"
    if has_mark and request.method != "POST" and "again" not in request.GET:
        return _private(render(request, "polls/link_answered.html", {"poll": poll, "link": link}))
    form = AnswerForm(questions_of(poll), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _private(_count(request, poll, link, form))
        except signing.BadSignature:
            form.add_error(None, AGAIN)
    token = request.POST.get("token", "") if form.is_bound and not form.non_field_errors() else ""
    context = {"poll": poll, "form": form, "token": token or services.form_token(poll)}
    return _private(render(request, "polls/answer_link.html", context, status=422 if form.is_bound else 200))


def _over(request: HttpRequest, poll: Poll | None) -> HttpResponse:
    is_late = request.method == "POST"
    context = {"poll": poll, "late": LATE if is_late else ""}
    return render(request, "polls/link_over.html", context, status=409 if is_late else 200)


def _count(request: HttpRequest, poll: Poll, link: str, form: AnswerForm) -> HttpResponse:
    outcome = services.answer_by_link(poll, form.chosen, request.POST.get("token", ""))
    if outcome is Outcome.OVER:
        return _over(request, poll)
    response = redirect("polls:answer_link", link)
    response.set_signed_cookie(
        _mark(poll),
        "1",
        salt=services.SALT,
        max_age=MARK_KEPT,
        path="/polls/a/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
