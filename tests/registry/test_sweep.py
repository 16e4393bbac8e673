"""The registry looks: after any change, however made, one sweep later a recount finds no difference."""

from datetime import timedelta
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.courses.models import Programme
from cabinet.structure.models import Municipality
from cabinet.users.models import Role
from motor.models import Case, Outcome, Status
from motor.moves import touch
from motor.services import RecordAnswer, record_result
from registry.models import Entry, Watermark
from registry.services import differences, rebuild, sweep
from registry.services.projection import expected, write
from tests.factories import (
    CaseFactory,
    CourseFactory,
    MunicipalityFactory,
    OrganizationFactory,
    PositionFactory,
    TerritoryFactory,
    TopicFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


def wrong() -> list[str]:
    return [str(one) for one in differences()]


def edit_in_admin(client: Client, row: models.Model, **changes: Any) -> None:
    """Open the change form of a row, change some fields and save it, as an administrator does."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    page = client.get(address)
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields} | changes
    for formset in page.context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {management.add_prefix(name): management[name].value() for name in management.fields}
        for one in formset.formset.forms:
            data |= {one.add_prefix(name): one[name].value() for name in one.fields}
    response = client.post(
        address, {name: value for name, value in data.items() if value is not None and value is not False}
    )
    assert response.status_code == 302, response.context["errors"]


class TestSweep:
    def test_every_state_has_a_line(self) -> None:
        cases = [CaseFactory(status=status) for status in Status.values]
        assert sweep() == len(cases)
        assert list(Entry.objects.order_by("pk").values_list("pk", "status")) == [(one.pk, one.status) for one in cases]
        assert wrong() == []

    def test_second_sweep_writes_nothing(self) -> None:
        CaseFactory(status=Status.CLOSED)
        sweep()
        assert sweep() == 0

    @pytest.mark.parametrize("count", [1, 5])
    def test_idle_sweep_is_seven_queries(self, count: int, django_assert_num_queries: Any) -> None:
        for _ in range(count):
            CaseFactory(status=Status.CLOSED)
        sweep()
        sweep()  # what the factories stamped after the sweep had begun
        with django_assert_num_queries(7):
            sweep()

    def test_touched_case_costs_the_work_of_one_case(self) -> None:
        cases = [CaseFactory(status=Status.CLOSED) for _ in range(3)]
        sweep()
        before = {one.pk: one.revision for one in Entry.objects.all()}
        touch(cases[1])
        assert sweep() == 1
        after = {one.pk: one.revision for one in Entry.objects.all()}
        assert {pk for pk in after if after[pk] != before[pk]} == {cases[1].pk}

    def test_late_commit_inside_the_overlap_is_found(self) -> None:
        CaseFactory()
        sweep()
        late = CaseFactory(touched_at=timezone.now() - timedelta(minutes=9))
        assert sweep() == 1
        assert Entry.objects.filter(pk=late.pk).exists()

    def test_marks_move_once_a_minute_and_never_back(self) -> None:
        CaseFactory()
        sweep()
        marks = dict(Watermark.objects.values_list("name", "seen_at"))
        sweep()
        assert dict(Watermark.objects.values_list("name", "seen_at")) == marks
        long_ago, ahead = timezone.now() - timedelta(hours=2), timezone.now() + timedelta(hours=2)
        Watermark.objects.filter(name="case").update(seen_at=long_ago)
        Watermark.objects.filter(name="course").update(seen_at=ahead)
        sweep()
        assert Watermark.objects.get(name="case").seen_at > marks["case"]
        assert Watermark.objects.get(name="course").seen_at == ahead

    def test_killed_between_batches_it_goes_on_where_it_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cases = [CaseFactory() for _ in range(3)]
        monkeypatch.setattr("registry.services.sweeping.BATCH", 1)
        written = []

        def dies(lines: Any) -> int:
            if written:
                raise SystemExit
            written.append(1)
            return write(lines)

        monkeypatch.setattr("registry.services.sweeping.write", dies)
        with pytest.raises(SystemExit):
            sweep()
        assert Entry.objects.count() == 1
        assert not Watermark.objects.exists()
        monkeypatch.setattr("registry.services.sweeping.write", write)
        assert sweep() == len(cases) - 1
        assert wrong() == []

    def test_slower_of_two_sweeps_turns_nothing_back(self) -> None:
        case = CaseFactory(status=Status.FOLLOW_UP)
        old = expected([case.pk])
        specialist = person_with(Role.MUNICIPAL, case.organization.municipality)
        record_result(case, RecordAnswer(True, ["mo"]), specialist=specialist)
        sweep()
        assert write(old.values()) == 0
        assert Entry.objects.get().experience == "can"
        assert wrong() == []

    def test_deleted_case_takes_its_line_along(self) -> None:
        case = CaseFactory(bare=True)
        sweep()
        case.delete()
        assert not Entry.objects.exists()


class TestDictionaries:
    """Edited in the Django admin, with no case touched."""

    @pytest.fixture(autouse=True)
    def as_staff(self, client: Client) -> None:
        client.force_login(person_with(Role.ADMIN, is_staff=True, is_superuser=True))

    @pytest.fixture
    def case(self) -> Case:
        case: Case = CaseFactory(status=Status.CLOSED)
        CaseFactory(status=Status.CLOSED)
        sweep()
        sweep()
        return case

    def check(self, client: Client, row: models.Model, **changes: Any) -> None:
        edit_in_admin(client, row, **changes)
        assert wrong() != []
        assert sweep() > 0
        assert wrong() == []

    def test_organization_moves_and_changes(self, client: Client, case: Case) -> None:
        elsewhere = MunicipalityFactory()
        self.check(client, case.organization, municipality=elsewhere.pk, kind="college", low_results="on")
        line = Entry.objects.get(pk=case.pk)
        assert (line.municipality, line.territory) == (elsewhere, elsewhere.territory)
        assert (line.organization_kind, line.low_results) == ("college", True)

    def test_municipality_gets_and_loses_its_territory(self, client: Client, case: Case) -> None:
        municipality, territory = case.organization.municipality, TerritoryFactory()
        self.check(client, municipality, territory=territory.pk)
        assert Entry.objects.get(pk=case.pk).territory == territory
        self.check(client, Municipality.objects.get(pk=municipality.pk), territory="")
        assert Entry.objects.get(pk=case.pk).territory is None

    def test_deleted_territory_leaves_lines_without_one(self, client: Client, case: Case) -> None:
        case.organization.municipality.territory.delete()
        sweep()
        assert Entry.objects.get(pk=case.pk).territory is None
        assert wrong() == []

    def test_programme_gets_another_topic(self, client: Client, case: Case) -> None:
        topic = TopicFactory()
        self.check(client, case.completion.course.programme, topic=topic.pk, in_federal_register="on")
        line = Entry.objects.get(pk=case.pk)
        assert (line.topic, line.in_federal_register) == (topic, True)

    def test_programme_without_a_topic(self, client: Client, case: Case) -> None:
        self.check(client, case.completion.course.programme, topic="")
        assert Entry.objects.get(pk=case.pk).topic is None

    def test_course_gets_another_end_and_programme(self, case: Case) -> None:
        course, programme = case.completion.course, Programme.objects.exclude(courses=case.completion.course).get()
        course.ends_on, course.programme = today() - timedelta(days=7), programme
        course.save()
        assert sweep() > 0
        assert wrong() == []
        line = Entry.objects.get(pk=case.pk)
        assert (line.ends_on, line.programme, line.topic) == (course.ends_on, programme, programme.topic)

    def test_completion_gets_hours_position_and_course(self, case: Case) -> None:
        completion, course = case.completion, CourseFactory(ends_on=today() - timedelta(days=30))
        completion.hours, completion.position, completion.course = 72, PositionFactory(), course
        completion.save()
        assert sweep() > 0
        assert wrong() == []
        line = Entry.objects.get(pk=case.pk)
        assert (line.hours, line.position, line.course, line.ends_on) == (
            72,
            completion.position,
            course,
            course.ends_on,
        )

    def test_hours_in_the_admin(self, client: Client, case: Case) -> None:
        self.check(client, case.completion, hours="18")
        assert Entry.objects.get(pk=case.pk).hours == 18

    def test_renamed_things_are_never_stale(self, client: Client, case: Case) -> None:
        edit_in_admin(client, case.organization, name="Гимназия № 1")
        assert wrong() == []
        assert Entry.objects.with_names().get(pk=case.pk).organization.name == "Гимназия № 1"

    def test_case_moves_to_another_organization(self, case: Case) -> None:
        case.organization = OrganizationFactory()
        case.save()
        touch(case)
        assert sweep() > 0
        assert wrong() == []


class TestCommands:
    def test_check_lists_differences_and_exits_1(self) -> None:
        broken, missing = CaseFactory(status=Status.CLOSED), CaseFactory()
        sweep()
        Entry.objects.filter(pk=broken.pk).update(variant=1)
        Entry.objects.filter(pk=missing.pk).delete()
        out, err = StringIO(), StringIO()
        with pytest.raises(SystemExit) as stopped:
            call_command("check_registry", stdout=out, stderr=err)
        assert stopped.value.code == 1
        assert out.getvalue().splitlines() == [
            f"карта {broken.pk}: variant: в реестре 1, по пересчёту 3",
            f"карта {missing.pk}: строка: в реестре None, по пересчёту 'должна быть'",
        ]

    def test_rebuild_mends_everything_twice(self) -> None:
        cases = [CaseFactory(status=status) for status in Status.values]
        for _ in range(2):
            assert rebuild() == len(cases)
            assert wrong() == []
        Entry.objects.update(revision=999, hours=1, status="stopped")
        call_command("rebuild_registry", stdout=StringIO())
        out = StringIO()
        call_command("check_registry", stdout=out)
        assert out.getvalue() == "Реестр совпадает с пересчётом.\n"

    @pytest.mark.parametrize("count", [1, 5])
    def test_building_costs_the_same_for_one_and_five(self, count: int, django_assert_num_queries: Any) -> None:
        cases = [CaseFactory(status=Status.CLOSED) for _ in range(count)]
        with django_assert_num_queries(6):
            assert len(expected([one.pk for one in cases])) == count


def test_task_has_the_name_beat_knows(settings: Any) -> None:
    from registry.tasks import sweep as task

    assert task.name == settings.CELERY_BEAT_SCHEDULE["registry"]["task"]
    CaseFactory()
    assert task.apply().get() == 1
    assert task.apply().get() == 0


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_with_work_going_on() -> None:
    cases = [CaseFactory(status=Status.CLOSED) for _ in range(4)]
    failures: list[Exception] = []

    def look(rounds: int) -> None:
        try:
            for _ in range(rounds):
                sweep()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=look, args=(6,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(12):
        case = cases[number % 4]
        with transaction.atomic():
            Outcome.objects.filter(case=case).update(variant=1 + number % 2, completeness="")
            touch(case)
    for thread in threads:
        thread.join()
    sweep()
    assert failures == []
    assert wrong() == []
