"""Bringing materials: one's own, writing them, offering, taking back, next versions."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.library.forms.material import ContentForm, MaterialForm, RightForm
from cabinet.library.models import Material
from cabinet.library.services import offering, reading, versions
from cabinet.library.views.materials import posted
from cabinet.users.asking import reader
from cabinet.users.models import User

PAGE_SIZE = 20
STATES = {
    "": "Все",
    "draft": "Черновики",
    "offered": "Ждут решения",
    "returned": "Вернули",
    "published": "В библиотеке",
}
CHANGED = (
    "Пока вы писали, описание изменили. Ниже видно, что сейчас в кабинете и что у вас. "
    "Сохраните ещё раз, если верно ваше; файл, если прикладывали, выберите снова."
)


def _offerer(request: HttpRequest) -> User:
    user = reader(request)
    if not offering.may_offer(user):
        raise Http404
    return user


def _writable(user: User) -> "QuerySet[Material]":
    """Own drafts and returned ones; the keeper mends whatever there is except foreign drafts."""
    rows = Material.objects.editable_by(user).with_names()
    own = rows.filter(owner=user.pk, state__in=offering.OPEN)
    return rows.exclude(state=Material.State.DRAFT) | own if offering.is_keeper(user) else own


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """`?state=` of them; each says what is to be done next. The menu leads here everybody, who only observes too."""
    user = reader(request)
    state = request.GET.get("state", "") if request.GET.get("state", "") in STATES else ""
    rows = Material.objects.filter(owner=user).order_by("-updated_at", "-pk")
    page = Paginator(rows.filter(state=state) if state else rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cards": reading.own_cards(list(page.object_list)),
        "state": state,
        "states": STATES,
        "may_offer": offering.may_offer(user),
    }
    return render(request, "library/own.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = _offerer(request)
    form = MaterialForm(posted(request), user=user)
    content = ContentForm(posted(request), request.FILES or None)
    if form.is_bound and form.is_valid() & content.is_valid():
        material = offering.make_once(user, form.values, content.values, content.cleaned_data["file"])
        return _saved(request, material)
    return _form_page(request, form, content, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Description and, while it is not in the library, what it holds; later that goes by versions."""
    user = _offerer(request)
    material = get_object_or_404(_writable(user), pk=pk)
    first = offering.latest(material) if material.published_at is None else None
    form = MaterialForm(posted(request), instance=material, user=user)
    content = ContentForm(posted(request), request.FILES or None, version=first) if first else None
    differences: list[Any] = []
    if form.is_bound and form.is_valid() & (content is None or content.is_valid()):
        seen = form.cleaned_data["version"] or 0
        upload = content.cleaned_data["file"] if content else None
        values = content.values if content else {}
        if offering.save_material(material, form.values, values, actor=user, version=seen, upload=upload):
            return _saved(request, material)
        differences = form.differences(material)
        typed = request.POST.copy()
        typed["version"] = str(material.version)
        form.data = typed
        form.add_error(None, CHANGED)
    return _form_page(request, form, content, material, differences)


def _saved(request: HttpRequest, material: Material) -> HttpResponse:
    """Where the button says: to look at it as readers will, or back to the list."""
    if "later" in request.POST:
        messages.success(request, "Черновик сохранён. Он ждёт вас в «Моих материалах».")
        return redirect("library:own")
    messages.success(request, "Сохранено. Так материал увидят коллеги.")
    return redirect(material)


def _form_page(
    request: HttpRequest,
    form: MaterialForm,
    content: ContentForm | None,
    material: Material | None,
    differences: list[Any] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "content": content,
        "material": material,
        "kept": content.kept if content else None,
        "differences": differences,
    }
    has_errors = form.errors or (content is not None and content.errors)
    return render(request, "library/material_form.html", context, status=422 if has_errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """The keeper's own goes into the library at once."""
    user = _offerer(request)
    material = get_object_or_404(Material.objects.filter(owner=user, state__in=offering.OPEN), pk=pk)
    if missing := offering.gaps(material):
        messages.error(request, f"Пока предложить нельзя. Осталось: {', '.join(missing)}.")
        return redirect("library:edit", pk)
    form = RightForm(posted(request))
    keeps = offering.is_keeper(user)
    if form.is_valid():
        done = offering.publish(material, actor=user) if keeps else offering.offer(material, actor=user)
        if done:
            said = "Материал в библиотеке." if keeps else "Материал предложен. О решении хранителя придёт письмо."
            messages.success(request, said)
        return redirect(material)
    context = {
        "title": "Поместить материал в библиотеку?" if keeps else "Предложить материал в библиотеку?",
        "text": f"«{material}». " + ("Его увидят все, у кого есть вход в кабинет." if keeps else _AFTER_OFFER),
        "action_label": "Поместить" if keeps else "Предложить",
        "cancel_url": material.get_absolute_url(),
        "form": form,
    }
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)


_AFTER_OFFER = (
    "Хранитель библиотеки посмотрит его и примет или скажет, что поправить. "
    "После этого материал увидят все, у кого есть вход в кабинет, вместе с именем автора."
)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user = _offerer(request)
    material = get_object_or_404(Material.objects.filter(owner=user), pk=pk)
    if offering.withdraw(material, actor=user):
        messages.success(request, "Предложение отозвано: это снова черновик.")
    else:
        messages.info(request, "Отзывать нечего: материал уже не ждёт решения.")
    return redirect(material)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    user = _offerer(request)
    rows = Material.objects.filter(owner=user, state__in=offering.OPEN, published_at=None)
    material = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        if offering.delete_draft(material):
            messages.success(request, "Черновик удалён.")
        return redirect("library:own")
    context = {
        "title": "Удалить черновик?",
        "text": f"«{material}» и приложенный файл исчезнут насовсем.",
        "action_label": "Удалить",
        "cancel_url": material.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


# --- Next versions ------------------------------------------------------------------------------------------------


def _published(user: User, pk: int) -> Material:
    """Whose next version one may write: one's own, the keeper any."""
    rows = Material.objects.editable_by(user).published().with_names()
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def version_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version or write on the one begun; readers open the former meanwhile."""
    user = _offerer(request)
    material = _published(user, pk)
    begun = versions.open_version(material)
    if begun and begun.state not in versions.WRITABLE and not offering.is_keeper(user):
        messages.info(request, "Новая версия уже ждёт решения. Чтобы поправить её, сначала отзовите.")
        return redirect("library:version", pk, begun.number)
    form = ContentForm(posted(request), request.FILES or None, version=begun, is_next=True)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        if begun is None:
            begun = versions.start_version(material, form.values, actor=user, upload=upload)
        elif not versions.change_version(begun, form.values, actor=user, upload=upload):
            messages.info(request, "Пока вы писали, по этой версии уже решили. Откройте её и сверьте.")
            return redirect(material)
        messages.success(request, "Сохранено. Посмотрите и предложите новую версию.")
        return redirect("library:version", pk, begun.number)
    context = {"content": form, "material": material, "kept": begun}
    return render(request, "library/version_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def version_offer(request: HttpRequest, pk: int) -> HttpResponse:
    user = _offerer(request)
    material = _published(user, pk)
    begun = versions.open_version(material)
    if begun is None or begun.state not in versions.WRITABLE:
        return redirect(material)
    if not versions.has_content(begun):
        messages.error(request, "Пока предложить нечего: приложите файл, ссылку или текст.")
        return redirect("library:version_edit", pk)
    form, keeps = RightForm(posted(request)), offering.is_keeper(user)
    if form.is_valid():
        done = versions.take_version(begun, actor=user) if keeps else versions.offer_version(begun, actor=user)
        if done:
            said = "Новая версия в библиотеке." if keeps else "Новая версия предложена. О решении придёт письмо."
            messages.success(request, said)
        return redirect(material)
    context = {
        "title": "Поместить новую версию?" if keeps else "Предложить новую версию?",
        "text": f"«{material}». Пока её не примут, коллегам открывается прежняя.",
        "action_label": "Поместить" if keeps else "Предложить",
        "cancel_url": reverse("library:version", args=[pk, begun.number]),
        "form": form,
    }
    return render(request, "components/confirm.html", context, status=422 if form.is_bound else 200)


@require_POST
def version_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user = _offerer(request)
    material = get_object_or_404(Material.objects.filter(owner=user).published(), pk=pk)
    begun = versions.open_version(material)
    if begun is not None and versions.withdraw_version(begun, actor=user):
        messages.success(request, "Новая версия отозвана: можно писать дальше.")
    else:
        messages.info(request, "Отзывать нечего: новая версия уже не ждёт решения.")
    return redirect(material)


@require_http_methods(["GET", "HEAD", "POST"])
def version_delete(request: HttpRequest, pk: int) -> HttpResponse:
    user = _offerer(request)
    material = _published(user, pk)
    begun = versions.open_version(material)
    if begun is None or begun.state not in versions.WRITABLE:
        raise Http404
    if request.method == "POST":
        if versions.delete_version(begun):
            messages.success(request, "Новая версия удалена, прежняя осталась.")
        return redirect(material)
    context = {
        "title": "Удалить новую версию?",
        "text": f"«{material}»: исчезнет только то, что вы начали. В библиотеке останется прежняя версия.",
        "action_label": "Удалить",
        "cancel_url": reverse("library:version", args=[pk, begun.number]),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)
