"""Start several processes together, restart one that dies, stop all of them together.

Every child leads a process group of its own: Ctrl-C in a terminal reaches only the supervisor, which then stops
the children in order, and what a killed child leaves behind is cleared with its group.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

STOP_SECONDS = 10
# A child that falls this often is broken, and a site half of which is broken should not look alive.
FALLS_ALLOWED = 5
FALLS_WITHIN_SECONDS = 60
PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    print(text, flush=True)


def _die_with_parent() -> None:
    """Linux only: a supervisor killed outright takes its children along."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    falls: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def has_fallen(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def falls_too_often(self) -> bool:
        now = time.monotonic()
        self.falls = [moment for moment in self.falls if now - moment < FALLS_WITHIN_SECONDS] + [now]
        return len(self.falls) > FALLS_ALLOWED

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def clear_group(self) -> None:
        """Pool processes outlive a main process that was killed; nothing of the old one may stay."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


class Stopped(BaseException):
    """Ctrl-C or SIGTERM: not an error, so nothing may catch it by accident."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def supervise(children: list[Child], when_started: Callable[[], None]) -> int:
    """Run `children` until Ctrl-C or SIGTERM (0), or until one of them keeps falling (1)."""
    code = 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        for child in children:
            child.start()
        threading.Thread(target=when_started, daemon=True).start()
        code = _watch(children)
    except Stopped:
        say("\nstopping …")
    finally:
        # From here on a second Ctrl-C would leave children behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _stop_all(children)
    say("stopped")
    return code


def _watch(children: list[Child]) -> int:
    while True:
        time.sleep(0.3)
        for child in children:
            if not child.has_fallen():
                continue
            code = child.process.returncode if child.process else None
            child.clear_group()
            if child.falls_too_often():
                say(f"!!! {child.name} keeps falling (last code {code}); everything is stopped")
                return 1
            say(f"!!! {child.name} fell (code {code}); it is started again")
            time.sleep(min(len(child.falls) - 1, 3))
            child.start()


def _stop_all(children: list[Child]) -> None:
    """SIGTERM to all, time to finish, then by force. Work cut off is owed still, and is found by a sweep."""
    for child in reversed(children):
        child.signal(signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    for child in reversed(children):
        if child.process is not None:
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{child.name} did not stop in {STOP_SECONDS} s; it is ended by force")
        child.clear_group()
