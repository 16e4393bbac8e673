"""Organizations, people in them and their roles."""

from itertools import islice
from random import Random
from typing import NamedTuple

from cabinet.core.search import fold, key
from cabinet.home.demo.names import invent_name
from cabinet.home.simulation.bulk import write
from cabinet.home.simulation.members import make_members
from cabinet.structure.models import Municipality, Organization, Position, Subject
from cabinet.users.models import Membership, Role, User
from rma.models import Member

PEOPLE_PER_ORGANIZATION = 25
DOMAIN = "simulated.example.org"
KINDS: tuple[tuple[str, float, str], ...] = (
    (Organization.Kind.SCHOOL, 0.55, "МАОУ «СОШ № {}»"),
    (Organization.Kind.KINDERGARTEN, 0.3, "МАДОУ «Детский сад № {}»"),
    (Organization.Kind.EXTRA, 0.07, "МАУ ДО «Центр творчества № {}»"),
    (Organization.Kind.COLLEGE, 0.05, "ГБПОУ «Колледж № {}»"),
    (Organization.Kind.SPECIAL, 0.03, "ГКОУ «Школа-интернат № {}»"),
)
POSITIONS: dict[str, tuple[str, ...]] = {
    Organization.Kind.SCHOOL: ("Учитель",) * 12 + ("Педагог-психолог", "Социальный педагог"),
    Organization.Kind.KINDERGARTEN: ("Воспитатель",) * 8 + ("Учитель-логопед", "Музыкальный руководитель"),
    Organization.Kind.EXTRA: ("Педагог дополнительного образования", "Методист"),
    Organization.Kind.COLLEGE: ("Преподаватель", "Мастер производственного обучения"),
    Organization.Kind.SPECIAL: ("Учитель", "Учитель-дефектолог", "Воспитатель"),
}


class Population(NamedTuple):
    """What the cases draw from. `methodists`: organization → who assesses; `specialists`: municipality → user.

    `members` are those who may be asked.
    """

    people: list[User]
    methodists: dict[int, int]
    specialists: dict[int, int]
    members: list[Member]
    curators: list[User]


def make_organizations(random: Random, count: int) -> list[Organization]:
    """Spread over all municipalities, a third of them in the regional centre."""
    municipalities = list(Municipality.objects.order_by("pk"))
    centre = next(one for one in municipalities if one.kind == Municipality.Kind.URBAN and one.name == "Пермский")
    weights = [weight for _, weight, _ in KINDS]
    rows = []
    for number in range(count):
        kind, _, pattern = random.choices(KINDS, weights)[0]
        name = pattern.format(1000 + number)
        rows.append(
            Organization(
                name=name,
                name_key=key(name),
                kind=kind,
                municipality=centre if random.random() < 0.33 else random.choice(municipalities),
                low_results=kind == Organization.Kind.SCHOOL and random.random() < 0.08,
            )
        )
    return write(Organization, rows)


def make_population(random: Random, count: int) -> Population:
    """`count` people in organizations, and beside them those who run the region."""
    organizations = make_organizations(random, max(3, count // PEOPLE_PER_ORGANIZATION))
    positions = {position.name: position for position in Position.objects.all()}
    subjects = list(Subject.objects.order_by("pk"))
    rows = []
    for number in range(count):
        # The first people fill every organization in turn: its head, then its methodist, then the rest.
        organization = organizations[number % len(organizations)]
        turn = number // len(organizations)
        if turn == 0:
            position = "Заведующий" if organization.kind == Organization.Kind.KINDERGARTEN else "Директор"
        else:
            position = "Заместитель директора" if turn == 1 else random.choice(POSITIONS[organization.kind])
        has_subject = position in ("Учитель", "Преподаватель")
        rows.append(
            _person(random, number, organization, positions[position], random.choice(subjects) if has_subject else None)
        )
    people = write(User, rows)
    others = _make_officials(random, count)
    methodists = _make_roles(random, people, organizations, others)
    members = make_members(random, people[2 * len(organizations) :] or people, subjects, count)
    return Population(people, methodists, {one: user.pk for one, user in others.items() if one > 0}, members,
                      [user for one, user in others.items() if one <= 0])  # fmt: skip


def _person(
    random: Random, number: int, organization: Organization | None, position: Position | None, subject: Subject | None
) -> User:
    name = invent_name(random)
    return User(
        **name._asdict(),
        name_key=fold(" ".join(name)),
        contact_email=f"person{number}@{DOMAIN}" if random.random() < 0.97 else None,
        password="!",  # noqa: S106  # nobody logs in as a simulated person
        organization=organization,
        position=position,
        subject=subject,
    )


def _make_officials(random: Random, count: int) -> dict[int, User]:
    """Municipality → its specialist; curators under zero and negative keys."""
    keys = list(Municipality.objects.order_by("pk").values_list("pk", flat=True))
    keys += [-number for number in range(max(2, count // 1500))]
    rows = [_person(random, count + number, None, None, None) for number in range(len(keys))]
    return dict(zip(keys, write(User, rows), strict=True))


def _make_roles(
    random: Random, people: list[User], organizations: list[Organization], others: dict[int, User]
) -> dict[int, int]:
    """A head and a methodist for nearly every organization; returns organization → methodist."""
    size = len(organizations)
    methodists: dict[int, int] = {}
    rows = [Membership(user=person, role=Role.HEAD, organization=person.organization) for person in people[:size]]
    for person in islice(people, size, 2 * size):
        # Some organizations have nobody named: their cases fall to the municipal specialist.
        if random.random() < 0.97 and person.organization_id is not None:
            rows.append(Membership(user=person, role=Role.METHODIST, organization=person.organization))
            methodists[person.organization_id] = person.pk
    for number, user in others.items():
        if number > 0:
            rows.append(Membership(user=user, role=Role.MUNICIPAL, municipality_id=number))
        else:
            rows.append(Membership(user=user, role=Role.CURATOR))
    write(Membership, rows)
    return methodists
