"""The views that hand files out; both ask the owner's own `visible_to`, at every fetch."""

from django.core.cache import cache
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from cabinet.files import services
from cabinet.files.models import PreviewPage, StoredFile
from cabinet.users.models import LogEntry
from cabinet.users.services import record

SEEN_SECONDS = 3600


@require_safe
def download(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Whoever may read the owner may fetch the file; a foreign file and a missing one look the same."""
    stored, owner = _readable(request, public_id)
    record(LogEntry.Action.DOWNLOADED, about=owner, note=stored.name, request=request)
    return services.send(stored)


@require_safe
def preview(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """One page of the preview; `?small` for the picture among the teacher's words."""
    stored, owner = _readable(request, public_id)
    page = get_object_or_404(PreviewPage, preview__stored=stored, number=number)
    if "small" in request.GET:
        return services.send_picture(page.small)
    # One reading is one line of the log, however many pages it turns.
    if cache.add(f"preview-{request.user.pk}-{stored.pk}", True, SEEN_SECONDS):
        record(LogEntry.Action.VIEWED, about=owner, note=f"предпросмотр: {stored.name}", request=request)
    return services.send_picture(page.file)


def _readable(request: HttpRequest, public_id: str) -> tuple[StoredFile, models.Model]:
    stored = get_object_or_404(StoredFile, public_id=public_id)
    owner = stored.owner
    if not isinstance(owner, models.Model):
        raise Http404
    if not type(owner).objects.visible_to(request.user).filter(pk=owner.pk).exists():  # type: ignore[attr-defined]
        raise Http404
    return stored, owner
