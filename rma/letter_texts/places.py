"""What the texts may name, and how a kind of letter is said."""

from django.conf import settings

from cabinet.mail.texts import Place, TextKind

SITE = settings.SITE_URL

PLACES = {
    "имя": Place("имя и отчество того, кому письмо", "Марина Юрьевна"),
    "вид": Place("вид запроса", "консультация"),
    "кто": Place("кто это сделал", "Черемных Ольга Николаевна"),
    "методист": Place("методист РМА", "Шестакова Марина Юрьевна"),
    "о ком": Place("педагог, группа, тема или вся организация", "Волкова Анна Петровна"),
    "организация": Place("организация; у ШНОР с пометкой", "МАОУ «СОШ № 12» (ШНОР)"),
    "просьба": Place("о чём просят", "Посмотреть вместе критерии оценивания в 7 классе."),
    "когда": Place("фраза о сроке; пусто, если ждать некого", "Срок — 12 марта 2027, осталось 5 дней."),
    "день": Place("день, о котором идёт речь", "18 марта 2027"),
    "комментарий": Place("что написал человек; пусто, если ничего", "Смогу после каникул."),
    "сколько": Place("сколько запросов", "2 запроса"),
    "перечень": Place(
        "запросы со сроками",
        f"1. Консультация: Волкова Анна Петровна — до 12 марта 2027 (завтра)\n{SITE}/rma/requests/1/",
    ),
    "адрес": Place("адрес страницы в кабинете", f"{SITE}/rma/requests/1/"),
}
COMMON = "имя вид кто методист организация просьба когда адрес"


def kind(
    code: str, group: str, title: str, hint: str, subject: str, body: str, *, more: str = "", button: str = "Открыть"
) -> TextKind:
    """`more` names the places of this kind besides the common ones, by commas."""
    names = [*COMMON.split(), "о ком", *(name.strip() for name in more.split(",") if name.strip())]
    named = {name: PLACES[name] for name in names}
    return TextKind(f"rma.{code}", group, title, hint, named, subject, f"Здравствуйте, {{имя}}!\n\n{body}", button)


def list_kind(code: str, group: str, title: str, hint: str, subject: str, body: str, *, button: str) -> TextKind:
    """One letter about several requests; of none in particular."""
    named = {name: PLACES[name] for name in ("имя", "сколько", "перечень", "адрес")}
    body = f"Здравствуйте, {{имя}}!\n\n{body}"
    # A daily letter would tell its subject without the list, and a day too late.
    return TextKind(f"rma.{code}", group, title, hint, named, subject, body, button, is_urgent=True)
