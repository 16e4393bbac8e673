"""What stands on paper: one plain structure that both the print page and the Word file show, so they never differ."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import AgreementRule, ItemAttachment, Route, RouteItem, RouteRevision
from iom.moves import hold, touch
from iom.services.progress import progress_of
from iom.services.snapshot import snapshot

Items = RouteItem.Status
LONG = 600  # signs in a cell: a row with more would leave half a page empty, or not fit one at all


@dataclass(frozen=True)
class Table:
    """`widths` are percents of the sheet's width."""

    head: list[str]
    rows: list[list[str]]
    widths: list[int]

    @property
    def lines(self) -> list[tuple[list[str], bool]]:
        """Every row, and whether it goes on over the next page; the others are kept whole."""
        return [(row, max(map(len, row)) > LONG) for row in self.rows]


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[str] = field(default_factory=list)
    table: Table | None = None


@dataclass(frozen=True)
class Block:
    """УТВЕРЖДАЮ, СОГЛАСОВАНО: a word and the lines under it."""

    word: str
    lines: list[str]


@dataclass(frozen=True)
class Paper:
    title: str
    about: str
    name: str  # of the file, without an ending
    facts: list[tuple[str, str]]
    sections: list[Section]
    signatures: list[str]
    blocks: list[Block] = field(default_factory=list)
    foot: str = ""
    is_landscape: bool = False


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _moment(at: datetime | None) -> str:
    """The day as people here lived it: a moment is kept in UTC."""
    return _day(timezone.localdate(at)) if at else ""


def _foot(route: Route, revision: RouteRevision | None = None) -> str:
    version = revision.version if revision else route.version
    if revision:
        state = f"согласована {_moment(revision.agreed_at)}"
    elif route.agreed_version == version:
        state = "согласована"
    else:
        state = f"проект: {route.get_status_display().lower()}"
    return f"Версия {version}, {state}. Напечатано {today():%d.%m.%Y}, Цифровой кабинет методиста"


def _signs(route: Route, *others: str) -> list[str]:
    """Short enough for one line of an upright sheet; the teacher's name is known, the others' is written by hand."""
    day = "«___» ____________ 20___ г."
    rest = [f"{who} ________________ / ________________ / {day}" for who in others]
    return [f"Педагог ________________ / {route.person.short_name} / {day}", *rest]


def _known(route: Route) -> list[tuple[str, str]]:
    years = "" if route.experience_years is None else f"{route.experience_years}"
    facts = [
        ("Педагог", route.person.full_name),
        ("Организация", str(route.organization)),
        ("Должность, предмет", ", ".join(str(one) for one in (route.position, route.subject) if one)),
        ("Категория", route.get_category_display() if route.category else ""),
        ("Стаж, лет", years),
    ]
    return [one for one in facts if one[1]]


def _file(word: str, route: Route) -> str:
    kept = "".join(sign if sign.isalnum() or sign in " .-–()№" else " " for sign in route.person.short_name)
    return " ".join(f"{word} {kept} {route.starts_on:%Y}–{route.ends_on:%Y}".split())


EMPTY, LATER = "Пока не заполнено.", "Заполняется по ходу маршрута."
AFTER = ("Изменения в практике", "Результаты и представление опыта", "Рефлексия")  # what an agreed version has not yet


# --- The route itself ------------------------------------------------------------------------------------------


def route_paper(route: Route, revision: RouteRevision | None = None) -> Paper:
    """As it stands, or as it was agreed in a former version."""
    content = revision.content if revision else snapshot(route)
    header: dict[str, str] = content["header"]
    version = revision.version if revision else route.version
    period = f"{header.get('starts_on', '')} — {header.get('ends_on', '')}"
    facts = [*_known(route), ("Период", period)]
    facts += [("Наставник, тьютор", header.get("mentor", "")), ("Методист РМА", header.get("rma", ""))]
    grounds = "; ".join(str(one) for one in route.grounds.all())
    facts.append(("Основание", grounds))
    aims = [text for text in (header.get("aim", ""), _asked(header.get("wish", ""))) if text]
    sections = [
        Section("Цель и индивидуальный запрос", aims or [EMPTY]),
        Section("Профессиональные дефициты", _numbered(one["text"] for one in content["deficit"]) or [EMPTY]),
    ]
    if content["goal"]:
        rows = [[str(n), one["text"], one.get("deficit", "")] for n, one in enumerate(content["goal"], 1)]
        sections.append(Section("Цели", table=Table(["№", "Цель", "Дефицит"], rows, [4, 58, 38])))
    now = [] if revision else _items(route)
    sections.append(_plan(content["item"], now))
    sections += [Section(title, [LATER]) for title in AFTER] if revision else _after(route, now)
    return Paper(
        title="Индивидуальный образовательный маршрут",
        about=header.get("title") or route.title,
        name=_file("ИОМ", route) + (f", версия {version}" if revision else ""),
        facts=[one for one in facts if one[1]],
        sections=sections,
        signatures=_signs(route, "Методист"),
        blocks=[_approved(route), _agreed(route, version)],
        foot=_foot(route, revision),
        is_landscape=True,
    )


def _asked(wish: str) -> str:
    return f"Индивидуальный запрос: {wish}" if wish else ""


def _numbered(texts: Any) -> list[str]:
    return [f"{number}. {text}" for number, text in enumerate(texts, 1)]


PLAN = ["№", "Мероприятие", "Дефицит", "Форма, уровень", "Сопровождение", "Срок", "Продукт", "Отметка"]
PLAN_WIDTHS = [4, 20, 15, 14, 12, 9, 14, 12]


def _plan(items: list[dict[str, str]], now: list[RouteItem]) -> Section:
    """`now` are the rows behind the items, for their marks; an agreed version has none."""
    states = {one.line: one for one in now}
    rows = []
    for number, one in enumerate(items, 1):
        state = states.get(one["line"])
        mark = str(state.get_status_display()) if state and state.status != Items.PLANNED else ""
        if one.get("removed"):
            mark = f"Исключено: {one['removed']}"
        rows.append(
            [
                str(number),
                _lines(one["activity"], one.get("attachments", "")),
                one.get("deficit", ""),
                _lines(one.get("form", ""), one.get("level", "")),
                one.get("support", ""),
                one.get("due_on", ""),
                one.get("product", ""),
                mark,
            ]
        )
    if not rows:
        return Section("Карта мероприятий", ["Мероприятия пока не внесены."])
    return Section("Карта мероприятий", table=Table(PLAN, rows, PLAN_WIDTHS))


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _after(route: Route, items: list[RouteItem]) -> list[Section]:
    """The last three sections of the form: what changed, what was shown, what the teacher thinks of it."""
    practice, *words = AFTER
    texts = zip(words, (route.results, route.reflection), strict=True)
    return [_practice(practice, items), *(Section(title, [text or EMPTY]) for title, text in texts)]


def _approved(route: Route) -> Block:
    rule = AgreementRule.objects.filter(organization=route.organization_id).first()
    post = (rule.approves if rule else "") or "Руководитель организации"
    order = f"Приказ № {route.order_number or '______'} от {_day(route.order_on) or '______________'}"
    name = rule.approver_name if rule else ""
    return Block("УТВЕРЖДАЮ", [post, str(route.organization), f"____________________ {name}".strip(), order])


def _agreed(route: Route, version: int) -> Block:
    """The first who agreed this version as it was last sent; a blank to sign where nobody was asked or answered."""
    moves = route.transitions.filter(version=version)
    sent = moves.filter(move="submit").order_by("-at", "-pk").first()
    done = sent and (
        moves.filter(move__in=("agree_step", "agree"), at__gte=sent.at, actor__isnull=False)
        .select_related("actor")
        .order_by("at", "pk")
        .first()
    )
    if not done or done.actor is None:
        return Block("СОГЛАСОВАНО", ["____________________ /__________________/", "«____» ______________ 20___ г."])
    return Block("СОГЛАСОВАНО", [f"____________________ {done.actor.short_name}", _moment(done.at)])


# --- What has come of it ----------------------------------------------------------------------------------------


def _items(route: Route) -> list[RouteItem]:
    return list(route.items.select_related("confirmed_by").prefetch_related("attachments", "files"))


def _shown(item: RouteItem) -> str:
    files = "; ".join(one.name for one in item.files.all())
    return _lines(item.done_text, item.done_link, f"Файлы: {files}" if files else "")


def _state(item: RouteItem) -> str:
    by = item.confirmed_by.short_name if item.confirmed_by else ""
    confirmed = ", ".join(part for part in (by, _moment(item.confirmed_at)) if part)
    return _lines(str(item.get_status_display()), confirmed)


def _due(item: RouteItem) -> str:
    return "бессрочно" if item.is_open_ended else _day(item.due_on)


def _practice(title: str, items: list[RouteItem]) -> Section:
    rows = [
        [one.practice_text or one.activity, one.practice_topic or "по теме маршрута", _day(one.in_practice_since)]
        for one in items
        if one.is_in_practice
    ]
    if not rows:
        return Section(title, ["Изменения пока не отмечены."])
    return Section(title, table=Table(["Что изменилось", "Тематика", "С какого дня"], rows, [58, 26, 16]))


def report_paper(route: Route) -> Paper:
    """The final report: items, products, changes in practice, results, reflection."""
    items = _items(route)
    live = [one for one in items if one.status != Items.REMOVED]
    rows = [[str(n), one.activity, one.product, _shown(one), _due(one), _state(one)] for n, one in enumerate(live, 1)]
    head = ["№", "Мероприятие", "Ожидаемый продукт", "Что сделано", "Срок", "Состояние"]
    sections = [Section("Коротко", [f"{progress_of(items).words}.", *([f"Цель: {route.aim}"] if route.aim else [])])]
    if rows:
        sections.append(Section("Мероприятия и продукты", table=Table(head, rows, [4, 25, 19, 28, 9, 15])))
    sections += _after(route, items)
    gone = [f"{one.activity} — {one.removed_reason}" for one in items if one.status == Items.REMOVED]
    if gone:
        sections.append(Section("Исключено из маршрута", _numbered(gone)))
    return Paper(
        title="Итоговый отчёт о реализации ИОМ",
        about=route.title,
        name=_file("Отчёт ИОМ", route),
        facts=[*_known(route), ("Период", route.period), ("Состояние", str(route.get_status_display()))],
        sections=sections,
        signatures=_signs(route, "Методист"),
        foot=_foot(route),
        is_landscape=True,
    )


def sheet_paper(route: Route) -> Paper:
    """The confirmation sheet for attestation: what was planned, done, changed, shown. Deficits are not for it."""
    items = _items(route)
    live = [one for one in items if one.status != Items.REMOVED]
    done = [one for one in live if one.status == Items.CONFIRMED]
    counts = (
        f"Запланировано мероприятий: {len(live)}; выполнено и подтверждено: {len(done)}; "
        f"изменений в практике: {sum(one.is_in_practice for one in items)}."
    )
    events = [
        ", ".join(part for part in (extra.title, _day(extra.on), extra.place) if part)
        for one in done
        for extra in one.attachments.all()
        if extra.kind == ItemAttachment.Kind.EVENT
    ]
    rows = [[str(n), one.activity, one.product, _shown(one), _state(one)] for n, one in enumerate(live, 1)]
    head = ["№", "Что запланировано", "Ожидаемый продукт", "Что сделано", "Состояние"]
    sections = [Section("Коротко", [*([f"Цель: {route.aim}"] if route.aim else []), counts])]
    if rows:
        sections.append(Section("Запланировано и выполнено", table=Table(head, rows, [4, 25, 18, 28, 25])))
    sections.append(_practice("Изменилось в практике", items))
    sections.append(Section("Показано коллегам", [route.results or EMPTY]))
    if events:
        sections.append(Section("События, связанные с выполненными мероприятиями", _numbered(events)))
    return Paper(
        title="Лист подтверждения реализации ИОМ",
        about="Для аттестационных материалов педагога",
        name=_file("Лист подтверждения ИОМ", route),
        facts=[*_known(route), ("Маршрут", route.title), ("Период", route.period)],
        sections=sections,
        signatures=_signs(route, "Методист", "Руководитель"),
        foot=_foot(route),
    )


def set_order(route: Route, number: str, on: date | None, *, actor: User) -> None:
    """The order the route was approved by; it changes nothing that was agreed, so any state takes it."""
    with transaction.atomic():
        hold(route)
        route.order_number, route.order_on = number, on
        Route.objects.filter(pk=route.pk).update(order_number=number, order_on=on)
        touch(route)
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note="реквизиты приказа")
