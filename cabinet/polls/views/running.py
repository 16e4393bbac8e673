"""Running a poll: the draft, a look as the respondent has it, the opening, the end."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.suppression import LIMIT
from cabinet.polls.forms import AnswerForm, DraftForm, EndForm
from cabinet.polls.models import Poll
from cabinet.polls.services import drafts, ending, opening
from cabinet.polls.services.audience import audience_of, may_ask, may_make, place_code, place_of, places_of
from cabinet.polls.services.results import response_of
from cabinet.users.asking import reader

NOT_YOURS = "В этом месте вы больше не проводите опросы. Выберите другое или удалите черновик."
TOO_FEW_SAID = "Опрос завершён. Ответов меньше пяти, доли не покажем."
MOVED_ON = "Опрос уже начат или завершён: его вопросы больше не меняются."


def _draft(request: HttpRequest, pk: int) -> Poll:
    """A draft one may work on."""
    polls = Poll.objects.editable_by(request.user).filter(state=Poll.State.DRAFT)
    return get_object_or_404(polls.with_names(), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def poll_new(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    if not may_make(user):
        raise Http404
    form = DraftForm(request.POST if request.method == "POST" else None, user=user)
    if not form.is_bound or not form.is_valid():
        return render(request, "polls/poll_form.html", {"form": form}, status=422 if form.is_bound else 200)
    poll = drafts.make_draft(user, form.draft)
    return _go_on(request, poll, form, "Черновик сохранён. Его никто не видит, пока вы не начнёте опрос.")


@require_http_methods(["GET", "HEAD", "POST"])
def poll_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Every button saves; `?add` shows one more empty question."""
    user, poll = reader(request), _draft(request, pk)
    data = request.POST if request.method == "POST" else None
    form = DraftForm(data, user=user, poll=poll, with_blank="add" in request.GET)
    if form.is_bound and form.is_valid():
        if drafts.rewrite_draft(poll, form.draft, version=form.cleaned_data["version"] or 0):
            return _go_on(request, poll, form, "Черновик сохранён.")
        if poll.state != Poll.State.DRAFT:
            messages.warning(request, MOVED_ON)
            return redirect(poll)
        _tell_clash(request, poll, form)
    context = {"form": form, "poll": poll}
    return render(request, "polls/poll_form.html", context, status=422 if form.is_bound else 200)


def _tell_clash(request: HttpRequest, poll: Poll, form: DraftForm) -> None:
    """What was typed stays; saved once more, it replaces what the other saved."""
    typed = request.POST.copy()
    typed["version"] = str(poll.version)
    form.data = typed
    number = poll.questions.count()
    form.add_error(
        None,
        f"Пока вы писали, черновик изменили: сейчас это «{poll.title}», вопросов: {number}. "
        "Откройте его рядом и сверьте; если ваш вариант верен, сохраните ещё раз.",
    )


def _go_on(request: HttpRequest, poll: Poll, form: DraftForm, said: str) -> HttpResponse:
    if place := form.goes_to:
        more = "?add=1" if request.POST.get("act") == "add" else ""
        return redirect(f"{reverse('polls:edit', args=[poll.pk])}{more}#{place}")
    if request.POST.get("act") == "preview":
        return redirect("polls:preview", poll.pk)
    messages.success(request, said)
    return redirect(poll)


@require_safe
def poll_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """As the respondent sees it; nothing can be sent from here."""
    poll = get_object_or_404(Poll.objects.editable_by(request.user).with_names(), pk=pk)
    questions = drafts.questions_of(poll)
    lacks = drafts.missing(poll, questions) if poll.state == Poll.State.DRAFT else []
    return render(request, "polls/preview.html", {"poll": poll, "form": AnswerForm(questions), "lacks": lacks})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def poll_open(request: HttpRequest, pk: int) -> HttpResponse:
    """First whom it goes to; `version` is the draft the page showed."""
    user = reader(request)
    poll = get_object_or_404(Poll.objects.editable_by(user).with_names(), pk=pk)
    if poll.state != Poll.State.DRAFT:
        messages.info(request, "Опрос уже начат: второй раз ничего не изменилось.")
        return redirect(poll)
    audience = audience_of(poll)
    lacks = drafts.missing(poll, drafts.questions_of(poll))
    refused = opening.too_few(poll, audience.people) if may_ask(user, poll) else NOT_YOURS
    lacks += [refused] if refused else []
    if request.method == "POST" and not lacks:
        version = request.POST.get("version", "")
        by_letter = request.POST.get("letters") != "no"
        known = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        if opening.open_poll(poll, actor=user, version=known, by_letter=by_letter):
            messages.success(request, "Опрос начат.")
            return redirect(poll)
        messages.warning(request, "Пока вы смотрели, черновик изменили. Проверьте ещё раз, кому уйдёт опрос.")
        return redirect("polls:open", poll.pk)
    context = {"poll": poll, "audience": audience, "lacks": lacks}
    return render(request, "polls/open.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def poll_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Another last day."""
    user = reader(request)
    poll = get_object_or_404(Poll.objects.editable_by(user).open_now(), pk=pk)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"closes_on": poll.closes_on})
    if not form.is_valid():
        context = {
            "title": "Перенести окончание опроса",
            "text": poll.title,
            "action_label": "Перенести",
            "cancel_url": poll.get_absolute_url(),
            "form": form,
        }
        return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)
    if ending.move_end(poll, form.cleaned_data["closes_on"], actor=user):
        messages.success(request, f"Отвечать можно по {poll.closes_on:%d.%m.%Y} включительно.")
    else:
        messages.info(request, "День прежний: ничего не изменилось.")
    return redirect(poll)


@require_http_methods(["GET", "HEAD", "POST"])
def poll_close(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    poll = get_object_or_404(Poll.objects.editable_by(user).exclude(state=Poll.State.DRAFT), pk=pk)
    if request.method == "POST":
        if ending.close_poll(poll, actor=user):
            said = TOO_FEW_SAID if response_of(poll)[1] < LIMIT else "Опрос завершён. Результаты открыты."
            messages.success(request, said)
        else:
            messages.info(request, "Опрос уже завершён.")
        return redirect(poll)
    if poll.state == Poll.State.CLOSED:
        return redirect(poll)
    context = {
        "title": "Завершить опрос сейчас?",
        "text": f"«{poll.title}»: отвечать больше будет нельзя, и начать его снова не получится. "
        "Такой же опрос можно провести ещё раз копией.",
        "action_label": "Завершить опрос",
        "cancel_url": poll.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def poll_remove(request: HttpRequest, pk: int) -> HttpResponse:
    poll = _draft(request, pk)
    if request.method == "POST":
        if drafts.remove_draft(poll):
            messages.success(request, "Черновик удалён.")
            return redirect("polls:polls")
        messages.warning(request, MOVED_ON)
        return redirect(poll)
    context = {
        "title": "Удалить черновик?",
        "text": f"«{poll.title}» со всеми вопросами. Вернуть его будет нельзя.",
        "action_label": "Удалить черновик",
        "cancel_url": poll.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
def poll_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the same questions, asked in the same place where one may, else in the first of one's own."""
    user = reader(request)
    poll = get_object_or_404(Poll.objects.copyable_by(user).with_names(), pk=pk)
    places = [code for code, _ in places_of(user)]
    if not places:
        raise Http404
    same = place_code(poll)
    place = same if same in places and not poll.is_example else places[0]
    copy = drafts.copy_poll(poll, author=user, place=place_of(place))
    messages.success(request, "Это новый черновик с теми же вопросами. Укажите, кого спросить и до какого дня.")
    return redirect("polls:edit", copy.pk)


@require_POST
def poll_relink(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    polls = Poll.objects.editable_by(user).filter(is_by_link=True).exclude(state=Poll.State.DRAFT)
    poll = get_object_or_404(polls, pk=pk)
    version = request.POST.get("version", "")
    known = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else 0
    if ending.reissue_link(poll, actor=user, version=known):
        messages.success(request, "Ссылка новая, прежняя больше не действует. Раздайте новую сами.")
    else:
        messages.info(request, "Ссылка прежняя: её только что сменили или опрос завершён.")
    return redirect(poll)
