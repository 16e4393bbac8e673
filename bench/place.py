"""Where the measurements run: a scratch database, gunicorn × 3, nginx; all on loopback, all gone afterwards."""

import contextlib
import os
import secrets
import shutil
import socket
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import redis
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
DATABASE = "cabinet_bench"  # created and dropped by the bench; never give this name to anything else
WORKERS = 3


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Place:
    """Start with `open`, end with `close`; in between `environment` is what every child process gets."""

    def __init__(self, server_url: str, redis_url: str) -> None:
        self.server = urlsplit(server_url)._replace(scheme="postgresql")
        self.folder = Path(tempfile.mkdtemp(prefix="cabinet-bench-"))
        self.dsn = self.server._replace(path=f"/{DATABASE}").geturl()
        self.port, self.bare_port = free_port(), free_port()
        self.children: list[subprocess.Popen[bytes]] = []
        self.masters: dict[int, int] = {}  # port → pid of gunicorn
        self.nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        kept = ("PATH", "HOME", "LANG", "PGPASSWORD", "PGOPTIONS")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "DATABASE_URL": self.dsn.replace("postgresql:", "postgres:", 1),
            "BENCH_DSN": self.dsn,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "LINK_PEPPER": secrets.token_urlsafe(48),
            "VAR_DIR": str(self.folder / "var"),
            "SITE_URL": f"http://{HOST}:{self.port}",
            "TRUSTED_PROXIES": HOST if self.nginx else "",
            "DEMO": "1",
            "PYTHONWARNINGS": "ignore",
        }
        if redis_url:
            self.environment["REDIS_URL"] = redis_url
        (self.folder / "var").mkdir()

    def open(self) -> None:
        self._admin(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)),
            sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)),
        )
        self.manage("migrate", "--verbosity=0")
        self.manage("collectstatic", "--no-input", "--verbosity=0")
        self.run("-m", "bench.bare.wsgi")

    def close(self) -> None:
        self.stop()
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        if url := self.environment.get("REDIS_URL"):
            with contextlib.suppress(redis.RedisError):
                redis.Redis.from_url(url).delete("celery")  # hints for a worker that never was
        shutil.rmtree(self.folder, ignore_errors=True)

    def _admin(self, *statements: sql.Composable) -> None:
        url = self.server._replace(path=self.server.path if len(self.server.path) > 1 else "/postgres").geturl()
        try:
            connection = psycopg2.connect(url, connect_timeout=3)
        except psycopg2.OperationalError as error:
            sys.exit(f"make bench needs PostgreSQL (DATABASE_URL says where): {error}")
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def connect(self) -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(self.dsn)
        connection.autocommit = True
        return connection

    def run(self, *arguments: str, timeout: float = 1800) -> str:
        """A Python process of its own; what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=self.environment, timeout=timeout, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{' '.join(arguments)}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def serve(self) -> None:
        """Both applications behind the same configuration of nginx."""
        for application, port in (("cabinet.wsgi", self.port), ("bench.bare.wsgi", self.bare_port)):
            web_port = free_port() if self.nginx else port
            self._start(
                sys.executable, "-m", "gunicorn", f"{application}:application", "--workers", str(WORKERS),
                "--bind", f"{HOST}:{web_port}", "--log-level", "warning", "--worker-tmp-dir", str(self.folder),
            )  # fmt: skip
            self.masters[port] = self.children[-1].pid
            wait_for(web_port)
            if self.nginx:
                self._start_nginx(port, web_port)
                wait_for(port)

    def _start(self, *command: str) -> None:
        log = (self.folder / "servers.log").open("ab")
        self.children.append(
            subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT)
        )

    def _start_nginx(self, port: int, web_port: int) -> None:
        folder = self.folder / f"nginx-{port}"
        folder.mkdir()
        text = string.Template((ROOT / "deploy" / "nginx.conf").read_text()).safe_substitute(
            folder=folder,
            port=port,
            web_port=web_port,
            static_root=self.folder / "var" / "static",
            media_root=self.folder / "var" / "media",
        )
        (folder / "nginx.conf").write_text(text)
        # Started by root, nginx would work as another user, who may not read the folder of this run.
        directives = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        program = self.nginx or "nginx"
        configuration = str(folder / "nginx.conf")
        self._start(program, "-p", str(folder), "-c", configuration, "-e", "stderr", "-g", directives)

    def cpu(self, port: int) -> float:
        """Seconds of processor the application behind the port has used so far."""
        ticks = 0
        for pid in descendants(self.masters[port]):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def log_tail(self, length: int = 3000) -> str:
        """The last words of the servers."""
        return (self.folder / "servers.log").read_text(errors="replace")[-length:]

    def stop(self) -> None:
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        self.children.clear()


def descendants(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += descendants(int(child))
    return found


def wait_for(port: int, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection((HOST, port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing answers on port {port}")
