"""The main menu, by role. An item appears once its page exists: a name that does not resolve is passed over."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

EVERYBODY = frozenset({"teacher"})
NAMERS = frozenset({"head", "municipal", "admin"})
ASSESSORS = frozenset({"methodist", "regional", "municipal"})
ROSTER = frozenset({"head", "methodist", "mentor", "regional", "municipal", "curator", "admin"})
RMA_FIGURES = frozenset({"regional", "municipal", "admin", "observer"})
POOL = frozenset({"head", "methodist", "regional", "municipal", "admin"})
CONSULT = frozenset({"methodist", "regional", "municipal", "admin"})
PLANNERS = frozenset({"head", "methodist", "municipal", "admin"})
AWAY = PLANNERS | {"regional"}
STAFF = frozenset({"head", "methodist", "municipal", "curator", "admin"})


class Item(NamedTuple):
    """`within` names the section an item is a part of: parts are shown once one is in that section."""

    group: str
    label: str
    icon: str
    url_name: str
    roles: frozenset[str] = EVERYBODY
    within: str = ""


CALENDAR = "home:calendar"
PEOPLE = "home:people"
LIBRARY = "library:materials"
MOTOR = "motor:cases"
IOM = "iom:routes"
RMA = "rma:requests"
ITEMS = (
    Item("", "Мой день", "house", "home:home"),
    Item("", "Календарь", "calendar3", CALENDAR),
    Item("", "События", "calendar-event", "planner:events", EVERYBODY, CALENDAR),
    Item("", "Люди", "person-lines-fill", PEOPLE),
    Item("", "Сообщества", "people", "home:communities", EVERYBODY, PEOPLE),
    Item("", "Задачи", "check2-square", "planner:tasks"),
    Item("", "Библиотека", "book", LIBRARY),
    Item("", "Подборки", "collection", "library:collections", EVERYBODY, LIBRARY),
    Item("", "Мои материалы", "person-workspace", "library:own", EVERYBODY, LIBRARY),
    Item("", "Ждут решения", "hourglass-split", "library:queue", frozenset({"admin"}), LIBRARY),
    Item("", "Ссылки не открываются", "link-45deg", "library:broken", frozenset({"admin"}), LIBRARY),
    Item("", "ИОМ", "signpost-split", IOM),
    Item("", "Шаблоны маршрутов", "files", "iom:templates", EVERYBODY, IOM),
    Item("", "Диагностика", "clipboard-data", "iom:diagnoses", EVERYBODY, IOM),
    Item("", "Порядок согласования", "sliders", "iom:rules", frozenset({"head", "admin"}), IOM),
    Item("", "Задания", "journal-check", "iom:assignments"),
    Item("", "МОТОР", "arrow-repeat", MOTOR),
    Item("", "Очередь чек-листов", "clipboard-check", "motor:queue", ASSESSORS, MOTOR),
    Item("", "План посещений", "calendar-week", "motor:visits", frozenset({"head", "methodist", "regional"}), MOTOR),
    Item("", "Отклик", "graph-up-arrow", "motor:response", STAFF, MOTOR),
    Item("", "Ответы слушателей", "chat-left-quote", "motor:answers", frozenset({"curator", "admin"}), MOTOR),
    Item("", "Консультации", "chat-left-text", "motor:consultations", CONSULT, MOTOR),
    Item("", "Листки и сообщения", "qr-code", "motor:slips", frozenset({"methodist", "municipal", "admin"}), MOTOR),
    Item("", "Прогноз нагрузки", "calendar-range", "motor:forecast", PLANNERS, MOTOR),
    Item("", "Кто отвечает", "person-check", "motor:responsible", NAMERS, MOTOR),
    Item("", "Замещения", "person-lines-fill", "motor:substitutions", AWAY, MOTOR),
    Item("", "Банк опыта", "stars", "motor:experience", POOL, MOTOR),
    Item("", "РМА", "people", RMA),
    Item("", "Моя работа", "person-workspace", "home:member", frozenset({"regional"}), RMA),
    Item("", "Очередь запросов", "hourglass-split", "rma:queue", frozenset({"municipal", "admin"}), RMA),
    Item("", "Методисты РМА", "person-vcard", "rma:roster", ROSTER, RMA),
    Item("", "Работа за месяц", "journal-text", "rma:activity", frozenset({"regional", "municipal", "admin"}), RMA),
    Item("", "Статистика работы", "bar-chart-line", "rma:statistics", RMA_FIGURES, RMA),
    Item("", "Показатели", "clipboard-check", "rma:indicators", RMA_FIGURES, RMA),
    Item("", "Опросы", "ui-checks", "polls:polls"),
    Item("Данные", "Курсы", "mortarboard", "courses:courses", frozenset({"curator", "admin"})),
    Item("Данные", "Загрузка списков", "file-earmark-arrow-up", "home:imports", frozenset({"admin"})),
    Item("Данные", "Реестр", "table", "registry:registry", STAFF),
    Item("Данные", "Сводка", "bar-chart-line", "registry:summary", STAFF | {"observer"}),
    Item("Данные", "Записка для педсовета", "file-earmark-text", "registry:note", STAFF - {"curator"}),
    Item("Данные", "Порядок в данных", "files", "home:data_order", frozenset({"admin"})),
    Item("Настройка", "Календарь рабочих дней", "calendar3", "home:calendar_days", frozenset({"admin"})),
    Item("Настройка", "Рассылки", "megaphone", "mail:mailings", frozenset({"municipal", "admin"})),
    Item("Настройка", "Письма", "envelope", "mail:letters", frozenset({"admin"})),
    Item("Настройка", "Администрирование", "gear", "admin:index", frozenset({"admin"})),
)


def menu(request: HttpRequest) -> dict[str, Any]:
    """`menu`: groups of what this person may open; empty for strangers."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"menu": []}
    shown = [(item, address) for item in ITEMS if item.roles & user.roles and (address := _address(item.url_name))]
    here = _current(request.path, [address for _, address in shown])
    section = next((item.within or item.url_name for item, address in shown if address == here), "")
    groups: dict[str, list[dict[str, Any]]] = {}
    for item, address in shown:
        if item.within and item.within != section:
            continue
        entry = {
            "address": address,
            "label": item.label,
            "icon": item.icon,
            "is_current": address == here,
            "is_part": bool(item.within),
        }
        groups.setdefault(item.group, []).append(entry)
    return {"menu": [{"name": name, "items": items} for name, items in groups.items()]}


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _current(path: str, addresses: list[str]) -> str:
    """The longest address the path begins with; the first page only for itself."""
    fitting = [one for one in addresses if path == one or (one != "/" and path.startswith(one))]
    return max(fitting, key=len, default="")
