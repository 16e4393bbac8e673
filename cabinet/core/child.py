"""A process that opens strangers' files, so that ours need not: started by path, stopped without harm.

The script answers with JSON lines, limits itself, and knows nothing of the project.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import IO, Any, cast


def lines_of(script: Path, *arguments: str, seconds: float) -> Generator[Any, None, None]:
    """What the child says, line by line; fewer lines than expected mean that it was stopped."""
    process = subprocess.Popen(
        # -I: neither the environment nor the working directory decides what the child imports.
        [sys.executable, "-I", "-X", "utf8", str(script), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},  # no secrets for a process that reads strangers' files
        encoding="utf-8",
    )
    output = cast(IO[str], process.stdout)
    watchdog = threading.Timer(seconds, process.kill)
    watchdog.daemon = True
    watchdog.start()
    try:
        for text in output:
            yield json.loads(text)
    except json.JSONDecodeError:
        pass  # the child was stopped in the middle of a line
    finally:
        watchdog.cancel()
        process.kill()
        output.close()
        process.wait()
