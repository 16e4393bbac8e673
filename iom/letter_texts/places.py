"""What the texts may name, and how a kind of letter is said."""

from django.conf import settings

from cabinet.mail.texts import Place, TextKind

SITE = settings.SITE_URL

PLACES = {
    "имя": Place("имя и отчество того, кому письмо", "Анна Петровна"),
    "педагог": Place("полное имя педагога", "Волкова Анна Петровна"),
    "фамилия": Place("фамилия и инициалы педагога", "Волкова А. П."),
    "маршрут": Place("название маршрута", "ИОМ Волковой А. П., 2026–2027"),
    "организация": Place("организация педагога", "МАОУ «СОШ № 12» г. Перми"),
    "состояние": Place("состояние маршрута", "На согласовании"),
    "когда": Place("фраза о сроке; пусто, если срока нет", "Срок — 12 марта 2027, осталось 5 дней."),
    "кто": Place("кто это сделал", "Гилёв Олег Игоревич"),
    "комментарий": Place("что написал человек", "Уточните, пожалуйста, сроки двух последних пунктов."),
    "пункт": Place("мероприятие маршрута", "Мастер-класс для коллег"),
    "задание": Place("название задания", "Конспект урока с картой самооценивания"),
    "срок": Place("срок задания; пусто, если его нет", "Срок — 12 марта 2027."),
    "сколько": Place("сколько заданий или мероприятий", "2 задания"),
    "перечень": Place(
        "задания или мероприятия со сроками", f"1. Карта самооценивания — до 12 марта 2027\n{SITE}/assignments/1/"
    ),
    "адрес": Place("адрес страницы в кабинете", f"{SITE}/iom/1/"),
}
COMMON = "имя педагог фамилия маршрут организация состояние когда кто адрес"


def kind(
    code: str, group: str, title: str, hint: str, subject: str, body: str, *, more: str = "", button: str = "Открыть"
) -> TextKind:
    """`more` names the places of this kind besides the common ones."""
    named = {name: PLACES[name] for name in f"{COMMON} {more}".split()}
    return TextKind(f"iom.{code}", group, title, hint, named, subject, f"Здравствуйте, {{имя}}!\n\n{body}", button)


def day_kind(code: str, group: str, title: str, hint: str, subject: str, body: str) -> TextKind:
    """One letter about all that fell due for one person on one day; of no route in particular."""
    named = {name: PLACES[name] for name in ("имя", "сколько", "перечень", "адрес")}
    body = f"Здравствуйте, {{имя}}!\n\n{body}"
    # A daily letter would tell its subject without the list, and a day too late.
    return TextKind(f"iom.{code}", group, title, hint, named, subject, body, "Открыть", is_urgent=True)
