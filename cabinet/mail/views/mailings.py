"""One letter to many: the drafts, writing one, looking at who gets it, ordering it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.core.words import counted
from cabinet.mail import mailings
from cabinet.mail.forms import MailingForm
from cabinet.mail.look import blocks_of
from cabinet.mail.models import Mailing, MailingQuerySet
from cabinet.users.asking import number, reader
from cabinet.users.decorators import roles_required

PAGE_SIZE = 30
PEOPLE_SHOWN = 50


def _visible(request: HttpRequest) -> MailingQuerySet:
    return Mailing.objects.visible_to(request.user).select_related("author")


@roles_required(*mailings.AUTHORS)
@require_safe
def mailing_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(_visible(request), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "mail/mailing_list.html", {"page": page})


@roles_required(*mailings.AUTHORS)
@require_http_methods(["GET", "HEAD", "POST"])
def mailing_new(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    form = MailingForm(request.POST or None, user=user)
    if form.is_valid():
        return redirect(mailings.make(user, form.values))
    return render(request, "mail/mailing_form.html", {"form": form}, status=422 if form.is_bound else 200)


@roles_required(*mailings.AUTHORS)
@require_safe
def mailing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft: how it looks and who gets it, before it is ordered; afterwards: what became of it."""
    mailing = get_object_or_404(_visible(request), pk=pk)
    subject, body = mailings.looks_like(mailing)
    context = {"mailing": mailing, "subject": subject, "blocks": blocks_of(body)}
    context["may_change"] = mailing.state == Mailing.State.DRAFT and mailing.author_id == reader(request).pk
    context["audience"] = mailings.audience_words(mailing)
    if mailing.state == Mailing.State.DRAFT:
        people = mailings.recipients(mailing)
        reached = mailings.with_address(people)
        page = Paginator(reached.select_related("organization"), PEOPLE_SHOWN).get_page(request.GET.get("page"))
        context |= {"page": page, "without": people.count() - page.paginator.count}
        context["places"] = mailings.by_municipality(reached)
    else:
        context |= _fate(mailing)
    return render(request, "mail/mailing_detail.html", context)


def _fate(mailing: Mailing) -> dict[str, Any]:
    """What became of the letters of one that was ordered."""
    is_stopped = mailing.state == Mailing.State.STOPPED
    progress = mailings.progress(mailing)
    gone = progress.get("sent", 0) + progress.get("kept", 0)
    held_back = progress.get("cancelled", 0) + (progress["unwritten"] if is_stopped else 0)
    context = {"progress": progress, "gone": gone, "held_back": held_back}
    context["may_stop"] = bool(progress["waiting"]) and not is_stopped
    return context | ({"stop": mailings.stop_of(mailing)} if is_stopped else {})


@roles_required(*mailings.AUTHORS)
@require_http_methods(["GET", "HEAD", "POST"])
def mailing_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    drafts = _visible(request).filter(author=user, state=Mailing.State.DRAFT)
    mailing = get_object_or_404(drafts, pk=pk)
    form = MailingForm(request.POST or None, user=user, mailing=mailing)
    if form.is_valid():
        if mailings.change(mailing, form.values, version=form.cleaned_data["version"] or 0):
            return redirect(mailing)
        form.keep_typing(mailing)
    context = {"form": form, "mailing": mailing}
    return render(request, "mail/mailing_form.html", context, status=422 if form.is_bound else 200)


@roles_required(*mailings.AUTHORS)
@require_POST
def mailing_order(request: HttpRequest, pk: int) -> HttpResponse:
    mailing = get_object_or_404(_visible(request).filter(author=reader(request)), pk=pk)
    if mailing.state != Mailing.State.DRAFT:
        messages.info(request, "Эта рассылка уже отправлена.")
    elif not mailings.with_address(mailings.recipients(mailing)).exists():
        messages.warning(request, "Получателей нет: измените, кому письмо.")
    elif mailings.order(mailing, actor=reader(request), version=number(request.POST.get("version"))):
        messages.success(request, "Письма пишутся. Страницу можно закрыть: всё дойдёт само.")
    else:
        messages.warning(request, "Пока вы смотрели, рассылку изменили. Проверьте её ещё раз.")
    return redirect(mailing)


@roles_required(*mailings.AUTHORS)
@require_POST
def mailing_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """At once, without a question: while one is asked, letters go."""
    mailing = get_object_or_404(_visible(request).exclude(state=Mailing.State.DRAFT), pk=pk)
    if stopped := mailings.stop(mailing, actor=reader(request)):
        people = counted(stopped, "человек", "человека", "человек")
        messages.success(request, f"Рассылка остановлена: письмо не получат {people}.")
    else:
        messages.info(request, "Останавливать нечего: все письма этой рассылки уже ушли.")
    return redirect(mailing)


@roles_required(*mailings.AUTHORS)
@require_http_methods(["GET", "HEAD", "POST"])
def mailing_delete(request: HttpRequest, pk: int) -> HttpResponse:
    drafts = _visible(request).filter(author=reader(request), state=Mailing.State.DRAFT)
    mailing = get_object_or_404(drafts, pk=pk)
    if request.method == "POST":
        drafts.filter(pk=pk).delete()
        messages.success(request, "Черновик удалён.")
        return redirect("mail:mailings")
    context = {
        "title": "Удалить черновик?",
        "text": f"«{mailing.subject}» никому не отправлен. Вернуть его будет нельзя.",
        "action_label": "Удалить черновик",
        "cancel_url": mailing.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)
