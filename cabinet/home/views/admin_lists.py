"""Any list of the Django admin as Excel: its filters, its search, its columns.

It stands here and not beside the lists because a download is logged, and the log lives above the lowest of them.
"""

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import SuspiciousOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cabinet.core.admin import WordSearchAdmin
from cabinet.files.services import work_folder
from cabinet.users.models import LogEntry
from cabinet.users.services import record

LIMIT = 100_000  # rows: some ten seconds; beyond that a filter is quicker than the file


@require_safe
def admin_excel(request: HttpRequest, app_label: str, model_name: str) -> HttpResponse | FileResponse:
    page = get_list(request, app_label, model_name)
    back = f"{reverse(f'admin:{app_label}_{model_name}_changelist')}?{request.GET.urlencode()}"
    try:
        rows = page.get_changelist_instance(request).queryset
    except (IncorrectLookupParameters, SuspiciousOperation):
        raise Http404 from None
    count = rows.count()
    if count > LIMIT:
        messages.error(request, f"В списке больше {LIMIT} строк. Сузьте его отбором и скачайте по частям.")
        return redirect(back)
    with work_folder() as folder:
        path = folder / "list.xlsx"
        page.excel(path, request, rows)
        target = path.open("rb")  # still readable when the folder is gone; the response closes it
    name = page.excel_title
    record(LogEntry.Action.EXPORTED, note=f"администрирование: {name}, строк: {count}", request=request)
    return FileResponse(target, as_attachment=True, filename=f"{name} {timezone.localdate():%Y-%m-%d}.xlsx")


def get_list(request: HttpRequest, app_label: str, model_name: str) -> WordSearchAdmin:
    """The list, if there is one whose rows may leave the cabinet and this person may see it."""
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError:
        raise Http404 from None
    page = admin.site._registry.get(model)
    if not isinstance(page, WordSearchAdmin) or not page.has_excel:
        raise Http404
    if not admin.site.has_permission(request) or not page.has_view_permission(request):
        raise Http404
    return page
