"""Answers of a course and the response as Excel files: small enough to be made while one waits."""

from io import BytesIO

from django.utils import timezone

from cabinet.core.spreadsheet import SheetSpec, write_workbook
from cabinet.courses.models import Course
from motor.services.answers import Answer, Figures
from motor.services.response import Line

HEADERS = (
    "ФИО",
    "ОО",
    "Муниципалитет",
    "Должность",
    "Состояние",
    "Опросный лист",
    "Важное и нужное содержание",
    "Отражено в ИОМ",
    "Реализация начата",
    "Почему нет",
    "Изменения в практике",
    "Подтверждения",
    "Вариант",
    "Результат",
)
WIDTHS = (32, 36, 26, 22, 22, 14, 60, 26, 12, 36, 60, 36, 10, 50)


def answers_workbook(course: Course, answers: list[Answer], figures: list[Figures], chosen: str) -> bytes:
    """Two sheets: the answers chosen on the page, and the figures of the whole course with their bases."""
    about: list[tuple[object, ...]] = [
        ("Курс", str(course), ""),
        ("По состоянию на", f"{timezone.localtime():%d.%m.%Y %H:%M}", ""),
        ("Отбор строк", chosen or "нет: все карты курса", ""),
    ]
    for one in figures:
        about.append((one.title, one.base, f"n, {one.of_what}"))
        about += [(label, count, part) for label, count, part in one.rows]
    target = BytesIO()
    write_workbook(
        target,
        [
            SheetSpec("Ответы", HEADERS, [_row(one) for one in answers], WIDTHS),
            SheetSpec("Цифры курса", ("Показатель", "Значение", "Доля"), about, (40, 40, 28)),
        ],
    )
    return target.getvalue()


def _row(one: Answer) -> list[object]:
    case, survey, outcome = one.case, one.survey, one.outcome
    return [
        case.person.full_name,
        str(case.organization),
        str(case.organization.municipality),
        str(case.completion.position or ""),
        case.get_status_display(),
        timezone.localtime(survey.submitted_at).date() if survey and survey.submitted_at else None,
        survey.important if survey else "",
        survey.get_in_route_display() if survey else "",
        {True: "да", False: "нет"}.get(survey.has_started, "") if survey else "",  # type: ignore[arg-type]
        one.reason,
        "\n".join(_change(text, topic) for text, topic in one.changes),
        one.evidence_words,
        outcome.variant if outcome else None,
        outcome.get_variant_display() if outcome else "",
    ]


def _change(text: str, topic: str) -> str:
    return f"{text} (другая тематика: {topic})" if topic else text


RESPONSE = {
    "asked": "Приглашены",
    "answered": "Ответили",
    "waiting": "Ждём ответа",
    "began": "из них начали",
    "late": "из них просрочили",
    "no_address": "из них нет адреса",
    "undelivered": "из них письмо не дошло",
    "paused": "из них на паузе",
    "silent": "Ответ не получен",
    "school": "Сейчас у методиста ОО",
    "rma": "Сейчас у РМА",
    "nobody": "Ответственный не назначен",
}
FIRST = {
    "organization": ("Организация", "Муниципалитет"),
    "course": ("Курс", "Окончен"),
    "municipality": ("Муниципалитет", "Территория"),
}


def response_workbook(lines: list[Line], total: Line, by: str, chosen: str) -> bytes:
    """The table of the page with all its lines, the total last; and a sheet that says what was chosen."""
    headers = (*FIRST[by], *RESPONSE.values(), "Доля ответивших, %")
    about: list[tuple[object, ...]] = [
        ("По состоянию на", f"{timezone.localtime():%d.%m.%Y %H:%M}"),
        ("Отбор", chosen or "нет"),
        ("Доля", "от всех приглашённых; прекращённые карты не считаются"),
    ]
    rows = [_response_row(line) for line in (*lines, total)]
    target = BytesIO()
    write_workbook(
        target,
        [
            SheetSpec("Отклик", headers, rows, (48, 32, *[14] * (len(RESPONSE) + 1))),
            SheetSpec("О файле", ("Что", "Значение"), about, (30, 70)),
        ],
    )
    return target.getvalue()


def _response_row(line: Line) -> list[object]:
    part = round(100 * line.share) if line.counts["asked"] else None
    return [line.title, line.ends_on or line.place, *(line.counts[name] for name in RESPONSE), part]
