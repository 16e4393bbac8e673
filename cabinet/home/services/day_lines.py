"""The first page's parts: lines of work by stretches of time, sections, what waits for others."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.stretches import LATE, LATER, TITLES, TODAY, WEEK, when
from cabinet.core.works import PERSONAL
from cabinet.users.models import Role
from motor.models import Case
from motor.services import response

# Kind of work → what it is called, what one is to do, the button.
WORDS = {
    "survey": ("Рассказать, что изменилось после курсов", "Четыре вопроса, около трёх минут", "Ответить"),
    "review": ("Заполнить чек-лист", "Педагог ответил, изучите подтверждения", "Открыть чек-лист"),
    "naming": ("Назвать методиста РМА", "Без него оценка не продолжится", "Назвать"),
    "steps": ("Провести шаги по результату", "Отмечайте сделанное в карте", "Открыть шаги"),
    "rma": ("Дать второе мнение", "Вы приняли запрос об участии в оценке", "Открыть чек-лист"),
    "agreement": ("Прочитать общее заключение", "Второй методист предлагает прийти к одному мнению", "Прочитать"),
    "objection": ("Рассмотреть возражение педагога", "Решение с основаниями прочитает педагог", "Рассмотреть"),
    "record": ("Отметить, может ли педагог представить опыт", "Учёт результата в ММС", "Отметить"),
}


@dataclass(frozen=True)
class Line:
    """One thing to do: what, about whom, until when, and the button that does it."""

    title: str
    about: str
    due_on: date | None
    url: str
    button: str
    note: str = ""

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < today()

    @property
    def when(self) -> str:
        return when(self.due_on)


@dataclass
class Group:
    """One kind of work: some lines of each stretch of time, and how many there are in all."""

    title: str
    hint: str
    role: str
    code: str = ""
    more_url: str = ""
    lines: list[Line] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    def add(self, line: Line, count: int | None = None) -> None:
        """`count` is of the whole stretch, when it has more than the lines shown."""
        self.lines.append(line)
        self.totals[line.when] = self.totals.get(line.when, 0) + 1 if count is None else count


@dataclass(frozen=True)
class Block:
    """What a section shows of one kind: the first lines, or only their number and the nearest limit."""

    group: Group
    lines: list[Line]
    total: int
    url: str
    is_folded: bool = False

    @property
    def nearest(self) -> date | None:
        return self.lines[0].due_on if self.lines else None


@dataclass(frozen=True)
class Section:
    title: str
    code: str
    blocks: list[Block]

    @property
    def total(self) -> int:
        return sum(block.total for block in self.blocks)


@dataclass(frozen=True)
class Waiting:
    """Who has it now instead of the reader: the nearest of them by name, and how many."""

    title: str
    nearest: str
    since: datetime | None
    due_on: date | None
    total: int
    url: str


@dataclass(frozen=True)
class Coming:
    """An event one runs or comes to."""

    pk: int
    title: str
    on: date
    starts_at: time | None

    @property
    def url(self) -> str:
        return reverse("planner:event", args=[self.pk])

    @property
    def is_today(self) -> bool:
        return self.on == today()


@dataclass(frozen=True)
class Own:
    """A case of the reader or of somebody he helps: with whom it is, and what was answered when."""

    case: Case
    turn: str
    answered_at: datetime | None
    is_own: bool


@dataclass(frozen=True)
class Standing:
    """How people answer within the reader's scope since the day said, and where least of them do."""

    total: response.Line
    places: list[response.Line]
    by: str
    since: date


@dataclass
class Desk:
    groups: list[Group] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    coming: list[Coming] = field(default_factory=list)
    own: list[Own] = field(default_factory=list)
    helped: list[Own] = field(default_factory=list)
    standing: Standing | None = None
    done: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    def count(self, when: str) -> int:
        return sum(group.totals.get(when, 0) for group in self.groups)

    @property
    def late(self) -> int:
        return self.count(LATE)

    @property
    def ahead(self) -> str:
        """«Сегодня: 2, на этой неделе: 5, позже: 20»."""
        said = [f"{TITLES[code].lower()}: {count}" for code in (TODAY, WEEK, LATER) if (count := self.count(code))]
        text = ", ".join(said)
        return text if self.late or not text else text[0].upper() + text[1:]

    @property
    def first(self) -> Line | None:
        """The one next thing: the nearest time limit of all groups."""
        lines = [line for group in self.groups for line in group.lines]
        return min(lines, key=lambda line: line.due_on or date.max, default=None)

    @property
    def sections(self) -> list[Section]:
        """Late ones apart and first; then by role for who has several, by time for who has one."""
        roles = list(dict.fromkeys(group.role for group in self.groups))
        found = [self._section(TITLES[LATE], LATE, self.groups, (LATE,))]
        if len(set(roles) - {PERSONAL}) > 1:
            for role in roles:
                mine = [group for group in self.groups if group.role == role]
                found.append(self._section(role_title(role), role, mine, (TODAY, WEEK, LATER)))
        else:
            found += [self._section(TITLES[one], one, self.groups, (one,)) for one in (TODAY, WEEK, LATER)]
        return [section for section in found if section.blocks]

    def _section(self, title: str, code: str, groups: list[Group], stretches: tuple[str, ...]) -> Section:
        blocks = [block for group in groups for when in stretches if (block := self._block(group, when))]
        return Section(title, code, blocks)

    def _block(self, group: Group, when: str) -> Block | None:
        """Nothing is said twice: the line on top of the page is left out; what is far ahead is only counted."""
        total = group.totals.get(when, 0)
        lines = [line for line in group.lines if line.when == when]
        if self.first in lines:
            lines, total = [line for line in lines if line is not self.first], total - 1
        if not total:
            return None
        url = f"{group.more_url}&when={when}" if group.code in WORDS else group.more_url
        return Block(group, lines, total, url, is_folded=when == LATER and total > 1 and bool(url))


def role_title(role: str) -> str:
    """«Методист ОО»: whose work a section holds."""
    if role not in Role.values:
        return "Вы как педагог" if role == "teacher" else "Задачи, события, опросы"
    label = str(Role(role).label)
    return label[0].upper() + label[1:]
