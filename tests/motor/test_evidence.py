"""One piece of evidence that serves several cases: once, for the same person, with its file."""

import pytest
from django.test import Client

from cabinet.files.services import store_bytes
from cabinet.users.models import User
from motor.models import Case, Evidence, Status
from motor.moves import MoveRefused
from motor.services.evidence import former_evidence, share_evidence
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> Evidence:
    case = factories.CaseFactory(status=Status.CLOSED, bare=True)
    return factories.EvidenceFactory(case=case, kind="workshop", text="Мастер-класс", link="https://example.org/w")


def another_case(person: User, **fields: object) -> Case:
    completion = factories.CompletionFactory(person=person)
    return factories.CaseFactory(completion=completion, bare=True, **fields)


def test_shared_piece_says_the_same_and_raises_the_revision(first: Evidence) -> None:
    case = another_case(first.case.person, version=2)
    revision = case.revision

    shared = share_evidence(first, case)

    assert (shared.case, shared.version, shared.origin) == (case, 2, first)
    assert (shared.kind, shared.text, shared.link) == (first.kind, first.text, first.link)
    assert Case.objects.get(pk=case.pk).revision == revision + 1


def test_shared_twice_it_is_there_once(first: Evidence) -> None:
    case = another_case(first.case.person)

    shared = share_evidence(first, case)

    assert share_evidence(first, case) == shared
    assert share_evidence(shared, case) == shared
    assert share_evidence(shared, first.case) == first
    assert list(case.evidence.all()) == [shared]


def test_copy_of_a_copy_leads_to_the_first(first: Evidence) -> None:
    second = share_evidence(first, another_case(first.case.person))

    third = share_evidence(second, another_case(first.case.person))

    assert third.origin == first


def test_piece_put_away_may_be_shared_anew(first: Evidence) -> None:
    case = another_case(first.case.person)
    shared = share_evidence(first, case)
    Evidence.objects.filter(pk=shared.pk).update(removed_at="2026-01-01T00:00Z")

    assert share_evidence(first, case).pk != shared.pk


def test_anothers_and_removed_pieces_are_refused(first: Evidence) -> None:
    with pytest.raises(MoveRefused, match="другого педагога"):
        share_evidence(first, factories.CaseFactory())
    first.removed_at = first.created_at
    first.save()
    with pytest.raises(MoveRefused, match="убрал"):
        share_evidence(first, another_case(first.case.person))
    assert Evidence.objects.filter(origin=first).count() == 0


def test_former_evidence_is_offered_until_it_is_here(first: Evidence) -> None:
    case = another_case(first.case.person)
    removed = factories.EvidenceFactory(case=first.case)
    Evidence.objects.filter(pk=removed.pk).update(removed_at="2026-01-01T00:00Z")
    factories.EvidenceFactory()  # of somebody else
    factories.EvidenceFactory(case=case)

    assert list(former_evidence(case)) == [first]
    share_evidence(first, case)
    assert list(former_evidence(case)) == []


def test_who_reads_a_case_fetches_the_file_it_borrowed(client: Client, first: Evidence) -> None:
    first.file = store_bytes("урок.pdf", b"%PDF-1.7", owner=first, content_type="application/pdf")
    first.save()
    completion = factories.CompletionFactory(
        person=first.case.person, organization=factories.OrganizationFactory(), course__curator=factories.UserFactory()
    )
    case = factories.CaseFactory(completion=completion, bare=True)
    here = factories.person_with("methodist", case.organization)
    of_course = factories.person_with("curator")
    completion.course.curator = of_course
    completion.course.save()
    stranger = factories.person_with("methodist", factories.OrganizationFactory())
    for reader in (here, of_course, stranger):
        assert list(Evidence.objects.visible_to(reader)) == []

    shared = share_evidence(first, case)

    for reader in (here, of_course):
        assert list(Evidence.objects.visible_to(User.objects.get(pk=reader.pk))) == [first, shared]
    assert list(Evidence.objects.visible_to(stranger)) == []
    for reader, status in ((here, 200), (of_course, 200), (stranger, 404)):
        client.force_login(reader)
        answer = client.get(first.file.get_absolute_url())
        assert answer.status_code == status
        b"".join(answer.streaming_content) if answer.streaming else answer.content
