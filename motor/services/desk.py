"""What is expected of a person in МОТОР today: lines grouped by role, each with one button."""

from dataclasses import dataclass, field, replace
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Window
from django.urls import reverse

from cabinet.core.clock import today
from cabinet.core.words import counted
from cabinet.planner.models import Task
from cabinet.users.models import User
from motor.models import Agreement, Case, CaseQuerySet, Checklist, MunicipalRecord, Objection, Status
from motor.services.appointing import organizations_of, without_methodist
from rma.models import Request

SHOWN = 6  # lines of a group before «показать все»


@dataclass(frozen=True)
class Line:
    """One thing to do: what, about whom, until when, and the button that does it."""

    title: str
    about: str
    due_on: date | None
    url: str
    button: str
    note: str = ""
    eyebrow: str = "Сначала это"

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < today()


@dataclass(frozen=True)
class Group:
    title: str
    hint: str
    lines: list[Line]
    total: int
    more_url: str = ""
    code: str = ""


@dataclass
class Desk:
    groups: list[Group] = field(default_factory=list)
    waiting: list[tuple[str, int, str]] = field(default_factory=list)  # what waits for others: text, count, address

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    @property
    def first(self) -> Line | None:
        """The one next thing: the nearest time limit of all groups."""
        lines = [line for group in self.groups for line in group.lines]
        return min(lines, key=lambda line: line.due_on or date.max, default=None)

    @property
    def rest(self) -> list[Group]:
        """The groups without the line that stands on top of the page: nothing is said twice."""
        groups = [replace(one, lines=[line for line in one.lines if line is not self.first]) for one in self.groups]
        return [one for one in groups if one.lines]


def survey_turn(user: User) -> CaseQuerySet:
    return Case.objects.filter(person=user, status__in=(Status.SURVEY_OPEN, Status.NO_RESPONSE))


def review_turn(user: User) -> CaseQuerySet:
    return Case.objects.assessable_by(user)


def naming_turn(user: User) -> CaseQuerySet:
    """РМА was asked for, and nobody is asked at the moment."""
    asked = Request.objects.filter(
        source_type=ContentType.objects.get_for_model(Case),
        source_id=OuterRef("pk"),
        kind=Request.Kind.ASSESSMENT,
        status__in=Request.OPEN,
    )
    return Case.objects.led_by(user).filter(~Exists(asked), status=Status.RMA_REQUESTED)


def steps_turn(user: User) -> CaseQuerySet:
    unfinished = Task.objects.open().filter(
        about_type=ContentType.objects.get_for_model(Case), about_id=OuterRef("pk"), is_required=True
    )
    return Case.objects.led_by(user).filter(Exists(unfinished), status=Status.FOLLOW_UP)


def record_turn(user: User) -> CaseQuerySet:
    done = MunicipalRecord.objects.filter(case=OuterRef("pk"), version=OuterRef("version"))
    return Case.objects.recordable_by(user).filter(~Exists(done), status=Status.FOLLOW_UP)


def rma_turn(user: User) -> CaseQuerySet:
    return Case.objects.rma_assessable_by(user)


def objection_turn(user: User) -> CaseQuerySet:
    return Case.objects.filter(pk__in=Objection.objects.decidable_by(user).values("case"))


def agreement_turn(user: User) -> CaseQuerySet:
    """The other assessor proposed a common conclusion: confirm it or propose otherwise."""
    proposed = Agreement.objects.filter(case=OuterRef("pk"), version=OuterRef("version"), confirmed_at=None)
    assessed = Checklist.objects.in_force().filter(assessor=user).values("case")
    return Case.objects.filter(
        Exists(proposed.exclude(proposed_by=user)), pk__in=assessed, status=Status.FOLLOW_UP
    ).exclude(person=user)


def turns(user: User) -> dict[str, CaseQuerySet]:
    """Code of the work → cases in which it is this person's turn; only what his roles allow. A paused case waits."""
    return {code: cases.filter(paused_until=None) for code, cases in _turns(user).items()}


def _turns(user: User) -> dict[str, CaseQuerySet]:
    found = {"survey": survey_turn(user)}
    if user.roles & {"methodist", "municipal", "admin"}:
        found |= {"review": review_turn(user), "naming": naming_turn(user), "steps": steps_turn(user)}
    if "regional" in user.roles:
        found["rma"] = rma_turn(user)
    if user.roles & {"methodist", "municipal", "regional"}:
        found["agreement"] = agreement_turn(user)
    if user.roles & {"municipal", "admin"}:
        found["objection"] = objection_turn(user)
    if "municipal" in user.roles:
        found["record"] = record_turn(user)
    return found


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
PAGES = {"survey": "motor:survey", "review": "motor:checklist", "rma": "motor:checklist"}
ACTS = {"agreement": "confirm", "objection": "decide"}
PLACES = {"steps": "#steps", "record": "#record"}  # where on the case's page the work is done


def _line(code: str, case: Case) -> Line:
    title, _, button = WORDS[code]
    programme = case.completion.course.programme.title
    about, note = (programme, "") if code == "survey" else (case.person.full_name, programme)
    if code in ACTS:
        address = reverse("motor:act", args=[case.pk, ACTS[code]])
    else:
        address = reverse(PAGES.get(code, "motor:case"), args=[case.pk]) + PLACES.get(code, "")
    due_on = case.objection.due_on if code == "objection" else case.due_on
    return Line(title, about, due_on, address, button, note)


def desk(user: User) -> Desk:
    """The groups of the first page; constant queries per role, whatever the rows."""
    result = Desk()
    for code, cases in turns(user).items():
        named = cases.select_related("person", "completion__course__programme", "objection")
        # The count comes with the lines: a first page of seven groups has no queries to spare.
        counted_rows = named.annotate(total=Window(Count("*"))).order_by(F("due_on").asc(nulls_last=True), "pk")
        rows = list(counted_rows[:SHOWN])
        if not rows:
            continue
        title, hint, _ = WORDS[code]
        lines = [_line(code, case) for case in rows]
        result.groups.append(Group(title, hint, lines, rows[0].total, f"{reverse('motor:cases')}?turn={code}", code))
    if "regional" in user.roles:
        _add_requests(result, user)
    _add_waiting(result, user)
    if "admin" in user.roles:
        _add_admin(result)
    if user.roles & {"head", "municipal", "admin"}:
        _add_unassigned(result, user)
    return result


def _add_requests(result: Desk, user: User) -> None:
    """Requests waiting for the member's word come first: somebody stands still until it is given."""
    requests = list(Request.objects.answerable_by(user).select_related("person").order_by("answer_due_on")[: SHOWN + 1])
    if not requests:
        return
    lines = [
        Line(
            f"Ответить на запрос: {request.get_kind_display()}",
            request.person.full_name,
            request.answer_due_on,
            reverse("motor:case", args=[request.source_id]),
            "Ответить",
            eyebrow="Запросы к вам",
        )
        for request in requests[:SHOWN]
    ]
    group = Group("Запросы к вам", "Примите или откажитесь с причиной", lines, len(requests), reverse("rma:requests"))
    result.groups.insert(0, group)


def _add_waiting(result: Desk, user: User) -> None:
    mine = Case.objects.filter(Q(responsible=user) | Q(person=user), status__in=Case.UNDER_WAY)
    is_own = ExpressionWrapper(Q(person=user), output_field=BooleanField())
    counts = mine.annotate(is_own=is_own).order_by().values_list("is_own", "status").annotate(Count("pk"))
    waiting: dict[str, int] = {}
    own = 0
    for is_his, status, count in counts:
        if not is_his:
            waiting[status] = count
        elif status != Status.SURVEY_OPEN:
            own += count
    words = {
        Status.SURVEY_OPEN: "Ждём опросный лист от педагогов",
        Status.RMA_REQUESTED: "Ждём методиста РМА",
        Status.RMA_REVIEW: "Методист РМА заполняет чек-лист",
    }
    for status, text in words.items():
        if waiting.get(status):
            result.waiting.append((text, waiting[status], f"{reverse('motor:cases')}?status={status}&view=all"))
    if own:
        result.waiting.append(("Ваши карты сейчас у методистов", own, f"{reverse('motor:cases')}?turn=own"))


def _add_admin(result: Desk) -> None:
    held = Case.objects.filter(status=Status.SCHEDULED, waits_for_word=True).count()
    if held:
        line = Line(
            f"Ждут вашего решения: {held}",
            "Срок открытия прошёл ещё до загрузки списка",
            None,
            reverse("motor:held"),
            "Решить",
        )
        result.groups.append(Group("Открыть карты", "Письма уйдут только после вашего слова", [line], held))


def _add_unassigned(result: Desk, user: User) -> None:
    """«Ответственный не назначен»: organizations with cases and nobody appointed, and cases nobody answers for."""
    organizations = without_methodist(organizations_of(user)).count()
    nobody = Case.objects.nameable_by(user).filter(responsible=None, status__in=Case.UNDER_WAY).count()
    title, address = "Назначить ответственного", reverse("motor:responsible")
    if user.roles & {"municipal", "admin"}:
        address = reverse("motor:unassigned")
    lines = []
    if organizations:
        schools = counted(organizations, "организации", "организациях", "организациях")
        about = f"В {schools} никто не назначен" if organizations > 1 else "В организации никто не назначен"
        lines.append(Line(title, about, None, address, "Назначить", "Их карты пока на уровень выше"))
    if nobody:
        cards = counted(nobody, "карту", "карты", "карт")
        if user.roles & {"municipal", "admin"}:
            address = f"{reverse('motor:unassigned_cases')}?holder=nobody"
        lines.append(Line(title, f"За {cards} не отвечает никто", None, address, "Назначить", "С ними некому работать"))
    if lines:
        hint = "Некому изучать подтверждения"
        result.groups.append(Group("Ответственный не назначен", hint, lines, len(lines)))
