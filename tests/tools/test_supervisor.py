"""Processes started together: one that dies comes back, one that keeps dying stops all, nobody stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Each child notes its process id and then does what it was told.
CHILD = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
SCRIPT = """
import sys
from tools.supervisor import Child, supervise
files, code = sys.argv[1:3], sys.argv[3]
children = [Child(f"child {n}", [sys.executable, "-c", code, file]) for n, file in enumerate(files)]
sys.exit(supervise(children, lambda: None))
"""

Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [tmp_path / "first", tmp_path / "second"]


@pytest.fixture
def start(files: list[Path]) -> Iterator[Start]:
    """`start(code)`: a supervisor over two children that run `code`."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SCRIPT, *map(str, files), CHILD + code]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def pids(file: Path, count: int = 1) -> list[int]:
    """The process ids noted so far, once there are `count` of them."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found = file.read_text().split() if file.exists() else []
        if len(found) >= count:
            return [int(pid) for pid in found]
        time.sleep(0.05)
    raise AssertionError(f"{file.name} was not started {count} times")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_all(start: Start, files: list[Path], number: signal.Signals) -> None:
    supervisor = start("time.sleep(60)")
    children = [pids(file)[0] for file in files]
    supervisor.send_signal(number)
    assert supervisor.wait(5) == 0
    assert not any(is_running(pid) for pid in children)


def test_dead_child_is_started_again(start: Start, files: list[Path]) -> None:
    supervisor = start("time.sleep(60)")
    first, second = (pids(file)[0] for file in files)
    os.kill(first, signal.SIGKILL)
    assert pids(files[0], count=2)[1] != first
    assert is_running(second)
    supervisor.terminate()
    assert "child 0 fell (code -9)" in supervisor.communicate(timeout=5)[0]


def test_child_that_keeps_falling_stops_everything_loudly(start: Start, files: list[Path]) -> None:
    supervisor = start(f"time.sleep(60) if sys.argv[1].endswith('{files[1].name}') else sys.exit(3)")
    output = supervisor.communicate(timeout=40)[0]
    assert supervisor.returncode == 1
    assert "child 0 keeps falling (last code 3)" in output
    assert not is_running(pids(files[1])[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_killed_supervisor_takes_its_children_along(start: Start, files: list[Path]) -> None:
    supervisor = start("time.sleep(60)")
    children = [pids(file)[0] for file in files]
    supervisor.kill()
    until = time.monotonic() + 5
    while any(is_running(pid) for pid in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(is_running(pid) for pid in children)
