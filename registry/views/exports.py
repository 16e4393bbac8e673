"""Ordered exports of the registry."""

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from cabinet.core.fragments import wants_fragment
from cabinet.files.models import StoredFile
from cabinet.users.decorators import roles_required
from registry.exports import order_export
from registry.models import READERS, Export

EXPORTS_SHOWN = 30


@require_safe
@roles_required(*READERS)
@vary_on_headers("HX-Request")
def export_list(request: HttpRequest) -> HttpResponse:
    exports = list(Export.objects.visible_to(request.user).select_related("job")[:EXPORTS_SHOWN])
    files = {
        one.owner_id: one
        for one in StoredFile.objects.filter(
            owner_type=ContentType.objects.get_for_model(Export), owner_id__in=[one.pk for one in exports]
        )
    }
    lines = [{"export": one, "file": files.get(one.pk)} for one in exports]
    is_waiting = any(not one.job.is_finished for one in exports)
    template = "registry/exports.html" + ("#results" if wants_fragment(request) else "")
    response = render(request, template, {"lines": lines, "is_waiting": is_waiting})
    patch_cache_control(response, no_store=True)
    return response


@require_POST
@roles_required(*READERS)
def export_order(request: HttpRequest) -> HttpResponse:
    """The filters stand in the address, as on the page the button is on."""
    order_export(request.user, request.GET)  # type: ignore[arg-type]
    messages.success(request, "Выгрузка заказана. Когда файл будет готов, он появится здесь; страницу можно закрыть.")
    return redirect("registry:exports")
