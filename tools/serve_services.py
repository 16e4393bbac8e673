"""`make run-services`: the production topology without Docker, against a local PostgreSQL and Redis.

nginx if the machine has it, gunicorn behind it, two workers, a separate beat. DATABASE_URL, REDIS_URL, PORT and
WEB_WORKERS change it. Everything the processes write goes to var/services/, apart from `make run`.
"""

import os
import secrets
import shutil
import string
import sys
from urllib.parse import urlsplit

from tools.serve import HOST, ROOT, announce, celery, gunicorn, is_free, prepare, worker
from tools.supervisor import Child, supervise

FOLDER = ROOT / "var" / "services"


def kept_secret(name: str) -> str:
    """A rehearsal needs secrets as strong as the real ones; they stay on this machine."""
    path = FOLDER / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def environment(port: int, has_nginx: bool) -> dict[str, str]:
    """What production sets by hand; a variable that is set already stays."""
    values = {
        "DATABASE_URL": "postgres://127.0.0.1:5432/cabinet",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "SECRET_KEY": kept_secret("secret_key"),
        "LINK_PEPPER": kept_secret("link_pepper"),
        "VAR_DIR": str(FOLDER),
        "SITE_URL": f"http://{HOST}:{port}",
        "DEMO": "1",
    }
    if has_nginx:
        values["TRUSTED_PROXIES"] = HOST
    return values | {name: os.environ[name] for name in values if name in os.environ}


def create_database(url: str) -> None:
    """Create the database if the server has none of this name."""
    import psycopg2
    from psycopg2 import sql

    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    try:
        connection = psycopg2.connect(parts._replace(scheme="postgresql", path="/postgres").geturl(), connect_timeout=3)
    except psycopg2.OperationalError as error:
        sys.exit(f"no PostgreSQL at {parts.hostname}:{parts.port}: {error}")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connection.close()


def check_redis(url: str) -> None:
    import redis

    try:
        redis.Redis.from_url(url, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        sys.exit(f"no Redis: {error}")


def nginx(port: int, web_port: int) -> Child:
    """nginx with a configuration written for this run; it reads only our own folder."""
    folder = FOLDER / "nginx"
    folder.mkdir(exist_ok=True)
    template = string.Template((ROOT / "deploy" / "nginx.conf").read_text())
    values = {
        "folder": folder,
        "port": port,
        "web_port": web_port,
        "static_root": FOLDER / "static",
        "media_root": os.environ.get("MEDIA_ROOT", FOLDER / "media"),
    }
    configuration = folder / "nginx.conf"
    configuration.write_text(template.safe_substitute(values))
    # Started by root, nginx would work as another user, who may not read this checkout.
    directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    program = find_nginx() or "nginx"
    return Child("nginx", [program, "-p", str(folder), "-c", str(configuration), "-e", "stderr", "-g", directives])


def find_nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def main() -> int:
    port = int(os.environ.get("PORT", "8000"))
    has_nginx = find_nginx() is not None
    web_port = port + 1 if has_nginx else port
    for needed in {port, web_port}:
        if not is_free(needed):
            sys.exit(f"port {needed} of {HOST} is taken; choose another: make run-services PORT={port + 10}")
    os.chdir(ROOT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(port, has_nginx))
    create_database(os.environ["DATABASE_URL"])
    check_redis(os.environ["REDIS_URL"])
    prepare()
    workers = os.environ.get("WEB_WORKERS", "3")
    children = [
        Child("web", gunicorn(f"--bind={HOST}:{web_port}", f"--workers={workers}", f"--forwarded-allow-ips={HOST}")),
        Child("worker 1", worker("--concurrency=1", "--hostname=worker1@%h")),
        Child("worker 2", worker("--concurrency=1", "--hostname=worker2@%h")),
        Child(
            "beat", celery("--quiet", "beat", "--scheduler=celery.beat:Scheduler", "--loglevel=warning", "--pidfile=")
        ),
    ]
    if has_nginx:
        children.append(nginx(port, web_port))
    return supervise(children, lambda: announce(f"http://{HOST}:{port}"))


if __name__ == "__main__":
    sys.exit(main())
