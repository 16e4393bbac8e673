"""A worker killed at any step loses nothing and repeats nothing: the next one ends what it had begun, once."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from openpyxl import Workbook, load_workbook

from cabinet.core.clock import today
from cabinet.courses.models import Completion, ImportBatch
from cabinet.courses.services import recognise
from cabinet.files.models import StoredFile
from cabinet.files.services import store_path
from cabinet.home.services.lists import order_writing
from cabinet.jobs.models import Job
from cabinet.mail.models import Letter
from cabinet.structure.models import Municipality
from cabinet.users.models import LogEntry, Role, User
from motor.models import Case, Status, Transition
from motor.services import schedule_cases
from registry.exports import order_export
from registry.models import Entry, Export
from registry.services.rebuild import differences, rebuild
from tests import factories
from tests.services.processes import Worker, empty_queue, wait_for

PATIENCE = 60.0
LEASE = "4"  # seconds, so that the worker who takes over need not wait a minute
Stall = Callable[[str], Worker]


@pytest.fixture
def stop_at(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stall]:
    """`stop_at("module:function:before:1")`: a worker driven to that step; `stop_at("")`: one that goes on."""
    empty_queue()
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # a killed worker leaves its half-written files
    workers: list[Worker] = []

    def start(where: str) -> Worker:
        mark = tmp_path / f"stalled-{len(workers)}"
        monkeypatch.setenv("STALL_AT", where)
        monkeypatch.setenv("STALL_MARK", str(mark))
        monkeypatch.setenv("LEASE_SECONDS", LEASE)
        worker = Worker(tmp_path / f"worker-{len(workers)}.log", with_beat=True, app="tests.services.stalling")
        workers.append(worker)
        worker.wait_until_ready(PATIENCE)
        if where:
            come_to(mark, where, worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()


def come_to(mark: Path, where: str, worker: Worker) -> None:
    try:
        wait_for(mark.exists, PATIENCE, f"the worker at {where}")
    except AssertionError as error:
        raise AssertionError(f"{error}; its log:\n{worker.log.read_text(errors='replace')[-5000:]}") from None


def kill_and_take_over(stop_at: Stall, where: str) -> None:
    """One worker dies at the step with whatever it held; messages go with it; another one starts."""
    stop_at(where).kill()
    empty_queue()
    stop_at("")


# --- An import -----------------------------------------------------------------------------------------------

SURNAMES = (
    *("Абрамова", "Белова", "Волкова", "Громова", "Егорова", "Жукова"),
    *("Зайцева", "Котова", "Лебедева", "Морозова", "Носова", "Орлова"),
)
PEOPLE = len(SURNAMES)
PURGES = 50  # one every tenth of a second


@pytest.fixture
def order(transactional_db: None, tmp_path: Path) -> ImportBatch:
    """A list uploaded, checked and confirmed: twelve people, one row that cannot be taken."""
    admin = factories.person_with(Role.ADMIN)
    municipality = factories.MunicipalityFactory(name="Ильинский")
    batch = uploaded_list(tmp_path / "список.xlsx", municipality, admin)
    assert order_writing(batch, admin)
    return batch


def uploaded_list(path: Path, municipality: Municipality, admin: User) -> ImportBatch:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["ФИО", "Организация", "Муниципалитет", "Программа", "Дата окончания", "E-mail"])
    for number, surname in enumerate(SURNAMES):
        school = f"МБОУ «СОШ № {number % 3 + 1}»"
        mail = f"listed{number}@example.org"
        sheet.append([f"{surname} Мария Петровна", school, str(municipality), "Урок физики", today(), mail])
    sheet.append(["Иванов", "", str(municipality), "Урок физики", today(), ""])
    book.save(path)
    batch: ImportBatch = ImportBatch.objects.create(
        kind=ImportBatch.Kind.COMPLETIONS,
        file_name=path.name,
        mapping=recognise(path, ImportBatch.Kind.COMPLETIONS).as_json(),
        created_by=admin,
    )
    batch.source = store_path(path.name, path, owner=batch, uploaded_by=admin)
    batch.save()
    return batch


IMPORT_STEPS = {
    "taken, nothing done": "cabinet.jobs.services:_attempt:before:1",
    "written, not committed": "cabinet.jobs.registry:Run.finish:before:1",
    "committed, not told": "cabinet.home.services.lists:hurry:before:1",
}


@pytest.mark.parametrize("where", IMPORT_STEPS.values(), ids=IMPORT_STEPS.keys())
def test_import_is_written_once(order: ImportBatch, stop_at: Stall, where: str) -> None:
    kill_and_take_over(stop_at, where)

    wait_for(lambda: Case.objects.count() == PEOPLE, PATIENCE, "cases of the list")
    order.refresh_from_db()
    assert (order.state, order.job.state) == (ImportBatch.State.DONE, Job.State.DONE)
    assert (order.result["created"], order.result["failed"]) == (PEOPLE, 1)
    assert Completion.objects.filter(batch=order).count() == Completion.objects.count() == PEOPLE
    assert User.objects.filter(contact_email__startswith="listed").count() == PEOPLE
    assert owned_files(order) == 2  # the list as it came, and the row to correct
    assert LogEntry.objects.filter(action=LogEntry.Action.IMPORTED).count() == 1


def owned_files(owner: Any) -> int:
    kind = ContentType.objects.get_for_model(owner)
    return StoredFile.objects.filter(owner_type=kind, owner_id=owner.pk).count()


# --- Opening and letters -------------------------------------------------------------------------------------

OPENING_STEPS = {
    "a case moved, no letter": "motor.services.notices:invite:before:3",
    "a case and its letter, not committed": "motor.services.notices:invite:after:3",
    "all open, letters owed": "cabinet.mail.services:send_owed:before:1",
    "a letter taken, not sent": "cabinet.mail.services:_finish:before:2",
}


@pytest.fixture
def due(transactional_db: None) -> list[Case]:
    """Six cases of six schools, all due today."""
    for _ in range(6):
        person = factories.UserFactory()
        factories.person_with(Role.METHODIST, person.organization)
        factories.CompletionFactory(person=person, organization=person.organization, course__ends_on=today())
    schedule_cases()
    Case.objects.update(opens_on=today() - timedelta(days=1))
    return list(Case.objects.all())


@pytest.mark.parametrize("where", OPENING_STEPS.values(), ids=OPENING_STEPS.keys())
def test_every_case_opens_once_with_one_letter(due: list[Case], stop_at: Stall, where: str) -> None:
    kill_and_take_over(stop_at, where)

    kept = Letter.objects.filter(kind="motor.invite", state=Letter.State.KEPT)
    wait_for(lambda: kept.count() == len(due), PATIENCE, "the invitations")
    assert set(Case.objects.values_list("status", flat=True)) == {Status.SURVEY_OPEN}
    assert Transition.objects.count() == Letter.objects.count() == len(due)
    assert sorted(kept.values_list("about_id", flat=True)) == [case.pk for case in due]
    assert set(Case.objects.values_list("revision", flat=True)) == {2}
    assert all(case.responsible_id for case in Case.objects.all())


def test_letter_held_by_a_dead_worker_goes_out_once(
    due: list[Case], stop_at: Stall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a mail server, here a folder: what was claimed and not handed over is handed over by the next worker."""
    folder = tmp_path / "sent"
    monkeypatch.setenv("EMAIL_URL", f"filemail:///{folder}")
    kill_and_take_over(stop_at, "cabinet.mail.services:_message:before:4")

    wait_for(lambda: Letter.objects.filter(state=Letter.State.SENT).count() == len(due), PATIENCE, "the letters")
    ids = message_ids(folder)
    assert len(ids) == len(set(ids)) == len(due)


def test_letter_handed_over_before_the_kill_keeps_its_id(
    due: list[Case], stop_at: Stall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the server's «accepted» and our record cannot be told from one before it.

    The letter goes again under the same Message-ID, by which mail programs show it once.
    """
    folder = tmp_path / "sent"
    monkeypatch.setenv("EMAIL_URL", f"filemail:///{folder}")
    kill_and_take_over(stop_at, "cabinet.mail.services:_finish:before:4")

    wait_for(lambda: Letter.objects.filter(state=Letter.State.SENT).count() == len(due), PATIENCE, "the letters")
    ids = message_ids(folder)
    assert len(set(ids)) == len(due)
    assert len(ids) <= len(due) + 1


def message_ids(folder: Path) -> list[str]:
    return [found for one in folder.iterdir() for found in re.findall(r"^Message-ID: (.+)$", one.read_text(), re.M)]


# --- The registry and its file -------------------------------------------------------------------------------


@pytest.fixture
def cases(transactional_db: None) -> list[Case]:
    return [factories.CaseFactory(status=status) for status in (Status.SURVEY_OPEN, Status.FOLLOW_UP, Status.CLOSED)]


SWEEP_STEPS = {
    "written, not committed": "registry.services.sweeping:write:after:1",
    "committed, the mark not moved": "registry.services.sweeping:_mark:before:1",
}


@pytest.mark.parametrize("where", SWEEP_STEPS.values(), ids=SWEEP_STEPS.keys())
def test_registry_is_whole(cases: list[Case], stop_at: Stall, where: str) -> None:
    kill_and_take_over(stop_at, where)

    wait_for(lambda: Entry.objects.count() == len(cases) and not list(differences()), PATIENCE, "a whole registry")


EXPORT_STEPS = {
    "file stored, not committed": "registry.exports:store_path:after:1",
    "finished, not committed": "cabinet.jobs.registry:Run.finish:after:1",
}


@pytest.mark.parametrize("where", EXPORT_STEPS.values(), ids=EXPORT_STEPS.keys())
def test_export_is_one_file(cases: list[Case], stop_at: Stall, where: str) -> None:
    rebuild()
    export = order_export(factories.person_with(Role.ADMIN), QueryDict())

    kill_and_take_over(stop_at, where)

    wait_for(lambda: Job.objects.get(pk=export.job_id).is_finished, PATIENCE, "the export")
    export = Export.objects.select_related("job").get()
    assert (export.job.state, export.rows) == (Job.State.DONE, len(cases))
    assert owned_files(export) == 1
    assert LogEntry.objects.filter(action=LogEntry.Action.EXPORTED).count() == 1
    file = StoredFile.objects.get(owner_id=export.pk, owner_type=ContentType.objects.get_for_model(Export))
    with file.file.open("rb") as content:
        assert load_workbook(content)["Реестр"].max_row == len(cases) + 1


# --- The queue -----------------------------------------------------------------------------------------------


def test_queue_emptied_again_and_again_loses_nothing(
    due: list[Case], order: ImportBatch, start_worker: Callable[..., Worker]
) -> None:
    """An import, openings, letters, the registry: all of it gets done while messages keep disappearing."""
    start_worker()
    emptied = 0

    def all_done() -> bool:
        nonlocal emptied
        if emptied < PURGES:
            empty_queue()
            emptied += 1
            return False
        sent = Letter.objects.filter(kind="motor.invite", state=Letter.State.KEPT).count()
        return sent == len(due) and Entry.objects.count() == len(due) + PEOPLE and not list(differences())

    wait_for(all_done, PATIENCE, "everything owed")
    order.refresh_from_db()
    assert order.state == ImportBatch.State.DONE
    assert Completion.objects.filter(batch=order).count() == PEOPLE
    assert Letter.objects.filter(kind="motor.invite").count() == Transition.objects.count() == len(due)
