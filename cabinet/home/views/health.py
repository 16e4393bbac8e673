"""Is the process alive, and is the whole of it working? For supervisors and monitors; no personal data."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cabinet.core.owed import Owed
from cabinet.core.services import is_alive
from cabinet.jobs.models import Job
from cabinet.mail.models import Letter

LONGEST_WAIT = 300  # seconds a row may be owed before somebody should look
OWED: tuple[type[Owed], ...] = (Letter, Job)

_migrated: set[str] = set()


@login_not_required
@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, migrations, a living worker, and nothing owed for long: 200, else 503 and what is wrong."""
    try:
        checks = _checks()
    except DatabaseError:
        checks = {"database": False}
    is_ready = all(value is not False for value in checks.values())
    return JsonResponse({"ready": is_ready, **checks}, status=200 if is_ready else 503)


def _checks() -> dict[str, bool | int]:
    checks: dict[str, bool | int] = {"database": True, "migrations": _is_migrated()}
    if not checks["migrations"]:
        return checks
    wait = max(_wait(model) for model in OWED)
    return checks | {"worker": is_alive(), "owed": wait <= LONGEST_WAIT, "oldest_owed_seconds": wait}


def _is_migrated() -> bool:
    """Reading all migrations takes a tenth of a second, so the good answer is remembered by the process."""
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(connection.alias)
    return True


def _wait(model: type[Owed]) -> int:
    """For how many seconds the oldest row of the model has been owed."""
    oldest: datetime | None = model._default_manager.owed().aggregate(Min("due_at"))["due_at__min"]  # type: ignore[attr-defined]
    return int((timezone.now() - oldest).total_seconds()) if oldest else 0
