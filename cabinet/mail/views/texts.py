"""Texts of letters: what each says, changing it, and how it will look."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.mail.editing import Current, TextMoved, change_text, current_text, restore_text, texts_by_group
from cabinet.mail.forms import LetterTextForm, RestoreForm
from cabinet.mail.look import blocks_of
from cabinet.mail.texts import TextKind, kind_of, preview
from cabinet.mail.views.alone import seen_alone
from cabinet.users.decorators import roles_required

GET_POST = ["GET", "HEAD", "POST"]


def _kind(code: str) -> TextKind:
    kind = kind_of(code)
    if kind is None:
        raise Http404
    return kind


@roles_required("admin")
@require_safe
def text_list(request: HttpRequest) -> HttpResponse:
    return render(request, "mail/text_list.html", {"groups": texts_by_group()})


@roles_required("admin")
@require_http_methods(GET_POST)
def text_edit(request: HttpRequest, code: str) -> HttpResponse:
    kind = _kind(code)
    current = current_text(kind)
    initial = {"subject": current.subject, "body": current.body, "version": current.version}
    form = LetterTextForm(request.POST or None, kind=kind, initial=initial)
    if request.method != "POST":
        return _page(request, form, current)
    if not form.is_valid():
        return _page(request, form, current, 422)
    data = form.cleaned_data
    try:
        is_changed = change_text(
            kind, subject=data.get("subject", ""), body=data["body"], version=data["version"], request=request
        )
    except TextMoved:
        return _moved(request, form)
    if is_changed:
        messages.success(request, f"Текст письма «{kind.title}» сохранён. Через минуту так будут писать все письма.")
    else:
        messages.info(request, "Текст письма остался прежним.")
    return redirect("mail:texts")


def _moved(request: HttpRequest, form: LetterTextForm) -> HttpResponse:
    """What was typed stays; the next press of the button means it in place of the other's text, shown beside."""
    current = current_text(form.kind)
    form.data = {**form.cleaned_data, "version": current.version}
    return _page(request, form, current, 422, is_moved=True)


def _page(
    request: HttpRequest, form: LetterTextForm, current: Current, status: int = 200, *, is_moved: bool = False
) -> HttpResponse:
    context = {"form": form, "kind": form.kind, "current": current, "is_moved": is_moved}
    return render(request, "mail/text_edit.html", context, status=status)


@roles_required("admin")
@require_http_methods(GET_POST)
@seen_alone
def text_look(request: HttpRequest, code: str) -> HttpResponse:
    """The letter with examples in it, for the frame beside the form: as saved, or as typed just now."""
    kind = _kind(code)
    current = current_text(kind)
    subject, body = current.subject, current.body
    if request.method == "POST":
        form = LetterTextForm(request.POST, kind=kind)
        if not form.is_valid():
            return render(request, "mail/text_look_wrong.html", {"form": form}, status=422)
        subject, body = form.cleaned_data.get("subject", ""), form.cleaned_data["body"]
    subject, body = preview(kind, subject, body)
    context = {"subject": subject, "body": body, "blocks": blocks_of(body), "button": kind.button}
    return render(request, "mail/letter_look.html", context)


@roles_required("admin")
@require_http_methods(GET_POST)
def text_restore(request: HttpRequest, code: str) -> HttpResponse:
    kind = _kind(code)
    form = RestoreForm(request.POST or None, initial={"version": current_text(kind).version})
    if request.method == "POST" and form.is_valid():
        try:
            is_restored = restore_text(kind, request=request, version=form.cleaned_data["version"])
        except TextMoved:
            messages.warning(request, "Пока вы решали, текст изменили. Ничего не удалено: посмотрите, каков он теперь.")
            return redirect("mail:text", code=code)
        if is_restored:
            messages.success(request, f"Письмо «{kind.title}» снова пишется исходным текстом.")
        else:
            messages.info(request, "Это письмо и так пишется исходным текстом.")
        return redirect("mail:texts")
    context = {
        "title": f"Вернуть исходный текст: «{kind.title}»?",
        "text": "Написанный вместо него текст не сохранится. Уже отправленных писем это не изменит.",
        "action_label": "Вернуть исходный текст",
        "cancel_url": reverse("mail:text", args=[code]),
        "danger": True,
        "form": form,
    }
    return render(request, "components/confirm.html", context)
