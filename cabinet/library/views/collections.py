"""Pages of collections: the list, one of them and its paper, making, changing, putting materials in and in order."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.library.forms.collection import CollectionForm, NoteForm
from cabinet.library.models import Collection, CollectionItem, Material
from cabinet.library.services import collections as services
from cabinet.library.services.reading import page_of
from cabinet.users.asking import number, reader
from cabinet.users.models import User, only_observes

PAGE_SIZE = 20
ITEMS_PAGE = 50
WHOSE = {"all": "Для всех", "mine": "Мои"}


@require_safe
def collection_list(request: HttpRequest) -> HttpResponse:
    """`?whose=mine` are one's own, whoever sees them."""
    user = reader(request)
    whose = "mine" if request.GET.get("whose") == "mine" else "all"
    rows = Collection.objects.visible_to(user)
    rows = rows.filter(owner=user) if whose == "mine" else rows.filter(is_public=True)
    page = Paginator(services.with_counts(rows, user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "library/collections.html", {"page": page, "whose": whose, "places": WHOSE})


def _items(collection: Collection, user: User) -> QuerySet[Any]:
    """In their order, each with `is_open`; what left the library is shown to those who can take it out."""
    seen = Material.objects.visible_to(user).filter(pk=OuterRef("material"))
    rows = collection.items.select_related("material__current__file", "material__topic").annotate(is_open=Exists(seen))
    return rows.order_by("place", "pk")


@require_safe
def collection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    collection = get_object_or_404(Collection.objects.visible_to(user).select_related("owner"), pk=pk)
    may_edit = Collection.objects.editable_by(user).filter(pk=pk).exists()
    rows = _items(collection, user)
    page = Paginator(rows if may_edit else rows.filter(is_open=True), ITEMS_PAGE).get_page(request.GET.get("page"))
    context = {"collection": collection, "page": page, "may_edit": may_edit, "note_form": NoteForm()}
    context["sees_people"] = not only_observes(user)
    return render(request, "library/collection.html", context)


@require_safe
def collection_print(request: HttpRequest, pk: int) -> HttpResponse:
    """For handing out: titles, a word on each, and where it is opened."""
    user = reader(request)
    collection = get_object_or_404(Collection.objects.visible_to(user).select_related("owner"), pk=pk)
    items = list(_items(collection, user).filter(is_open=True)[: services.MOST])
    context = {"collection": collection, "items": items, "site": request.build_absolute_uri("/").rstrip("/")}
    context["sees_people"] = not only_observes(user)
    return render(request, "library/collection_print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def collection_new(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    form = CollectionForm(request.POST or None, user=user)
    if form.is_valid():
        try:
            made = services.make_collection(user, form.cleaned_data)
        except services.Full as full:
            form.add_error(None, str(full))
        else:
            messages.success(request, "Подборка создана. Материалы добавляют со страницы материала: «В подборку».")
            return redirect(made)
    return render(request, "library/collection_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def collection_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    collection = get_object_or_404(Collection.objects.editable_by(user), pk=pk)
    title, was_public = collection.title, collection.is_public
    form = CollectionForm(request.POST or None, instance=collection, user=user)
    if form.is_valid():
        collection.is_public = was_public  # the form has written on the row already; the service says what changed
        services.change_collection(collection, form.cleaned_data, actor=user)
        messages.success(request, "Подборка сохранена.")
        return redirect(collection)
    context = {"form": form, "collection": collection, "title": title}
    return render(request, "library/collection_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def collection_delete(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    collection = get_object_or_404(Collection.objects.editable_by(user), pk=pk)
    if request.method == "POST":
        services.delete_collection(collection, actor=user)
        messages.success(request, "Подборка удалена. Её материалы остались в библиотеке.")
        return redirect(f"{reverse('library:collections')}?whose=mine")
    seen = " Её видят все; у коллег она тоже исчезнет." if collection.is_public else ""
    context = {
        "title": "Удалить подборку?",
        "text": f"«{collection}». Материалы останутся в библиотеке, а порядок и пояснения пропадут.{seen}",
        "action_label": "Удалить подборку",
        "cancel_url": collection.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_POST
def collect(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a material into one's own collection: `collection` is its number, or `title` is that of a new one."""
    user = reader(request)
    material = get_object_or_404(Material.objects.visible_to(user).published(), pk=pk)
    title = " ".join(request.POST.get("title", "").split())
    try:
        if chosen := number(request.POST.get("collection")):
            collection = get_object_or_404(Collection.objects.editable_by(user), pk=chosen)
        elif title and len(title) <= 200:
            collection = services.make_collection(user, {"title": title})
        else:
            context = page_of(get_object_or_404(Material.objects.with_content(), pk=pk), user)
            context["collect_error"] = "Выберите подборку или назовите новую (до 200 знаков)."
            return render(request, "library/material_detail.html", context, status=422)
        was_put = services.put(collection, material)
    except services.Full as full:
        messages.warning(request, str(full))
        return redirect(material)
    messages.success(request, f"{'Добавлено в подборку' if was_put else 'Уже есть в подборке'} «{collection}».")
    return redirect(material)


@require_POST
def item_change(request: HttpRequest, pk: int) -> HttpResponse:
    """`move` (up or down), `remove`, or `note` of a material in a collection."""
    own = Collection.objects.editable_by(reader(request)).order_by().values("pk")
    items = CollectionItem.objects.filter(collection__in=own).select_related("collection", "material")
    item = get_object_or_404(items, pk=pk)
    anchor = f"#item-{item.pk}"
    if request.POST.get("move") in ("up", "down"):
        services.move(item, request.POST["move"] == "up")
    elif "remove" in request.POST:
        if services.take_out(item):
            messages.success(request, f"Убрано из подборки: «{item.material}». В библиотеке материал остался.")
        anchor = ""
    else:
        form = NoteForm(request.POST, instance=item)
        if form.is_valid():
            services.explain(item, form.cleaned_data["note"])
            messages.success(request, "Пояснение сохранено.")
        else:
            messages.warning(request, "Пояснение не сохранено: оставьте до 300 знаков.")
    page = number(request.POST.get("page"))
    return redirect(item.collection.get_absolute_url() + (f"?page={page}" if page > 1 else "") + anchor)
