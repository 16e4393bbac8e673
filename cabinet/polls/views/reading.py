"""Pages of polls to read: the list, one of them, what came of it."""

from io import BytesIO

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cabinet.core.clock import today
from cabinet.core.qr import qr_of
from cabinet.files.services import hand_out
from cabinet.polls.exports import write_results
from cabinet.polls.filters import STATES, VIEWS, PollFilter
from cabinet.polls.models import Participant, Poll
from cabinet.polls.services.audience import may_make
from cabinet.polls.services.breakdown import breakdown_of
from cabinet.polls.services.drafts import missing, questions_of
from cabinet.polls.services.names import answered_in, answers_of
from cabinet.polls.services.opening import inviting
from cabinet.polls.services.results import response_of, results_of, sees_names
from cabinet.users.asking import reader
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record

PAGE_SIZE = 25


def reads_names(user: User) -> bool:
    """The observer sees no persons, not even who asked."""
    return "observer" not in user.roles or bool(user.roles - {"observer", "teacher"})


@require_safe
def poll_list(request: HttpRequest) -> HttpResponse:
    """`?view=` whose, `?state=` which; those that wait for an answer come first, then one's own."""
    user = reader(request)
    chosen = PollFilter(request.GET, user)
    page = Paginator(chosen.polls, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "chosen": chosen,
        "views": VIEWS,
        "states": STATES,
        "may_make": may_make(user),
        "reads_names": reads_names(user),
    }
    return render(request, "polls/poll_list.html", context)


@never_cache
@require_safe
def poll_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """For whoever runs it: how far it is and what may be done; for the asked: what it is about and the way in."""
    user = reader(request)
    poll = get_object_or_404(Poll.objects.visible_to(user).with_names(), pk=pk)
    is_editor = poll.author_id == user.pk or ("admin" in user.roles and not poll.is_example)
    questions = questions_of(poll) if is_editor else []
    asked, answered = response_of(poll) if is_editor and poll.state != Poll.State.DRAFT else (None, 0)
    context = {
        "poll": poll,
        "is_editor": is_editor,
        "mine": Participant.objects.filter(poll=poll, person=user).first(),
        "questions": questions,
        "missing": missing(poll, questions) if is_editor and poll.state == Poll.State.DRAFT else [],
        "asked": asked,
        "answered": answered,
        "job": inviting(poll) if is_editor and poll.state == Poll.State.OPEN else None,
        "has_names": sees_names(poll, user),
        "may_copy": is_editor or (poll.is_example and may_make(user)),
        "reads_names": reads_names(user),
        "qr": qr_of(poll.personal_url()) if is_editor and poll.is_by_link and poll.is_open else "",
    }
    return render(request, "polls/poll_detail.html", context)


@never_cache
@require_safe
def poll_results(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    poll = get_object_or_404(Poll.objects.with_results_for(user).with_names(), pk=pk)
    results = results_of(poll, user)
    context = {
        "poll": poll,
        "results": results,
        "breakdown": breakdown_of(results),
        "may_copy": poll.author_id == user.pk or (poll.is_example and may_make(user)),
        "reads_names": reads_names(user),
    }
    return render(request, "polls/results.html", context)


@require_safe
def poll_excel(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as on the page; with the names for whoever may read them."""
    user = reader(request)
    poll = get_object_or_404(Poll.objects.with_results_for(user).with_names(), pk=pk)
    results = results_of(poll, user)
    target = BytesIO()
    write_results(target, results, breakdown_of(results))
    note = f"результаты опроса{' с именами' if results.has_names else ''}: {poll}"
    record(LogEntry.Action.EXPORTED, about=poll, note=note, request=request)
    return hand_out(target.getvalue(), f"Результаты опроса {today():%Y-%m-%d}.xlsx")


@never_cache
@require_safe
def poll_names(request: HttpRequest, pk: int) -> HttpResponse:
    """Who answered what: for the author of a poll with names, as was said before answering."""
    user = reader(request)
    poll = get_object_or_404(Poll.objects.with_results_for(user).filter(is_anonymous=False, author=user), pk=pk)
    page = Paginator(answered_in(poll), PAGE_SIZE).get_page(request.GET.get("page"))
    record(LogEntry.Action.VIEWED, about=poll, note=f"ответы с именами: {poll}", request=request)
    context = {"poll": poll, "page": page, "questions": questions_of(poll), "rows": answers_of(poll, page.object_list)}
    return render(request, "polls/names.html", context)
