"""Matching against hand-made cases: who comes first and why, who is not offered and why."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from cabinet.core.clock import today
from cabinet.core.words import long_date
from cabinet.structure.models import Organization
from cabinet.users.models import Role, Substitution
from rma.models import Direction, Member, Request
from rma.services.chains import former_members as hands
from rma.services.matching import Match, Pool, members_for, with_cards
from rma.services.needs import Need
from tests.factories import (
    MemberFactory,
    MembershipFactory,
    MunicipalityFactory,
    OrganizationFactory,
    SubjectFactory,
    TerritoryFactory,
    UserFactory,
    person_with,
)
from tests.rma.asked import direct, member_at, need

pytestmark = pytest.mark.django_db
N = "\u00a0"
FREE = "свободно 5 из 5"


def match(need: Need, *, former: Request | None = None, only_shown: bool = False, limit: int = 10) -> Match:
    """What the picker shows first, with the cards."""
    found = Pool([need], [former] if former else [], only_shown=only_shown).match(need, former, limit=limit)
    return replace(found, offers=with_cards([found.offers])[0])


@pytest.fixture
def school() -> Organization:
    parma = TerritoryFactory(name="Парма")
    return OrganizationFactory(municipality=MunicipalityFactory(territory=parma))


@pytest.fixture
def direction() -> Direction:
    return Direction.objects.create(code="test", name="Цифровые технологии", short="цифровые технологии")


def in_order(found: object) -> list[tuple[str, int, tuple[str, ...], str]]:
    offers = found.offers  # type: ignore[attr-defined]
    return [(one.member.user.last_name, one.score, one.reasons, one.warning) for one in offers]


def busy(member: Member, count: int) -> None:
    for _ in range(count):
        direct(member=member, status=Request.Status.ACCEPTED)


def test_subject_direction_and_place_make_the_order(school: Organization, direction: Direction) -> None:
    maths, physics = SubjectFactory(name="математика"), SubjectFactory(name="физика")
    near = OrganizationFactory(municipality=school.municipality)
    region = OrganizationFactory(municipality=MunicipalityFactory(territory=school.municipality.territory))
    member_at(user_last_name="Далёкая")
    member_at(region, user_last_name="Краевая")
    member_at(near, user_last_name="Близкая", user_subject=physics)
    by_card = member_at(user_last_name="Карточкина")
    by_card.subjects.add(maths)
    both = member_at(near, user_last_name="Всёумелова", user_subject=maths)
    both.directions.add(direction)

    found = match(need(school, subject=maths, direction=direction))

    assert in_order(found) == [
        (
            "Всёумелова",
            100,
            ("тот же предмет: математика", "то же направление: цифровые технологии", "тот же муниципалитет", FREE),
            "",
        ),
        ("Карточкина", 55, ("тот же предмет: математика", FREE), ""),
        ("Близкая", 35, ("тот же муниципалитет", FREE), ""),
        ("Краевая", 25, ("та же территория: Парма", FREE), ""),
        ("Далёкая", 15, (FREE,), ""),
    ]
    assert (found.refused_by_reason, found.offered_count) == ({}, 5)


def test_subject_of_the_teacher_counts_when_none_is_named(school: Organization) -> None:
    maths = SubjectFactory(name="математика")
    member_at(user_last_name="Предметникова", user_subject=maths)

    found = match(need(school, person=UserFactory(organization=school, subject=maths)))

    assert in_order(found) == [("Предметникова", 55, ("тот же предмет: математика", FREE), "")]


def test_busy_ones_come_lower_and_over_the_limit_last_with_a_warning(school: Organization) -> None:
    maths = SubjectFactory(name="математика")
    free = member_at(user_last_name="Свободная")
    half = member_at(user_last_name="Занятая", case_limit=4)
    full = member_at(user_last_name="Полная", case_limit=2, user_subject=maths)
    over = member_at(user_last_name="Сверхова", case_limit=5, user_subject=maths)
    for member, count in ((half, 2), (full, 2), (over, 6)):
        busy(member, count)
    direct(member=free, status=Request.Status.DONE)  # done work is no load

    assert in_order(match(need(school, subject=maths))) == [
        ("Свободная", 15, (FREE,), ""),
        ("Занятая", 8, ("свободно 2 из 4",), ""),
        ("Полная", -20, ("тот же предмет: математика",), "свободных мест нет: 2 из 2"),
        ("Сверхова", -25, ("тот же предмет: математика",), "сверх предела: 6 из 5"),
    ]


def test_history_with_the_school_and_the_teacher(school: Organization) -> None:
    teacher = UserFactory(organization=school, subject=None)
    helped, knows, declined, new = (
        member_at(user_last_name=name) for name in ("Вторая", "Первая", "Последняя", "Третья")
    )
    done, refused = Request.Status.DONE, Request.Status.DECLINED
    for _ in range(2):
        direct(organization=school, member=helped, status=done)
    direct(organization=school, member=knows, status=done, person=teacher)
    direct(organization=school, member=declined, status=refused, answer="Отпуск")

    found = match(need(school, person=teacher))

    assert in_order(found) == [
        (
            "Первая",
            27,
            (FREE, f"уже помогал(а) этой организации: 1{N}раз", f"уже работал(а) с этим педагогом: 1{N}раз"),
            "",
        ),
        ("Вторая", 23, (FREE, f"уже помогал(а) этой организации: 2{N}раза"), ""),
        ("Третья", 15, (FREE,), ""),
        ("Последняя", 9, (FREE, f"отказывался(лась) по запросам этой организации: 1{N}раз"), ""),
    ]
    assert new.pk == found.offers[2].member_id


def test_each_who_is_not_offered_has_his_reason(school: Organization) -> None:
    teacher = member_at(school)
    member_at(status="candidate")
    member_at(status="suspended")
    member_at(status="excluded")
    member_at(user_is_active=False)
    member_at(user_email=None)
    named = member_at()
    away, deputy = member_at(), member_at(user_last_name="Заместитель")
    until = today() + timedelta(days=9)
    Substitution.objects.create(person=away.user, deputy=deputy.user, starts_on=today(), ends_on=until)

    found = match(need(school, person=teacher.user, never={named.user_id: "заполнял чек-лист этой карты"}))

    assert found.refused_by_reason == {
        "нет входа в кабинет": 2,
        "ещё кандидат": 1,
        "приостановлен": 1,
        "исключён": 1,
        "это сам педагог": 1,
        "заполнял чек-лист этой карты": 1,
        f"в отпуске, его замещают до {long_date(until)}": 1,
    }
    assert [one.member_id for one in found.offers] == [deputy.pk]


def test_assessment_is_never_of_ones_own_school(school: Organization) -> None:
    teacher = member_at(school)
    member_at(school)
    elsewhere = member_at()
    MembershipFactory(user=elsewhere.user, role=Role.HEAD, organization=school)
    other = member_at()

    found = match(need(school, kind="assessment", person=teacher.user))

    assert found.refused_by_reason == {"работает в той же организации": 2, "сам прошёл курс": 1}
    assert [one.member_id for one in found.offers] == [other.pk]
    # What may be asked for at all says the same.
    allowed = members_for(person=teacher.user, organization_id=school.pk, assessment=True)
    assert list(allowed.values_list("pk", flat=True)) == [other.pk]


def test_leave_of_the_past_and_of_the_future_keeps_nobody_away(school: Organization) -> None:
    member, deputy = member_at(), person_with(Role.REGIONAL)
    for first, last in ((-9, -1), (1, 9)):
        days = {"starts_on": today() + timedelta(days=first), "ends_on": today() + timedelta(days=last)}
        Substitution.objects.create(person=member.user, deputy=deputy, **days)

    assert [one.member_id for one in match(need(school)).offers] == [member.pk]


def test_through_whose_hands_it_has_gone_is_not_asked_again(school: Organization) -> None:
    first, second, third, fresh = (member_at() for _ in range(4))
    status = Request.Status
    one = direct(organization=school, member=first, status=status.DECLINED, answer="Отпуск")
    two = direct(organization=school, member=second, status=status.HANDED, former=one)
    three = direct(organization=school, member=third, status=status.SENT, former=two)

    found = match(need(school), former=three)

    assert hands([three]) == {
        three.pk: {
            third.pk: "запрос сейчас у него",
            second.pk: "запрос уже был у него",
            first.pk: "уже отказался по этому запросу",
        }
    }
    assert [offer.member_id for offer in found.offers] == [fresh.pk]
    assert sum(found.refused_by_reason.values()) == 3


def test_who_declined_about_the_same_source_is_not_offered(school: Organization) -> None:
    declined, fresh = member_at(), member_at()
    direct(organization=school, member=declined, status="declined", answer="Отпуск", source=school)

    found = match(need(school, source=school))

    assert [one.member_id for one in found.offers] == [fresh.pk]
    assert found.refused_by_reason == {"уже отказался по этому запросу": 1}


def test_teacher_is_offered_only_those_who_agreed_to_be_shown(school: Organization) -> None:
    member_at(user_last_name="Скрытная")
    shown = member_at(user_last_name="Открытая", shown_at="2026-01-01T00:00:00Z")
    member_at(user_last_name="Открытая-бывшая", shown_at="2026-01-01T00:00:00Z", status="excluded")
    pool = Pool([need(school)], only_shown=True)

    found = pool.match(need(school))

    assert [one.member_id for one in found.offers] == [shown.pk]
    assert found.refused_by_reason == {"карточка не открыта для педагогов": 2}
    assert [one.member_id for one in pool.search(need(school), "открытая")] == [shown.pk]
    assert pool.search(need(school), "скрытная") == []


def test_search_is_over_everybody_and_says_why_not(school: Organization) -> None:
    member_at(user_last_name="Пермякова")
    member_at(user_last_name="Пермяков", status="candidate")
    member_at(user_last_name="Чужая")
    pool = Pool([need(school)])

    found = pool.search(need(school), "пермя мар")

    assert [(one.reasons, one.refusal) for one in found] == [((), "ещё кандидат"), ((FREE,), "")]
    assert pool.search(need(school), "  ") == []


def test_queries_do_not_grow(school: Organization, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    maths = SubjectFactory()
    for count in (1, 5):
        for _ in range(count):
            member = member_at(user_subject=maths)
            direct(organization=school, member=member, status=Request.Status.DONE)
        with django_assert_num_queries(7):
            match(need(school, subject=maths))


def test_day_is_the_regions(school: Organization) -> None:
    assert Pool([need(school)], day=date(2027, 1, 11)).day == date(2027, 1, 11)


def test_limit_of_a_member_is_at_least_one() -> None:
    with pytest.raises(IntegrityError):
        MemberFactory(case_limit=0)
