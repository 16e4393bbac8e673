"""`make run`: the whole cabinet on one machine without any service, started and stopped together."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tools.supervisor import Child, say, supervise

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# Said of pickled messages, which the cabinet does not use; in a container everybody is root.
ROOT_WARNING = "ignore:You're running the worker with superuser"


def celery(*arguments: str) -> list[str]:
    """A Celery command. Chatter between workers is off: the database is what they agree through."""
    return [sys.executable, "-W", ROOT_WARNING, "-m", "celery", "-A", "cabinet", *arguments]


def worker(*arguments: str) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=warning"]
    return celery("--quiet", "worker", *quiet, *arguments)


def gunicorn(*arguments: str) -> list[str]:
    """A web server. No access log: addresses of personal links belong into no file."""
    return [sys.executable, "-m", "gunicorn", "cabinet.wsgi", "--log-level=warning", "--no-control-socket", *arguments]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def prepare() -> None:
    code = subprocess.run([sys.executable, "-m", "tools.prepare"], cwd=ROOT, check=False).returncode
    if code:
        sys.exit(f"the site was not started: preparing failed (code {code})")


def announce(address: str, seconds: float = 60) -> None:
    """Wait for the site, then say where it is and who may log in."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{address}/livez", timeout=2).close()
            break
        except urllib.error.HTTPError:
            break  # it answers, if only to say what is wrong
        except OSError:
            time.sleep(0.1)
    command = [sys.executable, "manage.py", "demo_logins"]
    logins = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    say(f"\n  Цифровой кабинет методиста: {address}/\n")
    if logins.returncode == 0 and logins.stdout.strip():
        say(logins.stdout.rstrip() + "\n")
    say("  Ctrl-C stops it.\n")


def main() -> int:
    port = int(os.environ.get("PORT", "8000"))
    if not is_free(port):
        sys.exit(f"port {port} of {HOST} is taken; choose another: make run PORT={port + 1}")
    os.chdir(ROOT)
    prepare()
    children = [
        Child("web", gunicorn(f"--bind={HOST}:{port}", "--workers=2", "--threads=4")),
        Child("worker", worker("--beat", "--concurrency=2", "--scheduler=celery.beat:Scheduler")),
    ]
    return supervise(children, lambda: announce(f"http://{HOST}:{port}"))


if __name__ == "__main__":
    sys.exit(main())
