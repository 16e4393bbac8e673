"""What is attached to an event: materials of the library and files."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from cabinet.library.models import Material
from cabinet.planner.models import Event
from cabinet.planner.services import event_materials as services
from cabinet.planner.views.asking import number
from cabinet.users.asking import reader


def _back(pk: int) -> HttpResponse:
    return redirect(f"{reverse('planner:event', args=[pk])}#materials")


@require_POST
def event_material(request: HttpRequest, pk: int) -> HttpResponse:
    """`add` or `remove`: the number of a material."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    if "remove" in request.POST:
        material = get_object_or_404(event.materials, pk=number(request.POST["remove"]))
        if services.detach(event, material, actor=user):
            messages.success(request, f"Материал «{material}» убран от события. В библиотеке он остался.")
        return _back(pk)
    published = Material.objects.visible_to(user).published()
    material = get_object_or_404(published, pk=number(request.POST.get("add", "")))
    if services.attach(event, material, actor=user):
        messages.success(request, f"Материал «{material}» приложен.")
    return _back(pk)


@require_POST
def event_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file, or `remove`: its public id."""
    user = reader(request)
    event = get_object_or_404(Event.objects.kept_by(user), pk=pk)
    if "remove" in request.POST:
        stored = get_object_or_404(services.files_of(event), public_id=request.POST["remove"][:32])
        services.remove_file(stored, event, actor=user)
        messages.success(request, f"Файл «{stored.name}» убран.")
        return _back(pk)
    upload = request.FILES.get("file")
    if upload is None:
        messages.warning(request, "Выберите файл.")
    elif services.files_of(event).count() >= services.MOST_FILES:
        messages.warning(request, f"У события уже {services.MOST_FILES} файлов. Уберите лишние или дайте ссылку.")
    else:
        try:
            stored = services.add_file(event, upload, actor=user)
            messages.success(request, f"Файл «{stored.name}» приложен.")
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    return _back(pk)
