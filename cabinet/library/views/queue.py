"""What the keeper decides: offers and next versions, out of the library and back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cabinet.library.forms.material import DecisionForm, WordsForm
from cabinet.library.models import Material
from cabinet.library.services import keeping, offering, reading
from cabinet.library.views.materials import posted
from cabinet.users.asking import reader
from cabinet.users.decorators import roles_required

PAGE_SIZE = 25
STALE = "Пока вы смотрели, предложение изменили или отозвали. Посмотрите ещё раз и решите."


@require_safe
@roles_required("admin")
def queue(request: HttpRequest) -> HttpResponse:
    """The longest waiting first."""
    rows = keeping.waiting(Material.objects.kept_by(request.user))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "library/queue.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What is offered beside the decision; for what waits no longer, its page."""
    user = reader(request)
    material = get_object_or_404(Material.objects.kept_by(user).with_content(), pk=pk)
    offered = keeping.offered_version(material)
    if offered is None:
        messages.info(request, "Этот материал решения уже не ждёт.")
        return redirect(material)
    form = DecisionForm(posted(request), initial={"seen": material.version, "act": DecisionForm.TAKE})
    if form.is_valid():
        data = form.cleaned_data
        takes = data["act"] == DecisionForm.TAKE
        if keeping.decide(material, offered, takes=takes, words=data["words"], actor=user, seen=data["seen"]):
            messages.success(request, "Принято: материал открыт коллегам." if takes else "Возвращено автору с письмом.")
            return redirect("library:queue")
        messages.error(request, STALE)
        return redirect("library:decide", pk)
    context = reading.page_of(material, user) | {"form": form, "offered": offered}
    return render(request, "library/queue_decide.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    material = get_object_or_404(Material.objects.kept_by(request.user).published(), pk=pk)
    form = WordsForm(posted(request))
    if form.is_valid():
        if offering.archive(material, form.cleaned_data["words"], actor=reader(request)):
            messages.success(request, "Материал в архиве. Его можно вернуть.")
        return redirect(material)
    context = {
        "title": "Убрать материал в архив?",
        "text": f"«{material}» исчезнет из поиска, в маршрутах останется его название. Материал можно вернуть.",
        "action_label": "Убрать в архив",
        "danger": True,
    }
    return _asked(request, material, form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    kept = Material.objects.kept_by(request.user).filter(state=Material.State.ARCHIVED)
    material = get_object_or_404(kept, pk=pk)
    form = WordsForm(posted(request))
    if form.is_valid():
        if offering.restore(material, form.cleaned_data["words"], actor=reader(request)):
            messages.success(request, "Материал снова в библиотеке.")
        return redirect(material)
    context = {
        "title": "Вернуть материал в библиотеку?",
        "text": f"«{material}» снова увидят коллеги, в той версии, которая была последней.",
        "action_label": "Вернуть",
    }
    return _asked(request, material, form, context)


def _asked(request: HttpRequest, material: Material, form: WordsForm, context: dict[str, Any]) -> HttpResponse:
    context |= {"form": form, "cancel_url": material.get_absolute_url()}
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)
