"""What stands on paper: one plain structure that both the print page and the Word file show, so they never differ."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from cabinet.core.clock import today
from cabinet.users.models import LogEntry, User
from cabinet.users.services import record
from iom.models import AgreementRule, ItemAttachment, Route, RouteItem, RouteRevision, Transition
from iom.moves import hold, touch
from iom.services.progress import progress_of
from iom.services.snapshot import snapshot

Items = RouteItem.Status


@dataclass(frozen=True)
class Table:
    """`widths` are shares of the sheet's width; they need not add up to anything."""

    head: list[str]
    rows: list[list[str]]
    widths: list[int]


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
    blocks: list[Block] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    foot: str = ""
    is_landscape: bool = False


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _foot(version: int) -> str:
    return f"Версия {version}. Напечатано {today():%d.%m.%Y}, Цифровой кабинет методиста"


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
    sections = [Section("Цель и индивидуальный запрос", aims)] if aims else []
    if content["deficit"]:
        sections.append(Section("Профессиональные дефициты", _numbered(one["text"] for one in content["deficit"])))
    if content["goal"]:
        rows = [[str(n), one["text"], one.get("deficit", "")] for n, one in enumerate(content["goal"], 1)]
        sections.append(Section("Цели", table=Table(["№", "Цель", "Дефицит"], rows, [5, 60, 35])))
    sections.append(_plan(route, content["item"], is_now=revision is None))
    return Paper(
        title="Индивидуальный образовательный маршрут",
        about=header.get("title") or route.title,
        name=_file("ИОМ", route),
        facts=[one for one in facts if one[1]],
        sections=sections,
        blocks=[_approved(route), _agreed(route, version)],
        signatures=["Педагог", "Методист"],
        foot=_foot(version),
        is_landscape=True,
    )


def _asked(wish: str) -> str:
    return f"Индивидуальный запрос: {wish}" if wish else ""


def _numbered(texts: Any) -> list[str]:
    return [f"{number}. {text}" for number, text in enumerate(texts, 1)]


PLAN = ["№", "Мероприятие", "Дефицит", "Форма", "Уровень", "Сопровождение", "Срок", "Продукт", "Отметка"]
PLAN_WIDTHS = [3, 20, 13, 13, 16, 14, 10, 12, 14]


def _plan(route: Route, items: list[dict[str, str]], *, is_now: bool) -> Section:
    states = {f"item:{one.pk}": one for one in route.items.all()} if is_now else {}
    rows = []
    for number, one in enumerate(items, 1):
        what = "\n".join(text for text in (one["activity"], one.get("attachments", "")) if text)
        state = states.get(one["line"])
        mark = str(state.get_status_display()) if state and state.status != Items.PLANNED else ""
        if one.get("removed"):
            mark = f"Исключено: {one['removed']}"
        middle = [one.get(name, "") for name in ("deficit", "form", "level", "support", "due_on", "product")]
        rows.append([str(number), what, *middle, mark])
    if not rows:
        return Section("Карта мероприятий", ["Мероприятия пока не внесены."])
    return Section("Карта мероприятий", table=Table(PLAN, rows, PLAN_WIDTHS))


def _approved(route: Route) -> Block:
    rule = AgreementRule.objects.filter(organization=route.organization_id).first()
    post = (rule.approves if rule else "") or "Руководитель организации"
    order = f"Приказ № {route.order_number or '______'} от {_day(route.order_on) or '______________'}"
    name = rule.approver_name if rule else ""
    return Block("УТВЕРЖДАЮ", [post, str(route.organization), f"____________________ {name}".strip(), order])


def _agreed(route: Route, version: int) -> Block:
    """The first who agreed this version; the date and the name only where it was agreed."""
    moves = Transition.objects.filter(route=route, version=version, move__in=("agree_step", "agree"))
    done = moves.select_related("actor").order_by("at", "pk").first()
    if done is None or done.actor is None:
        return Block("СОГЛАСОВАНО", ["____________________ /__________________/", "«____» ______________ 20___ г."])
    return Block("СОГЛАСОВАНО", [f"____________________ {done.actor.short_name}", f"{done.at:%d.%m.%Y}"])


# --- What has come of it ----------------------------------------------------------------------------------------


def _items(route: Route) -> list[RouteItem]:
    return list(route.items.select_related("confirmed_by").prefetch_related("attachments", "files"))


def _shown(item: RouteItem) -> str:
    files = [one.name for one in item.files.all()]
    return "\n".join(text for text in (item.done_text, item.done_link, "; ".join(files)) if text)


def _practice(items: list[RouteItem]) -> Section:
    rows = [
        [
            one.practice_text or one.activity,
            one.practice_topic or "по теме маршрута",
            _day(one.in_practice_since),
        ]
        for one in items
        if one.is_in_practice
    ]
    if not rows:
        return Section("Изменения в практике", ["Изменения пока не отмечены."])
    return Section(
        "Изменения в практике", table=Table(["Что изменилось", "Тематика", "С какого дня"], rows, [60, 25, 15])
    )


def report_paper(route: Route) -> Paper:
    """The final report: items, products, changes in practice, results, reflection."""
    items = _items(route)
    live = [one for one in items if one.status != Items.REMOVED]
    rows = [
        [str(n), one.activity, one.product, _shown(one), str(one.get_status_display()), _day(one.due_on)]
        for n, one in enumerate(live, 1)
    ]
    head = ["№", "Мероприятие", "Ожидаемый продукт", "Что сделано", "Состояние", "Срок"]
    sections = [Section("Коротко", [f"{progress_of(items).words}.", *([f"Цель: {route.aim}"] if route.aim else [])])]
    if rows:
        sections.append(Section("Мероприятия и продукты", table=Table(head, rows, [4, 26, 20, 28, 13, 9])))
    sections.append(_practice(items))
    for title, text in (("Результаты и представление опыта", route.results), ("Рефлексия", route.reflection)):
        sections.append(Section(title, [text or "Пока не заполнено."]))
    gone = [f"{one.activity} — {one.removed_reason}" for one in items if one.status == Items.REMOVED]
    if gone:
        sections.append(Section("Исключено из маршрута", _numbered(gone)))
    return Paper(
        title="Итоговый отчёт о реализации ИОМ",
        about=route.title,
        name=_file("Отчёт ИОМ", route),
        facts=[*_known(route), ("Период", route.period), ("Состояние", str(route.get_status_display()))],
        sections=sections,
        signatures=["Педагог", "Методист"],
        foot=_foot(route.version),
        is_landscape=True,
    )


def sheet_paper(route: Route) -> Paper:
    """The confirmation sheet for attestation: what was planned, done, changed, shown."""
    items = _items(route)
    live = [one for one in items if one.status != Items.REMOVED]
    done = [one for one in live if one.status == Items.CONFIRMED]
    changed = sum(one.is_in_practice for one in items)
    events = [
        ", ".join(part for part in (extra.title, _day(extra.on), extra.place) if part)
        for one in done
        for extra in one.attachments.all()
        if extra.kind == ItemAttachment.Kind.EVENT
    ]
    rows = [[str(n), one.activity, one.product, _shown(one), _confirmed(one)] for n, one in enumerate(done, 1)]
    counts = [
        f"Запланировано мероприятий: {len(live)}",
        f"Выполнено и подтверждено: {len(done)}",
        f"Изменений в практике: {changed}",
    ]
    head = ["№", "Мероприятие", "Продукт", "Подтверждение", "Кто и когда подтвердил"]
    sections = [Section("Итоги в цифрах", counts)]
    if rows:
        sections.append(Section("Выполнено", table=Table(head, rows, [5, 28, 22, 27, 18])))
    else:
        sections.append(Section("Выполнено", ["Подтверждённых мероприятий пока нет."]))
    sections.append(_practice(items))
    shown = [*_numbered(events), *([route.results] if route.results else [])]
    sections.append(Section("Представление опыта", shown or ["Пока не заполнено."]))
    return Paper(
        title="Лист подтверждения реализации ИОМ",
        about="Для аттестационных материалов педагога",
        name=_file("Лист подтверждения ИОМ", route),
        facts=[*_known(route), ("Маршрут", route.title), ("Период", route.period)],
        sections=sections,
        signatures=["Педагог", "Методист", "Руководитель организации"],
        foot=_foot(route.version),
    )


def _confirmed(item: RouteItem) -> str:
    by = item.confirmed_by.short_name if item.confirmed_by else ""
    return ", ".join(part for part in (by, _day(item.confirmed_at.date()) if item.confirmed_at else "") if part)


def set_order(route: Route, number: str, on: date | None, *, actor: User) -> None:
    """The order the route was approved by; it changes nothing that was agreed, so any state takes it."""
    with transaction.atomic():
        hold(route)
        route.order_number, route.order_on = number, on
        Route.objects.filter(pk=route.pk).update(order_number=number, order_on=on)
        touch(route)
        record(LogEntry.Action.CHANGED, actor=actor, person=route.person, about=route, note="реквизиты приказа")
