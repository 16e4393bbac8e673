"""The embedded broker: a message appears whole, and one that cannot be read does not stop the worker."""

from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

import cabinet.broker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "control").mkdir()
    return tmp_path


@pytest.fixture
def connection(folder: Path) -> Connection:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }
    return Connection(f"{cabinet.broker.SCHEME}://localhost", transport_options=options)


def test_message_goes_through_and_leaves_nothing(connection: Connection, folder: Path) -> None:
    with connection.SimpleQueue("hints") as queue:
        queue.put({"letter": 5})
        message = queue.get(timeout=5)
        message.ack()
        assert message.payload == {"letter": 5}
    assert not list(folder.glob("*.msg"))
    assert not list(folder.glob(".*.new"))


def test_half_written_message_is_passed_over(connection: Connection, folder: Path) -> None:
    # Kombu keeps bindings per process, so each test has a queue of its own.
    with connection.SimpleQueue("more") as queue:
        (folder / "1_broken.more.msg").write_text('{"body": ')
        with pytest.raises(Empty):
            queue.get(timeout=0.2)
        queue.put({"letter": 6})
        message = queue.get(timeout=5)
        message.ack()
        assert message.payload == {"letter": 6}
