"""The keeper's page of links that do not open: looked at anew, given another address."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cabinet.library.forms.link import NewLinkForm
from cabinet.library.models import Material
from cabinet.library.services import links
from cabinet.library.services.hooks import use_of
from cabinet.library.services.versions import open_version, start_version, take_version
from cabinet.users.decorators import roles_required
from cabinet.users.models import User

PAGE_SIZE = 25
SHOWN = {"failing": "Не открываются", "unsure": "Посмотрите сами"}


def _keeper(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


@require_safe
@roles_required("admin")
def broken(request: HttpRequest) -> HttpResponse:
    """`?show=unsure`: sites that do not answer programs, so that only a person can tell."""
    show = "unsure" if request.GET.get("show") == "unsure" else "failing"
    rows = links.failing() if show == "failing" else links.unsure()
    page = Paginator(rows.select_related("current", "owner"), PAGE_SIZE).get_page(request.GET.get("page"))
    used = use_of([one.pk for one in page])
    shown: Any = page.object_list
    for material in shown:
        material.used = used.get(material.pk, 0)
        material.is_ordered = links.is_ordered(material)
    context = {"page": page, "show": show, "places": SHOWN, "figures": links.figures()}
    return render(request, "library/broken.html", context)


@require_POST
@roles_required("admin")
def check_all(request: HttpRequest) -> HttpResponse:
    ordered = links.order_failing()
    messages.success(
        request, "Проверка заказана: обновите страницу через несколько минут." if ordered else "Проверять нечего."
    )
    return redirect("library:broken")


@require_POST
@roles_required("admin")
def check_link(request: HttpRequest, pk: int) -> HttpResponse:
    material = get_object_or_404(Material.objects.kept_by(request.user), pk=pk)
    if links.order_check(material):
        messages.success(request, f"Проверка заказана: «{material}». Обновите страницу через минуту.")
    else:
        messages.info(request, "Проверять нечего: у материала уже нет ссылки или он в архиве.")
    return redirect("library:broken")


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required("admin")
def relink(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address instead of the one that does not open: a new version, taken at once."""
    user = _keeper(request)
    found = Material.objects.kept_by(user).published().filter(current__form="link").select_related("current")
    material = get_object_or_404(found, pk=pk)
    link = material.current.link if material.current else ""
    if (begun := open_version(material)) is not None:
        messages.info(request, "У этого материала уже начата новая версия: посмотрите её, прежде чем менять ссылку.")
        return redirect("library:version", material.pk, begun.number)
    form = NewLinkForm(request.POST or None, initial={"link": link})
    if form.is_valid():
        values = {"form": "link", "link": form.cleaned_data["link"], "note": "страница переехала"}
        if take_version(start_version(material, values, actor=user), actor=user):
            messages.success(request, "Ссылка заменена. Кабинет проверит её в ближайшие минуты.")
        return redirect("library:broken")
    context = {"form": form, "material": material, "link": link}
    return render(request, "library/relink.html", context, status=422 if form.is_bound else 200)
