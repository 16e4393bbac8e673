"""One file for several owners: a row for each of them, the bytes on the disk once."""

from collections.abc import Iterable, Sequence

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from cabinet.files.models import Preview, PreviewPage, StoredFile


def share_files(files: Sequence[StoredFile], owners: Iterable[models.Model]) -> None:
    """Whoever may read one of `owners` may fetch these too; each keeps his row when another one's is taken away.

    What lies on the disk goes with the last row that knows it.
    """
    rows = [
        StoredFile(
            file=one.file.name,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            owner_type=ContentType.objects.get_for_model(owner),
            owner_id=owner.pk,
            uploaded_by_id=one.uploaded_by_id,
        )
        for owner in owners
        for one in files
    ]
    with transaction.atomic():
        StoredFile.objects.bulk_create(rows, batch_size=500)
        for preview in Preview.objects.filter(stored__in=files).exclude(finished_at=None).select_related("stored"):
            lend_pages(preview)


def lend_pages(preview: Preview) -> None:
    """Give the finished preview of a file to the other rows of the same file: it is drawn once."""
    others = StoredFile.objects.filter(file=preview.stored.file.name, preview=None).exclude(pk=preview.stored_id)
    now = timezone.now()
    lent = [Preview(stored=one, finished_at=now, pages_total=preview.pages_total) for one in others]
    if not lent:
        return
    Preview.objects.bulk_create(lent, batch_size=500)
    pages = [
        PreviewPage(
            preview=one,
            number=page.number,
            file=page.file.name,
            small=page.small.name,
            width=page.width,
            height=page.height,
        )
        for one in lent
        for page in preview.pages.all()
    ]
    PreviewPage.objects.bulk_create(pages, batch_size=500)
