"""A real worker on a real database and broker: what is owed gets done, whatever happens to messages and processes."""

from collections.abc import Callable

from cabinet.celery import app
from cabinet.core.models import Heartbeat
from cabinet.core.services import is_alive
from cabinet.mail.models import Letter
from tests.factories import LetterFactory
from tests.services.processes import Worker, empty_queue, wait_for


def owed() -> int:
    return Letter.objects.filter(finished_at=None).count()


def test_worker_with_beat_shows_its_pulse(worker: Worker) -> None:
    wait_for(is_alive, what="heartbeat")
    assert Heartbeat.objects.get().name == "worker"


def test_letter_without_any_message_is_found_by_the_sweep(start_worker: Callable[..., Worker]) -> None:
    letter = LetterFactory()  # no service was called, so nobody was told
    start_worker()
    wait_for(lambda: not owed(), what="the letter to go out")
    letter.refresh_from_db()
    assert letter.attempts == 1


def test_dead_worker_and_emptied_queue_lose_nothing_and_repeat_nothing(start_worker: Callable[..., Worker]) -> None:
    first = start_worker(with_beat=False)
    LetterFactory.create_batch(30)
    app.send_task("mail.sweep_letters")
    first.kill()
    empty_queue()
    # What the dead worker held is free again once its lease is over.
    Letter.objects.filter(finished_at=None).update(leased_until=None)
    already = set(Letter.objects.exclude(finished_at=None).values_list("pk", flat=True))

    start_worker()

    wait_for(lambda: not owed(), what="the letters to go out")
    assert set(Letter.objects.filter(pk__in=already).values_list("attempts", flat=True)) <= {1}
    assert Letter.objects.exclude(finished_at=None).count() == 30
