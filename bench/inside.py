"""What has to run inside Django, as child processes of the bench; each prints one line of JSON.

`prepare PEOPLE CASES` fills the database · `queries PATHS_JSON` counts queries · `export FILE`, `import FILE`,
`routes COUNT` are measured alone in a process of their own.
"""

import json
import re
import resource
import sys
import time
from datetime import timedelta
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import bench.ready  # noqa: F401
from cabinet.jobs.services import run_owed
from cabinet.users.models import Membership, Role, User
from iom.models import Assignment, Route, RouteItem, RouteRevision, RouteTemplate, TemplateVersion
from iom.services.creating import content_to_reuse
from iom.services.mass import free_people, order_mass
from iom.services.snapshot import snapshot
from motor.models import Case, Status
from rma.models import Member, Request

ADMIN = "bench@simulated.example.org"


def megabytes(kind: str) -> float:
    """`VmHWM` is the peak since the last reset, `VmRSS` what is held now."""
    with open("/proc/self/status") as status:
        return int(re.search(rf"{kind}:\s+(\d+)", status.read()).group(1)) / 1024  # type: ignore[union-attr]


def reset_peak() -> None:
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def prepare(people: str, cases: str) -> dict[str, Any]:
    """The synthetic region with its registry; people to log in as; surveys to answer."""
    began = time.perf_counter()
    call_command("simulate", people=int(people), cases=int(cases), stdout=StringIO())
    simulated = time.perf_counter()
    call_command("rebuild_registry", stdout=StringIO())
    rebuilt = time.perf_counter()
    open_more_surveys()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    open_cases = Case.objects.filter(status=Status.SURVEY_OPEN).order_by("pk")
    users = people_to_be()
    let_agree(users["methodist"])
    return {
        "simulate_s": simulated - began,
        "rebuild_s": rebuilt - simulated,
        "cases": Case.objects.count(),
        "links": [case.link for case in open_cases],
        "case_pks": list(Case.objects.order_by("?").values_list("pk", flat=True)[:400]),
        "routes": route_pks(users["admin"], users["methodist"]),
        "rma": rma_pks(),
        "cookies": {role: {settings.SESSION_COOKIE_NAME: log_in(user)} for role, user in users.items()},
    }


def route_pks(admin: User, methodist: User) -> dict[str, list[int]]:
    """Which routes each page of a route is read with; those to agree are of whoever the methodist agrees."""
    running = Route.objects.visible_to(admin).running().order_by("?")
    return {
        "route": list(running.values_list("pk", flat=True)[:200]),
        "design": list(running.filter(status__in=Route.OPEN_TO_CHANGE).values_list("pk", flat=True)[:200]),
        "agree": list(Route.objects.approvable_by(methodist).values_list("pk", flat=True)[:50]),
        "assignment": list(Assignment.objects.order_by("?").values_list("pk", flat=True)[:200]),
    }


def rma_pks() -> dict[str, list[int]]:
    """Cards to look at, and requests that wait for somebody to name a member."""
    wanted = Request.objects.filter(status=Request.Status.WANTED).order_by("?")
    return {
        "member": list(Member.objects.order_by("?").values_list("pk", flat=True)[:200]),
        "wanted": list(wanted.values_list("pk", flat=True)[:100]),
    }


def open_more_surveys() -> None:
    """Every scheduled case opens, so that each answer of the load goes to a survey of its own.

    Somebody answers for each, as after a real opening: the methodist, or the municipal specialist.
    """
    methodist = Membership.objects.filter(role=Role.METHODIST, organization=OuterRef("organization"))
    specialist = Membership.objects.filter(role=Role.MUNICIPAL, municipality__organizations=OuterRef("organization"))
    Case.objects.filter(status=Status.SCHEDULED).update(
        status=Status.SURVEY_OPEN,
        opened_at=timezone.now(),
        due_on=timezone.localdate() + timedelta(days=14),
        responsible=Coalesce(Subquery(methodist.values("user")[:1]), Subquery(specialist.values("user")[:1])),
    )


def let_agree(methodist: User) -> None:
    """Every third route of the methodist's organization waits for him, with a former version to compare with."""
    routes = Route.objects.filter(organization=methodist.organization_id, is_outside=False).exclude(person=methodist)
    for route in routes.order_by("pk")[::3]:
        RouteRevision.objects.get_or_create(route=route, version=1, defaults={"content": snapshot(route)})
        Route.objects.filter(pk=route.pk).update(
            status="in_review", step="methodist", version=2, agreed_version=1, return_comment=""
        )
        item = route.items.first()
        if item is not None:
            RouteItem.objects.filter(pk=item.pk).update(activity="Уточнённое мероприятие")


def people_to_be() -> dict[str, User]:
    """An admin, an observer, and the busiest of the methodists, municipal specialists and members of РМА."""
    admin = User.objects.create_superuser(ADMIN, None, last_name="Замер", first_name="А")
    heaviest = User.objects.filter(memberships__role=Role.METHODIST).annotate(n=Count("led_cases")).order_by("-n")
    specialist = (
        Membership.objects.filter(role=Role.MUNICIPAL)
        .annotate(n=Count("municipality__organizations__cases"))
        .order_by("-n")
    )
    observer = User.objects.create_user(None, None, last_name="Замер", first_name="Н")
    Membership.objects.create(user=observer, role=Role.OBSERVER)
    member = Member.objects.available().annotate(n=Count("activities")).select_related("user").order_by("-n")
    return {
        "admin": admin,
        "observer": observer,
        "methodist": heaviest[0],
        "municipal": specialist[0].user,
        "member": member[0].user,
    }


def log_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def queries(jobs: str) -> dict[str, int]:
    """{name: [session key, path]} → {name: queries of one GET, those of session and user included}."""
    counts = {}
    for name, (key, path) in json.loads(jobs).items():
        client = Client(HTTP_HOST="127.0.0.1")
        client.cookies[settings.SESSION_COOKIE_NAME] = key
        client.get(path)  # content types and the calendar are read once per process
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"{path}: {response.status_code}")
        counts[name] = len(captured)
    return counts


def measured(command: str, *arguments: str, **options: Any) -> dict[str, Any]:
    """Seconds, and megabytes of this process and of the largest child it started."""
    User.objects.count()
    reset_peak()
    base = megabytes("VmRSS")
    answer = StringIO()
    began = time.perf_counter()
    call_command(command, *arguments, stdout=answer, **options)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "base_mb": base,
        "peak_mb": megabytes("VmHWM"),
        "child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "answer": answer.getvalue(),
    }


def export(path: str) -> dict[str, Any]:
    return measured("export_registry", path)


def routes(count: str) -> dict[str, Any]:
    """Routes for a group from a template of twelve items, by the worker's own code; says how many there are then."""
    admin = User.objects.get(email=ADMIN)
    content = content_to_reuse(Route.objects.running().first())  # type: ignore[arg-type]
    template = RouteTemplate.objects.create(owner=admin, scope=RouteTemplate.Scope.REGION, title="Шаблон замера")
    version = TemplateVersion.objects.create(template=template, content=content, author=admin)
    people = free_people(admin).order_by("pk").values_list("pk", flat=True)[: int(count)]
    job = order_mass(version, list(people), admin, "bench")
    began = time.perf_counter()
    run_owed(job.pk)
    return {"seconds": time.perf_counter() - began, "made": version.routes.count()}


def import_(path: str) -> dict[str, Any]:
    return measured("import_completions", path, json=True)


if __name__ == "__main__":
    work = {"prepare": prepare, "queries": queries, "export": export, "import": import_, "routes": routes}[sys.argv[1]]
    print(json.dumps(work(*sys.argv[2:])))
