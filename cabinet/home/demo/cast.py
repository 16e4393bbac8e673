"""Who lives in the demo: the people behind the logins, those who answer for МОТОР, and their colleagues."""

from random import Random
from typing import NamedTuple

from cabinet.home.demo.names import Name, invent_name
from cabinet.home.demo.places import BEREZNIKI, CHERDYN, HOME, PERM, PLACES, SOLIKAMSK, TCHAIKOVSKY, VISHERA, Place
from cabinet.structure.models import Organization

KIND = Organization.Kind
GYMNASIUM = PLACES[1]
WITHOUT_METHODIST = frozenset(PLACES[number].name for number in (16, 24))  # their cases fall to the municipality
PEOPLE_HOST = "people.example.org"
AT_HOME = 8  # colleagues of the demo's school, so that its methodist has something of everything
SUBJECTS = (
    "Математика", "Русский язык и литература", "Физика", "История", "Биология", "Иностранный язык", "Информатика",
    "Начальные классы", "География", "Химия", "Труд (технология)",
)  # fmt: skip


class Person(NamedTuple):
    """`place` is None for those who work in no organization of the region's."""

    name: Name
    place: Place | None
    position: str
    subject: str = ""
    email: str = ""
    municipality: tuple[str, str] | None = None

    @property
    def full_name(self) -> str:
        return " ".join(self.name)


def demo(name: str, place: Place | None, position: str, login: str, subject: str = "") -> Person:
    last, first, patronymic = name.split()
    return Person(Name(last, first, patronymic), place, position, subject, f"{login}@demo.example.org")


TEACHER = demo("Соболева Анна Игоревна", HOME, "Учитель", "teacher", "Математика")
METHODIST = demo("Черемных Ольга Николаевна", HOME, "Заместитель директора", "methodist", "Русский язык и литература")
HEAD = demo("Подвинцев Андрей Викторович", HOME, "Директор", "head")
MENTOR = demo("Лядова Галина Петровна", HOME, "Учитель", "mentor", "Начальные классы")
REGIONAL = demo("Шестакова Марина Юрьевна", GYMNASIUM, "Учитель", "rma", "Математика")
MUNICIPAL = demo("Казанцева Ирина Сергеевна", None, "Методист", "municipal")._replace(municipality=PERM)
CURATOR = demo("Якимова Елена Дмитриевна", None, "Старший методист", "curator")
ADMIN = demo("Светлакова Наталья Павловна", None, "Методист", "admin")
OBSERVER = demo("Третьяков Михаил Андреевич", None, "", "observer")

# The young teacher whom the mentor accompanies, and another curator.
NOVICE = Person(Name("Угловая", "Дарья", "Романовна"), HOME, "Учитель", "Начальные классы", f"d.uglovaya@{PEOPLE_HOST}")
CURATOR_2 = Person(Name("Бачурин", "Степан", "Олегович"), None, "Старший методист", "", f"s.bachurin@{PEOPLE_HOST}")


class Cast(NamedTuple):
    """`colleagues` are the plain listeners, place by place; the rest have roles."""

    colleagues: list[Person]
    heads: list[Person]
    methodists: list[Person]
    specialists: list[Person]
    members: list[Person]


def invent_cast(random: Random, people: int) -> Cast:
    """About `people` persons in all, spread over the organizations."""
    used: set[Name] = set()

    def invent(
        place: Place | None, position: str, subject: str = "", *, always: bool = False, **more: tuple[str, str]
    ) -> Person:
        name = invent_name(random)
        while name in used:
            name = invent_name(random)
        used.add(name)
        # One in twenty gave no address: letters to them wait in the outbox as «нет адреса». Members of РМА log in.
        number = len(used)
        email = f"{latin(name)}.{number}@{PEOPLE_HOST}" if always or number % 20 else ""
        return Person(name, place, position, subject, email, **more)

    heads = [HEAD] + [invent(place, _head_post(place)) for place in PLACES if place != HOME]
    methodists = [METHODIST] + [
        invent(place, _methodist_post(place))
        for place in PLACES
        if place != HOME and place.name not in WITHOUT_METHODIST
    ]
    towns = (BEREZNIKI, SOLIKAMSK, VISHERA, CHERDYN, TCHAIKOVSKY)
    specialists = [MUNICIPAL] + [invent(None, "Методист", municipality=town) for town in towns]
    schools = [place for place in PLACES if place.kind == KIND.SCHOOL and place != HOME]
    members = [REGIONAL] + [
        invent(schools[number % len(schools)], "Учитель", SUBJECTS[number % len(SUBJECTS)], always=True)
        for number in range(11)
    ]
    taken = len(heads) + len(methodists) + len(specialists) + len(members)
    colleagues = [TEACHER, MENTOR, NOVICE]
    for number in range(max(30, people - taken - len(colleagues))):
        place = HOME if number < AT_HOME else PLACES[number % len(PLACES)]
        position, subject = _post(random, place)
        colleagues.append(invent(place, position, subject))
    return Cast(colleagues, heads, methodists, specialists, members)


def _head_post(place: Place) -> str:
    return "Заведующий" if place.kind == KIND.KINDERGARTEN else "Директор"


def _methodist_post(place: Place) -> str:
    if place.kind == KIND.KINDERGARTEN:
        return "Старший воспитатель"
    return "Методист" if place.kind == KIND.EXTRA else "Заместитель директора"


def _post(random: Random, place: Place) -> tuple[str, str]:
    if place.kind == KIND.KINDERGARTEN:
        return random.choice(("Воспитатель", "Воспитатель", "Воспитатель", "Учитель-логопед")), ""
    if place.kind == KIND.EXTRA:
        return "Педагог дополнительного образования", "Дополнительное образование"
    if place.kind == KIND.COLLEGE:
        return "Преподаватель", random.choice(SUBJECTS)
    return "Учитель", random.choice(SUBJECTS)


SOUNDS = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya"
LATIN = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", SOUNDS.split(), strict=True))


def latin(name: Name) -> str:
    letters = f"{name.first_name[0]}.{name.last_name}".lower()
    return "".join(LATIN.get(letter, letter) for letter in letters).replace("-", "")
