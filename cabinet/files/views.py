"""The one view that hands files out."""

from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from cabinet.files import services
from cabinet.files.models import StoredFile
from cabinet.users.models import LogEntry
from cabinet.users.services import record


@require_safe
def download(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Whoever may read the owner may fetch the file; a foreign file and a missing one look the same."""
    stored = StoredFile.objects.filter(public_id=public_id).first()
    owner = stored.owner if stored else None
    if stored is None or not isinstance(owner, models.Model):
        raise Http404
    if not type(owner).objects.visible_to(request.user).filter(pk=owner.pk).exists():  # type: ignore[attr-defined]
        raise Http404
    record(LogEntry.Action.DOWNLOADED, about=owner, note=stored.name, request=request)
    return services.send(stored)
