"""The filesystem broker of the embedded default, with messages that appear whole.

Kombu's own transport opens the file under its final name and then writes; a worker that lists the folder in between
takes an empty message and dies of it. Written aside and renamed, a message is either there or not.
"""

import os
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

SCHEME = "wholefiles"


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # kombu disagrees with itself
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        aside = folder / f".{name}.new"
        try:
            aside.write_bytes(str_to_bytes(dumps(payload)))
            os.replace(aside, folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add file {name!r} to directory") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """A message that cannot be read is a hint lost, and hints may be lost."""
        with suppress(ValueError, ChannelError):
            return super()._get(queue)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
