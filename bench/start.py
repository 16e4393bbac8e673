"""Seconds of `make run` on a clean clone, until it answers: the first time and the second."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.place import HOST, ROOT, free_port

LIMIT = 600.0


def measure() -> tuple[float, float]:
    """Clone what is committed, start, stop, start again. Installing needs the package registries."""
    folder = Path(tempfile.mkdtemp(prefix="cabinet-clone-"))
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        first = start(folder / "clone")
        return first, start(folder / "clone")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(clone: Path) -> float:
    port = free_port()
    hidden = ("DATABASE_URL", "REDIS_URL", "VAR_DIR", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "DEMO")
    environment = {name: value for name, value in os.environ.items() if name not in hidden} | {"PORT": str(port)}
    log = (clone.parent / "run.log").open("ab")
    began = time.monotonic()
    child = subprocess.Popen(
        ["make", "run"], cwd=clone, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        while time.monotonic() - began < LIMIT:
            if child.poll() is not None:
                raise SystemExit("make run ended by itself:\n" + (clone.parent / "run.log").read_text()[-3000:])
            if answers(port):
                return time.monotonic() - began
            time.sleep(0.1)
        raise SystemExit(f"make run: no answer in {LIMIT:.0f} s")
    finally:
        os.killpg(child.pid, signal.SIGINT)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(10)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/accounts/login/", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
